"""The nodes of matrix formulas that no operator makes: measures, inverses, blocks and sums."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import sympy as sp

from solutionset.calculus.matrix import Mat, Shape, ShapeError, Sym, refuse_other_shapes, shape_text
from solutionset.calculus.tensors import ONE, Dim, stacked


@dataclass(frozen=True)
class Literal(Mat):
    """A matrix of exact numbers, as it stands in a worked instance."""

    rows: tuple[tuple[sp.Expr, ...], ...]

    @cached_property
    def shape(self) -> Shape:
        """Dimensions named after their sizes, so that only equal sizes fit."""
        return (sized(len(self.rows)), sized(len(self.rows[0])))


def sized(size: int) -> Dim:
    """The anonymous dimension of a given size; the size one is that of a column."""
    return ONE if size == 1 else Dim(f"{_SIZED}{size}")


_SIZED = "size"


def is_sized(dim: Dim) -> bool:
    """Whether it is the dimension of a matrix of numbers, which has no name to print."""
    return dim.name.removeprefix(_SIZED).isdigit() and dim != ONE


@dataclass(frozen=True)
class Summed(Mat):
    """The sum of `body` over a whole number `letter` from `first` to `last`, both included."""

    letter: sp.Symbol
    first: sp.Expr
    last: sp.Expr
    body: Mat

    @cached_property
    def shape(self) -> Shape:
        """That of each term."""
        return self.body.shape


@dataclass(frozen=True)
class Kron(Mat):
    """The Kronecker product: the matrix of the blocks left[i, j] * right."""

    left: Mat
    right: Mat

    @cached_property
    def shape(self) -> Shape:
        """Blocks of `right`, as many as `left` has entries."""
        (rows, cols), (inner_rows, inner_cols) = self.left.shape, self.right.shape
        return (_stacked(rows, inner_rows), _stacked(cols, inner_cols))


@dataclass(frozen=True)
class Vec(Mat):
    """The columns of `body`, one below the other."""

    body: Mat

    @cached_property
    def shape(self) -> Shape:
        """A column: as many blocks as the body has columns, of as many entries as it has rows."""
        rows, cols = self.body.shape
        return (_stacked(cols, rows), ONE)


@dataclass(frozen=True)
class Trace(Mat):
    """The trace of a square matrix."""

    body: Mat

    def __post_init__(self) -> None:
        """Refuse a matrix that is not square."""
        rows, cols = self.body.shape
        if rows != cols:
            raise ShapeError("trace", got=shape_text(self.body.shape), wanted="a square matrix")

    @cached_property
    def shape(self) -> Shape:
        """A scalar."""
        return (ONE, ONE)


class Measure(StrEnum):
    """Numbers taken of a matrix, named as the printer and the reader know them."""

    NORM = "norm"
    FROBENIUS = "frobenius"
    SPECTRAL = "spectral"
    ABS = "abs"
    DET = "det"
    RADIUS = "radius"
    EXPECTATION = "expectation"
    ORDER = "order"


_SQUARE = (Measure.DET, Measure.RADIUS)
_SCALAR = (Measure.ABS, Measure.ORDER)


@dataclass(frozen=True)
class Head(Mat):
    """A number taken of `body`: a norm, a determinant, a spectral radius, an expectation, an order.

    What an expectation or an order means is settled by the kind of the claim it stands in.
    """

    measure: Measure
    body: Mat

    def __post_init__(self) -> None:
        """Refuse a body of the wrong kind."""
        rows, cols = self.body.shape
        wanted = ""
        if self.measure in _SQUARE and rows != cols:
            wanted = "a square matrix"
        if self.measure in _SCALAR and not self.body.is_scalar:
            wanted = "a number"
        if self.measure is Measure.NORM and cols != ONE:
            wanted = "a column; a matrix has a Frobenius and a spectral norm"
        if wanted:
            raise ShapeError(self.measure.value, got=shape_text(self.body.shape), wanted=wanted)

    @cached_property
    def shape(self) -> Shape:
        """A scalar, but the expectation of a matrix is one of its shape."""
        return self.body.shape if self.measure is Measure.EXPECTATION else (ONE, ONE)


@dataclass(frozen=True)
class At(Mat):
    """A defined tensor as a function of its argument, evaluated elsewhere: g(x + t u)."""

    of: Sym
    argument: Sym
    value: Mat

    def __post_init__(self) -> None:
        """Refuse a value that does not fit the argument."""
        refuse_other_shapes("argument and value", (self.argument, self.value))

    @cached_property
    def shape(self) -> Shape:
        """That of the tensor."""
        return self.of.shape


@dataclass(frozen=True)
class MatrixPower(Mat):
    """A square matrix multiplied by itself, as often as a whole number or parameter says."""

    body: Mat
    exponent: sp.Expr

    def __post_init__(self) -> None:
        """Refuse a matrix that is not square."""
        rows, cols = self.body.shape
        if rows != cols:
            raise ShapeError("power", got=shape_text(self.body.shape), wanted="a square matrix")

    @cached_property
    def shape(self) -> Shape:
        """Square."""
        return self.body.shape


@dataclass(frozen=True)
class Inverse(Mat):
    """The inverse of a square matrix (hypothesis: it is invertible)."""

    body: Mat

    def __post_init__(self) -> None:
        """Refuse a matrix that is not square."""
        rows, cols = self.body.shape
        if rows != cols:
            raise ShapeError("inverse", got=shape_text(self.body.shape), wanted="a square matrix")

    @cached_property
    def shape(self) -> Shape:
        """Square."""
        return self.body.shape


def _stacked(outer: Dim, inner: Dim) -> Dim:
    """The product of two dimensions; those of literal matrices are multiplied out."""
    sizes = [int(dim.name.removeprefix(_SIZED)) for dim in (outer, inner) if is_sized(dim)]
    if len(sizes) == 2:
        return sized(sizes[0] * sizes[1])
    return stacked(outer, inner)
