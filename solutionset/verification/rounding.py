"""Numbers so large or small that rounding hides what stands beside them.

Sides are compared to nine digits, so that a term with the coefficient 1e-11 could be left out
unseen. A claim with such numbers must follow by normal form, which is exact.
"""

from collections.abc import Iterator
from dataclasses import fields
from math import prod

import sympy as sp

from solutionset.calculus.expressions import Apply, Expr, Group
from solutionset.calculus.matrix import Applied, Mat, Scaled
from solutionset.calculus.tensors import CalculusError, Elementwise
from solutionset.calculus.trees import walk
from solutionset.errors import ClaimError
from solutionset.verification.bench import Bench
from solutionset.verification.claims import Chain, Computed, Derived, Line
from solutionset.verification.equality import Equality
from solutionset.verification.sameness import same_formula

_MODERATE = 10
_SEEN = 10**6
"""What numbers may come to when multiplied; a few digits remain to tell formulas apart."""


def refuse_hidden_terms(claim: Computed, bench: Bench) -> None:
    """Raise `ClaimError` if numbers are out of proportion and the claim does not follow exactly."""
    extreme = [size for part in _parts(claim) if (size := _extreme(part)) >= _MODERATE]
    if prod(extreme) <= _SEEN or _follows(claim, bench.equality(claim.computation.definitions)):
        return
    raise ClaimError(
        f"{bench.entry}/{claim.head.name} has numbers beside which rounding hides others",
        code="rounding",
        place=claim.head.place,
        got=", ".join(map(str, sorted(extreme))),
        wanted=f"numbers that together come to {_SEEN} at most",
        advice="make small and large numbers parameters, which the checks draw near one",
    )


def _follows(claim: Computed, equality: Equality) -> bool:
    """Whether every line follows from the definitions by normal form."""
    try:
        match claim:
            case Chain():
                return all(same_formula(line.value, claim.left, equality) for line in claim.lines)
            case Derived():
                steps = (step.expr for step in claim.derivation.steps)
                return all(equality.holds(claim.derivation.left, expr) for expr in steps)
    except CalculusError:
        return False
    return False


def _parts(claim: Computed) -> Iterator[Iterator[sp.Rational]]:
    """The numbers of each definition and of each formula of a claim."""
    for definition in claim.computation.definitions.ordered:
        yield _in_expr(definition.body)
    for field in fields(claim):
        value = getattr(claim, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            formula = part.value if isinstance(part, Line) else part
            if isinstance(formula, Mat):
                yield _in_formula(formula)


def _extreme(numbers: Iterator[sp.Rational]) -> int:
    """The largest of numerators and denominators: numbers of one formula are added, those of
    formulas that use one another may multiply."""
    return max((max(abs(number.p), number.q) for number in numbers), default=1)


def _in_formula(formula: Mat) -> Iterator[sp.Rational]:
    for node in walk(formula):
        if isinstance(node, Scaled):
            yield from node.coefficient.atoms(sp.Rational)
        elif isinstance(node, Applied):
            yield from _in_body(node.function)


def _in_expr(expr: Expr) -> Iterator[sp.Rational]:
    for term in expr.terms:
        yield from term.coefficient.atoms(sp.Rational)
        for atom, _ in term.factors:
            if isinstance(atom, Apply):
                yield from _in_body(atom.function)
                yield from _in_expr(atom.argument)
            elif isinstance(atom, Group):
                yield from _in_expr(atom.body)


def _in_body(function: Elementwise) -> Iterator[sp.Rational]:
    if function.body is not None:
        yield from function.body.atoms(sp.Rational)
