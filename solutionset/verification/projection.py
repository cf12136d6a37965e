"""Data that satisfy an assumption, made from general data so that they satisfy nothing else."""

import numpy as np

from solutionset.calculus.assumptions import Property
from solutionset.verification.oracles import Array


def projected(array: Array, holds: Property, axis: int) -> Array:
    """Return the data nearest in kind to `array` that have the property."""
    match holds:
        case Property.SYMMETRIC:
            return np.asarray((array + array.T) / 2)
        case Property.ORTHOGONAL:
            return np.asarray(np.linalg.qr(array)[0])
        case Property.UNIT:
            return np.asarray(array / np.sqrt(np.sum(array * array)))
        case Property.SUMS_TO_ONE:
            if np.all(array > 0):
                return np.asarray(array / np.sum(array, axis=axis, keepdims=True))
            mean = np.mean(array, axis=axis, keepdims=True)
            return np.asarray(array - mean + 1 / array.shape[axis])
