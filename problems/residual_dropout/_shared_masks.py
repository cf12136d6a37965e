"""Question 2, beyond the sheet: masks that samples or features share."""

import numpy as np
from _regression import (
    SMALL,
    Norms,
    X,
    b,
    d,
    fit,
    mean_fit,
    n,
    noise,
    p,
    printed,
    squared,
    squares,
    w_drop,
    y,
)

from solutionset.authoring import (
    Computation,
    define,
    diag,
    expectation,
    inverse,
    optimum,
    vector,
)

f = vector("f", n, meaning="one entry a sample, one with probability $p$ and else zero")
by_feature = define("by_feature", y - X @ diag(b) @ w_drop, symbol="r", label="b")
by_sample = define("by_sample", y - diag(f) @ X @ w_drop, symbol="r", label="f")


def by_feature_forward(X, y, b, w_drop):
    return y - (X * b) @ w_drop


def by_sample_forward(X, y, f, w_drop):
    return y - f * (X @ w_drop)


feature_masks = Computation("feature_masks", definitions=(squares, Norms, by_feature),
                            forward=by_feature_forward, parameters=(p,), sizes=SMALL)
sample_masks = Computation("sample_masks", definitions=(by_sample,), forward=by_sample_forward,
                           parameters=(p,), sizes=SMALL)

predicted = define("predicted", X @ w_drop, symbol="h", meaning="predictions without dropout")
loss_f = define("loss_f", fit.T @ fit + noise * (predicted.T @ predicted), symbol="ell", label="f")


def loss_f_forward(X, y, w_drop, p):
    return np.sum((y - p * (X @ w_drop)) ** 2) + p * (1 - p) * np.sum((X @ w_drop) ** 2)


shrunk = Computation("shrunk", definitions=(fit, predicted, loss_f), loss=loss_f,
                     forward=loss_f_forward, parameters=(p,), sizes={n: 5, d: 3})


def claims():
    return (
        expectation("one_mask_for_all", feature_masks, squared(by_feature), printed,
                    mask=b, probability=p, title="One mask for all samples"),
        expectation("one_bit_a_sample", sample_masks, squared(by_sample),
                    squared(mean_fit) + noise * squared(X @ w_drop),
                    mask=f, probability=p, title="One entry for all features of a sample"),
        optimum("least_squares", shrunk, w_drop, inverse(X.T @ X) @ X.T @ y,
                title="Weights learned with one entry a sample"),
    )
