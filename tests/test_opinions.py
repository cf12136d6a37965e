"""Second opinions: each installed package agrees with a right formula and refuses a wrong one.

The packages are optional. Where one is missing its part is skipped, and says so.
"""

from importlib.util import find_spec

import numpy as np
import pytest

from solutionset.authoring import (
    Computation,
    define,
    dim,
    elementwise,
    exp,
    grad,
    gradient,
    jacobian,
    matrix,
    ones,
    vector,
)
from solutionset.calculus.matrix import Mat
from solutionset.errors import ClaimError
from solutionset.verification.claims import Derived
from solutionset.verification.drawing import draw_points
from solutionset.verification.evaluate import matrix_value
from solutionset.verification.opinions import second_opinions

n, m = dim("n", "ij"), dim("m", "lr")
x, W, b = vector("x", n), matrix("W", m, n), vector("b", m)
h = elementwise("h")
z = define("z", W @ x + b)
y = define("y", h(z))


def portable(np, x, W, b, h):
    z = W @ x + b
    return {"z": z, "y": h(z)}


def plain(x, W, b, h):
    return h(W @ x + b)


def cannot(np, x, W, b, h):
    z = np.asarray(W.tolist()) @ x + b
    return {"z": z, "y": h(z)}


def layer(forward):
    return Computation("layer", definitions=(z, y), forward=forward)


def opinions(claim: Derived, form: Mat | None = None) -> tuple[str, ...]:
    """Ask about a claim, or about another formula in its place."""
    (point,) = draw_points(claim.computation, ("tests",), (0,))
    asked = form or claim.form
    assert asked is not None
    return second_opinions(claim, point, lambda values: matrix_value(asked, values))


def installed(*names: str) -> tuple[str, ...]:
    """Those of the packages that are there."""
    return tuple(name for name in names if find_spec(name) is not None)


needs_one = pytest.mark.skipif(
    not installed("autograd", "jax", "torch"), reason="no package for a second opinion is installed"
)
needs_torch = pytest.mark.skipif(not installed("torch"), reason="torch is not installed")
needs_a_tracer = pytest.mark.skipif(
    not installed("autograd", "jax"), reason="neither autograd nor jax is installed"
)


def test_every_installed_package_agrees_with_a_gradient_through_an_intermediate() -> None:
    claim = gradient("grad_W", layer(portable), of=z, wrt=W)
    assert opinions(claim) == installed("autograd", "jax", "torch")


def test_every_installed_package_agrees_with_a_jacobian() -> None:
    claim = jacobian("jac", layer(portable), of=y, wrt=x)
    assert opinions(claim) == installed("autograd", "jax", "torch")


def test_every_installed_package_agrees_with_the_gradient_of_a_loss() -> None:
    total = define("total", ones(m).T @ exp(z))
    loss = Computation(
        "loss",
        definitions=(z, total),
        loss=total,
        forward=lambda np, x, W, b: np.sum(np.exp(W @ x + b)),
    )
    claim = gradient("grad_x", loss, of=total, wrt=x)
    assert opinions(claim) == installed("autograd", "jax", "torch")


def test_a_forward_without_np_is_left_to_torch() -> None:
    claim = gradient("grad_x", layer(plain), of=y, wrt=x)
    assert opinions(claim) == installed("torch")


def test_a_package_that_cannot_run_the_code_has_no_opinion() -> None:
    claim = gradient("grad_W", layer(cannot), of=z, wrt=W)
    assert opinions(claim) == installed("torch")


def test_a_derivative_in_an_intermediate_quantity_is_not_judged() -> None:
    claim = gradient("grad_z", layer(portable), of=y, wrt=z)
    assert opinions(claim) == ()


@needs_one
def test_a_wrong_gradient_is_refused() -> None:
    claim = gradient("grad_x", layer(portable), of=z, wrt=x)
    with pytest.raises(ClaimError, match="does not agree with grad_x") as caught:
        opinions(claim, -(W.T @ grad(z)))
    assert caught.value.code == "opinion"


@needs_torch
def test_torch_alone_refuses_a_wrong_gradient() -> None:
    claim = gradient("grad_b", layer(plain), of=z, wrt=b)
    with pytest.raises(ClaimError, match="torch does not agree with grad_b"):
        opinions(claim, 2 * grad(z))


@needs_torch
def test_torch_refuses_a_formula_that_is_right_for_one_upstream_gradient_only() -> None:
    claim = gradient("grad_b", layer(plain), of=z, wrt=b)
    (point,) = draw_points(claim.computation, ("tests",), (0,))
    right = matrix_value(claim.form, point)
    with pytest.raises(ClaimError, match="torch does not agree"):
        second_opinions(claim, point, lambda _: right)


@needs_a_tracer
def test_the_functions_of_a_problem_are_differentiated_too() -> None:
    (point,) = draw_points(layer(portable), ("tests",), (0,))
    claim = jacobian("jac", layer(portable), of=y, wrt=b)
    frozen = np.eye(point.size(m))
    with pytest.raises(ClaimError, match="does not agree with jac"):
        second_opinions(claim, point, lambda _: frozen)
