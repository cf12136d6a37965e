"""Independent derivatives of plain NumPy functions; nothing here knows SymPy.

Complex step: Im f(x + ih) / h has no cancellation, so h = 1e-30 gives full precision (Squire and
Trapp, SIAM Review 40, 1998). It needs code that is analytic; NumPy drops the imaginary part
silently in abs, norm, var, sign and others, so every forward is compared once with a central
difference.
"""

import warnings
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
ArrayFunction = Callable[[Array], Array]

_STEP = 1e-30
# Cube root of the rounding unit: truncation and rounding of a central difference balance there.
_DIFFERENCE = 6e-6


class Route(StrEnum):
    """The routes by which an expected value is obtained, as the ledger names them."""

    COMPLEX_STEP = "complex-step"
    CENTRAL_DIFFERENCE = "central-difference"
    ENUMERATION = "enumeration"
    EXACT = "exact"
    MONTE_CARLO = "monte-carlo"
    INDEPENDENT_CODE = "independent-code"


TOLERANCE: dict[Route, float] = {
    Route.COMPLEX_STEP: 1e-9,
    Route.CENTRAL_DIFFERENCE: 1e-6,
    Route.ENUMERATION: 1e-12,
    Route.EXACT: 0.0,
    Route.INDEPENDENT_CODE: 1e-9,
}
"""The relative tolerance that goes with each route."""


def complex_step(function: ArrayFunction, at: Array) -> Array:
    """All partial derivatives at a real point: axes of the value first, then those of `at`."""
    return _columns(lambda e: np.imag(function(at + 1j * _STEP * e)) / _STEP, at)


def central_difference(function: ArrayFunction, at: Array) -> Array:
    """The same by symmetric differences, good to about 1e-10 on smooth functions of size one.

    Two widths are combined so that the error of the second order drops out (Richardson): without,
    a steep composition such as three polynomial layers is off by more than the tolerance.
    """
    h = _DIFFERENCE * max(1.0, float(np.max(np.abs(at), initial=0.0)))

    def quotient(e: Array, width: float) -> Array:
        return np.asarray((function(at + width * e) - function(at - width * e)) / (2 * width))

    return _columns(lambda e: (4 * quotient(e, h / 2) - quotient(e, h)) / 3, at)


def _columns(derivative: ArrayFunction, at: Array) -> Array:
    """Stack directional derivatives along the unit arrays of the shape of `at`."""
    columns = []
    for position in np.ndindex(at.shape):
        unit = np.zeros(at.shape)
        unit[position] = 1.0
        columns.append(np.asarray(derivative(unit)))
    stacked = np.stack(columns, axis=-1)
    return stacked.reshape(stacked.shape[:-1] + at.shape)


def is_analytic(function: ArrayFunction, at: Array) -> bool:
    """Whether the complex step may be trusted: NumPy accepts complex data, warns of nothing, and
    both routes agree to the precision of a difference."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            by_step = complex_step(function, at)
    except (TypeError, np.exceptions.ComplexWarning):
        return False
    return relative_error(by_step, central_difference(function, at), _floor(function, at)) < 1e-6


def _floor(function: ArrayFunction, at: Array) -> float:
    """A slope so small that rounding, divided by a step, may be larger: beside the value, or beside
    the data of size one from which a value of zero comes, as at a minimum."""
    return 1e-3 * float(np.max(np.abs(function(at)), initial=1.0))


def near_kink(function: ArrayFunction, at: Array) -> bool:
    """Whether a kink lies within the reach of the difference quotient at this point.

    Away from kinks halving the step changes a central difference only by rounding and a small
    truncation; across one it changes the slope itself.
    """
    wide = _columns(lambda e: (function(at + 1e-3 * e) - function(at - 1e-3 * e)) / 2e-3, at)
    narrow = central_difference(function, at)
    return relative_error(wide, narrow, _floor(function, at)) > 1e-3


def relative_error(left: Array, right: Array, scale: float = 0.0) -> float:
    """Largest difference over the largest of both magnitudes and `scale`; infinite for NaN."""
    if np.shape(left) != np.shape(right):
        return float("inf")
    if np.size(left) == 0:
        return 0.0
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.max(np.abs(np.asarray(left) - np.asarray(right)))
        size = max(float(np.max(np.abs(left))), float(np.max(np.abs(right))), scale)
    if not np.isfinite(difference) or not np.isfinite(size):
        return float("inf")
    return float(difference / size) if size > 0 else 0.0
