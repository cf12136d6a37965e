"""Expectations over Bernoulli masks, and expansions of normalised vectors."""

from itertools import product

import numpy as np
import pytest
import sympy as sp

from solutionset.authoring import dim, exp, index, matrix, scalar, sum_over, vector
from solutionset.calculus.contraction import contract
from solutionset.calculus.moments import Bernoulli, expectation, expected
from solutionset.calculus.normal import equivalent
from solutionset.calculus.series import combined, expand_normalised
from solutionset.calculus.tensors import CalculusError
from solutionset.verification.evaluate import index_value, matrix_value

S, d = dim("S", "a"), dim("d", "i")
R, X, w, t = matrix("R", S, d), matrix("X", S, d), vector("w", d), vector("t", S)
a, c, i, k = index("a", S), index("c", S), index("i", d), index("k", d)
p = sp.Symbol("p")


class Numbers:
    """Arrays by name, as the evaluator asks for them."""

    sizes = {S: 2, d: 3}

    def __init__(self, **arrays):
        self.arrays = arrays

    def leaf(self, leaf):
        return self.arrays[leaf.name]

    def size(self, dimension):
        return self.sizes[dimension]

    def number(self, value):
        return float(value.subs(p, 0.3))


def test_the_expected_dropout_loss_is_the_ridge_objective_by_normal_form_alone():
    loss = sum_over(a, (t[a] - sum_over(i, R[a, i] * X[a, i] * w[i])) ** 2)
    fit = sum_over(a, (t[a] - p * sum_over(i, X[a, i] * w[i])) ** 2)
    penalty = p * (1 - p) * sum_over((a, i), X[a, i] ** 2 * w[i] ** 2)

    found = expectation(R.leaf, Bernoulli(p), "independent masks").apply(loss)

    assert equivalent(found, contract(fit + penalty))
    assert not equivalent(found, contract(fit + 2 * penalty))


def test_two_entries_have_the_moment_of_independent_bernoulli_variables():
    found = contract(expected(R[a, i] * R[c, k], R.leaf, Bernoulli(p)))

    array = index_value(found, (a, i, c, k), Numbers())
    assert array[0, 0, 0, 0] == pytest.approx(0.3)
    assert array[0, 0, 0, 1] == pytest.approx(0.09)
    assert array[0, 0, 1, 0] == pytest.approx(0.09)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_moments_of_any_order_equal_those_over_all_masks(count):
    rng = np.random.default_rng(count)
    arrays = {"X": rng.standard_normal((2, 3))}
    row_sum = sum_over((a, i), R[a, i] * X[a, i])
    power = row_sum
    for _ in range(count - 1):
        power = power * row_sum

    found = float(
        index_value(contract(expected(power, R.leaf, Bernoulli(p))), (), Numbers(**arrays))
    )

    total = 0.0
    for bits in product([0, 1], repeat=6):
        weight = 0.3 ** sum(bits) * 0.7 ** (6 - sum(bits))
        total += weight * (np.reshape(bits, (2, 3)) * arrays["X"]).sum() ** count
    assert found == pytest.approx(total, rel=1e-12)


def test_a_mask_inside_a_function_has_no_expectation_by_linearity():
    with pytest.raises(CalculusError, match="R stands inside a function or a power"):
        expected(exp(R[a, i]), R.leaf, Bernoulli(p))


def test_a_negative_power_of_a_mask_has_no_expectation():
    with pytest.raises(CalculusError, match="the power -1 of R has no expectation"):
        expected(X[a, i] / R[a, i], R.leaf, Bernoulli(p))


# ------------------------------------------------------------------ series

x, g, r = vector("x", d), vector("g", d), scalar("r")
eta = sp.Symbol("eta", positive=True)
length, inner, square = sp.symbols("r b q", positive=True)
GRAM = {(x, x): length**2, (x, g): inner, (g, g): square}


def expansion(order):
    return expand_normalised({x: sp.Integer(1), g: -eta}, GRAM, eta, order)


def test_the_first_order_of_a_step_on_the_sphere_is_tangential():
    zeroth, first = expansion(1)

    assert zeroth == {x: 1 / length, g: 0}
    assert first == {x: inner / length**3, g: -1 / length}


def test_the_expansion_leaves_a_remainder_of_the_next_order():
    rng = np.random.default_rng(3)
    xs, gs = rng.standard_normal(3), rng.standard_normal(3)
    values = Numbers(x=xs, g=gs, r=np.asarray(np.linalg.norm(xs)))
    scalars = {length: r, inner: x.T @ g, square: g.T @ g}
    terms = [matrix_value(combined(c, scalars), values)[:, 0] for c in expansion(2)]

    def remainder(step):
        moved = xs - step * gs
        series = sum(term * step**k for k, term in enumerate(terms))
        return np.linalg.norm(moved / np.linalg.norm(moved) - series)

    assert remainder(1e-2) / remainder(5e-3) == pytest.approx(8, rel=0.05)


def test_a_missing_inner_product_is_an_error():
    with pytest.raises(CalculusError, match="an inner product of two base vectors is missing"):
        expand_normalised({x: sp.Integer(1), g: -eta}, {(x, x): length**2}, eta, 1)


def test_a_vector_that_vanishes_has_no_direction():
    with pytest.raises(CalculusError, match="vanishes at eta = 0"):
        expand_normalised({x: eta}, GRAM, eta, 1)
