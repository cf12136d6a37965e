"""False claims that are nearly true: at every even index, on usual data, in doubles."""

import numpy as np
import pytest
import sympy as sp
from author import checked

from solutionset.authoring import (
    Computation,
    bound,
    define,
    dim,
    hypothesis,
    limit,
    matrix,
    number,
    order,
    parameter,
    power,
    scalar,
    whole,
)
from solutionset.calculus.tensors import CalculusError
from solutionset.errors import ClaimError

n = dim("n")


def test_a_negative_rate_bounds_no_distance_and_is_refused():
    L = whole("L", 2, 6)
    value = scalar("v")
    same = define("y", value)
    constant = Computation("constant", definitions=(same,), forward=lambda v, L: v, parameters=(L,))
    with pytest.raises(ClaimError, match="the rate does not tend to zero from above"):
        checked(limit("l", constant, same, 0, index=L, rate=-1 / L.symbol))


def test_a_sequence_that_returns_at_every_even_index_has_no_limit():
    L = whole("L", 2, 6)
    Q = matrix("Q", n, n)
    H = define("H", power(Q, L))
    mirror = Computation(
        "mirror",
        definitions=(H,),
        forward=lambda Q, L: np.linalg.matrix_power(Q, int(L)),
        parameters=(L,),
        samplers={Q: hypothesis("Q is minus one", lambda rng, shape: -np.eye(*shape))},
    )
    one = power(Q, 2)
    with pytest.raises(ClaimError, match="does not converge as claimed"):
        checked(limit("l", mirror, H, one, index=L, rate=sp.Rational(1, 2) ** L.symbol))


def test_a_bound_that_the_usual_data_do_not_reach_is_refused():
    value = scalar("v")
    square = define("q", value * value)
    plain = Computation("plain", definitions=(square,), forward=lambda v: v * v)
    with pytest.raises(ClaimError, match="the bound does not hold"):
        checked(bound("b", plain, square, number(20), tight={}))


def test_an_order_between_whole_numbers_is_refused():
    value = scalar("v")
    square = define("q", value * value)
    plain = Computation("plain", definitions=(square,), forward=lambda v: v * v)
    with pytest.raises(CalculusError, match=r"order 2\.05 cannot be measured"):
        order("o", plain, square, parameter("e", 0.1, 0.2), 2.05)
