"""Functions of a direction: their code on numbers for paper, and what must be refused."""

import numpy as np
import pytest
from author import checked
from taught import module_of

from solutionset.authoring import at, chain, expansion, identity_of, norm, order
from solutionset.errors import ClaimError

taught = module_of("ese546_hw2", "scale_invariance")
figures = taught._scale_figures

POINT = np.array([3.0, 4.0])
FIRST, ONE = np.array([[1.0, 0.0]]), np.array([1.0])


def itself(t):
    return t


def test_the_first_coordinate_of_the_direction_of_3_4_is_three_fifths():
    found = taught.forward(POINT, FIRST, ONE, itself)
    assert (found["s"], found["r"]) == (25, 5)
    assert found["f"] == pytest.approx(3 / 5)
    # One fifth of (1, 0), projected orthogonal to (3, 4), and at the direction five times that.
    assert found["g"] == pytest.approx([16 / 125, -12 / 125])
    assert found["h"] == pytest.approx([16 / 25, -12 / 25])


def test_a_step_is_tangential_and_lengthens():
    found = taught.other_run(POINT, FIRST, ONE, 2.0, itself, 125.0)
    # (3, 4) - (16, -12) is (-13, 16), of squared length 25 + 400.
    assert found["x_next"] == pytest.approx([-13, 16])
    assert found["s_next"] == pytest.approx(425)
    assert found["epsilon"] == 5
    # From (6, 8) with the rate 500 and half the gradient: twice as far.
    assert found["y_next"] == pytest.approx([-26, 32])


def test_the_gradient_of_the_figures_is_tangential():
    M, a = figures.example(np.random.default_rng(0))
    x = np.arange(1.0, 6.0)
    assert x @ figures.gradient_at(x, M, a) == pytest.approx(0, abs=1e-12)


def test_two_runs_of_different_length_share_their_directions():
    (short, ours), (long, theirs) = figures.runs(np.random.default_rng(0))
    assert np.allclose(ours, theirs)
    assert np.allclose(long, 9 * short)
    assert np.all(np.diff(short) > 0)


# ------------------------------------------------------------------------- what is refused


def test_a_gradient_that_grows_with_the_factor_is_refused():
    moved = at(taught.g, taught.x, taught.lam * taught.x)
    with pytest.raises(ClaimError, match="not what the oracle"):
        checked(
            identity_of(
                "wrong", taught.multiple, moved, taught.lam * taught.g, because="multiplied"
            )
        )


def test_the_printed_derivative_is_not_right_to_second_order():
    moved = at(taught.u, taught.x, taught.x - taught.rate * taught.g)
    rest = moved - taught.u + taught.rate * (taught.g / taught.s)
    with pytest.raises(ClaimError, match="the order is another one"):
        checked(order("wrong", taught.step, norm(rest), taught.eta, 2))


def test_a_step_divided_by_the_length_instead_of_its_square_is_refused():
    x, d = taught.x, taught.d
    with pytest.raises(ClaimError, match="the coefficient"):
        checked(
            expansion(
                "wrong",
                taught.sphere,
                at(taught.u, x, x - taught.rate * d),
                taught.u,
                -1 * (taught.P @ d),
                step=taught.eta,
                order=2,
            )
        )


def test_a_length_that_shrinks_is_refused():
    with pytest.raises(ClaimError, match="line 1"):
        checked(
            chain(
                "wrong",
                taught.step,
                taught.s_next,
                (taught.s - taught.rate**2 * (taught.g.T @ taught.g), "shrinks"),
            )
        )
