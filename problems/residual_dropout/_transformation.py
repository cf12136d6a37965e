"""Question 2(a): the loss (4), a step of descent on it, and how its minimiser is used."""

import numpy as np
from _regression import (
    SMALL,
    Gamma_p,
    Norms,
    R,
    X,
    back,
    d,
    fit,
    keep,
    loss_4_forward,
    masked,
    n,
    noise,
    p,
    r,
    squared,
    squares,
    w,
    w_drop,
    weighted,
    y,
)

from solutionset.authoring import (
    Computation,
    chain,
    define,
    diag,
    expectation,
    gradient,
    inverse,
    optimum,
)

loss_4 = define("loss_4", fit.T @ fit + noise * (weighted.T @ weighted), symbol="ell", label="4")
objective = Computation(
    "objective", definitions=(squares, Norms, fit, weighted, loss_4), loss=loss_4,
    forward=loss_4_forward, parameters=(p,),
)

# One step of descent with a fresh mask, and what it does in the mean.
loss_R = define("loss_R", r.T @ r, symbol="ell", label="R")


def one_mask_forward(X, R, w_drop, y):
    return np.sum((y - (R * X) @ w_drop) ** 2)


one_mask = Computation(
    "one_mask", definitions=(squares, Norms, masked, r, fit, weighted, loss_R), loss=loss_R,
    forward=one_mask_forward, parameters=(p,), sizes=SMALL,
)

# The adjustment while training: what is kept is divided by p at once.
divided = define("divided", (1 / keep) * ((R * X) @ w), symbol="m", label="D",
                 meaning="predictions with what is kept divided by $p$")
r_divided = define("r_divided", y - divided, symbol="r", label="D")


def adjusted_forward(X, R, w, y, p):
    divided = (R * X / p) @ w
    return {"divided": divided, "r_divided": y - divided}


adjusted = Computation("adjusted", definitions=(squares, Norms, divided, r_divided),
                       forward=adjusted_forward, parameters=(p,), sizes=SMALL)

# The minimiser of (4) and that of (3) with the penalty of dropout, side by side.
normal_4 = define("normal_4", keep * (X.T @ X) + (1 - keep) * diag(squares), symbol="N", label="4")
normal_3 = define("normal_3", X.T @ X + Gamma_p.T @ Gamma_p, symbol="N", label="3")
w_4 = define("w_4", inverse(normal_4) @ X.T @ y, symbol="tilde_w", label="4")
w_3 = define("w_3", inverse(normal_3) @ X.T @ y, symbol="w", label="3")


def minimisers_forward(X, y, p):
    """Both as least squares with the root of the penalty below the data."""
    norms = np.sqrt(np.sum(X * X, axis=0))

    def solved(data, root):
        normal = data.T @ data + root.T @ root
        return normal, np.linalg.solve(normal, data.T @ y)

    normal_4, learned = solved(p * X, np.sqrt(p * (1 - p)) * np.diag(norms))
    normal_3, used = solved(X, np.sqrt((1 - p) / p) * np.diag(norms))
    return {"normal_4": normal_4 / p, "normal_3": normal_3, "w_4": learned, "w_3": used}


minimisers = Computation(
    "minimisers", definitions=(squares, Norms, Gamma_p, normal_4, normal_3, w_4, w_3),
    forward=minimisers_forward, parameters=(p,), sizes={n: 5, d: 3},
)


def rescaled_forward(X, y, w, p):
    return {"loss_4": loss_4_forward(X, y, w / p, p)}


rescaled = Computation(
    "rescaled", definitions=(back, squares, Norms, Gamma_p, fit, weighted, loss_4), loss=loss_4,
    forward=rescaled_forward, parameters=(p,),
)


def claims():
    normal = keep * (X.T @ X) + (1 - keep) * diag(squares)
    ridge = X.T @ X + ((1 - keep) / keep) * diag(squares)
    return (
        gradient("gradient", objective, of=loss_4, wrt=w_drop, title="Gradient of the loss (4)"),
        optimum("learned", objective, w_drop, inverse(normal) @ X.T @ y,
                title="Weights that dropout learns"),
        chain("transformed", rescaled, loss_4,
              (squared(y - X @ w) + noise * squared((1 / keep) * (Norms @ w)), "the new weights"),
              (squared(y - X @ w) + ((1 - keep) / keep) * squared(Norms @ w), "collect"),
              (squared(y - X @ w) + squared(Gamma_p @ w), "name"),
              title="The loss (4) in the rescaled weights"),
        optimum("used", rescaled, w, inverse(ridge) @ X.T @ y,
                title="Weights for use"),
        chain("normal", minimisers, normal_4,
              (keep * normal_3, "the square of the penalty is $(1-p)/p$ times that of the norms"),
              title="The two matrices to invert"),
        chain("rescaling", minimisers, w_3,
              (inverse(normal_3) @ X.T @ y, "the solution of (3)"),
              (keep * w_4, "the factor leaves the inverse"),
              title="The transformation asked for"),
    )


def descent_claims():
    """What a step does for one mask and in the mean, without and with the adjustment."""
    return (
        gradient("one_mask", one_mask, of=loss_R, wrt=w_drop, title="Gradient for one mask"),
        expectation("unbiased", one_mask, -2 * ((R * X).T @ r),
                    (-2 * keep) * (X.T @ fit) + (2 * noise) * (Norms.T @ weighted),
                    mask=R, probability=p, title="The gradient in the mean"),
        expectation("adjusted", adjusted, squared(r_divided),
                    squared(y - X @ w) + ((1 - keep) / keep) * squared(Norms @ w),
                    mask=R, probability=p, title="The loss with the adjustment in training"),
    )
