"""Mutants: wrong variants of a formula, made from its tree, which the check must refuse.

A check that accepts a mutant could not have found that error. Mutants that do not type are refused
by the calculus itself; those equal to the original by normal form are no errors; all others must be
killed by numbers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import sympy as sp
from numpy.linalg import LinAlgError

from solutionset.calculus.expressions import Apply, Atom, Delta, Entry, Expr, Term, atom_indices
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
)
from solutionset.calculus.nodes import Kron, MatrixPower, Summed
from solutionset.calculus.tensors import CalculusError, Elementwise, Index, Leaf
from solutionset.calculus.trees import children, with_children
from solutionset.model import MutantScore
from solutionset.verification.equality import Equality
from solutionset.verification.sameness import same_formula

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
    killed: Callable[[Mat], bool],
    show: Callable[[Mat], str],
    equality: Equality,
    left: Mat | None = None,
) -> Outcome:
    """Make every mutant of a matrix formula and let `killed` judge those that type.

    A mutant that is the `left` side of the claim itself states nothing and is passed over.
    """
    ill_typed = equivalents = dead = 0
    survivors: list[str] = []
    seen = {_told_apart_by(original, original)}
    if left is not None:
        seen.add(_told_apart_by(left, original))
    for make in _variants(original, leaves):
        try:
            mutant = make()
            key = _told_apart_by(mutant, original)
            if key in seen:
                continue
            seen.add(key)
            if mutant.shape != original.shape:
                raise ShapeError("mutant of another shape")
        except CalculusError:
            ill_typed += 1
            continue
        if _killed(mutant, killed):
            dead += 1
        elif same_formula(mutant, original, equality):
            equivalents += 1
        else:
            survivors.append(show(mutant))
    made = ill_typed + equivalents + dead + len(survivors)
    return Outcome(
        MutantScore(made, ill_typed, equivalents, dead, len(survivors)), tuple(survivors)
    )


def _told_apart_by(mutant: Mat, original: Mat) -> tuple[int, Mat]:
    """What identifies a mutant: of a sum in which one term changed, its position and that term."""
    if isinstance(mutant, Add) and isinstance(original, Add):
        pairs = tuple(zip(mutant.terms, original.terms, strict=False))
        changed = [k for k, (one, other) in enumerate(pairs) if one is not other]
        same_length = len(mutant.terms) == len(original.terms)
        if same_length and len(changed) == 1 and mutant.terms[changed[0]] != pairs[changed[0]][1]:
            return changed[0], mutant.terms[changed[0]]
    return -1, mutant


def _killed(mutant: Mat, judge: Callable[[Mat], bool]) -> bool:
    try:
        return judge(mutant)
    except LinAlgError:  # it inverts a singular matrix, which the original does not
        return True


def _variants(node: Mat, leaves: tuple[Leaf, ...]) -> Iterator[Make]:
    """All single changes, here or in one subexpression."""
    yield from _changes(node, leaves)
    parts = children(node)
    for position, part in enumerate(parts):
        for make in _variants(part, leaves):
            yield _inside(node, parts, position, make)


def _inside(node: Mat, parts: tuple[Mat, ...], position: int, make: Make) -> Make:
    def rebuilt() -> Mat:
        changed = make()
        if isinstance(node, Transposed) and isinstance(changed, Transposed):
            return changed.body
        return with_children(node, (*parts[:position], changed, *parts[position + 1 :]))

    return rebuilt


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
        case Summed():
            yield lambda: replace(node, first=node.first + 1)
            yield lambda: replace(node, last=node.last - 1)
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
        case MatrixPower():
            yield lambda: node.body
            yield lambda: MatrixPower(node.body, node.exponent + 1)
        case Diag():
            yield lambda: Identity(node.shape[0])
        case Kron():
            yield lambda: Kron(node.right, node.left)
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
        yield partial(Product, tuple(swapped))


def _add_changes(node: Add) -> Iterator[Make]:
    yield from _dropped(node.terms, Add)
    for k, term in enumerate(node.terms):
        changed = (*node.terms[:k], Scaled(sp.Integer(-1), term), *node.terms[k + 1 :])
        yield partial(Add, changed)


def _dropped(
    parts: tuple[Mat, ...], kind: type[Product] | type[Hadamard] | type[Add]
) -> Iterator[Make]:
    for k in range(len(parts)):
        rest = parts[:k] + parts[k + 1 :]
        yield partial(_joined, kind, rest)


def _joined(kind: type[Product] | type[Hadamard] | type[Add], parts: tuple[Mat, ...]) -> Mat:
    return kind(parts) if len(parts) > 1 else parts[0]


def _replacements(node: Sym, leaves: tuple[Leaf, ...]) -> Iterator[Make]:
    for leaf in leaves:
        if leaf != node.leaf and leaf.dims == node.leaf.dims:
            yield partial(Sym, leaf)


# -------------------------------------------------------------------------- index formulas


@dataclass(frozen=True)
class Changes:
    """What became of the changes of single terms, by the term and what stands in its place.

    All lines of a derivation have one value, so a change that is wrong in one is wrong in all.
    """

    variants: dict[Term, tuple[Term | None, ...]] = field(default_factory=dict)
    killed: dict[tuple[Term, Term | None], bool] = field(default_factory=dict)

    def of(self, term: Term, leaves: tuple[Leaf, ...]) -> tuple[Term | None, ...]:
        """What may stand in the place of a term; None leaves it out."""
        if term not in self.variants:
            self.variants[term] = (*_term_variants(term, leaves), None)
        return self.variants[term]


def judge_index(
    original: Expr,
    leaves: tuple[Leaf, ...],
    killed: Callable[[Expr], bool],
    show: Callable[[Expr], str],
    equality: Equality,
    meaning: Callable[[Expr], Expr] | None = None,
    changes: Changes | None = None,
    killed_later: Callable[[Expr], bool] | None = None,
) -> Outcome:
    """Make every mutant of one line of a derivation and let `killed` judge those that type.

    With a `meaning`, such as the expectation of what is printed, lines are equal if theirs is.
    `changes` are those judged in other lines of one value, with the same leaves. With
    `killed_later`, `killed` looks at a first point only: what is equal by normal form need not be
    evaluated elsewhere.
    """
    ill_typed = equivalents = dead = 0
    survivors: list[str] = []
    seen: set[Expr] = {original}
    free = original.free
    changes = changes or Changes()
    for term, variant, mutant in _index_variants(original, leaves, changes):
        if mutant in seen:
            continue
        seen.add(mutant)
        if mutant.free != free:
            ill_typed += 1
            continue
        change = term, variant
        if change not in changes.killed:
            if killed(mutant):
                changes.killed[change] = True
            elif equality.is_zero(_difference(term, variant, meaning)):
                changes.killed[change] = False
            elif killed_later is not None and killed_later(mutant):
                changes.killed[change] = True
            else:
                survivors.append(show(mutant))
                continue
        dead += changes.killed[change]
        equivalents += not changes.killed[change]
    made = ill_typed + equivalents + dead + len(survivors)
    return Outcome(
        MutantScore(made, ill_typed, equivalents, dead, len(survivors)), tuple(survivors)
    )


def _difference(term: Term, variant: Term | None, meaning: Callable[[Expr], Expr] | None) -> Expr:
    difference = Expr(() if variant is None else (variant,)) - Expr((term,))
    return difference if meaning is None else meaning(difference)


def _index_key(index: Index) -> tuple[str, str]:
    return index.name, index.dim.name


def _index_variants(
    expr: Expr, leaves: tuple[Leaf, ...], changes: Changes
) -> Iterator[tuple[Term, Term | None, Expr]]:
    """The term that is changed, what stands in its place, and the whole."""
    for position, term in enumerate(expr.terms):
        before, after = expr.terms[:position], expr.terms[position + 1 :]
        for variant in changes.of(term, leaves):
            if variant is not None:
                yield term, variant, Expr((*before, variant, *after))
            elif len(expr.terms) > 1:
                yield term, None, Expr(before + after)


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
            indices = sorted({i for a, _ in term.factors for i in atom_indices(a)}, key=_index_key)
            for k, index in enumerate(atom.indices):
                for other in indices:
                    if other != index and other.dim == index.dim:
                        shifted = (*atom.indices[:k], other, *atom.indices[k + 1 :])
                        yield Entry(atom.leaf, shifted)
        case Apply():
            yield Apply(atom.function.prime, atom.argument)
        case Delta():
            for index in sorted(term.bound, key=_index_key):
                if index.dim == atom.first.dim and index not in (atom.first, atom.second):
                    yield Delta(atom.first, index)
        case _:
            return
