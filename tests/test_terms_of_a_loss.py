"""A loss that is a sum of terms: gradients through one of them, and the Jacobian of one alone."""

import numpy as np
import pytest
import sympy as sp
from author import checked, checked_solution

from solutionset.authoring import (
    Computation,
    Instance,
    Pitfall,
    Solution,
    define,
    dim,
    grad,
    gradient,
    jacobian,
    matrix,
    rewrite,
    trace,
    vector,
)
from solutionset.calculus.tensors import CalculusError
from solutionset.errors import ClaimError
from solutionset.verification.equality import Equality

n, m = dim("n"), dim("m")
x, y, W = vector("x", n), vector("y", m), matrix("W", m, n)
r = define("r", y - W @ x)
R = define("R", r.T @ r / 2)
D = define("D", x.T @ x / 2)
E = define("E", R + D)


def forward(x, y, W):
    r = y - W @ x
    return {"r": r, "R": 0.5 * r @ r, "D": 0.5 * x @ x, "E": 0.5 * r @ r + 0.5 * x @ x}


ridge = Computation("ridge", definitions=(r, R, D, E), forward=forward, loss=E)


def test_the_gradient_in_a_term_of_the_loss_is_one_so_that_leaving_it_out_is_no_error():
    claim = checked(gradient("grad_x", ridge, of=(r, D), wrt=x))

    left = r"\frac{\partial L}{\partial \mathbf{x}} = "
    through_r = r"- \mathbf{W}^{\top} \frac{\partial L}{\partial \mathbf{r}}"
    assert claim.result == rf"{left}\frac{{\partial L}}{{\partial D}} \mathbf{{x}} {through_r}"
    assert claim.verdict.mutants.survived == 0
    assert claim.verdict.mutants.equivalent > 0


def test_where_the_loss_is_any_function_of_the_last_definition_its_gradient_is_not_one():
    anything = Computation("anything", definitions=(r, R, D, E), forward=forward)

    assert Equality(ridge.definitions).is_zero(grad(D)[()] - 1)
    assert not Equality(anything.definitions).is_zero(grad(D)[()] - 1)
    assert Equality(anything.definitions).is_zero(grad(D)[()] - grad(E)[()])


def test_a_rule_may_say_that_the_gradient_in_a_term_is_one():
    added = rewrite("added", grad(D)[()], 1, "the loss adds it")

    claim = checked(gradient("grad_x", ridge, of=(r, D), wrt=x, rules=(added,)))

    assert claim.lines[-1].because == "the loss adds it"
    assert r"\partial D" not in claim.result


def test_a_rule_in_matrix_formulas_is_refused_with_the_formulas_it_wants():
    with pytest.raises(CalculusError, match="rule added is written with matrix formulas") as caught:
        rewrite("added", grad(D), 1, "the loss adds it")  # type: ignore[arg-type]
    assert "s[()] for a number s" in caught.value.wanted
    assert caught.value.place is not None
    assert caught.value.place.line > 0


def test_a_gradient_through_one_of_two_ways_is_refused_with_the_way_it_leaves_out():
    with pytest.raises(ClaimError, match="is not what the oracle computes") as caught:
        checked(gradient("grad_x", ridge, of=D, wrt=x))
    hint = "hint       x acts on the loss through r, too: name all ways in `of`"
    assert hint in caught.value.details


def test_the_jacobian_of_a_number_is_a_row():
    claim = checked(jacobian("Jq", ridge, of=D, wrt=x))

    assert claim.result == r"JD(\mathbf{x}) = \mathbf{x}^{\top}"
    assert claim.shape == ("1", "n")


def test_the_jacobian_of_a_number_in_a_matrix_stays_in_index_form():
    q = define("q", trace(W.T @ W))
    squares = Computation("squares", definitions=(q,), forward=lambda W: np.sum(W * W))

    claim = checked(jacobian("Jq", squares, of=q, wrt=W))

    assert claim.result == r"\frac{\partial q}{\partial W_{ij}} = 2 W_{ij}"


def instance(values):
    claim = jacobian("Jq", ridge, of=D, wrt=x)
    worked = Instance("small", ridge, values=values, claims=("Jq",))
    halved = Pitfall("half", "Halving twice.", "Jq", lambda: x.T / 2)
    return checked_solution(Solution(claims=(claim,), instances=(worked,), pitfalls=(halved,)))


VALUES = {x: [1, -1], W: [[1, 2]], y: [sp.Rational(-1, 3)]}


def test_the_numbers_of_a_row_are_printed_as_a_row():
    solution = instance(VALUES)

    line = solution.instances[0].lines[-1][1].right
    assert line.endswith(r"= \begin{pmatrix} 1 & -1 \end{pmatrix}")
    assert r"1/2 & -1/2" in solution.pitfalls[0].consequence


def test_a_decimal_fraction_in_forward_is_the_fraction_that_it_stores():
    values = dict(instance(VALUES).instances[0].values)

    assert values["D"] == "1"
    assert values["R"] == r"\frac{2}{9}"


def test_a_negative_number_of_an_instance_stands_without_brackets():
    assert dict(instance(VALUES).instances[0].values)[r"\mathbf{y}"] == r"-\frac{1}{3}"


def test_a_rounded_number_in_forward_is_refused_by_exact_arithmetic():
    third = Computation("third", definitions=(D,), forward=lambda x: (x @ x) * 0.1 * 5, loss=D)
    worked = Instance("small", third, values={x: [1, 3]}, claims=("grad_x",))
    claim = gradient("grad_x", third, of=D, wrt=x)
    with pytest.raises(ClaimError, match="instance small gives D two values"):
        checked_solution(Solution(claims=(claim,), instances=(worked,)))
