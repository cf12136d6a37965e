"""Symbols and formulas: what definitions and claims are written with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy as sp

from solutionset.calculus import matrix as _matrix
from solutionset.calculus import tensors as _tensors
from solutionset.calculus.expressions import Apply, Expr, single
from solutionset.calculus.matrix import Applied, Diag, Identity, Mat, One, Ones, Sym
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
    ARGUMENT,
    ONE,
    CalculusError,
    Dim,
    Elementwise,
    Gradient,
    Index,
    Jacobian,
    Tensor,
)
from solutionset.errors import here
from solutionset.verification.computation import Parameter


def dim(name: str, letters: str = "") -> Dim:
    """A named dimension; `letters` are the index letters to print for it, in order."""
    return Dim(name, letters)


def index(name: str, over: Dim) -> Index:
    """A free index over a dimension, for definitions written entry by entry."""
    return Index(name, over)


def tensor(name: str, *dims: Dim, symbol: str = "", label: str = "", meaning: str = "") -> Sym:
    """A given tensor with one axis a dimension; `name` is its argument in `forward`."""
    return Sym(Tensor(name, dims, symbol, label, meaning))


def scalar(name: str, *, symbol: str = "", label: str = "", meaning: str = "") -> Sym:
    """A given number that may be differentiated in."""
    return tensor(name, symbol=symbol, label=label, meaning=meaning)


def vector(name: str, rows: Dim, *, symbol: str = "", label: str = "", meaning: str = "") -> Sym:
    """A given column."""
    return tensor(name, rows, symbol=symbol, label=label, meaning=meaning)


def matrix(
    name: str, rows: Dim, cols: Dim, *, symbol: str = "", label: str = "", meaning: str = ""
) -> Sym:
    """A given matrix."""
    return tensor(name, rows, cols, symbol=symbol, label=label, meaning=meaning)


@dataclass(frozen=True)
class Function:
    """An elementwise function that can be applied to matrices and to entries."""

    function: Elementwise

    @property
    def prime(self) -> "Function":
        """Its derivative, by name."""
        return Function(self.function.prime)

    def __call__(self, argument: Mat | Expr) -> "Mat | Expr":
        """Apply it entry by entry."""
        if isinstance(argument, Mat):
            return Applied(self.function, argument)
        return single(Apply(self.function, argument))


def elementwise(
    name: str, *, symbol: str = "", label: str = "", body: sp.Expr | None = None
) -> Function:
    """An activation: abstract without a body, else a SymPy expression in `x` (see `argument`)."""
    return Function(Elementwise(name, symbol, label, 0, body))


argument = ARGUMENT
exp = Function(_tensors.EXP)
log = Function(_tensors.LOG)
tanh = Function(_tensors.TANH)


def parameter(
    name: str, low: float, high: float, *, symbol: str = "", hypothesis: str = ""
) -> Parameter:
    """A number in coefficients, such as a probability, drawn between two bounds by the checks.

    What holds between these only needs the `hypothesis` in words, such as "alpha is positive".
    Where Python keeps its symbol for itself, as `lambda`, another name is needed.
    """
    _check_range(name, low, high)
    printed = sp.Symbol(_tensors.validated_name(symbol or name))
    return Parameter(printed, low, high, _tensors.validated_name(name), hypothesis.strip())


def whole(name: str, low: int, high: int, *, hypothesis: str = "") -> Parameter:
    """A whole number in exponents and sums, such as a number of steps, drawn between two bounds.

    What holds up to the upper one only needs the `hypothesis` in words.
    """
    _check_range(name, low, high)
    symbol = sp.Symbol(_tensors.validated_name(name), integer=True)
    return Parameter(symbol, low, high, name, hypothesis.strip())


def _check_range(name: str, low: float, high: float) -> None:
    """Refuse a parameter of one value, on which a formula with that number in its place is true."""
    if not low < high:
        raise CalculusError(
            f"the parameter {name} has no range",
            got=f"from {low} to {high}",
            wanted="a lower bound below the upper one",
            advice="write the number itself if it is meant to be fixed",
        ).at(here())


def sum_range(
    letter: str, first: int | sp.Expr, last: int | sp.Expr, term: Callable[[sp.Symbol], Mat]
) -> Mat:
    """The sum of `term(j)` over the whole numbers j from first to last; `letter` prints for j."""
    counter = sp.Symbol(_tensors.validated_name(letter), integer=True)
    return Summed(counter, sp.sympify(first), sp.sympify(last), term(counter))


def diag(column: Mat) -> Mat:
    """The diagonal matrix with this column on its diagonal."""
    return Diag(column)


def ones(over: Dim) -> Mat:
    """The column of ones."""
    return Ones(over)


def zeros(rows: Dim, cols: Dim | None = None) -> Mat:
    """The column of zeros, or the matrix of them."""
    return 0 * (Ones(rows) if cols is None else Ones(rows) @ Ones(cols).T)


def identity(over: Dim) -> Mat:
    """The identity matrix."""
    return Identity(over)


def trace(square: Mat) -> Mat:
    """The trace."""
    return Trace(square)


def kron(left: Mat, right: Mat) -> Mat:
    """The Kronecker product: the matrix of the blocks left[i, j] * right."""
    return Kron(left, right)


def vec(body: Mat) -> Mat:
    """The columns of a matrix, one below the other."""
    return Vec(body)


def power(square: Mat, exponent: int | sp.Expr | Parameter) -> Mat:
    """A square matrix multiplied by itself, `exponent` factors in all."""
    times = exponent.symbol if isinstance(exponent, Parameter) else sp.sympify(exponent)
    return MatrixPower(square, times)


def inverse(square: Mat) -> Mat:
    """The inverse."""
    return Inverse(square)


def grad(of: Sym) -> Sym:
    """The gradient of the loss in a tensor, as a matrix that formulas may contain."""
    return Sym(Gradient(plain(of)))


def jac(of: Sym, wrt: Sym) -> Sym:
    """The Jacobian of one vector in another, as a matrix that formulas may contain."""
    return Sym(Jacobian(plain(of), plain(wrt)))


def plain(sym: Sym) -> Tensor:
    """The tensor itself; raises `CalculusError` for a gradient, a Jacobian or what is no name."""
    if not isinstance(sym, Sym):
        raise CalculusError(
            f"a {type(sym).__name__} in place of a tensor",
            wanted="what scalar, vector, matrix, tensor, define or define_entry returns",
        ).at(here())
    if not isinstance(sym.leaf, Tensor):
        raise CalculusError(f"{sym.leaf.name} is not a tensor of its own").at(here())
    return sym.leaf


def number(value: int | sp.Expr | Parameter) -> Mat:
    """An exact number or a parameter as a formula of its own."""
    exact_number = value.symbol if isinstance(value, Parameter) else sp.sympify(value)
    return _matrix.scaled(exact_number, One())


def literal(rows: Sequence[Sequence[int | sp.Expr]] | Sequence[int | sp.Expr]) -> Mat:
    """A matrix of exact numbers; a flat list is a column."""
    nested = [row if isinstance(row, list | tuple) else (row,) for row in rows]
    if any(isinstance(v, float) for row in nested for v in row):
        raise CalculusError("a rounded number in a matrix", wanted="exact numbers").at(here())
    return Literal(tuple(tuple(sp.sympify(v) for v in row) for row in nested))


def norm(body: Mat) -> Mat:
    """The Euclidean norm of a column, the Frobenius norm of a matrix."""
    return Head(Measure.NORM if body.shape[1] == ONE else Measure.FROBENIUS, body)


def spectral_norm(body: Mat) -> Mat:
    """The largest singular value."""
    return Head(Measure.SPECTRAL, body)


def spectral_radius(body: Mat) -> Mat:
    """The largest modulus of an eigenvalue."""
    return Head(Measure.RADIUS, body)


def modulus(body: Mat) -> Mat:
    """The absolute value of a number."""
    return Head(Measure.ABS, body)


def det(body: Mat) -> Mat:
    """The determinant."""
    return Head(Measure.DET, body)


def at(of: Sym, argument: Sym, value: Mat) -> Mat:
    """A defined tensor as a function of its argument, evaluated elsewhere: g(x + t u)."""
    return At(of, argument, value)
