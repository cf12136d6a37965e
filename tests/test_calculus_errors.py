"""What cannot be built is refused with a message that names the index, the axis or the tensor."""

import re

import numpy as np
import pytest
import sympy as sp

from solutionset.authoring import (
    Computation,
    define,
    define_entry,
    delta,
    diag,
    dim,
    elementwise,
    exp,
    grad,
    index,
    inverse,
    matrix,
    norm,
    rewrite,
    scalar,
    sum_over,
    symmetric,
    tensor,
    trace,
    vector,
)
from solutionset.calculus.definitions import Definitions
from solutionset.calculus.derivation import derive_gradient, derive_jacobian
from solutionset.calculus.indexing import to_index
from solutionset.calculus.matrix import ShapeError
from solutionset.calculus.recognise import NoMatrixForm, matrix_form
from solutionset.calculus.rules import fold_slope
from solutionset.calculus.tensors import ARGUMENT, CalculusError
from solutionset.errors import AuthorError

n, m = dim("n", "i"), dim("m", "j")
i, j, k = index("i", n), index("j", m), index("k", n)
A, B = matrix("A", n, m), matrix("B", n, n)
x, y = vector("x", n), vector("y", m)
sigma = elementwise("sigma")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: A[j, i], "index j does not fit axis 0 of A"),
        (lambda: A[i], "A has 2 axes"),
        (lambda: delta(i, j), "Kronecker delta of i and j"),
        (lambda: sum_over(j, x[i]), "sum over j, which does not occur in every term"),
        (lambda: sigma(sum_over(j, A[i, j])), "a sum inside sigma has no name"),
        (lambda: define("r", norm(x)), "the norm of an expression has no index form"),
        (lambda: sum_over(j, A[i, j]) ** -1, "a sum raised to the power -1 has no name"),
        (lambda: x[i] * 0.5, "0.5 is a rounded number"),
        (lambda: define_entry("z", i, y[j]), "index i stands only on the left"),
        (lambda: define_entry("z", i, x[i] * y[j]), "index j stands only on the right"),
        (lambda: define_entry("z", (i, i), x[i]), "the definition of z repeats an index"),
        (lambda: tensor("2z", n), "'2z' is not a name"),
        (
            lambda: rewrite("r", x[i] * y[j], x[i], "b"),
            "the pattern of rule r is not a single factor",
        ),
        (lambda: rewrite("r", x[i], y[j], "b"), "index j of rule r is not in its pattern"),
        (lambda: rewrite("r", 2 * x[i], x[i], "b"), "carries a power or a coefficient"),
        (lambda: elementwise("f", body=sp.Symbol("t")), "the body of f contains t"),
        (lambda: define("z", inverse(B + B)), "the inverse of an expression has no name"),
        (lambda: define("z", inverse(A)), "inverse"),
        (lambda: symmetric(A, "b"), "A cannot be assumed so"),
        (lambda: matrix("Q", "n", "m"), "'n' is no dimension of Q"),
        (lambda: grad("x"), "a str in place of a tensor"),
        (lambda: elementwise("f", body=lambda t: t), "the body of f is a function"),
        (lambda: np.exp(A @ y), "numpy.exp of a formula"),
        (lambda: abs(A @ y), "abs of a formula"),
        (lambda: (A @ y)[i], "an entry of a formula"),
    ],
)
def test_an_ill_typed_expression_is_refused_where_it_is_built(build, message):
    with pytest.raises(CalculusError, match=message):
        build()


@pytest.mark.parametrize(
    ("build", "got"),
    [
        (lambda: A @ B, r"\(n x m\) \(n x n\)"),
        (lambda: A + A.T, "n x m and m x n"),
        (lambda: A * B, "n x m and n x n"),
        (lambda: diag(A), "n x m"),
        (lambda: trace(A), "n x m"),
        (lambda: x / B, "n x n"),
    ],
)
def test_a_matrix_formula_whose_shapes_do_not_fit_names_both(build, got):
    with pytest.raises(ShapeError, match=got):
        build()


@pytest.mark.parametrize(
    ("build", "advice"),
    [
        (lambda: A * y, "the matrix product is written @"),
        (lambda: x + 1, r"write ones\(n\) for a column of ones"),
        (lambda: x + x[i], "belong into define_entry"),
        (lambda: n * x, r"write number\(n.size\)"),
    ],
)
def test_a_formula_that_does_not_fit_says_what_to_write(build, advice):
    with pytest.raises(CalculusError) as caught:
        build()

    assert re.search(advice, caught.value.advice)


def test_a_formula_is_no_sequence():
    with pytest.raises(TypeError, match="not iterable"):
        tuple(A @ y)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sizes": {"n": 3}}, "'n' in `sizes` of sums is no dimension"),
        ({"definitions": define("s", x.T @ x)}, "`definitions` of sums is a single one"),
    ],
)
def test_a_computation_of_strangers_is_refused(changes, message):
    settings = {"definitions": (define("s", x.T @ x),), "forward": lambda x: x @ x, **changes}

    with pytest.raises(AuthorError, match=message):
        Computation("sums", **settings)


def definitions(*symbols):
    return Definitions(symbol.definition for symbol in symbols)


def test_definitions_out_of_order_name_the_one_to_list_first():
    z = define("z", A @ y)
    h = define("h", sigma(z))

    with pytest.raises(CalculusError, match=r"(?s)h uses z, which is defined after it.*list the d"):
        definitions(h, z)


def test_a_definition_that_stands_twice_is_refused():
    z = define("z", A @ y)

    with pytest.raises(CalculusError, match="z is defined twice"):
        definitions(z, z)


def test_a_gradient_in_something_that_does_not_act_is_refused_by_name():
    z = define("z", A @ y)

    with pytest.raises(CalculusError, match="z does not depend on x"):
        derive_gradient(definitions(z), (z.leaf,), x.leaf)
    with pytest.raises(CalculusError, match="z does not depend on x"):
        derive_jacobian(definitions(z), z.leaf, x.leaf)


def test_a_rule_that_changes_nothing_is_refused():
    z = define("z", A @ y)
    idle = rewrite("idle", exp(x[i]), x[i], "never")

    with pytest.raises(CalculusError, match="rule idle changes nothing here"):
        derive_gradient(definitions(z), (z.leaf,), y.leaf, (idle,))


def test_a_slope_that_is_not_the_slope_is_refused_with_the_right_one():
    h = define("h", exp(x))

    with pytest.raises(CalculusError, match=r"(?s)the slope of exp is not .*exp\(x\)"):
        fold_slope(h.definition, 1 - ARGUMENT**2, "wrong")


def test_an_expression_without_a_matrix_form_names_the_indices_it_is_stuck_at():
    p, q = index("p", n), index("q", n)
    all_pairs = sum_over((k, p, q), B[i, k] * B[i, p] * B[i, q] * B[k, p] * B[k, q] * B[p, q])

    with pytest.raises(NoMatrixForm, match="stuck at the indices 0, 1, 2"):
        matrix_form(all_pairs, i, None)


def test_a_zero_expression_has_no_matrix_form():
    with pytest.raises(NoMatrixForm, match="the expression is zero"):
        matrix_form(x[i] - x[i], i, None)


def test_no_letter_is_left_only_when_all_are_used():
    many = tensor("T", *(dim(f"d{k}") for k in range(7)))

    with pytest.raises(CalculusError, match="no index letter is left for dimension d6"):
        derive_jacobian(definitions(scale_of(many)), scale_of(many).leaf, many.leaf)


def scale_of(many):
    indices = [index(f"a{k}", d) for k, d in enumerate(many.leaf.dims)]
    return define_entry("s", (), sum_over(indices, many[tuple(indices)]))


def test_an_index_form_of_a_number_is_that_number():
    assert to_index(scalar("r"), None, None).free == frozenset()
