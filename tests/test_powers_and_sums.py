"""Powers of a matrix to a number of steps, and sums over whole numbers."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from author import CONFIG, ENTRY, checked

from solutionset.authoring import (
    Computation,
    Problem,
    Solution,
    chain,
    define,
    dim,
    exact,
    grad,
    gradient,
    identity_of,
    literal,
    matrix,
    power,
    relation,
    sum_range,
    vector,
    whole,
)
from solutionset.calculus.tensors import CalculusError
from solutionset.errors import ClaimError
from solutionset.model import NotationChoice
from solutionset.verification.checking import check
from solutionset.verification.drawing import draw_points

n, t = dim("n"), whole("t", 2, 6)
steps = t.symbol
A, x = matrix("A", n, n), vector("x", n)
z = define("z", power(A, t) @ x)
linear = Computation(
    "linear",
    definitions=(z,),
    parameters=(t,),
    forward=lambda A, x, t: np.linalg.matrix_power(A, t) @ x,
)


def in_the_weights(last):
    term = sum_range(
        "j", 0, last, lambda j: power(A.T, j) @ grad(z) @ x.T @ power(A.T, steps - 1 - j)
    )
    return chain("weights", linear, grad(A), (term, "one factor at a time"))


def test_the_gradient_in_a_matrix_of_which_a_power_is_taken_is_a_sum_over_its_factors():
    claim = checked(in_the_weights(steps - 1))
    assert claim.result == (
        r"\frac{\partial L}{\partial \mathbf{A}} = \sum_{j=0}^{t - 1} (\mathbf{A}^{\top})^{j} "
        r"\frac{\partial L}{\partial \mathbf{z}} \mathbf{x}^{\top} "
        r"(\mathbf{A}^{\top})^{t - j - 1}"
    )
    assert (claim.verdict.read_back, claim.verdict.mutants.survived) == ("equal", 0)


@pytest.mark.parametrize("last", [steps, steps - 2])
def test_a_sum_with_one_term_too_many_or_too_few_is_refused(last):
    with pytest.raises(ClaimError, match="is not what the oracle computes"):
        checked(in_the_weights(last))


def test_a_power_may_be_differentiated_through():
    claim = checked(gradient("start", linear, of=z, wrt=x))
    assert claim.result == (
        r"\frac{\partial L}{\partial \mathbf{x}} = (\mathbf{A}^{t})^{\top} "
        r"\frac{\partial L}{\partial \mathbf{z}}"
    )


def test_a_power_may_not_be_differentiated_in_its_own_matrix():
    with pytest.raises(CalculusError, match="the derivative of a power of A is a sum"):
        gradient("weights", linear, of=z, wrt=A)


@pytest.mark.parametrize("entries", ["subscript", "parenthesis"])
def test_an_entry_of_a_power_is_read_back(entries):
    start = gradient("start", linear, of=z, wrt=x)
    problem = Problem(title="T", question="1", source="T", solve=lambda: Solution(claims=(start,)))
    config = replace(CONFIG, notation=NotationChoice(entries=entries))
    (found,) = check(problem, ENTRY, config, (0,)).definitions
    assert found.verdict.read_back == "equal"
    assert "(A^{t})" in found.entry_formula


def test_a_sum_over_entrywise_powers_needs_brackets_inside_a_product():
    v = vector("v", n)
    y = define("y", v)
    plain = Computation("plain", definitions=(y,), forward=lambda v: 1 * v, parameters=(t,))
    inside = sum_range("j", 1, steps, lambda j: v**j)
    claim = checked(
        identity_of(
            "all",
            plain,
            y * inside,
            y * (v * sum_range("j", 0, steps - 1, lambda j: v**j)),
            because="one factor in front",
        )
    )
    assert claim.result.startswith(
        r"\mathbf{y} \odot \left(\sum_{j=1}^{t} \mathbf{v}^{\odot j}\right) = "
    )


def test_a_sum_of_exact_numbers_is_added_up():
    doubled = literal([[2, 0], [0, 1]])
    claim = checked(
        exact(
            "sum",
            relation(
                sum_range("j", 0, 2, lambda j: power(doubled, j)),
                "=",
                literal([[7, 0], [0, 3]]),
                "one, two, four",
            ),
        )
    )
    assert claim.result == (
        r"\sum_{j=0}^{2} \begin{pmatrix} 2 & 0 \\ 0 & 1 \end{pmatrix}^{j} = "
        r"\begin{pmatrix} 7 & 0 \\ 0 & 3 \end{pmatrix}"
    )


@pytest.mark.parametrize("letter", ["t", "n"])
def test_a_letter_of_a_sum_that_means_something_else_is_refused(letter):
    taken = sum_range(letter, 0, 3, lambda j: power(A, j) @ x @ x.T)
    with pytest.raises(CalculusError, match=f"the letter {letter} of a sum and another number"):
        checked(chain("weights", linear, grad(A), (taken, "wrong letter")))


def test_whole_parameters_are_drawn_as_neighbours_so_that_an_even_power_hides_no_sign():
    points = draw_points(linear, ("point",), (0, 1, 2))
    drawn = [point.parameters["t"] for point in points]
    assert all(isinstance(value, int) and 2 <= value <= 6 for value in drawn)
    assert [abs(a - b) for a, b in zip(drawn[::2], drawn[1::2], strict=True)] == [1, 1, 1]
    assert np.array_equal(points[0].given[A.leaf], points[1].given[A.leaf])


def test_numbers_of_two_fractions_are_kept_apart_by_a_dot():
    half, third = literal([[sp.Rational(1, 2)]]), literal([[sp.Rational(1, 3)]])
    claim = checked(exact("product", relation(half @ third, "=", sp.Rational(1, 6), "by hand")))
    assert claim.result == r"\frac{1}{2} \cdot \frac{1}{3} = \frac{1}{6}"
