"""Every kind of claim: one that holds, printed as expected, and one that is refused."""

import numpy as np
import pytest
import sympy as sp
from author import checked, checked_solution

from solutionset.authoring import (
    Computation,
    CountRow,
    Quantity,
    Solution,
    Survivor,
    argument,
    chain,
    count,
    counterexample,
    define,
    dim,
    elementwise,
    exact,
    experiment,
    grad,
    gradient,
    hypothesis,
    jac,
    literal,
    matrix,
    norm,
    number,
    relation,
    scalar,
    spectral_norm,
    theorem,
    vector,
)
from solutionset.calculus.tensors import CalculusError
from solutionset.errors import AuthorError, ClaimError
from solutionset.model import Hypothesis

n, m = dim("n"), dim("m")
A, x = matrix("A", m, n), vector("x", n)


# ----------------------------------------------------------------------------- exact, count, runs


def test_the_shape_of_an_exact_relation_is_that_of_its_numbers():
    rows, column = literal([[1, 2, 0], [0, 1, 1]]), literal([1, 1, 2])
    shapes = [
        checked(exact("one", relation(left, "=", left))).shape
        for left in (rows, column, norm(column))
    ]
    assert shapes == [("2", "3"), ("3",), ()]


def test_a_counterexample_is_decided_exactly():
    nilpotent = literal([[0, 2], [0, 0]])
    claim = checked(
        counterexample(
            "norms",
            relation(spectral_norm(nilpotent), "=", 2),
            relation(spectral_norm(nilpotent @ nilpotent), "=", 0),
        )
    )
    assert claim.result == (
        r"\left\lVert \begin{pmatrix} 0 & 2 \\ 0 & 0 \end{pmatrix} "
        r"\begin{pmatrix} 0 & 2 \\ 0 & 0 \end{pmatrix} \right\rVert_2 = 0"
    )


def test_a_logarithm_is_read_back_in_an_exact_relation():
    doubles = relation(number(709), "<", number(1024 * sp.log(2)))
    claim = checked(counterexample("overflow", doubles))
    assert (claim.result, claim.verdict.read_back) == (r"709 < 1024 \ln 2", "equal")


def test_a_false_counterexample_is_refused():
    with pytest.raises(ClaimError, match="line 1"):
        checked(counterexample("norms", relation(norm(literal([3, 4])), "=", 6)))


def test_a_count_agrees_with_its_closed_form():
    a, b = sp.symbols("a b", integer=True, positive=True)
    claim = checked(count("layer", CountRow("weights", 35, a * b, {"a": 5, "b": 7})))
    assert claim.table == (("weights", "a b", "35"),)


def test_a_cell_that_differs_from_its_closed_form_is_refused():
    a = sp.Symbol("a", integer=True, positive=True)
    with pytest.raises(ClaimError, match="weights counts differently"):
        checked(count("layer", CountRow("weights", 36, a**2, {"a": 5})))


def test_a_letter_of_a_closed_form_without_a_size_is_named():
    a, b = sp.symbols("a b", integer=True, positive=True)
    with pytest.raises(AuthorError, match="the closed form of weights has letters") as caught:
        checked(count("layer", CountRow("weights", 35, a * b, {"a": 5})))
    assert caught.value.got == "b"


def test_sizes_at_which_another_closed_form_counts_the_same_are_refused():
    a, b = sp.symbols("a b", integer=True, positive=True)
    with pytest.raises(ClaimError, match=r"the list cannot tell a \+ b from a\*b"):
        checked(count("layer", CountRow("weights", 4, a + b, {"a": 2, "b": 2})))


def test_rows_of_one_closed_form_decide_together():
    a, b = sp.symbols("a b", integer=True, positive=True)
    rows = (
        CountRow("a square", 4, a * b, {"a": 2, "b": 2}),
        CountRow("a strip", 3, a * b, {"a": 3, "b": 1}),
    )
    assert checked(count("layer", *rows)).verdict.mutants.killed > 6


def test_a_closed_form_that_is_no_whole_number_counts_nothing():
    a = sp.Symbol("a", integer=True, positive=True)
    with pytest.raises(ClaimError, match="weights counts differently") as caught:
        checked(count("layer", CountRow("weights", 2, a / 2, {"a": 5})))
    assert caught.value.got == "5/2 by the closed form"


def test_an_experiment_hands_its_numbers_to_the_page():
    claim = checked(
        experiment(
            "mean",
            lambda rng: {"mean": Quantity(0.4567, 2)},
            lambda got: {"the mean is near one half": abs(got["mean"] - 0.5) < 0.1},
        )
    )
    assert claim.values == (("mean", "0.46"),)


def test_a_measured_number_that_reads_back_differently_is_refused(monkeypatch):
    monkeypatch.setattr(Quantity, "latex", "0.64")
    claim = experiment(
        "mean", lambda rng: {"mean": Quantity(0.4567, 2)}, lambda got: {"it runs": True}
    )
    with pytest.raises(ClaimError, match="set/problem/mean: mean reads back differently") as caught:
        checked(claim)
    assert (caught.value.got, caught.value.wanted) == ("0.64", "0.45669999999999999")


def test_an_experiment_that_fails_its_expectation_is_refused():
    with pytest.raises(ClaimError, match="does not show that the mean is negative"):
        checked(
            experiment(
                "mean",
                lambda rng: {"mean": Quantity(0.5, 2)},
                lambda got: {"the mean is negative": got["mean"] < 0},
            )
        )


def test_an_experiment_may_not_return_a_bare_float():
    with pytest.raises(AuthorError, match="returns mean as float"):
        checked(experiment("mean", lambda rng: {"mean": 0.5}, lambda got: {"it runs": True}))


# --------------------------------------------------------------------------------- chain, theorem

logit = scalar("z")
sigmoid = elementwise("sigma", body=1 / (1 + sp.exp(-argument)))
output = define("y", sigmoid(logit))
unit = Computation("unit", definitions=(output,), forward=lambda z: 1 / (1 + np.exp(-z)))


def test_the_slope_of_the_sigmoid_is_a_chain_of_checked_lines():
    claim = checked(
        chain(
            "slope",
            unit,
            jac(output, logit),
            (sigmoid.prime(logit), "by name"),
            (sigmoid(logit) * (number(1) - sigmoid(logit)), "of its own value"),
        )
    )
    assert [line.right for line in claim.lines] == [
        r"\sigma'(z)",
        r"\sigma(z) (1 - \sigma(z))",
    ]


def test_a_row_has_the_shape_of_a_row():
    f = define("f", A @ x)
    affine = Computation("affine", definitions=(f,), forward=lambda A, x: A @ x)
    claim = checked(chain("dx", affine, grad(x).T, (grad(f).T @ A, "transposed")))
    assert claim.shape == ("1", "n")


def test_the_left_side_itself_is_no_wrong_variant_of_the_right_one():
    k = dim("k")
    S, c = matrix("S", k, k), vector("c", k)
    f, g = define("f", S @ c), define("g", S.T @ c)
    pair = Computation(
        "pair",
        definitions=(f, g),
        forward=lambda S, c: {"f": S @ c, "g": c @ S},
        samplers={S: hypothesis("S is symmetric", symmetric)},
    )
    assert checked(chain("same", pair, f, (g, "symmetric"))).verdict.mutants.survived == 0


def test_a_false_line_of_a_chain_is_named():
    with pytest.raises(ClaimError, match=r"line 2 \(wrong sign\)"):
        checked(
            chain(
                "slope",
                unit,
                jac(output, logit),
                (sigmoid.prime(logit), "by name"),
                (sigmoid(logit) * (number(1) + sigmoid(logit)), "wrong sign"),
            )
        )


def test_a_theorem_rests_on_checked_parts():
    part = chain("slope", unit, jac(output, logit), (sigmoid.prime(logit), "by name"))
    claim = checked(part, theorem("small", "The slope exists.", parts=("slope",)))
    assert claim.verdict.note == "rests on "


def test_a_theorem_tells_of_its_hypotheses_what_the_runs_of_its_parts_told():
    form, S, c = square_loss(lambda S: {S: hypothesis("S is symmetric", symmetric)})
    part = chain("quadratic", form, grad(c), (2 * S @ c, "symmetric form"))
    kept = (Survivor("quadratic", r"2 \mathbf{S}^{\top} \mathbf{c}", "S is symmetric"),)
    whole_claim = theorem(
        "form", statement="...", hypotheses=("S is symmetric", "S is real"), parts=("quadratic",)
    )
    solution = Solution(claims=(part, whole_claim), survivors=kept)
    assert checked_solution(solution).claims[1].verdict.hypotheses == (
        Hypothesis("S is symmetric", "breaks"),
        Hypothesis("S is real", "cannot be evaluated"),
    )


def test_a_theorem_without_a_computable_part_is_refused():
    with pytest.raises(AuthorError, match="no computable part"):
        checked(theorem("small", "True.", parts=()))


def test_a_planted_wrong_transpose_in_a_chain_is_refused_at_its_line():
    f = define("f", A @ x)
    affine = Computation("affine", definitions=(f,), forward=lambda A, x: A @ x)
    good = gradient("dx", affine, of=f, wrt=x)
    assert checked(good).result == (
        r"\frac{\partial L}{\partial \mathbf{x}} = \mathbf{A}^{\top} "
        r"\frac{\partial L}{\partial \mathbf{f}}"
    )
    with pytest.raises(ClaimError, match=r"line 1 \(wrong\)"):
        checked(chain("dx", affine, grad(x), (2 * A.T @ grad(f), "wrong")))


# ------------------------------------------------------------------------------------- hypotheses


def square_loss(samplers):
    k = dim("k")
    S, c = matrix("S", k, k), vector("c", k)
    value = define("f", c.T @ S @ c)
    form = Computation(
        "form",
        definitions=(value,),
        loss=value,
        forward=lambda c, S: c @ S @ c,
        samplers=samplers(S),
        sizes={k: 3},
    )
    return form, S, c


def symmetric(rng, shape):
    half = rng.standard_normal(shape)
    return half + half.T


def test_a_run_outside_a_hypothesis_shows_that_it_is_needed():
    form, S, c = square_loss(lambda S: {S: hypothesis("S is symmetric", symmetric)})
    claim = chain("quadratic", form, grad(c), (2 * S @ c, "symmetric form"))
    kept = (Survivor("quadratic", r"2 \mathbf{S}^{\top} \mathbf{c}", "S is symmetric"),)
    verdict = checked_solution(Solution(claims=(claim,), survivors=kept)).claims[0].verdict
    assert verdict.hypotheses == (Hypothesis("S is symmetric", "breaks"),)


def test_a_hypothesis_that_is_not_needed_is_reported_as_such():
    form, S, c = square_loss(lambda S: {S: hypothesis("S is symmetric", symmetric)})
    claim = chain("quadratic", form, grad(c), (S @ c + S.T @ c, "any form"))
    kept = tuple(
        Survivor("quadratic", text, "S is symmetric")
        for text in (
            r"\mathbf{S}^{\top} \mathbf{c} + \mathbf{S}^{\top} \mathbf{c}",
            r"\mathbf{S} \mathbf{c} + \mathbf{S} \mathbf{c}",
        )
    )
    verdict = checked_solution(Solution(claims=(claim,), survivors=kept)).claims[0].verdict
    assert verdict.hypotheses == (Hypothesis("S is symmetric", "does not break"),)


def test_a_survivor_without_a_reason_is_refused():
    form, S, c = square_loss(lambda S: {S: hypothesis("S is symmetric", symmetric)})
    with pytest.raises(ClaimError, match="1 wrong variants pass the check"):
        checked(chain("quadratic", form, grad(c), (2 * S @ c, "symmetric form")))


# -------------------------------------------------------------------------------------- read-back


def test_a_formula_that_cannot_be_read_back_is_unchecked_and_never_passed(monkeypatch):
    from solutionset.notation.tokens import Unreadable
    from solutionset.verification import bench

    def refuse(latex, vocabulary):
        raise Unreadable("no reader today", latex, 0)

    monkeypatch.setattr(bench, "read_matrix", refuse)
    f = define("f", A @ x)
    affine = Computation("affine", definitions=(f,), forward=lambda A, x: A @ x)
    verdict = checked(gradient("dx", affine, of=f, wrt=x)).verdict
    assert (str(verdict.standing), verdict.read_back) == ("unchecked", "unreadable")


def test_a_printer_that_prints_another_formula_is_caught_by_reading_it_back(monkeypatch):
    from solutionset.notation.printer import Printer

    honest = Printer.matrix
    monkeypatch.setattr(
        Printer, "matrix", lambda self, node: honest(self, node).replace(r"^{\top}", "", 1)
    )
    f = define("f", A @ x)
    affine = Computation("affine", definitions=(f,), forward=lambda A, x: A @ x)
    with pytest.raises(CalculusError, match="inner dimensions"):
        checked(gradient("dx", affine, of=f, wrt=x))


def test_an_exact_relation_that_its_own_mutant_satisfies_is_refused(monkeypatch):
    from solutionset.verification import relations

    monkeypatch.setattr(relations, "_exact_mutants", lambda right: [right])
    with pytest.raises(ClaimError, match="1 wrong variants pass the check"):
        checked(counterexample("norm", relation(norm(literal([3, 4])), "=", 5)))


def test_an_exact_inequality_is_mutated_by_its_opposite():
    score = checked(counterexample("norm", relation(norm(literal([3, 4])), "<", 6))).verdict.mutants
    assert (score.generated, score.killed, score.survived) == (1, 1, 0)


def test_each_entry_of_the_right_side_of_an_exact_equality_is_mutated_also_in_a_multiple():
    doubled = relation(literal([[1, 1], [1, 1]]) @ literal([1, 1]), "=", 2 * literal([1, 1]))
    score = checked(counterexample("eigenvector", doubled)).verdict.mutants
    assert (score.generated, score.killed, score.survived) == (2, 2, 0)
