"""Rules with a hypothesis: general data up to the step that uses it, then data that satisfy it."""

from dataclasses import replace

import numpy as np
import pytest

from solutionset.authoring import (
    Computation,
    argument,
    cancel_inverse,
    define,
    dim,
    fold_slope,
    gradient,
    identity,
    index,
    inverse,
    matrix,
    orthonormal,
    sum_over,
    sums_to_one,
    symmetric,
    tanh,
    tensor,
    unit_norm,
    vector,
)
from solutionset.calculus.assumptions import Property
from solutionset.calculus.contraction import contract
from solutionset.calculus.indexing import to_index
from solutionset.calculus.normal import equivalent
from solutionset.errors import ClaimError
from solutionset.verification.derived import check_derived
from solutionset.verification.projection import projected
from tests.bench.collection import bench_for

n, m = dim("n", "ij"), dim("m", "l")
i, j, k = index("i", n), index("j", n), index("k", n)
A, Q, x, u = matrix("A", n, n), matrix("Q", m, n), vector("x", n), vector("u", n)

z = define("z", A @ x)
linear = Computation("linear", definitions=(z,), forward=lambda A, x: A @ x)


def quadratic(*rules):
    q = define("q", x.T @ A @ x)
    computation = Computation("quadratic", definitions=(q,), loss=q, forward=lambda A, x: x @ A @ x)
    return gradient("x", computation, of=q, wrt=x, rules=rules)


def test_symmetry_is_the_last_named_step_and_merges_what_it_makes_equal():
    claim = quadratic(symmetric(A, "A is symmetric"))

    assert claim.derivation.steps[-1].because == "A is symmetric"
    assert claim.form == 2 * (A @ x)


def test_a_transpose_that_only_symmetric_data_would_hide_is_refused_before_that_step():
    claim = gradient("x", linear, of=z, wrt=x, rules=(symmetric(A, "A is symmetric"),))
    early = claim.derivation.steps[2]
    transposed = symmetric(A, "").apply(early.expr)
    steps = (*claim.derivation.steps[:2], replace(early, expr=transposed))
    wrong = replace(claim, derivation=replace(claim.derivation, steps=steps), form=None)

    check_derived(claim, bench_for(claim), "")
    with pytest.raises(ClaimError, match="is not what the oracle computes"):
        check_derived(wrong, bench_for(wrong), "")


def test_orthonormal_columns_contract_to_the_identity_from_one_side_only():
    rule = orthonormal(Q, "Q has orthonormal columns")
    rows = index("p", m), index("q", m)

    assert equivalent(rule.apply(to_index(Q.T @ Q, i, j)), contract(to_index(identity(n), i, j)))
    assert equivalent(rule.apply(to_index(Q @ Q.T, *rows)), to_index(Q @ Q.T, *rows))


def test_a_unit_vector_has_square_norm_one():
    rule = unit_norm(u, "u has norm one")

    assert rule.apply(to_index(u.T @ u, None, None)) == rule.apply(sum_over(i, u[i] ** 2))
    assert rule.apply(sum_over(i, u[i] ** 2)).terms[0].factors == ()
    assert rule.apply(sum_over(i, u[i] * x[i])) == sum_over(i, u[i] * x[i])


def test_only_a_factor_summed_alone_along_the_axis_is_dropped():
    rule = sums_to_one(A, 1, "rows sum to one")
    alone, shared = sum_over(j, A[i, j]), sum_over(j, A[i, j] * x[j])

    assert rule.apply(alone * x[i]) == x[i]
    assert rule.apply(shared) == shared


@pytest.mark.parametrize(
    ("given", "axis", "words"),
    [
        (A, 0, "sums to one in each column"),
        (A, 1, "sums to one in each row"),
        (x, 0, "sums to one"),
        (tensor("K", n, m, n), 2, "sums to one along axis 2"),
    ],
)
def test_an_assumed_sum_is_told_by_rows_and_columns_where_there_are_any(given, axis, words):
    assert sums_to_one(given, axis, "by assumption").assumption.described == words


def test_an_inverse_cancels_its_matrix_on_both_sides():
    rule = cancel_inverse(A, "definition of the inverse")

    for product in (A @ inverse(A), inverse(A) @ A):
        cancelled = rule.apply(to_index(product, i, j))
        assert equivalent(cancelled, contract(to_index(identity(n), i, j)))
    assert equivalent(
        rule.apply(to_index(A @ inverse(A).T, i, j)), to_index(A @ inverse(A).T, i, j)
    )


def test_the_slope_of_tanh_is_written_through_its_value():
    h = define("h", tanh(x))
    rule = fold_slope(h, 1 - argument**2, "tanh' = 1 - tanh^2")

    assert equivalent(rule.apply(tanh.prime(x[k])), 1 - h[k] ** 2)


@pytest.mark.parametrize(
    ("holds", "shape", "measure"),
    [
        (Property.SYMMETRIC, (3, 3), lambda a: a - a.T),
        (Property.ORTHOGONAL, (4, 2), lambda a: a.T @ a - np.eye(2)),
        (Property.UNIT, (5,), lambda a: a @ a - 1),
        (Property.SUMS_TO_ONE, (3, 4), lambda a: a.sum(axis=0) - 1),
    ],
)
def test_data_drawn_under_an_assumption_satisfy_it(holds, shape, measure):
    data = projected(np.random.default_rng(0).standard_normal(shape), holds, 0)

    assert data.shape == shape
    assert np.allclose(measure(data), 0, atol=1e-12)


def test_data_that_sum_to_one_are_not_positive_unless_they_were():
    rng = np.random.default_rng(1)

    assert projected(rng.standard_normal((3, 4)), Property.SUMS_TO_ONE, 1).min() < 0
    assert projected(rng.uniform(0.1, 1, (3, 4)), Property.SUMS_TO_ONE, 1).min() > 0


def test_shared_weights_are_counted_once_for_each_place_where_they_act():
    h = define("h", tanh(z))
    y = define("y", A @ h)
    twice = Computation("twice", definitions=(z, h, y), forward=lambda A, x: A @ np.tanh(A @ x))
    claim = gradient("A", twice, of=(z, y), wrt=A)

    checked = check_derived(claim, bench_for(claim), "")

    assert "the others held" in checked.lines[0].because
    assert checked.verdict.mutants.survived == 0
