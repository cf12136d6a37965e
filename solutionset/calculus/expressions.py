"""Sums of products of tensor entries: the language in which derivatives are taken.

An `Expr` is a tuple of terms. A `Term` is a coefficient (a SymPy number or an expression in
parameters and dimension sizes), factors with exponents, and the indices summed over. Bound indices
are named by digits and renamed on every product, so no operation can capture one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import sympy as sp

from solutionset.calculus.tensors import CalculusError, Elementwise, Index, Leaf

Number: TypeAlias = int | sp.Expr

# SymPy has one zero only, and comparing by identity is many times faster.
_ZERO = sp.Integer(0)

MULTIPLIED_OUT = (1, 2, 3, 4)
"""The powers of a sum that are written as products; fourth moments need the last."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a tensor, a gradient or a Jacobian."""

    leaf: Leaf
    indices: tuple[Index, ...]

    def __post_init__(self) -> None:
        """Refuse a wrong number of indices and an index of another dimension."""
        if len(self.indices) != len(self.leaf.dims):
            raise CalculusError(
                f"{self.leaf.name} has {len(self.leaf.dims)} axes",
                got=f"{len(self.indices)} indices",
                wanted=f"{len(self.leaf.dims)} indices",
            )
        for axis, (index, dim) in enumerate(zip(self.indices, self.leaf.dims, strict=True)):
            if index.dim != dim:
                raise CalculusError(
                    f"index {index.name} does not fit axis {axis} of {self.leaf.name}",
                    got=f"{index.name} ranges over {index.dim.name}",
                    wanted=f"an index that ranges over {dim.name}",
                )


@dataclass(frozen=True, slots=True)
class Delta:
    """The Kronecker delta of two indices of the same dimension."""

    first: Index
    second: Index

    def __post_init__(self) -> None:
        """Refuse indices of different dimensions."""
        if self.first.dim != self.second.dim:
            raise CalculusError(
                f"Kronecker delta of {self.first.name} and {self.second.name}",
                got=f"ranges {self.first.dim.name} and {self.second.dim.name}",
                wanted="two indices of one dimension",
            )


@dataclass(frozen=True, slots=True)
class Apply:
    """An elementwise function of an expression without sums of its own."""

    function: Elementwise
    argument: "Expr"

    def __post_init__(self) -> None:
        """Refuse a sum inside the function, which would need a name."""
        if any(term.bound for term in self.argument.terms):
            raise CalculusError(
                f"a sum inside {self.function.name} has no name",
                advice="name the argument with define(...) and apply the function to the name",
            )


@dataclass(frozen=True, slots=True)
class Group:
    """A sum kept together because it carries an exponent, as in (1 - y_i)^{-1}."""

    body: "Expr"


Atom = Entry | Delta | Apply | Group
Powers = tuple[tuple[Atom, sp.Expr], ...]


@dataclass(frozen=True)
class Term:
    """coefficient * product of atom**exponent, summed over the bound indices."""

    coefficient: sp.Expr
    factors: Powers
    bound: tuple[Index, ...] = ()

    def __hash__(self) -> int:
        """Hash once: terms are shared by the many variants of an expression."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.coefficient, self.factors, self.bound))

    @cached_property
    def free(self) -> frozenset[Index]:
        """The indices that are not summed over."""
        return frozenset(i for atom, _ in self.factors for i in atom_indices(atom)) - set(
            self.bound
        )


class Expr:
    """A sum of terms, with the arithmetic that keeps it one."""

    __slots__ = ("terms",)

    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms: tuple[Term, ...] = tuple(t for t in terms if t.coefficient is not _ZERO)

    def __eq__(self, other: object) -> bool:
        """Compare term by term, in order; `normal.equivalent` compares by meaning."""
        return isinstance(other, Expr) and self.terms == other.terms

    def __hash__(self) -> int:
        """Hash by the terms in order."""
        return hash(self.terms)

    def __repr__(self) -> str:
        """Show the terms, for error messages and tests."""
        return f"Expr({', '.join(map(repr, self.terms))})"

    @property
    def free(self) -> frozenset[Index]:
        """The indices that are not summed over in some term."""
        return frozenset().union(*(term.free for term in self.terms))

    def __add__(self, other: "Operand") -> "Expr":
        """Add."""
        return Expr(self.terms + as_expr(other).terms)

    __radd__ = __add__

    def __neg__(self) -> "Expr":
        """Change every sign."""
        return self * -1

    def __sub__(self, other: "Operand") -> "Expr":
        """Subtract."""
        return self + -as_expr(other)

    def __rsub__(self, other: "Operand") -> "Expr":
        """Subtract from something else."""
        return as_expr(other) + -self

    def __mul__(self, other: "Operand") -> "Expr":
        """Multiply out, renaming bound indices apart."""
        factor = as_expr(other)
        return Expr(multiply(a, b) for a in self.terms for b in factor.terms)

    __rmul__ = __mul__

    def __pow__(self, exponent: Number) -> "Expr":
        """Raise to a power; a sum becomes a group unless the exponent is a small whole number."""
        power = sp.sympify(exponent)
        if len(self.terms) == 1 and not self.terms[0].bound and not self._loses_a_sign(power):
            (term,) = self.terms
            raised = tuple((atom, value * power) for atom, value in term.factors)
            return Expr((Term(term.coefficient**power, raised),))
        if any(term.bound for term in self.terms) and power not in MULTIPLIED_OUT:
            raise CalculusError(
                f"a sum raised to the power {power} has no name",
                advice="name the sum with define(...) and raise the name to the power",
            )
        if power in MULTIPLIED_OUT:
            return self if power == 1 else self * self ** (power - 1)
        return Expr((Term(sp.Integer(1), ((Group(self), power),)),))

    def _loses_a_sign(self, power: sp.Expr) -> bool:
        """Whether the exponents may not be multiplied: the root of a square is not the number."""
        return not power.is_integer and any(
            value.is_even and not (value * power).is_even
            for term in self.terms
            for _, value in term.factors
        )

    def __truediv__(self, other: "Operand") -> "Expr":
        """Divide by a number, a parameter or a product of entries."""
        return self * as_expr(other) ** -1

    def __rtruediv__(self, other: "Operand") -> "Expr":
        """Divide something else by this."""
        return as_expr(other) * self**-1


Operand: TypeAlias = Expr | int | sp.Expr


def as_expr(value: Operand) -> Expr:
    """Return an expression for a number, a parameter or an expression."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, float):
        raise CalculusError(f"{value!r} is a rounded number", wanted="an int or an exact Rational")
    return Expr((Term(sp.sympify(value), ()),))


def single(atom: Atom) -> Expr:
    """An expression made of one atom."""
    return Expr((Term(sp.Integer(1), ((atom, sp.Integer(1)),)),))


def entry(leaf: Leaf, indices: Iterable[Index]) -> Expr:
    """One entry of a tensor as an expression."""
    return single(Entry(leaf, tuple(indices)))


def delta(first: Index, second: Index) -> Expr:
    """A Kronecker delta as an expression."""
    return single(Delta(first, second))


def sum_over(indices: Index | Iterable[Index], body: Operand) -> Expr:
    """Sum a body over one or several of its free indices."""
    names = (indices,) if isinstance(indices, Index) else tuple(indices)
    return Expr(_bind(term, names) for term in as_expr(body).terms)


def _bind(term: Term, indices: tuple[Index, ...]) -> Term:
    missing = [index for index in indices if index not in term.free]
    if missing:
        raise CalculusError(
            f"sum over {missing[0].name}, which does not occur in every term",
            advice="sum only the terms that contain the index",
        )
    # A free index may carry a digit too: that of a sum around this expression.
    taken = (int(i.name) for i in (*term.bound, *term.free) if i.bound)
    start = 1 + max(taken, default=-1)
    digits = {i: Index(str(start + k), i.dim) for k, i in enumerate(indices)}
    return rename(Term(term.coefficient, term.factors, term.bound + indices), digits)


def atom_indices(atom: Atom) -> tuple[Index, ...]:
    """All indices of an atom, in reading order, with repetitions."""
    match atom:
        case Entry():
            return atom.indices
        case Delta():
            return (atom.first, atom.second)
        case Apply():
            inner = atom.argument
        case Group():
            inner = atom.body
    return tuple(
        i
        for term in inner.terms
        for part, _ in term.factors
        for i in atom_indices(part)
        if i not in term.bound
    )


def rename_atom(atom: Atom, names: Mapping[Index, Index]) -> Atom:
    """Rename the free indices of an atom."""
    match atom:
        case Entry():
            return Entry(atom.leaf, tuple(names.get(i, i) for i in atom.indices))
        case Delta():
            return Delta(names.get(atom.first, atom.first), names.get(atom.second, atom.second))
        case Apply():
            return Apply(atom.function, rename_expr(atom.argument, names))
        case Group():
            return Group(rename_expr(atom.body, names))


def rename(term: Term, names: Mapping[Index, Index]) -> Term:
    """Rename indices, bound ones included, throughout a term."""
    factors = tuple((rename_atom(atom, names), exponent) for atom, exponent in term.factors)
    return Term(term.coefficient, factors, tuple(names.get(i, i) for i in term.bound))


def rename_expr(expr: Expr, names: Mapping[Index, Index]) -> Expr:
    """Rename free indices of an expression; its bound ones move out of the way first."""
    return Expr(
        rename(_shift(term, names.values()), {k: v for k, v in names.items() if k in term.free})
        for term in expr.terms
    )


def _shift(term: Term, taken: Iterable[Index]) -> Term:
    """Move bound indices above any digit among `taken`."""
    digits = {int(i.name) for i in taken if i.bound}
    if digits.isdisjoint(int(i.name) for i in term.bound):
        return term
    start = 1 + max(*digits, *(int(i.name) for i in term.bound))
    fresh = {i: Index(str(start + k), i.dim) for k, i in enumerate(term.bound)}
    return rename(term, fresh)


def multiply(left: Term, right: Term) -> Term:
    """Multiply two terms; equal factors are collected into powers."""
    if not left.factors and not left.bound:
        return Term(left.coefficient * right.coefficient, right.factors, right.bound)
    if not right.factors and not right.bound:
        return Term(left.coefficient * right.coefficient, left.factors, left.bound)
    right = _shift(right, left.bound + tuple(left.free))
    left = _shift(left, right.bound + tuple(right.free))
    powers: dict[Atom, sp.Expr] = dict(left.factors)
    for atom, exponent in right.factors:
        powers[atom] = powers.get(atom, sp.Integer(0)) + exponent
    kept = tuple((atom, exponent) for atom, exponent in powers.items() if exponent != 0)
    return Term(left.coefficient * right.coefficient, kept, left.bound + right.bound)


def map_atoms(expr: Expr, change: Callable[[Atom], Expr | None]) -> Expr:
    """Replace atoms: `change` returns the replacement, or None to keep the atom."""
    terms: list[Term] = []
    for term in expr.terms:
        changed = [(position, change(atom)) for position, (atom, _) in enumerate(term.factors)]
        new = {k: e ** term.factors[k][1] for k, e in changed if e is not None}
        terms += splice(term, new).terms if new else (term,)
    return Expr(terms)


def splice(term: Term, replacements: Mapping[int, Expr]) -> Expr:
    """Replace whole factors, by position, inside the sum of the term; factor order is kept."""
    # The term's indices stay free while the factors are multiplied, and are bound again at the end.
    free = {i: Index(f"'{i.name}", i.dim) for i in term.bound}
    product = as_expr(term.coefficient)
    kept: list[tuple[Atom, sp.Expr]] = []
    for position, (atom, exponent) in enumerate(term.factors):
        if position in replacements:
            product = product * _factors(kept) * rename_expr(replacements[position], free)
            kept = []
        else:
            kept.append((rename_atom(atom, free), exponent))
    product = product * _factors(kept)
    return Expr(_rebind(t, tuple(free.values())) for t in product.terms)


def _factors(powers: list[tuple[Atom, sp.Expr]]) -> Expr:
    return Expr((Term(sp.Integer(1), tuple(powers)),))


def _rebind(term: Term, indices: tuple[Index, ...]) -> Term:
    """Bind again those indices; one that vanished from the term contributes its size."""
    present = tuple(i for i in indices if i in term.free)
    absent = [i for i in indices if i not in term.free]
    coefficient = term.coefficient * sp.Mul(*(i.dim.size for i in absent))
    return _bind(Term(coefficient, term.factors, term.bound), present)
