"""Mutants: wrong variants are made from a formula's tree, and weak data let them live."""

import numpy as np
import pytest
from author import checked

from solutionset.authoring import (
    Computation,
    argument,
    chain,
    define,
    dim,
    elementwise,
    grad,
    gradient,
    inverse,
    matrix,
    vector,
)
from solutionset.calculus.indexing import to_index
from solutionset.calculus.tensors import Index
from solutionset.errors import ClaimError
from solutionset.verification.equality import Equality

n, m = dim("n"), dim("m")
x, b, W, V = vector("x", n), vector("b", m), matrix("W", m, n), matrix("V", n, m)
sigma = elementwise("sigma")
z = define("z", W @ x + b)
y = define("y", x + V @ sigma(z))


def forward(x, W, b, V, sigma):
    z = W @ x + b
    return {"z": z, "y": x + V @ sigma(z)}


block = Computation("block", definitions=(z, y), forward=forward)


def test_every_well_typed_wrong_variant_of_a_residual_gradient_is_killed():
    score = checked(gradient("dx", block, of=y, wrt=x)).verdict.mutants
    assert score.survived == 0
    assert score.killed > 50
    assert score.ill_typed > 10
    assert score.generated == score.killed + score.ill_typed + score.equivalent


def test_a_variant_that_is_equal_by_definition_counts_as_equivalent():
    # dz/dx may stand for W, and the transpose of a diagonal matrix for itself.
    assert checked(gradient("dx", block, of=y, wrt=x, style="diag")).verdict.mutants.equivalent > 0


def test_an_inverse_cancels_on_either_side_of_its_matrix_and_no_other():
    A = matrix("A", n, n)
    f = define("f", A @ x)
    equality = Equality(
        Computation("map", definitions=(f,), forward=lambda A, x: A @ x).definitions
    )
    index = Index("i", f.leaf.dims[0])
    plain, left, right, turned = (
        to_index(form, index, None)
        for form in (x, inverse(A) @ A @ x, A @ inverse(A) @ x, A @ inverse(A).T @ x)
    )
    assert equality.plainly(left, right)
    assert equality.plainly(left, plain)
    assert not equality.holds(turned, plain)


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ({W: lambda rng, shape: np.zeros(shape)}, "zero data"),
        ({W: lambda rng, shape: np.ones(shape), V: lambda rng, shape: np.ones(shape)}, "all ones"),
    ],
    ids=["zeros", "ones"],
)
def test_data_that_hide_errors_are_refused_by_name(weak, why):
    hidden = Computation("block", definitions=(z, y), forward=forward, samplers=weak)
    with pytest.raises(ClaimError, match="wrong variants pass the check") as caught:
        checked(gradient("dx", hidden, of=y, wrt=x))
    assert any(row.startswith("survivor") for row in caught.value.details), why


def test_a_linear_activation_hides_the_slope():
    linear = elementwise("sigma", body=argument)
    u = define("u", W @ x)
    v = define("v", linear(u))
    plain = Computation("plain", definitions=(u, v), forward=lambda W, x: {"u": W @ x, "v": W @ x})
    claim = chain("dx", plain, grad(x), (W.T @ (grad(v) * linear.prime(u)), "chain rule"))
    with pytest.raises(ClaimError, match="wrong variants pass the check"):
        checked(claim)
