"""Whether two matrix formulas of which one is a variant of the other are equal by the definitions.

Equal parts make equal formulas: what differs is compared from the inside out, since the smallest
parts are the cheapest to write out.
"""

from collections.abc import Callable, Iterator

import sympy as sp

from solutionset.calculus.expressions import Expr
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
    ScalarTimes,
    Scaled,
    Sym,
    Transposed,
    product,
    transposed,
)
from solutionset.calculus.nodes import At, Head, Inverse, Measure, Trace
from solutionset.calculus.tensors import ARGUMENT, ONE, CalculusError, Index
from solutionset.calculus.trees import children, with_children
from solutionset.verification.equality import Equality


def same_formula(variant: Mat, original: Mat, equality: Equality) -> bool:
    """Whether a variant of a formula is equal to it; what did not change is one and the same."""
    if _transposes_inside(variant) == _transposes_inside(original):
        return True
    parts = list(_changed_parts(variant, original))
    for equal in (equality.plainly, equality.holds):
        if any(_equal_entries(equal, *pair) for pair in parts):
            return True
    one, other = scalar_expression(variant), scalar_expression(original)
    # Only to tell an equal variant from a wrong one: what is printed is never judged by SymPy.
    return one is not None and other is not None and sp.simplify(one - other) == 0


def _equal_entries(equal: Callable[[Expr, Expr], bool], one: Mat, other: Mat) -> bool:
    """Whether two formulas are equal entry by entry; not for one with a norm or the like."""
    try:
        return equal(_index_form(one), _index_form(other))
    except CalculusError:
        return False


def _changed_parts(variant: Mat, original: Mat) -> Iterator[tuple[Mat, Mat]]:
    """The parts around the place of a change, the innermost first.

    A sum of which one term changed is left out: it says no more than the term.
    """
    inner = _changed_child(variant, original)
    if inner is not None:
        yield from _changed_parts(*inner)
    if inner is None or not isinstance(original, Add):
        yield variant, original


def _changed_child(variant: Mat, original: Mat) -> tuple[Mat, Mat] | None:
    """The only child that differs, if two nodes differ in one child of one shape and nothing else.

    What is evaluated elsewhere is not looked into: other values need not have the properties that
    are assumed of those here.
    """
    if type(variant) is not type(original) or isinstance(original, At):
        return None
    pairs = list(zip(children(variant), children(original), strict=False))
    differing = [(one, other) for one, other in pairs if one is not other]
    if len(differing) != 1 or len(pairs) != len(children(original)):
        return None
    ((one, other),) = differing
    if one.shape != other.shape or with_children(variant, children(original)) != original:
        return None
    return one, other


def _index_form(form: Mat) -> Expr:
    row, col = form.shape
    indices = (
        None if row == ONE else Index("i", row),
        None if col == ONE else Index("j", col),
    )
    return to_index(without_norms(form), *indices)


def without_norms(node: Mat) -> Mat:
    """Write the square of a norm as the trace of a product, which does not see a sign inside."""
    match node:
        case Power(body=Scaled(body=Head() as head) as multiple) if node.exponent == 2:
            return Scaled(multiple.coefficient**2, without_norms(Power(head, node.exponent)))
        case Power(body=Head(measure=Measure.NORM | Measure.FROBENIUS, body=body)) if (
            node.exponent == 2
        ):
            inside = without_norms(body)
            return Trace(product(transposed(inside), inside))
        case _:
            parts = children(node)
            return with_children(node, tuple(map(without_norms, parts))) if parts else node


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
        case Head(measure=Measure.NORM | Measure.FROBENIUS | Measure.SPECTRAL | Measure.ABS) if (
            isinstance(node.body, Scaled) and node.body.coefficient == -1
        ):
            return Head(node.measure, _transposes_inside(node.body.body))
        case _:
            parts = children(node)
            return with_children(node, tuple(map(_transposes_inside, parts))) if parts else node
