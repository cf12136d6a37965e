"""From matrix expressions to index expressions: what each operator means, entry by entry."""

from itertools import count

import sympy as sp

from solutionset.calculus.expressions import (
    Apply,
    Expr,
    as_expr,
    delta,
    entry,
    single,
    sum_over,
)
from solutionset.calculus.matrix import (
    Add,
    Applied,
    Diag,
    Hadamard,
    Head,
    Identity,
    Inverse,
    Mat,
    Measure,
    One,
    Ones,
    Power,
    Product,
    ScalarTimes,
    Scaled,
    Sym,
    Trace,
    Transposed,
)
from solutionset.calculus.tensors import (
    ONE,
    CalculusError,
    Determinant,
    Dim,
    Index,
    Inverted,
    Tensor,
)


def to_index(node: Mat, row: Index | None, col: Index | None) -> Expr:
    """The entry of `node` in the given row and column; None stands for a dimension of one."""
    return _entry(node, row, col, count())


def _fresh(dim: Dim, numbers: "count[int]") -> Index | None:
    return None if dim == ONE else Index(f"~{next(numbers)}", dim)


def _entry(node: Mat, row: Index | None, col: Index | None, numbers: "count[int]") -> Expr:
    match node:
        case Sym():
            return entry(node.leaf, _present(row, col))
        case Ones() | One():
            return as_expr(1)
        case Identity():
            return _same(row, col)
        case Transposed():
            return _entry(node.body, col, row, numbers)
        case Product():
            return _product(node.factors, row, col, numbers)
        case Add():
            result = as_expr(0)
            for part in node.terms:
                result = result + _entry(part, row, col, numbers)
            return result
        case Hadamard():
            result = as_expr(1)
            for factor in node.factors:
                result = result * _entry(factor, row, col, numbers)
            return result
        case Scaled():
            return as_expr(node.coefficient) * _entry(node.body, row, col, numbers)
        case ScalarTimes():
            scalar = _entry(node.scalar, None, None, numbers)
            return scalar * _entry(node.body, row, col, numbers)
        case Applied():
            return single(Apply(node.function, _entry(node.body, row, col, numbers)))
        case Power():
            powered: Expr = _entry(node.body, row, col, numbers) ** node.exponent
            return powered
        case Diag():
            return _same(row, col) * _entry(node.body, row, None, numbers)
        case Trace():
            index = _fresh(node.body.shape[0], numbers)
            return _sum(index, _entry(node.body, index, index, numbers))
        case Inverse(body=Transposed(body=body)):
            return _entry(Inverse(body), col, row, numbers)
        case Inverse():
            return entry(Inverted(_named(node.body, "inverse")), _present(row, col))
        case Head(measure=Measure.DET, body=Transposed(body=body)):
            return entry(Determinant(_named(body, "determinant")), ())
        case Head(measure=Measure.DET):
            return entry(Determinant(_named(node.body, "determinant")), ())
    raise CalculusError(f"{type(node).__name__} has no index form")


def _present(row: Index | None, col: Index | None) -> tuple[Index, ...]:
    return tuple(i for i in (row, col) if i is not None)


def _named(body: Mat, what: str) -> Tensor:
    """The tensor of which an inverse or a determinant is taken; it needs a name of its own."""
    if isinstance(body, Sym) and isinstance(body.leaf, Tensor):
        return body.leaf
    raise CalculusError(
        f"the {what} of an expression has no name", advice="name the matrix with define(...)"
    )


def _same(row: Index | None, col: Index | None) -> Expr:
    return as_expr(1) if row is None or col is None else delta(row, col)


def _product(
    factors: tuple[Mat, ...], row: Index | None, col: Index | None, numbers: "count[int]"
) -> Expr:
    left, right = factors[0], factors[1:]
    if not right:
        return _entry(left, row, col, numbers)
    inner = _fresh(left.shape[1], numbers)
    return _sum(inner, _entry(left, row, inner, numbers) * _product(right, inner, col, numbers))


def _sum(index: Index | None, body: Expr) -> Expr:
    """Sum over an index; a term without it counts as often as the index has values."""
    if index is None:
        return body
    total = as_expr(0)
    for term in body.terms:
        part = Expr((term,))
        total = total + (sum_over(index, part) if index in term.free else part * _size(index))
    return total


def _size(index: Index) -> sp.Symbol:
    return index.dim.size
