"""From matrix expressions to index expressions: what each operator means, entry by entry."""

from itertools import count

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
from solutionset.calculus.nodes import Head, Inverse, Kron, MatrixPower, Measure, Trace, Vec
from solutionset.calculus.tensors import (
    CalculusError,
    Determinant,
    Dim,
    Index,
    Inverted,
    Powered,
    Tensor,
    plain_factors,
)

Axis = tuple[Index, ...]
"""One index for each plain dimension of which an axis is the product; none for the size one."""


def to_index(node: Mat, row: Index | None, col: Index | None) -> Expr:
    """The entry of `node` in the given row and column; None stands for a dimension of one.

    An index over a product of dimensions becomes one a factor: i over n m gives i0 and i1.
    """
    return _entry(node, _axis(row), _axis(col), count())


def _axis(index: Index | None) -> Axis:
    if index is None:
        return ()
    if not index.dim.factors:
        return (index,)
    return tuple(Index(f"{index.name}{k}", dim) for k, dim in enumerate(index.dim.factors))


def _fresh(dim: Dim, numbers: "count[int]") -> Axis:
    return tuple(Index(f"~{next(numbers)}", factor) for factor in plain_factors(dim))


def _entry(node: Mat, row: Axis, col: Axis, numbers: "count[int]") -> Expr:
    match node:
        case Sym():
            return entry(node.leaf, row + col)
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
            scalar = _entry(node.scalar, (), (), numbers)
            return scalar * _entry(node.body, row, col, numbers)
        case Applied():
            return single(Apply(node.function, _entry(node.body, row, col, numbers)))
        case Power():
            powered: Expr = _entry(node.body, row, col, numbers) ** node.exponent
            return powered
        case Diag():
            return _same(row, col) * _entry(node.body, row, (), numbers)
        case Trace():
            axis = _fresh(node.body.shape[0], numbers)
            return _sum(axis, _entry(node.body, axis, axis, numbers))
        case Kron():
            blocks = tuple(len(plain_factors(dim)) for dim in node.left.shape)
            outer = _entry(node.left, row[: blocks[0]], col[: blocks[1]], numbers)
            return outer * _entry(node.right, row[blocks[0] :], col[blocks[1] :], numbers)
        case Vec():
            blocks_of_vec = len(plain_factors(node.body.shape[1]))
            return _entry(node.body, row[blocks_of_vec:], row[:blocks_of_vec], numbers)
        case Inverse(body=Transposed(body=body)):
            return _entry(Inverse(body), col, row, numbers)
        case Inverse():
            return entry(Inverted(_named(node.body, "inverse")), row + col)
        case MatrixPower(body=Transposed(body=body)):
            return _entry(MatrixPower(body, node.exponent), col, row, numbers)
        case MatrixPower():
            return entry(Powered(_named(node.body, "power"), node.exponent), row + col)
        case Head(measure=Measure.DET, body=Transposed(body=body)):
            return entry(Determinant(_named(body, "determinant")), ())
        case Head(measure=Measure.DET):
            return entry(Determinant(_named(node.body, "determinant")), ())
        case Head(measure=Measure.NORM | Measure.FROBENIUS | Measure.ABS):
            raise CalculusError(
                f"the {node.measure} of an expression has no index form",
                advice="define its square, s = define('s', x.T @ x), and raise the name: "
                "s ** sympy.Rational(1, 2)",
            )
        case Head():
            raise CalculusError(f"the {node.measure} of an expression has no index form")
    raise CalculusError(f"{type(node).__name__} has no index form")


def _named(body: Mat, what: str) -> Tensor:
    """The tensor of which an inverse, a power or the like is taken; it needs a name of its own."""
    if isinstance(body, Sym) and isinstance(body.leaf, Tensor):
        return body.leaf
    raise CalculusError(
        f"the {what} of an expression has no name", advice="name the matrix with define(...)"
    )


def _same(row: Axis, col: Axis) -> Expr:
    result = as_expr(1)
    for one, other in zip(row, col, strict=False):
        result = result * delta(one, other)
    return result


def _product(factors: tuple[Mat, ...], row: Axis, col: Axis, numbers: "count[int]") -> Expr:
    left, right = factors[0], factors[1:]
    if not right:
        return _entry(left, row, col, numbers)
    inner = _fresh(left.shape[1], numbers)
    return _sum(inner, _entry(left, row, inner, numbers) * _product(right, inner, col, numbers))


def _sum(axis: Axis, body: Expr) -> Expr:
    """Sum over an axis; a term without an index counts as often as the index has values."""
    for index in axis:
        total = as_expr(0)
        for term in body.terms:
            part = Expr((term,))
            total = total + (sum_over(index, part) if index in term.free else part * index.dim.size)
        body = total
    return body
