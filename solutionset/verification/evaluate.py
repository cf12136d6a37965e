"""Numbers for expressions: the value of an index or matrix expression at a point."""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any, Protocol

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
    Mat,
    One,
    Ones,
    Power,
    Product,
    ScalarTimes,
    Scaled,
    Sym,
    Transposed,
)
from solutionset.calculus.nodes import (
    At,
    Head,
    Inverse,
    Kron,
    Literal,
    MatrixPower,
    Measure,
    Summed,
    Trace,
    Vec,
)
from solutionset.calculus.tensors import (
    Determinant,
    Dim,
    Elementwise,
    Index,
    Inverted,
    Leaf,
    Powered,
    Tensor,
    plain_factors,
)
from solutionset.calculus.trees import term_of, walk
from solutionset.errors import AuthorError
from solutionset.verification.contraction import contracted
from solutionset.verification.oracles import Array


class Values(Protocol):
    """What an evaluation needs to know of a point."""

    def leaf(self, leaf: Leaf) -> Array:
        """The value of a tensor, gradient or Jacobian, one axis a dimension."""

    def size(self, dim: Dim) -> int:
        """The size of a dimension."""

    def number(self, value: sp.Expr) -> Any:
        """The value of a coefficient in parameters and sizes: a float, or exact if the point is."""

    def function(self, function: Elementwise) -> Callable[[Array], Array]:
        """An elementwise function as code."""

    def moved(self, tensor: Leaf, value: Array) -> "Values":
        """The same point with a given tensor replaced, and all that follows from it."""


class ValuesSoFar:
    """The values known so far while the definitions are evaluated one after the other."""

    def __init__(self, point: Values, values: dict[Tensor, Array]) -> None:
        self.values = values
        self.size = point.size
        self.number = point.number
        self.function = point.function

    def leaf(self, leaf: Leaf) -> Array:
        """The value of a tensor; definitions contain nothing else."""
        if not isinstance(leaf, Tensor):
            raise TypeError(f"{leaf.name} inside a definition")
        return self.values[leaf]

    def moved(self, tensor: Leaf, value: Array) -> Values:
        """Evaluations are not nested."""
        raise TypeError(f"{tensor.name} is moved twice")


Known = Mapping[int, tuple[Array, tuple[Index, ...]]]
"""Arrays, with their axes, of the parts that many variants of one formula share, by identity."""

NOTHING_KNOWN: Known = {}


def index_value(
    expr: Expr, indices: tuple[Index, ...], values: Values, known: Known = NOTHING_KNOWN
) -> Array:
    """The array of an index expression, one axis for each of `indices`, in their order."""
    shape = tuple(values.size(index.dim) for index in indices)
    total: Array = np.zeros(shape, dtype=int)
    for term in expr.terms:
        found = known.get(id(term))
        added = term_value(term, indices, values, known) if found is None else found[0]
        # A sum of arrays of objects without axes is an object, which may not add arrays.
        total = np.asarray(total + added)
    return total


def known_nodes(form: Mat, values: Values) -> Known:
    """The arrays of all subexpressions of a matrix expression."""
    known: dict[int, tuple[Array, tuple[Index, ...]]] = {}
    for node in reversed(tuple(walk(form))):
        known[id(node)] = (matrix_value(node, values, known), ())
    return known


def term_value(
    term: Term, indices: tuple[Index, ...], values: Values, known: Known = NOTHING_KNOWN
) -> Array:
    """The array of one term, to be broadcast over the indices that it does not carry."""
    numbers: dict[Index, int] = {}
    arrays: list[Array] = []
    labels: list[tuple[int, ...]] = []
    for factor in term.factors:
        array, axes = known.get(id(factor)) or factor_value(factor, values)
        arrays.append(array)
        labels.append(tuple(numbers.setdefault(i, len(numbers)) for i in axes))
    coefficient = values.number(term.coefficient)
    if not arrays:
        return np.asarray(coefficient)
    array = contracted(arrays, labels, tuple(numbers[i] for i in indices if i in numbers))
    shape = tuple(values.size(i.dim) if i in numbers else 1 for i in indices)
    return np.asarray(coefficient * np.reshape(array, shape))


def factor_value(factor: tuple[Atom, sp.Expr], values: Values) -> tuple[Array, tuple[Index, ...]]:
    """The array of an atom to its power, and the index of each axis."""
    array, axes = _atom_value(factor[0], values)
    return _raised(array, factor[1], values), axes


def _atom_value(atom: Atom, values: Values) -> tuple[Array, tuple[Index, ...]]:
    match atom:
        case Entry():
            return _leaf_value(atom.leaf, values), atom.indices
        case Delta():
            return np.eye(values.size(atom.first.dim), dtype=int), (atom.first, atom.second)
        case Apply():
            axes = tuple(dict.fromkeys(atom_indices(atom)))
            argument = index_value(atom.argument, axes, values)
            return np.asarray(values.function(atom.function)(argument)) + 0 * argument, axes
        case Group():
            axes = tuple(dict.fromkeys(atom_indices(atom)))
            return index_value(atom.body, axes, values), axes


def _leaf_value(leaf: Leaf, values: Values) -> Array:
    match leaf:
        case Inverted():
            return np.linalg.inv(_rounded(values.leaf(leaf.of)))
        case Determinant():
            return np.asarray(np.linalg.det(_rounded(values.leaf(leaf.of))))
        case Powered():
            times = round(values.number(leaf.exponent))
            return np.linalg.matrix_power(values.leaf(leaf.of), times)
        case _:
            return values.leaf(leaf)


def _rounded(array: Array) -> Array:
    """The array, for code that rounds; raises `AuthorError` for exact numbers of an instance."""
    if array.dtype == object:
        raise AuthorError(
            "an inverse or a determinant cannot be worked out in an instance",
            code="instance",
            advice="give the instance a computation without one",
        )
    return array


def _raised(array: Array, exponent: sp.Expr, values: Values) -> Array:
    if exponent == 1:
        return array
    power = int(exponent) if exponent.is_Integer else values.number(exponent)
    # An array of exact numbers stays exact; integers need floats for negative powers.
    exact = array.dtype == object
    base = array if exact else np.asarray(array, dtype=np.result_type(array, float))
    return np.asarray(base**power)  # of an array of objects without axes it is an object


def matrix_value(node: Mat, values: Values, known: Known = NOTHING_KNOWN) -> Array:
    """The array of a matrix expression, always with two axes; a column has one column."""
    found = known.get(id(node))
    return _node_value(node, values, known) if found is None else found[0]


def _node_value(node: Mat, values: Values, known: Known) -> Array:
    match node:
        case Sym():
            rows, cols = (_size(dim, values) for dim in node.shape)
            return np.reshape(values.leaf(node.leaf), (rows, cols))
        case Literal():
            return np.array(node.rows, dtype=object)
        case Ones():
            return np.ones((_size(node.dim, values), 1), dtype=int)
        case One():
            return np.ones((1, 1), dtype=int)
        case Identity():
            return np.eye(_size(node.dim, values), dtype=int)
        case Transposed():
            return matrix_value(node.body, values, known).T
        case MatrixPower():
            times = round(values.number(node.exponent))
            return np.linalg.matrix_power(matrix_value(node.body, values, known), times)
        case Inverse():
            return np.linalg.inv(_rounded(matrix_value(node.body, values, known)))
        case Product():
            result = matrix_value(node.factors[0], values, known)
            for factor in node.factors[1:]:
                result = result @ matrix_value(factor, values, known)
            return result
        case Add():
            return sum(
                (matrix_value(t, values, known) for t in node.terms[1:]),
                matrix_value(node.terms[0], values, known),
            )
        case Summed():
            first, last = (round(values.number(end)) for end in (node.first, node.last))
            terms = (matrix_value(term_of(node, at), values) for at in range(first, last + 1))
            return sum(terms, np.zeros(tuple(_size(dim, values) for dim in node.shape), dtype=int))
        case Hadamard():
            result = matrix_value(node.factors[0], values, known)
            for factor in node.factors[1:]:
                result = result * matrix_value(factor, values, known)
            return result
        case Scaled():
            return np.asarray(
                values.number(node.coefficient) * matrix_value(node.body, values, known)
            )
        case ScalarTimes():
            return np.asarray(
                matrix_value(node.scalar, values, known) * matrix_value(node.body, values, known)
            )
        case Applied():
            inner = matrix_value(node.body, values, known)
            return np.asarray(values.function(node.function)(inner) + 0 * inner)
        case Power():
            return _raised(matrix_value(node.body, values, known), node.exponent, values)
        case Diag():
            return np.diag(matrix_value(node.body, values, known)[:, 0])
        case Kron():
            left, right = node.left, node.right
            return np.kron(matrix_value(left, values, known), matrix_value(right, values, known))
        case Vec():
            return np.reshape(matrix_value(node.body, values, known), (-1, 1), order="F")
        case Trace():
            return np.reshape(np.trace(matrix_value(node.body, values, known)), (1, 1))
        case Head():
            return np.reshape(
                _measured(node.measure, matrix_value(node.body, values, known)), (1, 1)
            )
        case At():
            moved = values.moved(node.argument.leaf, matrix_value(node.value, values, known))
            return matrix_value(node.of, moved)
    raise TypeError(f"{type(node).__name__} has no value")


def _measured(measure: Measure, array: Array) -> Array | float:
    match measure:
        case Measure.NORM | Measure.FROBENIUS:
            return np.asarray(np.sqrt(np.sum(array * array)))
        case Measure.SPECTRAL:
            return float(np.linalg.norm(array, 2))
        case Measure.ABS:
            return np.abs(array)
        case Measure.DET:
            return np.asarray(np.linalg.det(_rounded(array)))
        case Measure.RADIUS:
            return float(np.max(np.abs(np.linalg.eigvals(array))))
        case Measure.EXPECTATION | Measure.ORDER:
            raise TypeError(f"{measure.value} has a value only through the kind of its claim")


def _size(dim: Dim, values: Values) -> int:
    return prod(values.size(factor) for factor in plain_factors(dim))
