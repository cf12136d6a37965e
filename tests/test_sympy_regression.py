"""SymPy as we rely on it, and as it is known to be wrong: an upgrade that changes either shows.

A failure in the first half means that the engine may compute or print something else than before. A
failure in the second half is good news: SymPy was repaired, and the comment says what could follow.
The file holds on the oldest supported SymPy, 1.12, and on 1.14.
"""

import numpy as np
import pytest
import sympy as sp
from sympy.concrete.delta import deltasummation
from sympy.tensor.array.expressions import convert_indexed_to_array
from sympy.tensor.array.expressions.array_expressions import get_rank

p = sp.Symbol("p")
x = sp.Symbol("x", real=True)
n, m, d = (sp.Symbol(name, integer=True, positive=True) for name in "nmd")

# ------------------------------------------------------------------------------ relied upon


def test_a_symbol_is_its_name_and_its_assumptions() -> None:
    assert sp.Symbol("n", integer=True, positive=True) == n
    assert sp.Symbol("n") != n


def test_numbers_stay_exact() -> None:
    assert sp.Integer(1) / 3 * 3 == 1
    assert isinstance(sp.sympify(2), sp.Integer)
    assert sp.Rational(2, 4) == sp.Rational(1, 2)


def test_a_coefficient_that_cancels_is_zero_by_arithmetic_or_by_expand() -> None:
    assert p - p == 0
    assert sp.expand(p * (1 - p) + p**2 - p) == 0


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ((1 - p) / n, (1 - p, n)),
        (-p / n, (-p, n)),
        (sp.Rational(-3, 4), (-3, 4)),
        (2**-p, (1, 2**p)),
        (1 / n, (1, n)),
    ],
)
def test_a_coefficient_splits_into_numerator_and_denominator(
    value: sp.Expr, parts: tuple[sp.Expr, sp.Expr]
) -> None:
    assert sp.fraction(sp.together(value)) == parts


def test_one_over_a_size_is_a_power_not_a_product() -> None:
    assert (1 / n).is_Pow


def test_factor_pulls_a_common_parameter_out() -> None:
    assert sp.factor(p**2 - p).args == (p, p - 1)


@pytest.mark.parametrize(
    ("value", "negative"),
    [(-p, True), (-p / n, True), (p, False), (sp.Integer(-2), True), (p * (1 - p), False)],
)
def test_the_sign_of_a_product_is_seen(value: sp.Expr, negative: bool) -> None:
    assert value.could_extract_minus_sign() is negative


def test_exactly_one_of_a_difference_and_its_negative_starts_with_minus() -> None:
    assert (1 - p).could_extract_minus_sign() is not (p - 1).could_extract_minus_sign()


def test_the_terms_of_a_sum_have_one_order() -> None:
    assert (1 + p + p**2).as_ordered_terms() == [p**2, p, 1]


def test_cancel_compares_two_coefficients() -> None:
    assert sp.cancel((p**2 - p) / (p - 1) / p) == 1


@pytest.mark.parametrize(
    ("body", "order", "derivative"),
    [
        (sp.tanh(x), 1, 1 - sp.tanh(x) ** 2),
        (sp.exp(x), 2, sp.exp(x)),
        (sp.log(x), 1, 1 / x),
        (x**2, 2, sp.Integer(2)),
    ],
)
def test_the_body_of_a_function_is_differentiated(
    body: sp.Expr, order: int, derivative: sp.Expr
) -> None:
    assert sp.diff(body, x, order) == derivative


def test_a_function_becomes_numpy_code_that_takes_complex_arrays() -> None:
    code = sp.lambdify(x, sp.diff(sp.tanh(x), x), "numpy")
    at = np.array([0.5, 1 + 0.25j])
    np.testing.assert_allclose(code(at), 1 - np.tanh(at) ** 2, rtol=1e-14)


def test_the_code_of_a_constant_is_a_number_whatever_its_argument() -> None:
    # Evaluation therefore adds 0 * argument; without it a mean over entries would lose its count.
    assert sp.lambdify(x, sp.Integer(2), "numpy")(np.zeros(3)) == 2


def test_a_series_knows_its_remainder() -> None:
    expanded = sp.series(1 / sp.sqrt(1 - 2 * p * x + x**2), x, 0, 2)
    assert expanded == 1 + p * x + sp.O(x**2)


# ------------------------------------------------------------------------------ known wrong

i, j, k, ell = sp.symbols("i j k l", integer=True)
column, other, upstream = (sp.MatrixSymbol(name, d, 1) for name in "xyg")
square = sp.MatrixSymbol("Q", d, d)
ones = sp.OneMatrix(d, 1)
base = sp.IndexedBase("x")


def test_a_derivative_captures_the_index_of_a_sum() -> None:
    # Should be 2 x_k. If repaired: nothing to do, our own normal form never captures.
    total = sp.Sum(base[k] ** 2, (k, 0, n - 1))
    assert total.diff(base[k]) == sp.Sum(2 * base[k], (k, 0, n - 1))


def test_an_index_of_another_range_is_contracted() -> None:
    # Should be refused: q ranges over m. If repaired: SymPy has typed indices, and calculus/tensors
    # could borrow them.
    row, alien = sp.Idx("l", n), sp.Idx("q", m)
    array = sp.IndexedBase("A")
    found = deltasummation(
        sp.KroneckerDelta(row, alien) * array[row, j], (row, 0, n - 1), no_piecewise=True
    )
    assert found == array[alien, j]


def test_a_derivative_of_a_sum_ends_in_cases() -> None:
    # Should be 1 for j in range. If repaired: SymPy's index derivatives could be printed.
    found = sp.Sum(base[k], (k, 0, n - 1)).diff(base[j]).doit()
    assert found.has(sp.Piecewise)


def test_simplifying_the_derivative_of_softmax_raises_stop_iteration() -> None:
    # If repaired: still not needed, but `simplify` becomes usable on sums.
    softmax = sp.exp(base[i]) / sp.Sum(sp.exp(base[k]), (k, 0, n - 1))
    with pytest.raises(StopIteration):
        sp.simplify(softmax.diff(base[j]))


def test_an_array_loses_the_axis_of_a_kronecker_delta() -> None:
    # Should have rank 3. If repaired: the array route may be tried as a second opinion.
    left, right = sp.IndexedBase("G", shape=(n, n)), sp.IndexedBase("X", shape=(n, n))
    product = left[k, i] * sp.KroneckerDelta(k, j) * right[k, ell]
    assert get_rank(convert_indexed_to_array(sp.Sum(product, (k, 0, n - 1)))) == 2


def test_the_gradient_of_an_entrywise_product_is_a_trace_of_the_wrong_thing() -> None:
    # Should be the entrywise product of g and y.
    found = sp.Trace(upstream.T * sp.HadamardProduct(column, other)).diff(column)
    assert found.has(sp.Trace)


def test_the_gradient_of_a_sum_of_exponentials_is_a_trace_of_the_wrong_thing() -> None:
    # Should be exp(x), entry by entry.
    found = sp.Trace(ones.T * column.applyfunc(sp.exp)).diff(column)
    assert found.has(sp.Trace)


@pytest.mark.parametrize(
    ("scalar", "wrt"),
    [
        (sp.log((ones.T * column.applyfunc(sp.exp))[0, 0]), column),
        (sp.log(sp.Determinant(square)), square),
        (
            sp.Trace(sp.MatrixSymbol("A", n, m).T * sp.MatrixSymbol("A", n, m))
            + sp.Trace(sp.MatrixSymbol("B", m, n).T * sp.MatrixSymbol("B", m, n)),
            sp.MatrixSymbol("A", n, m),
        ),
    ],
    ids=["log-sum-exp", "log det", "sum of traces"],
)
def test_a_gradient_that_does_not_vanish_is_given_as_zero(
    scalar: sp.Expr, wrt: sp.MatrixSymbol
) -> None:
    # The reason why a zero from the CAS is a failure and not a result. If repaired: keep that rule.
    assert scalar.diff(wrt) == sp.ZeroMatrix(*wrt.shape)


def test_the_jacobian_of_a_normalised_vector_forgets_the_norm() -> None:
    # Should have a second term - x x^T / |x|^3.
    norm = sp.sqrt(sp.Trace(column.T * column))
    assert (column / norm).diff(column) == sp.Identity(d) / norm


def test_the_gradient_of_a_symbolic_matrix_power_is_that_of_a_number() -> None:
    # Should be a sum over the places of Q in the product.
    found = sp.Trace(upstream.T * square**n * column).diff(square)
    assert found.has(sp.HadamardPower)


def test_symbolic_shapes_are_not_checked() -> None:
    # The reason for calculus/matrix. If repaired: our strict tree could be built on MatrixExpr.
    assert sp.MatrixSymbol("A", n, m) * sp.MatrixSymbol("B", d, n) is not None
    assert column * column == column**2


def test_a_product_with_a_row_vector_loses_its_meaning() -> None:
    # y^T y y is a number times y; y^2 does not exist.
    assert other.T * other * other == sp.MatMul(other.T, other**2)


def test_notation_is_hard_coded() -> None:
    # The reason for our own printer.
    assert sp.latex(square.T) == "Q^{T}"
    assert sp.latex(sp.HadamardProduct(column, other)) == r"x \circ y"
