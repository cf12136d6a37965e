"""Whether points look into every piece of the functions that consist of several.

A rectifier on points where all its units rest is the zero function: nothing it stands in can be
told from its own wrong variants there.
"""

from functools import lru_cache
from itertools import combinations

import numpy as np
import sympy as sp

from solutionset.calculus.expressions import Apply, Expr
from solutionset.calculus.tensors import ARGUMENT
from solutionset.verification.evaluate import index_value
from solutionset.verification.points import Point


def every_piece_seen(points: tuple[Point, ...]) -> bool:
    """Whether each piece of each function in the definitions has an argument at some point."""
    applied = {
        atom: definition.indices
        for definition in points[0].computation.definitions.ordered
        for term in definition.body.terms
        for atom, _ in term.factors
        if isinstance(atom, Apply) and _boundaries(atom)
    }
    return all(
        len(_pieces_at(atom.argument, _boundaries(atom), points)) == len(_boundaries(atom)) + 1
        for atom in applied
    )


def _pieces_at(
    argument: Expr, boundaries: tuple[float, ...], points: tuple[Point, ...]
) -> frozenset[int]:
    """The numbers of the pieces in which the argument falls, entry by entry."""
    indices = tuple(sorted(argument.free, key=lambda index: index.name))
    values = [np.ravel(np.real(index_value(argument, indices, point))) for point in points]
    return frozenset(np.searchsorted(boundaries, np.concatenate(values)).tolist())


def _boundaries(atom: Apply) -> tuple[float, ...]:
    body = atom.function.body
    return () if body is None else _borders(body)


@lru_cache(maxsize=256)
def _borders(body: sp.Expr) -> tuple[float, ...]:
    """Where a function passes from one piece to the next, sorted; only borders that are numbers."""
    at_zero: set[sp.Expr] = set()
    for part in sp.preorder_traversal(body):
        match part:
            case sp.Abs() | sp.sign() | sp.Heaviside():
                at_zero.add(part.args[0])
            case sp.Max() | sp.Min():
                at_zero |= {one - other for one, other in combinations(_compared(part), 2)}
            case sp.Piecewise():
                at_zero |= {
                    relation.lhs - relation.rhs
                    for _, condition in part.args
                    for relation in condition.atoms(sp.core.relational.Relational)
                }
    found = {root for part in at_zero for root in _roots(part)}
    return tuple(sorted(float(root) for root in found))


def _compared(part: sp.Expr) -> tuple[sp.Expr, ...]:
    """What the largest or least is taken of, also where one stands inside the other."""
    if not isinstance(part, sp.Max | sp.Min):
        return (part,)
    return tuple(inner for one in part.args for inner in _compared(one))


def _roots(part: sp.Expr) -> tuple[sp.Expr, ...]:
    """Where an expression is zero on the real line; none where SymPy cannot say."""
    try:
        found = sp.solve(part, ARGUMENT)
    except NotImplementedError:
        return ()
    return tuple(root for root in found if root.is_real and root.is_number)
