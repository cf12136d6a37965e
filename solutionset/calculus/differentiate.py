"""One level of differentiation: linearity, the product rule, the scalar chain rule.

A defined tensor is not looked into: its derivative stays as an entry of a `Jacobian`, which a later
step of the derivation unfolds. So results read sigma'(z) and not sigma'(a page).
"""

from solutionset.calculus.definitions import Definitions
from solutionset.calculus.expressions import (
    Apply,
    Atom,
    Delta,
    Entry,
    Expr,
    Group,
    as_expr,
    entry,
    single,
    splice,
    sum_over,
)
from solutionset.calculus.tensors import (
    CalculusError,
    Determinant,
    Elementwise,
    Index,
    Inverted,
    Jacobian,
    Powered,
    Tensor,
)


def differentiate(expr: Expr, wrt: Tensor, at: tuple[Index, ...], definitions: Definitions) -> Expr:
    """Differentiate an expression in the entry `wrt[at]`, leaving defined tensors folded."""
    total = as_expr(0)
    for term in expr.terms:
        for position, (atom, exponent) in enumerate(term.factors):
            inner = _atom_derivative(atom, wrt, at, definitions)
            if inner.terms:
                outer = single(atom) ** (exponent - 1) * exponent if exponent != 1 else as_expr(1)
                total = total + splice(term, {position: outer * inner})
    return total


def _atom_derivative(
    atom: Atom, wrt: Tensor, at: tuple[Index, ...], definitions: Definitions
) -> Expr:
    match atom:
        case Entry(leaf=Tensor() as tensor):
            if tensor == wrt:
                return _kronecker(atom.indices, at)
            if definitions.moves(tensor, wrt):
                return entry(Jacobian(tensor, wrt), atom.indices + at)
            return as_expr(0)
        case Entry(leaf=Inverted() as inverted):
            return _inverse_derivative(inverted, atom.indices, wrt, at, definitions)
        case Entry(leaf=Determinant(of=square) as determinant):
            row, col = (Index(f"'d{k}", dim) for k, dim in enumerate(square.dims))
            cofactors = entry(determinant, ()) * entry(Inverted(square), (col, row))
            inner = _atom_derivative(Entry(square, (row, col)), wrt, at, definitions)
            return sum_over((row, col), cofactors * inner)
        case Entry(leaf=Powered(of=square)):
            if square == wrt or definitions.moves(square, wrt):
                raise CalculusError(
                    f"the derivative of a power of {square.name} is a sum over its factors",
                    advice="state it with chain(...) and sum_range(...)",
                )
            return as_expr(0)
        case Entry():
            raise CalculusError(f"{atom.leaf.name} cannot be differentiated a second time")
        case Delta():
            return as_expr(0)
        case Apply():
            inner = differentiate(atom.argument, wrt, at, definitions)
            return function_derivative(atom.function, atom.argument) * inner
        case Group():
            return differentiate(atom.body, wrt, at, definitions)


def _inverse_derivative(
    inverted: Inverted,
    indices: tuple[Index, ...],
    wrt: Tensor,
    at: tuple[Index, ...],
    definitions: Definitions,
) -> Expr:
    """d(A^-1) = -A^-1 dA A^-1."""
    row, col = (Index(f"'v{k}", dim) for k, dim in enumerate(inverted.dims))
    inner = _atom_derivative(Entry(inverted.of, (row, col)), wrt, at, definitions)
    left = entry(inverted, (indices[0], row))
    return sum_over((row, col), -left * inner * entry(inverted, (col, indices[1])))


def _kronecker(indices: tuple[Index, ...], at: tuple[Index, ...]) -> Expr:
    product = as_expr(1)
    for index, other in zip(indices, at, strict=True):
        product = product * single(Delta(index, other))
    return product


def function_derivative(function: Elementwise, argument: Expr) -> Expr:
    """f'(argument), with exp its own derivative and 1/t for the logarithm."""
    if function.name == "exp":
        return single(Apply(function, argument))
    if function.name == "log" and function.order == 0:
        return argument**-1
    return single(Apply(function.prime, argument))
