"""An independent optimiser: BFGS on a plain function, with derivatives by complex step or
differences.

It knows nothing of formulas; it is the adversary of a claimed minimum.
"""

from collections.abc import Callable

import numpy as np

from solutionset.verification.oracles import (
    Array,
    central_difference,
    complex_step,
    is_analytic,
)

_ITERATIONS = 400
_IDLE = 3
"""Steps in a row without a gain in doubles after which a descent has arrived."""
_FAR = 100.0
_PLACES = 256
"""Among so many places of all sizes the lowest is looked for, to begin a descent there."""


def descents(
    function: Callable[[Array], Array],
    shape: tuple[int, ...],
    rng: np.random.Generator,
    starts: int,
    *,
    far: bool,
) -> tuple[tuple[float, Array], ...]:
    """The ends of descents from random starts, lowest value first; the shape is the variable's.

    With `far` one more begins far out, and one at the lowest of many places of all sizes. Ends at
    which the function has no value are left out, so that there may be none.
    """

    def flat(vector: Array) -> Array:
        return np.asarray(function(vector.reshape(shape))).reshape(())

    size = int(np.prod(shape))
    places = [rng.standard_normal(size) for _ in range(starts)]
    with np.errstate(all="ignore"):  # far out a loss may be infinite
        if far:
            places.append(_FAR * rng.standard_normal(size))
            places.append(_lowest(flat, size, rng))
        found = [_descend(flat, place) for place in places]
    found = [pair for pair in found if not np.isnan(pair[0])]
    found.sort(key=lambda pair: pair[0])
    return tuple((value, place.reshape(shape)) for value, place in found)


def _lowest(function: Callable[[Array], Array], size: int, rng: np.random.Generator) -> Array:
    """The place of the lowest value among many, small and large ones."""
    places = 2 ** rng.uniform(-2, 14, (_PLACES, 1)) * rng.standard_normal((_PLACES, size))
    values = [float(np.real(function(place))) for place in places]
    lowest = int(np.argmin(np.nan_to_num(values, nan=np.inf)))
    return np.asarray(places[lowest])


def _descend(function: Callable[[Array], Array], start: Array) -> tuple[float, Array]:
    """Quasi-Newton descent with backtracking (Nocedal and Wright, algorithm 6.1)."""
    slope = complex_step if is_analytic(function, start) else central_difference
    at, inverse = start, np.eye(start.size)
    value, gradient = float(np.real(function(at))), slope(function, at)
    idle = 0
    for _ in range(_ITERATIONS):
        direction = -inverse @ gradient
        descent = float(gradient @ direction)
        if descent >= 0:
            inverse, direction = np.eye(start.size), -gradient
            descent = -float(gradient @ gradient)
        length = _backtrack(function, at, value, direction, descent)
        if length == 0.0:
            break
        moved = at + length * direction
        new_gradient = slope(function, moved)
        step, change = moved - at, new_gradient - gradient
        before, value = value, float(np.real(function(moved)))
        at, gradient = moved, new_gradient
        idle = idle + 1 if before - value <= 1e-15 * max(1.0, abs(value)) else 0
        if idle == _IDLE or float(np.max(np.abs(gradient))) < 1e-12:
            break
        curvature = float(change @ step)
        if curvature > 1e-14:
            left = np.eye(start.size) - np.outer(step, change) / curvature
            inverse = left @ inverse @ left.T + np.outer(step, step) / curvature
    return value, at


def _backtrack(
    function: Callable[[Array], Array], at: Array, value: float, direction: Array, descent: float
) -> float:
    length = 1.0
    while length > 1e-14:
        trial = float(np.real(function(at + length * direction)))
        if np.isfinite(trial) and trial <= value + 1e-4 * length * descent:
            return length
        length /= 2
    return 0.0
