"""Exact values of formulas over matrices of exact numbers."""

import sympy as sp

from solutionset.calculus.matrix import (
    Add,
    Applied,
    Diag,
    Hadamard,
    Mat,
    One,
    Power,
    Product,
    ScalarTimes,
    Scaled,
    Transposed,
)
from solutionset.calculus.nodes import (
    Head,
    Inverse,
    Kron,
    Literal,
    MatrixPower,
    Measure,
    Summed,
    Trace,
    Vec,
)
from solutionset.calculus.tensors import ARGUMENT, CalculusError
from solutionset.calculus.trees import term_of


def exact_value(node: Mat) -> sp.Matrix:
    """The exact matrix of a formula without free names; raises `CalculusError` for the rest."""
    match node:
        case Literal():
            return sp.Matrix(node.rows)
        case One():
            return sp.Matrix([[1]])
        case Scaled():
            return node.coefficient * exact_value(node.body)
        case ScalarTimes():
            return exact_value(node.scalar)[0, 0] * exact_value(node.body)
        case Transposed():
            return exact_value(node.body).T
        case MatrixPower():
            return exact_value(node.body) ** node.exponent
        case Inverse():
            return exact_value(node.body).inv()
        case Product():
            return sp.prod([exact_value(f) for f in node.factors], start=sp.Integer(1))
        case Add():
            return sum((exact_value(t) for t in node.terms[1:]), exact_value(node.terms[0]))
        case Summed():
            values = range(int(node.first), int(node.last) + 1)
            terms = [exact_value(term_of(node, at)) for at in values]
            return sum(terms[1:], terms[0])
        case Hadamard():
            result = exact_value(node.factors[0])
            for factor in node.factors[1:]:
                result = result.multiply_elementwise(exact_value(factor))
            return result
        case Power():
            return exact_value(node.body).applyfunc(lambda v: v**node.exponent)
        case Applied():
            expression = node.function.expression
            if expression is None:
                raise CalculusError(f"{node.function.name} is abstract and has no exact value")
            return exact_value(node.body).applyfunc(lambda v: expression.subs(ARGUMENT, v))
        case Diag():
            return sp.diag(*exact_value(node.body))
        case Kron():
            return sp.kronecker_product(exact_value(node.left), exact_value(node.right))
        case Vec():
            return exact_value(node.body).vec()
        case Trace():
            return sp.Matrix([[exact_value(node.body).trace()]])
        case Head():
            return sp.Matrix([[_measured(node.measure, exact_value(node.body))]])
    raise CalculusError(f"{type(node).__name__} has no exact value here")


def _measured(measure: Measure, matrix: sp.Matrix) -> sp.Expr:
    match measure:
        case Measure.NORM | Measure.FROBENIUS:
            return sp.sqrt(sum(v**2 for v in matrix))
        case Measure.SPECTRAL:
            largest = sp.Max(*(matrix.T * matrix).eigenvals())
            return sp.sqrtdenest(sp.sqrt(largest))
        case Measure.ABS:
            return sp.Abs(matrix[0, 0])
        case Measure.DET:
            return matrix.det()
        case Measure.RADIUS:
            return sp.Max(*(sp.Abs(value) for value in matrix.eigenvals()))
        case Measure.EXPECTATION | Measure.ORDER:
            raise CalculusError(f"{measure.value} has no exact value")
