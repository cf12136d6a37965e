"""Numbers for elementwise functions: the body of a concrete one, a stand-in for an abstract one."""

import math
from collections.abc import Callable
from functools import lru_cache, reduce
from zlib import crc32

import numpy as np
import sympy as sp

from solutionset.calculus.tensors import ARGUMENT, Elementwise
from solutionset.verification.oracles import Array

# Analytic, neither odd nor even nor monotone, and no two alike: an abstract sigma must not be
# mistaken for its own derivative, for the identity, or for another function of the problem.
_STAND_INS = (
    sp.sin(ARGUMENT) + ARGUMENT**2 / 3,
    sp.cos(ARGUMENT) + ARGUMENT**3 / 5 - ARGUMENT / 2,
    sp.exp(-ARGUMENT / 2) + ARGUMENT**2 / 4,
)

# For chains of many steps: bounded, so that no composition of them leaves the range of numbers.
_BOUNDED = (
    sp.sin(ARGUMENT + sp.Rational(1, 2)) + sp.cos(2 * ARGUMENT) / 3,
    sp.cos(ARGUMENT + sp.Rational(1, 3)) + sp.sin(2 * ARGUMENT) / 4,
    sp.sin(ARGUMENT - sp.Rational(1, 4)) - sp.cos(2 * ARGUMENT) / 5,
)


def _modulus(at: Array) -> Array:
    """The absolute value of real data, which a complex step passes through with its sign."""
    return np.where(np.real(at) < 0, -np.asarray(at), at)


def _sign(at: Array) -> Array:
    return np.asarray(np.sign(np.real(at)))


def _erf(at: Array) -> Array:
    """The error function of real data; an imaginary part is a step, so its slope is enough."""
    real = np.real(at)
    value = np.reshape([math.erf(x) for x in np.ravel(real)], np.shape(at))
    if not np.iscomplexobj(at):
        return value
    return np.asarray(value + 2j / math.sqrt(math.pi) * np.exp(-(real**2)) * np.imag(at))


def _larger(*values: sp.Expr) -> sp.Expr:
    return reduce(sp.Function("maximum"), values)


def _smaller(*values: sp.Expr) -> sp.Expr:
    return reduce(sp.Function("minimum"), values)


def _code(body: sp.Expr) -> Callable[[Array], Array]:
    """An expression as NumPy code; older SymPy takes a maximum of a number and an array for one of
    a list, so that NumPy's own is named."""
    named = body.replace(sp.Max, _larger).replace(sp.Min, _smaller)
    return sp.lambdify(ARGUMENT, named, _CODE)  # type: ignore[no-any-return]


# NumPy knows no erf, and its abs and sign of complex data are other functions.
_CODE = [{"Abs": _modulus, "sign": _sign, "erf": _erf}, "numpy"]


@lru_cache(maxsize=256)
def numeric(function: Elementwise) -> Callable[[Array], Array]:
    """The function as NumPy code, differentiated as often as its order says."""
    return _code(body_of(function))


@lru_cache(maxsize=256)
def bounded(function: Elementwise, variant: int) -> Callable[[Array], Array]:
    """The same with a bounded stand-in for an abstract function, another one for each variant."""
    if function.body is not None:
        return numeric(function)
    body = _BOUNDED[(crc32(function.name.encode()) + variant) % len(_BOUNDED)]
    return _code(sp.diff(body, ARGUMENT, function.order))


def body_of(function: Elementwise) -> sp.Expr:
    """The function as an expression in `ARGUMENT`, differentiated as often as its order says."""
    body = function.body
    if body is None:
        body = _STAND_INS[crc32(function.name.encode()) % len(_STAND_INS)]
    slope = sp.diff(body, ARGUMENT, function.order)
    # Points are drawn away from kinks, where the impulse of a second derivative is nothing.
    return slope.replace(sp.DiracDelta, lambda *_: sp.Integer(0))
