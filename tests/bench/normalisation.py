"""Normalisations over the features of a sample or over the samples of a batch."""

import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    define_entry,
    dim,
    gradient,
    index,
    matrix,
    parameter,
    sum_over,
    sums_to_zero,
    vector,
)
from tests.bench.formula import Formula

S, d = dim("S", "s"), dim("d", "l")
X, gain, shift = matrix("X", S, d), vector("g", d), vector("b", d)
i, j = index("s", S), index("l", d)
small = parameter("epsilon", 0.1, 0.5)
HALF = sp.Rational(1, 2)

# ------------------------------------------------------------------ layer normalisation

mean = define_entry("mu", i, 1 / d.size * sum_over(j, X[i, j]))
centred = define_entry("C", (i, j), X[i, j] - mean[i])
spread = define_entry("v", i, small.symbol + 1 / d.size * sum_over(j, centred[i, j] ** 2))
scaled = define_entry("H", (i, j), centred[i, j] * spread[i] ** -HALF)
layer_out = define_entry("Y", (i, j), gain[j] * scaled[i, j] + shift[j])


def layer_forward(X, g, b, epsilon):
    centred = X - X.mean(axis=1, keepdims=True)
    spread = (centred**2).mean(axis=1, keepdims=True) + epsilon
    return g * centred / np.sqrt(spread) + b


layer = Computation(
    "layer_norm",
    definitions=(mean, centred, spread, scaled, layer_out),
    forward=layer_forward,
    parameters=(small,),
)

# ------------------------------------------------------------------ batch normalisation

batch_mean = define_entry("mu", j, 1 / S.size * sum_over(i, X[i, j]))
batch_centred = define_entry("C", (i, j), X[i, j] - batch_mean[j])
batch_spread = define_entry(
    "v", j, small.symbol + 1 / S.size * sum_over(i, batch_centred[i, j] ** 2)
)
batch_scaled = define_entry("H", (i, j), batch_centred[i, j] * batch_spread[j] ** -HALF)
batch_out = define_entry("Y", (i, j), gain[j] * batch_scaled[i, j] + shift[j])


def batch_forward(X, g, b, epsilon):
    centred = X - X.mean(axis=0)
    return g * centred / np.sqrt((centred**2).mean(axis=0) + epsilon) + b


batch = Computation(
    "batch_norm",
    definitions=(batch_mean, batch_centred, batch_spread, batch_scaled, batch_out),
    forward=batch_forward,
    parameters=(small,),
)

FORMULAS = (
    Formula("layer_norm_g", lambda: gradient("layer_norm_g", layer, of=layer_out, wrt=gain)),
    Formula("layer_norm_b", lambda: gradient("layer_norm_b", layer, of=layer_out, wrt=shift)),
    Formula("layer_norm_H", lambda: gradient("layer_norm_H", layer, of=layer_out, wrt=scaled)),
    Formula(
        "layer_norm_X",
        lambda: gradient(
            "layer_norm_X",
            layer,
            of=scaled,
            wrt=X,
            rules=(sums_to_zero(centred, 1, "centred entries sum to zero"),),
        ),
    ),
    Formula("batch_norm_g", lambda: gradient("batch_norm_g", batch, of=batch_out, wrt=gain)),
    Formula("batch_norm_b", lambda: gradient("batch_norm_b", batch, of=batch_out, wrt=shift)),
    Formula(
        "batch_norm_H", lambda: gradient("batch_norm_H", batch, of=batch_out, wrt=batch_scaled)
    ),
    Formula(
        "batch_norm_X",
        lambda: gradient(
            "batch_norm_X",
            batch,
            of=batch_scaled,
            wrt=X,
            rules=(sums_to_zero(batch_centred, 0, "centred entries sum to zero"),),
        ),
    ),
)
