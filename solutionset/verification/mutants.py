"""Mutants: wrong variants of a formula, made from its tree, which the check must refuse.

A check that accepts a mutant could not have found that error. Mutants that do not type are refused by
the calculus itself; those equal to the original by normal form are no errors; all others must be killed
by numbers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import sympy as sp

from solutionset.calculus.definitions import Definitions
from solutionset.calculus.derivation import resolved
from solutionset.calculus.expressions import Apply, Atom, Delta, Entry, Expr, Term, atom_indices
from solutionset.calculus.indexing import to_index
from solutionset.calculus.matrix import (
    Add,
    Applied,
    Diag,
    Hadamard,
    Identity,
    Mat,
    One,
    Power,
    Product,
    Scaled,
    ShapeError,
    Sym,
    Transposed,
    children,
    with_children,
)
from solutionset.calculus.normal import equivalent
from solutionset.calculus.tensors import CalculusError, Elementwise, Index, Leaf
from solutionset.model import MutantScore

Make = Callable[[], Mat]


@dataclass(frozen=True)
class Outcome:
    """What became of the mutants of a formula; survivors are kept to be shown."""

    score: MutantScore
    survivors: tuple[str, ...]


NOTHING = Outcome(MutantScore(0, 0, 0, 0, 0), ())


def total(outcomes: tuple[Outcome, ...]) -> Outcome:
    """Add up the outcomes of several formulas."""
    scores = [outcome.score for outcome in outcomes]
    return Outcome(
        MutantScore(
            generated=sum(s.generated for s in scores),
            ill_typed=sum(s.ill_typed for s in scores),
            equivalent=sum(s.equivalent for s in scores),
            killed=sum(s.killed for s in scores),
            survived=sum(s.survived for s in scores),
        ),
        tuple(text for outcome in outcomes for text in outcome.survivors),
    )


# ------------------------------------------------------------------------- matrix formulas


def judge_matrix(
    original: Mat,
    leaves: tuple[Leaf, ...],
    indices: tuple[Index | None, Index | None],
    killed: Callable[[Mat], bool],
    show: Callable[[Mat], str],
    definitions: Definitions,
) -> Outcome:
    """Make every mutant of a matrix formula and let `killed` judge those that type."""
    ill_typed = equivalents = dead = 0
    survivors: list[str] = []
    seen: set[Mat] = {original}
    reference = resolved(to_index(original, *indices), definitions)
    for make in _variants(original, leaves):
        try:
            mutant = make()
            if mutant in seen:
                continue
            seen.add(mutant)
            if mutant.shape != original.shape:
                raise ShapeError("mutant of another shape")
        except CalculusError:
            ill_typed += 1
            continue
        if killed(mutant):
            dead += 1
        elif equivalent(resolved(to_index(mutant, *indices), definitions), reference):
            equivalents += 1
        else:
            survivors.append(show(mutant))
    made = ill_typed + equivalents + dead + len(survivors)
    return Outcome(MutantScore(made, ill_typed, equivalents, dead, len(survivors)), tuple(survivors))


def _variants(node: Mat, leaves: tuple[Leaf, ...]) -> Iterator[Make]:
    """All single changes, here or in one subexpression."""
    yield from _changes(node, leaves)
    parts = children(node)
    for position, part in enumerate(parts):
        for make in _variants(part, leaves):
            yield _inside(node, parts, position, make)


def _inside(node: Mat, parts: tuple[Mat, ...], position: int, make: Make) -> Make:
    return lambda: with_children(node, (*parts[:position], make(), *parts[position + 1 :]))


def _changes(node: Mat, leaves: tuple[Leaf, ...]) -> Iterator[Make]:
    if not node.is_scalar:
        yield lambda: node.body if isinstance(node, Transposed) else Transposed(node)
    yield lambda: Scaled(sp.Integer(-1), node)
    match node:
        case Product():
            yield from _product_changes(node)
        case Hadamard():
            yield from _dropped(node.factors, Hadamard)
            yield lambda: Product(node.factors)
        case Add():
            yield from _add_changes(node)
        case Scaled():
            yield lambda: node.body
            yield lambda: Scaled(node.coefficient * 2, node.body)
        case Applied():
            yield lambda: Applied(node.function.prime, node.body)
            yield lambda: node.body
            if node.function.order:
                yield lambda: Applied(_lower(node), node.body)
        case Power():
            yield lambda: node.body
            yield lambda: Power(node.body, node.exponent + 1)
        case Diag():
            yield lambda: Identity(node.shape[0])
        case Sym():
            yield from _replacements(node, leaves)
        case _ if not isinstance(node, One):
            yield lambda: Scaled(sp.Integer(2), node)


def _lower(node: Applied) -> Elementwise:


    return replace(node.function, order=node.function.order - 1)


def _product_changes(node: Product) -> Iterator[Make]:
    yield from _dropped(node.factors, Product)
    yield lambda: Hadamard(node.factors)
    for k in range(len(node.factors) - 1):
        swapped = list(node.factors)
        swapped[k], swapped[k + 1] = swapped[k + 1], swapped[k]
        yield lambda factors=tuple(swapped): Product(factors)


def _add_changes(node: Add) -> Iterator[Make]:
    yield from _dropped(node.terms, Add)
    for k, term in enumerate(node.terms):
        changed = (*node.terms[:k], Scaled(sp.Integer(-1), term), *node.terms[k + 1 :])
        yield lambda terms=changed: Add(terms)


def _dropped(
    parts: tuple[Mat, ...], kind: type[Product] | type[Hadamard] | type[Add]
) -> Iterator[Make]:
    for k in range(len(parts)):
        rest = parts[:k] + parts[k + 1 :]
        yield lambda rest=rest: kind(rest) if len(rest) > 1 else rest[0]


def _replacements(node: Sym, leaves: tuple[Leaf, ...]) -> Iterator[Make]:
    for leaf in leaves:
        if leaf != node.leaf and leaf.dims == node.leaf.dims:
            yield lambda leaf=leaf: Sym(leaf)


# -------------------------------------------------------------------------- index formulas


def judge_index(
    original: Expr,
    leaves: tuple[Leaf, ...],
    killed: Callable[[Expr], bool],
    show: Callable[[Expr], str],
    definitions: Definitions,
) -> Outcome:
    """Make every mutant of one line of a derivation and let `killed` judge those that type."""
    ill_typed = equivalents = dead = 0
    survivors: list[str] = []
    seen: set[Expr] = {original}
    for mutant in _index_variants(original, leaves):
        if mutant in seen:
            continue
        seen.add(mutant)
        if mutant.free != original.free:
            ill_typed += 1
        elif killed(mutant):
            dead += 1
        elif equivalent(resolved(mutant, definitions), resolved(original, definitions)):
            equivalents += 1
        else:
            survivors.append(show(mutant))
    made = ill_typed + equivalents + dead + len(survivors)
    return Outcome(MutantScore(made, ill_typed, equivalents, dead, len(survivors)), tuple(survivors))


def _index_variants(expr: Expr, leaves: tuple[Leaf, ...]) -> Iterator[Expr]:
    for position, term in enumerate(expr.terms):
        before, after = expr.terms[:position], expr.terms[position + 1 :]
        for changed in _term_variants(term, leaves):
            yield Expr((*before, changed, *after))
        if len(expr.terms) > 1:
            yield Expr(before + after)


def _term_variants(term: Term, leaves: tuple[Leaf, ...]) -> Iterator[Term]:
    yield Term(-term.coefficient, term.factors, term.bound)
    yield Term(2 * term.coefficient, term.factors, term.bound)
    for position, (atom, exponent) in enumerate(term.factors):
        before, after = term.factors[:position], term.factors[position + 1 :]
        rest = before + after
        used = {i for other, _ in rest for i in atom_indices(other)}
        # A factor whose index nothing else carries cannot be dropped: the sum would lose its range.
        if all(i in used or i not in term.bound for i in atom_indices(atom)):
            yield Term(term.coefficient, rest, term.bound)
        for changed in _atom_variants(atom, term, leaves):
            factors = (*before, (changed, exponent), *after)
            present = {i for other, _ in factors for i in atom_indices(other)}
            if present.issuperset(term.bound):
                yield Term(term.coefficient, factors, term.bound)


def _atom_variants(atom: Atom, term: Term, leaves: tuple[Leaf, ...]) -> Iterator[Atom]:
    match atom:
        case Entry():
            for leaf in leaves:
                if leaf != atom.leaf and leaf.dims == atom.leaf.dims:
                    yield Entry(leaf, atom.indices)
            indices = sorted({i for a, _ in term.factors for i in atom_indices(a)}, key=str)
            for k, index in enumerate(atom.indices):
                for other in indices:
                    if other != index and other.dim == index.dim:
                        shifted = (*atom.indices[:k], other, *atom.indices[k + 1 :])
                        yield Entry(atom.leaf, shifted)
        case Apply():
            yield Apply(atom.function.prime, atom.argument)
        case Delta():
            for index in sorted(term.bound, key=str):
                if index.dim == atom.first.dim and index not in (atom.first, atom.second):
                    yield Delta(atom.first, index)
        case _:
            return
