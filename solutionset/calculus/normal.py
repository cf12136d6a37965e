"""The normal form in which like terms meet.

Bound indices are renamed canonically by colour refinement: each index is coloured by where it
occurs, colours are refined until nothing changes, and remaining ties are broken by trying each
member of the first tied class, except those that a swap shows to be interchangeable. Nothing is
factorial: a cyclic trace of ten factors tries ten starts, ten interchangeable indices try one.
"""

from collections.abc import Mapping
from functools import lru_cache

import sympy as sp

from solutionset.calculus.expressions import (
    Apply,
    Atom,
    Delta,
    Entry,
    Expr,
    Group,
    Powers,
    Term,
    atom_indices,
    rename,
)
from solutionset.calculus.tensors import Index

Signature = tuple[object, ...]


def normal_form(expr: Expr) -> Expr:
    """Return the expression with canonical names, like terms collected, terms sorted."""
    collected: dict[tuple[Powers, tuple[Index, ...]], sp.Expr] = {}
    for term in expr.terms:
        canonical = canonical_term(term)
        key = (canonical.factors, canonical.bound)
        collected[key] = collected.get(key, sp.Integer(0)) + canonical.coefficient
    terms = (Term(_expanded(c), factors, bound) for (factors, bound), c in collected.items())
    return Expr(sorted((t for t in terms if t.coefficient != 0), key=term_key))


def equivalent(left: Expr, right: Expr) -> bool:
    """Whether two expressions are equal by renaming and collecting alone."""
    return not normal_form(left - right).terms


def collect(expr: Expr) -> Expr:
    """Add like terms, keeping the order and the shape in which the terms first occur."""
    collected: dict[tuple[Powers, tuple[Index, ...]], Term] = {}
    for term in expr.terms:
        canonical = canonical_term(term)
        key = (canonical.factors, canonical.bound)
        seen = collected.get(key)
        if seen is None:
            collected[key] = term
        else:
            total = _expanded(seen.coefficient + term.coefficient)
            collected[key] = Term(total, seen.factors, seen.bound)
    return Expr(term for term in collected.values() if term.coefficient != 0)


def _expanded(coefficient: sp.Expr) -> sp.Expr:
    return coefficient if coefficient.is_Number else sp.expand(coefficient)


def canonical_term(term: Term) -> Term:
    """Rename the bound indices of a term to 0, 1, ... independently of their old names."""
    factors = tuple((_canonical_atom(atom), exponent) for atom, exponent in term.factors)
    term = Term(term.coefficient, factors, term.bound)
    if not term.bound:
        return _sorted(term)
    order = [index for part in _components(term) for index in _best_order(part)]
    names = {old: Index(str(k), old.dim) for k, old in enumerate(order)}
    return _sorted(rename(term, names))


def term_key(term: Term) -> Signature:
    """A key that sorts terms the same way in every run."""
    return (len(term.bound), _term_signature(term, {}), _text(term.coefficient))


def _sorted(term: Term) -> Term:
    factors = tuple(
        (_ordered_delta(atom), exponent)
        for atom, exponent in sorted(term.factors, key=lambda f: _factor_signature(f, {}))
    )
    return Term(term.coefficient, factors, tuple(sorted(term.bound, key=_index_key)))


def _ordered_delta(atom: Atom) -> Atom:
    if isinstance(atom, Delta) and _index_key(atom.second) < _index_key(atom.first):
        return Delta(atom.second, atom.first)
    return atom


def _canonical_atom(atom: Atom) -> Atom:
    """Put the argument of a function or group in normal form (it has no sums of its own)."""
    match atom:
        case Apply():
            return Apply(atom.function, normal_form(atom.argument))
        case Group():
            return Group(normal_form(atom.body))
        case _:
            return atom


def _index_key(index: Index) -> tuple[bool, int, str, str]:
    number = int(index.name) if index.bound else 0
    return (index.bound, number, index.name, index.dim.name)


# ------------------------------------------------------------------ signatures and colours


@lru_cache(maxsize=4096)
def _text(number: sp.Expr) -> str:
    return str(number)


def _paint(index: Index, colours: Mapping[Index, str]) -> str:
    return colours.get(index, f"={index.name}:{index.dim.name}")


def _atom_signature(atom: Atom, colours: Mapping[Index, str]) -> Signature:
    match atom:
        case Entry():
            kind = type(atom.leaf).__name__
            return ("entry", kind, atom.leaf.name, *(_paint(i, colours) for i in atom.indices))
        case Delta():
            return ("delta", *sorted((_paint(atom.first, colours), _paint(atom.second, colours))))
        case Apply():
            function = f"{atom.function.name}/{atom.function.order}"
            return ("apply", function, _expr_signature(atom.argument, colours))
        case Group():
            return ("group", _expr_signature(atom.body, colours))


def _factor_signature(factor: tuple[Atom, sp.Expr], colours: Mapping[Index, str]) -> str:
    return repr((_atom_signature(factor[0], colours), _text(factor[1])))


def _term_signature(term: Term, colours: Mapping[Index, str]) -> Signature:
    return tuple(sorted(_factor_signature(factor, colours) for factor in term.factors))


def _expr_signature(expr: Expr, colours: Mapping[Index, str]) -> Signature:
    return tuple(
        sorted(repr((_text(t.coefficient), _term_signature(t, colours))) for t in expr.terms)
    )


def _components(term: Term) -> list[Term]:
    """Split a term into parts that share no bound index, sorted by what they look like."""
    bound = set(term.bound)
    parts: list[tuple[list[tuple[Atom, sp.Expr]], set[Index]]] = []
    for factor in term.factors:
        touched = {i for i in atom_indices(factor[0]) if i in bound}
        if not touched:
            continue
        members, indices = [factor], set(touched)
        rest = []
        for others, theirs in parts:
            if theirs & touched:
                members, indices = others + members, indices | theirs
            else:
                rest.append((others, theirs))
        parts = [*rest, (members, indices)]
    terms = [
        Term(sp.Integer(1), tuple(members), tuple(i for i in term.bound if i in indices))
        for members, indices in parts
    ]
    return sorted(terms, key=_component_key)


def _component_key(term: Term) -> str:
    """What a part looks like; refined colours no longer tell dimensions apart."""
    dims = sorted(index.dim.name for index in term.bound)
    return repr((dims, _certificate(term, _refined(term, _start(term)))))


def _start(term: Term) -> dict[Index, str]:
    return {index: index.dim.name for index in term.bound}


def _refined(term: Term, colours: dict[Index, str]) -> dict[Index, str]:
    """Refine colours until the number of classes no longer grows."""
    while True:
        seen: dict[Index, list[str]] = {index: [] for index in term.bound}
        for factor in term.factors:
            for index in {i for i in atom_indices(factor[0]) if i in seen}:
                marked = {**colours, index: f"*{colours[index]}"}
                seen[index].append(_factor_signature(factor, marked))
        raw = {i: repr((colours[i], sorted(marks))) for i, marks in seen.items()}
        ranks = {colour: f"c{k}" for k, colour in enumerate(sorted(set(raw.values())))}
        refined = {index: ranks[colour] for index, colour in raw.items()}
        if len(ranks) == len(set(colours.values())):
            return refined
        colours = refined


def _certificate(term: Term, colours: Mapping[Index, str]) -> Signature:
    return _term_signature(term, colours)


def _best_order(term: Term) -> list[Index]:
    """The order of the bound indices whose certificate is the smallest."""
    return _search(term, _refined(term, _start(term)))[1]


def _search(term: Term, colours: dict[Index, str]) -> tuple[str, list[Index]]:
    classes: dict[str, list[Index]] = {}
    for index, colour in colours.items():
        classes.setdefault(colour, []).append(index)
    tied = next((classes[c] for c in sorted(classes) if len(classes[c]) > 1), None)
    if tied is None:
        order = sorted(term.bound, key=lambda i: int(colours[i][1:]))
        positions = {index: f"p{k:03d}" for k, index in enumerate(order)}
        return repr(_certificate(term, positions)), order
    candidates: list[Index] = []
    for index in tied:
        if not any(_interchangeable(term, index, other) for other in candidates):
            candidates.append(index)
    singled = ({**colours, index: f"{colours[index]}!"} for index in candidates)
    return min((_search(term, _refined(term, c)) for c in singled), key=lambda found: found[0])


def _interchangeable(term: Term, one: Index, other: Index) -> bool:
    swapped = rename(term, {one: other, other: one})
    names: dict[Index, str] = {i: f"={i.name}" for i in term.bound}
    return _term_signature(swapped, names) == _term_signature(term, names)
