"""Worked instances and pitfalls: exact numbers, redone exactly by the author's `forward`."""

import numpy as np
import pytest
import sympy as sp
from author import checked_solution

from solutionset.authoring import (
    Computation,
    Instance,
    Pitfall,
    Solution,
    argument,
    define,
    dim,
    elementwise,
    grad,
    gradient,
    matrix,
    ones,
    vector,
)
from solutionset.errors import AuthorError, ClaimError

n, m = dim("n"), dim("m")
x, W = vector("x", n), matrix("W", m, n)
sigma = elementwise("sigma")
z = define("z", W @ x)
y = define("y", sigma(z))
layer = Computation(
    "layer",
    definitions=(z, y),
    forward=lambda W, x, sigma: {"z": W @ x, "y": sigma(W @ x)},
)
claims = (
    gradient("grad_z", layer, of=y, wrt=z),
    gradient("grad_x", layer, of=z, wrt=x),
)
values = {x: [1, -1, 2], W: [[1, 2, 0], [0, 1, 3]]}


def solved(instance=None, pitfalls=()):
    instances = () if instance is None else (instance,)
    return checked_solution(Solution(claims=claims, instances=instances, pitfalls=pitfalls))


def square(**changes):
    settings = {
        "values": values,
        "upstream": [2, 1],
        "functions": {sigma: argument**2},
        "claims": ("grad_x",),
    }
    return Instance("small", layer, **{**settings, **changes})


def test_an_instance_shows_symbols_numbers_and_value():
    (instance,) = solved(square()).instances
    assert dict(instance.values)[r"\mathbf{z}"] == r"\begin{pmatrix} -1 \\ 5 \end{pmatrix}"
    first, second = (line for _, line in instance.lines)
    assert first.right == r"\mathbf{W}^{\top} \frac{\partial L}{\partial \mathbf{z}}"
    # dL/dz = (2 * 2 * (-1), 1 * 2 * 5), carried back by the columns of W.
    assert second.right.endswith(r"= \begin{pmatrix} -4 \\ 2 \\ 30 \end{pmatrix}")


def test_sizes_and_signs_of_an_instance_are_numbers_too():
    # The mean of -2, -1 and -3; its gradient has the factor one third, and no letter for the size.
    mean = define("mu", ones(n).T @ x / n.size)
    average = Computation("average", definitions=(mean,), forward=lambda x: x.mean(), loss=mean)
    one = Instance("one", average, values={x: [-2, -1, -3]}, claims=("slope",))
    claim = gradient("slope", average, of=mean, wrt=x)
    (instance,) = checked_solution(Solution(claims=(claim,), instances=(one,))).instances
    assert ("\\mu", "-2") in instance.values
    assert instance.lines[1][1].right.startswith(
        r"\frac{1}{3} \begin{pmatrix} 1 \\ 1 \\ 1 \end{pmatrix} = "
    )


def test_an_instance_may_use_arguments_at_which_a_function_is_rational():
    logistic = 1 / (1 + sp.exp(-argument))
    at_three = {x: [sp.log(3), 0, 0], W: [[1, 2, 0], [0, 1, 3]]}
    (instance,) = solved(square(values=at_three, functions={sigma: logistic})).instances
    assert dict(instance.values)[r"\mathbf{y}"] == (
        r"\begin{pmatrix} \frac{3}{4} \\ \frac{1}{2} \end{pmatrix}"
    )


def test_a_rounded_number_in_an_instance_is_refused():
    with pytest.raises(AuthorError, match=r"0\.5 in an instance is a rounded number"):
        solved(square(values={**values, x: [1, 0.5, 2]}))


def test_a_dimension_of_two_sizes_is_refused():
    with pytest.raises(AuthorError, match="n has two sizes"):
        solved(square(values={**values, x: [1, 2]}))


def test_a_missing_value_is_refused_by_name():
    with pytest.raises(AuthorError, match="gives no value for W"):
        solved(square(values={x: [1, -1, 2]}))


def test_an_abstract_function_without_a_body_is_refused():
    with pytest.raises(AuthorError, match="gives no body for sigma"):
        solved(square(functions={}))


def test_an_instance_of_an_unknown_claim_is_refused():
    with pytest.raises(AuthorError, match="names an unknown claim grad_w"):
        solved(square(claims=("grad_w",)))


def test_a_pitfall_shows_what_it_does_to_the_instance():
    wrong = Pitfall("slope", "Forgetting the slope.", "grad_z", lambda: grad(y))
    (pitfall,) = solved(square(), (wrong,)).pitfalls
    assert pitfall.wrong == (
        r"\frac{\partial L}{\partial \mathbf{z}} \neq \frac{\partial L}{\partial \mathbf{y}}"
    )
    assert "gives $(2, 1)^{\\top}$ instead of $(-4, 10)^{\\top}$" in pitfall.consequence


def test_a_pitfall_without_an_instance_has_its_error_measured():
    wrong = Pitfall("slope", "Forgetting the slope.", "grad_z", lambda: grad(y))
    (pitfall,) = solved(None, (wrong,)).pitfalls
    assert "relative error" in pitfall.consequence


def test_a_pitfall_that_does_not_type_says_so():
    wrong = Pitfall("transpose", "Forgetting the transpose.", "grad_x", lambda: W @ grad(z))
    (pitfall,) = solved(None, (wrong,)).pitfalls
    assert pitfall.wrong == ""
    assert "The shapes do not fit" in pitfall.consequence


def test_a_pitfall_of_another_shape_shows_its_formula_and_both_shapes():
    wrong = Pitfall("row", "Handing back a row.", "grad_x", lambda: grad(z).T @ W)
    (pitfall,) = solved(None, (wrong,)).pitfalls
    assert pitfall.wrong == ""
    assert r"^{\top} \mathbf{W}$ is $1 \times " in pitfall.consequence
    assert r"\times 1$." in pitfall.consequence


def test_a_pitfall_that_is_right_is_refused():
    right = Pitfall("none", "No mistake.", "grad_x", lambda: W.T @ grad(z))
    with pytest.raises(ClaimError, match="pitfall none is no mistake"):
        solved(None, (right,))


def test_a_forward_that_differs_from_the_definitions_on_the_instance_only_is_refused():
    # Equal on general data, but not on whole numbers: only the instance can see it.
    tricky = Computation(
        "layer",
        definitions=(z, y),
        forward=lambda W, x, sigma: {
            "z": W @ x + (1 if np.asarray(W).dtype == object else 0),
            "y": sigma(W @ x),
        },
    )
    instance = Instance(
        "small",
        tricky,
        values=values,
        upstream=[2, 1],
        functions={sigma: argument**2},
        claims=("grad_x",),
    )
    derived = (gradient("grad_x", tricky, of=z, wrt=x),)
    with pytest.raises(ClaimError, match="gives z two values"):
        checked_solution(Solution(claims=derived, instances=(instance,)))


def test_an_instance_at_a_kink_is_refused():
    relu = sp.Max(argument, 0)
    at_zero = {x: [1, -1, 2], W: [[1, 1, 0], [0, 1, 3]]}
    with pytest.raises(AuthorError, match="evaluates sigma at its kink"):
        solved(square(values=at_zero, functions={sigma: relu}))


def test_an_instance_with_a_kinked_function_away_from_the_kink_is_worked_out():
    (instance,) = solved(square(functions={sigma: sp.Max(argument, 0)})).instances
    assert dict(instance.values)[r"\mathbf{y}"] == r"\begin{pmatrix} 0 \\ 5 \end{pmatrix}"
