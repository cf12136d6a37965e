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
    inverse,
    matrix,
    ones,
    parameter,
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


norm_squared = define("s", x.T @ x)
alpha = parameter("alpha", 0.5, 2)
scaled = define("y", alpha.symbol * x)
scaling = Computation(
    "scaling", definitions=(scaled,), forward=lambda x, alpha: alpha * x, parameters=(alpha,)
)


def scaled_by(**numbers):
    claim = gradient("grad_x", scaling, of=scaled, wrt=x)
    instance = Instance("small", scaling, {x: [1, 2]}, ("grad_x",), upstream=[1, 1], **numbers)
    return checked_solution(Solution(claims=(claim,), instances=(instance,)))


def test_an_instance_gives_numbers_for_parameters():
    (instance,) = scaled_by(parameters={alpha: 3}).instances
    assert instance.lines[-1][1].right.endswith(r"\begin{pmatrix} 3 \\ 3 \end{pmatrix}")


def test_an_instance_without_a_number_for_a_parameter_is_told_which():
    with pytest.raises(AuthorError, match="instance small gives no number for alpha"):
        scaled_by()


def test_a_forward_that_exact_numbers_cannot_go_through_is_told_what_can():
    r = define("r", norm_squared ** sp.Rational(1, 2))
    length = Computation(
        "length",
        definitions=(norm_squared, r),
        loss=r,
        forward=lambda x: {"s": x @ x, "r": np.linalg.norm(x[:, None], 2)},
    )
    claim = gradient("grad_x", length, of=norm_squared, wrt=x)
    instance = Instance("small", length, {x: [3, 4]}, ("grad_x",))

    with pytest.raises(AuthorError, match="forward of length raises") as caught:
        checked_solution(Solution(claims=(claim,), instances=(instance,)))

    assert "no np.linalg" in caught.value.advice


def test_the_root_of_a_number_without_axes_stays_exact():
    r = define("r", norm_squared ** sp.Rational(1, 2))
    length = Computation(
        "length",
        definitions=(norm_squared, r),
        loss=r,
        forward=lambda x: {"s": x @ x, "r": (x @ x) ** 0.5},
    )
    claim = gradient("grad_x", length, of=norm_squared, wrt=x)
    instance = Instance("small", length, {x: [3, 4]}, ("grad_x",))

    (shown,) = checked_solution(Solution(claims=(claim,), instances=(instance,))).instances

    assert dict(shown.values)["r"] == "5"


def test_the_root_of_a_size_is_told_apart_from_exact_numbers():
    mean = define("y", x / sp.sqrt(n.size))
    halves = Computation("halves", definitions=(mean,), forward=lambda x: x / np.sqrt(len(x)))
    claim = gradient("grad_x", halves, of=mean, wrt=x)
    instance = Instance("small", halves, {x: [1, 2]}, ("grad_x",), upstream=[1, 1])

    with pytest.raises(ClaimError, match="gives y two values") as caught:
        checked_solution(Solution(claims=(claim,), instances=(instance,)))

    assert "choose a size whose root is whole" in caught.value.advice


def test_an_inverse_is_not_worked_out():
    A = matrix("A", n, n)
    C = define("C", inverse(A))
    turned = Computation("turned", definitions=(C,), forward=np_inverse)
    claim = gradient("grad_A", turned, of=C, wrt=A)
    instance = Instance(
        "small", turned, {A: [[1, 2], [0, 1]]}, ("grad_A",), upstream=[[1, 0], [0, 1]]
    )

    with pytest.raises(AuthorError, match="an inverse or a determinant cannot be worked out"):
        checked_solution(Solution(claims=(claim,), instances=(instance,)))


def np_inverse(A):
    return np.linalg.inv(A)


def test_a_rectifier_is_worked_out_with_the_maximum_of_numpy():
    relu = elementwise("relu", body=sp.Max(0, argument))
    y = define("y", relu(x))
    unit = Computation("unit", definitions=(y,), forward=lambda x: np.maximum(0, x))
    claim = gradient("grad_x", unit, of=y, wrt=x)
    instance = Instance("small", unit, {x: [1, -2]}, ("grad_x",), upstream=[3, 5])
    (shown,) = checked_solution(Solution(claims=(claim,), instances=(instance,))).instances

    assert shown.lines[-1][1].right.endswith(r"\begin{pmatrix} 3 \\ 0 \end{pmatrix}")
