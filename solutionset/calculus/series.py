"""Expansions of a normalised vector in a small parameter, in any dimension.

A vector is a combination of a few base vectors; its length involves only their inner products. So
SymPy expands scalars, and the result is read off as one combination of the base vectors an order.
"""

from collections.abc import Mapping
from itertools import combinations

import sympy as sp

from solutionset.calculus.matrix import (
    Add,
    Mat,
    Power,
    Product,
    ScalarTimes,
    Scaled,
    ShapeError,
    Sym,
    Transposed,
    add,
    product,
    scalar_times,
    scaled,
    transposed,
)
from solutionset.calculus.nodes import At, Head, Measure
from solutionset.calculus.tensors import CalculusError
from solutionset.calculus.trees import children, substitute, with_children

Combination = Mapping[Mat, sp.Expr]
"""Base vectors and their coefficients."""

Gram = Mapping[tuple[Mat, Mat], sp.Expr]
"""The inner product of each pair of base vectors, as an expression in scalar symbols."""


def expand_direction(left: Mat, small: sp.Symbol, order: int) -> tuple[Mat, ...]:
    """The coefficients of small^0, ..., small^(order - 1) of a vector divided by its norm.

    `left` is such a quotient, or a tensor defined as one and evaluated elsewhere. Raises
    `CalculusError` for anything else, and where a coefficient vanishes.
    """
    vector = _combination(_numerator(_opened(left)))
    bases = tuple(vector)
    lengths = {base: sp.Symbol(f"length{k}", positive=True) for k, base in enumerate(bases)}
    scalars: dict[sp.Symbol, Mat] = {lengths[b]: Head(Measure.NORM, b) for b in bases}
    gram: dict[tuple[Mat, Mat], sp.Expr] = {(b, b): lengths[b] ** 2 for b in bases}
    for number, (one, other) in enumerate(combinations(bases, 2)):
        inner = sp.Symbol(f"inner{number}", real=True)
        gram[one, other], scalars[inner] = inner, product(transposed(one), other)
    found = expand_normalised(vector, gram, small, order - 1)
    return tuple(combined(coefficients, scalars) for coefficients in found)


def _opened(left: Mat) -> Mat:
    """A tensor evaluated elsewhere, by its definition."""
    if not isinstance(left, At):
        return left
    return substitute(_by_definition(left.of), left.argument, left.value)


def _by_definition(node: Mat) -> Mat:
    if isinstance(node, Sym):
        return node if node.body is None else _by_definition(node.body)
    return with_children(node, tuple(map(_by_definition, children(node))))


def _numerator(node: Mat) -> Mat:
    """The vector v of v / norm(v)."""
    match node:
        case ScalarTimes(scalar=Power(body=length, exponent=sp.S.NegativeOne), body=vector):
            found = _length_of(length)
        case ScalarTimes(scalar=Power(body=square, exponent=exponent), body=vector):
            found = _length_of(Power(square, -exponent))
        case _:
            vector, found = node, None
    if found != vector:
        raise CalculusError(
            "only a vector divided by its norm is expanded", wanted="v / norm(v), or at(u, x, ...)"
        )
    return vector


def _length_of(node: Mat) -> Mat | None:
    """The vector whose norm this is, also where it is written as the root of an inner product."""
    match node:
        case Head(measure=Measure.NORM):
            return node.body
        case Power(body=Product(factors=(Transposed(body=one), other)), exponent=sp.S.Half):
            return one if one == other else None
        case _:
            return None


def _combination(vector: Mat) -> dict[Mat, sp.Expr]:
    """A sum of multiples as base vectors with their coefficients."""
    found: dict[Mat, sp.Expr] = {}
    for term in vector.terms if isinstance(vector, Add) else (vector,):
        base = term.body if isinstance(term, Scaled) else term
        coefficient = term.coefficient if isinstance(term, Scaled) else sp.Integer(1)
        found[base] = found.get(base, sp.Integer(0)) + coefficient
    return found


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
