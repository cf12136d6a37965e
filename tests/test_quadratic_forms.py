"""Optima and steps on a given symmetric matrix, where no step of a derivation assumes it."""

import numpy as np
import pytest
from author import checked

from solutionset.authoring import (
    Computation,
    define,
    dim,
    hypothesis,
    identity,
    identity_of,
    inverse,
    matrix,
    number,
    optimum,
    parameter,
    vector,
)
from solutionset.errors import AuthorError, ClaimError

n = dim("n")
A, b, x = matrix("A", n, n), vector("b", n), vector("x", n)


def positive(rng, shape):
    root = rng.standard_normal(shape)
    return root @ root.T + np.eye(*shape)


def quadratic(**said):
    f = define("f", x.T @ A @ x / 2 - b.T @ x)
    said_of_A = hypothesis("A is symmetric and positive definite", positive, **said)
    return Computation(
        "quadratic",
        definitions=(f,),
        loss=f,
        forward=lambda A, b, x: x @ A @ x / 2 - b @ x,
        samplers={A: said_of_A},
        sizes={n: 4},
    )


def test_the_minimiser_of_a_quadratic_form_may_be_written_with_either_transpose():
    claim = checked(
        optimum(
            "best",
            quadratic(symmetric=True),
            x,
            inverse(A) @ b,
            value=-1 * b.T @ inverse(A) @ b / 2,
        )
    )

    assert claim.verdict.mutants.survived == 0
    assert claim.verdict.mutants.equivalent > 0


def test_without_that_word_its_transpose_is_an_unexplained_survivor():
    with pytest.raises(ClaimError, match="other formulas attain the minimum as well"):
        checked(optimum("best", quadratic(), x, inverse(A) @ b))


def test_a_wrong_minimiser_is_beaten():
    with pytest.raises(ClaimError, match="a search finds a smaller value"):
        checked(optimum("best", quadratic(symmetric=True), x, A @ b))


def test_the_error_of_gradient_descent_on_a_quadratic_form():
    eta = parameter("eta", 0.01, 0.02)
    step = define("s", x - number(eta) * (A @ x - b))
    descent = Computation(
        "descent",
        definitions=(step,),
        parameters=(eta,),
        forward=lambda A, b, x, eta: x - eta * (A @ x - b),
        samplers={A: hypothesis("A is symmetric and regular", positive, symmetric=True)},
    )
    error = (identity(n) - number(eta) * A) @ (x - inverse(A) @ b)

    claim = checked(identity_of("error", descent, step - inverse(A) @ b, error, because="insert"))

    assert claim.verdict.mutants.survived == 0


def test_outside_the_hypothesis_the_matrix_is_general():
    general = quadratic(symmetric=True).without(A.leaf)

    assert general.definitions.assumptions == ()


def test_a_hypothesis_that_does_not_say_so_is_refused():
    with pytest.raises(AuthorError, match="does not say that the matrix is symmetric"):
        hypothesis("A is positive definite", positive, symmetric=True)
