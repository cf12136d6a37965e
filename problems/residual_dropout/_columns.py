"""Question 2(c): the columns of the changed data, and batch normalisation."""

import numpy as np
import sympy as sp
from _regression import (
    Gamma_p,
    Norms,
    X,
    back,
    column_norms,
    d,
    keep,
    loss_4_forward,
    n,
    noise,
    p,
    squared,
    squares,
    w,
    w_drop,
    y,
)

from solutionset.authoring import (
    Computation,
    Pitfall,
    chain,
    counterexample,
    define,
    diag,
    inverse,
    literal,
    number,
    ones,
    parameter,
    relation,
)

factor = parameter("c", 0.4, 2.0)
Gamma_c = define("Gamma_c", factor.symbol * Norms, symbol="Gamma", label="c")
X_c = define("X_c", (1 / factor.symbol) * (X @ diag(squares ** sp.Rational(-1, 2))),
             symbol="tilde_X", label="c")
new_squares = define("new_squares", (X_c * X_c).T @ ones(n), symbol="s", label="c")


def columns_forward(X, c):
    scaled = X / (c * column_norms(X))
    return {"X_c": scaled, "new_squares": np.sum(scaled**2, axis=0)}


columns = Computation("columns", definitions=(squares, Norms, Gamma_c, X_c, new_squares),
                      forward=columns_forward, parameters=(factor,))

X_p = define("X_p", sp.sqrt(keep / (1 - keep)) * (X @ diag(squares ** sp.Rational(-1, 2))),
             symbol="tilde_X", label="p")
dropout_squares = define("dropout_squares", (X_p * X_p).T @ ones(n), symbol="s", label="p")


def dropout_columns_forward(X, p):
    scaled = np.sqrt(p / (1 - p)) * X / column_norms(X)
    return {"X_p": scaled, "dropout_squares": np.sum(scaled**2, axis=0)}


dropout_columns = Computation(
    "dropout_columns", definitions=(squares, Norms, Gamma_p, X_p, dropout_squares),
    forward=dropout_columns_forward, parameters=(p,),
)

# Batch normalisation, and dropout on the same data after centring.
means = define("means", X.T @ ones(n) / n.size, symbol="a", meaning="column means")
shifted = define("shifted", X - ones(n) @ means.T, symbol="C")
variances = define("variances", (shifted * shifted).T @ ones(n) / n.size, symbol="q")
normalised = define("Z", shifted @ diag(variances ** sp.Rational(-1, 2)))
shifted_squares = define("shifted_squares", (shifted * shifted).T @ ones(n), symbol="s", label="C")
shifted_norms = define("shifted_norms", diag(shifted_squares ** sp.Rational(1, 2)),
                       symbol="tilde_Gamma", label="C")
v_Z = define("v_Z", n.size ** sp.Rational(-1, 2) * (shifted_norms @ w), symbol="v", label="Z")
shifted_fit = define("shifted_fit", y - number(keep) * (shifted @ w_drop), symbol="e", label="C")
shifted_weighted = define("shifted_weighted", shifted_norms @ w_drop, symbol="u", label="C")
loss_C = define("loss_C", shifted_fit.T @ shifted_fit
                + noise * (shifted_weighted.T @ shifted_weighted), symbol="ell", label="C")


def batch_norm_forward(X):
    """Batch normalisation with its shift at zero, its scale at one and no epsilon."""
    shifted = X - X.mean(axis=0)
    return {"Z": shifted / np.sqrt(np.mean(shifted**2, axis=0))}


def centred_forward(X, y, w, p):
    return loss_4_forward(X - X.mean(axis=0), y, w / p, p)


TALL = {n: 5, d: 3}
batch_norm = Computation(
    "batch_norm",
    definitions=(means, shifted, variances, shifted_squares, shifted_norms, normalised),
    forward=batch_norm_forward, sizes=TALL,
)
centred = Computation(
    "centred",
    definitions=(means, shifted, variances, normalised, shifted_squares, shifted_norms, v_Z, back,
                 shifted_fit, shifted_weighted, loss_C),
    loss=loss_C, forward=centred_forward, parameters=(p,), sizes=TALL,
)


def claims():
    strength = (1 - keep) / keep
    return (
        chain("divided", columns, X_c,
              (X @ inverse(Gamma_c), "the inverse of a diagonal matrix, entry by entry"),
              title="Changed data for a diagonal penalty"),
        chain("dropout_divided", dropout_columns, X_p,
              (X @ inverse(Gamma_p), "with $c$ the square root of $(1-p)/p$"),
              title="Changed data for dropout"),
        chain("equal_columns", columns, new_squares, (factor.symbol**-2 * ones(d), "each column "
              "is divided by $c$ times its norm"), title="Squares of the new column norms"),
        chain("dropout_columns", dropout_columns, dropout_squares,
              ((keep / (1 - keep)) * ones(d), "each column is divided by its norm times the root "
               "of $(1-p)/p$"), title="Squares of the column norms for dropout"),
        chain("batch_norm", batch_norm, normalised,
              (n.size ** sp.Rational(1, 2) * (shifted @ inverse(shifted_norms)),
               "a variance is the square of a norm, over $n$"),
              title="Batch normalisation as division by norms"),
        chain("normalised_loss", centred, loss_C,
              (squared(y - shifted @ w) + strength * squared(shifted_norms @ w),
               "part (a), on the centred data"),
              (squared(y - normalised @ v_Z) + n.size * strength * squared(v_Z),
               "the norms from the weights to the data"),
              title="Dropout on centred data as ridge regression on batch-normalised data"),
        counterexample(
            "not_centred",
            relation(squared(literal([4, 4, 2, 2])), "=",
                     squared(literal([1, 1, -1, -1])) + squared(literal([3, 3, 3, 3])),
                     "column, centred column, mean"),
            title="The norm of a column that is not centred"),
    )


def pitfalls():
    return (
        Pitfall("inverse_factor", "Multiplying the columns by the factor instead of dividing.",
                "equal_columns", lambda: factor.symbol**2 * ones(d)),
        Pitfall("strength", "Forgetting that a variance is a mean: the factor $n$ is lost.",
                "normalised_loss",
                lambda: squared(y - normalised @ v_Z) + ((1 - keep) / keep) * squared(v_Z)),
    )
