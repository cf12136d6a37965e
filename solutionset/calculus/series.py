"""Expansions of a normalised vector in a small parameter, in any dimension.

A vector is a combination of a few base vectors; its length involves only their inner products. So
SymPy expands scalars, and the result is read off as one combination of the base vectors an order.
"""

from collections.abc import Mapping

import sympy as sp

from solutionset.calculus.matrix import Mat, Power, ShapeError, add, scalar_times, scaled
from solutionset.calculus.tensors import CalculusError

Combination = Mapping[Mat, sp.Expr]
"""Base vectors and their coefficients."""

Gram = Mapping[tuple[Mat, Mat], sp.Expr]
"""The inner product of each pair of base vectors, as an expression in scalar symbols."""


def expand_normalised(
    vector: Combination, gram: Gram, small: sp.Symbol, order: int
) -> tuple[dict[Mat, sp.Expr], ...]:
    """The coefficients of vector / norm(vector) at small^0, ..., small^order, a base vector each.

    Raises `CalculusError` if an inner product is missing or the vector vanishes at small = 0.
    """
    square = sum(
        one * other * _inner(gram, left, right)
        for left, one in vector.items()
        for right, other in vector.items()
    )
    square = sp.expand(square)
    if sp.simplify(square.subs(small, 0)) == 0:
        raise CalculusError(f"the vector vanishes at {small} = 0 and has no direction there")
    length = sp.sqrt(square)
    return tuple(
        {
            base: sp.simplify(sp.diff(coefficient / length, small, k).subs(small, 0))
            / sp.factorial(k)
            for base, coefficient in vector.items()
        }
        for k in range(order + 1)
    )


def _inner(gram: Gram, left: Mat, right: Mat) -> sp.Expr:
    for pair in ((left, right), (right, left)):
        if pair in gram:
            return gram[pair]
    raise CalculusError(
        "an inner product of two base vectors is missing",
        wanted="one value for each pair, also of a vector with itself",
    )


def combined(coefficients: Combination, scalars: Mapping[sp.Symbol, Mat]) -> Mat:
    """The matrix expression of a combination; `scalars` says what each scalar symbol stands for."""
    terms = [
        _monomial(part, base, scalars)
        for base, coefficient in coefficients.items()
        for part in sp.Add.make_args(sp.expand(coefficient))
        if part != 0
    ]
    if not terms:
        raise CalculusError("every coefficient is zero")
    return add(*terms)


def _monomial(part: sp.Expr, base: Mat, scalars: Mapping[sp.Symbol, Mat]) -> Mat:
    number, body = sp.Integer(1), base
    for symbol, exponent in part.as_powers_dict().items():
        if symbol not in scalars:
            number = number * symbol**exponent
            continue
        scalar = scalars[symbol]
        if not scalar.is_scalar:
            raise ShapeError(f"{symbol} stands for a matrix", wanted="a scalar expression")
        body = scalar_times(scalar if exponent == 1 else Power(scalar, exponent), body)
    return scaled(number, body)
