r"""How formulas look: tables of (expression, LaTeX), each of which the reader reads back."""

import pytest
import sympy as sp

from solutionset.calculus import matrix as mat
from solutionset.calculus import nodes
from solutionset.calculus.expressions import (
    Apply,
    Expr,
    as_expr,
    delta,
    entry,
    single,
    sum_over,
)
from solutionset.calculus.matrix import Mat, Sym
from solutionset.calculus.normal import equivalent
from solutionset.calculus.tensors import (
    EXP,
    TANH,
    CalculusError,
    Determinant,
    Dim,
    Elementwise,
    Gradient,
    Index,
    Inverted,
    Jacobian,
    Tensor,
)
from solutionset.model import NotationChoice
from solutionset.notation.coefficients import coefficient_latex
from solutionset.notation.matrix_reader import read_matrix
from solutionset.notation.names import Naming
from solutionset.notation.printer import Printer
from solutionset.notation.reader import read_index
from solutionset.notation.vocabulary import Vocabulary

N, M, S = Dim("n", "ij"), Dim("m", "lr"), Dim("S", "s")
i, j, a, s = Index("i", N), Index("j", N), Index("a", M), Index("s", S)
p = sp.Symbol("p")
sigma = Elementwise("sigma", label="k")

tr = Tensor("r", ())
tx, ty, tz = Tensor("x", (N,)), Tensor("y", (N,)), Tensor("z", (M,), label="k")
tF = Tensor("F_prev", (N,), "F", "k-1")
tW, tA = Tensor("W", (M, N), label="k"), Tensor("A", (N, N))
tX, tY = Tensor("X", (S, N)), Tensor("Y", (S, N))
tw, tg = Tensor("tilde_w", (N,)), Tensor("gamma", (N,))
tQ = Tensor("cal_Q", (N, N))
TENSORS = (tr, tx, ty, tz, tF, tW, tA, tX, tY, tw, tg, tQ)
r, x, y, z, F, W, A, X, Y, w, gamma, Q = map(Sym, TENSORS)
gy, gz = Sym(Gradient(ty)), Sym(Gradient(tz))

DEFAULT = NotationChoice()


def vocabulary(choice: NotationChoice) -> Vocabulary:
    """The names of these tables."""
    return Vocabulary(Naming(choice), TENSORS, (sigma, EXP, TANH), (p,), (N, M, S))


def index(expr: Expr, choice: NotationChoice = DEFAULT) -> str:
    """Print an index expression and make sure that it is read back."""
    names = vocabulary(choice)
    latex = Printer(names.naming, names.index_letters_taken).expr(expr)
    assert equivalent(read_index(latex, names, tuple(expr.free)), expr)
    return latex


def matrix(form: Mat, choice: NotationChoice = DEFAULT) -> str:
    """Print a matrix expression and make sure that it is read back, printing the same again."""
    names = vocabulary(choice)
    printer = Printer(names.naming, names.index_letters_taken)
    latex = printer.matrix(form)
    assert printer.matrix(read_matrix(latex, names)) == latex
    return latex


def applied(function: Elementwise, argument: Expr) -> Expr:
    """A function of an index expression."""
    return single(Apply(function, argument))


def grad(tensor: Tensor, *indices: Index) -> Expr:
    """An entry of a gradient."""
    return entry(Gradient(tensor), indices)


def jac(of: Tensor, wrt: Tensor, *indices: Index) -> Expr:
    """An entry of a Jacobian."""
    return entry(Jacobian(of, wrt), indices)


@pytest.mark.parametrize(
    ("expr", "latex"),
    [
        (x[i] - y[i], "x_i - y_i"),
        (-x[i] + y[i], "-x_i + y_i"),
        (as_expr(0), "0"),
        (1 - y[i] ** 2, "1 - y_i^{2}"),
        (W[a, i], "W_{k,ai}"),
        (F[i], "F_{k-1,i}"),
        (w[i] * gamma[j] * Q[i, j], r"\tilde{w}_i \gamma_j \mathcal{Q}_{ij}"),
    ],
)
def test_signs_and_subscripts_are_those_of_the_board(expr: Expr, latex: str) -> None:
    assert index(expr) == latex


@pytest.mark.parametrize(
    ("expr", "latex"),
    [
        (x[i] / 2, r"\frac{1}{2} x_i"),
        (-x[i] * y[j] / 2, r"-\frac{1}{2} x_i y_j"),
        ((1 - p) * x[i], "(1 - p) x_i"),
        ((p - 1) * x[i], "(p - 1) x_i"),
        (x[i] * p * (1 - p), "p (1 - p) x_i"),
        ((1 - p) / S.size * x[i], r"\frac{1 - p}{S} x_i"),
        (sp.sqrt(2) * x[i], r"\sqrt{2} x_i"),
        (sum_over(s, X[s, i]) * 2 / S.size, r"\frac{2}{S} \sum_{s} X_{si}"),
        (sum_over(s, X[s, i] * Y[s, j]) * (1 - p), r"(1 - p) \sum_{s} X_{si} Y_{sj}"),
        (-3 * sum_over((s, j), X[s, i] * Y[s, j]), r"-3 \sum_{s,j} X_{si} Y_{sj}"),
    ],
)
def test_the_coefficient_stands_in_front_of_tensors_and_sums(expr: Expr, latex: str) -> None:
    assert index(expr) == latex


@pytest.mark.parametrize(
    ("expr", "latex"),
    [
        (x[i] / r[()], r"\frac{x_i}{r}"),
        (-2 * x[i] / r[()] ** 3, r"-\frac{2 x_i}{r^{3}}"),
        (x[i] / (2 * r[()]), r"\frac{x_i}{2 r}"),
        (1 / r[()], r"\frac{1}{r}"),
        ((1 - p) / r[()], r"\frac{1 - p}{r}"),
        ((1 - p) * x[i] / r[()], r"\frac{(1 - p) x_i}{r}"),
        (1 / (1 - y[i]), r"\frac{1}{1 - y_i}"),
        (x[i] * (1 - y[i]) ** -2, r"\frac{x_i}{(1 - y_i)^{2}}"),
        (r[()] ** sp.Rational(1, 2), r"\sqrt{r}"),
        (x[i] * (p + r[()]) ** sp.Rational(-1, 2), r"\frac{x_i}{\sqrt{r + p}}"),
        (r[()] ** sp.Rational(3, 2), "r^{3/2}"),
        (sum_over(i, x[i] / gamma[i]) / 2, r"\frac{1}{2} \sum_{i} \frac{x_i}{\gamma_i}"),
    ],
)
def test_tensors_with_negative_powers_stand_under_one_fraction_bar(expr: Expr, latex: str) -> None:
    assert index(expr) == latex


@pytest.mark.parametrize(
    ("expr", "latex"),
    [
        (W[a, i] * grad(tz, a), r"\frac{\partial L}{\partial z_{k,a}} W_{k,ai}"),
        (
            x[i] * grad(ty, i) * jac(ty, tx, i, j) / 2,
            r"\frac{1}{2} \frac{\partial L}{\partial y_i} x_i \frac{\partial y_i}{\partial x_j}",
        ),
        (delta(i, j) * x[i] * grad(ty, i), r"\frac{\partial L}{\partial y_i} x_i \delta_{ij}"),
        (
            jac(ty, tx, i, j) / r[()],
            r"\frac{1}{r} \frac{\partial y_i}{\partial x_j}",
        ),
        (grad(ty, i) / S.size, r"\frac{1}{S} \frac{\partial L}{\partial y_i}"),
        (grad(ty, i) ** 2, r"\left(\frac{\partial L}{\partial y_i}\right)^{2}"),
    ],
)
def test_upstream_comes_first_and_partials_and_deltas_come_last(expr: Expr, latex: str) -> None:
    assert index(expr) == latex


@pytest.mark.parametrize(
    ("expr", "latex"),
    [
        (applied(sigma, z[a]), r"\sigma_k(z_{k,a})"),
        (applied(sigma.prime, z[a]) * x[i], r"\sigma_k'(z_{k,a}) x_i"),
        (applied(sigma.prime.prime, z[a]), r"\sigma_k''(z_{k,a})"),
        (applied(TANH, x[i]) ** 2, r"\tanh(x_i)^{2}"),
        (applied(sigma, x[i] / r[()]), r"\sigma_k\left(\frac{x_i}{r}\right)"),
        (applied(EXP, X[s, i]), "e^{X_{si}}"),
        (applied(EXP, X[s, i]) / r[()], r"\frac{e^{X_{si}}}{r}"),
        (applied(EXP, -x[i]), "e^{-x_i}"),
        (applied(EXP, as_expr(1) * x[i]) ** -1, r"\frac{1}{e^{x_i}}"),
        (entry(Inverted(tA), (i, j)), "(A^{-1})_{ij}"),
        (A[i, j] ** -1, r"\frac{1}{A_{ij}}"),
        (entry(Determinant(tA), ()) * x[i], r"\det(\mathbf{A}) x_i"),
    ],
)
def test_functions_have_the_brackets_they_need(expr: Expr, latex: str) -> None:
    assert index(expr) == latex


def test_a_sum_does_not_take_a_letter_that_means_something() -> None:
    hidden = sum_over(Index("q", N), entry(tA, (i, Index("q", N))) * entry(tx, (Index("q", N),)))
    assert index(hidden) == r"\sum_{j} A_{ij} x_j"
    names = vocabulary(DEFAULT)
    printer = Printer(names.naming, names.index_letters_taken)
    assert printer.expr(hidden, (i, j)) == r"\sum_{l} A_{il} x_l"


def test_an_index_whose_name_is_no_letter_is_refused() -> None:
    with pytest.raises(CalculusError, match="index row1 cannot be printed"):
        index(x[Index("row1", N)])


@pytest.mark.parametrize(
    ("form", "latex"),
    [
        (x - y, r"\mathbf{x} - \mathbf{y}"),
        (-x + y, r"-\mathbf{x} + \mathbf{y}"),
        (-(x - y), r"-\mathbf{x} + \mathbf{y}"),
        (X * sp.Rational(-1, 2), r"-\frac{1}{2} \mathbf{X}"),
        (Y - X / S.size, r"\mathbf{Y} - \frac{1}{S} \mathbf{X}"),
        ((1 - p) * X, r"(1 - p) \mathbf{X}"),
        (2 * (X - Y), r"2 (\mathbf{X} - \mathbf{Y})"),
        (x * 2 - A @ x * 3, r"2 \mathbf{x} - 3 \mathbf{A} \mathbf{x}"),
        (w + gamma, r"\tilde{\mathbf{w}} + \boldsymbol{\gamma}"),
        (Q @ x, r"\boldsymbol{\mathcal{Q}} \mathbf{x}"),
        (F, r"\mathbf{F}_{k-1}"),
        (mat.scaled(2, mat.One()) - x.T @ y, r"2 - \mathbf{x}^{\top} \mathbf{y}"),
        (mat.scaled(-1, mat.One()) + r, "-1 + r"),
        (mat.scaled(2, mat.scaled(3**p, x)), r"2 \cdot 3^{p} \mathbf{x}"),
    ],
)
def test_numbers_stand_in_front_and_brackets_only_around_sums(form: Mat, latex: str) -> None:
    assert matrix(form) == latex


@pytest.mark.parametrize(
    ("form", "latex"),
    [
        (W @ x, r"\mathbf{W}_k \mathbf{x}"),
        ((A @ x).T, r"\mathbf{x}^{\top} \mathbf{A}^{\top}"),
        ((x - y).T @ A, r"(\mathbf{x} - \mathbf{y})^{\top} \mathbf{A}"),
        (gz @ x.T, r"\frac{\partial L}{\partial \mathbf{z}_k} \mathbf{x}^{\top}"),
        (
            mat.Transposed(gz) @ W,
            r"\left(\frac{\partial L}{\partial \mathbf{z}_k}\right)^{\top} \mathbf{W}_k",
        ),
        (A @ (x + y), r"\mathbf{A} (\mathbf{x} + \mathbf{y})"),
        (A @ x * y, r"\mathbf{A} \mathbf{x} \odot \mathbf{y}"),
        (A @ (x * y), r"\mathbf{A} (\mathbf{x} \odot \mathbf{y})"),
        ((x + y) * x, r"(\mathbf{x} + \mathbf{y}) \odot \mathbf{x}"),
        (x * y + x, r"\mathbf{x} \odot \mathbf{y} + \mathbf{x}"),
        (
            W.T @ (mat.Applied(sigma.prime, z) * gz),
            r"\mathbf{W}_k^{\top} \left(\sigma_k'(\mathbf{z}_k) \odot "
            r"\frac{\partial L}{\partial \mathbf{z}_k}\right)",
        ),
        (X**2, r"\mathbf{X}^{\odot 2}"),
        ((X**2).T, r"(\mathbf{X}^{\odot 2})^{\top}"),
        (nodes.MatrixPower(A, sp.Integer(3)) @ x, r"\mathbf{A}^{3} \mathbf{x}"),
        (nodes.Inverse(A) @ x, r"\mathbf{A}^{-1} \mathbf{x}"),
        (nodes.Inverse(A).T @ x, r"\mathbf{A}^{-\top} \mathbf{x}"),
        (
            mat.Diag(mat.Applied(sigma, z)) @ W,
            r"\operatorname{diag}(\sigma_k(\mathbf{z}_k)) \mathbf{W}_k",
        ),
        (mat.Diag(x / 2), r"\operatorname{diag}\left(\frac{1}{2} \mathbf{x}\right)"),
        (nodes.Trace(A @ A), r"\operatorname{tr}(\mathbf{A} \mathbf{A})"),
        (mat.Applied(EXP, X), r"\exp(\mathbf{X})"),
    ],
)
def test_products_bind_tighter_than_entrywise_products_and_those_than_sums(
    form: Mat, latex: str
) -> None:
    assert matrix(form) == latex


@pytest.mark.parametrize(
    ("form", "latex"),
    [
        (x / r, r"\frac{1}{r} \mathbf{x}"),
        (x * r, r"r \mathbf{x}"),
        ((x.T @ y) * x, r"(\mathbf{x}^{\top} \mathbf{y}) \mathbf{x}"),
        ((x.T @ y) * x / r**3, r"\frac{\mathbf{x}^{\top} \mathbf{y}}{r^{3}} \mathbf{x}"),
        (x / (x.T @ x), r"\frac{1}{\mathbf{x}^{\top} \mathbf{x}} \mathbf{x}"),
        ((x.T @ y) * (x.T @ x), r"(\mathbf{x}^{\top} \mathbf{y}) (\mathbf{x}^{\top} \mathbf{x})"),
        (
            x * (x.T @ x) ** sp.Rational(-1, 2),
            r"\frac{1}{\sqrt{\mathbf{x}^{\top} \mathbf{x}}} \mathbf{x}",
        ),
        (mat.Identity(N) - x @ x.T, r"\mathbf{I}_{n} - \mathbf{x} \mathbf{x}^{\top}"),
        (X.T @ mat.Ones(S), r"\mathbf{X}^{\top} \mathbf{1}_{S}"),
        (
            mat.product(mat.Ones(S), mat.Ones(N).T) - Y**2,
            r"\mathbf{1}_{S \times n} - \mathbf{Y}^{\odot 2}",
        ),
        (Y @ mat.Ones(N) @ mat.Ones(N).T, r"\mathbf{Y} \mathbf{1}_{n} \mathbf{1}_{n}^{\top}"),
        (x / r / N.size, r"\frac{1}{n r} \mathbf{x}"),
        (
            2 * (x.T @ y) * x / r**3 / N.size,
            r"\frac{2 (\mathbf{x}^{\top} \mathbf{y})}{n r^{3}} \mathbf{x}",
        ),
        ((x.T @ y) * x / N.size, r"\frac{1}{n} (\mathbf{x}^{\top} \mathbf{y}) \mathbf{x}"),
        (x / (r + 1) / N.size, r"\frac{1}{n (r + 1)} \mathbf{x}"),
        (0 * x, r"\mathbf{0}_{n}"),
        (0 * Y, r"\mathbf{0}_{S \times n}"),
        (0 * (x.T @ x), "0"),
    ],
)
def test_scalars_are_set_as_scalars_and_ones_as_ones(form: Mat, latex: str) -> None:
    assert matrix(form) == latex


NABLA = NotationChoice(gradient="nabla")


@pytest.mark.parametrize(
    ("form", "choice", "latex"),
    [
        (gz @ x.T, NABLA, r"(\nabla_{\mathbf{z}_k} L) \mathbf{x}^{\top}"),
        (W.T @ gz, NABLA, r"\mathbf{W}_k^{\top} \nabla_{\mathbf{z}_k} L"),
        (gy * x, NABLA, r"\nabla_{\mathbf{y}} L \odot \mathbf{x}"),
        (-gy, NotationChoice(loss="cal_L"), r"-\frac{\partial \mathcal{L}}{\partial \mathbf{y}}"),
        (Sym(Jacobian(ty, tx)) @ x, DEFAULT, r"J\mathbf{y}(\mathbf{x}) \mathbf{x}"),
        (
            Sym(Jacobian(ty, tx)) @ x,
            NotationChoice(jacobian="partial"),
            r"\frac{\partial \mathbf{y}}{\partial \mathbf{x}} \mathbf{x}",
        ),
        (A @ x, NotationChoice(bold="vectors"), r"A \mathbf{x}"),
        (A @ x + gamma, NotationChoice(bold="none"), r"A x + \gamma"),
        (mat.Identity(N) @ x, NotationChoice(bold="vectors"), r"I_{n} \mathbf{x}"),
        (x * y, NotationChoice(hadamard="circ"), r"\mathbf{x} \circ \mathbf{y}"),
        (X**2, NotationChoice(hadamard="circ"), r"\mathbf{X}^{\circ 2}"),
    ],
)
def test_the_notation_of_a_set_is_kept(form: Mat, choice: NotationChoice, latex: str) -> None:
    assert matrix(form, choice) == latex


@pytest.mark.parametrize(
    ("expr", "latex"),
    [
        (A[i, j], "A(i,j)"),
        (F[i], "F_{k-1}(i)"),
        (F[i] ** 2, "F_{k-1}(i)^{2}"),
        (grad(tF, i), r"\frac{\partial L}{\partial F_{k-1}(i)}"),
        (entry(Inverted(tA), (i, j)), "(A^{-1})(i,j)"),
    ],
)
def test_entries_may_be_set_in_parentheses(expr: Expr, latex: str) -> None:
    assert index(expr, NotationChoice(entries="parenthesis")) == latex


@pytest.mark.parametrize(
    ("value", "latex"),
    [
        (sp.Integer(-7), "-7"),
        (sp.Rational(-1, 2), r"-\frac{1}{2}"),
        (-p, "-p"),
        (p**-2, r"\frac{1}{p^{2}}"),
        (-p / S.size, r"-\frac{p}{S}"),
        (p**2 - p, "p (p - 1)"),
        (2 ** (-p), r"\frac{1}{2^{p}}"),
        ((-1) ** p, "(-1)^{p}"),
        ((1 + p) ** sp.Symbol("q"), "(p + 1)^{q}"),
        (p ** sp.Rational(3, 2), "p^{3/2}"),
        (p ** (-sp.Symbol("t") / 2), r"\frac{1}{p^{\frac{t}{2}}}"),
        (1 / (1 + p) ** 2, r"\frac{1}{(p + 1)^{2}}"),
        (2 * 3**p, r"2 \cdot 3^{p}"),
        (2 * sp.pi * p, r"2 \pi p"),
        (1 / sp.sqrt(2 * sp.pi), r"\frac{\sqrt{2}}{2 \sqrt{\pi}}"),
    ],
)
def test_coefficients_are_exact_and_keep_their_signs_and_brackets(
    value: sp.Expr, latex: str
) -> None:
    assert coefficient_latex(value) == latex


def test_a_coefficient_that_is_no_product_of_powers_is_refused() -> None:
    with pytest.raises(CalculusError, match="cannot be printed"):
        coefficient_latex(sp.gamma(p))
