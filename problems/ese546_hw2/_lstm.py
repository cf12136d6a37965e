"""003.6.d: the LSTM cell, its complete one-step Jacobian, and the direct path against the rest."""

from functools import cache

import numpy as np
import sympy as sp
from _activations import q, sigma, x
from _linear import p

from solutionset.authoring import (
    Computation,
    Quantity,
    chain,
    counterexample,
    define,
    diag,
    exact,
    experiment,
    generator,
    jac,
    jacobian,
    literal,
    matrix,
    number,
    ones,
    power,
    relation,
    tanh,
    vector,
)

GATES = {"f": "forget gate", "i": "input gate", "g": "candidate", "o": "output gate"}
W_h = {k: matrix(f"W_h{k}", p, p, symbol="W", label=f"h{k}", meaning=f"recurrent weights, {name}")
       for k, name in GATES.items()}
W_x = {k: matrix(f"W_x{k}", p, q, symbol="W", label=f"x{k}", meaning=f"input weights, {name}")
       for k, name in GATES.items()}
b_ = {k: vector(f"b_{k}", p, symbol="b", label=k, meaning=f"bias, {name}")
      for k, name in GATES.items()}

c_prev = vector("c_prev", p, symbol="c", label="s-1", meaning="cell state before step $s$")
h_prev = vector("h_prev", p, symbol="h", label="s-1", meaning="hidden state before step $s$")


def gate(k, function, hidden, inputs, label):
    """The pre-activation of one of the four gates, and its value."""
    inside = define(f"a_{k}{label}", W_h[k] @ hidden + W_x[k] @ inputs + b_[k], symbol="a",
                    label=f"{k},{label}")
    return inside, define(f"{k}_{label}", function(inside), symbol=k, label=label)


def cell(before, inputs, label):
    """One step from the cell state and the hidden state before: pre-activations and gates by
    name, and the two new states."""
    cell_state, hidden = before
    inside, gates = {}, {}
    for k in GATES:
        inside[k], gates[k] = gate(k, tanh if k == "g" else sigma, hidden, inputs, label)
    c = define(f"c_{label}", gates["f"] * cell_state + gates["i"] * gates["g"], symbol="c",
               label=label)
    h = define(f"h_{label}", gates["o"] * tanh(c), symbol="h", label=label)
    return inside, gates, c, h


def slopes(k, body, label):
    """What one gate contributes to a Jacobian: a column of factors, one a unit."""
    return define(f"d_{k}{label}", body, symbol="d", label=f"{k},{label}")


def into_the_cell(cell_state, gates, label):
    """K, what the hidden state does to the cell state, and what it is built from."""
    f, i, g = (gates[k] for k in "fig")
    one = ones(p)
    columns = {
        "f": slopes("f", cell_state * f * (one - f), label),
        "i": slopes("i", g * i * (one - i), label),
        "g": slopes("g", i * (one - g**2), label),
    }
    first, *rest = (diag(column) @ W_h[k] for k, column in columns.items())
    return *columns.values(), define(f"K_{label}", sum(rest, first), symbol="K", label=label)


def out_of_the_cell(c, o, label):
    """E, what the cell state does to the hidden state."""
    return define(f"E_{label}", diag(o * (ones(p) - tanh(c) ** 2)), symbol="E", label=label)


INSIDE, GATE, c, h = cell((c_prev, h_prev), x, "s")
*COLUMNS, K = into_the_cell(c_prev, GATE, "s")
d_o = slopes("o", tanh(c) * GATE["o"] * (ones(p) - GATE["o"]), "s")
E = out_of_the_cell(c, GATE["o"], "s")


def cell_forward(c_prev, h_prev, x, W_hf, W_xf, b_f, W_hi, W_xi, b_i, W_hg, W_xg, b_g, W_ho, W_xo,
                 b_o, sigma, tanh):
    f = sigma(W_hf @ h_prev + W_xf @ x + b_f)
    i = sigma(W_hi @ h_prev + W_xi @ x + b_i)
    g = tanh(W_hg @ h_prev + W_xg @ x + b_g)
    o = sigma(W_ho @ h_prev + W_xo @ x + b_o)
    c = f * c_prev + i * g
    return {"f_s": f, "i_s": i, "g_s": g, "o_s": o, "c_s": c, "h_s": o * tanh(c)}


lstm = Computation(
    "lstm", definitions=(*INSIDE.values(), *GATE.values(), c, *COLUMNS, K, d_o, E, h),
    forward=cell_forward,
)


# ------------------------------------------------------------------------- two steps

c_0 = vector("c_0", p, symbol="c", label="0", meaning="the first cell state")
h_0 = vector("h_0", p, symbol="h", label="0", meaning="the first hidden state")
x_1, x_2 = (vector(f"x_{k}", q, symbol="x", label=k, meaning=f"input of step {k}") for k in "12")
INSIDE_1, GATE_1, c_1, h_1 = cell((c_0, h_0), x_1, "1")
E_1 = out_of_the_cell(c_1, GATE_1["o"], "1")
INSIDE_2, GATE_2, c_2, _ = cell((c_1, h_1), x_2, "2")
*COLUMNS_2, K_2 = into_the_cell(c_1, GATE_2, "2")
# The cell state after two steps does not look at the last output gate.
SEEN = [k for k in GATES if k != "o"]


def two_forward(c_0, h_0, x_1, x_2, W_hf, W_xf, b_f, W_hi, W_xi, b_i, W_hg, W_xg, b_g, W_ho, W_xo,
                b_o, sigma, tanh):
    weights = (W_hf, W_xf, b_f, W_hi, W_xi, b_i, W_hg, W_xg, b_g, W_ho, W_xo, b_o)
    one = cell_forward(c_0, h_0, x_1, *weights, sigma, tanh)
    two = cell_forward(one["c_s"], one["h_s"], x_2, *weights, sigma, tanh)
    return {"c_1": one["c_s"], "h_1": one["h_s"], "c_2": two["c_s"]}


two = Computation(
    "two_cells",
    definitions=(
        *INSIDE_1.values(), *GATE_1.values(), c_1, E_1, h_1, *(INSIDE_2[k] for k in SEEN),
        *(GATE_2[k] for k in SEEN), *COLUMNS_2, K_2, c_2,
    ),
    forward=two_forward,
)


def claims():
    return (*block_claims(), *exact_claims(), measured_paths())


def block_claims():
    f, i, g, o = (GATE[k] for k in "figo")
    by_gates = diag(c_prev) @ jac(f, h_prev) + diag(g) @ jac(i, h_prev) + diag(i) @ jac(g, h_prev)
    by_output = diag(tanh(c)) @ jac(o, h_prev) + E @ K
    return (
        jacobian("block_cc", lstm, of=c, wrt=c_prev, title="Cell state to cell state"),
        chain("block_ch", lstm, jac(c, h_prev),
              (by_gates, "product rule: three of the gates read $h_{s-1}$"),
              (K, "slopes of the gates"),
              title="Hidden state to cell state"),
        chain("block_hc", lstm, jac(h, c_prev),
              (E @ jac(c, c_prev), "the output gate does not read $c_{s-1}$"),
              (E @ diag(f), "first block"), title="Cell state to hidden state"),
        chain("block_hh", lstm, jac(h, h_prev),
              (by_output, "product rule: the output gate, and $c_s$ by the second block"),
              (diag(d_o) @ W_h["o"] + E @ K, "slope of the gate"),
              title="Hidden state to hidden state"),
        chain("two_cells", two, jac(c_2, c_0),
              (diag(GATE_2["f"] * GATE_1["f"]) + K_2 @ E_1 @ diag(GATE_1["f"]),
               "one path through $c_1$, one through $h_1$"),
              title="Two steps of the cell"),
    )


# --------------------------------------------------------------------- exact numbers

HALF = sp.Rational(1, 2)


def times(*factors):
    """A product of numbers, printed as it stands."""
    result = literal([[factors[0]]])
    for factor in factors[1:]:
        result = result @ literal([[factor]])
    return result


def exact_claims():
    r = sp.Rational
    exploding = literal([[HALF, 3], [r(1, 4), r(3, 2)]])
    pair = literal([1, HALF])
    return (
        exact(
            "cell_by_hand",
            relation(sigma(literal([[0, sp.log(2), sp.log(3)]])), "=",
                     literal([[HALF, r(2, 3), r(3, 4)]]), "forget, input and output gate"),
            relation(tanh(literal([[sp.log(2), 0]])), "=", literal([[r(3, 5), 0]]),
                     "the candidate, and tanh of the cell state"),
            relation(times(HALF, r(-4, 5)) + times(r(2, 3), r(3, 5)), "=", 0, "new cell state"),
            relation(times(r(-4, 5), HALF, HALF, 5), "=", -1, "$K$ by the forget gate"),
            relation(times(r(3, 5), r(2, 3), r(1, 3), r(15, 2)), "=", 1, "by the input gate"),
            relation(times(r(2, 3), r(16, 25), r(75, 32)), "=", 1, "by the candidate"),
            relation(number(-1) + number(1) + number(1), "=", 1, "$K$, the sum of the three"),
            relation(times(r(3, 4), HALF), "=", r(3, 8), "$E$ times the forget gate"),
            relation(times(r(3, 4), 1), "=", r(3, 4), "$E$ times $K$"),
            title="One step by hand"),
        counterexample(
            "explodes",
            relation(times(HALF, 1, 6), "=", 3, "cell from hidden state: $K$ by the candidate"),
            relation(times(HALF, HALF), "=", r(1, 4), "hidden from cell state: $E$ times $f$"),
            relation(times(HALF, 3), "=", r(3, 2), "hidden from hidden state: $E K$"),
            relation(exploding @ exploding, "=", 2 * exploding, "each further step doubles"),
            relation(literal([1, 0]).T @ power(exploding, 10) @ pair, "=", 1024,
                     "ten steps, $h$ moving with $c$"),
            relation(literal([1, 0]).T @ power(exploding, 10) @ literal([1, 0]), "=", 256,
                     "ten steps, $h$ held at the start"),
            relation(number(HALF) ** 10, "=", r(1, 1024), "the direct path alone"),
            title="An LSTM that explodes"),
        counterexample(
            "vanishes",
            relation(number(HALF) ** 10, "=", r(1, 1024), "forget gate one half, other weights 0"),
            relation(literal([[1]]) ** 10, "=", 1, "a linear recurrent net with weight 1"),
            title="An LSTM that vanishes"),
    )


# ------------------------------------------------------------------------ measurement

WIDTH, INPUTS, LENGTH, DRAWS = 3, 2, 6, 150
SCALES, FORGET = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0), (0.0, 2.0)


def logistic(u):
    return 1 / (1 + np.exp(-u))


def draw_weights(rng, scale, forget):
    """The twelve arrays in the order of `cell_forward`; `forget` is added to the forget bias."""
    arrays = []
    for k in GATES:
        shift = forget if k == "f" else 0.0
        arrays += [scale * rng.standard_normal((WIDTH, WIDTH)),
                   scale * rng.standard_normal((WIDTH, INPUTS)),
                   0.3 * rng.standard_normal(WIDTH) + shift]
    return arrays


def step_jacobian(weights, state, values):
    """The complete one-step Jacobian in blocks, from the formulas of the text."""
    W_hf, _, _, W_hi, _, _, W_hg, _, _, W_ho, _, _ = weights
    f, i, g, o, c = (values[f"{k}_s"] for k in "figoc")
    K = (np.diag(state[0] * f * (1 - f)) @ W_hf + np.diag(g * i * (1 - i)) @ W_hi
         + np.diag(i * (1 - g**2)) @ W_hg)
    E = np.diag(o * (1 - np.tanh(c) ** 2))
    return np.block([
        [np.diag(f), K],
        [E @ np.diag(f), np.diag(np.tanh(c) * o * (1 - o)) @ W_ho + E @ K],
    ])


def through_cells(weights, state, inputs):
    """The product of the one-step Jacobians, the product of the forget gates, the last states."""
    jacobian_, direct = np.eye(2 * WIDTH), np.ones(WIDTH)
    for row in inputs:
        values = cell_forward(*state, row, *weights, logistic, np.tanh)
        jacobian_ = step_jacobian(weights, state, values) @ jacobian_
        direct = direct * values["f_s"]
        state = values["c_s"], values["h_s"]
    return jacobian_, direct, np.concatenate(state)


def path_norms(rng, scale, forget):
    """Norms of the direct path and of everything else, over many random cells; and the error of
    the product of Jacobians against a complex step through all steps, for the last one."""
    direct_norms, other_norms = [], []
    for _ in range(DRAWS):
        weights = draw_weights(rng, scale, forget)
        start = np.concatenate([rng.standard_normal(WIDTH), 0.5 * rng.standard_normal(WIDTH)])
        inputs = rng.standard_normal((LENGTH, INPUTS))
        found, direct, _ = through_cells(weights, np.split(start, 2), inputs)
        direct_norms.append(np.linalg.norm(direct))
        other_norms.append(np.linalg.norm(found[:WIDTH, :WIDTH] - np.diag(direct)))
    moved = start + 1e-30j * np.eye(2 * WIDTH)
    by_code = [through_cells(weights, np.split(row, 2), inputs)[2].imag / 1e-30 for row in moved]
    error = np.max(np.abs(np.transpose(by_code) - found)) / np.max(np.abs(found))
    return np.array(direct_norms), np.array(other_norms), error


@cache
def all_paths():
    """Direct path, rest and error for each scale of the weights and each forget bias."""
    rng = generator("ese546_hw2/recurrent/paths", 0)
    return {(scale, forget): path_norms(rng, scale, forget)
            for forget in FORGET for scale in SCALES}


def measured_paths():
    return experiment(
        "paths", lambda rng: summary(all_paths()),
        lambda got: {
            "the product of the one-step Jacobians is the derivative of all steps":
                got["off"] == 0,
            "with small weights the direct path is larger in nearly all cells":
                got["small"] < 0.05,
            "with weights of scale one everything else is larger in most cells":
                got["unit"] > 0.6,
            "a forget bias of two makes the direct path larger in most of them":
                got["biased"] < 0.5,
            "and keeps far more of it": got["kept"] > 5 * got["lost"],
        },
        title="Direct path and everything else")


def summary(paths):
    """Shares of cells in which the rest is larger, in per cent; medians of the direct path."""
    def share(scale, forget):
        direct, other, _ = paths[scale, forget]
        return float(np.mean(other > direct))

    return {
        "small": Quantity(share(0.1, 0.0), digits=2),
        "unit": Quantity(share(1.0, 0.0), digits=2),
        "biased": Quantity(share(1.0, 2.0), digits=2),
        "lost": Quantity(float(np.median(paths[0.5, 0.0][0])), digits=2),
        "kept": Quantity(float(np.median(paths[0.5, 2.0][0])), digits=2),
        "off": Quantity(sum(error > 1e-10 for *_, error in paths.values()), digits=1),
    }


# ------------------------------------------------------------------------------ figure

def paths_by_scale(rng):
    return all_paths()


def draw_paths(axes, data):
    """Medians and middle halves of the norms, one panel a forget bias."""
    for panel, forget in zip(axes, FORGET, strict=True):
        for which, (name, colour) in enumerate((("direct path", "#1F5673"),
                                                ("everything else", "#C2410C"))):
            low, middle, high = np.transpose([
                np.quantile(data[scale, forget][which], (0.25, 0.5, 0.75)) for scale in SCALES
            ])
            panel.fill_between(SCALES, low, high, color=colour, alpha=0.2, linewidth=0)
            panel.plot(SCALES, middle, color=colour, marker="o", markersize=3, label=name)
        panel.set_xscale("log")
        panel.set_yscale("log")
        panel.set_ylim(1e-3, 3)
        panel.set_title(f"forget bias {forget:.0f}")
        panel.set_xlabel("scale of the weights")
        panel.set_ylabel("norm after six steps")
    axes[0].legend(frameon=False, fontsize=7, loc="lower left")
