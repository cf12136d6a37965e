"""Dimensions, indices, tensors and elementwise functions: what expressions are built from."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

import sympy as sp

from solutionset.errors import AuthorError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LABEL = re.compile(r"[A-Za-z0-9+\-,*]*")

ARGUMENT = sp.Symbol("x", real=True)
"""The variable in which the body of a concrete elementwise function is written."""


class CalculusError(AuthorError):
    """An expression that cannot be built or derived; the message names the index or tensor."""

    def __init__(self, message: str, *, got: str = "", wanted: str = "", advice: str = "") -> None:
        super().__init__(message, code="calculus", got=got, wanted=wanted, advice=advice)


def validated_name(name: str) -> str:
    """Return the name if it is safe to print and to use as a Python argument, or raise."""
    if not _NAME.fullmatch(name):
        raise CalculusError(
            f"{name!r} is not a name", wanted="a letter, then letters, digits or underscores"
        )
    return name


@dataclass(frozen=True, slots=True)
class Dim:
    """A named dimension; two dimensions are equal only if their names are.

    `letters` are the index letters a reader expects for it, tried in order when it is printed.
    `factors` are those of a product, such as the rows of vec(X); see `stacked`.
    """

    name: str
    letters: str = ""
    factors: "tuple[Dim, ...]" = ()

    def __hash__(self) -> int:
        """Hash by name: expressions are hashed all the time, and names hardly ever repeat."""
        return hash(self.name)

    def __post_init__(self) -> None:
        """Refuse names that could not be printed."""
        if self.name != "1" and not self.factors:
            validated_name(self.name)

    @property
    def size(self) -> sp.Expr:
        """The dimension as a number in a coefficient, as in a mean over S samples."""
        if self.factors:
            return sp.Mul(*(factor.size for factor in self.factors))
        return sp.Symbol(self.name, integer=True, positive=True)


ONE = Dim("1")
"""The second dimension of a column vector, and both of a scalar."""


def plain_factors(dim: Dim) -> tuple[Dim, ...]:
    """The dimensions of which one is the product, the slowest first; none for the size one."""
    return dim.factors or (() if dim == ONE else (dim,))


def stacked(outer: Dim, inner: Dim) -> Dim:
    """The dimension of `outer` blocks of `inner` entries each.

    The order counts: m blocks of n entries are not n blocks of m, although both have n m entries.
    """
    factors = plain_factors(outer) + plain_factors(inner)
    if len(factors) < 2:
        return factors[0] if factors else ONE
    return Dim(" ".join(factor.name for factor in factors), factors=factors)


@dataclass(frozen=True, slots=True)
class Index:
    """A typed index. Bound indices carry digits as names, so that no letter can be captured."""

    name: str
    dim: Dim

    def __hash__(self) -> int:
        """Hash by name: expressions are hashed all the time, and names hardly ever repeat."""
        return hash(self.name)

    @property
    def bound(self) -> bool:
        """Whether the index is summed over inside its term."""
        return self.name.isdigit()


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named array with typed dimensions: a variable, a constant or a defined quantity.

    `name` is the argument name in `forward`; `symbol` and `label` say how it prints
    (`F` and `k-1` for the bold F with subscript k-1).
    """

    name: str
    dims: tuple[Dim, ...]
    symbol: str = ""
    label: str = ""
    meaning: str = ""

    def __hash__(self) -> int:
        """Hash by name: expressions are hashed all the time, and names hardly ever repeat."""
        return hash(self.name)

    def __post_init__(self) -> None:
        """Refuse names and labels that could not be printed safely."""
        validated_name(self.name)
        if self.symbol:
            validated_name(self.symbol)
        stranger = next((dim for dim in self.dims if not isinstance(dim, Dim)), None)
        if stranger is not None:
            raise CalculusError(
                f"{stranger!r} is no dimension of {self.name}", wanted="what dim(...) returns"
            )
        product = next((dim for dim in self.dims if dim.factors), None)
        if product is not None:
            raise CalculusError(
                f"an axis of {self.name} would be the product {product.name}",
                advice="name the matrix itself, and write vec or the Kronecker product of it",
            )
        if not _LABEL.fullmatch(self.label):
            raise CalculusError(
                f"label {self.label!r} of {self.name} cannot be printed",
                wanted="letters, digits, + - , *",
            )

    @property
    def printed_symbol(self) -> str:
        """The symbol to print; the name unless the author chose another."""
        return self.symbol or self.name

    @property
    def rank(self) -> int:
        """Number of axes."""
        return len(self.dims)


@dataclass(frozen=True, slots=True)
class Gradient:
    """The gradient of the loss in `of`; it has the shape of `of`."""

    of: Tensor

    @property
    def dims(self) -> tuple[Dim, ...]:
        """The dimensions of what it is taken in."""
        return self.of.dims

    @property
    def name(self) -> str:
        """A name for error messages and sorting."""
        return f"d_{self.of.name}"


@dataclass(frozen=True, slots=True)
class Jacobian:
    """All partial derivatives of `of` in `wrt`: axes of `of` first (rows are outputs)."""

    of: Tensor
    wrt: Tensor

    @property
    def dims(self) -> tuple[Dim, ...]:
        """Axes of `of`, then axes of `wrt`."""
        return self.of.dims + self.wrt.dims

    @property
    def name(self) -> str:
        """A name for error messages and sorting."""
        return f"d_{self.of.name}_d_{self.wrt.name}"

    @property
    def is_row(self) -> bool:
        """Whether it is that of a number in a column."""
        return not self.of.dims and len(self.wrt.dims) == 1


@dataclass(frozen=True, slots=True)
class Inverted:
    """The inverse of a square matrix `of` (hypothesis: it is invertible)."""

    of: Tensor

    def __post_init__(self) -> None:
        """Refuse what is not a square matrix."""
        _require_square("the inverse", self.of)

    @property
    def dims(self) -> tuple[Dim, ...]:
        """Those of the matrix."""
        return self.of.dims

    @property
    def name(self) -> str:
        """A name for error messages and sorting."""
        return f"inverse_{self.of.name}"


@dataclass(frozen=True, slots=True)
class Determinant:
    """The determinant of a square matrix `of`, a number."""

    of: Tensor

    def __post_init__(self) -> None:
        """Refuse what is not a square matrix."""
        _require_square("the determinant", self.of)

    @property
    def dims(self) -> tuple[Dim, ...]:
        """None: it is a number."""
        return ()

    @property
    def name(self) -> str:
        """A name for error messages and sorting."""
        return f"det_{self.of.name}"


@dataclass(frozen=True, slots=True)
class Powered:
    """A square matrix `of` multiplied by itself, as often as a whole number or parameter says."""

    of: Tensor
    exponent: sp.Expr

    def __post_init__(self) -> None:
        """Refuse what is not a square matrix."""
        _require_square("a power", self.of)

    @property
    def dims(self) -> tuple[Dim, ...]:
        """Those of the matrix."""
        return self.of.dims

    @property
    def name(self) -> str:
        """A name for error messages and sorting."""
        return f"{self.of.name}_to_{self.exponent}"


def _require_square(what: str, tensor: Tensor) -> None:
    if len(tensor.dims) != 2 or tensor.dims[0] != tensor.dims[1]:
        raise CalculusError(
            f"{what} of {tensor.name}",
            got=" x ".join(dim.name for dim in tensor.dims) or "a number",
            wanted="a square matrix",
        )


Leaf = Tensor | Gradient | Jacobian | Inverted | Determinant | Powered


@dataclass(frozen=True, slots=True)
class Elementwise:
    """A function of one number, applied entry by entry; `order` counts its derivatives.

    Without a `body` it is abstract: all that is used of it is that it is differentiable. The body
    of a concrete one is a SymPy expression in `ARGUMENT`.
    """

    name: str
    symbol: str = ""
    label: str = ""
    order: int = 0
    body: sp.Expr | None = None

    def __post_init__(self) -> None:
        """Refuse names that could not be printed, and bodies in other variables."""
        validated_name(self.name)
        if self.body is not None and not isinstance(self.body, sp.Expr):
            raise CalculusError(
                f"the body of {self.name} is a {type(self.body).__name__}",
                wanted="a SymPy expression in `argument`",
            )
        if self.body is not None and self.body.free_symbols - {ARGUMENT}:
            strangers = ", ".join(sorted(map(str, self.body.free_symbols - {ARGUMENT})))
            raise CalculusError(
                f"the body of {self.name} contains {strangers}",
                wanted="a SymPy expression in `argument` alone",
                advice="a parameter stays outside, as in delta**2 * h(r / delta)",
            )

    @property
    def prime(self) -> "Elementwise":
        """Its derivative, by name; the exponential is its own."""
        if self.name == "exp":
            return self
        return replace(self, order=self.order + 1)

    @property
    def printed_symbol(self) -> str:
        """The symbol to print; the name unless the author chose another."""
        return self.symbol or self.name

    @property
    def parity(self) -> int:
        """1 for an even function, -1 for an odd one, 0 for neither and for an abstract one."""
        return 0 if self.body is None else _parity(self.body, self.order)

    @property
    def binary(self) -> bool:
        """Whether all its values are zero or one, as those of the slope of a rectifier."""
        return self.body is not None and _is_binary(sp.diff(self.body, ARGUMENT, self.order))

    @property
    def expression(self) -> sp.Expr | None:
        """The body differentiated `order` times, or None for an abstract function."""
        return None if self.body is None else sp.diff(self.body, ARGUMENT, self.order)


@lru_cache(maxsize=256)
def _parity(body: sp.Expr, order: int) -> int:
    value = sp.diff(body, ARGUMENT, order)
    mirrored = value.subs(ARGUMENT, -ARGUMENT)
    return next((sign for sign in (1, -1) if sp.simplify(mirrored - sign * value) == 0), 0)


@lru_cache(maxsize=256)
def _is_binary(value: sp.Expr) -> bool:
    """Decided by the form: steps, their products, and what is pieced together from such values."""
    match value:
        case sp.Heaviside():
            return True
        case sp.Mul():
            return all(map(_is_binary, value.args))
        case sp.Piecewise():
            return all(_is_binary(piece) for piece, _ in value.args)
    return value in (0, 1)


EXP = Elementwise("exp", body=sp.exp(ARGUMENT))
LOG = Elementwise("log", body=sp.log(ARGUMENT))
TANH = Elementwise("tanh", body=sp.tanh(ARGUMENT))
