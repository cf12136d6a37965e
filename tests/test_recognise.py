"""Matrix form and index form are two spellings of one thing, for any well-typed tree."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from solutionset.authoring import (
    delta,
    dim,
    elementwise,
    identity,
    index,
    matrix,
    ones,
    scalar,
    sum_over,
    trace,
    vector,
)
from solutionset.calculus.contraction import contract
from solutionset.calculus.indexing import to_index
from solutionset.calculus.matrix import (
    Applied,
    Diag,
    add,
    hadamard,
    product,
    scalar_times,
    scaled,
    transposed,
)
from solutionset.calculus.normal import equivalent
from solutionset.calculus.recognise import NoMatrixForm, Style, matrix_form

n, m, k = dim("n", "i"), dim("m", "j"), dim("k", "l")
DIMS = (n, m, k)
sigma = elementwise("sigma")
MATRICES = {
    (rows, cols): [matrix(f"{name}_{rows.name}{cols.name}", rows, cols) for name in "AB"]
    for rows in DIMS
    for cols in DIMS
}
VECTORS = {rows: [vector(f"{name}_{rows.name}", rows) for name in "xy"] for rows in DIMS}


@st.composite
def columns(draw, rows):
    """A column: a vector, an activated one, a product of two, a matrix times a column."""
    kind = draw(st.sampled_from(["leaf", "leaf", "applied", "hadamard", "product", "ones"]))
    if kind == "ones":
        return ones(rows)
    if kind == "applied":
        return Applied(sigma.function, draw(st.sampled_from(VECTORS[rows])))
    if kind == "hadamard":
        return hadamard(*(draw(st.sampled_from(VECTORS[rows])) for _ in range(2)))
    if kind == "product":
        inner = draw(st.sampled_from(DIMS))
        left = draw(st.sampled_from(MATRICES[rows, inner]))
        return product(left, draw(st.sampled_from(VECTORS[inner])))
    return draw(st.sampled_from(VECTORS[rows]))


@st.composite
def trees(draw, rows, cols, depth=2):
    """A matrix: a leaf, a transpose, a product of either kind, an outer product, a diagonal."""
    kinds = ["leaf", "transposed", "applied", "outer"]
    if depth:
        kinds += ["product", "product", "hadamard", "add", "scaled"]
    if rows == cols:
        kinds += ["diagonal", "identity"]
    kind = draw(st.sampled_from(kinds))
    inner = draw(st.sampled_from(DIMS))
    match kind:
        case "transposed":
            return transposed(draw(st.sampled_from(MATRICES[cols, rows])))
        case "applied":
            return Applied(sigma.function, draw(st.sampled_from(MATRICES[rows, cols])))
        case "outer":
            return product(draw(columns(rows)), transposed(draw(columns(cols))))
        case "product":
            return product(draw(trees(rows, inner, depth - 1)), draw(trees(inner, cols, depth - 1)))
        case "hadamard":
            return hadamard(
                draw(trees(rows, cols, depth - 1)), draw(st.sampled_from(MATRICES[rows, cols]))
            )
        case "add":
            return add(draw(trees(rows, cols, depth - 1)), draw(trees(rows, cols, depth - 1)))
        case "scaled":
            return scaled(
                draw(st.sampled_from([-2, 3, sp.Rational(1, 2)])),
                draw(trees(rows, cols, depth - 1)),
            )
        case "diagonal":
            return Diag(draw(columns(rows)))
        case "identity":
            return identity(rows)
        case _:
            return draw(st.sampled_from(MATRICES[rows, cols]))


ROW, COL = index("i", n), index("j", m)


def form_or_none(expr, row, col, style):
    """The matrix form, or None where it is refused for one of the two reasons that may be given."""
    try:
        return matrix_form(expr, row, col, style)
    except NoMatrixForm as refusal:
        if "zero" in refusal.message or refusal.got.startswith("stuck at the indices"):
            return None
        raise


@settings(max_examples=300, deadline=None)
@given(trees(n, m), st.sampled_from(list(Style)))
def test_a_recognised_form_expands_to_the_expression_it_came_from(tree, style):
    expr = contract(to_index(tree, ROW, COL))
    form = form_or_none(expr, ROW, COL, style)

    if form is not None:
        assert form.shape == tree.shape
        assert equivalent(contract(to_index(form, ROW, COL)), expr)


@settings(max_examples=100, deadline=None)
@given(trees(n, n, 1))
def test_a_trace_is_recognised_as_a_number(tree):
    expr = contract(to_index(trace(tree), None, None))
    form = form_or_none(expr, None, None, Style.HADAMARD)

    if form is not None:
        assert form.is_scalar
        assert equivalent(contract(to_index(form, None, None)), expr)


def test_products_of_matrices_are_recognised_without_a_detour():
    A, B = MATRICES[n, k][0], MATRICES[k, m][0]
    expr = to_index(product(A, B), ROW, COL)

    assert matrix_form(expr, ROW, COL) == product(A, B)


def test_a_scaled_row_is_written_in_either_style():
    A, x = MATRICES[n, m][0], VECTORS[n][0]
    slope = sigma.prime(x)
    expr = sigma.prime(x[ROW]) * A[ROW, COL]

    assert matrix_form(expr, ROW, COL, Style.DIAG) == product(Diag(slope), A)
    assert matrix_form(expr, ROW, COL) == hadamard(A, product(slope, transposed(ones(m))))


def test_a_scalar_that_all_terms_have_stands_in_front():
    g, x, y = scalar("g"), *(vector(name, n) for name in ("a", "b"))
    free = index("a", n)

    form = matrix_form(2 * g[()] * x[free] - 2 * g[()] * y[free], free, None)

    assert form == scaled(2, scalar_times(g, x - y))


def test_diagonal_entries_are_a_column_and_not_taken_for_the_matrix():
    B, x = MATRICES[n, n][0], VECTORS[n][0]
    free, over = index("a", n), index("b", n)
    column = product(hadamard(B, identity(n)), ones(n))

    assert matrix_form(B[free, free] * x[free], free, None) == hadamard(column, x)
    assert matrix_form(sum_over(over, B[over, over] * B[free, over]), free, None) == product(
        B, hadamard(B, identity(n)), ones(n)
    )
    assert matrix_form(delta(free, over) * B[free, free], free, over) == hadamard(B, identity(n))


def test_a_function_of_a_diagonal_entry_has_no_matrix_form():
    free = index("a", n)

    with pytest.raises(NoMatrixForm, match="stuck at the indices a"):
        matrix_form(sigma(MATRICES[n, n][0][free, free]), free, None)
