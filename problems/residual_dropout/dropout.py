"""Question 2: dropout in linear regression is Tikhonov regularisation in disguise."""

import _masks
import _sheet
import numpy as np
import sympy as sp
from _masks import DATA, TARGETS, WEIGHTS

from solutionset.authoring import (
    Computation,
    Figure,
    Instance,
    Pitfall,
    Problem,
    Solution,
    Survivor,
    chain,
    counterexample,
    define,
    det,
    diag,
    dim,
    exact,
    expectation,
    experiment,
    gradient,
    hypothesis,
    identity,
    inverse,
    literal,
    matrix,
    norm,
    number,
    ones,
    optimum,
    parameter,
    relation,
    vector,
)

n, d = dim("n"), dim("d")
p = parameter("p", 0.2, 0.9, hypothesis="$p$ is a probability")
keep, noise = p.symbol, p.symbol * (1 - p.symbol)
SMALL = {n: 2, d: 3}

X = matrix("X", n, d, meaning="data, one row a sample")
y = vector("y", n, meaning="targets")
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


# ------------------------------------------------------------------- the printed identity

b = vector("b", d, meaning="one row of a mask")
pairs = define("pairs", b @ b.T, symbol="B", meaning="products of any two of its entries")
row = Computation("row", definitions=(pairs,), forward=lambda b: np.outer(b, b), parameters=(p,),
                  sizes=SMALL)

masked = define("masked", (R * X) @ w_drop, symbol="m", meaning="predictions with dropout")
r = define("r", y - masked, meaning="residuals with dropout")


def dropout_forward(X, R, w_drop, y):
    masked = (R * X) @ w_drop
    return {"masked": masked, "r": y - masked}


dropout = Computation("dropout", definitions=(squares, Norms, masked, r), forward=dropout_forward,
                      parameters=(p,), sizes=SMALL)
mean_fit = y - number(keep) * (X @ w_drop)
printed = squared(mean_fit) + noise * squared(Norms @ w_drop)


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


# ------------------------------------------------------------- the loss (4), its minimiser

fit = define("fit", mean_fit, symbol="e", meaning="mean residuals")
weighted = define("weighted", Norms @ w_drop, symbol="u", meaning="weights times column norms")
loss_4 = define("loss_4", fit.T @ fit + noise * (weighted.T @ weighted), symbol="ell", label="4")


def loss_4_forward(X, y, w_drop, p):
    penalty = np.sum(np.sum(X * X, axis=0) * w_drop**2)
    return np.sum((y - p * (X @ w_drop)) ** 2) + p * (1 - p) * penalty


objective = Computation(
    "objective", definitions=(squares, Norms, fit, weighted, loss_4), loss=loss_4,
    forward=loss_4_forward, parameters=(p,),
)

# (a): the same loss in the weights w = p w_drop.
back = define("w_drop", w / keep, symbol="tilde_w", meaning="weights learned with dropout")
Gamma_p = define("Gamma_p", sp.sqrt((1 - keep) / keep) * Norms, symbol="Gamma", label="p",
                 meaning="matrix of the penalty that dropout implies")


def rescaled_forward(X, y, w, p):
    return {"loss_4": loss_4_forward(X, y, w / p, p)}


rescaled = Computation(
    "rescaled", definitions=(back, squares, Norms, Gamma_p, fit, weighted, loss_4), loss=loss_4,
    forward=rescaled_forward, parameters=(p,),
)


def transform_claims():
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


# ---------------------------------------------------------------- (c) columns, batch-norm

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

means = define("means", X.T @ ones(n) / n.size, symbol="a", meaning="column means")
shifted = define("shifted", X - ones(n) @ means.T, symbol="C")
variances = define("variances", (shifted * shifted).T @ ones(n) / n.size, symbol="q")
normalised = define("Z", shifted @ diag(variances ** sp.Rational(-1, 2)))


def centred(rng, shape):
    drawn = rng.standard_normal(shape)
    return drawn - drawn.mean(axis=0)


def batch_norm_forward(X, c):
    """Batch normalisation with its shift at zero, its scale at one and no epsilon."""
    shifted = X - X.mean(axis=0)
    return {"Z": shifted / np.sqrt(np.mean(shifted**2, axis=0))}


batch_norm = Computation(
    "batch_norm", definitions=(squares, Norms, Gamma_c, means, shifted, variances, normalised),
    forward=batch_norm_forward, parameters=(factor,),
    samplers={X: hypothesis("the columns of the data are centred", centred)},
    sizes={n: 5, d: 3},
)


def column_claims():
    return (
        chain("divided", columns, X_c,
              (X @ inverse(Gamma_c), "the inverse of a diagonal matrix, entry by entry"),
              title="Changed data for a diagonal penalty"),
        chain("equal_columns", columns, new_squares, (factor.symbol**-2 * ones(d), "each column "
              "is divided by $c$ times its norm"), title="Squares of the new column norms"),
        chain("batch_norm", batch_norm, normalised,
              ((factor.symbol * sp.sqrt(n.size)) * (X @ inverse(Gamma_c)),
               "a centred column has the variance $s_j/n$"),
              title="Batch normalisation of centred data"),
        counterexample(
            "not_centred",
            relation(squared(literal([4, 4, 2, 2])), "=",
                     squared(literal([1, 1, -1, -1])) + squared(literal([3, 3, 3, 3])),
                     "column, centred column, mean"),
            title="The norm of a column that is not centred"),
    )


# --------------------------------------------------------------------------- shared masks

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


def shared_claims():
    return (
        expectation("one_mask_for_all", feature_masks, squared(by_feature), printed,
                    mask=b, probability=p, title="One mask for all samples"),
        expectation("one_bit_a_sample", sample_masks, squared(by_sample),
                    squared(mean_fit) + noise * squared(X @ w_drop),
                    mask=f, probability=p, title="One entry for all features of a sample"),
        optimum("least_squares", shrunk, w_drop, inverse(X.T @ X) @ X.T @ y,
                title="Weights learned with one entry a sample"),
    )


# -------------------------------------------------------------------------------- numbers

PENALTY = [[2, 1], [0, 1]]
FIFTH, HALF = sp.Rational(1, 5), sp.Rational(1, 2)


def example_claims():
    data, targets, penalty = literal(DATA), literal(TARGETS), literal(PENALTY)
    gram, moments = exact_product(DATA, DATA), exact_product(DATA, [[t] for t in TARGETS])
    norms_squared = literal([[9, 0], [0, 49]])
    learned, used = literal([5 * HALF, HALF]), literal([HALF, sp.Rational(1, 10)])
    rows = (sp.Matrix(DATA) * sp.Matrix(PENALTY).inv()).tolist()
    ridge = literal([sp.Rational(492, 307), sp.Rational(95, 307)])
    one = literal([[1, 0], [0, 1]])
    return (
        exact("products",
              relation(data.T @ data, "=", gram), relation(data.T @ targets, "=", moments),
              title="Products of the example"),
        exact("example",
              relation(inverse(FIFTH * gram + 4 * FIFTH * norms_squared) @ moments, "=", learned,
                       "learned with dropout"),
              relation(FIFTH * learned, "=", used, "times $p$"),
              relation(inverse(gram + 4 * norms_squared) @ moments, "=", used,
                       "the same from the problem (3)"),
              relation(inverse(gram) @ moments, "=",
                       literal([sp.Rational(31, 13), sp.Rational(4, 13)]), "no regularisation"),
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
              relation(literal([[1, 5], [1, -1], [-1, -1], [-1, -3]])
                       @ inverse(literal([[1, 0], [0, 3]])), "=",
                       literal(normalised_exactly([[1, 5], [1, -1], [-1, -1], [-1, -3]]))),
              title="Batch normalisation in numbers"),
        counterexample(
            "two_tildes",
            relation(literal([[6, 0], [0, 14]]) @ used, "=",
                     literal([3, 7 * FIFTH]), "the new variable of part (b)"),
            relation(literal([3, 7 * FIFTH]), "\\neq", learned, "the weights that dropout learns"),
            title="Two meanings of one tilde"),
        counterexample(
            "zero_column", relation(det(literal([[sp.sqrt(5), 0], [0, 0]])), "=", 0),
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
        alt="Two panels. Left: two weights against the step of gradient descent. The means of 2000 "
        "runs with dropout lie on the two curves of descent on the loss (4). Right: two weights "
        "against the probability of keeping. Those that dropout learns change little; multiplied "
        "by the probability they shrink towards zero as it does, as regularised weights do.",
        caption="The example with two weights. Left: gradient descent with a fresh mask at each "
        "step, averaged over runs, follows gradient descent on the loss (4). Right: what dropout "
        "learns is too large by the factor $1/p$; after the rescaling it is shrunk, the more so "
        "the less is kept.",
        width=6.2, height=2.6, panels=2,
    )


def pitfalls():
    fit_part = (-2 * keep) * (X.T @ fit)
    return (
        Pitfall("weak_penalty", "Writing the variance of a mask entry as $1-p$.", "gradient",
                lambda: fit_part + (2 * (1 - keep)) * (Norms.T @ weighted)),
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
        Pitfall("inverse_factor", "Multiplying the columns by the factor instead of dividing.",
                "equal_columns", lambda: factor.symbol**2 * ones(d)),
    )


def solve():
    return Solution(
        claims=(
            *identity_claims(), *transform_claims(), *change_claims(), *column_claims(),
            *shared_claims(), *example_claims(),
            experiment("measured", _masks.measure, _masks.expected, title="The example, sampled"),
        ),
        figures=(weights_figure(),),
        instances=(
            Instance("example", objective,
                     values={X: DATA, y: TARGETS, w_drop: WEIGHTS},
                     parameters={"p": FIFTH}, claims=("gradient",)),
        ),
        pitfalls=pitfalls(),
        errata=_sheet.DROPOUT_ERRATA,
        audit=_sheet.DROPOUT_AUDIT,
        survivors=EQUAL_VARIANTS,
    )


EQUAL_VARIANTS = (
    Survivor("changed", r"\lVert \mathbf{y} - X \Gamma \Gamma^{-1} \mathbf{w} \rVert^{2} "
             r"+ \lVert \Gamma \mathbf{w} \rVert^{2}",
             "equal, since a matrix commutes with its inverse"),
    Survivor("batch_norm", r"c \sqrt{n} C \Gamma_c^{-1}", "equal, since the data are centred"),
)


problem = Problem(title="Dropout and regularisation", question="004.2", source="Question 2",
                  solve=solve)
