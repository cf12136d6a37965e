"""Extrema of concrete functions of one real variable, with SymPy proper."""

from dataclasses import dataclass

import sympy as sp

from solutionset.calculus.tensors import ARGUMENT, CalculusError, Elementwise


@dataclass(frozen=True)
class Extreme:
    """The exact largest or least value of a function on the real line.

    `places` are the points where it is attained; none where it is only approached at an infinity.
    """

    value: sp.Expr
    places: tuple[sp.Expr, ...]


def maximum_of(function: Elementwise) -> Extreme:
    """The supremum over the real line; raises `CalculusError` where SymPy cannot decide it."""
    return _extreme(_body_of(function), sp.Max, function.name)


def minimum_of(function: Elementwise) -> Extreme:
    """The infimum over the real line; raises `CalculusError` where SymPy cannot decide it."""
    return _extreme(_body_of(function), sp.Min, function.name)


def _body_of(function: Elementwise) -> sp.Expr:
    expression = function.expression
    if expression is None:
        raise CalculusError(f"{function.name} is abstract", advice="give it a body")
    return expression


def _extreme(body: sp.Expr, best_of: type[sp.Max] | type[sp.Min], name: str) -> Extreme:
    """Compare the values at the critical points with the limits at both infinities."""
    critical = sp.solveset(sp.diff(body, ARGUMENT), ARGUMENT, sp.S.Reals)
    if not isinstance(critical, sp.FiniteSet) and critical is not sp.S.EmptySet:
        raise CalculusError(
            f"the critical points of {name} are not a finite list",
            got=sp.sstr(critical),
            wanted="finitely many stationary points",
        )
    values = {point: sp.simplify(body.subs(ARGUMENT, point)) for point in critical}
    ends = [sp.limit(body, ARGUMENT, end) for end in (sp.oo, -sp.oo)]
    best = sp.simplify(best_of(*values.values(), *ends))
    if not best.is_number or best.has(sp.Max, sp.Min):
        raise CalculusError(f"the values of {name} cannot be compared", got=sp.sstr(best))
    places = (point for point, value in values.items() if sp.simplify(value - best) == 0)
    return Extreme(best, tuple(sorted(places, key=float)))
