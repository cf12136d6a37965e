"""Walking through matrix formulas, and making them anew with other parts."""

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from solutionset.calculus.matrix import Mat, Power, Scaled, Sym, scaled
from solutionset.calculus.nodes import MatrixPower, Summed


def children(node: Mat) -> tuple[Mat, ...]:
    """The direct subexpressions of a node, left to right."""
    if isinstance(node, Sym):
        return ()
    found: list[Mat] = []
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        if isinstance(value, Mat):
            found.append(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Mat):
            found += value
    return tuple(found)


def with_children(node: Mat, new: tuple[Mat, ...]) -> Mat:
    """The same node over other subexpressions; raises `ShapeError` where they do not fit."""
    if isinstance(node, Sym):
        return node
    rest = iter(new)
    values: list[object] = []
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        if isinstance(value, Mat):
            value = next(rest)
        elif isinstance(value, tuple) and value and isinstance(value[0], Mat):
            value = tuple(next(rest) for _ in value)
        values.append(value)
    return type(node)(*values) if new else node


def walk(node: Mat) -> Iterator[Mat]:
    """The node and everything below it, in reading order."""
    yield node
    for child in children(node):
        yield from walk(child)


def substitute(node: Mat, old: Mat, new: Mat) -> Mat:
    """Replace every occurrence of a subexpression by another of its shape."""
    if node == old:
        return new
    parts = children(node)
    changed = tuple(substitute(part, old, new) for part in parts)
    return node if changed == parts else with_children(node, changed)


def with_number(node: Mat, letter: sp.Symbol, value: sp.Expr) -> Mat:
    """Put a number for a letter wherever it occurs in coefficients, exponents and ends of sums."""
    parts = children(node)
    changed = with_children(node, tuple(with_number(part, letter, value) for part in parts))
    match changed:
        case Power() | MatrixPower():
            return replace(changed, exponent=changed.exponent.subs(letter, value))
        case Scaled():
            return scaled(changed.coefficient.subs(letter, value), changed.body)
        case Summed():
            first, last = (end.subs(letter, value) for end in (changed.first, changed.last))
            return replace(changed, first=first, last=last)
    return changed


def term_of(node: Summed, at: int) -> Mat:
    """The term of a sum for one value of its letter."""
    return with_number(node.body, node.letter, sp.Integer(at))
