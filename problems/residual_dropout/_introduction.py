"""Question 1, what the sheet says before it asks: products of small factors, and clipping."""

import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    argument,
    bound,
    chain,
    counterexample,
    define,
    dim,
    elementwise,
    hypothesis,
    limit,
    literal,
    norm,
    number,
    relation,
    scalar,
    spectral_norm,
    vector,
    whole,
)

# Factors below one whose product stays above one half.
depth = whole("N", 2, 6)
N = depth.symbol
factor = define("f", number(1 - 1 / (N + 1) ** 2), symbol="f", label="N")
before = define("P_before", number((N + 1) / (2 * N)), symbol="P", label="N-1")
after = define("P_after", number((N + 2) / (2 * (N + 1))), symbol="P", label="N")


def products_forward(N):
    factors = 1 - 1 / np.arange(2, int(N) + 2) ** 2.0
    return {"f": factors[-1], "P_before": np.prod(factors[:-1]), "P_after": np.prod(factors)}


products = Computation("products", definitions=(factor, before, after), forward=products_forward,
                       parameters=(depth,))

# Clipping by the norm.
m = dim("m")
g = vector("long", m, symbol="g", meaning="a gradient, all parameters in one column")
tau = scalar("tau", meaning="a threshold, a positive number")
at_most_one = elementwise("c", body=sp.Min(argument, 1))
square = define("square", g.T @ g, symbol="eta")
length = define("length", square ** sp.Rational(1, 2), symbol="r")
clipped = define("clipped", at_most_one(tau / length) * g, symbol="hat_g")


def clip_forward(long, tau):
    length = np.sqrt(long @ long)
    return {"length": length, "clipped": long * np.minimum(tau / length, 1)}


def positive(rng, shape):
    return rng.uniform(0.5, 1.5, shape)


def large(rng, shape):
    return 5 + rng.uniform(0, 1, shape)


clipping = Computation(
    "clipping", definitions=(square, length, clipped), forward=clip_forward,
    samplers={tau: hypothesis("the threshold is positive", positive)},
)

ROTATION = [[sp.Rational(3, 5), sp.Rational(4, 5)], [sp.Rational(-4, 5), sp.Rational(3, 5)]]


def claims():
    rotation, first, second = map(literal, (ROTATION, [[0, 0], [0, 2]], [[2, 0], [0, 0]]))
    return (
        chain("one_factor_more", products, after, (before * factor, "one factor more"),
              title="A product of factors below one"),
        limit("stays", products, after, number(sp.Rational(1, 2)), index=depth, rate=1 / N,
              title="The product does not vanish"),
        counterexample(
            "orthogonal",
            relation(rotation.T @ rotation, "=", literal([[1, 0], [0, 1]]), "every norm is kept"),
            relation(norm(rotation @ literal([3, 4])), "=", 5, "an example"),
            title="A plain layer that keeps every norm"),
        counterexample(
            "nilpotent",
            relation(spectral_norm(first), "=", 2, "one layer"),
            relation(spectral_norm(second), "=", 2, "the next"),
            relation(second @ first, "=", literal([[0, 0], [0, 0]]), "both"),
            title="Gradients that vanish without small norms"),
        bound("clipped", clipping, norm(clipped), tau, tight={g: large},
              title="A clipped gradient"),
    )
