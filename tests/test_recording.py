"""Recorded numbers: what an optional package measured stands in for it, and only while it may.

The optional package of these tests is mpmath, which is always there.
"""

import json
from pathlib import Path
from types import ModuleType

import mpmath
import numpy as np
import pytest
from author import checked

from solutionset.authoring import Quantity, experiment, recording
from solutionset.building.record import claim_row
from solutionset.errors import AuthorError, ClaimError
from solutionset.model import CheckedClaim, Standing

PRESENT, ABSENT = "mpmath", "a_package_that_nobody_has"


class Case:
    """A claim that one half, as the package measures it, is near one half."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.file, self.code = folder / "halves.json", folder / "_halves.py"
        self.code.write_text("half = 1 / 2\n")
        self.weights = np.array([1.0, 2.0])
        self.half = 0.5
        self.tolerances: dict[str, float] = {}

    def run(self, package: ModuleType) -> dict[str, list[float]]:
        return {"half": [float(package.mpf(self.half)), 0.25]}

    def check(self, package: str) -> CheckedClaim:
        kept = recording(
            self.file,
            package=package,
            run=self.run,
            code=(self.code,),
            data=lambda: [self.weights],
            tolerances=self.tolerances,
        )
        return checked(
            experiment(
                "halves",
                lambda rng: {"half": Quantity(kept.measured.numbers["half"][0], 2)},
                lambda got: {"a half is near a half": abs(got["half"] - 0.5) < 0.1},
                recorded=kept,
            )
        )

    def change(self, **changed: object) -> None:
        table = json.loads(self.file.read_text())
        self.file.write_text(json.dumps(table | changed))


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A case that has been recorded."""
    case = Case(tmp_path)
    case.check(PRESENT)
    return case


# ------------------------------------------------------------------------------- as it goes


def test_with_the_package_the_claim_is_verified_and_a_missing_record_is_written(tmp_path: Path):
    case = Case(tmp_path)
    verdict = case.check(PRESENT).verdict
    assert verdict.standing is Standing.VERIFIED
    assert verdict.second_opinions == ("mpmath",)
    assert verdict.note.endswith("mpmath was run and finds what its record says")
    assert json.loads(case.file.read_text())["numbers"] == {"half": [0.5, 0.25]}


def test_without_the_package_the_record_stands_in_and_the_claim_says_so(case: Case):
    claim = case.check(ABSENT)
    assert claim.verdict.standing is Standing.RECORDED
    assert claim.values == (("half", "0.50"),)
    assert f"recorded with mpmath {mpmath.__version__}, NumPy {np.__version__}" in (
        claim.verdict.note
    )


def test_the_ledger_calls_it_recorded_and_names_the_versions(case: Case):
    row = claim_row("set/problem", case.check(ABSENT))
    assert row["verdict"] == "recorded"
    assert str(row["made_with"]).startswith(f"mpmath {mpmath.__version__}, NumPy ")


def test_numbers_that_differ_by_less_than_their_tolerance_agree(case: Case):
    case.half = 0.5 + 1e-10
    assert case.check(PRESENT).verdict.standing is Standing.VERIFIED
    case.half, case.tolerances = 0.5 + 1e-3, {"half": 1e-2}
    assert case.check(PRESENT).verdict.standing is Standing.VERIFIED


# ------------------------------------------------------------------------- what is refused


def test_without_package_and_record_the_claim_fails(tmp_path: Path):
    with pytest.raises(ClaimError, match=r"halves.json: there is no record, and without the pack"):
        Case(tmp_path).check(ABSENT)


@pytest.mark.parametrize("package", [PRESENT, ABSENT])
def test_a_record_of_other_code_is_refused(case: Case, package: str):
    case.code.write_text("half = 2 / 4\n")
    with pytest.raises(ClaimError, match="the record belongs to other code, weights or data"):
        case.check(package)


@pytest.mark.parametrize("weights", [np.array([1.0, 2.5]), np.array([[1.0, 2.0]])])
def test_a_record_of_other_weights_is_refused(case: Case, weights: np.ndarray):
    case.weights = weights
    with pytest.raises(ClaimError, match="the record belongs to other code, weights or data"):
        case.check(ABSENT)


def test_a_package_that_finds_other_numbers_is_an_error_that_says_how_to_record_anew(case: Case):
    case.half = 0.51
    with pytest.raises(ClaimError) as caught:
        case.check(PRESENT)
    assert caught.value.exit_code == 1
    assert caught.value.got == "half[0] = 0.51"
    assert caught.value.wanted == "0.5 within 1e-09"
    assert caught.value.advice == (
        "to record anew, install mpmath, remove halves.json, and check the problem once"
    )


def test_a_number_that_is_no_number_is_neither_recorded_nor_compared(case: Case, tmp_path: Path):
    for one in (case, Case(tmp_path / "fresh")):
        one.half = float("nan")
        with pytest.raises(ClaimError, match="mpmath finds no finite numbers for half"):
            one.check(PRESENT)


def test_a_record_with_other_series_is_refused(case: Case, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Case, "run", lambda self, package: {"third": [1 / 3]})
    with pytest.raises(ClaimError, match="the record holds other series"):
        case.check(PRESENT)


def test_numbers_changed_by_hand_are_noticed_without_the_package(case: Case):
    case.change(numbers={"half": [0.49, 0.25]})
    with pytest.raises(ClaimError, match="the numbers of the record were changed by hand"):
        case.check(ABSENT)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"key": 1}'])
def test_a_damaged_record_is_an_error_of_its_file(case: Case, text: str):
    case.file.write_text(text)
    with pytest.raises(AuthorError, match=r"halves.json: error\[record\]: the record cannot be"):
        case.check(ABSENT)


def test_what_is_expected_is_expected_of_recorded_numbers_too(tmp_path: Path):
    case = Case(tmp_path)
    case.half = 0.7
    with pytest.raises(ClaimError, match="does not show that a half is near a half"):
        case.check(PRESENT)
    with pytest.raises(ClaimError, match="does not show that a half is near a half"):
        case.check(ABSENT)


def test_an_experiment_names_its_seeds_and_the_hashes_of_its_data():
    claim = checked(
        experiment(
            "half",
            lambda rng: {"half": Quantity(0.5, 1)},
            lambda got: {"a half is a half": got["half"] == 0.5},
            seeds=range(3),
            data={"digits.csv.gz": "0123456789abcdef0123456789abcdef"},
        )
    )
    assert claim.verdict.seeds == (0, 1, 2)
    assert claim.verdict.note == (
        "measured: a half is a half; data digits.csv.gz, hash 0123456789abcdef..."
    )
