"""Residual connections: the block's code on numbers redone on paper, and what must be refused."""

import numpy as np
import pytest
from author import checked
from taught import module_of

from solutionset.authoring import bound, chain, jac, number, spectral_norm
from solutionset.errors import ClaimError

taught = module_of("residual_dropout", "residual")

WEIGHTS = np.array([[-2.0, -2], [2, 1]]), np.array([[0.0, 1], [1, -1]])
START = np.array([2.0, -1])


def relu(numbers):
    return np.maximum(numbers, 0)


def test_the_block_adds_its_input_to_the_branch():
    # The first layer gives (-2, 3), ReLU (0, 3), the second layer (3, -3).
    assert taught.block_forward(START, *WEIGHTS, relu).tolist() == [5, -4]


def test_the_six_readings_of_the_figure_give_six_outputs():
    found = taught.readings_forward(START, *WEIGHTS, relu)
    assert {name: value.tolist() for name, value in found.items()} == {
        "X_1": [5, -4],
        "X_B": [5, 0],
        "X_C": [5, -1],
        "X_D": [5, -6],
        "X_E": [6, -5],
        "X_F": [-4, 2],
    }


def test_the_sigmoid_is_one_half_at_zero_and_three_quarters_at_the_logarithm_of_three():
    assert taught._sigmoid.sigmoid(0.0) == 0.5
    assert taught._sigmoid.sigmoid(np.log(3)) == pytest.approx(0.75)


def test_a_jacobian_without_the_identity_is_refused():
    with pytest.raises(ClaimError, match=r"line 1 \(no connection\)"):
        checked(
            chain(
                "plain",
                taught.block,
                jac(taught.X_1, taught.X_0),
                (taught.W_2 @ taught.D @ taught.W_1, "no connection"),
            )
        )


def test_a_slope_of_the_sigmoid_of_at_most_one_fifth_is_refused():
    with pytest.raises(ClaimError, match="the bound does not hold"):
        checked(
            bound(
                "too_small",
                taught._sigmoid.unit,
                jac(taught._sigmoid.y, taught._sigmoid.x),
                number(taught._sigmoid.sp.Rational(1, 5)),
                tight={taught._sigmoid.x: taught._sigmoid.zero},
            )
        )


def test_a_residual_gradient_shorter_than_the_branch_is_no_general_bound():
    computation = taught.norms("any", taught.contraction)
    with pytest.raises(ClaimError, match="the bound does not hold"):
        checked(
            bound(
                "false",
                computation,
                taught.norm(taught.residual),
                spectral_norm(taught.G) * taught.norm(taught.e),
                tight={},
            )
        )


def test_blocks_with_tiny_weights_hand_the_gradient_on_unchanged():
    ratios = taught._norms.norm_ratios(np.random.default_rng(1), 1e-4, depth=3, connection=1)
    assert np.max(np.abs(ratios - 1)) < 1e-6


def test_the_signs_of_a_row_leave_half_of_its_square():
    row, start = np.array([[1.0, 2]]), np.array([3.0, -1])
    halves = [
        taught._random_block.signs_forward(row, np.array([sign]), start)["K"] for sign in (0, 1)
    ]
    assert sum(half.T @ half for half in halves).tolist() == [[1, 2], [2, 4]]
