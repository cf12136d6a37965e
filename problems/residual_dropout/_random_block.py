"""The law of gradient norms for random ReLU blocks: one expectation for each of what is random."""

import numpy as np
import sympy as sp
from _sigmoid import rectifier

from solutionset.authoring import (
    Computation,
    define,
    diag,
    dim,
    expectation,
    expectation_over_noise,
    identity,
    matrix,
    norm,
    ones,
    parameter,
    theorem,
    trace,
    vector,
)

n = dim("n")
s = parameter("s", 0.5, 1.5)
VARIANCE = s.symbol**2 / n.size

X_0 = vector("X_0", n, symbol="X", label="0", meaning="input of the block")
W_2 = matrix("W_2", n, n, symbol="W", label="2", meaning="weights of its second layer")

# The second weights, with all before them fixed.
HALF_WAY = "Jacobian of the activations in the input"
half_way = matrix("K", n, n, meaning=HALF_WAY)
branch = define("J_P", W_2 @ half_way, symbol="J", label="P")
through = define("J_R", identity(n) + branch, symbol="J", label="R")


def second_forward(K, W_2):
    return {"J_P": W_2 @ K, "J_R": np.eye(len(K)) + W_2 @ K}


second = Computation("second_weights", definitions=(branch, through), forward=second_forward,
                     parameters=(s,), sizes={n: 2})

# The signs of the rows of the first weights, with all else of them fixed.
V = matrix("V", n, n, meaning="first weights whose rows have not yet got their signs")
b = vector("b", n, meaning="signs, one for plus and zero for minus")
signed = define("W_1", diag(2 * b - ones(n)) @ V, symbol="W", label="1",
                meaning="weights of its first layer")
z = define("z", signed @ X_0)
slopes = define("K", diag(rectifier.prime(z)) @ signed, meaning=HALF_WAY)


def signs_forward(V, b, X_0):
    rows = (2 * b - 1)[:, None] * V
    return {"W_1": rows, "z": rows @ X_0, "K": (rows @ X_0 > 0)[:, None] * rows}


signs = Computation("signs", definitions=(signed, z, slopes), forward=signs_forward)

# What is left of the first weights.
gram = define("H", V.T @ V)
sizes = Computation("sizes", definitions=(gram,), forward=lambda V: V.T @ V, parameters=(s,),
                    sizes={n: 2})

# A gradient of random direction, with the network fixed.
J = matrix("J", n, n, meaning="Jacobian of a network")
g = vector("g_N", n, symbol="g", label="N", meaning="gradient in its output")
back = define("g_0", J.T @ g, symbol="g", label="0")
direction = Computation("direction", definitions=(back,), forward=lambda J, g_N: J.T @ g_N,
                        sizes={n: 3})

LAW = (
    "Let the activation be ReLU, with the slope zero at zero, and the input not zero. Let all "
    "weights be independent and normal with mean zero and standard deviation $s/\\sqrt{n}$, and "
    "let the gradient in the output be independent of them, with independent normal entries of "
    "mean zero and one variance. Then through $N$ blocks the mean square of the norm of the "
    "gradient is multiplied by $(1 + s^4/2)^N$, and without the connections by $(s^4/2)^N$."
)


def claims():
    grown = s.symbol**2 * (half_way.T @ half_way)
    return (
        expectation_over_noise("over_second_plain", second, branch.T @ branch, grown,
                               noise=W_2, variance=VARIANCE,
                               title="Second weights, without the connection"),
        expectation_over_noise("over_second", second, through.T @ through, identity(n) + grown,
                               noise=W_2, variance=VARIANCE,
                               title="Second weights, with the connection"),
        expectation("over_signs", signs, slopes.T @ slopes, sp.Rational(1, 2) * (V.T @ V),
                    mask=b, probability=sp.Rational(1, 2),
                    title="Signs of the rows of the first weights"),
        expectation_over_noise("over_first", sizes, gram, s.symbol**2 * identity(n),
                               noise=V, variance=VARIANCE, title="Sizes of the first weights"),
        expectation_over_noise("over_direction", direction, norm(back) ** 2, trace(J.T @ J),
                               noise=g, variance=1, title="Direction of the gradient"),
        theorem("random_blocks", LAW,
                parts=("over_second_plain", "over_second", "over_signs", "over_first",
                       "over_direction"),
                title="Random ReLU blocks"),
    )
