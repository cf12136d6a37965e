r"""The preamble that all documents share, read once and dumped: a format TeX starts from.

Reading packages takes TeX longer than setting ten pages. What stands in a `.tex` above the comment
line `MARK` is therefore read once, dumped, and kept uncompressed, as unpacking would cost a quarter
of a pass. The PDF is the same to the byte as that of plain pdflatex on the published `.tex`: what
would make a difference, say a box that the preamble leaves on the page, makes this module refuse.

A format is reused only while every file that the dump read is what it was: macros, fonts, TeX's
own format, the program, and the lists of files of the TeX trees, since a package that gets
installed may change what `\IfFileExists` finds.
"""

import fcntl
import json
import os
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from solutionset.building import sandbox, texlog
from solutionset.building.contents import digest_bytes, digest_path, write_whole
from solutionset.building.sandbox import Limits

MARK = "% endofdump"
_MARK_LINE = re.compile(rf"^{re.escape(MARK)}(?![A-Za-z]).*$", re.MULTILINE)
_DUMP = r"{\showboxbreadth=100 \showboxdepth=10 \showlists}\dump"
_SHOWN_LISTS = "OK."  # \showlists reports like an error with this message
_LISTS = re.compile(r"^### (?:current page|recent contributions):(.*?)^! OK\.$", re.M | re.S)
# What may stand on the page: a note for the terminal, and a colour, which a run lays there again.
_HARMLESS = r"\write-{}"
_COLOUR = re.compile(r"\\(pdfcolorstack 0 push) (\{[0-9. gGrRkK]+\})")
_GZIP = 47  # zlib's number for "a gzip or zlib header"
_KEPT = 3  # with and without TikZ, and one spare for a style that is being worked on


@dataclass(frozen=True)
class Format:
    """A dumped preamble: its file, and what TeX is told before it reads the document.

    Without a file, `remark` says why; it is empty if the document does not ask for one.
    """

    file: Path | None = None
    start: str = ""
    remark: str = ""


def shared_preamble(latex: str) -> str:
    """Return what stands above the mark in a document, or nothing where there is no mark."""
    mark = _MARK_LINE.search(latex)
    return latex[: mark.start()] if mark else ""


def without_preamble(latex: str) -> str:
    """Return a document with comments in place of the shared preamble; lines keep their numbers."""
    preamble = shared_preamble(latex)
    return "%\n" * preamble.count("\n") + latex[len(preamble) :]


def provide(latex: str, cache: Path, program: Path, limits: Limits) -> Format:
    """Return the format of a document's shared preamble, from `cache/formats` or dumped now.

    A preamble that cannot be dumped is remembered too, and tried again once a file changes.
    Several processes may ask at once: one dumps, the others wait.
    """
    preamble = shared_preamble(latex)
    if not preamble:
        return Format()
    folder = (cache / "formats").resolve()
    settings = json.dumps(sandbox.environment(program, Path()), sort_keys=True)
    key = digest_bytes(f"{program.resolve()}\n{settings}\n{_DUMP}\n{preamble}".encode())
    known = _recall(folder, key)
    if known is not None:
        return known
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        known = _recall(folder, key)  # another process may have made it meanwhile
        if known is None:
            known = _make(preamble, folder, key, program, limits)
            _prune(folder)
    return known


def discard(made: Format) -> None:
    """Forget a format that TeX refuses, so that the next run makes it anew."""
    if made.file is not None:
        made.file.with_suffix(".json").unlink(missing_ok=True)
        made.file.unlink(missing_ok=True)


# ------------------------------------------------------------------------------------- making


def _make(preamble: str, folder: Path, key: str, program: Path, limits: Limits) -> Format:
    """Dump the preamble inside the walls; store the format, or the reason why there is none."""
    job = folder / f"{key}.job"
    shutil.rmtree(job, ignore_errors=True)
    job.mkdir()
    (job / "preamble.tex").write_text(f"{preamble}{_DUMP}\n", "utf-8")
    arguments = (
        *("-ini", "-interaction=nonstopmode", "-no-shell-escape", "-recorder"),
        *("-jobname=preamble", "&pdflatex", "preamble.tex"),
    )
    finished = sandbox.run_confined(program, arguments, job, limits)
    log = _text(job / "preamble.log")
    left, reason = _left_on_page(log)
    reason = _first_error(log) or reason
    packed = job / "preamble.fmt"
    if finished.stopped_by or (not reason and not packed.is_file()):
        # Nothing that the preamble does; it is tried again by the next run.
        return _without(finished.stopped_by or finished.said.strip()[-200:])
    read = _inputs(_text(job / "preamble.fls"), job, program)
    made = folder / f"{key}.fmt"
    try:
        if not reason:
            raw = job / "raw"
            raw.write_bytes(_unpacked(packed.read_bytes()))
            os.replace(raw, made)
            read = (*read, str(made))
        _remember(folder, key, _states(read), left, reason)
    except (OSError, zlib.error) as error:  # such as a full disk, on which the PDF may have room
        made.unlink(missing_ok=True)
        return _without(f"it cannot be kept ({error})")
    finally:
        shutil.rmtree(job)
    return _format(folder, key, left, reason)


def _left_on_page(log: str) -> tuple[str, str]:
    """Return what a run has to lay on the page again, and why it cannot, if so."""
    again = ""
    for shown in _LISTS.findall(log):
        for node in re.findall(r"^\\.*$", shown, re.MULTILINE):
            colour = _COLOUR.fullmatch(node)
            if colour:
                again += rf"\{colour[1]}{colour[2]}"
            elif node != _HARMLESS:
                return "", f"the preamble leaves {node} on the page"
    return again, ""


def _first_error(log: str) -> str:
    errors = (error.message for error in texlog.parse(log).errors)
    return next((message for message in errors if message != _SHOWN_LISTS), "")


def _unpacked(data: bytes) -> bytes:
    """Return a format as it lies in memory; some TeX systems write it so at once."""
    return zlib.decompress(data, _GZIP) if data[:2] == b"\x1f\x8b" else data


def _inputs(recorded: str, job: Path, program: Path) -> tuple[str, ...]:
    """Return all that a dump depends on: what it read, the program, the lists of files."""
    read = {line.removeprefix("INPUT ") for line in recorded.splitlines() if line[:6] == "INPUT "}
    files = {path for name in read if not (path := (job / name)).is_relative_to(job)}
    files |= {tree / "ls-R" for tree in sandbox.tex_trees(program)}
    files |= {program.resolve(), *sandbox.tex_settings(program)}
    return tuple(sorted(map(str, files)))


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.is_file() else ""


# ------------------------------------------------------------------------------- remembering


def _recall(folder: Path, key: str) -> Format | None:
    """Return what is stored under a key if every file is still what it was, else None."""
    try:
        known = json.loads((folder / f"{key}.json").read_text("utf-8"))
        states = {name: (signature, digest) for name, signature, digest in known["files"]}
        left, reason = str(known["left"]), str(known["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    moved = [name for name, (signature, _) in states.items() if _signature(name) != signature]
    if any(digest_path(name) != states[name][1] for name in moved):
        return None
    if moved:
        _remember(folder, key, {**states, **_states(moved)}, left, reason)
    return _format(folder, key, left, reason)


def _remember(
    folder: Path, key: str, states: dict[str, tuple[str, str]], left: str, reason: str
) -> None:
    rows = [[name, *state] for name, state in sorted(states.items())]
    text = json.dumps({"left": left, "reason": reason, "files": rows}, indent=0)
    write_whole(str(folder / f"{key}.json"), text.encode())


def _format(folder: Path, key: str, left: str, reason: str) -> Format:
    return _without(reason) if reason else Format(folder / f"{key}.fmt", left)


def _without(reason: str) -> Format:
    return Format(remark=f"TeX reads the preamble at every pass, as it has no format: {reason}")


def _states(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return signature and content key of each file; a missing one has empty ones."""
    return {name: (_signature(name), digest_path(name)) for name in names}


def _signature(name: str) -> str:
    """Return what tells at a glance that a file was not touched; the content decides if it was."""
    try:
        status = os.stat(name)
    except OSError:
        return ""
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _prune(folder: Path) -> None:
    """Keep the newest formats only: each change of the style makes one, of some 20 MB."""
    records = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    for record in records[:-_KEPT]:
        record.unlink(missing_ok=True)
        record.with_suffix(".fmt").unlink(missing_ok=True)
