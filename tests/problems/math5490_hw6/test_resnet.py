"""The residual block: its code on numbers for paper, and what must be refused."""

from fractions import Fraction

import numpy as np
import pytest
from author import checked
from taught import module_of

from solutionset.authoring import (
    bound,
    chain,
    counterexample,
    grad,
    literal,
    relation,
    spectral_radius,
)
from solutionset.errors import ClaimError

taught = module_of("math5490_hw6", "resnet")

INNER, OUTER = np.array([[1, -1], [0, 1], [2, 0]]), np.array([[1, 0, 2], [0, -1, 1]])
SHIFT = np.array([0, 1, -1])


def square(t):
    return t**2


def test_a_block_adds_its_branch_to_its_input():
    found = taught.forward(np.array([1, 2]), INNER, SHIFT, OUTER, square)
    assert found["z"].tolist() == [-1, 3, 1]
    # The squares are (1, 9, 1), and the outer weights make (3, -8) of them.
    assert found["F"].tolist() == [4, -6]


def test_a_mini_batch_goes_through_the_block_column_by_column():
    batch = taught.batch_forward(np.array([[1, 0], [2, 1]]), INNER, SHIFT, OUTER, square)
    for column, sample in enumerate(([1, 2], [0, 1])):
        alone = taught.forward(np.array(sample), INNER, SHIFT, OUTER, square)
        assert batch["X"][:, column].tolist() == alone["F"].tolist()


def test_three_blocks_of_the_stack_are_three_blocks():
    blocks = [INNER, SHIFT, OUTER, 2 * INNER, SHIFT, OUTER, INNER, -SHIFT, OUTER]
    found = taught.stack_forward(np.array([1, 0]), *blocks, square, np.negative, square)
    state = np.array([1, 0])
    for k, function in enumerate((square, np.negative, square)):
        inner, shift, outer = blocks[3 * k : 3 * k + 3]
        state = taught.forward(state, inner, shift, outer, function)["F"]
    assert found["F3"].tolist() == state.tolist()


def test_a_gradient_that_forgets_the_way_past_the_block_is_refused():
    with pytest.raises(ClaimError, match=r"line 1 \(identity forgotten\)"):
        checked(
            chain(
                "wrong",
                taught.block,
                grad(taught.F_prev),
                (taught.W.T @ taught.D @ taught.V.T @ grad(taught.F), "identity forgotten"),
            )
        )


def test_the_factors_of_the_blocks_in_the_other_order_are_refused():
    one, end = taught.identity(taught.n), grad(taught.BLOCKS[3][1])
    wrong = (one + taught.M3).T @ (one + taught.M2).T @ end
    with pytest.raises(ClaimError, match=r"line 1 \(other order\)"):
        checked(chain("wrong", taught.stack, grad(taught.BLOCKS[1][1]), (wrong, "other order")))


def test_a_block_may_add_more_than_the_norm_of_its_outer_weights_alone_allows():
    left = taught.norm(grad(taught.F_prev))
    right = (taught.number(1) + taught.spectral_norm(taught.V)) * taught.norm(grad(taught.F_tanh))
    wide = {taught.W: lambda rng, shape: 3 * np.eye(*shape)}
    with pytest.raises(ClaimError, match="bound"):
        checked(bound("wrong", taught.bounded, left, right, tight=wide))


def test_eigenvalues_one_half_would_be_refused_for_the_nilpotent_example():
    with pytest.raises(ClaimError, match="is false"):
        checked(
            counterexample("wrong", relation(spectral_radius(literal([[0, 2], [0, 0]])), "=", 2))
        )


def test_one_exact_step_of_descent_helps_one_block_and_harms_two():
    descend = taught._introduction.descend
    # Two blocks: 1 + 1 = 2, 2 + 2 = 4 before; 1 + 3 = 4, 4 + 5 = 9 after the step.
    assert descend(1) == (Fraction(2), Fraction(1))
    assert descend(2) == (Fraction(4), Fraction(9))


def test_all_residual_runs_of_the_figure_lie_inside_the_provable_band():
    norms = taught._gradient_norms
    _, bounded, _ = norms.gradient_norms(np.random.default_rng(1))
    depths = np.array(norms.DEPTHS)
    assert np.all(bounded <= (1 + norms.BRANCH) ** depths)
    assert np.all(bounded >= (1 - norms.BRANCH) ** depths)
