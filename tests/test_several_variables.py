"""Optima and sets of minimisers over several variables together."""

import numpy as np
import pytest
from author import checked

from solutionset.authoring import (
    Computation,
    at,
    define,
    dim,
    identity_of,
    minimisers,
    number,
    optimum,
    scalar,
    vector,
)
from solutionset.calculus.tensors import CalculusError
from solutionset.errors import ClaimError

# (a b - c)^2 + (a - 1)^2 has its minimum 0 at a = 1 and b = c.
a, b, c = scalar("a"), scalar("b"), scalar("c")
gap, shift = define("gap", a * b - c), define("shift", a - number(1))
loss = define("ell", gap * gap + shift * shift)
pair = Computation(
    "pair",
    definitions=(gap, shift, loss),
    loss=loss,
    forward=lambda a, b, c: (a * b - c) ** 2 + (a - 1) ** 2,
)


def test_a_minimum_over_two_variables_has_a_formula_for_each():
    claim = checked(optimum("both", pair, (a, b), (number(1), c), value=number(0)))
    assert claim.result == r"a = 1,\qquad b = c"
    assert [line.left for line in claim.lines][-1] == r"\min \ell"


def test_a_wrong_formula_for_the_second_variable_is_beaten():
    with pytest.raises(ClaimError, match="a search finds a smaller value"):
        checked(optimum("both", pair, (a, b), (number(1), 2 * c)))


def test_two_variables_with_one_formula_are_refused():
    with pytest.raises(CalculusError, match="1 formulas for 2 variables"):
        optimum("both", pair, (a, b), (number(1),))


# (a b - c)^2 alone is zero on a curve.
square = define("ell", gap * gap)
curve = Computation(
    "curve", definitions=(gap, square), loss=square, forward=lambda a, b, c: (a * b - c) ** 2
)


def on_curve(given, rng):
    first = rng.uniform(1, 2)
    return np.array(first), given["c"] / first


def off_curve(given, rng):
    first, second = on_curve(given, rng)
    return first, second + 1


def is_on_curve(given, found):
    return abs(found[0] * found[1] - given["c"]) < 1e-3


def curve_claim(member, outsider):
    return minimisers(
        "curve",
        curve,
        (a, b),
        "All pairs with product c.",
        member=member,
        outsider=outsider,
        belongs=is_on_curve,
    )


def test_members_of_a_set_over_two_variables_are_pairs():
    assert checked(curve_claim(on_curve, off_curve)).statement == "All pairs with product c."


def test_pairs_that_miss_the_minimum_are_refused_as_members():
    with pytest.raises(ClaimError, match="a member does not attain the minimum"):
        checked(curve_claim(off_curve, on_curve))


# ------------------------------------------------------------ what forward does not return

n = dim("n")
x = vector("x", n)
s, t = define("s", x.T @ x), define("t", x * x)
silent = Computation("silent", definitions=(t, s), forward=lambda x: {"s": x @ x}, argument=x)


def test_a_definition_that_forward_does_not_return_moves_with_its_argument():
    four = identity_of("moved", silent, at(t, x, 2 * x), 4 * t, because="squares")
    assert checked(four).verdict.standing == "verified"
    with pytest.raises(ClaimError, match="not what the oracle"):
        checked(identity_of("still", silent, at(t, x, 2 * x), t, because="nothing moves"))
