"""Products of matrices as one large matrix times vec: stated, and compared with NumPy."""

from solutionset.authoring import (
    Computation,
    define,
    dim,
    elementwise,
    identity_of,
    kron,
    matrix,
    vec,
)
from tests.bench.formula import Stated

m, n, p, q = dim("m"), dim("n"), dim("p"), dim("q")
A, X, B = matrix("A", p, n), matrix("X", n, m), matrix("B", m, q)
Y = define("Y", A @ X @ B)
triple = Computation("triple", definitions=(Y,), forward=lambda A, X, B: A @ X @ B)

N, f, g = dim("N"), dim("F"), dim("G")
S, H, W = matrix("A", N, N), matrix("H", N, f), matrix("W", f, g)
sigma = elementwise("sigma")
Z = define("Z", S @ H @ W)
out = define("Y", sigma(Z))
gcn = Computation("gcn", definitions=(Z, out), forward=lambda A, H, W, sigma: sigma(A @ H @ W))

FORMULAS = (
    Stated(
        "triple_vec",
        lambda: identity_of(
            "triple_vec", triple, vec(Y), kron(B.T, A) @ vec(X), because="vec of a product"
        ),
    ),
    Stated(
        "gcn_vec",
        lambda: identity_of(
            "gcn_vec", gcn, vec(out), sigma(kron(W.T, S) @ vec(H)), because="vec of a product"
        ),
    ),
)
