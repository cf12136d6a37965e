"""Numbers for expressions: the value of an index or matrix expression at a point."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import sympy as sp

from solutionset.calculus.expressions import (
    Apply,
    Atom,
    Delta,
    Entry,
    Expr,
    Group,
    Term,
    atom_indices,
)
from solutionset.calculus.matrix import (
    Add,
    Applied,
    Diag,
    Hadamard,
    Identity,
    Inverse,
    Literal,
    Mat,
    One,
    Ones,
    Power,
    Product,
    Scaled,
    ScalarTimes,
    Sym,
    Trace,
    Transposed,
)
from solutionset.calculus.tensors import ONE, Dim, Elementwise, Index, Leaf
from solutionset.verification.oracles import Array


class Values(Protocol):
    """What an evaluation needs to know of a point."""

    def leaf(self, leaf: Leaf) -> Array:
        """The value of a tensor, gradient or Jacobian, one axis a dimension."""

    def size(self, dim: Dim) -> int:
        """The size of a dimension."""

    def number(self, value: sp.Expr) -> float:
        """The value of a coefficient in parameters and sizes."""

    def function(self, function: Elementwise) -> Callable[[Array], Array]:
        """An elementwise function as code."""


def index_value(expr: Expr, indices: tuple[Index, ...], values: Values) -> Array:
    """The array of an index expression, one axis for each of `indices`, in their order."""
    shape = tuple(values.size(index.dim) for index in indices)
    total: Array = np.zeros(shape, dtype=int)
    for term in expr.terms:
        total = total + _term_value(term, indices, values)
    return total


def _term_value(term: Term, indices: tuple[Index, ...], values: Values) -> Array:
    numbers: dict[Index, int] = {}
    operands: list[object] = []
    for atom, exponent in term.factors:
        array, axes = _atom_value(atom, values)
        operands += [_raised(array, exponent, values), [numbers.setdefault(i, len(numbers)) for i in axes]]
    present = [i for i in indices if i in numbers]
    coefficient = values.number(term.coefficient)
    if not operands:
        return np.asarray(coefficient)
    output = [numbers[i] for i in present]
    # Three operands or fewer gain nothing from a planned order of contraction.
    array = np.einsum(*operands, output, optimize=len(operands) > 6)  # type: ignore[call-overload]
    shape = tuple(values.size(i.dim) if i in numbers else 1 for i in indices)
    return coefficient * np.reshape(array, shape)


def _atom_value(atom: Atom, values: Values) -> tuple[Array, tuple[Index, ...]]:
    match atom:
        case Entry():
            return values.leaf(atom.leaf), atom.indices
        case Delta():
            return np.eye(values.size(atom.first.dim), dtype=int), (atom.first, atom.second)
        case Apply():
            axes = tuple(dict.fromkeys(atom_indices(atom)))
            argument = index_value(atom.argument, axes, values)
            return np.asarray(values.function(atom.function)(argument)) + 0 * argument, axes
        case Group():
            axes = tuple(dict.fromkeys(atom_indices(atom)))
            return index_value(atom.body, axes, values), axes


def _raised(array: Array, exponent: sp.Expr, values: Values) -> Array:
    if exponent == 1:
        return array
    power = int(exponent) if exponent.is_Integer else values.number(exponent)
    # An array of exact numbers stays exact; integers need floats for negative powers.
    exact = array.dtype == object
    return (array if exact else np.asarray(array, dtype=np.result_type(array, float))) ** power


def matrix_value(node: Mat, values: Values) -> Array:
    """The array of a matrix expression, always with two axes; a column has one column."""
    match node:
        case Sym():
            rows, cols = (_size(dim, values) for dim in node.shape)
            return np.reshape(values.leaf(node.leaf), (rows, cols))
        case Literal():
            return np.array(node.rows, dtype=object)
        case Ones():
            return np.ones((values.size(node.dim), 1), dtype=int)
        case One():
            return np.ones((1, 1), dtype=int)
        case Identity():
            return np.eye(values.size(node.dim), dtype=int)
        case Transposed():
            return matrix_value(node.body, values).T
        case Inverse():
            return np.linalg.inv(matrix_value(node.body, values))
        case Product():
            result = matrix_value(node.factors[0], values)
            for factor in node.factors[1:]:
                result = result @ matrix_value(factor, values)
            return result
        case Add():
            return sum((matrix_value(t, values) for t in node.terms[1:]),
                       matrix_value(node.terms[0], values))
        case Hadamard():
            result = matrix_value(node.factors[0], values)
            for factor in node.factors[1:]:
                result = result * matrix_value(factor, values)
            return result
        case Scaled():
            return values.number(node.coefficient) * matrix_value(node.body, values)
        case ScalarTimes():
            return matrix_value(node.scalar, values) * matrix_value(node.body, values)
        case Applied():
            inner = matrix_value(node.body, values)
            return np.asarray(values.function(node.function)(inner)) + 0 * inner
        case Power():
            return _raised(matrix_value(node.body, values), node.exponent, values)
        case Diag():
            return np.diag(matrix_value(node.body, values)[:, 0])
        case Trace():
            return np.trace(matrix_value(node.body, values)).reshape(1, 1)
    raise TypeError(f"{type(node).__name__} has no value")


def _size(dim: Dim, values: Values) -> int:
    return 1 if dim == ONE else values.size(dim)
