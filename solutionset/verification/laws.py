"""The outcomes of random tensors as numbers: all of them with their weights, or a draw."""

from dataclasses import dataclass
from itertools import product as cartesian

import numpy as np

from solutionset.calculus.moments import Bernoulli, Law
from solutionset.calculus.tensors import CalculusError
from solutionset.verification.evaluate import Values
from solutionset.verification.oracles import Array

EXACT_DEGREE = 5
"""Up to this degree in each entry the outcomes of noise give the exact expectation."""

# 2 to the power 12: all masks of twelve entries, or noise of seven.
_MOST = 4096


@dataclass(frozen=True)
class Outcomes:
    """Arrays of one shape along the first axis, and the probability of each."""

    arrays: Array
    weights: Array


def outcomes(law: Law, shape: tuple[int, ...], values: Values) -> Outcomes:
    """All outcomes of a tensor of independent entries.

    A normal entry takes the nodes of a Gauss-Hermite rule, which is exact for polynomials up to
    `EXACT_DEGREE`. Raises `CalculusError` if there are too many.
    """
    numbers, weights = _of_an_entry(law, values)
    size = int(np.prod(shape))
    if len(numbers) ** size > _MOST:
        most = int(np.log(_MOST) / np.log(len(numbers)))
        raise CalculusError(
            f"a random tensor of {size} entries is too large to enumerate",
            advice=f"fix `sizes` so that it has at most {most} entries",
        )
    arrays = np.reshape(list(cartesian(numbers, repeat=size)), (-1, *shape))
    products = np.prod(np.reshape(list(cartesian(weights, repeat=size)), (-1, size)), axis=1)
    return Outcomes(arrays, products)


def drawn(law: Law, shape: tuple[int, ...], values: Values, rng: np.random.Generator) -> Array:
    """One draw of a tensor of independent entries."""
    if isinstance(law, Bernoulli):
        return (rng.random(shape) < float(values.number(law.probability))).astype(float)
    return rng.normal(0.0, np.sqrt(float(values.number(law.variance))), shape)


def _of_an_entry(law: Law, values: Values) -> tuple[Array, Array]:
    """The numbers that an entry takes, and their weights."""
    if isinstance(law, Bernoulli):
        chance = float(values.number(law.probability))
        return np.array([0.0, 1.0]), np.array([1 - chance, chance])
    nodes, weights = np.polynomial.hermite_e.hermegauss((EXACT_DEGREE + 1) // 2)
    spread = np.sqrt(float(values.number(law.variance)))
    return spread * nodes, weights / weights.sum()
