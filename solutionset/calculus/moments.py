"""Expectations over a random mask whose entries are independent Bernoulli variables.

By the law of cumulants, E[R_1 ... R_m] is the sum over all ways to split the factors into blocks of
the product of the cumulants of the blocks; a block counts only if all its entries are the same one:
E[R_ab R_cd] = p^2 + p (1 - p) delta_ac delta_bd.
"""

from collections.abc import Iterator
from functools import lru_cache

import sympy as sp

from solutionset.calculus.contraction import contract
from solutionset.calculus.expressions import (
    Apply,
    Atom,
    Delta,
    Entry,
    Expr,
    Group,
    Powers,
    as_expr,
    single,
    splice,
)
from solutionset.calculus.rules import Rule
from solutionset.calculus.tensors import CalculusError, Index, Tensor

_P = sp.Symbol("p")


def expectation(mask: Tensor, probability: sp.Expr, because: str) -> Rule:
    """Take the expectation over a mask of independent entries, 1 with this probability, else 0."""
    return Rule(
        "expectation",
        because,
        f"the entries of {mask.name} are independent, each 1 with probability {probability}",
        lambda expr: contract(expected(expr, mask, probability)),
    )


def expected(expr: Expr, mask: Tensor, probability: sp.Expr) -> Expr:
    """The expectation of an expression; raises `CalculusError` if the mask is inside a function."""
    total = as_expr(0)
    for term in expr.terms:
        places = tuple(k for k, (atom, _) in enumerate(term.factors) if _is_entry(atom, mask))
        for k, (atom, exponent) in enumerate(term.factors):
            _refuse_hidden(atom, mask)
            if k in places and not (exponent.is_Integer and exponent > 0):
                raise CalculusError(f"the power {exponent} of {mask.name} has no expectation")
        if places:
            moment = _moment(term.factors, places, probability)
            first, *others = places
            total = total + splice(term, {first: moment, **{k: as_expr(1) for k in others}})
        else:
            total = total + Expr((term,))
    return total


def _moment(factors: Powers, places: tuple[int, ...], probability: sp.Expr) -> Expr:
    # A power of a variable that is 0 or 1 is the variable itself.
    entries = [atom.indices for k in places if isinstance(atom := factors[k][0], Entry)]
    total = as_expr(0)
    for blocks in _partitions(tuple(range(len(entries)))):
        product = as_expr(1)
        for block in blocks:
            product = product * _cumulant(len(block)).subs(_P, probability)
            for other in block[1:]:
                product = product * _same(entries[block[0]], entries[other])
        total = total + product
    return total


def _same(left: tuple[Index, ...], right: tuple[Index, ...]) -> Expr:
    product = as_expr(1)
    for one, other in zip(left, right, strict=True):
        product = product * single(Delta(one, other))
    return product


@lru_cache(maxsize=16)
def _cumulant(order: int) -> sp.Expr:
    """The cumulants of a Bernoulli variable: each is p (1 - p) times the derivative of the last."""
    if order == 1:
        return _P
    # Factored as a whole it would read -p (p - 1).
    return _P * (1 - _P) * sp.factor(sp.diff(_cumulant(order - 1), _P))


def _partitions(items: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], ...]]:
    """All ways to split the items into blocks."""
    if not items:
        yield ()
        return
    first, rest = items[0], items[1:]
    for blocks in _partitions(rest):
        yield ((first,), *blocks)
        for k, block in enumerate(blocks):
            yield (*blocks[:k], (first, *block), *blocks[k + 1 :])


def _is_entry(atom: Atom, mask: Tensor) -> bool:
    return isinstance(atom, Entry) and atom.leaf == mask


def _refuse_hidden(atom: Atom, mask: Tensor) -> None:
    match atom:
        case Apply():
            inner = atom.argument
        case Group():
            inner = atom.body
        case _:
            return
    for term in inner.terms:
        for part, _ in term.factors:
            if _is_entry(part, mask):
                raise CalculusError(
                    f"{mask.name} stands inside a function or a power",
                    advice="multiply it out first; the expectation is linear, a function is not",
                )
            _refuse_hidden(part, mask)
