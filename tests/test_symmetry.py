"""Symmetry: assumed in a step of its own, known by definition, and named where data hid it."""

import numpy as np
import pytest
from author import checked, checked_solution

from solutionset.authoring import (
    Computation,
    Solution,
    define,
    dim,
    gradient,
    hypothesis,
    identity,
    identity_of,
    inverse,
    matrix,
    number,
    parameter,
    symmetric,
    trace,
    vector,
)
from solutionset.errors import ClaimError

n, m = dim("n", "i"), dim("m", "s")
S, C = matrix("S", n, n), matrix("C", m, n)
energy = define("E", trace(C @ inverse(S) @ C.T))


def forward(S, C):
    return np.trace(C @ np.linalg.inv(S) @ C.T)


def spread(draw=None):
    samplers = {} if draw is None else {S: hypothesis("$S$ is positive definite", draw)}
    return Computation(
        "spread", definitions=(energy,), loss=energy, forward=forward, samplers=samplers
    )


def symmetric_and_positive(rng, shape):
    root = rng.standard_normal(shape)
    return root @ root.T + np.eye(shape[0])


def test_the_inverse_of_a_symmetric_matrix_is_symmetric():
    claim = checked(
        gradient("dS", spread(), of=energy, wrt=S, rules=(symmetric(S, "a covariance"),))
    )
    assert claim.result.endswith(r"= -\mathbf{S}^{-1} \mathbf{C}^{\top} \mathbf{C} \mathbf{S}^{-1}")


def test_data_that_are_symmetric_throughout_are_named_where_they_hide_a_transpose():
    with pytest.raises(ClaimError, match="wrong variants") as caught:
        checked(gradient("dC", spread(symmetric_and_positive), of=energy, wrt=C))
    assert caught.value.advice.startswith("S is symmetric in all data")


def ridge():
    X, y = matrix("X", m, n), vector("y", m)
    strength = parameter("lam", 0.3, 2.0, symbol="lambda")
    G = define("G", X.T @ X + number(strength) * identity(n))
    K = define("K", X @ X.T + number(strength) * identity(m))
    w = define("w", inverse(G) @ X.T @ y)

    def forward(X, y, lam):
        return {"w": np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)}

    computation = Computation(
        "ridge", definitions=(G, K, w), parameters=(strength,), forward=forward
    )
    kernel_form = X.T @ inverse(K) @ y
    return checked_solution(
        Solution(claims=(identity_of("push", computation, w, kernel_form, because="push through"),))
    )


def test_an_inverse_is_known_to_be_symmetric_by_the_definition_of_the_matrix():
    (claim,) = ridge().claims
    assert claim.verdict.mutants.equivalent > 0
    assert claim.verdict.mutants.survived == 0


def test_a_parameter_is_printed_by_its_symbol_and_passed_by_its_name():
    gram = ridge().definitions[0].formula
    assert gram.endswith(r"+ \lambda \mathbf{I}_{n}")
