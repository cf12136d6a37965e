"""The bench of formulas: each is derived, printed, read back, compared with NumPy and mutated."""

from dataclasses import replace

import pytest

from solutionset.calculus.recognise import Style, gradient_form
from solutionset.calculus.tensors import CalculusError
from solutionset.errors import ClaimError
from solutionset.model import CheckedClaim, Standing
from solutionset.verification.derived import check_derived
from tests.bench.collection import FORMULAS, STATED, bench_for, checked
from tests.bench.formula import Formula, Stated
from tests.bench.table import PATH, table

EVERY = (*FORMULAS, *(stated for theme in STATED.values() for stated in theme))


@pytest.fixture(scope="module")
def results() -> dict[str, CheckedClaim]:
    """Every formula is checked once; the tests below look at what came out."""
    return {}


def names(formulas):
    return [formula.name for formula in formulas]


def result(formula: Formula | Stated, results: dict[str, CheckedClaim]) -> CheckedClaim:
    if formula.name not in results:
        results[formula.name] = checked(formula)
    return results[formula.name]


def test_the_bench_holds_more_formulas_than_the_prototype_had():
    assert len(FORMULAS) >= 47 + 12
    assert len(set(names(EVERY))) == len(EVERY)


@pytest.mark.parametrize("formula", EVERY, ids=names(EVERY))
def test_every_line_equals_the_oracle_and_every_wrong_variant_is_refused(formula, results):
    claim = result(formula, results)

    assert claim.verdict.standing is Standing.VERIFIED
    assert claim.verdict.read_back == "equal"
    assert claim.verdict.worst_error <= claim.verdict.tolerance
    assert claim.verdict.mutants.survived == 0
    assert claim.verdict.mutants.killed >= 5


@pytest.mark.parametrize("formula", [f for f in FORMULAS if not f.stuck], ids=lambda f: f.name)
def test_a_formula_that_is_not_said_to_be_stuck_has_a_matrix_form(formula):
    claim = formula.claim()

    assert claim.form is not None


@pytest.mark.parametrize("formula", [f for f in FORMULAS if f.stuck], ids=lambda f: f.name)
def test_a_formula_without_a_matrix_form_is_refused_with_what_it_is_stuck_at(formula):
    derivation = formula.claim().derivation

    with pytest.raises(CalculusError, match=formula.stuck):
        gradient_form(derivation.final, derivation.indices, Style.HADAMARD)


def test_the_table_in_the_documentation_is_current(results):
    claims = {formula.name: result(formula, results) for formula in EVERY}

    assert PATH.read_text(encoding="utf-8") == table(claims), "run python -m tests.bench.table"


def test_a_line_with_a_wrong_sign_is_refused():
    formula = next(f for f in FORMULAS if f.name == "linear_W")
    claim = formula.claim()
    wrong = falsified(claim)

    with pytest.raises(ClaimError, match=r"line 3 .*is not what the oracle computes"):
        check_derived(wrong, bench_for(wrong), "")


def falsified(claim):
    last = claim.derivation.steps[-1]
    steps = (*claim.derivation.steps[:-1], replace(last, expr=-last.expr))
    return replace(claim, derivation=replace(claim.derivation, steps=steps))
