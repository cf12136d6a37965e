"""Tables of counts: every cell by two routes, quoted numbers, sums, and a package that recounts."""

import sys
from types import ModuleType

import pytest
import sympy as sp
from author import checked

from solutionset.authoring import Cell, Quoted, Recount, count_grid
from solutionset.building.context import record
from solutionset.errors import AuthorError, ClaimError
from solutionset.model import CheckedCell

a, b = sp.symbols("a b")
SIZES = {"a": 5, "b": 7}
WEIGHTS, BIASES = Cell(35, a * b, SIZES), Cell(5, a, SIZES)
PACKAGE = "a_package_of_the_tests"


def grid(**changes):
    """A layer of 35 weights and 5 biases, of which a sheet prints 53 and 5."""
    cells = {"weights": WEIGHTS, "printed": Quoted(53, WEIGHTS, 18), "total": Cell(40, 40, {})}
    cells |= {name: value for name, value in changes.items() if name in cells}
    return count_grid(
        "layer",
        ("What", "Shape", "Numbers", "Sheet"),
        [("weights", "$a \\times b$", cells["weights"], cells["printed"])],
        [("biases", "$a$", BIASES, Quoted(5, BIASES))],
        total=("all", "", cells["total"], ""),
        recount=changes.get("recount"),
    )


@pytest.fixture
def installed(monkeypatch):
    """The package, as if it were installed."""
    module = ModuleType(PACKAGE)
    module.__spec__ = sys.__spec__
    monkeypatch.setitem(sys.modules, PACKAGE, module)


def test_a_table_shows_words_numbers_and_what_the_sheet_prints_with_a_mark():
    table = checked(grid()).grid
    assert [(column.text, column.kind) for column in table.columns] == [
        ("What", "words"),
        ("Shape", "words"),
        ("Numbers", "number"),
        ("Sheet", "number"),
    ]
    ((weights,), (biases,)) = table.groups
    assert weights[2:] == (CheckedCell("$35$", "number"), CheckedCell("$53$", "wrong"))
    assert biases[2:] == (CheckedCell("$5$", "number"), CheckedCell("$5$", "right"))
    assert [cell.text for cell in table.total] == ["all", "", "$40$", ""]


def test_every_edited_cell_of_a_table_is_refused():
    verdict = checked(grid()).verdict
    assert (verdict.points, verdict.mutants.generated, verdict.mutants.killed) == (5, 23, 23)


def test_a_template_prints_the_words_of_a_table_as_prose():
    (weights,) = record(checked(grid())).grid.groups[0]
    assert type(weights[1].text).__name__ == "Prose"


def test_a_number_that_differs_from_its_closed_form_is_refused():
    with pytest.raises(ClaimError, match="weights counts differently in two ways"):
        checked(grid(weights=Cell(36, a * b, SIZES)))


def test_a_quoted_number_that_is_off_by_something_else_is_refused():
    with pytest.raises(ClaimError, match="for weights is off by another number"):
        checked(grid(printed=Quoted(53, WEIGHTS)))


def test_a_last_row_that_is_not_the_sum_is_refused():
    with pytest.raises(ClaimError, match="the column Numbers has another sum"):
        checked(grid(total=Cell(41, 41, {})))


def test_a_row_with_a_cell_too_few_is_refused():
    with pytest.raises(AuthorError, match="the row weights has 2 cells"):
        checked(count_grid("short", ("What", "Shape", "Numbers"), [("weights", WEIGHTS)]))


def test_a_package_that_counts_the_same_is_a_second_opinion(installed):
    claim = checked(grid(recount=Recount(PACKAGE, lambda: {"weights": (35,)})))
    assert claim.verdict.second_opinions == (PACKAGE,)


def test_a_package_that_counts_something_else_is_an_error(installed):
    with pytest.raises(ClaimError, match="does not count weights as"):
        checked(grid(recount=Recount(PACKAGE, lambda: {"weights": (36,)})))


def test_a_package_that_names_an_unknown_row_is_an_error(installed):
    with pytest.raises(ClaimError, match="does not count scales as"):
        checked(grid(recount=Recount(PACKAGE, lambda: {"scales": (35,)})))


def test_a_package_that_is_not_installed_has_no_opinion():
    claim = checked(grid(recount=Recount(PACKAGE, lambda: {"weights": (36,)})))
    assert claim.verdict.second_opinions == ()
