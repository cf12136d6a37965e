"""The Jacobians of a layer: its code on numbers for paper, and what must be refused."""

import numpy as np
import pytest
from author import checked
from taught import module_of

from solutionset.authoring import chain, jac, norm, number, order
from solutionset.errors import ClaimError

taught = module_of("math5490_hw6", "jacobians")

OUTER, INNER = np.array([[1, -1], [0, 2]]), np.array([[1, 0, 2], [-1, 1, 0]])
SHIFT, INPUT = np.array([1, 0]), np.array([1, 3, -1])


def square(t):
    return t**2


def test_the_layer_squares_what_the_inner_map_makes_of_its_input():
    found = taught.layer_forward(OUTER, INNER, SHIFT, INPUT, square)
    # The inner map gives (1 - 2 + 1, -1 + 3).
    assert found["z"].tolist() == [0, 2]
    assert found["s"].tolist() == [0, 4]
    assert found["g"].tolist() == [-4, 8]


def test_directions_go_through_the_inner_matrix_and_weights_through_the_outer_one():
    direction, weights = np.array([1, 1, 1]), np.array([3, 1])
    found = taught.products_forward(OUTER, INNER, SHIFT, INPUT, direction, weights, square)
    assert found["r"].tolist() == [3, 0]
    assert found["w"].tolist() == [3, -1]


def test_a_jacobian_without_the_slopes_is_refused_at_its_line():
    with pytest.raises(ClaimError, match=r"line 2 \(slopes forgotten\)"):
        checked(
            chain(
                "wrong",
                taught.layer,
                jac(taught.g, taught.x),
                (taught.A @ taught.D @ taught.B, "right"),
                (taught.A @ taught.B, "slopes forgotten"),
            )
        )


def test_the_remainder_without_the_slopes_is_not_of_second_order():
    t, g, x = taught.t, taught.g, taught.x
    moved = taught.at(g, x, x + number(t) * taught.u) - g
    left = norm(moved - number(t) * (taught.A @ taught.r))
    with pytest.raises(ClaimError, match="the order is another one"):
        checked(order("wrong", taught.products, left, t, 2))


def test_the_remainders_of_the_figure_fall_with_slopes_two_and_one():
    right, wrong = taught.remainders(np.random.default_rng(3))
    halvings = np.log2(right[:, -6:-1] / right[:, -5:]), np.log2(wrong[:, -6:-1] / wrong[:, -5:])
    assert np.round(np.median(halvings, axis=(1, 2)), 1).tolist() == [2, 1]
