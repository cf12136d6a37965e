"""Directions in which the loss of a network is flat: softmax, ReLU, and the figure on both."""

import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    Figure,
    Quantity,
    argument,
    at,
    chain,
    define,
    define_entry,
    dim,
    elementwise,
    exp,
    experiment,
    hypothesis,
    identity_of,
    index,
    log,
    matrix,
    number,
    ones,
    order,
    parameter,
    sum_over,
    theorem,
    vector,
)

# ---------------------------------------------------- a softmax layer and its cross-entropy

S, N, C = dim("S", "si"), dim("N", "jl"), dim("C", "ko")
X = matrix("X", S, N, meaning="inputs, a row a sample, with a last column of ones for the bias")
W = matrix("W", C, N, meaning="weights, a row for each class")
T = matrix("T", S, C, meaning="targets; their rows sum to one")
D = matrix("D", C, N, meaning="a change of the weights")
rho = vector("rho", N, meaning="one change for all classes")
step = parameter("epsilon", 0.1, 0.2)

i, j = index("s", S), index("k", C)
A = define("A", X @ W.T, meaning="logits")
Z = define_entry("Z", i, sum_over(j, exp(A[i, j])))
P = define_entry("P", (i, j), exp(A[i, j]) / Z[i])
U = define("U", X @ D.T, meaning="change of the logits")
mean = define("mu", (P * U) @ ones(C))
first = define("b_1", ((P - T) * U) @ ones(C), symbol="b", label="1")
second = define("b_2", (P * U * U) @ ones(C) - mean * mean, symbol="b", label="2")
Q = define("Q", U - mean @ ones(C).T)
E = define("E", -((T * log(P)) @ ones(C)), meaning="the losses of the samples")


def targets(rng, shape):
    drawn = rng.uniform(0.1, 1, shape)
    return drawn / drawn.sum(axis=1, keepdims=True)


def cross_entropy(X, W, T, D, rho):
    """The directions move nothing; they enter where the loss is expanded and shifted."""
    logits = X @ W.T
    normaliser = np.log(np.sum(np.exp(logits), axis=1, keepdims=True))
    return np.sum(T * (normaliser - logits), axis=1)


shift = define("q_r", X @ rho, symbol="q", label="r")


def layer_of(name, **samplers):
    return Computation(
        name, definitions=(A, Z, P, U, mean, first, second, Q, shift, E),
        forward=cross_entropy, parameters=(step,), argument=W, **samplers,
    )


any_targets = layer_of("any_targets")
softmax = layer_of(
    "softmax", samplers={T: hypothesis("the rows of the targets sum to one", targets)}
)

# -------------------------------------------------------------------------- a layer of ReLU

RELU = sp.Piecewise((argument, argument > 0), (0, True))
relu = elementwise("relu", body=RELU)
hidden, inputs, outputs = dim("F", "kl"), dim("I", "ij"), dim("G", "oi")
K = matrix("K", hidden, inputs, meaning="weights into the hidden units")
M = matrix("M", outputs, hidden, meaning="weights out of them")
chi = vector("chi", inputs, meaning="an input")
kappa = vector("kappa", hidden, meaning="a positive factor for each hidden unit")
into = define("eta", K @ chi)
larger = define("eta_k", kappa * (K @ chi), symbol="eta", label="k")
out = define("y_o", M @ relu(into), symbol="y", label="o")
scaled = define("y_k", M @ (kappa**-1 * relu(larger)), symbol="y", label="k")


def positive(rng, shape):
    return rng.uniform(0.3, 3, shape)


def layer_forward(K, M, chi, kappa):
    return {
        "y_o": M @ np.maximum(K @ chi, 0),
        "y_k": (M / kappa) @ np.maximum((kappa[:, None] * K) @ chi, 0),
    }


layer = Computation("layer", definitions=(into, larger, out, scaled), forward=layer_forward,
                    samplers={kappa: hypothesis("all factors are positive", positive)})


def claims():
    s = number(step)
    return (
        identity_of("shift", any_targets, at(E, W, W + ones(C) @ rho.T), E,
                    because="each row of logits moves as a whole",
                    title="One shift for all classes"),
        order("second_order", softmax,
              at(E, W, W + s * D) - E - s * first - number(step.symbol**2 / 2) * second, step, 3,
              title="Expansion of the cross-entropy"),
        chain("variance", any_targets, second,
              ((P * Q**2) @ ones(C), "square, and the rows of $\\mathbf{P}$ sum to one"),
              title="The second derivative is a variance"),
        chain("rescaled", layer, scaled, (out, "a positive factor goes through ReLU"),
              title="Rescaling a hidden unit"),
        experiment("spectrum", measure, expected, title="Eigenvalues of a softmax layer"),
    )


# ---------------------------------------------------------------------------- its spectrum

SAMPLES, INPUTS, CLASSES = 40, 3, 4
DECAY = 0.1


def hessian_of_softmax(rng):
    """The Hessian of a random layer: a complex step of its gradient in each weight."""
    inputs = np.column_stack([rng.standard_normal((SAMPLES, INPUTS)), np.ones(SAMPLES)])
    wanted = np.eye(CLASSES)[rng.integers(CLASSES, size=SAMPLES)]
    start = rng.standard_normal((CLASSES, INPUTS + 1))

    def slope(weights):
        """The gradient, analytic in the weights."""
        logits = inputs @ weights.T
        likely = np.exp(logits)
        likely = likely / np.sum(likely, axis=1, keepdims=True)
        return (likely - wanted).T @ inputs / SAMPLES

    columns = []
    for place in np.ndindex(start.shape):
        moved = start.astype(complex)
        moved[place] += 1e-30j
        columns.append(slope(moved).imag.ravel() / 1e-30)
    return np.array(columns)


def eigenvalues(hessian):
    return np.linalg.eigvalsh((hessian + hessian.T) / 2)


def zeros_of(spectrum):
    return np.abs(spectrum) < 1e-14


def measure(rng):
    plain = hessian_of_softmax(rng)
    spectrum = eigenvalues(plain)
    everything = np.ones((CLASSES, INPUTS + 1))
    weights_only = everything * (np.arange(INPUTS + 1) < INPUTS)
    decayed, biases_free = (
        eigenvalues(plain + DECAY * np.diag(taken.ravel())) for taken in (everything, weights_only)
    )
    return {
        "softmax_weights": Quantity(len(spectrum), 1),
        "softmax_zeros": Quantity(int(zeros_of(spectrum).sum()), 1),
        "softmax_least": Quantity(float(spectrum[~zeros_of(spectrum)].min()), 1),
        "decay": Quantity(DECAY, 1),
        "decayed_least": Quantity(float(decayed.min()), 1),
        "biases_free_zeros": Quantity(int(zeros_of(biases_free).sum()), 1),
    }


def expected(got):
    return {
        "one zero for each input and one for the bias": got["softmax_zeros"] == INPUTS + 1,
        "all others are positive": got["softmax_least"] > 1e-6,
        "with decay on everything the least is the decay":
            abs(got["decayed_least"] - got["decay"]) < 1e-14,
        "with decay on the weights alone one zero is left": got["biases_free_zeros"] == 1,
    }


def theorems():
    return (
        theorem(
            "softmax_zeros",
            "For targets that sum to one in each sample, the Hessian of the mean cross-entropy "
            "of a softmax layer in its weights has no negative eigenvalue at any point. At least "
            "as many of its eigenvalues are zero as there are columns in $\\mathbf{X}$: one for "
            "each input and one for the bias. It is that many exactly if the columns of "
            "$\\mathbf{X}$ are linearly independent.",
            parts=("shift", "second_order", "variance"), title="Zeros of a softmax layer",
        ),
        theorem(
            "orbits",
            "On a curve of points with gradient zero the tangent, if it is not zero, is an "
            "eigenvector of the Hessian to the eigenvalue zero. Let the loss of a network depend "
            "on the weights through its outputs only, as it does without weight decay. At a "
            "minimum where the loss is twice differentiable, each hidden ReLU unit whose weights "
            "are not all zero has such a curve of its own: its weights going in multiplied by a "
            "positive factor, those going out divided by it.",
            parts=("rescaled", "trough", "valley"), title="Zeros from rescaling",
        ),
    )


# ---------------------------------------------------------------------------------- figure

BLUE, RED, GREY = "#1F5673", "#C2410C", "#475569"


def figure():
    return Figure(
        "flat", draw_flat, flat_data, panels=3, width=6.4, height=2.5,
        alt="Three panels. Left, three curves through the origin: a parabola with a round bottom, "
        "a fourth power with a flat one, and a cube that passes through without a minimum. Middle, "
        "contour lines of a valley along a hyperbola; an arrow along the valley at the point one, "
        "one is marked zero, one across it is marked four. Right, sixteen eigenvalues in order on "
        "a logarithmic scale: twelve between a hundredth and one, and four at rounding error.",
        caption="Left: three functions with slope zero at the origin; two have the second "
        "derivative zero there. Middle: the valley and the eigenvectors at $(1, 1)$ with their "
        "eigenvalues. Right: moduli of the eigenvalues of a softmax layer with three inputs, a "
        "bias and four classes; four are zero up to rounding.",
    )


def flat_data(rng):
    points = np.linspace(-1.1, 1.1, 111)
    side = np.linspace(0.05, 2.6, 140)
    across, upward = np.meshgrid(side, side)
    heights = (across * upward - 1) ** 2
    return points, side, heights, np.abs(eigenvalues(hessian_of_softmax(rng)))[::-1]


def draw_flat(axes, data):
    points, side, heights, spectrum = data
    left, middle, right = axes
    for power, style, place in ((2, "-", (0.1, 0.62)), (4, "--", (0.88, 0.12)),
                                (3, ":", (-0.6, -0.85))):
        left.plot(points, points**power, style, color=BLUE)
        left.text(*place, f"$x^{power}$", color=BLUE)
    left.set_xlabel("$x$")
    left.set_ylabel("value")
    middle.contour(side, side, heights, levels=(0.05, 0.5, 2, 6), colors=GREY, linewidths=0.6)
    middle.plot(side, 1 / side, color=BLUE)
    for upward, word in ((-0.7, "0"), (0.7, "4")):
        middle.annotate("", (1.7, 1 + upward), (1, 1),
                        arrowprops={"arrowstyle": "->", "color": RED, "linewidth": 1.4})
        middle.text(1.8, 1 + upward, word, color=RED, va="center", weight="bold",
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})
    middle.set_xlim(0.05, 2.6)
    middle.set_ylim(0.05, 2.6)
    middle.set_xlabel("$x_1$")
    middle.set_ylabel("$x_2$")
    order_ = np.arange(1, len(spectrum) + 1)
    right.plot(order_, np.maximum(spectrum, 1e-18), "o", color=BLUE, markersize=3)
    right.set_yscale("log")
    right.set_ylim(1e-20, 1e1)
    right.set_xlabel("eigenvalue, in order")
    right.set_yticks([1, 1e-5, 1e-15])
    right.set_ylabel("modulus", labelpad=-6)
