"""Minima: one minimiser, and the set of all; what is none is refused."""

import numpy as np
import pytest
import sympy as sp
from author import checked

from solutionset.authoring import (
    Computation,
    define,
    dim,
    inverse,
    matrix,
    minimisers,
    optimum,
    vector,
)
from solutionset.errors import ClaimError

n, m = dim("n"), dim("m")
A, x, y = matrix("A", m, n), vector("x", n), vector("y", m)
fit = define("r", y - A @ x)
loss = define("ell", fit.T @ fit)
least_squares = Computation(
    "fit",
    definitions=(fit, loss),
    loss=loss,
    forward=lambda y, A, x: np.sum((y - A @ x) ** 2),
    sizes={m: 5, n: 3},
)


def test_the_normal_equations_attain_the_minimum():
    claim = checked(optimum("normal", least_squares, x, inverse(A.T @ A) @ A.T @ y))
    assert claim.result == (
        r"\mathbf{x} = (\mathbf{A}^{\top} \mathbf{A})^{-1} \mathbf{A}^{\top} \mathbf{y}"
    )


def test_a_claimed_minimiser_that_a_search_beats_is_refused():
    with pytest.raises(ClaimError, match="a search finds a smaller value"):
        checked(optimum("ridge", least_squares, x, inverse(2 * A.T @ A) @ A.T @ y))


k = dim("k")
c, normal = vector("c", k), vector("f", k)
value = define("h", c.T @ normal)
square = define("ell", value * value)
hyperplane = Computation(
    "plane",
    definitions=(value, square),
    loss=square,
    forward=lambda c, f: (c @ f) ** 2,
    sizes={k: 3},
)


def inside(given, rng):
    free = rng.standard_normal(3)
    return free - given["f"] * (free @ given["f"]) / (given["f"] @ given["f"])


def outside(given, rng):
    return inside(given, rng) + given["f"]


def nowhere(given, rng):
    return np.full(3, np.nan)


def orthogonal(member, outsider):
    return minimisers(
        "plane",
        hyperplane,
        c,
        "All vectors orthogonal to f.",
        member=member,
        outsider=outsider,
        belongs=lambda given, found: not abs(found @ given["f"]) >= 1e-3,
    )


def test_a_set_of_minimisers_is_printed_in_the_words_of_its_author():
    assert checked(orthogonal(inside, outside)).statement == "All vectors orthogonal to f."


@pytest.mark.parametrize(
    ("member", "outsider", "refused"),
    [
        (outside, inside, "a member does not attain the minimum"),
        (inside, inside, "something outside attains the minimum"),
        (nowhere, outside, "a member does not attain the minimum"),
        (inside, nowhere, "something outside attains the minimum"),
    ],
)
def test_the_set_of_all_minimisers_is_tested_from_both_sides(member, outsider, refused):
    with pytest.raises(ClaimError, match=refused):
        checked(orthogonal(member, outsider))


def test_a_place_beside_the_minimum_is_refused_by_the_slope_there():
    nearly = sp.Rational(100001, 100000) * (inverse(A.T @ A) @ A.T @ y)
    with pytest.raises(ClaimError, match="the loss still slopes at the claimed minimiser"):
        checked(optimum("o", least_squares, x, nearly))
