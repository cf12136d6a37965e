"""Matrix expressions with strict symbolic shapes.

Every node knows its shape `(rows, cols)`; a column vector has `cols == ONE`, a scalar has both. A
node that does not fit raises `ShapeError` when it is built, so an ill-typed formula cannot exist,
whatever NumPy would broadcast.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn, Union

import sympy as sp

from solutionset.calculus.definitions import Definition
from solutionset.calculus.expressions import Expr, entry
from solutionset.calculus.strangers import exact_number, foreign
from solutionset.calculus.tensors import (
    ONE,
    CalculusError,
    Dim,
    Elementwise,
    Index,
    Jacobian,
    Leaf,
)

Shape = tuple[Dim, Dim]
MatOperand = Union["Mat", int, sp.Expr]


class ShapeError(CalculusError):
    """Two shapes that do not fit each other."""


def shape_text(shape: Shape) -> str:
    """A shape as messages name it."""
    return f"{shape[0].name} x {shape[1].name}"


@dataclass(frozen=True)
class Mat:
    """The root of the tree; carries the operators that authors write."""

    @property
    def shape(self) -> Shape:
        """Rows and columns, which each kind of node knows of itself."""
        raise TypeError(f"a {type(self).__name__} has no shape of its own")

    @property
    def is_scalar(self) -> bool:
        """Whether both dimensions are one."""
        return self.shape == (ONE, ONE)

    @property
    def is_vector(self) -> bool:
        """Whether it is a column."""
        return self.shape[1] == ONE and not self.is_scalar

    @property
    def T(self) -> "Mat":
        """The transpose."""
        return transposed(self)

    def __matmul__(self, other: MatOperand) -> "Mat":
        """The matrix product."""
        return product(self, formula(other))

    def __add__(self, other: MatOperand) -> "Mat":
        """The sum of two expressions of one shape."""
        return add(self, formula(other))

    def __radd__(self, other: MatOperand) -> "Mat":
        """Add to a number; Python's sum(...) begins with zero."""
        return self if other == 0 else add(formula(other), self)

    def __sub__(self, other: MatOperand) -> "Mat":
        """The difference of two expressions of one shape."""
        return add(self, scaled(-1, formula(other)))

    def __rsub__(self, other: MatOperand) -> "Mat":
        """Subtract from a number."""
        return add(formula(other), scaled(-1, self))

    def __neg__(self) -> "Mat":
        """The same with every sign changed."""
        return scaled(-1, self)

    def __mul__(self, other: MatOperand) -> "Mat":
        """A number times this, a scalar times this, or the entrywise product of equal shapes."""
        if not isinstance(other, Mat):
            return scaled(exact_number(other), self)
        if self.is_scalar and not other.is_scalar:
            return scalar_times(self, other)
        if other.is_scalar and not self.is_scalar:
            return scalar_times(other, self)
        if self.shape != other.shape and self.shape[1] == other.shape[0]:
            raise ShapeError(
                "entrywise product of different shapes",
                got=f"{shape_text(self.shape)} and {shape_text(other.shape)}",
                advice="the matrix product is written @",
            )
        return hadamard(self, other)

    def __rmul__(self, other: MatOperand) -> "Mat":
        """A number times this."""
        return scaled(exact_number(other), self)

    def __truediv__(self, other: MatOperand) -> "Mat":
        """Divide by a number or by a scalar expression."""
        if not isinstance(other, Mat):
            return scaled(1 / exact_number(other), self)
        if not other.is_scalar:
            raise ShapeError("division by a matrix", got=shape_text(other.shape), wanted="a scalar")
        return scalar_times(Power(other, sp.Integer(-1)), self)

    def __rtruediv__(self, other: MatOperand) -> "Mat":
        """Divide a number by a scalar expression."""
        return formula(other) / self

    def __pow__(self, exponent: int | sp.Expr) -> "Mat":
        """The entrywise power (of a scalar: its power)."""
        return Power(self, exact_number(exponent))

    # Without this, what has entries could be iterated over.
    __iter__ = None

    def __getitem__(self, at: Any) -> Any:
        """Refuse an entry of what has no name."""
        raise CalculusError(
            "an entry of a formula", advice="name the formula with define(...); names have entries"
        )

    def __abs__(self) -> NoReturn:
        """Refuse Python's function."""
        raise foreign("abs")

    def __array_ufunc__(self, function: object, *arguments: object, **options: object) -> Any:
        """Refuse functions of NumPy."""
        raise foreign(f"numpy.{getattr(function, '__name__', function)}")


def formula(value: object) -> Mat:
    """A formula, or an exact number as one; raises `CalculusError` for anything else."""
    return value if isinstance(value, Mat) else scaled(exact_number(value), One())


@dataclass(frozen=True)
class Sym(Mat):
    """A tensor, gradient or Jacobian of at most two axes, as a matrix.

    A tensor that an author defined carries its definition, and its matrix body if it has one.
    """

    leaf: Leaf
    definition: Definition | None = field(default=None, compare=False, repr=False)
    body: Mat | None = field(default=None, compare=False, repr=False)

    @cached_property
    def shape(self) -> Shape:
        """A vector is a column; raises `ShapeError` for a tensor with more than two axes."""
        dims = self.leaf.dims
        if isinstance(self.leaf, Jacobian):
            of, wrt = self.leaf.of.dims, self.leaf.wrt.dims
            if len(of) > 1 or len(wrt) > 1:
                raise ShapeError(f"{self.leaf.name} has more than one row axis and no matrix form")
            return ((*of, ONE)[0], (*wrt, ONE)[0])
        if len(dims) > 2:
            raise ShapeError(
                f"{self.leaf.name} has {len(dims)} axes and no matrix form",
                advice="write it with indices",
            )
        return (dims[0] if dims else ONE, dims[1] if len(dims) == 2 else ONE)

    def __getitem__(self, indices: Index | tuple[Index, ...]) -> Expr:
        """An entry, for definitions written with indices."""
        return entry(self.leaf, (indices,) if isinstance(indices, Index) else indices)


@dataclass(frozen=True)
class Ones(Mat):
    """The column of ones."""

    dim: Dim

    @cached_property
    def shape(self) -> Shape:
        """A column."""
        return (self.dim, ONE)


@dataclass(frozen=True)
class Identity(Mat):
    """The identity matrix."""

    dim: Dim

    @cached_property
    def shape(self) -> Shape:
        """Square."""
        return (self.dim, self.dim)


@dataclass(frozen=True)
class Transposed(Mat):
    """The transpose of `body`."""

    body: Mat

    @cached_property
    def shape(self) -> Shape:
        """Exchanged."""
        rows, cols = self.body.shape
        return (cols, rows)


@dataclass(frozen=True)
class Product(Mat):
    """A product of two or more matrices."""

    factors: tuple[Mat, ...]

    def __post_init__(self) -> None:
        """Refuse factors whose inner dimensions differ."""
        for left, right in zip(self.factors, self.factors[1:], strict=False):
            if left.shape[1] != right.shape[0]:
                raise ShapeError(
                    "matrix product with inner dimensions that differ",
                    got=f"({shape_text(left.shape)}) ({shape_text(right.shape)})",
                )

    @cached_property
    def shape(self) -> Shape:
        """Outer dimensions."""
        return (self.factors[0].shape[0], self.factors[-1].shape[1])


@dataclass(frozen=True)
class Add(Mat):
    """A sum of expressions of one shape."""

    terms: tuple[Mat, ...]

    def __post_init__(self) -> None:
        """Refuse shapes that differ."""
        refuse_other_shapes("sum", self.terms)

    @cached_property
    def shape(self) -> Shape:
        """That of each term."""
        return self.terms[0].shape


@dataclass(frozen=True)
class Hadamard(Mat):
    """An entrywise product of expressions of one shape."""

    factors: tuple[Mat, ...]

    def __post_init__(self) -> None:
        """Refuse shapes that differ."""
        refuse_other_shapes("entrywise product", self.factors)

    @cached_property
    def shape(self) -> Shape:
        """That of each factor."""
        return self.factors[0].shape


@dataclass(frozen=True)
class Scaled(Mat):
    """A number, or an expression in parameters, times `body`."""

    coefficient: sp.Expr
    body: Mat

    @cached_property
    def shape(self) -> Shape:
        """That of the body."""
        return self.body.shape


@dataclass(frozen=True)
class ScalarTimes(Mat):
    """A scalar expression times a matrix."""

    scalar: Mat
    body: Mat

    def __post_init__(self) -> None:
        """Refuse a scalar that is none."""
        if not self.scalar.is_scalar:
            raise ShapeError("scalar multiple", got=shape_text(self.scalar.shape), wanted="1 x 1")

    @cached_property
    def shape(self) -> Shape:
        """That of the body."""
        return self.body.shape


@dataclass(frozen=True)
class One(Mat):
    """The scalar one."""

    @cached_property
    def shape(self) -> Shape:
        """A scalar."""
        return (ONE, ONE)


@dataclass(frozen=True)
class Applied(Mat):
    """An elementwise function of `body`."""

    function: Elementwise
    body: Mat

    @cached_property
    def shape(self) -> Shape:
        """That of the body."""
        return self.body.shape


@dataclass(frozen=True)
class Power(Mat):
    """An entrywise power."""

    body: Mat
    exponent: sp.Expr

    @cached_property
    def shape(self) -> Shape:
        """That of the body."""
        return self.body.shape


@dataclass(frozen=True)
class Diag(Mat):
    """The diagonal matrix with the column `body` on its diagonal."""

    body: Mat

    def __post_init__(self) -> None:
        """Refuse anything but a column."""
        if not self.body.is_vector:
            raise ShapeError("diag of a matrix", got=shape_text(self.body.shape), wanted="a column")

    @cached_property
    def shape(self) -> Shape:
        """Square."""
        return (self.body.shape[0], self.body.shape[0])


def refuse_other_shapes(what: str, parts: tuple[Mat, ...]) -> None:
    """Raise `ShapeError` unless all have the shape of the first."""
    for part in parts[1:]:
        if part.shape != parts[0].shape:
            number = part.is_scalar or parts[0].is_scalar
            raise ShapeError(
                f"{what} of different shapes",
                got=f"{shape_text(parts[0].shape)} and {shape_text(part.shape)}",
                advice="write ones(n) for a column of ones" if number else "",
            )


# --------------------------------------------------------- constructors that keep trees flat


def transposed(body: Mat) -> Mat:
    """Transpose; twice gives the original, and a symmetric node stays as it is."""
    match body:
        case Transposed():
            return body.body
        case Identity() | Diag():
            return body
        case _ if body.is_scalar:
            return body
        case Scaled():
            return scaled(body.coefficient, transposed(body.body))
        case Product():
            return Product(tuple(transposed(factor) for factor in reversed(body.factors)))
        case Hadamard() if _holds_a_transpose(body.factors):
            return Hadamard(tuple(map(transposed, body.factors)))
        case Add() if _holds_a_transpose(body.terms):
            return Add(tuple(map(transposed, body.terms)))
        case _:
            return Transposed(body)


def _holds_a_transpose(parts: tuple[Mat, ...]) -> bool:
    return any(isinstance(part, Transposed) for part in parts)


def product(*factors: Mat) -> Mat:
    """Multiply; nested products, numbers and scalars are pulled out."""
    flat: list[Mat] = []
    coefficient = sp.Integer(1)
    scalars: list[Mat] = []
    for factor in factors:
        while isinstance(factor, Scaled | ScalarTimes):
            if isinstance(factor, Scaled):
                coefficient = coefficient * factor.coefficient
            else:
                scalars.append(factor.scalar)
            factor = factor.body
        flat += factor.factors if isinstance(factor, Product) else (factor,)
    result = Product(tuple(flat)) if len(flat) > 1 else flat[0]
    for scalar in scalars:
        result = scalar_times(scalar, result)
    return scaled(coefficient, result)


def add(*terms: Mat) -> Mat:
    """Add; nested sums are flattened."""
    flat = [part for t in terms for part in (t.terms if isinstance(t, Add) else (t,))]
    return Add(tuple(flat)) if len(flat) > 1 else flat[0]


def hadamard(*factors: Mat) -> Mat:
    """Multiply entrywise; nested entrywise products and numbers are pulled out."""
    flat: list[Mat] = []
    coefficient = sp.Integer(1)
    for factor in factors:
        if isinstance(factor, Scaled):
            coefficient, factor = coefficient * factor.coefficient, factor.body
        flat += factor.factors if isinstance(factor, Hadamard) else (factor,)
    return scaled(coefficient, Hadamard(tuple(flat)) if len(flat) > 1 else flat[0])


def scaled(coefficient: int | sp.Expr, body: Mat) -> Mat:
    """Multiply by a number; one disappears, minus a sum changes its signs."""
    number = sp.sympify(coefficient)
    if isinstance(body, Scaled):
        number, body = number * body.coefficient, body.body
    if number == 1:
        return body
    if isinstance(body, Add) and number == -1:
        return Add(tuple(scaled(-1, term) for term in body.terms))
    return Scaled(number, body)


def scalar_times(scalar: Mat, body: Mat) -> Mat:
    """Multiply by a scalar expression; numbers move to the front."""
    number = sp.Integer(1)
    if isinstance(scalar, Scaled):
        number, scalar = scalar.coefficient, scalar.body
    if isinstance(body, Scaled):
        number, body = number * body.coefficient, body.body
    if isinstance(scalar, One):
        return scaled(number, body)
    if isinstance(body, One):
        return scaled(number, scalar)
    if body.is_scalar:
        return hadamard(scaled(number, scalar), body)
    return scaled(number, ScalarTimes(scalar, body))
