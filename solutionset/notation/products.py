"""Numbers and scalars among matrices, as the reader of matrix formulas puts them together."""

import sympy as sp

from solutionset.calculus.matrix import (
    Add,
    Hadamard,
    Mat,
    One,
    Power,
    Scaled,
    hadamard,
    product,
    scalar_times,
    scaled,
)
from solutionset.notation.tokens import Cursor


def plain(node: Mat) -> Mat | sp.Expr:
    """A number where the formula is made of numbers alone, the formula otherwise."""
    value = _number(node)
    return node if value is None else value


def _number(node: Mat) -> sp.Expr | None:
    match node:
        case One():
            return sp.Integer(1)
        case Scaled():
            inner = _number(node.body)
            return None if inner is None else node.coefficient * inner
        case Add():
            parts = [_number(term) for term in node.terms]
            return None if None in parts else sp.Add(*parts)
        case _:
            return None


def reciprocal(scalar: Mat) -> Mat:
    """One over a scalar; the sign goes to the exponents of its factors."""
    match scalar:
        case Power():
            return Power(scalar.body, -scalar.exponent)
        case Scaled():
            return scaled(1 / scalar.coefficient, reciprocal(scalar.body))
        case Hadamard():
            return hadamard(*map(reciprocal, scalar.factors))
        case _:
            return Power(scalar, sp.Integer(-1))


def number_power(base: sp.Expr, exponent: sp.Expr, cursor: Cursor) -> sp.Expr:
    """A power of numbers; raises `Unreadable` for one that divides by zero."""
    if base == 0 and exponent.could_extract_minus_sign():
        raise cursor.error("division by zero")
    return base**exponent


def multiplied(factors: list[Mat | sp.Expr]) -> Mat:
    """Multiply what stands side by side: numbers and scalars in front, matrices in their order."""
    number: sp.Expr = sp.Integer(1)
    scalars: list[Mat] = []
    matrices: list[Mat] = []
    for factor in factors:
        if isinstance(factor, sp.Expr):
            number = number * factor
        elif factor.is_scalar:
            scalars.append(factor)
        else:
            matrices.append(factor)
    result: Mat = product(*matrices) if matrices else One()
    for scalar in reversed(scalars):
        result = scalar_times(scalar, result)
    return scaled(number, result)
