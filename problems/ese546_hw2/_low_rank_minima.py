"""All minimisers of the low-rank objective: one orbit, or more with ties and with low rank."""

from dataclasses import replace

import _low_rank_svd as svd
import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    argument,
    counterexample,
    define,
    elementwise,
    hypothesis,
    identity_of,
    inverse,
    literal,
    matrix,
    minimisers,
    norm,
    relation,
    vector,
)

# --------------------------------------------------------------------- how the sets are tested

CLOSE = 1e-3
"""A search stops at rounding in the objective, the square root of that in the factors."""


def parts(X, width):
    """The first singular vectors and values, and the left vectors that remain."""
    U, sigma, Vt = np.linalg.svd(X, full_matrices=False)
    return U[:, :width], sigma[:width], Vt[:width], U[:, width:]


def invertible(rng, size):
    """A general matrix, not close to a singular one."""
    return np.linalg.qr(rng.standard_normal((size, size)))[0] @ np.diag(rng.uniform(0.5, 2, size))


def balanced(X, width):
    U, sigma, Vt, _ = parts(X, width)
    return U * np.sqrt(sigma), np.sqrt(sigma)[:, None] * Vt


def on_orbit(given, rng):
    A, B = balanced(given["X"], 2)
    G = invertible(rng, 2)
    return A @ G, np.linalg.solve(G, B)


def off_orbit(given, rng):
    """The transpose in place of the inverse: right for an orthogonal matrix only."""
    A, B = balanced(given["X"], 2)
    G = invertible(rng, 2)
    return A @ G, G.T @ B


def is_on_orbit(given, pair):
    A, B = balanced(given["X"], 2)
    G = np.linalg.pinv(A) @ pair[0]
    return (
        abs(np.linalg.det(G)) > CLOSE
        and np.allclose(pair[0], A @ G, atol=CLOSE)
        and np.allclose(pair[1], np.linalg.solve(G, B), atol=CLOSE)
    )


def with_spectrum(*sigma):
    """A sampler of matrices with these singular values and general singular vectors."""

    def draw(rng, shape):
        U, V = (np.linalg.qr(rng.standard_normal((size, len(sigma))))[0] for size in shape)
        return (U * np.array(sigma)) @ V.T

    return draw


def tied_space(given, rng, partner):
    """The first left singular vector and a mixture of the second and another one."""
    U = np.linalg.svd(given["X"])[0]
    angle = rng.uniform(0.3, 1.2)
    return np.column_stack([U[:, 0], np.cos(angle) * U[:, 1] + np.sin(angle) * U[:, partner]])


def pair_for(space, given, rng):
    """Factors whose columns span a space, the right one fitted."""
    G = invertible(rng, 2)
    return space @ G, np.linalg.solve(G, space.T @ given["X"])


def in_tie(given, rng):
    return pair_for(tied_space(given, rng, 2), given, rng)


def out_of_tie(given, rng):
    """The fourth singular vector is not tied with the second."""
    return pair_for(tied_space(given, rng, 3), given, rng)


def is_in_tie(given, pair):
    A, B = pair
    U = np.linalg.svd(given["X"])[0]
    inside, first = np.linalg.qr(A)[0], U[:, 0]
    return (
        np.allclose(inside @ (inside.T @ first), first, atol=CLOSE)
        and np.allclose(U[:, 3:].T @ inside, 0, atol=CLOSE)
        and np.allclose(B, np.linalg.pinv(A) @ given["X"], atol=CLOSE)
    )


def of_low_rank(given, rng):
    """One column of the left factor, or one row of the right one, is free."""
    (U, sigma, Vt, _), G = parts(given["X"], 1), invertible(rng, 2)
    free_column, free_row = (rng.standard_normal(size) for size in given["X"].shape)
    if rng.random() < 0.5:
        free_column = np.zeros_like(free_column)
    else:
        free_row = np.zeros_like(free_row)
    left = np.column_stack([U[:, 0] * sigma[0], free_column])
    return left @ G, np.linalg.solve(G, np.vstack([Vt[0], free_row]))


def not_of_low_rank(given, rng):
    A, B = of_low_rank(given, rng)
    return A, B + rng.standard_normal(B.shape)


def gives_x(given, pair):
    return np.allclose(pair[0] @ pair[1], given["X"], atol=CLOSE)


# ---------------------------------------------------------------------------------- claims

m, n, r = svd.m, svd.n, svd.r
A, B = svd.A, svd.B
G = matrix("G", r, r, meaning="any invertible matrix")
A_G = define("A_G", A @ G, symbol="A", label="G")
B_G = define("B_G", inverse(G) @ B, symbol="B", label="G")
moved = define("moved", A_G @ B_G, symbol="X", label="G")


def regauged_forward(A, B, G):
    A_G, B_G = A @ G, np.linalg.solve(G, B)
    return {"A_G": A_G, "B_G": B_G, "moved": A_G @ B_G}


regauged = Computation(
    "regauged", definitions=(A_G, B_G, moved), forward=regauged_forward,
    sizes={m: 5, n: 4, r: 2},
)
relu = elementwise("phi", body=sp.Max(argument, 0))
c = vector("c", n, meaning="any vector")
d = vector("d", n, symbol="mu", meaning="positive factors")
rectified = define("e", relu(d * c))
unit_layer = Computation(
    "unit_layer", definitions=(rectified,), forward=lambda c, d: np.maximum(d * c, 0),
    samplers={d: hypothesis("the factors are positive",
                            lambda rng, shape: rng.uniform(0.3, 3, shape))},
)


def claims(factors, X):
    """What may stand between the factors, the three sets, and exact examples around them."""
    tied = replace(
        factors, name="tied", samplers={X.leaf: hypothesis(
            "the singular value number $r$ of $X$ equals the next one", with_spectrum(3, 2, 2, 1)
        )},
    )
    deficient = replace(
        factors, name="deficient",
        samplers={X.leaf: hypothesis("the rank of $X$ is below $r$", with_spectrum(2))},
    )
    return (
        identity_of(
            "same_product", regauged, moved, A @ B, because="$G$ cancels",
            title="An invertible matrix between the factors",
        ),
        minimisers(
            "orbit", factors, (A, B),
            "If the singular value number $r$ of $X$ is larger than the next one, or positive and "
            "the last, the minimisers are the pairs $(A_* G, G^{-1} B_*)$ with $G$ an invertible "
            "$r \\times r$ matrix, and no others. Different $G$ give different pairs.",
            member=on_orbit, outsider=off_orbit, belongs=is_on_orbit, title="All minimisers",
        ),
        minimisers(
            "ties", tied, (A, B),
            "If the singular value number $r$ is positive and equal to the next one, take any "
            "$r$-dimensional space that contains all left singular vectors with larger values and "
            "is spanned by them and by vectors of the tied value. The minimisers are the pairs in "
            "which the columns of $A$ are a basis of such a space and $B$ is the least-squares fit "
            "for it.",
            member=in_tie, outsider=out_of_tie, belongs=is_in_tie,
            title="All minimisers when singular values are tied",
        ),
        minimisers(
            "deficient", deficient, (A, B),
            "If the rank of $X$ is below $r$, the minimisers are all pairs whose product is $X$. "
            "They are more than one orbit: a column of $A$ that meets a row of zeros in $B$ is "
            "free, and so is a row of $B$ that meets a column of zeros in $A$.",
            member=of_low_rank, outsider=not_of_low_rank, belongs=gives_x,
            title="All minimisers when the rank is too low",
        ),
        *exact_claims(),
    )


def exact_claims():
    left, right = literal([[3, 0], [0, 2], [0, 0]]), literal([[3, 0, 0], [0, 2, 0]])
    target, one = literal([[9, 0, 0], [0, 4, 0], [0, 0, 1]]), literal([1, 0])
    shear, unshear = literal([[1, 1], [0, 1]]), literal([[1, -1], [0, 1]])
    flat, mirror = literal([[1, 0], [0, 0]]), literal([[1, 0], [0, -1]])
    unit, tilted = literal([[1, 0], [0, 1]]), sp.Rational(1, 5) * literal([3, 4])
    turn, both = literal([[0, -1], [1, 0]]), literal([1, 1])
    return (
        counterexample(
            "shear",
            relation(norm(target - left @ shear @ unshear @ right) ** 2, "=", 1,
                     r"a minimiser, since $\sigma_3$ is 1"),
            relation(norm(left @ shear) ** 2, "=", 22, "its left factor"),
            relation(norm(left) ** 2, "=", 13, "every $A_* Q$ with $Q$ orthogonal"),
            title="A minimiser that no orthogonal matrix reaches",
        ),
        counterexample(
            "zero_factor",
            relation(norm(target - 0 * left @ right) ** 2, "=", 98, "the left factor times zero"),
            title="The factor zero",
        ),
        counterexample(
            "same_pair",
            relation(flat @ mirror, "=", flat, "left factor"),
            relation(mirror.T @ flat, "=", flat, "right factor"),
            title="Another orthogonal matrix, the same pair",
        ),
        counterexample(
            "two_best",
            relation(norm(unit - one @ one.T) ** 2, "=", 1, "along the first axis"),
            relation(norm(unit - tilted @ tilted.T) ** 2, "=", 1, "along $(3, 4)$"),
            title="Equal singular values: several best products",
        ),
        counterexample(
            "no_encoder",
            relation(literal([[0, 0]]).T @ literal([[1, 0]]), "=", literal([[0, 0], [0, 0]]),
                     "a minimiser for the zero matrix"),
            relation(literal([[5, 7]]) @ literal([[0, 0], [0, 0]]), "\\neq", literal([[1, 0]]),
                     "any encoder gives a row of zeros"),
            title="A minimiser that is no auto-encoder",
        ),
        identity_of(
            "positive_factors", unit_layer, rectified, d * relu(c),
            because="positive factors keep signs", title="Positive factors pass rectified units",
        ),
        counterexample(
            "relu",
            relation(relu(-1 * literal([2])), "\\neq", -1 * relu(literal([2])), "the factor $-1$"),
            relation(relu(turn @ both), "=", literal([0, 1]), "rotate, then rectify"),
            relation(turn @ relu(both), "=", literal([-1, 1]), "rectify, then rotate"),
            title="Rectified units allow less",
        ),
    )
