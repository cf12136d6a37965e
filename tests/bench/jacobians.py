"""Jacobians of layers and of normalisations of a vector."""

import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    define,
    define_entry,
    diag,
    dim,
    elementwise,
    exp,
    index,
    jacobian,
    matrix,
    rewrite,
    sum_over,
    vector,
)
from tests.bench.formula import Formula

n, m, p = dim("n", "j"), dim("m", "l"), dim("p", "i")
x, c = vector("x", n), vector("c", p)
M = matrix("M", p, n)
sigma = elementwise("sigma")

affine = define("a", M @ x + c)
map_affine = Computation("affine", definitions=(affine,), forward=lambda M, x, c: M @ x + c)

active = define("h", sigma(x))
map_active = Computation("active", definitions=(active,), forward=lambda x, sigma: sigma(x))

A, B, b = matrix("A", p, m), matrix("B", m, n), vector("b", m)
z = define("z", B @ x + b)
D = define("D", diag(sigma.prime(z)))
layer = define("g", A @ sigma(z))
map_layer = Computation(
    "layer", definitions=(z, D, layer), forward=lambda A, B, b, x, sigma: A @ sigma(B @ x + b)
)

V = matrix("V", n, m)
skip = define("y", x + V @ sigma(z))
map_skip = Computation(
    "skip", definitions=(z, D, skip), forward=lambda V, B, b, x, sigma: x + V @ sigma(B @ x + b)
)

i, k = index("i", n), index("k", n)
total = define_entry("q", (), sum_over(k, exp(x[k])))
soft = define_entry("y", i, exp(x[i]) / total[()])
fold_exp = rewrite("softmax", exp(x[i]), soft[i] * total[()], "definition of the softmax")
map_soft = Computation(
    "softmax_vector", definitions=(total, soft), forward=lambda x: np.exp(x) / np.exp(x).sum()
)

square = define("s", x.T @ x)
length = define("r", square ** sp.Rational(1, 2))
unit = define("u", x / length)
fold_root = rewrite("norm", square[()], length[()] ** 2, "the square of the norm")
map_unit = Computation(
    "unit", definitions=(square, length, unit), forward=lambda x: x / np.sqrt(x @ x)
)

FORMULAS = (
    Formula("jacobian_affine", lambda: jacobian("jacobian_affine", map_affine, of=affine, wrt=x)),
    Formula("jacobian_sigma", lambda: jacobian("jacobian_sigma", map_active, of=active, wrt=x)),
    Formula(
        "jacobian_layer", lambda: jacobian("jacobian_layer", map_layer, of=layer, wrt=x, fold=(D,))
    ),
    Formula(
        "jacobian_skip", lambda: jacobian("jacobian_skip", map_skip, of=skip, wrt=x, fold=(D,))
    ),
    Formula(
        "jacobian_softmax",
        lambda: jacobian("jacobian_softmax", map_soft, of=soft, wrt=x, rules=(fold_exp,)),
    ),
    Formula(
        "jacobian_unit",
        lambda: jacobian("jacobian_unit", map_unit, of=unit, wrt=x, rules=(fold_root,)),
    ),
)
