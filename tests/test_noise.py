"""Expectations over normal noise: derived by moments, enumerated by an exact quadrature."""

import numpy as np
import pytest
import sympy as sp
from author import checked

from solutionset.authoring import (
    Computation,
    argument,
    define,
    dim,
    elementwise,
    expectation_over_noise,
    matrix,
    number,
    ones,
    parameter,
    vector,
)
from solutionset.errors import ClaimError

n, m = dim("n", "i"), dim("m", "s")
v = parameter("v", 0.3, 2.0)
X, E, y, w = matrix("X", m, n), matrix("E", m, n), vector("y", m), vector("w", n)
e = vector("e", n)


def noisy_fit():
    r = define("r", y - (X + E) @ w)
    loss = define("loss", r.T @ r, symbol="ell")

    def forward(X, E, y, w):
        return {"r": y - (X + E) @ w, "loss": np.sum((y - (X + E) @ w) ** 2)}

    computation = Computation(
        "fit", definitions=(r, loss), loss=loss, parameters=(v,), sizes={m: 2, n: 3},
        forward=forward,
    )  # fmt: skip
    return computation, loss


def noise_is_ridge(factor):
    computation, loss = noisy_fit()
    clean = y - X @ w
    right = clean.T @ clean + factor * w.T @ w
    return expectation_over_noise("ridge", computation, loss, right, noise=E, variance=v)


def test_noise_on_the_inputs_is_ridge_regression_in_expectation():
    claim = checked(noise_is_ridge(v.symbol * m.size))
    assert claim.lines[1].because == (
        r"the entries of $\mathbf{E}$ are independent, with mean zero and variance $v$"
    )
    assert claim.result.endswith(r"+ m v \mathbf{w}^{\top} \mathbf{w}")
    assert claim.verdict.note == "the last line follows from the moments by normal form"
    assert claim.verdict.mutants.survived == 0


def test_a_wrong_strength_of_the_ridge_is_refused():
    with pytest.raises(ClaimError, match="is not what the oracle computes"):
        checked(noise_is_ridge(v.symbol))


def even_power(degree):
    s = define("s", w.T @ e)
    t = define("t", X @ e)
    q = define("q", s**4 if degree == 4 else s**4 * (t.T @ t))

    def forward(X, w, e):
        more = 1 if degree == 4 else np.sum((X @ e) ** 2)
        return {"s": w @ e, "t": X @ e, "q": (w @ e) ** 4 * more}

    return Computation(
        "power", definitions=(s, t, q), loss=q, parameters=(v,), sizes={n: 3, m: 2}, forward=forward
    ), q


def test_the_fourth_moment_needs_the_noise_to_be_normal_and_says_so():
    computation, q = even_power(4)
    right = 3 * v.symbol**2 * (w.T @ w) * (w.T @ w)
    claim = checked(expectation_over_noise("fourth", computation, q, right, noise=e, variance=v))
    assert "independent and normal" in claim.lines[-2].because


def test_a_degree_beyond_the_quadrature_is_refused():
    computation, q = even_power(6)
    with pytest.raises(ClaimError, match="cannot be computed exactly") as caught:
        checked(expectation_over_noise("sixth", computation, q, w.T @ w, noise=e, variance=v))
    assert caught.value.got == "a product of 6 of its entries"


def test_noise_inside_a_function_is_refused():
    sine = elementwise("sine", symbol="sin", body=sp.sin(argument))
    h = define("h", sine(e))
    bent = Computation(
        "bent", definitions=(h,), parameters=(v,), sizes={n: 3}, forward=lambda e: np.sin(e)
    )
    with pytest.raises(ClaimError, match="cannot be computed exactly") as caught:
        checked(expectation_over_noise("bent", bent, h, number(0) * ones(n), noise=e, variance=v))
    assert caught.value.got == "a function of noise"
