"""Exact numbers in print: formulas with numbers in place of names, and matrices of numbers."""

import numpy as np
import sympy as sp

from solutionset.calculus.matrix import (
    Applied,
    Diag,
    Identity,
    Mat,
    Ones,
    Power,
    Scaled,
    Sym,
    Transposed,
    scaled,
)
from solutionset.notation.coefficients import bracketed, coefficient_latex
from solutionset.notation.printer import ATOM, Piece, Printer
from solutionset.verification.evaluate import Values, matrix_value
from solutionset.verification.oracles import Array


class NumberPrinter(Printer):
    """Prints a matrix formula with the numbers of an instance in place of its names."""

    def __init__(self, printer: Printer, point: Values) -> None:
        super().__init__(printer.naming, printer.reserved)
        self.point = point

    def _mat(self, node: Mat) -> Piece:
        if isinstance(node, Sym | Applied | Power | Diag | Ones | Identity):
            return factor_latex(matrix_value(node, self.point)), ATOM
        if isinstance(node, Scaled):
            return super()._mat(scaled(self.point.number(node.coefficient), node.body))
        if isinstance(node, Transposed) and (value := matrix_value(node, self.point)).size == 1:
            # With sizes of one a column is a number, which has no transpose to print.
            return factor_latex(value), ATOM
        return super()._mat(node)


def factor_latex(array: Array) -> str:
    """A matrix of exact numbers among others: a single negative one gets brackets."""
    text = array_latex(array)
    return bracketed(text) if text.startswith("-") else text


def array_latex(array: Array) -> str:
    """A matrix of exact numbers; a single one without a matrix around it."""
    if array.size == 1:
        return coefficient_latex(sp.sympify(array.flat[0]))
    rows = np.reshape(array, (array.shape[0], -1))
    body = r" \\ ".join(" & ".join(coefficient_latex(sp.sympify(v)) for v in row) for row in rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def inline_latex(array: Array) -> str:
    """A matrix of exact numbers inside a sentence: a column as a tuple, a matrix small."""
    if array.ndim == 1 or array.size == 1 or array.shape[-1] == 1:
        numbers = [coefficient_latex(sp.sympify(value)) for value in array.flat]
        return numbers[0] if len(numbers) == 1 else rf"({', '.join(numbers)})^{{\top}}"
    rows = [" & ".join(_slashed(sp.sympify(v)) for v in row) for row in array]
    body = r" \\ ".join(rows)
    return rf"\left(\begin{{smallmatrix}} {body} \end{{smallmatrix}}\right)"


def _slashed(value: sp.Expr) -> str:
    """A fraction on one line, since a small matrix would make it tiny."""
    if value.is_Rational and value.q != 1:
        return f"{value.p}/{value.q}"
    return coefficient_latex(value)
