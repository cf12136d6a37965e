"""Mutants: wrong variants of a formula, made from its tree, which the check must refuse.

A check that accepts a mutant could not have found that error. Mutants that do not type are refused
by the calculus itself; those equal to the original by normal form are no errors; all others must be
killed by numbers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import sympy as sp
from numpy.linalg import LinAlgError

from solutionset.calculus.contraction import contract
from solutionset.calculus.definitions import Definitions
from solutionset.calculus.derivation import resolved
from solutionset.calculus.expressions import Apply, Atom, Delta, Entry, Expr, Term, atom_indices
from solutionset.calculus.indexing import to_index
from solutionset.calculus.matrix import (
    Add,
    Applied,
    Diag,
    Hadamard,
    Head,
    Identity,
    Inverse,
    Mat,
    MatrixPower,
    Measure,
    One,
    Power,
    Product,
    ScalarTimes,
    Scaled,
    ShapeError,
    Sym,
    Trace,
    Transposed,
    children,
    product,
    transposed,
    with_children,
)
from solutionset.calculus.normal import equivalent, normal_form
from solutionset.calculus.tensors import ARGUMENT, ONE, CalculusError, Elementwise, Index, Leaf
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
    killed: Callable[[Mat], bool],
    show: Callable[[Mat], str],
    definitions: Definitions,
) -> Outcome:
    """Make every mutant of a matrix formula and let `killed` judge those that type."""
    ill_typed = equivalents = dead = 0
    survivors: list[str] = []
    seen: set[Mat] = {original}
    reference = _reference(original, definitions)
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
        if _killed(mutant, killed):
            dead += 1
        elif _equals(mutant, original, reference, definitions):
            equivalents += 1
        else:
            survivors.append(show(mutant))
    made = ill_typed + equivalents + dead + len(survivors)
    return Outcome(
        MutantScore(made, ill_typed, equivalents, dead, len(survivors)), tuple(survivors)
    )


def _killed(mutant: Mat, judge: Callable[[Mat], bool]) -> bool:
    try:
        return judge(mutant)
    except LinAlgError:  # it inverts a singular matrix, which the original does not
        return True


def _reference(form: Mat, definitions: Definitions) -> Expr | None:
    """The formula written out, or None for one with a norm or the like, which has no index form."""
    row, col = form.shape
    indices = (
        None if row == ONE else Index("i", row),
        None if col == ONE else Index("j", col),
    )
    try:
        return resolved(to_index(_without_norms(form), *indices), definitions)
    except CalculusError:
        return None


def _without_norms(node: Mat) -> Mat:
    """Write the square of a norm as the trace of a product, which does not see a sign inside."""
    match node:
        case Power(body=Scaled(body=Head() as head) as multiple) if node.exponent == 2:
            return Scaled(multiple.coefficient**2, _without_norms(Power(head, node.exponent)))
        case Power(body=Head(measure=Measure.NORM | Measure.FROBENIUS, body=body)) if (
            node.exponent == 2
        ):
            inside = _without_norms(body)
            return Trace(product(transposed(inside), inside))
        case _:
            parts = children(node)
            return with_children(node, tuple(map(_without_norms, parts))) if parts else node


def _equals(mutant: Mat, original: Mat, reference: Expr | None, definitions: Definitions) -> bool:
    if _transposes_inside(mutant) == _transposes_inside(original):
        return True
    written_out = _reference(mutant, definitions)
    if reference is not None and written_out is not None and equivalent(written_out, reference):
        return True
    one, other = scalar_expression(mutant), scalar_expression(original)
    # Only to tell an equal variant from a wrong one: what is printed is never judged by SymPy.
    return one is not None and other is not None and sp.simplify(one - other) == 0


def scalar_expression(node: Mat) -> sp.Expr | None:
    """A formula of numbers and concrete functions alone as a SymPy expression, else None."""
    parts = [scalar_expression(part) for part in children(node)]
    if not node.is_scalar or any(part is None for part in parts):
        return None
    match node:
        case Sym():
            return sp.Symbol(node.leaf.name, real=True)
        case One():
            return sp.Integer(1)
        case Scaled():
            return node.coefficient * parts[0]
        case Add():
            return sp.Add(*parts)
        case Hadamard() | Product() | ScalarTimes():
            return sp.Mul(*parts)
        case Power():
            return parts[0] ** node.exponent
        case Transposed():
            return parts[0]
        case Applied() if node.function.expression is not None:
            return node.function.expression.subs(ARGUMENT, parts[0])
        case _:
            return None


def _transposes_inside(node: Mat) -> Mat:
    """Move transposes to the names, so that (A'A)' becomes A'A also inside an inverse."""
    match node:
        case Transposed(body=Inverse() as inverse):
            return Inverse(_transposes_inside(transposed(inverse.body)))
        case Transposed(body=Add() as total):
            return Add(tuple(_transposes_inside(transposed(term)) for term in total.terms))
        case Transposed(body=Hadamard() as times):
            return Hadamard(tuple(_transposes_inside(transposed(f)) for f in times.factors))
        case Transposed(body=Product() as chain):
            return _transposes_inside(transposed(chain))
        case Transposed(body=Transposed() as twice):
            return _transposes_inside(twice.body)
        case Transposed(body=Scaled() as multiple):
            return Scaled(multiple.coefficient, _transposes_inside(transposed(multiple.body)))
        case Transposed(body=Diag() | Identity()):
            return _transposes_inside(node.body)
        case _:
            parts = children(node)
            return with_children(node, tuple(map(_transposes_inside, parts))) if parts else node


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
        elif _is_zero(_difference(mutant, original), definitions):
            equivalents += 1
        else:
            survivors.append(show(mutant))
    made = ill_typed + equivalents + dead + len(survivors)
    return Outcome(
        MutantScore(made, ill_typed, equivalents, dead, len(survivors)), tuple(survivors)
    )


def _difference(mutant: Expr, original: Expr) -> Expr:
    """What the change changed: terms that both have in common are the same objects."""
    before, after = {id(t) for t in original.terms}, {id(t) for t in mutant.terms}
    new = Expr(t for t in mutant.terms if id(t) not in before)
    return new - Expr(t for t in original.terms if id(t) not in after)


def _is_zero(expr: Expr, definitions: Definitions) -> bool:
    return (
        not normal_form(contract(expr)).terms or not normal_form(resolved(expr, definitions)).terms
    )


def _index_key(index: Index) -> tuple[str, str]:
    return index.name, index.dim.name


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
