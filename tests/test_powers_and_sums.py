"""Powers of a matrix to a number of steps, and sums over whole numbers."""

import numpy as np
import pytest
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
    choice = NotationChoice(entries=entries)
    problem = Problem(
        title="T",
        question="1",
        source="T",
        solve=lambda: Solution(claims=(gradient("start", linear, of=z, wrt=x),)),
    )
    (found,) = check(problem, ENTRY, CONFIG.__class__(**{**vars(CONFIG), "notation": choice}), (0,)).definitions
    assert found.verdict.read_back == "equal"
    assert "(A^{t})" in found.entry_formula
