"""Second opinions on a derivative, from packages that need not be there: autograd, JAX, torch.

autograd and JAX differentiate the author's `forward` by themselves, if it takes `np` as its first
parameter and thus runs on their arrays. torch cannot run NumPy code; it checks the printed formula
as the backward of that forward, by differences and for every upstream gradient (`gradcheck`). A
package that is not installed, or cannot run the code, has no opinion.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp

from solutionset.calculus.tensors import (
    ARGUMENT,
    Dim,
    Elementwise,
    Gradient,
    Leaf,
    Tensor,
)
from solutionset.errors import ClaimError
from solutionset.verification.claims import Derived
from solutionset.verification.computation import Parameter
from solutionset.verification.evaluate import Values
from solutionset.verification.functions import body_of
from solutionset.verification.oracles import TOLERANCE, Array, Route, relative_error
from solutionset.verification.points import Point

Formula = Callable[[Values], Array]
"""The printed formula, read back: its array at a point, one axis for each of its indices."""

# What a package raises where it does not know how to run or differentiate an operation.
_CANNOT = (TypeError, NotImplementedError, AttributeError)


def second_opinions(claim: Derived, point: Point, value: Formula) -> tuple[str, ...]:
    """The names of the installed packages that agree with the formula at this point.

    Only derivatives in given tensors of what `forward` returns are judged; for others the answer is
    empty. Raises `ClaimError` with code `opinion` if a package finds another value.
    """
    of = claim.of or claim.computation.root
    if claim.wrt not in point.given or of.name not in point.forward_values:
        return ()
    installed = {name: ask for name, ask in _PACKAGES.items() if find_spec(name) is not None}
    return tuple(name for name, ask in installed.items() if ask(claim, point, value))


def _autograd(claim: Derived, point: Point, value: Formula) -> bool:
    if not _takes_numpy(claim):
        return False
    numpy = import_module("autograd.numpy")
    jacobian = import_module("autograd").jacobian
    return _differentiated("autograd", claim, point, value, numpy, jacobian)


def _jax(claim: Derived, point: Point, value: Formula) -> bool:
    if not _takes_numpy(claim):
        return False
    jax = import_module("jax")
    jax.config.update("jax_enable_x64", True)
    numpy = import_module("jax.numpy")
    return _differentiated("jax", claim, point, value, numpy, jax.jacobian)


def _takes_numpy(claim: Derived) -> bool:
    return next(iter(signature(claim.computation.forward).parameters), "") == "np"


def _differentiated(
    name: str,
    claim: Derived,
    point: Point,
    value: Formula,
    numpy: ModuleType,
    jacobian: Callable[[Callable[[Any], Any]], Callable[[Any], Any]],
) -> bool:
    """Whether a package differentiates `forward` and finds the formula; False if it cannot."""
    arguments = _arguments(claim, point, numpy)
    of = claim.of or claim.computation.root

    def forward(array: Any) -> Any:
        returned = claim.computation.forward(**{**arguments, claim.wrt.name: array})
        return returned[of.name] if isinstance(returned, dict) else returned

    try:
        found = np.asarray(jacobian(forward)(point.given[claim.wrt]))
    except _CANNOT:
        return False
    if claim.of is None:
        found = np.tensordot(point.upstream, found, axes=point.upstream.ndim)
    ours = np.reshape(value(point), np.shape(found))
    error = relative_error(ours, found, point.scale)
    if error > TOLERANCE[Route.INDEPENDENT_CODE]:
        raise _disagreement(name, claim, point, f"error {error:.1e} relative")
    return True


def _arguments(claim: Derived, point: Point, numpy: ModuleType) -> dict[str, Any]:
    """What `forward` takes, its functions as code of another package's NumPy."""
    arguments: dict[str, Any] = {"np": numpy}
    taken = signature(claim.computation.forward).parameters
    for name, thing in claim.computation.inputs.items():
        if name not in taken:
            continue
        match thing:
            case Tensor():
                arguments[name] = point.given[thing]
            case Elementwise():
                arguments[name] = sp.lambdify(ARGUMENT, body_of(thing), [numpy])
            case Parameter():
                arguments[name] = point.parameters[thing.symbol.name]
    return arguments


def _torch(claim: Derived, point: Point, value: Formula) -> bool:
    torch: Any = import_module("torch")
    of = claim.of or claim.computation.root
    at = point.given[claim.wrt]

    class Formula(torch.autograd.Function):  # type: ignore[misc]
        """The author's forward with the printed formula as its backward."""

        @staticmethod
        def forward(_: Any, given: Any) -> Any:
            found = point.forward({claim.wrt: given.detach().numpy()})[of.name]
            return torch.from_numpy(np.array(found, dtype=float))

        @staticmethod
        def backward(_: Any, upstream: Any) -> Any:
            pulled = _pulled_back(claim, point, value, upstream.numpy())
            return torch.from_numpy(np.reshape(pulled, at.shape).astype(float))

    given = torch.tensor(np.asarray(at, dtype=float), requires_grad=True)
    scale = max(1.0, point.scale)
    agrees = torch.autograd.gradcheck(
        Formula.apply,
        (given,),
        eps=1e-6 * scale,
        atol=1e-6 * scale,
        rtol=1e-5,
        raise_exception=False,
        check_undefined_grad=False,
    )
    if not agrees:
        raise _disagreement("torch", claim, point, "gradcheck of the formula as a backward fails")
    return True


def _pulled_back(claim: Derived, point: Point, value: Formula, upstream: Array) -> Array:
    """The formula at another upstream gradient; that of a loss is a factor in front."""
    if claim.of is not None:
        axes = upstream.ndim
        ours = np.reshape(value(point), upstream.shape + point.given[claim.wrt].shape)
        return np.asarray(np.tensordot(upstream, ours, axes=axes))
    if claim.computation.loss:
        return np.asarray(upstream * value(point))
    return value(_Upstream(point, upstream))


class _Upstream:
    """A point at which the upstream gradient is another one."""

    def __init__(self, point: Point, upstream: Array) -> None:
        self.point = point
        self.upstream = upstream
        self.number = point.number
        self.function = point.function

    def leaf(self, leaf: Leaf) -> Array:
        """Gradients follow from the upstream one; all else is that of the point."""
        if not isinstance(leaf, Gradient):
            return self.point.leaf(leaf)
        root = self.point.computation.root
        if leaf.of == root:
            return self.upstream
        jacobian = self.point.jacobian(root, leaf.of)
        return np.asarray(np.tensordot(self.upstream, jacobian, axes=self.upstream.ndim))

    def size(self, dim: Dim) -> int:
        """The size drawn for a dimension."""
        return self.point.size(dim)

    def moved(self, tensor: Leaf, value: Array) -> Values:
        """What is evaluated elsewhere is so at the point itself."""
        return self.point.moved(tensor, value)


def _disagreement(name: str, claim: Derived, point: Point, told: str) -> ClaimError:
    return ClaimError(
        f"{name} does not agree with {claim.head.name}",
        code="opinion",
        place=claim.head.place,
        got=told,
        wanted="the same derivative by every oracle",
        details=(f"at         seed {point.seed}, {point.described}",),
        advice="compare the formula, forward and the definitions: one of the oracles is mistaken",
    )


_PACKAGES = {"autograd": _autograd, "jax": _jax, "torch": _torch}
