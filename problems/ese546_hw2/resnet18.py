"""Questions 1.a to 1.e: batch normalisation, dropout, parameters and biases of ResNet-18."""

import _resnet_audit
import _resnet_figures
import _resnet_norm
import _resnet_shift
import _resnet_tables
import sympy as sp
from _resnet_layers import layers, norm_numbers, weights
from _resnet_norm import n
from _resnet_tables import TOTAL_FORM

from solutionset.authoring import (
    Computation,
    Figure,
    Pitfall,
    Problem,
    Solution,
    chain,
    counterexample,
    define,
    dim,
    exact,
    expectation,
    experiment,
    literal,
    matrix,
    number,
    ones,
    parameter,
    relation,
    theorem,
    vector,
)

# -------------------------------------------------------------------------------- dropout

d = dim("d", "j")
p = parameter("p", 0.2, 0.8)
drop, keep = p.symbol, 1 - p.symbol

h = vector("h", d, meaning="activations before dropout")
D = vector("D", d, meaning="one where a unit is dropped, with probability $p$, and else zero")
classical = define("classical", (ones(d) - D) * h, symbol="h", label="c",
                   meaning="classical dropout while training")
inverted = define("inverted", (1 / keep) * ((ones(d) - D) * h), symbol="h", label="i",
                  meaning="inverted dropout while training, as in PyTorch")
noise = define("noise", inverted - h, symbol="e", meaning="the noise of inverted dropout")
total = define("total", ones(d).T @ inverted, symbol="T", meaning="a sum of units after it")


def dropout_forward(h, D, p):
    kept = h - D * h
    return {"classical": kept, "inverted": kept / (1 - p), "noise": (p - D) / (1 - p) * h,
            "total": (kept / (1 - p)).sum()}


drops = Computation("drops", definitions=(classical, inverted, noise, total),
                    forward=dropout_forward, parameters=(p,), sizes={d: 3})


def dropout_claims():
    def mean(name, left, right, title):
        return expectation(name, drops, left, right, mask=D, probability=p, title=title)

    chances = literal([[sp.Rational(2, 3), sp.Rational(1, 3)]])
    return (
        mean("classical_mean", classical, keep * h, "Classical dropout in the mean"),
        mean("inverted_mean", inverted, 1 * h, "Inverted dropout in the mean"),
        mean("inverted_noise", noise.T @ noise, (drop / keep) * (h.T @ h),
             "The noise of inverted dropout"),
        mean("square", total**2, (ones(d).T @ h) ** 2 + (drop / keep) * (h.T @ h),
             "A square after dropout"),
        exact("dropout_example",
              relation(chances @ literal([6, 0]), "=", 4, "classical, training"),
              relation(chances @ literal([9, 0]), "=", 6, "inverted, training"),
              relation(chances @ literal([9, 36]), "=", 18, "variance of the inverted form"),
              title="One unit of six, dropped with probability one third"),
        counterexample("scaled_twice",
                       relation(number(4), "\\neq", chances @ literal([9, 0]),
                                "the sheet's rule, trained as in PyTorch"),
                       title="Scaling in both modes"),
    )


# ------------------------------------------------------------------------ the closed form

width = parameter("w", 2, 5)
image = parameter("C", 1, 4)
classes = parameter("K", 2, 7)
P = define("P", number(TOTAL_FORM), meaning="all parameters of the network")


def parameters_forward(w, C, K):
    """The list of layers, counted for a width, channels and classes that need not be whole."""
    return sum(weights(one) + norm_numbers(one) for one in layers(w, C, K))


network = Computation("network", definitions=(P,), forward=parameters_forward,
                      parameters=(width, image, classes))


def closed_claims():
    w, C, K = width.symbol, image.symbol, classes.symbol
    stages = [number(32 * 4 ** (k - 1) * w**2 + 10 * 2 ** (k - 1) * w) for k in (2, 3, 4)]
    stem, first = number(49 * C * w + 2 * w), number(36 * w**2 + 8 * w)
    return (
        chain("total", network, P,
              (stem + first + sum(stages[1:], stages[0]) + number(8 * w * K + K),
               "stem, four stages, classifier"),
              (number(2724 * w**2) + number((49 * C + 150) * w) + number(K * (8 * w + 1)),
               "collect the powers of the width"),
              title="Parameters of ResNet-18"),
    )


# ------------------------------------------------------------------- shifts of the input

m = dim("m", "k")
W = matrix("W", m, d, meaning="weights of the first layer")
c = vector("c", m, meaning="its bias")
b = vector("b", d, meaning="shift of the inputs")
X = matrix("X", n, d, meaning="inputs, one row a sample")
Z = define("Z", X @ W.T + ones(n) @ c.T, meaning="what the first layer puts out")
X_b = define("X_b", X - ones(n) @ b.T, symbol="X", label="b", meaning="shifted inputs")
c_b = define("c_b", c + W @ b, symbol="c", label="b", meaning="the bias that makes up for it")
Z_b = define("Z_b", X_b @ W.T + ones(n) @ c_b.T, symbol="Z", label="b",
             meaning="what the first layer makes of shifted inputs with that bias")


def shift_forward(X, W, c, b):
    moved = X - b
    return {"Z": X @ W.T + c, "X_b": moved, "Z_b": moved @ W.T + (c + W @ b)}


shifted = Computation("shifted", definitions=(Z, X_b, c_b, Z_b), forward=shift_forward)


def shift_claims():
    return (
        chain("shift_invariance", shifted, Z_b,
              ((X - ones(n) @ b.T) @ W.T + ones(n) @ (c + W @ b).T, "definitions"),
              (X @ W.T - ones(n) @ b.T @ W.T + ones(n) @ c.T + ones(n) @ b.T @ W.T, "expand"),
              (X @ W.T + ones(n) @ c.T, "two terms cancel"),
              (Z, "name"),
              title="A shift of the inputs moves into the bias"),
        *_resnet_shift.example_claims(),
        experiment("logistic", _resnet_shift.measure, _resnet_shift.expected,
                   title="Logistic regression on shifted inputs"),
        theorem("free_bias",
                "Minimise any loss of the outputs of a network with this first layer plus any "
                "penalty that does not contain the bias of that layer. A shift of all inputs by "
                "the same vector changes neither the minimum nor, at any minimiser, the weights "
                "and the predictions; only that bias changes, by the product of weights and "
                "shift.",
                parts=("shift_invariance",), title="Shifted inputs and a free bias"),
    )


# ----------------------------------------------------------------------------------- page


def figures():
    return (
        Figure(
            "network", _resnet_figures.draw_network, _resnet_figures.network,
            alt="The side of the maps, on a logarithmic scale, against the layers in order: 112 "
            "after the first convolution, 56 after pooling and in the first stage, then 28, 14 and "
            "7, one after the mean. Each stage has four convolutions; an arc over every two of "
            "them ends in a sum. The first arcs of the last three stages are dashed.",
            caption="ResNet-18 for an image of side 224, with the channels of each part. Arcs are "
            "shortcuts, which end in a sum; those that contain a convolution are dashed.",
            width=6.2, height=2.1,
        ),
        Figure(
            "order", _resnet_figures.draw_order, _resnet_figures.tails_and_biases,
            alt="Two panels. Left: the share of a normalised batch beyond a distance, on a "
            "logarithmic scale, for a normal batch, a heavy-tailed one and one with two opposite "
            "entries; all lie below a bound, which the last one touches at four. Right: the output "
            "of one unit against a bias. With normalisation before the ReLU it is level in "
            "training and a rising line in evaluation; with the ReLU first it falls.",
            caption="Left: how much of a batch lies far out after normalisation, and Chebyshev's "
            "bound. Right: the bias does nothing in training if normalisation comes first; with "
            "the ReLU first, or with fixed statistics, it acts.",
            width=6.2, height=2.7, panels=2,
        ),
        Figure(
            "modes", _resnet_figures.draw_modes, _resnet_figures.modes,
            alt="Two panels. Left: the output of one sample in eighty batches; in training it "
            "jumps about with the batch, in evaluation it settles. Right: quotient of evaluation "
            "and training mean under dropout: one for both matching rules, falling to a quarter "
            "when scaled twice, rising to four when never scaled.",
            caption="Left: one sample among random companions. Right: the mean in evaluation over "
            "the mean in training; one is right.",
            width=6.2, height=2.6, panels=2,
        ),
        Figure(
            "parameters", _resnet_figures.draw_parameters, _resnet_figures.parts_and_widths,
            alt="Two panels. Left: parameters of the six parts on a logarithmic scale; each stage "
            "has four times those of the one before, the fourth seven tenths of all; batch "
            "normalisation has a thousandth. Right: parameters against width in double logarithmic "
            "scale for ten and a thousand classes, both bending to one straight line.",
            caption="Left: parts and their share of all parameters. Right: growth with the width.",
            width=6.2, height=2.4, panels=2,
        ),
        Figure(
            "shift", _resnet_shift.draw_shift, _resnet_shift.shifts_and_lines,
            alt="Two panels. Left: three points with one line fitted for every shift when the bias "
            "is free, and three different lines when it is decayed. Right: change of a predicted "
            "probability against the size of a shift: zero for a free bias, growing on both sides "
            "for a decayed one.",
            caption="Left: the fits of the example, drawn over the inputs before the shift; the "
            "decayed one for $-2$ lies on the free one, since the bias is zero there. Right: "
            "logistic regression on other samples, fitted again for each shift.",
            width=6.2, height=2.7, panels=2,
        ),
    )


def pitfalls():
    return (
        *_resnet_norm.pitfalls(),
        Pitfall("minus", "Subtracting the product from the bias.", "shift_invariance",
                lambda: X_b @ W.T + ones(n) @ (c - W @ b).T),
        Pitfall("shift_itself", "Adding the shift itself to the bias, as the sheet says.",
                "shift_invariance", lambda: X_b @ W.T + ones(n) @ (c + b).T),
    )


def solve():
    return Solution(
        claims=(
            *_resnet_norm.train_claims(), *_resnet_norm.use_claims(),
            *_resnet_norm.example_claims(), *_resnet_norm.theorems(),
            experiment("order", _resnet_figures.measure_order, _resnet_figures.expected_order,
                       title="A bias before and after normalisation, with zero padding"),
            *dropout_claims(),
            _resnet_tables.wiring_counts(), _resnet_tables.size_table(),
            *_resnet_tables.table_claims(), *closed_claims(),
            *shift_claims(),
            _resnet_tables.group_table(), _resnet_tables.optimiser_groups(),
        ),
        figures=figures(),
        instances=(_resnet_norm.instance(),),
        pitfalls=pitfalls(),
        errata=_resnet_audit.ERRATA,
        audit=_resnet_audit.AUDIT,
    )


problem = Problem(title="ResNet-18: layers, modes, parameters", question="003.1",
                  source="Homework 2, question 1", solve=solve)
