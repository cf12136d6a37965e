"""The only import of a problem module: everything an author states a problem with.

A module defines tensors and a `forward`, and a function `solve` that returns a `Solution`; at the end
stands `problem = Problem(...)`. See docs/authoring.md.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sympy as sp

from solutionset.calculus import derivation as _derivation
from solutionset.calculus import matrix as _matrix
from solutionset.calculus import rules as _rules
from solutionset.calculus import tensors as _tensors
from solutionset.calculus.definitions import Definition, Definitions
from solutionset.calculus.derivation import free_indices
from solutionset.calculus.expressions import Apply, Expr, delta, single, sum_over
from solutionset.calculus.indexing import to_index
from solutionset.calculus.matrix import (
    Applied,
    Diag,
    Identity,
    Inverse,
    Mat,
    Ones,
    ShapeError,
    Sym,
    Trace,
    substitute,
)
from solutionset.calculus.recognise import Style, gradient_form
from solutionset.calculus.rules import Rule
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
from solutionset.errors import AuthorError, Place
from solutionset.model import AuditRow, Erratum
from solutionset.verification.claims import Chain, Claim, Derived, Head, Line
from solutionset.verification.computation import Computation as _Computation
from solutionset.verification.computation import Forward, Parameter, Sampler
from solutionset.verification.instances import Instance
from solutionset.verification.randomness import generator

__all__ = [
    "AuditRow", "Chain", "Computation", "Erratum", "Figure", "Instance", "Pitfall", "Problem",
    "Solution", "chain", "define", "define_entry", "delta", "diag", "dim", "elementwise", "erratum",
    "exp", "generator", "grad", "gradient", "identity", "index", "inverse", "jac", "jacobian", "log",
    "matrix", "ones", "parameter", "rewrite", "scalar", "sums_to_one", "sum_over", "tanh", "tensor",
    "trace", "vector",
]


def _here() -> Place:
    """The line of the author's module that is being executed."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("solutionset"):
        frame = frame.f_back
    return Place(Path(frame.f_code.co_filename), frame.f_lineno)


# ------------------------------------------------------------------------------- symbols


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


def parameter(name: str, low: float, high: float) -> Parameter:
    """A number in coefficients, such as a probability, drawn between two bounds by the checks."""
    return Parameter(sp.Symbol(_tensors.validated_name(name)), low, high)


def diag(column: Mat) -> Mat:
    """The diagonal matrix with this column on its diagonal."""
    return Diag(column)


def ones(over: Dim) -> Mat:
    """The column of ones."""
    return Ones(over)


def identity(over: Dim) -> Mat:
    """The identity matrix."""
    return Identity(over)


def trace(square: Mat) -> Mat:
    """The trace."""
    return Trace(square)


def inverse(square: Mat) -> Mat:
    """The inverse."""
    return Inverse(square)


def grad(of: Sym) -> Sym:
    """The gradient of the loss in a tensor, as a matrix that formulas may contain."""
    return Sym(Gradient(_plain(of)))


def jac(of: Sym, wrt: Sym) -> Sym:
    """The Jacobian of one vector in another, as a matrix that formulas may contain."""
    return Sym(Jacobian(_plain(of), _plain(wrt)))


def _plain(sym: Sym) -> Tensor:
    if not isinstance(sym.leaf, Tensor):
        raise CalculusError(f"{sym.leaf.name} is not a tensor of its own").at(_here())
    return sym.leaf


# --------------------------------------------------------------------------- computations


def define(
    name: str, body: Mat, *, symbol: str = "", label: str = "", meaning: str = ""
) -> Sym:
    """Name a matrix expression; the name stays folded in derivations."""
    rows, cols = body.shape
    dims = tuple(d for d in (rows, cols) if d != ONE)
    if rows == ONE and cols != ONE:
        raise ShapeError(f"{name} would be a row", advice="define its transpose").at(_here())
    named = Tensor(name, dims, symbol, label, meaning)
    indices = free_indices(dims)
    padded = (*indices, None, None)
    expanded = _rules.contract(to_index(body, padded[0], padded[1]))
    return Sym(named, Definition(named, indices, expanded), body)


def define_entry(
    name: str, indices: Index | Sequence[Index], body: Expr, *,
    symbol: str = "", label: str = "", meaning: str = "",
) -> Sym:
    """Name an index expression, entry by entry; its axes are those of `indices`."""
    over = (indices,) if isinstance(indices, Index) else tuple(indices)
    named = Tensor(name, tuple(i.dim for i in over), symbol, label, meaning)
    return Sym(named, Definition(named, over, body))


def Computation(  # noqa: N802 - reads as the noun it returns
    name: str,
    *,
    definitions: Sequence[Sym],
    forward: Forward,
    loss: Sym | None = None,
    samplers: Mapping[Sym, Sampler] | None = None,
    parameters: Sequence[Parameter] = (),
    sizes: Mapping[Dim, int] | None = None,
) -> _Computation:
    """Tie definitions to a plain NumPy `forward`; the last definition feeds the loss, or is it."""
    place = _here()
    missing = [sym.leaf.name for sym in definitions if sym.definition is None]
    if missing:
        raise AuthorError(
            f"{', '.join(missing)} in `definitions` of {name} is given, not defined",
            code="definition", place=place, advice="list only what define(...) returned",
        )
    last = definitions[-1]
    if loss is not None and (loss.leaf != last.leaf or last.leaf.dims):
        raise AuthorError(
            f"the loss of {name} must be its last definition and a number",
            code="definition", place=place,
        )
    try:
        listed = Definitions(sym.definition for sym in definitions if sym.definition is not None)
    except CalculusError as error:
        raise error.at(place) from None
    return _Computation(
        name, listed, forward, place, loss is not None,
        {_plain(sym): sampler for sym, sampler in (samplers or {}).items()},
        tuple(parameters), dict(sizes or {}),
        {_plain(sym): sym.body for sym in definitions if sym.body is not None},
    )


# --------------------------------------------------------------------------------- claims


def gradient(
    name: str,
    computation: _Computation,
    *,
    of: Sym | Sequence[Sym],
    wrt: Sym,
    title: str = "",
    style: str = "hadamard",
    rules: Sequence[Rule] = (),
    fold: Sequence[Sym] = (),
) -> Derived:
    """Derive dL/d(wrt) through the quantities `of`, and claim it.

    `rules` are applied in order after the deltas are summed out; `fold` names defined matrices whose
    bodies are to be replaced by their names in the matrix form.
    """
    place = _here()
    through = (of,) if isinstance(of, Sym) else tuple(of)
    try:
        derived = _derivation.derive_gradient(
            computation.definitions, tuple(map(_plain, through)), _plain(wrt), tuple(rules),
            loss=computation.root if computation.loss else None,
        )
        form = _form(derived, style, fold)
    except CalculusError as error:
        raise error.at(place) from None
    head = Head(name, title, place)
    return Derived(head, "gradient", computation, None, _plain(wrt), derived, form)


def jacobian(
    name: str,
    computation: _Computation,
    *,
    of: Sym,
    wrt: Sym,
    title: str = "",
    style: str = "diag",
    rules: Sequence[Rule] = (),
    fold: Sequence[Sym] = (),
) -> Derived:
    """Derive d(of)/d(wrt), rows for the entries of `of`, and claim it."""
    place = _here()
    try:
        derived = _derivation.derive_jacobian(
            computation.definitions, _plain(of), _plain(wrt), tuple(rules)
        )
        form = _form(derived, style, fold)
    except CalculusError as error:
        raise error.at(place) from None
    head = Head(name, title, place)
    return Derived(head, "jacobian", computation, _plain(of), _plain(wrt), derived, form)


def _form(derived: _derivation.Derivation, style: str, fold: Sequence[Sym]) -> Mat | None:
    if len(derived.indices) > 2:
        return None
    if style not in list(Style):
        raise CalculusError(f"style {style!r} does not exist", wanted=", ".join(Style))
    form = gradient_form(derived.final, derived.indices, Style(style))
    for name in fold:
        if name.body is None:
            raise CalculusError(f"{name.leaf.name} has no matrix body to fold")
        folded = substitute(form, name.body, name)
        if folded == form:
            raise CalculusError(f"the body of {name.leaf.name} does not occur in the result")
        form = folded
    return form


def chain(
    name: str, computation: _Computation, left: Sym, *lines: tuple[Mat, str], title: str = ""
) -> Chain:
    """Claim that a gradient or Jacobian equals each of these matrix expressions in turn."""
    body = tuple(Line(value, because) for value, because in lines)
    return Chain(Head(name, title, _here()), computation, left, body)


def rewrite(name: str, pattern: Expr, by: Expr, because: str) -> Rule:
    """A rule that replaces one factor by what it equals, such as exp(X[i, j]) by Y[i, j] * S[i]."""
    return _rules.rewrite(name, pattern, by, because)


def sums_to_one(of: Sym, axis: int, because: str) -> Rule:
    """A rule: the entries of a tensor sum to one along an axis (draw such data with a sampler)."""
    return _rules.sums_to_one(_plain(of), axis, because)


# ------------------------------------------------------------------------ problem, solution


@dataclass(frozen=True)
class Figure:
    """A figure: `draw(axes, data)` on Matplotlib axes, `data(rng)` the numbers it shows.

    `panels` axes stand side by side; `alt` says in words what is to be seen.
    """

    name: str
    draw: Callable[..., None]
    data: Callable[[np.random.Generator], object]
    alt: str
    caption: str
    width: float = 5.4
    height: float = 2.6
    panels: int = 1


@dataclass(frozen=True)
class Pitfall:
    """A tempting mistake: the wrong formula for a claim, and what it would cause.

    `wrong` is a function without arguments that builds the formula, since some do not even type.
    """

    name: str
    text: str
    claim: str
    wrong: Callable[[], Mat]


@dataclass(frozen=True)
class Solution:
    """What `solve` returns: everything the template may print."""

    claims: tuple[Claim, ...]
    figures: tuple[Figure, ...] = ()
    instances: tuple[Instance, ...] = ()
    pitfalls: tuple[Pitfall, ...] = ()
    errata: tuple[Erratum, ...] = ()
    audit: tuple[AuditRow, ...] = ()


@dataclass(frozen=True)
class Problem:
    """A problem: its title, its question on the sheet, and the function that solves it."""

    title: str
    question: str
    source: str
    solve: Callable[[], Solution]
