"""What the reader of index formulas has read, letter by letter, and what it stands for."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

import sympy as sp

from solutionset.calculus.expressions import Apply, Expr, as_expr, delta, entry, single, sum_over
from solutionset.calculus.tensors import Dim, Elementwise, Index, Leaf
from solutionset.notation.tokens import Unreadable


@dataclass(frozen=True)
class Number:
    """A number, a parameter or the size of a dimension."""

    value: sp.Expr


@dataclass(frozen=True)
class Place:
    """One entry of a tensor, a gradient or a Jacobian."""

    leaf: Leaf
    letters: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """A Kronecker delta."""

    letters: tuple[str, str]


@dataclass(frozen=True)
class Call:
    """A function of an argument."""

    function: Elementwise
    argument: "Node"


@dataclass(frozen=True)
class Sum:
    """A sum over index letters."""

    letters: tuple[str, ...]
    body: "Node"


@dataclass(frozen=True)
class Times:
    """A product."""

    factors: tuple["Node", ...]


@dataclass(frozen=True)
class Plus:
    """A sum of terms with their signs."""

    terms: tuple[tuple[int, "Node"], ...]


@dataclass(frozen=True)
class Power:
    """A power."""

    base: "Node"
    exponent: sp.Expr


Node = Number | Place | Pair | Call | Sum | Times | Plus | Power


Scope = dict[str, Index]
"""The letters that mean something at a place, and what they range over."""


def reciprocal(node: Node) -> Node:
    """One over what was read; the sign goes to the exponents, and no power is multiplied out."""
    match node:
        case Times():
            return Times(tuple(map(reciprocal, node.factors)))
        case Power():
            return Power(node.base, -node.exponent)
        case _:
            return Power(node, sp.Integer(-1))


class Builder:
    """Turns the tree that was read into an expression, giving every letter its dimension."""

    def __init__(self, latex: str) -> None:
        """Build what was read from this formula, which errors show."""
        self.latex = latex

    def build(self, node: Node, scope: Scope) -> Expr:
        """The expression, its free letters being those in scope."""
        match node:
            case Number():
                return as_expr(node.value)
            case Place():
                return entry(node.leaf, tuple(self._index(c, scope) for c in node.letters))
            case Pair():
                first, second = (self._index(c, scope) for c in node.letters)
                return delta(first, second)
            case Call():
                return single(Apply(node.function, self.build(node.argument, scope)))
            case Sum():
                return self._sum(node, scope)
            case Times():
                factors = (self.build(factor, scope) for factor in node.factors)
                return reduce(lambda left, right: left * right, factors)
            case Plus():
                terms = (self.build(term, scope) * sign for sign, term in node.terms)
                return _one_number(sum(terms, as_expr(0)))
            case Power():
                base = self.build(node.base, scope)
                if not base.terms and node.exponent.could_extract_minus_sign():
                    raise self._error("division by zero")
                raised: Expr = base**node.exponent
                return raised

    def _sum(self, node: Sum, scope: Scope) -> Expr:
        for letter in node.letters:
            if letter in scope:
                raise self._error(f"index {letter} is summed over and free at once")
            if node.letters.count(letter) > 1:
                raise self._error(f"index {letter} is summed over twice")
        inner = scope | self._typed(node, scope)
        body = self.build(node.body, inner)
        return sum_over(tuple(inner[letter] for letter in node.letters), body)

    def _typed(self, node: Sum, scope: Scope) -> Scope:
        """The indices summed over; a Kronecker delta hands the dimension of one on to the other."""
        known: Scope = {}
        while len(known) < len(node.letters):
            before = len(known)
            for letter in node.letters:
                dims = set(_dims_of(letter, node.body, scope | known))
                if len(dims) > 1:
                    names = " and ".join(sorted(dim.name for dim in dims))
                    raise self._error(f"index {letter} ranges over {names} at once")
                if dims:
                    known[letter] = Index(letter, dims.pop())
            if len(known) == before:
                stuck = ", ".join(letter for letter in node.letters if letter not in known)
                raise self._error(f"nothing says over what index {stuck} ranges")
        return known

    def _index(self, letter: str, scope: Scope) -> Index:
        if letter not in scope:
            raise self._error(f"index {letter} is neither free nor summed over")
        return scope[letter]

    def _error(self, message: str) -> Unreadable:
        return Unreadable(f"cannot read the printed formula: {message}", self.latex, 0)


def _one_number(expr: Expr) -> Expr:
    """A sum of numbers alone is one number, so that one over it is one too."""
    if any(term.factors for term in expr.terms):
        return expr
    return as_expr(sp.Add(*(term.coefficient for term in expr.terms)))


def _dims_of(letter: str, node: Node, scope: Scope) -> Iterator[Dim]:
    match node:
        case Place():
            for name, dim in zip(node.letters, node.leaf.dims, strict=True):
                if name == letter:
                    yield dim
        case Pair():
            if letter in node.letters:
                other = node.letters[1 - node.letters.index(letter)]
                if other in scope:
                    yield scope[other].dim
        case Call():
            yield from _dims_of(letter, node.argument, scope)
        case Sum():
            if letter not in node.letters:
                yield from _dims_of(letter, node.body, scope)
        case Times():
            for factor in node.factors:
                yield from _dims_of(letter, factor, scope)
        case Plus():
            for _, term in node.terms:
                yield from _dims_of(letter, term, scope)
        case Power():
            yield from _dims_of(letter, node.base, scope)
        case Number():
            return
