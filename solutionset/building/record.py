"""record: the ledger of a set, and the lock under which all of `output/` is written."""

import fcntl
import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

from solutionset import __version__
from solutionset.building.conditions import OPTIONAL, PACKAGES, installed_packages
from solutionset.building.contents import CACHE, write_whole
from solutionset.errors import EnvironmentFault
from solutionset.model import CheckedClaim, CheckedSolution, Coverage, Erratum, Verdict

SCHEMA = 1
_PAUSE = 0.05


def write_ledger(
    path: Path,
    set_slug: str,
    solutions: tuple[CheckedSolution, ...],
    coverage: Coverage,
    tex_version: str,
) -> None:
    """Write the ledger of a set, whole or not at all; its bytes depend on the arguments only."""
    table = ledger(set_slug, solutions, coverage, tex_version)
    text = json.dumps(table, indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(str(path), f"{text}\n".encode())


def ledger(
    set_slug: str,
    solutions: tuple[CheckedSolution, ...],
    coverage: Coverage,
    tex_version: str,
) -> dict[str, object]:
    """Return the ledger: every claim with its check, the audit of the sheet, the errata."""
    return {
        "set": set_slug,
        "schema": SCHEMA,
        "versions": versions(tex_version),
        "claims": [row for s in solutions for row in _rows(s)],
        "audit": [
            {**asdict(row), "claim": _claim_id(s.entry, row.claim)}
            for s in solutions
            for row in s.audit
        ],
        "errata": [_erratum_row(s.entry, erratum) for s in solutions for erratum in s.errata],
        "prose": [{"question": s.question, "text": text} for s in solutions for text in s.prose],
        "coverage": {
            "formulas_displayed": coverage.displayed,
            "formulas_checked": coverage.checked,
        },
    }


def _rows(solution: CheckedSolution) -> list[dict[str, object]]:
    """The rows of a problem: its definitions, which equal `forward`, and its claims."""
    definitions = [
        _row(solution.entry, f"definition_{d.name}", solution.question, "definition", d.formula,
             d.shape, d.verdict)
        for d in solution.definitions
    ]  # fmt: skip
    return definitions + [claim_row(solution.entry, claim) for claim in solution.claims]


def versions(tex_version: str) -> dict[str, str]:
    """Return what the numbers and the pages were made with."""
    installed = installed_packages()
    return {
        "solutionset": __version__,
        "python": platform.python_version(),
        **{package: installed[package] for package in PACKAGES + OPTIONAL if package in installed},
        "tex": tex_version,
    }


def claim_row(entry: str, claim: CheckedClaim) -> dict[str, object]:
    """Return the row of one claim; `entry` is "set/problem"."""
    latex = claim.result or claim.statement
    return _row(entry, claim.name, claim.question, claim.kind, latex, claim.shape, claim.verdict)


def _row(
    entry: str,
    name: str,
    question: str,
    kind: str,
    latex: str,
    shape: tuple[str, ...],
    verdict: Verdict,
) -> dict[str, object]:
    row: dict[str, object] = {
        "id": _claim_id(entry, name),
        "question": question,
        "kind": kind,
        "latex": latex,
        "shape": list(shape),
        "steps": verdict.steps,
        "oracle": verdict.oracle,
        "second_opinions": list(verdict.second_opinions),
        "worst_error": round_up(verdict.worst_error),
        "tolerance": verdict.tolerance,
        "points": verdict.points,
        "seeds": list(verdict.seeds),
        "mutants": None if verdict.mutants is None else asdict(verdict.mutants),
        "hypotheses": [asdict(hypothesis) for hypothesis in verdict.hypotheses],
        "read_back": verdict.read_back,
        "verdict": str(verdict.standing),
    }
    if verdict.note:
        row["note"] = verdict.note
    if verdict.made_with:
        row["made_with"] = verdict.made_with
    return row


def round_up(error: float) -> float:
    """Return the next power of ten, so that the bytes do not hang on the last bit of a number.

    Raises ValueError for what is no error at all: a negative number, infinity, NaN.
    """
    if not 0 <= error < float("inf"):
        raise ValueError(f"{error} measures no error")
    if error == 0:
        return 0.0
    digits = Decimal(repr(error))
    exponent = digits.adjusted()
    return float(f"1e{exponent if digits == Decimal(10) ** exponent else exponent + 1}")


def _erratum_row(entry: str, erratum: Erratum) -> dict[str, object]:
    row = asdict(erratum)
    name = row.pop("name")
    return {"id": _claim_id(entry, name), **row, "claim": _claim_id(entry, erratum.claim)}


def _claim_id(entry: str, name: str) -> str:
    """Return the full name of a claim or erratum; statements may be decided without a claim."""
    return f"{entry}/{name}" if name and "/" not in name else name


@contextmanager
def locked(output: Path, *, patience: float) -> Iterator[None]:
    """Hold the only right to write below `output`, after waiting for it up to `patience` seconds.

    Raises EnvironmentFault if the folder cannot be written, or if another build keeps the lock.
    """
    path = output / CACHE / "lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise EnvironmentFault(
            f"the output folder {output} cannot be written: {error.strerror}",
            code="output",
            advice="free the name or the rights, or choose another folder with --output",
        ) from error
    try:
        _acquire(descriptor, output, patience)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        # closing would not give it back while a process that a module left behind has it open too
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def _acquire(descriptor: int, output: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                holder = os.pread(descriptor, 20, 0).decode("ascii", "replace") or "unknown"
                raise EnvironmentFault(
                    f"another build, process {holder}, is writing to {output}",
                    code="lock",
                    advice="wait for it to end, or stop it",
                ) from None
        time.sleep(_PAUSE)
