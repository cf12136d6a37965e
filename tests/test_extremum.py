"""Extrema of functions of one variable: exact values, searched for on plain NumPy."""

import numpy as np
import pytest
import sympy as sp
from author import checked

from solutionset.authoring import argument, elementwise, extremum, tanh
from solutionset.calculus.scalar import Extreme, maximum_of, minimum_of
from solutionset.calculus.tensors import CalculusError
from solutionset.errors import AuthorError, ClaimError

sigmoid = elementwise("sigma", body=1 / (1 + sp.exp(-argument)))
bump = elementwise("b", body=argument * sp.exp(-(argument**2)))


def logistic(x):
    return 1 / (1 + np.exp(-x))


QUARTER = sp.Rational(1, 4)


def steepest(value=QUARTER, at=0):
    return extremum(
        "slope", sigmoid.prime, at=at, value=value, forward=logistic, title="Steepest at zero"
    )


def test_the_sigmoid_is_steepest_at_zero_with_slope_one_quarter():
    claim = checked(steepest())

    assert claim.result == r"\max_{x} \sigma'(x) = \frac{1}{4}"
    assert [line.right for line in claim.lines] == [r"\sigma'(0)", r"\frac{1}{4}"]
    assert claim.verdict.standing == "verified"
    assert claim.verdict.mutants.killed == 4
    assert claim.verdict.mutants.survived == 0


def test_tanh_is_steepest_at_zero_with_slope_one():
    claim = checked(extremum("slope", tanh.prime, at=0, value=1, forward=np.tanh))

    assert claim.result == r"\max_{x} \tanh'(x) = 1"


def test_a_minimum_is_found_at_an_irrational_place():
    place, value = -1 / sp.sqrt(2), -1 / sp.sqrt(2 * sp.E)
    assert minimum_of(bump.function) == Extreme(sp.simplify(value), (-sp.sqrt(2) / 2,))
    with pytest.raises(ClaimError, match="a search on forward finds another value"):
        checked(extremum("low", bump, at=-place, value=value, which="min", forward=bump_forward))


def bump_forward(x):
    return x * np.exp(-(x**2))


def test_a_value_that_is_only_approached_is_a_supremum():
    claim = checked(extremum("sup", tanh, at=sp.oo, value=1, forward=np.tanh))

    assert claim.result == r"\sup_{x} \tanh(x) = 1"
    assert claim.lines[0].right == r"\lim_{x \to \infty} \tanh(x)"


def test_an_infimum_at_minus_infinity():
    claim = checked(extremum("inf", sigmoid, at=-sp.oo, value=0, which="min", forward=logistic))

    assert claim.result == r"\inf_{x} \sigma(x) = 0"


# ------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize("value", [sp.Rational(1, 2), sp.Rational(1, 5), 0])
def test_a_wrong_value_is_refused_by_the_search_alone(value):
    with pytest.raises(ClaimError, match="a search on forward finds another value"):
        checked(steepest(value=value))


def test_a_value_wrong_in_the_twelfth_digit_is_refused_exactly():
    with pytest.raises(ClaimError, match="the exact value is another one"):
        checked(steepest(value=sp.Rational(1, 4) + sp.Rational(1, 10**12)))


def test_a_wrong_place_is_refused():
    with pytest.raises(ClaimError, match="a search on forward finds another value"):
        checked(steepest(at=1))


def test_a_place_off_by_less_than_the_search_can_see_is_refused_exactly():
    with pytest.raises(ClaimError, match="the exact place is another one"):
        checked(steepest(at=sp.Rational(1, 10**6)))


def test_a_supremum_cannot_be_attained_at_a_finite_place():
    with pytest.raises(ClaimError, match="the exact place is another one"):
        checked(extremum("sup", tanh, at=100, value=1, forward=np.tanh))


def test_an_attained_maximum_is_no_supremum_at_infinity():
    with pytest.raises(ClaimError, match="a search on forward finds another value"):
        checked(steepest(at=sp.oo))


def test_a_forward_that_computes_another_function_is_refused():
    with pytest.raises(ClaimError, match="the body of sigma and forward disagree"):
        checked(
            extremum(
                "slope",
                sigmoid.prime,
                at=0,
                value=sp.Rational(1, 4),
                forward=lambda x: logistic(2 * x),
            )
        )


def test_a_forward_that_is_not_analytic_has_no_slope_to_search():
    with pytest.raises(AuthorError, match="not analytic"):
        checked(
            extremum(
                "slope",
                sigmoid.prime,
                at=0,
                value=sp.Rational(1, 4),
                forward=lambda x: logistic(np.real(x)),
            )
        )


def test_an_abstract_function_has_no_extremum():
    with pytest.raises(CalculusError, match="sigma is abstract"):
        maximum_of(elementwise("sigma").function)


def test_a_function_with_infinitely_many_stationary_points_is_refused():
    with pytest.raises(CalculusError, match="not a finite list"):
        maximum_of(elementwise("c", body=sp.cos(argument)).function)


def test_a_second_derivative_is_not_searched():
    with pytest.raises(AuthorError, match="the derivative of order 2 of sigma is not searched"):
        checked(extremum("bend", sigmoid.prime.prime, at=0, value=0, forward=logistic))


def test_an_extremum_is_a_max_or_a_min():
    with pytest.raises(AuthorError, match="a max or a min, not 'top'"):
        checked(extremum("slope", tanh, at=0, value=1, which="top", forward=np.tanh))
