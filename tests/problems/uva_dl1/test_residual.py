"""Residual blocks: the code on numbers redone on paper, and what must be refused."""

import numpy as np
import pytest
from author import checked
from taught import module_of

from solutionset.authoring import bound, chain, grad, norm, number, ones, spectral_norm
from solutionset.errors import ClaimError

taught = module_of("uva_dl1", "residual")
stacks = taught._stacks

WEIGHTS = np.array([[1, 1, 0], [0, 2, 1]]), np.array([0, 1])
OUTER = np.array([[1, 0], [-1, 1], [2, 1]]), np.array([0, 1, 0])


def test_the_block_adds_its_input_to_two_layers_with_an_activation_between():
    found = taught.forward(np.array([[1, 0, -1]]), *WEIGHTS, *OUTER, np.square)
    # The first layer gives (1, 0 - 1 + 1), squared the same; the second (1, -1 + 1, 2).
    assert found["U"].tolist() == [[1, 0]]
    assert found["R"].tolist() == [[1, 0, 2]]
    assert found["Y"].tolist() == [[2, 0, 1]]


def test_one_sample_of_a_stack_goes_through_the_same_block():
    found = stacks.sample_forward(np.array([2, 1, 0]), *WEIGHTS, *OUTER, np.square)
    # The first layer gives (3, 3), squared (9, 9); the second (9, 1, 27) with its bias.
    assert found["x_k"].tolist() == [11, 2, 27]


def test_three_blocks_of_width_one_multiply_a_gradient_by_the_product_of_one_plus_the_slopes():
    branches = np.array([[[1.0]], [[2.0]], [[3.0]]])
    found = stacks.back_forward(*branches, np.array([1.0]))
    assert found["g_0"].tolist() == [2 * 3 * 4]
    assert found["p_0"].tolist() == [1 * 2 * 3]


def test_paths_without_any_branch_and_bounds_by_length_are_those_on_paper():
    numbers, norms, bounds = taught._stack_figures.by_length(np.random.default_rng(0))
    assert numbers[:3].tolist() == [1, 12, 66]
    assert norms[0] == pytest.approx(1)
    assert bounds[:2].tolist() == [1, 3]
    assert np.all(norms[1:] <= bounds[1:])


def test_of_twenty_widths_one_is_right_and_a_single_column_passes_too():
    got = taught.try_widths(np.random.default_rng(0))
    assert {name: quantity.value for name, quantity in got.items()} == {
        "widths_tried": 20,
        "widths_passed": 2,
        "widths_right": 1,
    }


def test_adding_one_to_each_entry_instead_of_the_upstream_gradient_is_refused():
    branch = ((grad(taught.Y) @ taught.W_2) * taught.h.prime(taught.U)) @ taught.W_1
    everywhere = ones(taught.S) @ ones(taught.F).T
    with pytest.raises(ClaimError, match=r"line 1 \(a one\)"):
        checked(chain("wrong", taught.block, grad(taught.X), (branch + everywhere, "a one")))


def test_the_lower_bound_is_refused_for_one_block_if_the_norm_is_forgotten():
    reach = spectral_norm(stacks.J[1])
    with pytest.raises(ClaimError, match="the bound does not hold"):
        checked(
            bound(
                "wrong",
                stacks.small,
                (number(1) + reach) * norm(stacks.g_1),
                norm(stacks.g_0),
                tight={},
            )
        )
