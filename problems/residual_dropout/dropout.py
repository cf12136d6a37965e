"""Question 2: dropout in linear regression is Tikhonov regularisation in disguise."""

import _columns
import _masks
import _shared_masks
import _sheet
import _transformation
import numpy as np
import sympy as sp
from _masks import DATA, TARGETS, WEIGHTS
from _regression import (
    SMALL,
    Gamma,
    Norms,
    R,
    X,
    b,
    d,
    dropout_forward,
    fit,
    keep,
    masked,
    noise,
    p,
    printed,
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
    Figure,
    Instance,
    Pitfall,
    Problem,
    Solution,
    chain,
    counterexample,
    define,
    exact,
    expectation,
    experiment,
    identity,
    inverse,
    literal,
    ones,
    optimum,
    parameter,
    relation,
)

# ------------------------------------------------------------------- the printed identity

pairs = define("pairs", b @ b.T, symbol="B", meaning="products of any two of its entries")
row = Computation("row", definitions=(pairs,), forward=lambda b: np.outer(b, b), parameters=(p,),
                  sizes=SMALL)

dropout = Computation("dropout", definitions=(squares, Norms, masked, r), forward=dropout_forward,
                      parameters=(p,), sizes=SMALL)


def identity_claims():
    def average(name, left, right, title):
        return expectation(name, dropout, left, right, mask=R, probability=p, title=title)

    return (
        expectation("pairs", row, pairs,
                    keep**2 * (ones(d) @ ones(d).T) + noise * identity(d),
                    mask=b, probability=p, title="Products of two entries of a mask"),
        average("cross", y.T @ masked, keep * (y.T @ X @ w_drop), "The mixed term"),
        average("square", squared(masked),
                keep**2 * squared(X @ w_drop) + noise * squared(Norms @ w_drop),
                "The square of the predictions"),
        average("printed", squared(r), printed, "The loss of dropout"),
    )


# --------------------------------------------------------------- (b) change of variables


def invertible(rng, shape):
    """A general matrix, shifted so that its inverse is no larger than the data."""
    return rng.standard_normal(shape) + 3 * np.eye(shape[0])


strength = parameter("lambda", 0.5, 4.0)
root = sp.sqrt(strength.symbol)
X_new = define("X_new", X @ inverse(Gamma), symbol="tilde_X", meaning="changed data")
v = define("v", Gamma @ w, meaning="changed weights")
gap = define("gap", y - X @ w, symbol="g", meaning="residuals without dropout")
loss_3 = define("loss_3", gap.T @ gap + v.T @ v, symbol="ell", label="3")


def loss_3_forward(X, y, Gamma, w):
    return np.sum((y - X @ w) ** 2) + np.sum((Gamma @ w) ** 2)


tikhonov = Computation("tikhonov", definitions=(X_new, v, gap, loss_3), loss=loss_3,
                       forward=loss_3_forward, samplers={Gamma: invertible})

X_scaled = define("X_scaled", root * (X @ inverse(Gamma)), symbol="hat_X")
v_scaled = define("v_scaled", (1 / root) * (Gamma @ w), symbol="hat_v")


def any_strength_forward(X, y, Gamma, w):
    return {"loss_3": loss_3_forward(X, y, Gamma, w)}


any_strength = Computation(
    "any_strength", definitions=(X_scaled, v_scaled, v, gap, loss_3), loss=loss_3,
    forward=any_strength_forward, parameters=(strength,), samplers={Gamma: invertible},
)


def change_claims():
    plain_ridge = inverse(X_new.T @ X_new + identity(d)) @ X_new.T @ y
    return (
        chain("changed", tikhonov, loss_3,
              (squared(y - X @ w) + squared(Gamma @ w), "definition"),
              (squared(y - X @ inverse(Gamma) @ Gamma @ w) + squared(Gamma @ w),
               "insert the inverse"),
              (squared(y - X_new @ v) + squared(v), "name"),
              title="Tikhonov regularisation as ridge regression"),
        chain("any_strength", any_strength, loss_3,
              (squared(y - X_scaled @ v_scaled) + strength.symbol * squared(v_scaled),
               "the square roots cancel"),
              title="The same at any strength of the ridge"),
        optimum("ridge", tikhonov, w, inverse(X.T @ X + Gamma.T @ Gamma) @ X.T @ y,
                title="Weights of Tikhonov regularisation"),
        optimum("mapped_back", tikhonov, w, inverse(Gamma) @ plain_ridge,
                title="The same from the ridge problem, mapped back"),
    )


# -------------------------------------------------------------------------------- numbers

PENALTY, CENTRED = [[2, 1], [0, 1]], [[1, 5], [1, -1], [-1, -1], [-1, -3]]
FIFTH, HALF = sp.Rational(1, 5), sp.Rational(1, 2)


def example_claims():
    data, targets, penalty = literal(DATA), literal(TARGETS), literal(PENALTY)
    gram, moments = exact_product(DATA, DATA), exact_product(DATA, [[t] for t in TARGETS])
    norms_squared = literal([[9, 0], [0, 49]])
    learned, used = literal([5 * HALF, HALF]), literal([HALF, sp.Rational(1, 10)])
    rows = (sp.Matrix(DATA) * sp.Matrix(PENALTY).inv()).tolist()
    ridge = literal([sp.Rational(492, 307), sp.Rational(95, 307)])
    one = literal([[1, 0], [0, 1]])
    normalised = normalised_exactly(CENTRED)
    return (
        exact("products",
              relation(data.T @ data, "=", gram), relation(data.T @ targets, "=", moments),
              title="Products of the example"),
        exact("example",
              relation(inverse(gram) @ moments, "=",
                       literal([sp.Rational(31, 13), sp.Rational(4, 13)]), "no regularisation"),
              relation(inverse(FIFTH * gram + 4 * FIFTH * norms_squared) @ moments, "=", learned,
                       "learned with dropout"),
              relation(FIFTH * learned, "=", used, "times $p$"),
              relation(inverse(gram + 4 * norms_squared) @ moments, "=", used,
                       "the same from the problem (3)"),
              title="Weights of the example"),
        exact("changed_example",
              relation(data @ inverse(penalty), "=", literal(rows), "changed data"),
              relation(inverse(penalty)
                       @ inverse(exact_product(rows, rows) + one)
                       @ exact_product(rows, [[t] for t in TARGETS]), "=", ridge,
                       "ridge, mapped back"),
              relation(inverse(gram + penalty.T @ penalty) @ moments, "=", ridge, "directly"),
              title="A change of variables in numbers"),
        exact("normalised_example",
              relation(literal(CENTRED) @ inverse(literal([[1, 0], [0, 3]])), "=",
                       literal(normalised), "the changed data"),
              *(relation(squared(literal([row[j] for row in normalised])), "=", 4, which)
                for j, which in enumerate(("first column", "second column"))),
              title="Batch normalisation in numbers"),
        counterexample(
            "two_tildes",
            relation(literal([[6, 0], [0, 14]]) @ used, "=",
                     literal([3, 7 * FIFTH]), "the new variable of part (b)"),
            relation(literal([3, 7 * FIFTH]), "\\neq", learned, "the weights that dropout learns"),
            title="Two meanings of one tilde"),
        counterexample(
            "zero_column",
            relation(literal([[sp.sqrt(5), 0], [0, 0]]) @ literal([0, 1]), "=", literal([0, 0])),
            title="Column norms of data with a zero column"),
    )


def exact_product(left, right):
    """The first matrix transposed times the second."""
    return literal((sp.Matrix(left).T * sp.Matrix(right)).tolist())


def normalised_exactly(rows):
    """Batch normalisation of exact numbers."""
    columns = []
    for column in zip(*rows, strict=True):
        mean = sp.Rational(sum(column), len(column))
        variance = sum((entry - mean) ** 2 for entry in column) / len(column)
        columns.append([(entry - mean) / sp.sqrt(variance) for entry in column])
    return [list(row) for row in zip(*columns, strict=True)]


def weights_figure():
    return Figure(
        "weights", _masks.draw_weights, _masks.paths_and_weights,
        alt="Two panels. Left: two weights against the step of gradient descent. The means of "
        f"{_masks.CHAINS} runs with dropout lie on the two curves of descent on the loss (4). "
        "Right: two weights against the probability of keeping. Those that dropout learns change "
        "little; multiplied by the probability they shrink towards zero as it does, as "
        "regularised weights do.",
        caption="The example with two weights. Left: gradient descent with a fresh mask at each "
        "step, averaged over runs, follows gradient descent on the loss (4). Right: what dropout "
        "learns is too large by the factor $1/p$; after the rescaling it is shrunk, the more so "
        "the less is kept.",
        width=6.2, height=2.6, panels=2,
    )


def pitfalls():
    fit_part = (-2 * keep) * (X.T @ fit)
    return (
        Pitfall("mean_square", "Taking the mean square of a mask entry, $p$, for its variance.",
                "gradient", lambda: fit_part + (2 * keep) * (Norms.T @ weighted)),
        Pitfall("no_norms", "Forgetting the column norms in the penalty.", "gradient",
                lambda: fit_part + (2 * noise) * w_drop),
        Pitfall("fit_without_p", "Forgetting the outer factor $p$ of the fit.", "gradient",
                lambda: -2 * (X.T @ fit) + (2 * noise) * (Norms.T @ weighted)),
        Pitfall("not_rescaled", "Using the learned weights as they are.", "transformed",
                lambda: squared(y - X @ w) + noise * squared(Norms @ w)),
        Pitfall("dropped", "Reading $p$ as the probability of dropping, as PyTorch does.",
                "transformed",
                lambda: squared(y - X @ w) + (keep / (1 - keep)) * squared(Norms @ w)),
        Pitfall("transposed", "Transposing the inverse. On a symmetric matrix nobody notices.",
                "changed", lambda: squared(y - X @ inverse(Gamma).T @ v) + squared(v)),
        Pitfall("wrong_side", "Putting the inverse on the other side of the data.", "changed",
                lambda: squared(y - inverse(Gamma) @ X @ v) + squared(v)),
        *_columns.pitfalls(),
    )


def solve():
    return Solution(
        claims=(
            *identity_claims(), *_transformation.claims(), *_transformation.descent_claims(),
            *change_claims(), *_columns.claims(), *_shared_masks.claims(), *example_claims(),
            experiment("measured", _masks.measure, _masks.expected, title="The example, sampled"),
        ),
        figures=(weights_figure(),),
        instances=(
            Instance("example", _transformation.objective,
                     values={X: DATA, y: TARGETS, w_drop: WEIGHTS},
                     parameters={"p": FIFTH}, claims=("gradient",)),
        ),
        pitfalls=pitfalls(),
        prose=("The mean of the weights follows descent on (4), since the steps are affine.",),
        errata=_sheet.DROPOUT_ERRATA,
        audit=_sheet.DROPOUT_AUDIT,
    )


problem = Problem(title="Dropout and regularisation", question="004.2", source="Question 2",
                  solve=solve)
