"""Sums that a definition names: sum_l exp(a_l) / Z is one where Z is that sum."""

import sympy as sp

from solutionset.calculus.definitions import Definition, Definitions
from solutionset.calculus.expressions import (
    Atom,
    Entry,
    Expr,
    Term,
    atom_indices,
    rename,
)
from solutionset.calculus.tensors import Index


def named(expr: Expr, definitions: Definitions) -> Expr:
    """Cancel a sum against its name wherever a term is divided by it."""
    sums = [d for d in definitions.ordered if _is_plain_sum(d)]
    return Expr(_named(term, sums) for term in expr.terms) if sums else expr


def _is_plain_sum(definition: Definition) -> bool:
    """Whether the body is one product of entries or functions, summed over one index."""
    terms = definition.body.terms
    return len(terms) == 1 and len(terms[0].bound) == 1 and bool(terms[0].factors)


def _named(term: Term, sums: list[Definition]) -> Term:
    for definition in sums:
        for atom, exponent in term.factors:
            if isinstance(atom, Entry) and atom.leaf == definition.tensor and exponent < 0:
                (body,) = definition.at(atom.indices).terms
                for index in term.bound:
                    found = _cancelled(term, atom, body, index)
                    if found is not None:
                        return _named(found, sums)
    return term


def _cancelled(term: Term, name: Atom, body: Term, index: Index) -> Term | None:
    """The term without the factors of the sum over this index and with one `name` more."""
    (summed,) = body.bound
    if summed.dim != index.dim:
        return None
    powers = dict(term.factors)
    for factor, exponent in rename(body, {summed: index}).factors:
        if factor not in powers or powers[factor] != exponent:
            return None
        del powers[factor]
    if any(index in atom_indices(atom) for atom in powers):
        return None
    powers[name] += sp.Integer(1)
    kept = tuple((atom, exponent) for atom, exponent in powers.items() if exponent != 0)
    bound = tuple(i for i in term.bound if i != index)
    return Term(term.coefficient / body.coefficient, kept, bound)
