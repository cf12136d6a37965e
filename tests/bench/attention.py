"""Attention, staged as one would on the board, and expanded at once."""

import numpy as np

from solutionset.authoring import (
    Computation,
    define,
    define_entry,
    dim,
    exp,
    gradient,
    index,
    matrix,
    parameter,
    rewrite,
    sum_over,
)
from tests.bench.formula import Formula

T, S, k, v = dim("T", "t"), dim("S", "s"), dim("k", "l"), dim("v", "v")
tau = parameter("tau", 0.5, 2.0)

Q, K, V = matrix("Q", T, k), matrix("K", S, k), matrix("V", S, v)
scores = define("A", tau.symbol * (Q @ K.T))
i, j = index("t", T), index("s", S)
norm = define_entry("Z", i, sum_over(j, exp(scores[i, j])))
weights = define_entry("P", (i, j), exp(scores[i, j]) / norm[i])
out = define("Y", weights @ V)
fold_exp = rewrite(
    "softmax", exp(scores[i, j]), weights[i, j] * norm[i], "definition of the softmax"
)


def forward(Q, K, V, tau):
    scores = tau * Q @ K.T
    weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return {"A": scores, "P": weights, "Y": weights @ V}


attention = Computation(
    "attention", definitions=(scores, norm, weights, out), forward=forward, parameters=(tau,)
)

FORMULAS = (
    Formula("attention_V", lambda: gradient("attention_V", attention, of=out, wrt=V)),
    Formula("attention_P", lambda: gradient("attention_P", attention, of=out, wrt=weights)),
    Formula(
        "attention_A",
        lambda: gradient("attention_A", attention, of=weights, wrt=scores, rules=(fold_exp,)),
    ),
    Formula("attention_Q", lambda: gradient("attention_Q", attention, of=scores, wrt=Q)),
    Formula("attention_K", lambda: gradient("attention_K", attention, of=scores, wrt=K)),
    Formula(
        "attention_Q_expanded",
        lambda: gradient("attention_Q_expanded", attention, of=out, wrt=Q, rules=(fold_exp,)),
    ),
    Formula(
        "attention_K_expanded",
        lambda: gradient("attention_K_expanded", attention, of=out, wrt=K, rules=(fold_exp,)),
    ),
)
