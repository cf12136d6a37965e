"""The oracles: derivatives of plain code, and when the complex step may be trusted."""

import numpy as np
import pytest

from solutionset.verification.oracles import (
    central_difference,
    complex_step,
    is_analytic,
    near_kink,
    relative_error,
)
from solutionset.verification.randomness import generator
from solutionset.verification.search import descents

AT = np.array([0.3, -1.2, 0.7])
A = np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]])


def test_the_complex_step_is_exact_to_the_last_digits():
    jacobian = complex_step(lambda x: np.tanh(A @ x), AT)
    exact = (1 - np.tanh(A @ AT) ** 2)[:, None] * A
    assert relative_error(jacobian, exact) < 1e-14


def test_the_axes_of_the_value_come_first():
    assert complex_step(lambda x: np.outer(x, x), AT).shape == (3, 3, 3)
    assert complex_step(lambda x: x @ x, AT).shape == (3,)


def test_a_central_difference_agrees_to_about_ten_digits():
    by_step = complex_step(lambda x: np.exp(A @ x), AT)
    assert relative_error(central_difference(lambda x: np.exp(A @ x), AT), by_step) < 1e-9


def test_a_difference_keeps_its_digits_where_a_function_is_steep():
    def steep(x):
        return np.exp(40 * x)

    exact = np.diag(40 * np.exp(40 * AT))
    h = 6e-6 * 1.2
    plain = (steep(AT + h) - steep(AT - h)) / (2 * h)
    assert relative_error(plain, np.diag(exact)) > 1e-8
    assert relative_error(central_difference(steep, AT), exact) < 1e-9


@pytest.mark.parametrize(
    "code",
    [
        lambda x: np.abs(x),
        lambda x: np.linalg.norm(x),
        lambda x: np.var(x),
        lambda x: np.vdot(x, x),
        lambda x: x.conj() * x,
        lambda x: np.sign(x) * x,
        lambda x: np.linalg.svd(np.outer(x, AT) + np.eye(3))[1],
    ],
    ids=["abs", "norm", "var", "vdot", "conj", "sign", "svd"],
)
def test_code_that_loses_the_imaginary_part_is_not_trusted(code):
    assert not is_analytic(code, AT)


def test_a_write_into_a_real_buffer_is_not_trusted():
    def code(x):
        out = np.zeros(3)
        out[:] = x
        return out

    assert not is_analytic(code, AT)


@pytest.mark.parametrize(
    "code",
    [
        lambda x: np.linalg.inv(np.eye(3) + np.outer(x, x)),
        lambda x: np.where(x.real > 0, x, 0.1 * x),
        lambda x: np.exp(x) / np.exp(x).sum(),
        lambda x: np.maximum(x, 0),
    ],
    ids=["inv", "where", "softmax", "maximum"],
)
def test_analytic_code_is_trusted(code):
    assert is_analytic(code, AT)


def test_a_kink_within_reach_is_seen_and_one_far_away_is_not():
    assert near_kink(lambda x: np.abs(x), np.array([1e-4]))
    assert not near_kink(lambda x: np.abs(x), np.array([0.5]))


def test_the_error_is_relative_to_the_largest_magnitude():
    assert relative_error(np.array([1.0, 100.0]), np.array([1.0, 101.0])) == pytest.approx(1 / 101)
    assert relative_error(np.array([0.0]), np.array([1e-12]), scale=1.0) == 1e-12


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_value_that_is_no_number_is_infinitely_wrong(bad):
    assert relative_error(np.array([bad]), np.array([1.0])) == float("inf")


def test_arrays_of_different_shapes_are_infinitely_far_apart():
    assert relative_error(np.zeros(3), np.zeros((3, 1))) == float("inf")


def test_a_name_always_gives_the_same_numbers_and_another_name_others():
    assert generator("a", 1).random() == generator("a", 1).random()
    assert generator("a", 1).random() != generator("a", 2).random()


def test_the_search_finds_the_minimum_of_a_narrow_valley():
    def valley(x):
        return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2

    value, place = descents(valley, (2,), generator("valley"), starts=3, far=False)[0]
    assert value < 1e-15
    assert place == pytest.approx([1, 1], abs=1e-6)


def test_the_search_also_works_on_code_that_is_not_analytic():
    value, place = descents(
        lambda x: np.abs(x[0] - 2) ** 3, (1,), generator("cube"), starts=3, far=False
    )[0]
    assert value < 1e-9
    assert place == pytest.approx([2], abs=1e-2)


def test_code_is_analytic_at_a_minimum_whose_value_is_zero():
    """Only rounding is left there, of the value and of its slope: no kink."""

    def divergence(a):
        p, q = (np.exp(v) / np.exp(v).sum() for v in (a, np.ones(3)))
        return p @ np.log(p / q)

    assert is_analytic(divergence, np.ones(3))
    assert not near_kink(divergence, np.ones(3))
    assert not is_analytic(lambda a: np.abs(a - 1), np.full(3, 1 + 1e-9))


def test_a_search_of_a_function_without_values_arrives_nowhere():
    def nothing(x):
        return np.full((), np.nan) * x[0]

    assert descents(nothing, (1,), generator("nothing"), starts=3, far=True) == ()
