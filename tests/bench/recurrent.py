"""Recurrent networks: one step, several steps with shared weights, the LSTM cell."""

import numpy as np

from solutionset.authoring import (
    Computation,
    argument,
    define,
    dim,
    elementwise,
    exp,
    fold_slope,
    gradient,
    matrix,
    tanh,
    vector,
)
from tests.bench.formula import Formula

n, m = dim("n", "ij"), dim("m", "lr")

# ------------------------------------------------------------------ one step

W, U, b = matrix("W", n, n), matrix("U", n, m), vector("b", n)
h, x = vector("h", n, label="t-1"), vector("x", m, label="t")
z = define("z", W @ h + U @ x + b, label="t")
y = define("y", tanh(z), symbol="h", label="t")
step = Computation(
    "rnn", definitions=(z, y), forward=lambda W, U, b, h, x: np.tanh(W @ h + U @ x + b)
)
slope = fold_slope(y, 1 - argument**2, "tanh' = 1 - tanh^2")


# ------------------------------------------------------------------ several steps, shared weights


def unrolled(steps):
    """The computation of several steps without input, and its last state."""
    state = vector("h_0", n, symbol="h", label="0")
    definitions = []
    for t in range(1, steps + 1):
        before = define(f"z_{t}", W @ state + b, symbol="z", label=str(t))
        state = define(f"h_{t}", tanh(before), symbol="h", label=str(t))
        definitions += [before, state]

    def forward(W, b, h_0):
        for _ in range(steps):
            h_0 = np.tanh(W @ h_0 + b)
        return h_0

    return Computation(f"rnn_{steps}", definitions=definitions, forward=forward), definitions


def through_time(steps):
    """Staged: the gradients in all pre-activations are known."""
    computation, definitions = unrolled(steps)
    return gradient(f"bptt_{steps}", computation, of=definitions[0::2], wrt=W)


def expanded(steps):
    """At once, from the gradient in the last state."""
    computation, definitions = unrolled(steps)
    return gradient(f"bptt_expanded_{steps}", computation, of=definitions[-1], wrt=W)


# ------------------------------------------------------------------ the LSTM cell

s = elementwise("s", symbol="sigma", body=1 / (1 + exp.function.body.subs(argument, -argument)))
hp, xt, cp = vector("h", n, label="t-1"), vector("x", m, label="t"), vector("c", n, label="t-1")
gates = {}
definitions = []
for gate in "fioc":
    name = gate if gate != "c" else "g"
    Wg = matrix(f"W_{name}", n, n, symbol="W", label=name)
    Ug = matrix(f"U_{name}", n, m, symbol="U", label=name)
    bg = vector(f"b_{name}", n, symbol="b", label=name)
    before = define(f"z_{name}", Wg @ hp + Ug @ xt + bg, symbol="z", label=name)
    value = define(name, (tanh if name == "g" else s)(before))
    gates[name] = (Wg, Ug, bg, before, value)
    definitions += [before, value]
cell = define("c_t", gates["f"][4] * cp + gates["i"][4] * gates["g"][4], symbol="c", label="t")
out = define("h_t", gates["o"][4] * tanh(cell), symbol="h", label="t")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_forward(h, x, c, W_f, U_f, b_f, W_i, U_i, b_i, W_o, U_o, b_o, W_g, U_g, b_g):
    f = sigmoid(W_f @ h + U_f @ x + b_f)
    i = sigmoid(W_i @ h + U_i @ x + b_i)
    o = sigmoid(W_o @ h + U_o @ x + b_o)
    g = np.tanh(W_g @ h + U_g @ x + b_g)
    c = f * c + i * g
    return {"c_t": c, "h_t": o * np.tanh(c)}


lstm = Computation("lstm", definitions=(*definitions, cell, out), forward=lstm_forward)

FORMULAS = (
    Formula("rnn_h", lambda: gradient("rnn_h", step, of=y, wrt=h, rules=(slope,))),
    Formula("rnn_W", lambda: gradient("rnn_W", step, of=y, wrt=W, rules=(slope,))),
    Formula("rnn_U", lambda: gradient("rnn_U", step, of=y, wrt=U, rules=(slope,))),
    Formula("rnn_b", lambda: gradient("rnn_b", step, of=y, wrt=b, rules=(slope,))),
    *(Formula(f"bptt_{steps}", lambda steps=steps: through_time(steps)) for steps in range(2, 7)),
    *(
        Formula(f"bptt_expanded_{steps}", lambda steps=steps: expanded(steps))
        for steps in range(2, 7)
    ),
    Formula("lstm_c", lambda: gradient("lstm_c", lstm, of=out, wrt=cell)),
    Formula("lstm_c_before", lambda: gradient("lstm_c_before", lstm, of=cell, wrt=cp)),
    Formula("lstm_h", lambda: gradient("lstm_h", lstm, of=[gates[g][3] for g in "fiog"], wrt=hp)),
    *(
        Formula(
            f"lstm_z_{g}",
            lambda g=g: gradient(
                f"lstm_z_{g}", lstm, of=out if g == "o" else cell, wrt=gates[g][3]
            ),
        )
        for g in "fiog"
    ),
    *(
        Formula(
            f"lstm_W_{g}",
            lambda g=g: gradient(f"lstm_W_{g}", lstm, of=gates[g][3], wrt=gates[g][0]),
        )
        for g in "fiog"
    ),
)
