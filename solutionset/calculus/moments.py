"""Expectations over a tensor whose entries are independent, each with the same law.

By the law of cumulants, E[R_1 ... R_m] is the sum over all ways to split the factors into blocks of
the product of the cumulants of the blocks; a block counts only if all its entries are the same one.
For a mask E[R_ab R_cd] = p^2 + p (1 - p) delta_ac delta_bd, for noise v delta_ac delta_bd.
"""

from collections.abc import Iterator
from dataclasses import dataclass
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
    Term,
    as_expr,
    single,
    splice,
)
from solutionset.calculus.rules import Rule
from solutionset.calculus.tensors import CalculusError, Index, Tensor

_P = sp.Symbol("p")


@dataclass(frozen=True)
class Bernoulli:
    """One with this probability, else zero: the entries of a mask."""

    probability: sp.Expr

    @property
    def text(self) -> str:
        """The law of an entry in words."""
        return f"1 with probability {self.probability}"

    def cumulant(self, order: int) -> sp.Expr:
        """The cumulant of an entry."""
        return _cumulant(order).subs(_P, self.probability)

    def repeated(self, exponent: int) -> int:
        """How often an entry to this power counts: a variable that is 0 or 1 is its own power."""
        return min(exponent, 1)


@dataclass(frozen=True)
class Normal:
    """Normal with mean zero and this variance: the entries of noise."""

    variance: sp.Expr

    @property
    def text(self) -> str:
        """The law of an entry in words."""
        return f"normal with mean zero and variance {self.variance}"

    def cumulant(self, order: int) -> sp.Expr:
        """The cumulant of an entry: all but the second are zero."""
        return self.variance if order == 2 else sp.Integer(0)

    def repeated(self, exponent: int) -> int:
        """How often an entry to this power counts."""
        return exponent


Law = Bernoulli | Normal


def expectation(over: Tensor, law: Law, because: str) -> Rule:
    """Take the expectation over a tensor of independent entries with this law."""
    return Rule(
        "expectation",
        because,
        f"the entries of {over.name} are independent, each {law.text}",
        lambda expr: contract(expected(expr, over, law)),
    )


def expected(expr: Expr, over: Tensor, law: Law) -> Expr:
    """The expectation of an expression; raises `CalculusError` for a tensor inside a function."""
    total = as_expr(0)
    for term in expr.terms:
        places = _places(term, over)
        if places:
            moment = _moment(term.factors, places, law)
            first, *others = places
            total = total + splice(term, {first: moment, **{k: as_expr(1) for k in others}})
        else:
            total = total + Expr((term,))
    return total


def degree(expr: Expr, over: Tensor) -> int:
    """The largest number of entries of a tensor that a term multiplies."""
    return max(
        (sum(int(term.factors[k][1]) for k in _places(term, over)) for term in expr.terms),
        default=0,
    )


def _places(term: Term, over: Tensor) -> tuple[int, ...]:
    """Where the entries of a tensor stand among the factors, to whole powers."""
    places = tuple(k for k, (atom, _) in enumerate(term.factors) if _is_entry(atom, over))
    for k, (atom, exponent) in enumerate(term.factors):
        _refuse_hidden(atom, over)
        if k in places and not (exponent.is_Integer and exponent > 0):
            raise CalculusError(f"the power {exponent} of {over.name} has no expectation")
    return places


def _moment(factors: Powers, places: tuple[int, ...], law: Law) -> Expr:
    entries = [
        atom.indices
        for k in places
        if isinstance(atom := factors[k][0], Entry)
        for _ in range(law.repeated(int(factors[k][1])))
    ]
    total = as_expr(0)
    for blocks in _partitions(tuple(range(len(entries)))):
        product = as_expr(1)
        for block in blocks:
            product = product * law.cumulant(len(block))
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
