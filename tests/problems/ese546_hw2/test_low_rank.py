"""The best approximation of low rank: its code on numbers for paper, and what must be refused."""

import numpy as np
import pytest
from author import checked
from taught import module_of

from solutionset.authoring import (
    bound,
    diag,
    exact,
    identity_of,
    minimisers,
    ones,
    optimum,
    relation,
)
from solutionset.errors import ClaimError

taught = module_of("ese546_hw2", "low_rank")
svd, minima, curvature = taught.svd, taught._low_rank_minima, taught._low_rank_curvature

EXAMPLE = np.array([[2, 1], [1, 2], [2, 2]])


def test_the_best_pair_of_the_example_leaves_the_square_of_the_second_singular_value():
    found = taught.forward(EXAMPLE, np.array([[3], [3], [4]]), np.array([[0.5, 0.5]]))
    assert found["C"].tolist() == [[0.5, -0.5], [-0.5, 0.5], [0, 0]]
    assert found["f"] == 1


def test_the_chord_of_the_example_has_its_midpoint_above_both_ends():
    found = taught.chord_forward(EXAMPLE, np.array([-1, 0, 0]), np.array([1, 0]))
    assert found["at_ends"] == 18
    # Only the first entry changes, from 2 to 3: the squares grow by 5.
    assert found["at_middle"] == 23


def test_singular_values_on_the_axes_assemble_a_diagonal_matrix():
    axes = np.eye(3)
    found = svd.assembled(
        axes[:, :2], axes[:, 2:], axes[:, :2], axes[:, 2:], np.array([3, 2]), np.array([1])
    )
    assert found.tolist() == [[3, 0, 0], [0, 2, 0], [0, 0, 1]]


def test_what_is_left_of_a_diagonal_matrix_is_the_square_of_its_last_entry():
    axes = np.eye(3)
    found = taught.best_forward(
        axes[:, :2], axes[:, 2:], axes[:, :2], axes[:, 2:], np.array([9, 4]), np.array([1])
    )
    assert found["A_best"].tolist() == [[3, 0], [0, 2], [0, 0]]
    assert found["f_best"] == 1


def test_a_line_through_two_factors_bends_by_the_product_of_the_changes():
    # (2 - (1 + 3)(1 + 1))^2 at t = 1, for single numbers: C is 1, S is 3 + 1, P is 3.
    one = np.array([[1]])
    found = curvature.path_forward(2 * one, one, one, 3 * one, one, 1)
    assert (found["f"], found["S"].item(), found["P"].item(), found["f_t"]) == (1, 4, 3, 36)


def test_the_formula_has_as_many_zeros_as_the_orbit_has_dimensions():
    found = curvature.predicted((3, 2, 1.2, 0.6))
    assert len(found) == 20
    assert np.sum(found == 0) == 4


@pytest.mark.parametrize(("name", "zeros"), [("distinct", 4), ("tied", 5), ("rank one", 11)])
def test_measured_zeros_of_the_hessian(name, zeros):
    assert curvature.zeros(name) == zeros


def test_descent_in_the_figure_ends_at_the_squares_left_out():
    runs, critical, _ = taught._low_rank_figures.descent(np.random.default_rng(0))
    assert critical[-1] == pytest.approx(1.2**2 + 0.6**2)
    assert np.allclose(runs[:, -1], critical[-1], rtol=1e-3)


# ------------------------------------------------------------------------- what is refused


def test_factors_with_all_of_the_singular_values_each_are_no_optimum():
    D = diag(svd.s_r)
    with pytest.raises(ClaimError, match="a search finds a smaller value"):
        checked(optimum("wrong", svd.spectral, (svd.A, svd.B), (svd.U_r @ D, D @ svd.V_r.T)))


def test_singular_values_without_squares_are_no_minimum():
    with pytest.raises(ClaimError, match="the minimum has another value"):
        checked(
            optimum(
                "wrong",
                svd.spectral,
                (svd.A, svd.B),
                (svd.U_r @ svd.D, svd.D @ svd.V_r.T),
                value=ones(svd.q).T @ svd.s_q,
            )
        )


def test_a_larger_lower_bound_is_refused():
    with pytest.raises(ClaimError, match="bound"):
        checked(
            bound(
                "wrong",
                svd.spectral,
                2 * (svd.s_q.T @ svd.s_q),
                svd.f,
                tight={**taught.DIAGONAL, svd.A: taught.left_root, svd.B: taught.right_root},
            )
        )


def test_orthogonal_matrices_alone_are_not_all_minimisers():
    def is_rotated(given, pair):
        A, _ = minima.balanced(given["X"], 2)
        Q = np.linalg.pinv(A) @ pair[0]
        return np.allclose(Q.T @ Q, np.eye(2), atol=minima.CLOSE)

    def rotated(given, rng):
        A, B = minima.balanced(given["X"], 2)
        Q = np.linalg.qr(rng.standard_normal((2, 2)))[0]
        return A @ Q, Q.T @ B

    with pytest.raises(ClaimError, match="a search finds a minimiser outside the set"):
        checked(
            minimisers(
                "wrong",
                taught.factors,
                (svd.A, svd.B),
                "Only rotations.",
                member=rotated,
                outsider=minima.off_orbit,
                belongs=is_rotated,
            )
        )


def test_the_transpose_does_not_cancel_a_general_matrix():
    with pytest.raises(ClaimError, match="not what the oracle"):
        checked(
            identity_of(
                "wrong",
                minima.regauged,
                minima.moved,
                minima.A_G @ minima.G.T @ minima.B,
                because="transposed",
            )
        )


def test_without_squares_parseval_is_false():
    row = taught.literal([3, 4])
    with pytest.raises(ClaimError, match="is false"):
        checked(exact("wrong", relation(taught.norm(row) ** 2, "=", 5)))
