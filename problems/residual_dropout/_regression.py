"""Question 2: what all its parts are about, the data, the targets, the weights and the mask."""

import numpy as np
import sympy as sp

from solutionset.authoring import define, diag, dim, matrix, norm, number, ones, parameter, vector

n, d = dim("n"), dim("d")
p = parameter("p", 0.2, 0.9, hypothesis="$p$ is a probability")
keep, noise = p.symbol, p.symbol * (1 - p.symbol)
SMALL = {n: 2, d: 3}

X = matrix("X", n, d, meaning="data, one row a sample")
y = vector("y", n, meaning="targets")
b = vector("b", d, meaning="one row of a mask")
R = matrix("R", n, d, meaning="mask, entries one with probability $p$ and else zero")
w_drop = vector("w_drop", d, symbol="tilde_w", meaning="weights learned with dropout")
w = vector("w", d, meaning="weights for use, without dropout")
Gamma = matrix("Gamma", d, d, meaning="invertible matrix of the penalty, not assumed symmetric")

squares = define("squares", (X * X).T @ ones(n), symbol="s")
Norms = define("Norms", diag(squares ** sp.Rational(1, 2)), symbol="tilde_Gamma")


def squared(column):
    return norm(column) ** 2


def column_norms(X):
    return np.sqrt(np.sum(X * X, axis=0))


masked = define("masked", (R * X) @ w_drop, symbol="m", meaning="predictions with dropout")
r = define("r", y - masked, meaning="residuals with dropout")


def dropout_forward(X, R, w_drop, y):
    masked = (R * X) @ w_drop
    return {"masked": masked, "r": y - masked}


mean_fit = y - number(keep) * (X @ w_drop)
printed = squared(mean_fit) + noise * squared(Norms @ w_drop)
fit = define("fit", mean_fit, symbol="e", meaning="mean residuals")
weighted = define("weighted", Norms @ w_drop, symbol="u", meaning="weights times column norms")


def loss_4_forward(X, y, w_drop, p):
    penalty = np.sum(np.sum(X * X, axis=0) * w_drop**2)
    return np.sum((y - p * (X @ w_drop)) ** 2) + p * (1 - p) * penalty


# The weights w = p w_drop for use, and the penalty that they pay.
back = define("w_drop", w / keep, symbol="tilde_w", meaning="weights learned with dropout")
Gamma_p = define("Gamma_p", sp.sqrt((1 - keep) / keep) * Norms, symbol="Gamma", label="p",
                 meaning="matrix of the penalty that dropout implies")
