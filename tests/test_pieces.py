"""Functions of several pieces: points are drawn until each piece is seen."""

import numpy as np
import pytest
import sympy as sp
from author import checked

from solutionset.authoring import Computation, define, elementwise, gradient, scalar
from solutionset.calculus.tensors import ARGUMENT
from solutionset.verification.drawing import draw_points
from solutionset.verification.pieces import _borders as borders_of
from solutionset.verification.pieces import every_piece_seen

HALF = sp.Rational(1, 2)
x = scalar("x")
relu = elementwise("relu", body=ARGUMENT * sp.Heaviside(ARGUMENT))
y = define("y", relu(x))
clipped = elementwise("clipped", body=sp.Max(-HALF, sp.Min(HALF, ARGUMENT)))


def rectifier():
    return Computation(
        "rectifier",
        definitions=(y,),
        forward=lambda x: {"y": np.where(np.real(x) > 0, x, 0)},
    )


def signs(points):
    return {float(np.sign(point.given[x.leaf])) for point in points}


def test_points_on_one_side_of_a_rectifier_have_not_seen_it():
    one_at_a_time = [draw_points(rectifier(), ("p",), (seed,)) for seed in range(8)]
    assert not any(every_piece_seen(points) for points in one_at_a_time)


def test_points_on_both_sides_have_seen_it():
    points = draw_points(rectifier(), ("p",), tuple(range(8)))
    assert signs(points) == {-1.0, 1.0}
    assert every_piece_seen(points)


@pytest.mark.parametrize("seed", range(4))
def test_a_single_seed_is_enough_to_tell_a_rectifier_from_its_wrong_variants(seed):
    derived = checked(gradient("dx", rectifier(), of=y, wrt=x), seeds=(seed,))
    assert derived.verdict.points > 1
    assert derived.verdict.mutants.survived == 0


def test_a_function_of_three_pieces_needs_an_argument_in_each():
    ramp = Computation(
        "ramp",
        definitions=(define("y", clipped(x)),),
        forward=lambda x: {"y": np.clip(x, -0.5, 0.5)},
    )
    seen = {
        len({int(np.digitize(p.given[x.leaf], (-0.5, 0.5))) for p in points}): every_piece_seen(
            points
        )
        for points in (draw_points(ramp, ("p",), tuple(range(count))) for count in range(1, 12))
    }
    assert seen == {1: False, 2: False, 3: True}


@pytest.mark.parametrize(
    ("body", "borders"),
    [
        (sp.Min(1, 2 / ARGUMENT), (2.0,)),
        (sp.Piecewise((ARGUMENT**2, ARGUMENT**2 <= 4), (4, True)), (-2.0, 2.0)),
        (sp.Max(0, sp.exp(ARGUMENT) - 1), (0.0,)),
    ],
)
def test_pieces_that_no_line_divides_have_borders_too(body, borders):
    assert borders_of(body) == borders
