"""A one-dimensional convolution: index arithmetic as a constant tensor K_{ikj} = [j = i + k]."""

import numpy as np

from solutionset.authoring import (
    Computation,
    define_entry,
    dim,
    gradient,
    index,
    sum_over,
    tensor,
    vector,
)
from tests.bench.formula import Formula

n, m, w = dim("n", "i"), dim("m", "j"), dim("w", "k")
i, j, k = index("i", n), index("j", m), index("k", w)

K = tensor("K", n, w, m, meaning="one where the position of the input is that of the output plus k")
x, c = vector("x", m), vector("c", w)
y = define_entry("y", i, sum_over((j, k), K[i, k, j] * c[k] * x[j]))


def shift(rng, shape):
    rows, width, length = np.indices(shape)
    return (length == rows + width).astype(float)


def forward(K, c, x):
    return np.array([c @ x[start : start + len(c)] for start in range(len(x) - len(c) + 1)])


correlation = Computation(
    "correlation", definitions=(y,), forward=forward, samplers={K: shift}, sizes={n: 3, w: 4, m: 6}
)

FORMULAS = (
    Formula(
        "convolution_x",
        lambda: gradient("convolution_x", correlation, of=y, wrt=x, style="index"),
        stuck="K has 3 axes",
    ),
    Formula(
        "convolution_c",
        lambda: gradient("convolution_c", correlation, of=y, wrt=c, style="index"),
        stuck="K has 3 axes",
    ),
)
