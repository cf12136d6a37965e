"""Numbers for elementwise functions: the body of a concrete one, a stand-in for an abstract one."""

from collections.abc import Callable
from functools import lru_cache
from zlib import crc32

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


@lru_cache(maxsize=256)
def numeric(function: Elementwise) -> Callable[[Array], Array]:
    """The function as NumPy code, differentiated as often as its order says."""
    return sp.lambdify(ARGUMENT, body_of(function), "numpy")  # type: ignore[no-any-return]


def body_of(function: Elementwise) -> sp.Expr:
    """The function as an expression in `ARGUMENT`, differentiated as often as its order says."""
    body = function.body
    if body is None:
        body = _STAND_INS[crc32(function.name.encode()) % len(_STAND_INS)]
    return sp.diff(body, ARGUMENT, function.order)
