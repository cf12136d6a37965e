"""Kronecker products and vec: typed, printed, read back, evaluated, claimed and mutated."""

import numpy as np
import pytest
from author import checked
from formulas import TENSORS, VALUES, vocabulary

from solutionset.authoring import (
    Computation,
    define,
    dim,
    elementwise,
    exact,
    identity,
    identity_of,
    kron,
    literal,
    matrix,
    relation,
    vec,
    vector,
)
from solutionset.calculus.contraction import contract
from solutionset.calculus.indexing import to_index
from solutionset.calculus.matrix import Hadamard, Mat, ShapeError, Sym
from solutionset.calculus.nodes import Kron, Vec
from solutionset.calculus.normal import equivalent
from solutionset.calculus.tensors import ONE, CalculusError, Index
from solutionset.errors import ClaimError
from solutionset.model import NotationChoice
from solutionset.notation.matrix_reader import read_matrix
from solutionset.notation.names import Naming
from solutionset.notation.printer import Printer
from solutionset.notation.tokens import Unreadable
from solutionset.verification.evaluate import matrix_value

m, n, p, q = dim("m"), dim("n"), dim("p"), dim("q")
A, X, B = matrix("A", p, n), matrix("X", n, m), matrix("B", m, q)
Y = define("Y", A @ X @ B)
triple = Computation("triple", definitions=(Y,), forward=lambda A, X, B: A @ X @ B)


# ---------------------------------------------------------------------------------- shapes


def test_vec_of_an_n_by_m_matrix_has_m_blocks_of_n_entries():
    assert [d.name for d in vec(X).shape] == ["m n", "1"]
    assert vec(X).shape[0].factors == (m, n)
    assert vec(X).shape[0].size == m.size * n.size


def test_the_order_of_the_blocks_is_part_of_the_type():
    with pytest.raises(ShapeError, match="sum of different shapes"):
        vec(X) + vec(X.T)


def test_a_kronecker_product_in_the_wrong_order_does_not_fit_vec():
    assert (kron(B.T, A) @ vec(X)).shape == vec(Y).shape
    with pytest.raises(ShapeError, match="inner dimensions that differ"):
        kron(A, B.T) @ vec(X)


def test_kronecker_products_are_associative_and_one_has_no_block():
    x = vector("x", n)
    assert kron(kron(A, B), X).shape == kron(A, kron(B, X)).shape
    assert kron(x, A).shape[1] == n
    assert vec(x).shape == x.shape


def test_a_tensor_cannot_be_named_over_a_product_of_dimensions():
    with pytest.raises(CalculusError, match="an axis of v would be the product m n"):
        define("v", vec(X))


# ---------------------------------------------------------------------------- claims


def vec_identity(right: Mat):
    return identity_of("vec", triple, vec(Y), right, because="columns of a product")


def test_vec_of_a_product_is_a_kronecker_product_times_vec():
    claim = checked(vec_identity(kron(B.T, A) @ vec(X)))

    assert claim.result == (
        r"\operatorname{vec}(\mathbf{Y}) = "
        r"(\mathbf{B}^{\top} \otimes \mathbf{A}) \operatorname{vec}(\mathbf{X})"
    )
    assert claim.shape == ("q p",)
    assert claim.verdict.standing == "verified"
    assert claim.verdict.read_back == "equal"
    assert claim.verdict.mutants.survived == 0
    assert claim.verdict.mutants.killed >= 5


U, V, W = matrix("U", n, n), matrix("V", n, n), matrix("W", n, n)
Z = define("Z", U @ V @ W)
square = Computation("square", definitions=(Z,), forward=lambda U, V, W: U @ V @ W)


@pytest.mark.parametrize(
    "wrong", [kron(U, W.T), kron(W, U), kron(W.T, U.T)], ids=["swapped", "no-transpose", "both"]
)
def test_a_wrong_kronecker_product_is_refused_by_numbers_where_all_shapes_fit(wrong):
    with pytest.raises(ClaimError, match="not what the oracle computes"):
        checked(identity_of("vec", square, vec(Z), wrong @ vec(V), because="wrong"))


def test_an_equal_kronecker_form_is_equal_by_normal_form_alone():
    i = Index("i", vec(X).shape[0])
    grouped = kron(B.T, A) @ vec(X)
    stepwise = kron(B.T, identity(p)) @ kron(identity(m), A) @ vec(X)
    rows = Index("i", grouped.shape[0])

    wanted = to_index(vec(A @ X @ B), rows, None)
    assert equivalent(to_index(grouped, rows, None), wanted)
    assert equivalent(contract(to_index(stepwise, rows, None)), wanted)
    assert not equivalent(to_index(vec(X), i, None), to_index(vec(2 * X), i, None))


def test_the_vec_form_of_a_graph_convolution_has_one_large_matrix():
    N, f, g = dim("N"), dim("f"), dim("g")
    S, H, Q = matrix("S", N, N), matrix("H", N, f), matrix("Q", f, g)
    sigma = elementwise("sigma")
    mixed = define("M", S @ H @ Q)
    layer = define("G", sigma(mixed))
    gcn = Computation(
        "gcn", definitions=(mixed, layer), forward=lambda S, H, Q, sigma: sigma(S @ H @ Q)
    )

    claim = checked(
        identity_of(
            "gcn_vec", gcn, vec(layer), sigma(kron(Q.T, S) @ vec(H)), because="vec of a product"
        )
    )

    assert claim.result == (
        r"\operatorname{vec}(\mathbf{G}) = \sigma((\mathbf{Q}^{\top} \otimes \mathbf{S}) "
        r"\operatorname{vec}(\mathbf{H}))"
    )


# ------------------------------------------------------------------------- exact numbers

ONE_TWO = literal([[1, 2], [3, 4]])


def test_kron_and_vec_of_exact_numbers_are_exact():
    claim = checked(
        exact(
            "blocks",
            relation(vec(ONE_TWO), "=", literal([1, 3, 2, 4]), "columns"),
            relation(
                kron(literal([[0, 1], [2, 0]]), ONE_TWO),
                "=",
                literal([[0, 0, 1, 2], [0, 0, 3, 4], [2, 4, 0, 0], [6, 8, 0, 0]]),
                "blocks",
            ),
            relation(kron(ONE_TWO, ONE_TWO) @ literal([1, 0, 0, 0]), "=", literal([1, 3, 3, 9])),
        )
    )
    assert claim.verdict.oracle == "exact"


def test_vec_by_rows_is_refused():
    with pytest.raises(ClaimError, match="is false"):
        checked(exact("rows", relation(vec(ONE_TWO), "=", literal([1, 2, 3, 4]), "rows")))


# ------------------------------------------------------------------------------ in print

NAMES = vocabulary(NotationChoice())
PRINTER = Printer(Naming(NotationChoice()))
Wk, Vk = (next(Sym(t) for t in TENSORS if t.name == name) for name in ("W", "V"))


@pytest.mark.parametrize(
    "node",
    [
        Kron(Kron(Wk, Vk), Wk),
        Kron(Wk, Kron(Vk, Wk)),
        Kron(Wk, Vk) + Kron(-Wk, Vk),
        -Kron(Wk, Vk),
        2 * Kron(Wk @ Vk, Vk.T),
        Kron(Wk, Vk).T @ Vec(Vk @ Wk @ Vk),
        Hadamard((Kron(Wk, Vk), Kron(Wk, Vk))),
    ],
    ids=PRINTER.matrix,
)
def test_the_reader_understands_what_the_printer_prints(node):
    read = read_matrix(PRINTER.matrix(node), NAMES)

    assert read.shape == node.shape
    np.testing.assert_allclose(matrix_value(read, VALUES), matrix_value(node, VALUES), rtol=1e-12)


def test_two_kinds_of_products_side_by_side_need_brackets():
    w, v = PRINTER.matrix(Wk), PRINTER.matrix(Vk)
    for latex in (rf"{w} \otimes {v} \odot {v}", rf"{w} \odot {w} \otimes {v}"):
        with pytest.raises(Unreadable, match="need brackets"):
            read_matrix(latex, NAMES)


def test_kron_and_vec_have_the_values_of_their_definition():
    blocks = np.block([[x * VALUES.leaf(Vk.leaf) for x in row] for row in VALUES.leaf(Wk.leaf)])
    columns = np.concatenate(list(VALUES.leaf(Wk.leaf).T))

    np.testing.assert_array_equal(matrix_value(Kron(Wk, Vk), VALUES), blocks)
    np.testing.assert_array_equal(matrix_value(Vec(Wk), VALUES)[:, 0], columns)
    assert Vec(Wk).shape[1] == ONE
