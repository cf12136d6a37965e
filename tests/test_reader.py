r"""What the reader refuses, and where it says so; and names that would make it read two ways."""

import pytest
import sympy as sp

from solutionset.calculus.matrix import ShapeError
from solutionset.calculus.nodes import Head
from solutionset.calculus.tensors import (
    EXP,
    CalculusError,
    Dim,
    Elementwise,
    Index,
    Tensor,
)
from solutionset.calculus.trees import walk
from solutionset.model import NotationChoice
from solutionset.notation.matrix_reader import read_matrix
from solutionset.notation.names import Naming
from solutionset.notation.reader import read_index
from solutionset.notation.tokens import Unreadable
from solutionset.notation.vocabulary import Vocabulary

N, M = Dim("n", "ij"), Dim("m", "lr")
i, j, a = Index("i", N), Index("j", N), Index("a", M)
p = sp.Symbol("p")
TENSORS = (
    Tensor("r", ()),
    Tensor("x", (N,)),
    Tensor("y", (M,)),
    Tensor("F", (N,), label="k"),
    Tensor("F_prev", (N,), "F", "k-1"),
    Tensor("W", (M, N)),
    Tensor("A", (N, N)),
)
SIGMA = Elementwise("sigma", label="k")


def vocabulary(
    *tensors: Tensor,
    functions: tuple[Elementwise, ...] = (SIGMA, EXP),
    parameters: tuple[sp.Symbol, ...] = (p,),
    dims: tuple[Dim, ...] = (N, M),
    **choice: str,
) -> Vocabulary:
    """The names of these tests, or others."""
    return Vocabulary(
        Naming(NotationChoice(**choice)), tensors or TENSORS, functions, parameters, dims
    )


NAMES = vocabulary()


@pytest.mark.parametrize(
    ("latex", "told"),
    [
        ("q_i", "'q' is no name of this problem"),
        (r"x_i \input{secret}", r"'\input' is no name of this problem"),
        ("x_i % y_a", "unexpected character '%'"),
        ("x_l", "index l is neither free nor summed over"),
        ("x_a", "index a does not fit axis 0 of x, a ranges over m"),
        ("W_{ia}", "index i does not fit axis 0 of W"),
        ("x_{ij}", "0 tensors fit the subscript 'ij'"),
        ("W_a", "0 tensors fit the subscript 'a'"),
        ("x_{}", "0 tensors fit the subscript"),
        ("x", "0 tensors fit the subscript 'none'"),
        ("r_i", "0 tensors fit the subscript 'i'"),
        (r"\sum_{l} x_l y_l", "index l ranges over m and n at once"),
        (r"\sum_{i} x_i", "index i is summed over and free at once"),
        (r"\sum_{l,l} W_{ll}", "index l is summed over twice"),
        (r"\sum_{l} x_i", "nothing says over what index l ranges"),
        (r"\sum_{l,r} \delta_{lr}", "nothing says over what index l, r ranges"),
        (r"\sum_{lr} W_{lr}", "'lr' is no list of indices"),
        (r"\sum_{l} (x_l + x_i)", "sum over l, which does not occur in every term"),
        (r"\delta_{ia}", "Kronecker delta of i and a"),
        (r"\delta_{ijj}", "a Kronecker delta has two indices"),
        (r"\delta_i", "a Kronecker delta has two indices"),
        ("x_i + - x_j", "'-' is no name"),
        ("x_i - ", "'' is no name"),
        ("x_i + ", "'' is no name"),
        ("+ x_i", "'+' is no name"),
        ("(x_i + x_j", "'(' is never closed"),
        ("x_i)", "')' closes nothing"),
        (r"\left(x_i)", "do not match"),
        (r"(x_i\right)", "do not match"),
        (r"\frac{x_i}{r", "'{' is never closed"),
        (r"\frac{x_i}", "expected '{'"),
        (r"\frac x r", "expected '{', found 'x'"),
        ("x_i = x_j", "'=' is no name"),
        ("x_i ]", "']' closes nothing"),
        ("x_i 2", r"a number inside a product needs \cdot"),
        ("2 3", r"a number inside a product needs \cdot"),
        (r"2 \frac{1}{2} x_i", r"a number inside a product needs \cdot"),
        ("x_i^10", "'10' needs braces"),
        ("x_i^{x_j}", "neither free nor summed"),
        ("x_i^{2}^{3}", "'^' is no name"),
        (r"\frac{x_i}{0}", "division by zero"),
        (r"\frac{x_i}{1 - 1}", "division by zero"),
        (r"\sigma_k x_i", "expected '(', found 'x'"),
        (r"\sigma(x_i)", r"'\sigma' is no name"),
        (r"\sigma_k(\sum_{l} y_l)", "a sum inside sigma has no name"),
        (r"\frac{\partial L}{\partial q_i}", "'q' is no tensor"),
        (r"\frac{\partial L}{x_i}", r"expected '\partial'"),
        ("(A^{-1})", "expected '_', found ''"),
        ("(A^{-1})_{ia}", "index a does not fit axis 1"),
        ("1/2 x_i", "'/' is no name"),
    ],
)
def test_an_index_formula_is_refused_at_its_fault(latex: str, told: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_index(latex, NAMES, (i, j, a))
    assert told in caught.value.message


@pytest.mark.parametrize(
    ("latex", "told"),
    [
        (r"\mathbf{q}", r"'\mathbf' is no name of this problem"),
        ("W", "'W' is no name of this problem"),
        (r"\mathbf{F}", r"'\mathbf' is no name of this problem"),
        (r"\mathbf{F}_{k+1}", r"'\mathbf' is no name of this problem"),
        (r"\mathbf{W} \mathbf{x} \mathbf{q}", r"near '{ x } \mathbf { q'"),
        (r"\mathbf{x} \mathbf{", "'{' is never closed"),
        (r"\mathbf{A}^{T}", "'T' is no name"),
        (r"\mathbf{A}^{r}", "an exponent must be a number"),
        (r"\mathbf{A}^{\top}^{\top}", "'^' is no name"),
        (r"\mathbf{A}^{\circ 2}", r"'\circ' is no name"),
        (r"\mathbf{x} \circ \mathbf{x}", r"'\circ' is no name"),
        (r"\mathbf{1}_{q}", "'q' is no dimension"),
        (r"\mathbf{I}_{q}", "'q' is no dimension"),
        (r"\frac{\mathbf{x}}{\mathbf{x}}", "division by a matrix"),
        (r"\sqrt{\mathbf{x}}", "the square root of a matrix"),
        (r"\frac{1}{p - p}", "division by zero"),
        (r"\operatorname{det}(\mathbf{A})", "unknown operator det"),
        (r"\operatorname{tr} \mathbf{A}", "expected '('"),
        (r"2 3 \mathbf{x}", r"needs \cdot"),
        (r"\mathbf{x} \odot", "'' is no name"),
        (r"\nabla_{\mathbf{x}} \mathbf{x}", "expected the loss after nabla"),
        (r"J\mathbf{x} \mathbf{y}", "expected '('"),
        (r"\begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix}", "the rows of a matrix differ in length"),
        (r"\begin{bmatrix} 1 \end{bmatrix}", "only pmatrix"),
        (r"\begin{pmatrix} 1 \end{bmatrix}", "does not end as it began"),
        (r"\begin{pmatrix} 1 \\ r \end{pmatrix}", "an exponent must be a number"),
    ],
)
def test_a_matrix_formula_is_refused_at_its_fault(latex: str, told: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_matrix(latex, NAMES)
    assert told in caught.value.message


@pytest.mark.parametrize(
    ("latex", "told"),
    [
        (r"\mathbf{x} \mathbf{W}", "inner dimensions that differ"),
        (r"\mathbf{W} + \mathbf{A}", "sum of different shapes"),
        (r"\mathbf{W} \odot \mathbf{A}", "entrywise product of different shapes"),
        (r"1 + \mathbf{x}", "sum of different shapes"),
        (r"\operatorname{tr}(\mathbf{W})", "trace"),
        (r"\operatorname{diag}(\mathbf{W})", "diag of a matrix"),
        (r"\mathbf{W}^{-1}", "inverse"),
        (r"\mathbf{W}^{2}", "power"),
    ],
)
def test_an_ill_typed_matrix_formula_is_a_shape_error(latex: str, told: str) -> None:
    with pytest.raises(ShapeError, match=told):
        read_matrix(latex, NAMES)


def test_the_message_shows_the_formula_and_the_place() -> None:
    with pytest.raises(Unreadable) as caught:
        read_index("x_i + q_j", NAMES, (i, j))
    assert caught.value.got == "x_i + q_j"
    assert "near '_ i + q _ j'" in caught.value.message


@pytest.mark.parametrize(
    ("latex", "name"),
    [("F_{k,i}", "F"), ("F_{k-1,i}", "F_prev")],
)
def test_labels_are_told_apart(latex: str, name: str) -> None:
    (term,) = read_index(latex, NAMES, (i,)).terms
    assert term.factors[0][0].leaf.name == name  # type: ignore[union-attr]


@pytest.mark.parametrize("latex", ["F_{k,-1i}", "F_{k-1i}", "F_{ki}", "F_{k,k-1,i}", "F_{i,k}"])
def test_a_label_that_is_not_quite_one_is_refused(latex: str) -> None:
    with pytest.raises(Unreadable, match="0 tensors fit"):
        read_index(latex, NAMES, (i, Index("k", N)))


def test_commas_between_single_letters_are_refused() -> None:
    with pytest.raises(Unreadable, match="0 tensors fit"):
        read_index("A_{i,j}", NAMES, (i, j))


def test_a_sum_reaches_to_the_end_of_its_term_and_no_further() -> None:
    with pytest.raises(Unreadable, match="index l is neither free nor summed over"):
        read_index(r"\sum_{l} x_l x_i + x_l", NAMES, (i,))


@pytest.mark.parametrize(
    ("tensors", "told"),
    [
        ((Tensor("F", (N,)), Tensor("F2", (N,), "F")), "two tensors print alike: F and F2"),
        ((Tensor("ab", (N,)), Tensor("a_b", (N,))), "two tensors print alike"),
        ((Tensor("x", (N,)), Tensor("x1", (), "x", "i")), "entries of x and x1"),
        ((Tensor("x", (N, N)), Tensor("x1", (N,), "x", "i")), "entries of x and x1"),
        ((Tensor("x", (N,), label="k"), Tensor("x1", (), "x", "k,i")), "entries of x and x1"),
        ((Tensor("delta", (N, N)),), "tensor delta and the Kronecker delta"),
        ((Tensor("sigma", (N,)),), "function sigma and tensor sigma"),
        ((Tensor("e", ()),), "tensor e and the base of e\\^x"),
        ((Tensor("p", ()),), "tensor p and the number p"),
        ((Tensor("m", ()),), "tensor m and the number m"),
        ((Tensor("I", (N, N)),), "tensor I and the identity matrix"),
    ],
)
def test_names_that_print_alike_are_refused(tensors: tuple[Tensor, ...], told: str) -> None:
    with pytest.raises(CalculusError, match=told):
        vocabulary(*tensors)


@pytest.mark.parametrize(
    ("tensor", "choice", "told"),
    [
        (Tensor("J", (N, N)), {"bold": "none"}, "tensor J and the sign of a Jacobian"),
        (Tensor("J", (N, N), label="k"), {"bold": "none"}, "tensor J and the sign of a Jacobian"),
        (Tensor("I", (N, N)), {"bold": "vectors"}, "tensor I and the identity matrix"),
        (Tensor("L", (N,)), {"bold": "none"}, "tensor L and the loss"),
        (Tensor("n", (N, N)), {"bold": "none"}, "tensor n and the number n"),
        (Tensor("p", (N,)), {"entries": "parenthesis"}, "tensor p and the number p"),
    ],
)
def test_names_that_print_alike_in_this_notation_are_refused(
    tensor: Tensor, choice: dict[str, str], told: str
) -> None:
    with pytest.raises(CalculusError, match=told):
        vocabulary(tensor, **choice)


@pytest.mark.parametrize(
    ("tensor", "choice"),
    [
        (Tensor("J", (N, N)), {"bold": "all"}),
        (Tensor("J", (N, N)), {"bold": "none", "jacobian": "partial"}),
        (Tensor("L", (N,)), {"bold": "all"}),
        (Tensor("e", (N,)), {}),
        (Tensor("n", (N, N)), {"bold": "all"}),
        (Tensor("p", (N,)), {}),
    ],
)
def test_names_that_only_look_dangerous_are_kept(tensor: Tensor, choice: dict[str, str]) -> None:
    assert vocabulary(tensor, **choice).tensors == (tensor,)


def test_a_function_and_a_parameter_of_one_name_are_refused() -> None:
    with pytest.raises(CalculusError, match="function h and the number h print alike"):
        vocabulary(functions=(Elementwise("h"),), parameters=(sp.Symbol("h"),))


def test_a_parameter_and_a_dimension_of_one_name_are_refused() -> None:
    with pytest.raises(CalculusError, match="two numbers print alike"):
        vocabulary(parameters=(sp.Symbol("n"),))


def test_a_scalar_named_e_is_read_where_no_exponential_occurs() -> None:
    names = vocabulary(Tensor("e", ()), functions=(SIGMA,))
    (term,) = read_index("e^{2}", names, ()).terms
    assert term.factors[0][1] == 2


def test_an_index_may_have_the_letter_of_a_tensor_or_parameter() -> None:
    q = Index("p", N)
    (term,) = read_index("p x_p", NAMES, (q,)).terms
    assert (term.coefficient, term.free) == (p, {q})


def test_the_spectral_radius_gives_way_to_a_parameter_called_rho() -> None:
    names = vocabulary(parameters=(sp.Symbol("rho"),))
    assert not any(isinstance(n, Head) for n in walk(read_matrix(r"\rho (1 - r)", names)))
    assert isinstance(read_matrix(r"\rho(\mathbf{A})", NAMES), Head)


def test_a_choice_of_notation_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CalculusError, match="notation bold = 'some' does not exist"):
        vocabulary(bold="some")
