"""Rules: small functions from expression to expression with a name, a title and a hypothesis.

A derivation is the log of the rules applied; the title is what stands beside the printed line.
"""

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from solutionset.calculus.definitions import Definitions
from solutionset.calculus.differentiate import differentiate
from solutionset.calculus.expressions import (
    Apply,
    Atom,
    Delta,
    Entry,
    Expr,
    Group,
    Term,
    atom_indices,
    map_atoms,
    rename,
    rename_expr,
)
from solutionset.calculus.normal import collect
from solutionset.calculus.tensors import CalculusError, Index, Jacobian, Tensor


@dataclass(frozen=True)
class Rule:
    """A named rewriting step; `hypothesis` is what must hold for it, empty if nothing must."""

    name: str
    title: str
    explanation: str
    apply: Callable[[Expr], Expr]
    hypothesis: str = ""


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
                return _contract_term(_drop_loose(_merged(substituted)))
        one, other = sorted((atom.first, atom.second), key=lambda index: index.name)
        moved = rename(rest, {other: one})
        if moved != rest:
            # Both indices are free: the delta stays, and lets the rest be written with one of them.
            return _contract_term(_merged(Term(
                moved.coefficient, (*moved.factors, term.factors[position]), moved.bound
            )))
    return term


def _merged(term: Term) -> Term:
    """Collect factors that became equal into powers."""
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


def unfold_jacobian(definitions: Definitions, of: Tensor, wrt: Tensor) -> Rule:
    """Differentiate the definition of `of` in `wrt`, one level deep."""

    def change(atom: Atom) -> Expr | None:
        if isinstance(atom, Entry) and atom.leaf == Jacobian(of, wrt):
            definition = definitions[of]
            indices, at = atom.indices[: of.rank], atom.indices[of.rank :]
            # Differentiate at fresh names, so that a bound index of the caller meets no namesake.
            fresh = tuple(Index(f"@{k}", i.dim) for k, i in enumerate(at))
            derivative = differentiate(definition.body, wrt, fresh, definitions)
            names = dict(zip(definition.indices + fresh, indices + at, strict=True))
            return rename_expr(derivative, names)
        return None

    return Rule(
        "differentiate",
        "differentiate",
        f"the definition of {of.name}, differentiated term by term",
        lambda expr: map_atoms(expr, change),
    )


def rewrite(name: str, pattern: Expr, by: Expr, because: str, hypothesis: str = "") -> Rule:
    """Replace every atom that looks like `pattern` (one atom, free indices as blanks) by `by`."""
    if len(pattern.terms) != 1 or len(pattern.terms[0].factors) != 1 or pattern.terms[0].bound:
        raise CalculusError(
            f"the pattern of rule {name} is not a single factor",
            wanted="one entry or one function of entries, such as exp(X[i, j])",
        )
    ((shape, exponent),) = pattern.terms[0].factors
    if exponent != 1 or pattern.terms[0].coefficient != 1:
        raise CalculusError(f"the pattern of rule {name} carries a power or a coefficient")
    if by.free - pattern.free:
        stranger = min(i.name for i in by.free - pattern.free)
        raise CalculusError(f"index {stranger} of rule {name} is not in its pattern")

    def change(atom: Atom) -> Expr | None:
        names = match(shape, atom)
        return None if names is None else rename_expr(by, names)

    return Rule(name, because, because, lambda expr: map_atoms(expr, change), hypothesis)


def match(pattern: Atom, atom: Atom) -> dict[Index, Index] | None:
    """Return the renaming that turns the pattern into the atom, or None."""
    holes, indices = atom_indices(pattern), atom_indices(atom)
    if type(pattern) is not type(atom) or len(holes) != len(indices):
        return None
    names: dict[Index, Index] = {}
    for hole, index in zip(holes, indices, strict=True):
        if hole.dim != index.dim or names.setdefault(hole, index) != index:
            return None
    match pattern, atom:
        case Entry(), Entry():
            return names if pattern.leaf == atom.leaf else None
        case Apply(), Apply():
            same = pattern.function == atom.function
            return names if same and rename_expr(pattern.argument, names) == atom.argument else None
        case Group(), Group():
            return names if rename_expr(pattern.body, names) == atom.body else None
        case _:
            return None


def sums_to_one(tensor: Tensor, axis: int, because: str) -> Rule:
    """Drop a factor that is summed alone over an axis along which the tensor sums to one."""

    def drop(term: Term) -> Term:
        for position, (atom, exponent) in enumerate(term.factors):
            if not (isinstance(atom, Entry) and atom.leaf == tensor and exponent == 1):
                continue
            index = atom.indices[axis]
            uses = [i for other, _ in term.factors for i in atom_indices(other) if i == index]
            if index in term.bound and len(uses) == 1:
                factors = term.factors[:position] + term.factors[position + 1 :]
                bound = tuple(i for i in term.bound if i != index)
                return drop(Term(term.coefficient, factors, bound))
        return term

    return Rule(
        "sums_to_one",
        because,
        f"{tensor.name} sums to one along axis {axis}",
        lambda expr: collect(Expr(drop(term) for term in expr.terms)),
        hypothesis=f"{tensor.name} sums to one along axis {axis}",
    )
