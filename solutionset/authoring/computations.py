"""Definitions, and the computations that tie them to an author's `forward`."""

from collections.abc import Mapping, Sequence

import sympy as sp

from solutionset.authoring.symbols import plain
from solutionset.calculus.assumptions import Assumption, Property
from solutionset.calculus.contraction import contract
from solutionset.calculus.definitions import Definition, Definitions
from solutionset.calculus.derivation import free_indices
from solutionset.calculus.expressions import Expr, as_expr
from solutionset.calculus.indexing import to_index
from solutionset.calculus.matrix import Mat, ShapeError, Sym
from solutionset.calculus.normal import collect
from solutionset.calculus.tensors import ONE, CalculusError, Dim, Index, Tensor
from solutionset.errors import AuthorError, Place, here
from solutionset.verification.computation import Computation as _Computation
from solutionset.verification.computation import Drawn, Forward, Parameter, Sampler


def define(name: str, body: Mat, *, symbol: str = "", label: str = "", meaning: str = "") -> Sym:
    """Name a matrix expression; the name stays folded in derivations."""
    rows, cols = body.shape
    dims = tuple(d for d in (rows, cols) if d != ONE)
    if rows == ONE and cols != ONE:
        raise ShapeError(f"{name} would be a row", advice="define its transpose").at(here())
    named = Tensor(name, dims, symbol, label, meaning)
    indices = free_indices(dims)
    padded = (*indices, None, None)
    expanded = contract(to_index(body, padded[0], padded[1]))
    return Sym(named, Definition(named, indices, expanded), body)


def define_entry(
    name: str,
    indices: Index | Sequence[Index],
    body: Expr,
    *,
    symbol: str = "",
    label: str = "",
    meaning: str = "",
) -> Sym:
    """Name an index expression, entry by entry; its axes are those of `indices`.

    A square of a sum has been multiplied out by then; its like terms are added.
    """
    over = (indices,) if isinstance(indices, Index) else tuple(indices)
    named = Tensor(name, tuple(i.dim for i in over), symbol, label, meaning)
    return Sym(named, Definition(named, over, collect(as_expr(body))))


def hypothesis(text: str, draw: Sampler, *, symmetric: bool = False) -> Drawn:
    """A sampler for data that must satisfy a hypothesis; the ledger says what its absence does.

    With `symmetric` the matrix is its own transpose, also for wrong variants of a formula.
    """
    if not text.strip():
        raise CalculusError(
            "a hypothesis without words", wanted="what the data satisfy, as the text says it"
        ).at(here())
    if symmetric and "symm" not in text.lower():
        raise AuthorError(
            f"the hypothesis {text!r} does not say that the matrix is symmetric",
            code="hypothesis",
            place=here(),
        )
    return Drawn(text, draw, symmetric)


def Computation(
    name: str,
    *,
    definitions: Sequence[Sym],
    forward: Forward,
    loss: Sym | None = None,
    samplers: Mapping[Sym, Sampler] | None = None,
    parameters: Sequence[Parameter] = (),
    sizes: Mapping[Dim, int | sp.Expr] | None = None,
    argument: Sym | None = None,
) -> _Computation:
    """Tie definitions to a plain NumPy `forward`; the last definition feeds the loss, or is it."""
    place = here()
    _refuse_strangers(name, definitions, sizes or {}, place)
    last = definitions[-1]
    if loss is not None and (loss.leaf != last.leaf or last.leaf.dims):
        raise AuthorError(
            f"the loss of {name} must be its last definition and a number",
            code="definition",
            place=place,
        )
    try:
        listed = Definitions(
            (sym.definition for sym in definitions if sym.definition is not None),
            tuple(
                Assumption(plain(sym), Property.SYMMETRIC)
                for sym, sampler in (samplers or {}).items()
                if isinstance(sampler, Drawn) and sampler.symmetric
            ),
            loss=None if loss is None else plain(loss),
        )
    except CalculusError as error:
        raise error.at(place) from None
    return _Computation(
        name,
        listed,
        forward,
        place,
        loss is not None,
        {plain(sym): sampler for sym, sampler in (samplers or {}).items()},
        tuple(parameters),
        dict(sizes or {}),
        {plain(sym): sym.body for sym in definitions if sym.body is not None},
        None if argument is None else plain(argument),
    )


def _refuse_strangers(
    name: str, definitions: Sequence[Sym], sizes: Mapping[Dim, object], place: Place
) -> None:
    """Refuse definitions and sizes of what is none; the types say so, but authors run no mypy."""
    for dim in sizes:
        if not isinstance(dim, Dim):
            raise AuthorError(
                f"{dim!r} in `sizes` of {name} is no dimension",
                code="definition",
                place=place,
                wanted="what dim(...) returns",
            )
    if isinstance(definitions, Sym):
        raise AuthorError(
            f"`definitions` of {name} is a single one",
            code="definition",
            place=place,
            wanted="a tuple, as in (z,)",
        )
    missing = [sym.leaf.name for sym in definitions if sym.definition is None]
    if missing:
        raise AuthorError(
            f"{', '.join(missing)} in `definitions` of {name} is given, not defined",
            code="definition",
            place=place,
            advice="list only what define(...) returned",
        )
