"""Second order of the low-rank objective: its form, the spectrum of the Hessian, its zeros."""

import _low_rank_svd as svd
import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    CountRow,
    Quantity,
    chain,
    count,
    define,
    dim,
    experiment,
    generator,
    hypothesis,
    matrix,
    parameter,
    theorem,
    trace,
)

m, n, r, q = svd.m, svd.n, svd.r, svd.q
p = dim("p", "g")
A, B = svd.A, svd.B

# -------------------------------------------------------------------- along a straight line

t = parameter("t", 0.2, 0.6)
X = matrix("X", m, n, meaning="the matrix to be approximated")
H = matrix("H", m, r, meaning="change of $A$")
K = matrix("K", r, n, meaning="change of $B$")
C = define("C", X - A @ B, meaning="what is left over")
f = define("f", trace(C.T @ C), symbol="ell", meaning="the objective")
S = define("S", H @ B + A @ K, meaning="first-order change of the product")
P = define("P", H @ K, meaning="second-order change of the product")
C_t = define("C_t", X - (A + t.symbol * H) @ (B + t.symbol * K), symbol="C", label="t")
f_t = define("f_t", trace(C_t.T @ C_t), symbol="ell", label="t")


def path_forward(X, A, B, H, K, t):
    C, C_t = X - A @ B, X - (A + t * H) @ (B + t * K)
    return {
        "C": C, "f": np.sum(C * C), "S": H @ B + A @ K, "P": H @ K,
        "C_t": C_t, "f_t": np.sum(C_t * C_t),
    }


path = Computation(
    "path", definitions=(C, f, S, P, C_t, f_t), forward=path_forward, parameters=(t,),
    sizes={m: 5, n: 4, r: 2},
)

# ------------------------------------------------------------- at the balanced minimiser

U_p = matrix("U_p", m, p, symbol="U", label="p", meaning="all $m-r$ other left singular vectors")
N = matrix("N", p, q, meaning="the other singular values, on its diagonal")
E = matrix("E", r, r, meaning="change of $A$ inside the columns of $U_r$")
F = matrix("F", r, r, meaning="change of $B$ inside the rows of $V_r^{\\top}$")
Y = matrix("Y", p, r, meaning="change of $A$ outside")
W = matrix("W", r, q, meaning="change of $B$ outside")
H_in = define("H", svd.U_r @ E + U_p @ Y, meaning="change of $A$")
K_in = define("K", F @ svd.V_r.T + W @ svd.V_q.T, meaning="change of $B$")
C_p = define("C_p", U_p @ N @ svd.V_q.T, symbol="C", label="p")
S_best = define("S_best", H_in @ svd.B_best + svd.A_best @ K_in, symbol="S", label="*")
curvature = define(
    "curvature", trace(S_best.T @ S_best) - 2 * trace(C_p.T @ H_in @ K_in), symbol="ell", label="2"
)


def curvature_forward(U_r, U_p, V_r, V_q, s_r, N, E, F, Y, W):
    H, K = U_r @ E + U_p @ Y, F @ V_r.T + W @ V_q.T
    A, B, C = U_r * svd.root(s_r), svd.root(s_r)[:, None] * V_r.T, U_p @ N @ V_q.T
    S = H @ B + A @ K
    return {
        "A_best": A, "B_best": B, "C_p": C, "H": H, "K": K, "S_best": S,
        "curvature": np.sum(S * S) - 2 * np.sum(C * (H @ K)),
    }


frame = Computation(
    "frame",
    definitions=(svd.D, svd.A_best, svd.B_best, C_p, H_in, K_in, S_best, curvature),
    forward=curvature_forward,
    samplers={
        svd.U_r: hypothesis("the columns of $U_r$ and $U_p$ together are orthonormal",
                            svd.first_columns),
        svd.V_r: hypothesis("the columns of $V_r$ and $V_q$ together are orthonormal",
                            svd.first_columns),
        U_p: hypothesis("the columns of $U_p$ complete those of $U_r$", svd.last_columns),
        svd.V_q: svd.SPECTRUM[svd.V_q],
        svd.s_r: hypothesis("the singular values are positive", svd.large),
    },
    sizes={m: 6, n: 5, r: 2, p: m.size - r.size, q: n.size - r.size},
)

# ------------------------------------------------------------------ the Hessian in numbers

ROWS, COLUMNS, WIDTH = 6, 4, 2
SPECTRA = {"distinct": (3, 2, 1.2, 0.6), "tied": (3, 2, 2, 0.6), "all tied": (2, 2, 2, 2),
           "rank one": (3, 0, 0, 0), "rank two": (3, 2, 0, 0)}


def with_singular_values(sigma, rng):
    U, V = (np.linalg.qr(rng.standard_normal((size, COLUMNS)))[0] for size in (ROWS, COLUMNS))
    return (U * np.array(sigma)) @ V.T


def gradient_at(X, flat):
    """The gradient in both factors, as one long vector; takes complex numbers."""
    A, B = np.split(flat, [ROWS * WIDTH])
    A, B = A.reshape(ROWS, WIDTH), B.reshape(WIDTH, COLUMNS)
    C = X - A @ B
    return np.concatenate([(-2 * C @ B.T).ravel(), (-2 * A.T @ C).ravel()])


def measured(X):
    """The eigenvalues of the Hessian at the balanced minimiser, by complex steps."""
    U, sigma, Vt = np.linalg.svd(X)
    roots = np.sqrt(sigma[:WIDTH])
    A, B = U[:, :WIDTH] * roots, roots[:, None] * Vt[:WIDTH]
    at, step = np.concatenate([A.ravel(), B.ravel()]), 1e-30
    columns = [gradient_at(X, at + 1j * step * axis).imag / step for axis in np.eye(at.size)]
    return np.linalg.eigvalsh(np.array(columns))


def predicted(sigma):
    """The same by the formula, from the singular values alone."""
    kept, left = sigma[:WIDTH], sigma[WIDTH:]
    found = [value for i in kept for k in kept for value in (0, 2 * (i + k))]
    found += [2 * (j + sign * i) for j in kept for i in left for sign in (1, -1)]
    found += [2 * j for j in kept for _ in range(ROWS - COLUMNS)]
    return np.sort(found)


def spectra(rng):
    """Measured and predicted eigenvalues by the name of the spectrum."""
    return {
        name: (measured(with_singular_values(sigma, rng)), predicted(sigma))
        for name, sigma in SPECTRA.items()
    }


def compare_spectra(rng):
    found = spectra(rng).values()
    return {
        "eigenvalues": Quantity(sum(len(ours) for ours, _ in found), 3),
        "agreeing": Quantity(
            sum(int(np.sum(np.abs(ours - rule) < 1e-9)) for ours, rule in found), 3
        ),
    }


def zeros(name):
    """How many eigenvalues vanish, for one spectrum."""
    X = with_singular_values(SPECTRA[name], generator("zeros of the Hessian", name))
    return int(np.sum(np.abs(measured(X)) < 1e-9))


def zero_rows():
    width, tied, chosen, rank = sp.symbols("r k t rho", integer=True, positive=True)
    rows, columns = sp.symbols("m n", integer=True, positive=True)
    return (
        CountRow("distinct singular values", zeros("distinct"), width**2, {"r": WIDTH}),
        *(
            CountRow(f"$k$ tied values ({k}), $t$ of them ({t}) among the first $r$", zeros(name),
                     width**2 + chosen * (tied - chosen), {"r": WIDTH, "k": k, "t": t})
            for name, k, t in (("tied", 2, 1), ("all tied", 4, 2))
        ),
        *(
            CountRow(rf"rank $\rho$ ({rho}), at most $r$", zeros(name),
                     width * (rows + columns) - rank * (rows + columns - rank),
                     {"r": WIDTH, "m": ROWS, "n": COLUMNS, "rho": rho})
            for name, rho in (("rank one", 1), ("rank two", 2))
        ),
    )


# ---------------------------------------------------------------------------------- claims


def claims():
    step, D = t.symbol, svd.D
    return (
        chain(
            "along_line", path, f_t,
            (f - 2 * step * trace(C.T @ S) + step**2 * (trace(S.T @ S) - 2 * trace(C.T @ P))
             + 2 * step**3 * trace(S.T @ P) + step**4 * trace(P.T @ P), "multiply out"),
            title="The objective on a straight line",
        ),
        chain(
            "second_order", frame, curvature,
            (trace((E @ D + D @ F).T @ (E @ D + D @ F)) + trace((Y @ D).T @ (Y @ D))
             + trace((D @ W).T @ (D @ W)) - 2 * trace(N.T @ Y @ W),
             "orthonormal columns: mixed terms vanish"),
            title="Second order at the balanced minimiser",
        ),
        experiment(
            "spectra", compare_spectra,
            lambda got: {
                "measured eigenvalues are those of the formula":
                    got["agreeing"] == got["eigenvalues"],
            },
            title="Eigenvalues of the Hessian",
        ),
        theorem(
            "spectrum",
            "At the balanced minimiser $(A_*, B_*)$ the eigenvalues of the Hessian are: for each "
            "pair $i, k$ of the first $r$ indices, $0$ and $2(\\sigma_i + \\sigma_k)$; for $j$ "
            "among the first $r$ and $i$ among the others, $2(\\sigma_j + \\sigma_i)$ and "
            "$2(\\sigma_j - \\sigma_i)$; and $2\\sigma_j$, each $|m - n|$ times.",
            parts=("along_line", "second_order", "spectra"),
            title="The spectrum of the Hessian",
        ),
        count("zeros", *zero_rows(), title="Zero eigenvalues of the Hessian"),
        theorem(
            "no_bad_minima",
            "Every local minimum is global. All other points where both gradients vanish are "
            "strict saddles: the Hessian has a negative eigenvalue.",
            parts=("grad_A", "grad_B", "along_line", "second_order"),
            title="No bad local minima",
        ),
    )
