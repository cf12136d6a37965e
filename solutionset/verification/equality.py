"""Whether a variant of a formula is equal to it by the definitions, decided the cheap way first.

Every stage is an equality by the definitions, and each writes out more than the one before: like
terms alone, then what a sum or a Jacobian says of the indices, then the Jacobians, then everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import sympy as sp

from solutionset.calculus.assumptions import oriented
from solutionset.calculus.contraction import contract
from solutionset.calculus.definitions import Definitions
from solutionset.calculus.derivation import resolved, unfolded
from solutionset.calculus.expressions import (
    Delta,
    Entry,
    Expr,
    Term,
    atom_indices,
    entry,
    sum_over,
)
from solutionset.calculus.normal import normal_form
from solutionset.calculus.rules import cancelled
from solutionset.calculus.tensors import Index, Inverted, Jacobian, Leaf, Tensor


@dataclass(frozen=True)
class Equality:
    """Decides for one set of definitions; what it finds out about a tensor is kept."""

    definitions: Definitions
    _vanishing: dict[tuple[Leaf, int], bool] = field(default_factory=dict)
    _links: dict[Jacobian, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    _symmetric: dict[Tensor, bool] = field(default_factory=dict)

    def holds(self, left: Expr, right: Expr) -> bool:
        """Whether two expressions are equal by the definitions."""
        return self.is_zero(left - right)

    def plainly(self, left: Expr, right: Expr) -> bool:
        """Whether two expressions are equal without writing definitions out."""
        return any(not stage.terms for stage in self._plain(left - right))

    def is_zero(self, expr: Expr) -> bool:
        """Whether an expression is zero by the definitions; raises `CalculusError` if one cannot
        be written out."""
        expr = self._upright(expr)
        if any(not stage.terms for stage in self._plain(expr)):
            return True
        return not normal_form(resolved(expr, self.definitions)).terms

    def _plain(self, expr: Expr) -> Iterator[Expr]:
        """What is left of an expression when ever more is written out; like terms are collected."""
        present = [term for term in expr.terms if not self._sums_to_zero(term)]
        linked = contract(Expr(self._linked(_without_inverses(term)) for term in present))
        yield linked
        plain = unfolded(linked, self.definitions)
        yield contract(Expr(term for term in plain.terms if not self._sums_to_zero(term)))

    def _upright(self, expr: Expr) -> Expr:
        """Write the inverses of matrices that are symmetric by their definition one way round."""
        inverses = {
            atom.leaf
            for term in expr.terms
            for atom, _ in term.factors
            if isinstance(atom, Entry) and isinstance(atom.leaf, Inverted)
        }
        symmetric = [leaf for leaf in inverses if self._is_symmetric(leaf.of)]
        return oriented(expr, *symmetric) if symmetric else expr

    def _is_symmetric(self, tensor: Tensor) -> bool:
        if tensor not in self.definitions:
            return False
        if tensor not in self._symmetric:
            self._symmetric[tensor] = False  # while its own inverse is being looked at
            indices = _generic(tensor)
            difference = entry(tensor, indices) - entry(tensor, indices[::-1])
            written_out = resolved(difference, self.definitions)
            self._symmetric[tensor] = not normal_form(written_out).terms
        return self._symmetric[tensor]

    def _sums_to_zero(self, term: Term) -> bool:
        """Whether a bound index of the term stands in one entry alone, whose sum over it is zero,
        as that of the centred entries is."""
        everywhere = [index for atom, _ in term.factors for index in atom_indices(atom)]
        return any(
            isinstance(atom, Entry)
            and exponent == 1
            and any(
                index in term.bound
                and everywhere.count(index) == 1
                and self._vanishes(atom.leaf, axis)
                for axis, index in enumerate(atom.indices)
            )
            for atom, exponent in term.factors
        )

    def _vanishes(self, leaf: Leaf, axis: int) -> bool:
        if not isinstance(leaf, Tensor) or leaf not in self.definitions:
            return False
        if (leaf, axis) not in self._vanishing:
            indices = _generic(leaf)
            body = self.definitions[leaf].at(indices)
            if len(body.terms) == 1:  # nothing cancels: it is zero by one of its factors
                (term,) = sum_over(indices[axis], body).terms
                self._vanishing[leaf, axis] = self._sums_to_zero(term)
            else:
                total = sum_over(indices[axis], entry(leaf, indices))
                written_out = resolved(total, self.definitions)
                self._vanishing[leaf, axis] = not normal_form(written_out).terms
        return self._vanishing[leaf, axis]

    def _linked(self, term: Term) -> Term:
        """Write the deltas that the Jacobians of a term contain: (dv/dX)[r, s, l] needs r = s."""
        deltas = {
            Delta(atom.indices[one], atom.indices[other])
            for atom, _ in term.factors
            if isinstance(atom, Entry) and isinstance(atom.leaf, Jacobian)
            for one, other in self._links_of(atom.leaf)
            if atom.indices[one] != atom.indices[other]
        }
        ordered = sorted(deltas, key=lambda d: (d.first.name, d.second.name))
        added = tuple((delta, sp.Integer(1)) for delta in ordered)
        return Term(term.coefficient, added + term.factors, term.bound) if added else term

    def _links_of(self, leaf: Jacobian) -> tuple[tuple[int, int], ...]:
        """The pairs of axes outside whose diagonal a Jacobian is zero."""
        if leaf not in self._links:
            indices = _generic(leaf)
            written_out = unfolded(entry(leaf, indices), self.definitions)
            deltas = [{atom for atom, _ in term.factors} for term in written_out.terms]
            split = len(leaf.of.dims)
            self._links[leaf] = tuple(
                (one, other)
                for one in range(split)
                for other in range(split, len(indices))
                if indices[one].dim == indices[other].dim
                and all(
                    Delta(indices[one], indices[other]) in found
                    or Delta(indices[other], indices[one]) in found
                    for found in deltas
                )
            )
        return self._links[leaf]


def _without_inverses(term: Term) -> Term:
    """Write every product of a matrix with its inverse as the identity."""
    leaves = {atom.leaf for atom, _ in term.factors if isinstance(atom, Entry)}
    for leaf in sorted((leaf for leaf in leaves if isinstance(leaf, Inverted)), key=_by_name):
        term = cancelled(term, leaf.of)
    return term


def _by_name(leaf: Inverted) -> str:
    return leaf.of.name


def _generic(leaf: Leaf) -> tuple[Index, ...]:
    """An index of its own for each axis."""
    return tuple(Index(f"a{k}", dim) for k, dim in enumerate(leaf.dims))
