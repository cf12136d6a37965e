"""Question 2: the best product of two thin matrices, and all pairs that attain it."""

import _low_rank_audit
import _low_rank_curvature
import _low_rank_example as example
import _low_rank_figures
import _low_rank_minima
import _low_rank_svd as svd
import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    Figure,
    Pitfall,
    Problem,
    Solution,
    bound,
    chain,
    counterexample,
    define,
    diag,
    exact,
    gradient,
    hypothesis,
    inverse,
    literal,
    matrix,
    norm,
    number,
    ones,
    optimum,
    relation,
    scalar,
    theorem,
    trace,
    vector,
)

m, n, r, q = svd.m, svd.n, svd.r, svd.q
A, B = svd.A, svd.B
HALF = sp.Rational(1, 2)

# ------------------------------------------------------------------------- the objective

X = matrix("X", m, n, meaning="the matrix to be approximated")
C = define("C", X - A @ B, meaning="what is left over")
f = define("f", trace(C.T @ C), symbol="ell", meaning="the objective")


def forward(X, A, B):
    C = X - A @ B
    return {"C": C, "f": np.sum(C * C)}


factors = Computation(
    "factors", definitions=(C, f), forward=forward, loss=f, sizes={m: 5, n: 4, r: 2}
)


def objective_claims():
    return (
        gradient("grad_A", factors, of=f, wrt=A, title="Gradient in the left factor"),
        gradient("grad_B", factors, of=f, wrt=B, title="Gradient in the right factor"),
        optimum(
            "given_A", factors, B, inverse(A.T @ A) @ A.T @ X,
            title="Least squares, column by column",
        ),
    )


# ------------------------------------------------------------------------- non-convexity

u, v = vector("u", m), vector("v", n)
at_ends = define("at_ends", trace(X.T @ X), symbol="ell", label="0")
Z = define("Z", u @ v.T)
at_middle = define("at_middle", trace((X - Z).T @ (X - Z)), symbol="ell", label="1")


def chord_forward(X, u, v):
    Z = np.outer(u, v)
    return {"at_ends": np.sum(X * X), "Z": Z, "at_middle": np.sum((X - Z) ** 2)}


chord = Computation("chord", definitions=(at_ends, Z, at_middle), forward=chord_forward)

a, b = scalar("a"), scalar("b")
h = define("h", a**2 + a * b + b**2)
bilinear = Computation("bilinear", definitions=(h,), forward=lambda a, b: a**2 + a * b + b**2)

BUMPED = literal([[3, 1], [1, 2], [2, 2]])


def convexity_claims():
    return (
        chain(
            "midpoint", chord, at_middle,
            (at_ends - 2 * (u.T @ X @ v) + (u.T @ u) * (v.T @ v), "multiply out"),
            title="Midpoint against ends",
        ),
        exact(
            "bump",
            relation(norm(example.X) ** 2, "=", 18, "both ends"),
            relation(norm(BUMPED) ** 2, "=", 23, "midpoint"),
            title="A chord below its midpoint",
        ),
        theorem(
            "not_convex",
            "For every $X$ and all $m, n, r$ of at least one, the objective is not convex in "
            "$(A, B)$ together. More generally, a function of the product $AB$ alone is convex in "
            "$(A, B)$ only if it is constant on all matrices of rank at most $r$: the chord above "
            "shows that no value exceeds the one at the zero matrix, and the chord from $(A, B)$ "
            "to $(-A, -B)$, whose ends have one product and whose midpoint is zero, that none "
            "falls below it.",
            parts=("midpoint",), title="Never convex",
        ),
        chain(
            "convex_example", bilinear, h,
            (HALF * (a**2 + b**2 + (a + b) ** 2), "squares of linear functions"),
            title="A convex function with a bilinear term",
        ),
    )


# ------------------------------------------------------------------------- singular values

size_of_X = define("at_ends", trace(svd.X.T @ svd.X), symbol="ell", label="0")
A_best, B_best = svd.A_best, svd.B_best
product = define("product", A_best @ B_best, symbol="X", label="r")
C_best = define("C_best", svd.X - product, symbol="C", label="*")
f_best = define("f_best", trace(C_best.T @ C_best), symbol="ell", label="*")


def best_forward(U_r, U_q, V_r, V_q, s_r, s_q):
    X = svd.assembled(U_r, U_q, V_r, V_q, s_r, s_q)
    A_best, B_best = U_r * svd.root(s_r), svd.root(s_r)[:, None] * V_r.T
    C = X - A_best @ B_best
    return {
        "X": X, "at_ends": np.sum(X * X), "A_best": A_best, "B_best": B_best,
        "product": A_best @ B_best, "C_best": C, "f_best": np.sum(C * C),
    }


best = Computation(
    "best", definitions=(svd.X, size_of_X, svd.D, A_best, B_best, product, C_best, f_best),
    forward=best_forward, samplers=svd.SPECTRUM, sizes=svd.SIZES,
)

V = matrix("V", n, r, meaning="orthonormal columns")
beta = vector("beta", r, meaning="any coefficients")
xi = define("xi", V @ beta, meaning="a vector in the span of these columns")
w = define("w", V.T @ xi)
squares = define("squares", w.T @ w, symbol="gamma")


def coordinates_forward(V, beta):
    xi = V @ beta
    return {"xi": xi, "w": xi @ V, "squares": np.sum((xi @ V) ** 2)}


coordinates = Computation(
    "coordinates", definitions=(xi, w, squares), sizes={n: 5, r: 3}, forward=coordinates_forward,
    samplers={V: hypothesis("the columns of $V$ are orthonormal", svd.first_columns)},
)


def value_claims():
    rest = svd.U_q @ diag(svd.s_q) @ svd.V_q.T
    return (
        chain(
            "parseval", coordinates, squares,
            (xi.T @ V @ V.T @ xi, "by definition"),
            (xi.T @ xi, "$V V^{\\top} \\xi$ is $\\xi$, which lies in the span"),
            title="The squares of the coordinates",
        ),
        counterexample(
            "no_squares",
            relation(literal([3, 4]).T @ (sp.Rational(1, 5) * literal([3, 4])), "=", 5,
                     r"row $(3, 4)$, singular vector $(3, 4)/5$"),
            relation(norm(literal([3, 4])) ** 2, "=", 25, "length squared"),
            title="Squares are needed",
        ),
        chain(
            "frobenius", best, size_of_X,
            (svd.s_r.T @ svd.s_r + svd.s_q.T @ svd.s_q, "orthonormal columns"),
            title="The norm by singular values",
        ),
        chain(
            "product", best, product,
            (svd.U_r @ svd.D @ svd.D @ svd.V_r.T, "by definition"),
            (svd.U_r @ diag(svd.s_r) @ svd.V_r.T, "roots, multiplied by themselves"),
            title="The product of the two factors",
        ),
        chain(
            "value", best, f_best,
            (trace(rest.T @ rest), "what is left of $X$"),
            (svd.s_q.T @ svd.s_q, "orthonormal columns"),
            title="Its error",
        ),
        optimum(
            "best", svd.spectral, (A, B), (svd.U_r @ svd.D, svd.D @ svd.V_r.T),
            value=svd.s_q.T @ svd.s_q, title="Attains the lower bound",
        ),
    )


# ---------------------------------------------------------------------------- lower bound

Q = matrix("Q", m, r, meaning="an orthonormal basis of the columns of $A$")
M = matrix("M", r, n, meaning="coordinates of the columns of $AB$ in that basis")
distance = define("distance", trace((X - Q @ M).T @ (X - Q @ M)), symbol="d")
projection = Computation(
    "projection", definitions=(distance,), sizes={m: 5, n: 4, r: 2},
    forward=lambda X, Q, M: np.sum((X - Q @ M) ** 2),
    samplers={Q: hypothesis("the columns of $Q$ are orthonormal", svd.first_columns)},
)

p_r = define("p_r", ((Q.T @ svd.U_r) ** 2).T @ ones(r), symbol="omega", label="r")
p_q = define("p_q", ((Q.T @ svd.U_q) ** 2).T @ ones(r), symbol="omega", label="q")
captured = define("captured", trace((Q.T @ svd.X).T @ (Q.T @ svd.X)), symbol="g")


def weights_forward(U_r, U_q, V_r, V_q, s_r, s_q, Q):
    X = svd.assembled(U_r, U_q, V_r, V_q, s_r, s_q)
    return {
        "X": X, "p_r": np.sum((Q.T @ U_r) ** 2, axis=0), "p_q": np.sum((Q.T @ U_q) ** 2, axis=0),
        "captured": np.sum((Q.T @ X) ** 2),
    }


def random_columns(rng, shape):
    return np.linalg.qr(rng.standard_normal(shape))[0]


weights = Computation(
    "weights", definitions=(svd.X, p_r, p_q, captured), forward=weights_forward,
    samplers={
        **svd.SPECTRUM, Q: hypothesis("the columns of $Q$ are orthonormal", random_columns),
    },
    sizes=svd.SIZES,
)


def top(rng, shape):
    return np.eye(*shape)


def below(rng, shape):
    return np.eye(*shape, k=shape[1] - shape[0])


def left_root(rng, shape):
    return np.eye(*shape) * np.sqrt([3, 2])


def right_root(rng, shape):
    return np.eye(*shape) * np.sqrt([[3], [2]])


DIAGONAL = {
    svd.U_r: top, svd.U_q: below, svd.V_r: top, svd.V_q: below,
    svd.s_r: lambda rng, shape: np.array([3, 2]),
    svd.s_q: lambda rng, shape: np.array([1.5, 1, 0.5]),
}
"""The singular vectors are the axes, so that the data of tight cases fit together."""


def bound_claims():
    on_top = {**DIAGONAL, Q: top}
    return (
        chain(
            "projected", projection, distance,
            (trace(X.T @ X) - trace((Q.T @ X).T @ (Q.T @ X))
             + trace((M - Q.T @ X).T @ (M - Q.T @ X)),
             "complete the square"),
            title="Columns in a given space",
        ),
        chain(
            "captured", weights, captured,
            ((svd.s_r * svd.s_r).T @ p_r + (svd.s_q * svd.s_q).T @ p_q,
             "the columns of $V_r$ and $V_q$ are orthonormal"),
            title="What a space captures of $X$",
        ),
        bound("weights_each", weights, p_r, ones(r), tight=on_top, title="No weight exceeds one"),
        bound(
            "weights_sum", weights, ones(r).T @ p_r + ones(q).T @ p_q, number(r.size),
            tight=on_top, title="All weights together",
        ),
        bound(
            "lower_bound", svd.spectral, svd.s_q.T @ svd.s_q, svd.f,
            tight={**DIAGONAL, A: left_root, B: right_root}, title="No pair does better",
        ),
    )


# ------------------------------------------------------------------------- auto-encoders

encoder = Computation(
    "encoder", definitions=(svd.X, svd.D, A_best, B_best),
    forward=lambda U_r, U_q, V_r, V_q, s_r, s_q: {
        "X": svd.assembled(U_r, U_q, V_r, V_q, s_r, s_q),
        "A_best": U_r * svd.root(s_r), "B_best": svd.root(s_r)[:, None] * V_r.T,
    },
    samplers=svd.SPECTRUM, sizes=svd.SIZES,
)


def encoder_claims():
    gram = inverse(A_best.T @ A_best)
    return (
        chain(
            "encoded", encoder, B_best, (gram @ A_best.T @ svd.X, "least squares, given $A_*$"),
            title="The right factor as a code",
        ),
        exact(
            "example_code",
            relation(sp.Rational(1, 34) * literal([[3, 3, 4]]) @ example.X, "=",
                     literal([[HALF, HALF]]), "the code of $X$"),
            title="The code of the example",
        ),
    )


def pitfalls():
    return (
        Pitfall("no_squares", "Adding the singular values instead of their squares.", "value",
                lambda: ones(q).T @ svd.s_q),
        Pitfall("no_roots", "Giving each factor all of the singular values instead of their "
                "roots.", "product",
                lambda: svd.U_r @ diag(svd.s_r) @ diag(svd.s_r) @ svd.V_r.T),
        Pitfall("first_factor", "Forgetting the factor 2 and the sign of the gradient.", "grad_A",
                lambda: C @ B.T),
        Pitfall("wrong_side", "Multiplying the gradient by the other factor from the wrong side.",
                "grad_B", lambda: -2 * (C @ A.T)),
    )


def solve():
    return Solution(
        claims=(
            *objective_claims(), *convexity_claims(), *value_claims(), *bound_claims(),
            *example.claims(), *_low_rank_minima.claims(factors, X), *_low_rank_curvature.claims(),
            *encoder_claims(),
        ),
        figures=(
            Figure(
                "landscape", _low_rank_figures.draw_landscape, _low_rank_figures.landscape,
                alt="Left: contour lines of the objective for single numbers. The minimisers are "
                "the two branches of a hyperbola, with a saddle between them at the origin; a "
                "chord joins two points on the axes across the corner of higher values. Right: "
                "along such chords the objective rises in the middle, for the example and for the "
                "zero matrix.",
                caption="Left: the objective for $1 \\times 1$ matrices with $X$ the number one. "
                "All minimisers lie on two branches. Right: the objective along the chord from "
                "$(2A, 0)$ to $(0, 2B)$; a convex function would stay below the dashed line.",
                panels=2, height=2.3,
            ),
            Figure(
                "descent", _low_rank_figures.draw_descent, _low_rank_figures.descent,
                alt="Left: the objective under gradient descent from six random starts falls in "
                "steps, with plateaus near the values at saddles, and ends in all runs at the sum "
                "of the squares of the singular values left out. Right: eigenvalues of the Hessian "
                "at balanced minimisers, measured as dots inside the rings of the formula; four "
                "are zero for distinct singular values, and more with ties or low rank.",
                caption="Left: gradient descent from six small random starts. Right: all "
                "eigenvalues of the Hessian at a balanced minimiser, measured (dots) and by the "
                "formula (rings), for three spectra of $X$.",
                panels=2, height=2.5,
            ),
        ),
        pitfalls=pitfalls(),
        errata=_low_rank_audit.ERRATA,
        audit=_low_rank_audit.AUDIT,
    )


problem = Problem(
    title="The best approximation of low rank",
    question="003.2",
    source="Homework 2, question 2",
    solve=solve,
)
