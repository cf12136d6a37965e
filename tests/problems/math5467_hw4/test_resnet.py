"""The residual network of homework 4: its code on numbers for paper, and what must be refused."""

import numpy as np
import pytest
from author import checked
from taught import module_of

from solutionset.authoring import chain, counterexample, grad, relation
from solutionset.errors import ClaimError

taught = module_of("math5467_hw4", "resnet")

OUTER, INNER = np.array([[1, 0], [2, -1]]), np.array([[1, 1], [0, 2]])
SHIFT = np.array([1, -1])


def square(t):
    return t**2


def test_the_weights_with_the_second_number_act_first():
    found = taught.forward(np.array([1, -1]), OUTER, INNER, SHIFT, square)
    assert found["z"].tolist() == [1, -3]
    # The squares are (1, 9), and the outer weights make (1, -7) of them.
    assert found["f"].tolist() == [2, -8]


def test_two_blocks_and_half_the_squared_distance():
    found = taught.network_forward(
        np.array([1, -1]),
        np.array([0, 0]),
        OUTER,
        INNER,
        SHIFT,
        OUTER,
        INNER,
        SHIFT,
        square,
        np.zeros_like,
    )
    # The second block adds nothing, since its activation is zero: (4 + 64) / 2.
    assert found["f2"].tolist() == [2, -8]
    assert found["loss"] == 34


def test_the_loss_of_a_mini_batch_is_the_mean_of_those_of_its_samples():
    inputs, targets = np.array([[1, 0], [-1, 2]]), np.array([[0, 1], [0, 1]])
    found = taught.batch_forward(inputs, targets, OUTER, INNER, SHIFT, np.zeros_like)
    # Without activation the states are the inputs: errors (1, -1) and (-1, 1), one each.
    assert found["mean_loss"] == 1


def test_a_pre_activation_gradient_through_the_inner_weights_is_refused():
    f, z, sigma = taught.f, taught.z, taught.sigma
    with pytest.raises(ClaimError, match=r"line 1 \(names read as order\)"):
        checked(
            chain(
                "wrong",
                taught.block,
                grad(z),
                (sigma.prime(z) * (taught.W2 @ grad(f)), "names read as order"),
            )
        )


def test_a_mini_batch_gradient_without_the_division_of_the_mean_is_refused():
    with pytest.raises(ClaimError, match=r"line 1 \(division forgotten\)"):
        checked(chain("wrong", taught.batch, grad(taught.F), (taught.E, "division forgotten")))


def test_a_growing_input_would_be_refused_for_the_example_that_returns_it():
    literal = taught.literal
    right, left, start = literal([[2, 3], [0, 2]]), literal([[2, 0], [3, 2]]), literal([1, -2])
    with pytest.raises(ClaimError, match="is false"):
        checked(counterexample("wrong", relation(right @ left @ start, "=", 16 * start)))


def test_all_residual_runs_of_the_figure_lie_inside_the_provable_band():
    depth = taught._depth
    _, residual, _ = depth.norms_on_the_way_back(np.random.default_rng(2))
    steps = np.arange(depth.DEPTH + 1)
    assert np.all(residual <= (1 + 1 / depth.DEPTH) ** steps + 1e-12)
    assert np.all(residual >= (1 - 1 / depth.DEPTH) ** steps - 1e-12)


def test_without_a_bound_the_median_gradient_of_the_figure_grows_to_more_than_ten():
    _, _, unbounded = taught._depth.norms_on_the_way_back(np.random.default_rng(2))
    assert np.median(unbounded[:, -1]) > 10
