"""The rules an author may apply in a derivation, each with its reason."""

import sympy as sp

from solutionset.authoring.symbols import plain
from solutionset.calculus import rules as _rules
from solutionset.calculus.expressions import Expr, as_expr
from solutionset.calculus.matrix import Mat, Sym
from solutionset.calculus.rules import Rule
from solutionset.calculus.tensors import CalculusError
from solutionset.errors import here


def rewrite(name: str, pattern: Expr, by: Expr | int | sp.Expr, because: str) -> Rule:
    """A rule that replaces one factor by what it equals, such as exp(X[i, j]) by Y[i, j] * S[i]."""
    if isinstance(pattern, Mat) or isinstance(by, Mat):
        raise CalculusError(
            f"rule {name} is written with matrix formulas",
            wanted="index formulas: X[i, j], exp(X[i, j]), and s[()] for a number s",
        ).at(here())
    try:
        return _rules.rewrite(name, pattern, as_expr(by), because)
    except CalculusError as error:
        raise error.at(here()) from None


def sums_to_one(of: Sym, axis: int, because: str) -> Rule:
    """A rule: the entries of a tensor sum to one along an axis."""
    return _rules.sums_to_one(plain(of), axis, because)


def sums_to_zero(of: Sym, axis: int, because: str) -> Rule:
    """A rule: a centred tensor, summed alone along an axis, vanishes."""
    return _rules.sums_to_zero(plain(of), axis, because)


def symmetric(of: Sym, because: str) -> Rule:
    """A rule: a matrix is symmetric; every entry of it is written with its indices exchanged."""
    return _rules.symmetric(plain(of), because)


def orthonormal(of: Sym, because: str) -> Rule:
    """A rule: Q^T Q = I."""
    return _rules.orthonormal(plain(of), because)


def unit_norm(of: Sym, because: str) -> Rule:
    """A rule: u^T u = 1."""
    return _rules.unit_norm(plain(of), because)


def cancel_inverse(of: Sym, because: str) -> Rule:
    """A rule: A A^-1 = A^-1 A = I."""
    return _rules.cancel_inverse(plain(of), because)


def fold_slope(of: Sym, slope: sp.Expr, because: str) -> Rule:
    """A rule: the slope of y = f(z), written through y (the `argument` of `slope`), as 1 - y^2."""
    if of.definition is None:
        raise CalculusError(f"{of.leaf.name} is given, not defined").at(here())
    try:
        return _rules.fold_slope(of.definition, slope, because)
    except CalculusError as error:
        raise error.at(here()) from None
