"""What a text assumes of a given tensor: the rule it licenses, and how equality changes under it.

An assumption is used by one named step. Up to that step the checks draw general data, from it on
data that satisfy the assumption and only it.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import sympy as sp

from solutionset.calculus.contraction import contract
from solutionset.calculus.expressions import (
    Atom,
    Delta,
    Entry,
    Expr,
    Powers,
    Term,
    atom_indices,
)
from solutionset.calculus.normal import canonical_term, collect, term_key
from solutionset.calculus.tensors import CalculusError, Index, Inverted, Leaf, Tensor


class Property(StrEnum):
    """What may be assumed."""

    SYMMETRIC = "is symmetric"
    ORTHOGONAL = "has orthonormal columns"
    UNIT = "has norm one"
    SUMS_TO_ONE = "sums to one"


@dataclass(frozen=True)
class Assumption:
    """A property of a given tensor; `axis` is the one along which it sums to one."""

    tensor: Tensor
    holds: Property
    axis: int = 0

    def __post_init__(self) -> None:
        """Refuse a tensor of the wrong kind."""
        dims = self.tensor.dims
        fits = {
            Property.SYMMETRIC: len(dims) == 2 and dims[0] == dims[1],
            Property.ORTHOGONAL: len(dims) == 2,
            Property.UNIT: len(dims) == 1,
            Property.SUMS_TO_ONE: 0 <= self.axis < len(dims),
        }
        if not fits[self.holds]:
            shape = " x ".join(dim.name for dim in dims) or "a number"
            raise CalculusError(
                f"{self.tensor.name} cannot be assumed so",
                got=shape,
                wanted=f"a tensor that {self.holds.value}",
            )

    @property
    def described(self) -> str:
        """The hypothesis in words, after the name of the tensor."""
        axes = len(self.tensor.dims)
        if self.holds is not Property.SUMS_TO_ONE or axes == 1:
            return self.holds.value
        line = ("column", "row")[self.axis] if axes == 2 else ""
        each = f"in each {line}" if line else f"along axis {self.axis}"
        return f"{self.holds.value} {each}"

    @property
    def text(self) -> str:
        """The hypothesis in words."""
        return f"{self.tensor.name} {self.described}"

    def reduce(self, expr: Expr) -> Expr:
        """Rewrite until nothing is left to which the assumption applies; collect like terms."""
        match self.holds:
            case Property.SYMMETRIC:
                return oriented(expr, self.tensor, Inverted(self.tensor))
            case Property.SUMS_TO_ONE:
                return collect(
                    Expr(_summed_out(term, self.tensor, self.axis) for term in expr.terms)
                )
            case Property.ORTHOGONAL | Property.UNIT:
                return contract(Expr(_paired(term, self.tensor) for term in expr.terms))


def oriented(expr: Expr, *symmetric: Leaf) -> Expr:
    """Write the entries of symmetric matrices one way round; collect like terms."""
    return collect(Expr(_oriented(term, symmetric) for term in expr.terms))


def flipped(expr: Expr, tensor: Tensor) -> Expr:
    """Exchange the indices of every entry of a symmetric matrix, as in A^T -> A.

    Its inverse is symmetric too. Terms that are equal for a symmetric matrix are added.
    """
    found: dict[tuple[Powers, tuple[Index, ...]], Term] = {}
    for term in expr.terms:
        exchanged = _with_flips(term, _places(term, tensor, Inverted(tensor)))
        key = _oriented(term, (tensor, Inverted(tensor)))
        nothing = Term(sp.Integer(0), exchanged.factors, exchanged.bound)
        seen = found.get((key.factors, key.bound), nothing)
        total = seen.coefficient + term.coefficient
        found[key.factors, key.bound] = Term(total, seen.factors, seen.bound)
    return Expr(found.values())


def _places(term: Term, *leaves: Leaf) -> tuple[int, ...]:
    return tuple(
        k
        for k, (atom, _) in enumerate(term.factors)
        if isinstance(atom, Entry) and atom.leaf in leaves
    )


def _with_flips(term: Term, places: tuple[int, ...]) -> Term:
    factors = tuple(
        (Entry(atom.leaf, atom.indices[::-1]), e)
        if k in places and isinstance(atom, Entry)
        else (atom, e)
        for k, (atom, e) in enumerate(term.factors)
    )
    return Term(term.coefficient, factors, term.bound)


def _oriented(term: Term, symmetric: tuple[Leaf, ...]) -> Term:
    """The smallest of all orientations of the entries of symmetric matrices."""
    places = _places(term, *symmetric)
    choices = (c for size in range(len(places) + 1) for c in combinations(places, size))
    variants = (canonical_term(_with_flips(term, choice)) for choice in choices)
    return min(variants, key=term_key)


def _summed_out(term: Term, tensor: Tensor, axis: int) -> Term:
    """Drop a factor that is summed alone over the axis."""
    for position in _places(term, tensor):
        atom, exponent = term.factors[position]
        index = atom_indices(atom)[axis]
        uses = [i for other, _ in term.factors for i in atom_indices(other) if i == index]
        if exponent == 1 and index in term.bound and len(uses) == 1:
            factors = _without(term.factors, (position,))
            bound = tuple(i for i in term.bound if i != index)
            return _summed_out(Term(term.coefficient, factors, bound), tensor, axis)
    return term


def _paired(term: Term, tensor: Tensor) -> Term:
    """sum_k Q_ki Q_kj becomes a delta of i and j; sum_k u_k^2 becomes one."""
    for position in _places(term, tensor):
        atom, exponent = term.factors[position]
        first = atom_indices(atom)
        if exponent == 2 and _only(term, first[0], (position,)):
            return _paired(_replaced(term, (position,), first[0], first[1:] * 2), tensor)
        for other in _places(term, tensor):
            second = atom_indices(term.factors[other][0])
            powers = (exponent, term.factors[other][1])
            if (
                other > position
                and first[0] == second[0]
                and powers == (1, 1)
                and _only(term, first[0], (position, other))
            ):
                pair = (*first[1:], *second[1:])
                return _paired(_replaced(term, (position, other), first[0], pair), tensor)
    return term


def _only(term: Term, index: Index, places: tuple[int, ...]) -> bool:
    rest = _without(term.factors, places)
    return index in term.bound and all(index not in atom_indices(atom) for atom, _ in rest)


def _replaced(term: Term, places: tuple[int, ...], gone: Index, pair: tuple[Index, ...]) -> Term:
    delta: tuple[tuple[Atom, sp.Expr], ...] = ((Delta(*pair), sp.Integer(1)),) if pair else ()
    bound = tuple(i for i in term.bound if i != gone)
    return Term(term.coefficient, (*_without(term.factors, places), *delta), bound)


def _without(factors: Powers, places: tuple[int, ...]) -> Powers:
    return tuple(factor for k, factor in enumerate(factors) if k not in places)
