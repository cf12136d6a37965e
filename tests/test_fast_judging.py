"""Fast judging of mutants: the outcome of evaluating all in full and writing them out."""

import numpy as np
import pytest

from solutionset.calculus.derivation import resolved
from solutionset.calculus.expressions import Expr
from solutionset.calculus.normal import normal_form
from solutionset.verification.equality import Equality
from solutionset.verification.evaluate import index_value
from solutionset.verification.incremental import Line
from solutionset.verification.mutants import Changes, _index_variants, judge_index
from solutionset.verification.oracles import relative_error
from tests.bench.collection import FORMULAS, bench_for

NAMES = ("softmax_X", "resnet_W", "bptt_expanded_2", "lstm_c", "layer_norm_X", "jacobian_unit")


def lines_of(name):
    """Each line of a formula with its variants, its points and the rest that judges them."""
    claim = next(formula for formula in FORMULAS if formula.name == name).claim()
    points = bench_for(claim).points(claim.computation)
    leaves = tuple(claim.computation.tensors)
    for step in claim.derivation.steps:
        variants = [mutant for *_, mutant in _index_variants(step.expr, leaves, Changes())]
        yield claim, points, leaves, step.expr, variants


@pytest.mark.parametrize("name", NAMES)
def test_a_variant_evaluated_by_what_it_changes_has_the_value_of_a_full_evaluation(name):
    for claim, points, _, expr, variants in lines_of(name):
        indices = claim.derivation.indices
        line = Line(expr, indices, points[0])
        typed = [variant for variant in variants if variant.free == expr.free]
        for variant in typed:
            with np.errstate(all="ignore"):  # a root of a negative number is no number by both
                got, wanted = line.value(variant), index_value(variant, indices, points[0])
            assert np.allclose(got, wanted, rtol=1e-12, atol=1e-12, equal_nan=True)


@pytest.mark.parametrize("name", NAMES)
def test_fast_judging_and_full_evaluation_find_the_same_killed_equivalent_and_surviving(name):
    changes = Changes()
    for claim, points, leaves, expr, variants in lines_of(name):
        indices, definitions = claim.derivation.indices, claim.computation.definitions
        wanted = [index_value(expr, indices, point) for point in points]

        def refused(mutant, indices=indices, points=points, wanted=wanted):
            with np.errstate(all="ignore"):
                return any(
                    relative_error(index_value(mutant, indices, point), array, point.scale) > 1e-9
                    for point, array in zip(points, wanted, strict=True)
                )

        typed = {v for v in variants if v.free == expr.free} - {expr}
        killed = {variant for variant in typed if refused(variant)}
        same = {
            variant
            for variant in typed - killed
            if not normal_form(resolved(variant - expr, definitions)).terms
        }

        lines = [Line(expr, indices, point) for point in points]

        def killed_fast(mutant, lines=lines, points=points, wanted=wanted):
            with np.errstate(all="ignore"):
                return any(
                    relative_error(line.value(mutant), array, point.scale) > 1e-9
                    for line, point, array in zip(lines, points, wanted, strict=True)
                )

        equality = Equality(definitions)
        score = judge_index(expr, leaves, killed_fast, repr, equality, changes=changes).score
        assert score.killed == len(killed)
        assert score.equivalent == len(same)
        assert score.survived == len(typed) - len(killed) - len(same)


def test_a_variant_that_is_not_equal_is_not_taken_for_equal():
    claim, _, _, expr, _ = next(lines_of("layer_norm_X"))
    equality = Equality(claim.computation.definitions)

    assert not equality.is_zero(expr)
    assert not equality.is_zero(expr * 2 - Expr(expr.terms[:1]))
    assert equality.is_zero(expr - expr)


def test_the_arrays_of_a_line_are_those_of_its_full_evaluation():
    claim, points, _, expr, _ = next(lines_of("lstm_c"))
    indices = claim.derivation.indices

    assert np.allclose(
        Line(expr, indices, points[1]).value(expr), index_value(expr, indices, points[1])
    )
