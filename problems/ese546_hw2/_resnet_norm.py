"""Batch normalisation of one channel in both modes, and a bias before it."""

import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    Instance,
    Pitfall,
    argument,
    chain,
    counterexample,
    define,
    dim,
    elementwise,
    exact,
    grad,
    gradient,
    index,
    jacobian,
    limit,
    literal,
    number,
    ones,
    parameter,
    relation,
    rewrite,
    scalar,
    theorem,
    vector,
)

HALF, THIRD = sp.Rational(1, 2), sp.Rational(1, 3)

# -------------------------------------------------------------------------------- training

n = dim("n", "ijl")
eps = parameter("epsilon", 0.05, 0.5, hypothesis="$\\epsilon$ is positive")

x = vector("x", n, meaning="one channel over the batch, as a convolution without bias gives it")
a = scalar("a", meaning="a bias of the convolution for this channel")
gamma = scalar("gamma", meaning="scale of batch normalisation")
beta = scalar("beta", meaning="shift of batch normalisation")

z = define("z", x + a * ones(n), meaning="the channel with its bias")
mu = define("mu", ones(n).T @ z / n.size, meaning="its mean")
u = define("u", z - mu * ones(n), meaning="deviations from the mean")
v = define("v", u.T @ u / n.size, meaning="its variance")
guarded = define("guarded", v + number(eps), symbol="tilde_v")
s = define("s", guarded ** HALF, meaning="what it is divided by")
normal = define("normal", u / s, symbol="hat_x", meaning="the normalised channel")
y = define("y", gamma * normal + beta * ones(n), meaning="the output")
square = define("square", normal.T @ normal / n.size, symbol="q",
                meaning="mean square of the normalised channel")
STEPS = (z, mu, u, v, guarded, s, normal)


def train_forward(x, a, gamma, beta, epsilon):
    z = x + a
    u = z - z.mean()
    v = (u * u).mean()
    normal = u / np.sqrt(v + epsilon)
    return {"z": z, "mu": z.mean(), "u": u, "v": v, "normal": normal,
            "y": gamma * normal + beta}


def square_forward(x, a, epsilon):
    z = x + a
    variance = ((z - z.mean()) ** 2).mean()
    return {"v": variance, "square": variance / (variance + epsilon)}


train = Computation("train", definitions=(*STEPS, y), forward=train_forward, parameters=(eps,),
                    sizes={n: 5})
squares = Computation("squares", definitions=(*STEPS, square), forward=square_forward,
                      parameters=(eps,), sizes={n: 5})

sigma = elementwise("sigma", body=1 / (1 + sp.exp(-argument)))
gate = define("gate", sigma(y), symbol="o", meaning="a sigmoid of the output")


def gated_forward(x, a, gamma, beta, epsilon):
    y = train_forward(x, a, gamma, beta, epsilon)["y"]
    return {"y": y, "gate": 1 / (1 + np.exp(-y))}


gated = Computation("gated", definitions=(*STEPS, y, gate), forward=gated_forward,
                    parameters=(eps,), sizes={n: 5})

i = index("i", n)
NAMES = (rewrite("root", guarded[()], s[()] ** 2, "$s$ is the root of $\\tilde{v}$"),
         rewrite("divided", u[i], normal[i] * s[()], "definition of $\\hat{x}$"))


def mean_of(column):
    return ones(n).T @ column / n.size


def train_claims():
    g = grad(normal)
    return (
        chain("no_bias", train, u,
              (x + a * ones(n) - mean_of(x + a * ones(n)) * ones(n), "definitions"),
              (x - mean_of(x) * ones(n), "the mean contains the bias too"),
              title="Deviations do not contain the bias"),
        chain("square_left", squares, square, (v / (v + number(eps)), "divide by $s^2$"),
              title="Mean square after normalisation"),
        jacobian("slope", gated, of=gate, wrt=y, title="What a sigmoid lets back"),
        gradient("scale", train, of=y, wrt=gamma, title="Gradient in the scale"),
        gradient("shift", train, of=y, wrt=beta, title="Gradient in the shift"),
        gradient("normalised", train, of=y, wrt=normal, title="Gradient in the normalised channel"),
        gradient("deviations", train, of=normal, wrt=u, rules=NAMES, title="Through the variance"),
        gradient("centred", train, of=u, wrt=z, title="Through the mean"),
        chain("backward", train, grad(z),
              ((g - mean_of(g) * ones(n) - (normal.T @ g / n.size) * normal) / s,
               "insert; the entries of $\\hat{x}$ sum to zero"),
              title="Through the statistics of the batch"),
        chain("bias_gradient", train, grad(a),
              (ones(n).T @ grad(z), "the bias enters every entry"),
              (number(0), "what goes back sums to zero"),
              title="Gradient in a bias before batch normalisation"),
    )


# ------------------------------------------------------------------------------ evaluation

r = scalar("r", meaning="running mean")
variance = parameter("t", 0.3, 2.0)
rate = parameter("alpha", 0.1, 0.9, hypothesis="$\\alpha$ lies between zero and one")

s_use = define("s_use", number(sp.sqrt(variance.symbol + eps.symbol)), symbol="s", label="e")
y_use = define("y_use", (gamma / s_use) * (z - r * ones(n)) + beta * ones(n), symbol="y",
               label="e", meaning="the output in evaluation mode")
r_next = define("r_next", (1 - rate.symbol) * r + rate.symbol * mu, symbol="r", label="+",
                meaning="running mean after one more batch")
gap = define("gap", r_next - mu, symbol="f", label="+",
             meaning="what the running mean then differs from the mean by")


def use_forward(x, a, r, t, gamma, beta, epsilon):
    return {"y_use": gamma * (x + a - r) / np.sqrt(t + epsilon) + beta}


def update_forward(x, a, r, alpha):
    mean = (x + a).mean()
    return {"r_next": r + alpha * (mean - r), "gap": (1 - alpha) * (r - mean)}


use = Computation("use", definitions=(z, s_use, y_use), forward=use_forward,
                  parameters=(eps, variance))
update = Computation("update", definitions=(z, mu, r_next, gap), forward=update_forward,
                     parameters=(rate,), sizes={n: 5})

updates = parameter("k", 2, 4)
f = scalar("f", meaning="running mean minus the constant mean of all batches, at first")
unchanged = define("unchanged", 1 * f, symbol="f", label="0")
forgetting = Computation("forgetting", definitions=(unchanged,), forward=lambda f: f,
                         parameters=(rate, updates))


def use_claims():
    kept = (1 - rate.symbol) ** updates.symbol
    return (
        gradient("use_backward", use, of=y_use, wrt=z, title="Through fixed statistics"),
        gradient("use_bias", use, of=z, wrt=a, title="Gradient in the bias, evaluation mode"),
        chain("updated", update, gap, ((1 - rate.symbol) * (r - mu), "insert the update"),
              title="One update of the running mean"),
        limit("forgets", forgetting, kept * f, 0, index=updates, rate=kept,
              title="What is left after many updates"),
    )


# --------------------------------------------------------------------------------- numbers

BATCH = (0, 2, 3, 4, 6)


def standardised(values):
    """Exact batch normalisation with scale one, shift zero and no epsilon."""
    mean = sp.Rational(sum(values), len(values))
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    return [(value - mean) / sp.sqrt(variance) for value in values]


def example_claims():
    batch, one = row(BATCH), row([1] * 5)
    deviations = row([value - 3 for value in BATCH])
    usual = [sp.Rational(value - 2, 3) for value in BATCH]
    later = [sp.Rational(value - 1, 3) for value in BATCH]
    return (
        exact("statistics",
              relation(deviations @ deviations.T / 4, "=", 5, "unbiased variance"),
              relation(row([HALF, HALF]) @ literal([1, 3]), "=", 2, "running mean, updated"),
              relation(row([HALF, HALF]) @ literal([13, 5]), "=", 9, "running variance, updated"),
              title="Statistics of the example"),
        exact("both_modes",
              relation(HALF * (batch - 3 * one), "=", row(standardised(BATCH)), "training"),
              relation(THIRD * (batch - 2 * one), "=",
                       row(usual), "evaluation"),
              title="The example in both modes"),
        counterexample("bias_acts",
                       relation(THIRD * (row([value + 1 for value in BATCH]) - 2 * one), "=",
                                row(later), "evaluation, the bias greater by one"),
                       relation(row(later), "\\neq", row(usual), "so it acts"),
                       title="A bias changed after training"),
        counterexample("not_normalised",
                       relation(1 / sp.sqrt(4 + sp.Rational(9, 4)) * row([-2, -2, 2, 2]), "=",
                                row([-FOUR_FIFTHS, -FOUR_FIFTHS, FOUR_FIFTHS, FOUR_FIFTHS]),
                                "variance four, $\\epsilon$ nine quarters"),
                       relation(FOUR_FIFTHS**2 * row([-1, -1, 1, 1]) @ row([-1, -1, 1, 1]).T / 4,
                                "=", sp.Rational(16, 25), "mean square"),
                       title="A normalised channel of variance below one"),
        counterexample("saturated",
                       relation(sigma.prime(10 * number(1)), "<", sp.Rational(1, 10000),
                                "scale ten, one deviation from the mean"),
                       title="A scale that saturates"),
        relu_claim(),
    )


def row(values):
    return literal([list(values)])


FOUR_FIFTHS = sp.Rational(4, 5)
BEFORE = (-5, -3, -2, -1, 1)


def relu_claim():
    """What a ReLU leaves of five numbers, without a bias and with a bias of five, normalised."""
    first, later = [max(value, 0) for value in BEFORE], [value + 5 for value in BEFORE]
    fifth, one = sp.Rational(1, 5), row([1] * 5)
    return counterexample(
        "relu_first",
        relation(sp.Rational(5, 2) * (row(first) - fifth * one), "=", row(standardised(first)),
                 "no bias"),
        relation(HALF * (row(later) - 3 * one), "=", row(standardised(later)), "bias five"),
        relation(row(standardised(first)), "\\neq", row(standardised(later)), "so the bias acts"),
        title="A bias before ReLU and then batch normalisation",
    )


def theorems():
    return (
        theorem("bias_is_idle",
                "If batch normalisation in training mode reads a convolution directly, a bias of "
                "that convolution changes neither the output nor any gradient, and its own "
                "gradient is zero.",
                parts=("no_bias", "bias_gradient"), title="A bias before batch normalisation"),
        theorem("tail",
                "After batch normalisation in training mode with scale one and shift zero, at most "
                "a fraction $k^{-2}$ of a batch lies at distance $k$ from zero or beyond.",
                parts=("square_left",), title="How much of a batch can saturate"),
    )


def pitfalls():
    g = grad(normal)
    return (
        Pitfall("constants", "Treating the statistics of the batch as constants while training.",
                "backward", lambda: g / s),
        Pitfall("variance_constant", "Forgetting that the variance depends on the entries.",
                "backward", lambda: (g - mean_of(g) * ones(n)) / s),
        Pitfall("no_scale", "Forgetting the scale.", "normalised", lambda: 1 * grad(y)),
    )


def instance():
    return Instance("batch", train,
                    values={x: list(BATCH), a: 0, gamma: 3, beta: 1},
                    upstream=[1, 0, 0, 0, 2], parameters={"epsilon": 0},
                    claims=("scale", "centred"))
