"""Contraction: Kronecker deltas with a bound index are summed out."""

import sympy as sp

from solutionset.calculus.expressions import Atom, Delta, Expr, Term, atom_indices, rename
from solutionset.calculus.normal import collect


def contract(expr: Expr) -> Expr:
    """Sum out every Kronecker delta that has a bound index; collect like terms."""
    return collect(Expr(_contract_term(term) for term in expr.terms))


def _contract_term(term: Term) -> Term:
    for position, (atom, _) in enumerate(term.factors):
        if not isinstance(atom, Delta):
            continue
        rest = Term(
            term.coefficient, term.factors[:position] + term.factors[position + 1 :], term.bound
        )
        if atom.first == atom.second:
            return _contract_term(_drop_loose(rest))
        for gone, kept in ((atom.first, atom.second), (atom.second, atom.first)):
            if gone in term.bound:
                bound = tuple(i for i in rest.bound if i != gone)
                substituted = rename(Term(rest.coefficient, rest.factors, bound), {gone: kept})
                return _contract_term(_drop_loose(merged(substituted)))
        one, other = sorted((atom.first, atom.second), key=lambda index: index.name)
        moved = rename(rest, {other: one})
        if moved != rest:
            # Both indices are free: the delta stays, and lets the rest be written with one of them.
            return _contract_term(
                merged(
                    Term(moved.coefficient, (*moved.factors, term.factors[position]), moved.bound)
                )
            )
    return merged(term)


def merged(term: Term) -> Term:
    """Collect factors that became equal into powers."""
    if len({atom for atom, _ in term.factors}) == len(term.factors):
        return term
    powers: dict[Atom, sp.Expr] = {}
    for atom, exponent in term.factors:
        powers[atom] = powers.get(atom, sp.Integer(0)) + exponent
    kept = tuple((a, sp.Integer(1) if isinstance(a, Delta) else e) for a, e in powers.items() if e)
    return Term(term.coefficient, kept, term.bound)


def _drop_loose(term: Term) -> Term:
    """A bound index that occurs in no factor is a sum of ones: it contributes its size."""
    used = {index for atom, _ in term.factors for index in atom_indices(atom)}
    loose = [index for index in term.bound if index not in used]
    coefficient = term.coefficient * sp.Mul(*(index.dim.size for index in loose))
    return Term(coefficient, term.factors, tuple(i for i in term.bound if i in used))
