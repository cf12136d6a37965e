"""Expectations over masks: derived line by line, enumerated, and refused where false."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from author import checked

from solutionset.authoring import (
    Computation,
    define,
    dim,
    expectation,
    identity,
    matrix,
    number,
    ones,
    parameter,
    scalar,
    tanh,
    vector,
)
from solutionset.calculus.moments import Bernoulli, expected
from solutionset.errors import ClaimError
from solutionset.model import Hypothesis

p = parameter("p", 0.2, 0.9)
S, d = dim("S"), dim("d")
X, R, v = matrix("X", S, d), matrix("R", S, d), vector("v", d)
target = vector("q", S)
residual = define("e", target - (R * X) @ v)
squares = define("ell", residual.T @ residual)
dropout = Computation(
    "dropout",
    definitions=(residual, squares),
    loss=squares,
    forward=lambda q, R, X, v: np.sum((q - (R * X) @ v) ** 2),
    parameters=(p,),
    sizes={S: 2, d: 3},
)


def identity_of_dropout(coefficient):
    mean = target - number(p) * (X @ v)
    spread = (X * X) @ (v * v)
    return mean.T @ mean + number(coefficient) * (ones(S).T @ spread)


def test_the_dropout_loss_is_a_ridge_loss():
    right = identity_of_dropout(p.symbol * (1 - p.symbol))
    claim = checked(expectation("ridge", dropout, squares, right, mask=R, probability=p))
    assert claim.verdict.oracle == "enumeration"
    assert claim.verdict.second_opinions == ("monte-carlo",)


def test_a_wrong_variance_is_refused_by_enumeration():
    with pytest.raises(ClaimError, match="not what the oracle computes"):
        checked(
            expectation(
                "ridge", dropout, squares, identity_of_dropout(p.symbol), mask=R, probability=p
            )
        )


def ridge():
    right = identity_of_dropout(p.symbol * (1 - p.symbol))
    return expectation("ridge", dropout, squares, right, mask=R, probability=p, title="Ridge")


def test_the_dropout_loss_is_derived_line_by_line_and_proved_by_normal_form():
    claim = checked(ridge())

    assert [(line.left, line.right, line.because) for line in claim.lines[:2]] == [
        (
            r"\operatorname{E}[ \ell ]",
            r"\operatorname{E}[ \sum_{l} q_l^{2} - 2 \sum_{l,m} q_l R_{lm} X_{lm} v_m "
            r"+ \sum_{l,m,r} R_{lm} X_{lm} v_m R_{lr} X_{lr} v_r ]",
            "write out what the mask is in",
        ),
        (
            "",
            r"\sum_{l} q_l^{2} - 2 p \sum_{l,m} q_l X_{lm} v_m "
            r"+ p^{2} \sum_{l,m,r} X_{lm} v_m X_{lr} v_r + p (1 - p) \sum_{l,m} X_{lm}^{2} v_m^{2}",
            r"the entries of $\mathbf{R}$ are independent, one with probability $p$",
        ),
    ]
    assert claim.result.startswith(r"\operatorname{E}[ \ell ] = (\mathbf{q} - p")
    assert claim.verdict.note == "the last line follows from the moments by normal form"
    assert claim.verdict.mutants.killed >= 80
    assert claim.verdict.mutants.survived == 0


def test_a_wrong_moment_is_refused_at_its_line(monkeypatch):
    monkeypatch.setattr(
        "solutionset.verification.expectation.expected",
        lambda expr, over, law: expected(expr, over, Bernoulli(law.probability**2)),
    )
    with pytest.raises(ClaimError, match=r"line 2 \(the entries of .* is not what the oracle"):
        checked(ridge())


def test_the_expectation_of_a_matrix_is_derived_entry_by_entry():
    b = vector("b", d)
    pairs = define("B", b @ b.T)
    row = Computation(
        "row", definitions=(pairs,), forward=lambda b: np.outer(b, b), parameters=(p,), sizes={d: 3}
    )
    right = number(p.symbol**2) * (ones(d) @ ones(d).T) + p.symbol * (1 - p.symbol) * identity(d)

    claim = checked(expectation("pairs", row, pairs, right, mask=b, probability=p))

    assert [(line.left, line.right) for line in claim.lines[:2]] == [
        (r"\operatorname{E}[ B_{ij} ]", r"\operatorname{E}[ b_i b_j ]"),
        ("", r"p^{2} + p (1 - p) \delta_{ij}"),
    ]
    assert claim.lines[2].left == r"\operatorname{E}[ \mathbf{B} ]"


def test_a_mask_may_have_a_fixed_probability():
    b, half, third = vector("b", d), sp.Rational(1, 2), sp.Rational(1, 3)
    signs = define("s", 2 * b - ones(d))
    squared = define("S", signs @ signs.T)
    walk = Computation(
        "walk",
        definitions=(signs, squared),
        forward=lambda b: {"s": 2 * b - 1, "S": np.outer(2 * b - 1, 2 * b - 1)},
        sizes={d: 3},
    )
    claim = checked(expectation("one", walk, squared, identity(d), mask=b, probability=half))
    assert claim.lines[-1].right == r"\mathbf{I}_{d}"
    with pytest.raises(ClaimError, match="not what the oracle computes"):
        checked(expectation("one", walk, squared, identity(d), mask=b, probability=third))


def test_a_mask_inside_a_function_leaves_the_enumeration_alone():
    c = scalar("c")
    h = define("h", tanh(c * target))
    bent = Computation(
        "bent", definitions=(h,), forward=lambda c, q: np.tanh(c * q), parameters=(p,), sizes={S: 2}
    )

    claim = checked(expectation("bent", bent, h, number(p) * tanh(target), mask=c, probability=p))

    assert len(claim.lines) == 1
    assert claim.verdict.note == (
        "the last line is compared with the enumeration, not proved by normal form"
    )


def test_a_probability_beyond_one_is_no_data_on_which_a_claim_could_break():
    chance = parameter("p", 0.2, 0.9, hypothesis="p is a probability")
    said = replace(dropout, parameters=(chance,))
    right = identity_of_dropout(p.symbol * (1 - p.symbol))
    claim = checked(expectation("ridge", said, squares, right, mask=R, probability=chance))
    assert claim.verdict.hypotheses == (Hypothesis("p is a probability", "cannot be evaluated"),)
