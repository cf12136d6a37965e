"""Question 2.a, blank on the sheet: softmax, cross-entropy, and the gradient of both merged."""

import _sheet_modules
import _softmax_floats
import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    Figure,
    Instance,
    Pitfall,
    Problem,
    Solution,
    bound,
    chain,
    define,
    define_entry,
    diag,
    dim,
    exact,
    exp,
    experiment,
    grad,
    gradient,
    hypothesis,
    identity_of,
    index,
    jac,
    jacobian,
    log,
    matrix,
    norm,
    number,
    ones,
    relation,
    rewrite,
    sum_over,
    theorem,
    trace,
    vector,
)

S, C = dim("S", "st"), dim("C", "ijk")
s, i, j = index("s", S), index("i", C), index("j", C)

X = matrix("X", S, C, meaning="logits, a row for each of $S$ samples, a column for each class")
T = matrix("T", S, C, meaning="targets")

# ----------------------------------------------------------------------- softmax module

z = define_entry("z", s, sum_over(j, exp(X[s, j])), meaning="normaliser of each row")
Y = define_entry("Y", (s, i), exp(X[s, i]) / z[s], meaning="probabilities")


def probabilities(X):
    e = np.exp(X)
    return {"z": e.sum(axis=1), "Y": e / e.sum(axis=1, keepdims=True)}


softmax = Computation("softmax", definitions=(z, Y), forward=probabilities)
folded = rewrite("softmax", exp(X[s, i]), Y[s, i] * z[s], "definition of softmax")

x = vector("x", C, meaning="the logits of one sample, as a column")
v = vector("v", C, meaning="a direction")
k = define("k", ones(C).T @ exp(x))
y = define_entry("y", i, exp(x[i]) / k[()])
m = define("m", y.T @ v)


def one_row(x, v):
    e = np.exp(x)
    return {"k": e.sum(), "y": e / e.sum(), "m": e @ v / e.sum()}


row = Computation("row", definitions=(k, y, m), forward=one_row)


def softmax_claims():
    of_row = rewrite("softmax", exp(x[i]), y[i] * k[()], "definition of softmax")
    return (
        jacobian("Y_in_X", softmax, of=Y, wrt=X, style="index", rules=(folded,),
                 title="Softmax in the logits"),
        gradient("back", softmax, of=Y, wrt=X, rules=(folded,), title="Softmax module"),
        jacobian("row", row, of=y, wrt=x, rules=(of_row,), title="Jacobian of one row"),
        chain("constants", row, norm(jac(y, x) @ ones(C)), (number(0), "probabilities sum to one"),
              title="Equal changes of all logits do nothing"),
        chain("variance", row, v.T @ jac(y, x) @ v,
              (y.T @ (v * v) - m**2, "Jacobian of one row"),
              title="The Jacobian as a variance"),
        theorem("rank",
                "The Jacobian of softmax has no negative eigenvalue, and what it sends to zero are "
                "the directions with all entries equal, and no others. So its rank is the number "
                "of classes less one.",
                parts=("row", "constants", "variance"), title="What softmax lets through"),
    )


# ----------------------------------------------------- cross-entropy module, and both merged

L = define("loss", -1 / S.size * trace(T.T @ log(Y)), symbol="L", meaning="mean over the samples")


def loss_forward(X, T):
    Y = probabilities(X)["Y"]
    return {"Y": Y, "loss": -(T * np.log(Y)).sum() / len(X)}


def both(name, **samplers):
    """Softmax and cross-entropy; `samplers` by the names of the tensors they draw."""
    drawn = {sym: samplers[sym.leaf.name] for sym in (X, T) if sym.leaf.name in samplers}
    return Computation(name, definitions=(z, Y, L), forward=loss_forward, loss=L, samplers=drawn)


def sums_one(rng, shape):
    """Rows that sum to one, some entries negative: nothing else is assumed."""
    drawn = rng.uniform(-0.5, 1.5, shape)
    return drawn + (1 - drawn.sum(axis=1, keepdims=True)) / shape[1]


def equal_logits(rng, shape):
    return np.ones(shape)


NORMALISED = hypothesis("each row of the targets sums to one", sums_one)
merged = both("merged")
normalised = both("normalised", T=NORMALISED)
undecided = both("undecided", T=NORMALISED, X=hypothesis("all logits are equal", equal_logits))

row_sums = T @ ones(C)
mean = sp.Integer(1) / S.size


def loss_claims():
    everywhere = ones(C) @ ones(C).T
    return (
        gradient("cross_entropy", merged, of=L, wrt=Y, title="Cross-entropy module"),
        chain("general", merged, grad(X),
              (Y * (grad(Y) - (grad(Y) * Y) @ everywhere), "softmax module"),
              (mean * (Y * (T @ everywhere) - T), "cross-entropy module; the probabilities cancel"),
              (mean * (diag(row_sums) @ Y - T), "row $s$ is multiplied by the sum of its targets"),
              title="Merged gradient for any targets"),
        gradient("worked", merged, of=L, wrt=X, rules=(folded,),
                 title="Merged gradient for any targets, entry by entry"),
        chain("short", normalised, grad(X), (mean * (Y - T), "each row of targets sums to one"),
              title="Merged gradient"),
        chain("gap", merged, grad(X) - mean * (Y - T),
              (mean * (diag(row_sums - ones(S)) @ Y), "subtract"),
              title="What the short form misses"),
        chain("drift", merged, mean * ((Y - T) @ ones(C)),
              (mean * (ones(S) - row_sums), "probabilities sum to one"),
              title="Where the short form drifts"),
        theorem("condition",
                "The short form is the gradient, at one $\\mathbf{X}$ or at all of them, if and "
                "only if each row of $\\mathbf{T}$ sums to one. The targets need not be "
                "probabilities for it: one-hot rows, smoothed labels and rows with negative "
                "entries will do.",
                parts=("short", "gap"), title="When the short form is right"),
        chain("balance", merged, norm(grad(X) @ ones(C)), (number(0), "for any targets"),
              title="The gradient sums to zero in each row"),
        chain("undecided", undecided, L, (log(number(C.size)), "every probability is one in $C$"),
              title="Loss of a network that knows nothing"),
    )


# -------------------------------------------------------------------- stable computation

c = vector("c", S, meaning="a shift for each row")
hat_X = define("X_hat", X - c @ ones(C).T, symbol="hat_X", meaning="shifted logits")
hat_z = define_entry("z_hat", s, sum_over(j, exp(hat_X[s, j])), symbol="hat_z")
hat_Y = define_entry("Y_hat", (s, i), exp(hat_X[s, i]) / hat_z[s], symbol="hat_Y")


def shifted_forward(X, c):
    e = np.exp(X - c[:, None])
    shifted = {"z_hat": e.sum(axis=1), "Y_hat": e / e.sum(axis=1, keepdims=True)}
    return {**probabilities(X), **shifted}


shifted = Computation(
    "shifted", definitions=(z, Y, hat_X, hat_z, hat_Y), forward=shifted_forward
)


def largest_is_zero(rng, shape):
    drawn = 2 * rng.standard_normal(shape)
    return drawn - drawn.max()


def one_ahead(rng, shape):
    return np.where(np.arange(shape[0]) == 0, 0.0, -30.0)


top = Computation(
    "top", definitions=(k,), forward=lambda x: np.exp(x).sum(),
    samplers={x: hypothesis("the largest logit is zero", largest_is_zero)},
)


def stable_claims():
    return (
        identity_of("shift", shifted, hat_Y, Y, because="the factor cancels",
                    title="A shift of a row changes nothing"),
        chain("log_sum", shifted, log(z), (c + log(hat_z), r"each $z_s$ contains the factor "
              r"$e^{c_s}$"), title="Log-sum-exp with a shift"),
        bound("at_least_one", top, number(1), k, tight={x: one_ahead},
              title="The normaliser is at least one"),
        bound("at_most_classes", top, k, number(C.size), tight={x: lambda _, n: np.zeros(n)},
              title="The normaliser is at most the number of classes"),
        theorem("stable",
                "Subtract from each row of logits its largest entry. That changes no probability, "
                "no exponential exceeds one, and their sum lies between one and the number of "
                "classes: nothing overflows, and the quotient exists.",
                parts=("shift", "at_least_one", "at_most_classes"),
                title="Softmax without overflow"),
        chain("from_logits", normalised, L,
              (mean * (ones(S).T @ log(z) - trace(T.T @ X)), "logarithm of the quotient"),
              title="The loss from the logits"),
        exact("overflow",
              relation(number(709), "<", number(1024 * sp.log(2)), "a double holds $e^{709}$"),
              relation(number(1024 * sp.log(2)), "<", number(710), "and not $e^{710}$"),
              relation(number(88), "<", number(128 * sp.log(2)), "a single float holds $e^{88}$"),
              relation(number(128 * sp.log(2)), "<", number(89), "and not $e^{89}$"),
              title="Where exponentials overflow"),
        experiment("measured", _softmax_floats.measure, _softmax_floats.expected,
                   title="What floating point makes of the formulas"),
    )


# --------------------------------------------------------------------- instances, pitfalls

LN2, LN3, LN5 = sp.log(2), sp.log(3), sp.log(5)
LOGITS = [[0, LN2, LN5], [LN3, LN3, LN2]]

INSTANCES = (
    Instance("one_hot", merged, values={X: LOGITS, T: [[0, 0, 1], [1, 0, 0]]},
             claims=("cross_entropy", "worked")),
    Instance("two_labels", merged, values={X: LOGITS, T: [[0, 1, 1], [1, 0, 0]]},
             claims=("worked",)),
)


def pitfalls():
    everywhere = ones(C) @ ones(C).T
    twice = mean * (Y - T)
    return (
        Pitfall("diagonal", "Taking softmax for an elementwise activation: right at the true "
                "class, no push on the others.", "worked", lambda: grad(Y) * (Y - Y * Y)),
        Pitfall("mean", "Forgetting the mean over the samples.", "worked", lambda: Y - T),
        Pitfall("entries", "Taking the mean over samples and classes, as a mean of a matrix does.",
                "worked", lambda: mean / C.size * (Y - T)),
        Pitfall("twice", "Sending the merged gradient through the softmax module once more.",
                "worked", lambda: Y * (twice - (twice * Y) @ everywhere)),
        Pitfall("short", "Using the short form for two labels with weight one each.", "worked",
                lambda: mean * (Y - T)),
        Pitfall("sign", "Losing the sign of the loss.", "cross_entropy",
                lambda: mean * (T * Y**-1)),
    )


def floats_figure():
    return Figure(
        "floats", _softmax_floats.draw_routes, _softmax_floats.routes, panels=2, width=6.2,
        height=2.6,
        alt="Two panels against the gap between two logits, from 0 to 150. Left: the loss grows "
        "like the gap. The naive route ends at a gap of 88, the route through a stable softmax at "
        "about 103, the route from the logits goes on. Right: the gradient falls quickly to minus "
        "one and stays there; computed in two steps it ends at 88, merged it goes on.",
        caption="One sample, two classes, the wrong one ahead by the gap; single floats. A cross "
        "marks the last finite value of a route.",
    )


def solve():
    return Solution(
        claims=(*softmax_claims(), *loss_claims(), *stable_claims()),
        figures=(floats_figure(),),
        instances=INSTANCES,
        pitfalls=pitfalls(),
        errata=_sheet_modules.SOFTMAX_ERRATA,
        audit=_sheet_modules.SOFTMAX_AUDIT,
    )


problem = Problem(
    title="Softmax and cross-entropy", question="002.2.a", source="Question 2.a", solve=solve,
)
