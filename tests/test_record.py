"""record: the ledger as other programs read it, what is stored between builds, and the lock."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from course import claim, solution

from solutionset.building.coverage import Coverage
from solutionset.building.record import ledger, locked, round_up, write_ledger
from solutionset.building.store import (
    Damaged,
    decode,
    encode,
    load_illustrated,
    save_figures,
    save_solution,
)
from solutionset.errors import EnvironmentFault
from solutionset.model import (
    AuditRow,
    CheckedSolution,
    DrawnFigure,
    Erratum,
    Hypothesis,
    IllustratedSolution,
    Standing,
)

COVERAGE = Coverage(31, 30, ((12, "a = b"),))


def full_solution() -> CheckedSolution:
    """A solution in which no part is empty."""
    gradient = claim("grad_V")
    gradient = replace(
        gradient,
        verdict=replace(
            gradient.verdict,
            second_opinions=("torch",),
            hypotheses=(Hypothesis("W is square", "breaks"),),
        ),
    )
    unchecked = claim("shown", standing=Standing.UNCHECKED)
    verdict = replace(unchecked.verdict, mutants=None, note="nothing can be mutated: no formula")
    return replace(
        solution("hw/resnet", gradient, replace(unchecked, verdict=verdict)),
        errata=(
            Erratum("sign", "1.2", "hint", "plus", "minus", "false", "a measurement", "grad_V"),
        ),
        audit=(AuditRow("1.2", "hint", "The sum converges.", "holds", "grad_V"),),
    )


def table() -> dict[str, object]:
    return ledger("hw", (full_solution(),), COVERAGE, "pdfTeX 1.40")


def test_a_claim_has_the_fields_that_the_contract_fixes() -> None:
    claims = table()["claims"]
    assert isinstance(claims, list)
    assert claims[0] == {
        "id": "hw/resnet/grad_V",
        "question": "1.2",
        "kind": "gradient",
        "latex": r"\frac{\partial L}{\partial W} = x y^\top",
        "shape": ["n", "m"],
        "steps": 5,
        "oracle": "complex-step",
        "second_opinions": ["torch"],
        "worst_error": 1e-14,
        "tolerance": 1e-9,
        "points": 15,
        "seeds": [0, 1, 2],
        "mutants": {"generated": 44, "ill_typed": 22, "equivalent": 1, "killed": 21, "survived": 0},
        "hypotheses": [{"text": "W is square", "without": "breaks"}],
        "read_back": "equal",
        "verdict": "verified",
    }


def test_where_nothing_can_be_mutated_the_ledger_says_null_and_why() -> None:
    claims = table()["claims"]
    assert isinstance(claims, list)
    assert claims[1]["mutants"] is None
    assert claims[1]["note"] == "nothing can be mutated: no formula"
    assert claims[1]["verdict"] == "unchecked"


def test_the_rest_of_the_ledger_has_the_fields_that_the_contract_fixes() -> None:
    found = table()
    assert (found["set"], found["schema"]) == ("hw", 1)
    assert found["audit"] == [
        {
            "question": "1.2",
            "where": "hint",
            "statement": "The sum converges.",
            "verdict": "holds",
            "claim": "hw/resnet/grad_V",
            "reason": "",
        }
    ]
    assert found["errata"] == [
        {
            "id": "hw/resnet/sign",
            "question": "1.2",
            "where": "hint",
            "sheet_says": "plus",
            "correct": "minus",
            "kind": "false",
            "evidence": "a measurement",
            "claim": "hw/resnet/grad_V",
        }
    ]
    assert found["coverage"] == {"formulas_displayed": 31, "formulas_checked": 30}


def test_the_ledger_names_the_versions_of_everything_that_made_it() -> None:
    versions = table()["versions"]
    assert isinstance(versions, dict)
    assert {"solutionset", "python", "sympy", "numpy", "matplotlib", "jinja2", "tex"} <= set(
        versions
    )
    assert versions["tex"] == "pdfTeX 1.40"


def test_the_written_ledger_is_the_ledger_and_its_bytes_are_always_the_same(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        write_ledger(tmp_path / name, "hw", (full_solution(),), COVERAGE, "pdfTeX 1.40")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == table()
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


@pytest.mark.parametrize(
    ("error", "power"),
    [(0.0, 0.0), (1.1e-15, 1e-14), (1e-15, 1e-15), (9.99e-12, 1e-11), (0.5, 1.0), (3.0, 10.0)],
)
def test_an_error_is_rounded_up_to_a_power_of_ten(error: float, power: float) -> None:
    assert round_up(error) == power


@pytest.mark.parametrize("error", [float("nan"), float("inf"), -1e-9])
def test_what_measures_no_error_is_refused(error: float) -> None:
    with pytest.raises(ValueError, match="measures no error"):
        round_up(error)


# ----------------------------------------------------------------------------------- store


def illustrated(folder: Path) -> IllustratedSolution:
    checked = full_solution()
    figure = folder / "figures" / "plot.pdf"
    figure.parent.mkdir(parents=True)
    figure.write_bytes(b"%PDF")
    return IllustratedSolution(checked, (DrawnFigure(checked.figures[0], figure),))


def test_a_solution_is_loaded_as_it_was_saved(tmp_path: Path) -> None:
    saved = illustrated(tmp_path / "here")
    here = tmp_path / "here"
    assert save_solution(saved.solution, here) == (here / "checked.json",)
    assert save_figures(saved.figures, here) == (here / "drawn.json", here / "figures/plot.pdf")
    assert load_illustrated(here) == saved


def test_a_store_that_was_moved_finds_its_figures(tmp_path: Path) -> None:
    saved = illustrated(tmp_path / "here")
    save_solution(saved.solution, tmp_path / "here")
    save_figures(saved.figures, tmp_path / "here")
    (tmp_path / "here").rename(tmp_path / "there")
    (figure,) = load_illustrated(tmp_path / "there").figures
    assert figure.file == tmp_path / "there" / "figures" / "plot.pdf"


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("title"),
        lambda data: data.update(more=1),
        lambda data: data.update(title=None),
        lambda data: data.update(claims={}),
        lambda data: data["values"].append(["one"]),
    ],
    ids=["missing", "unknown", "no text", "no list", "too short"],
)
def test_stored_data_of_another_shape_is_damaged(change: object) -> None:
    data = encode(full_solution())
    assert callable(change)
    change(data)
    with pytest.raises(Damaged):
        decode(CheckedSolution, data)


def test_what_could_not_be_restored_is_not_stored() -> None:
    with pytest.raises(TypeError, match="cannot store a set"):
        encode({"a", "b"})


# ------------------------------------------------------------------------------------ lock

HOLD = """
import sys
from pathlib import Path
from solutionset.building.record import locked
with locked(Path(sys.argv[1]), patience=0):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_build_is_told_which_process_holds_the_lock(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(EnvironmentFault) as caught, locked(tmp_path, patience=0):
            pass
        other.communicate(b"")
    assert caught.value.code == "lock"
    assert f"process {other.pid}" in caught.value.message


def test_the_lock_is_free_again_after_a_build_that_failed(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), locked(tmp_path, patience=0):
        raise ZeroDivisionError
    with locked(tmp_path, patience=0):
        assert (tmp_path / ".cache" / "lock").exists()


def test_the_lock_is_free_again_though_a_process_that_a_module_left_behind_lives(
    tmp_path: Path,
) -> None:
    with locked(tmp_path, patience=0):
        left = os.fork()
        if left == 0:
            signal.pause()
    try:
        with locked(tmp_path, patience=0):
            assert (tmp_path / ".cache" / "lock").exists()
    finally:
        os.kill(left, signal.SIGKILL)
        os.waitpid(left, 0)


def test_an_output_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "output").write_text("a file is in the way", encoding="utf-8")
    with pytest.raises(EnvironmentFault) as caught, locked(tmp_path / "output", patience=0):
        pass
    assert caught.value.code == "output"
    assert str(tmp_path / "output") in caught.value.message
