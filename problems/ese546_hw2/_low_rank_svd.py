"""A matrix given by its singular values and vectors, the first r apart from the others."""

import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    define,
    diag,
    dim,
    generator,
    hypothesis,
    matrix,
    trace,
    vector,
)

m, n = dim("m", "i"), dim("n", "j")
r, q = dim("r", "k"), dim("q", "l")
SIZES = {m: 6, n: 5, r: 2, q: n.size - r.size}

A = matrix("A", m, r, meaning="left factor")
B = matrix("B", r, n, meaning="right factor")


def basis(size):
    """One orthogonal matrix a size, so that its first and its last columns fit together."""
    return np.linalg.qr(generator("basis", size).standard_normal((size, size)))[0]


def first_columns(rng, shape):
    return basis(shape[0])[:, : shape[1]]


def last_columns(rng, shape):
    return basis(shape[0])[:, -shape[1] :]


def large(rng, shape):
    return np.sort(rng.uniform(2, 3, shape))[::-1]


def small(rng, shape):
    return np.sort(rng.uniform(0.5, 1.5, shape))[::-1]


U_r = matrix("U_r", m, r, symbol="U", label="r", meaning="the first $r$ left singular vectors")
U_q = matrix("U_q", m, q, symbol="U", label="q", meaning="the other left ones")
V_r = matrix("V_r", n, r, symbol="V", label="r", meaning="the first $r$ right singular vectors")
V_q = matrix("V_q", n, q, symbol="V", label="q", meaning="the other right ones")
s_r = vector("s_r", r, symbol="sigma", label="r", meaning="the $r$ largest singular values")
s_q = vector("s_q", q, symbol="sigma", label="q", meaning="the other $q$ ones")
SPECTRUM = {
    U_r: hypothesis("the columns of $U_r$ and $U_q$ together are orthonormal", first_columns),
    V_r: hypothesis("the columns of $V_r$ and $V_q$ together are orthonormal", first_columns),
    U_q: hypothesis("the columns of $U_q$ complete those of $U_r$", last_columns),
    V_q: hypothesis("the columns of $V_q$ complete those of $V_r$", last_columns),
    s_r: hypothesis("$\\sigma_r$ holds the $r$ largest singular values", large),
    s_q: hypothesis("$\\sigma_q$ holds the other singular values", small),
}
"""How singular values and vectors are drawn."""

X = define(
    "X", U_r @ diag(s_r) @ V_r.T + U_q @ diag(s_q) @ V_q.T, meaning="the matrix to be approximated"
)
D = define("D", diag(s_r ** sp.Rational(1, 2)), meaning="roots of the $r$ largest singular values")
A_best = define("A_best", U_r @ D, symbol="A", label="*")
B_best = define("B_best", D @ V_r.T, symbol="B", label="*")
C = define("C", X - A @ B, meaning="what is left over")
f = define("f", trace(C.T @ C), symbol="ell", meaning="the objective")


def assembled(U_r, U_q, V_r, V_q, s_r, s_q):
    """The matrix with these singular values and vectors."""
    return (U_r * s_r) @ V_r.T + (U_q * s_q) @ V_q.T


def root(s):
    """The roots of singular values; a draw outside the hypotheses may have none."""
    with np.errstate(invalid="ignore"):
        return np.sqrt(s)


def forward(U_r, U_q, V_r, V_q, s_r, s_q, A, B):
    X = assembled(U_r, U_q, V_r, V_q, s_r, s_q)
    C = X - A @ B
    return {"X": X, "D": np.diag(root(s_r)), "C": C, "f": np.sum(C * C)}


spectral = Computation(
    "spectral", definitions=(X, D, C, f), forward=forward, loss=f, samplers=SPECTRUM, sizes=SIZES
)
