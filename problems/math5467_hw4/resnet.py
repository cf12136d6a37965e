"""Question 1: back-propagation through a residual network, for one sample and for a mini-batch."""

import _by_hand
import _depth
import _sheet
import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    Figure,
    Instance,
    Pitfall,
    Problem,
    Solution,
    Survivor,
    argument,
    chain,
    counterexample,
    define,
    depth,
    diag,
    dim,
    elementwise,
    grad,
    gradient,
    hypothesis,
    identity,
    jac,
    jacobian,
    literal,
    matrix,
    norm,
    number,
    ones,
    relation,
    tanh,
    theorem,
    trace,
    vector,
)

n, m = _depth.n, dim("m", "lr")
samples = dim("N", "s")

# ---------------------------------------------------------------------------- one block

f_prev = vector("f_prev", n, symbol="f", label="k-1", meaning="input of block $k$")
W1 = matrix("W1", n, m, symbol="W", label="k,1", meaning="outer weights, applied second")
W2 = matrix("W2", m, n, symbol="W", label="k,2", meaning="inner weights, applied first")
b = vector("b", m, label="k", meaning="bias")
sigma = elementwise("sigma", label="k")

z = define("z", W2 @ f_prev + b, label="k")
f = define("f", f_prev + W1 @ sigma(z), label="k")


def forward(f_prev, W1, W2, b, sigma):
    z = W2 @ f_prev + b
    return {"z": z, "f": f_prev + W1 @ sigma(z)}


block = Computation("block", definitions=(z, f), forward=forward)


def block_claims():
    slopes = sigma.prime(z)
    return (
        gradient("grad_W1", block, of=f, wrt=W1, title="Gradient in the outer weights"),
        gradient("grad_z", block, of=f, wrt=z, title="Gradient in the pre-activation"),
        gradient("grad_W2", block, of=z, wrt=W2, title="Gradient in the inner weights"),
        gradient("grad_b", block, of=z, wrt=b, title="Gradient in the bias"),
        jacobian("block", block, of=f, wrt=f_prev, title="Jacobian of a block"),
        chain("through_f", block, grad(f_prev),
              (jac(f, f_prev).T @ grad(f), "chain rule through $f_k$"),
              ((identity(n) + W1 @ diag(slopes) @ W2).T @ grad(f), "Jacobian of the block"),
              (grad(f) + W2.T @ (slopes * (W1.T @ grad(f))), "transposed"),
              title="Gradient in the input of a block"),
        chain("grad_f", block, grad(f_prev),
              (grad(f) + W2.T @ grad(z), "the second term holds the gradient in $z_k$"),
              title="Gradient in the input, from what is there already"),
    )


# ----------------------------------------------------------------- a network of two blocks

p, q = dim("p", "a"), dim("q", "c")
f0 = vector("f0", n, symbol="f", label="0", meaning="input of the network")
y = vector("y", n, meaning="target")
W11 = matrix("W11", n, p, symbol="W", label="1,1", meaning="outer weights of block 1")
W12 = matrix("W12", p, n, symbol="W", label="1,2", meaning="inner weights of block 1")
b1 = vector("b1", p, symbol="b", label="1", meaning="bias of block 1")
W21 = matrix("W21", n, q, symbol="W", label="2,1", meaning="outer weights of block 2")
W22 = matrix("W22", q, n, symbol="W", label="2,2", meaning="inner weights of block 2")
b2 = vector("b2", q, symbol="b", label="2", meaning="bias of block 2")
sigma1 = elementwise("sigma1", symbol="sigma", label="1")
sigma2 = elementwise("sigma2", symbol="sigma", label="2")

z1 = define("z1", W12 @ f0 + b1, symbol="z", label="1")
f1 = define("f1", f0 + W11 @ sigma1(z1), symbol="f", label="1")
z2 = define("z2", W22 @ f1 + b2, symbol="z", label="2")
f2 = define("f2", f1 + W21 @ sigma2(z2), symbol="f", label="2")
J1 = define("J1", W11 @ diag(sigma1.prime(z1)) @ W12, symbol="J", label="1")
J2 = define("J2", W21 @ diag(sigma2.prime(z2)) @ W22, symbol="J", label="2")
loss = define("loss", sp.Rational(1, 2) * ((f2 - y).T @ (f2 - y)), symbol="cal_L")


def network_forward(f0, y, W11, W12, b1, W21, W22, b2, sigma1, sigma2):
    z1 = W12 @ f0 + b1
    f1 = f0 + W11 @ sigma1(z1)
    z2 = W22 @ f1 + b2
    f2 = f1 + W21 @ sigma2(z2)
    return {"z1": z1, "f1": f1, "z2": z2, "f2": f2, "loss": (f2 - y) @ (f2 - y) / 2}


network = Computation(
    "network", definitions=(z1, J1, f1, z2, J2, f2, loss), forward=network_forward, loss=loss
)


def network_claims():
    """The whole backward pass of a small network, in the order in which a program computes it."""
    return (
        gradient("pass_f2", network, of=loss, wrt=f2, title="Start: the output"),
        gradient("pass_z2", network, of=f2, wrt=z2, title="Block 2, pre-activation"),
        gradient("pass_W21", network, of=f2, wrt=W21, title="Block 2, outer weights"),
        gradient("pass_W22", network, of=z2, wrt=W22, title="Block 2, inner weights"),
        gradient("pass_f1", network, of=f2, wrt=f1, title="On to the state before"),
        gradient("pass_z1", network, of=f1, wrt=z1, title="Block 1, pre-activation"),
        gradient("pass_W11", network, of=f1, wrt=W11, title="Block 1, outer weights"),
        gradient("pass_W12", network, of=z1, wrt=W12, title="Block 1, inner weights"),
        _depth.product_form(network, (f0, f2), (J1, J2)),
        depth(
            "any_depth", block, state=(f_prev, f),
            factor=identity(n) + W2.T @ diag(sigma.prime(z)) @ W1.T, length="L",
            title="Through any number of blocks",
        ),
        theorem(
            "product_form",
            "Through blocks $k+1$ to $L$ the gradient is multiplied by $(I + J_{k+1})^{\\top}$, "
            "..., $(I + J_L)^{\\top}$, in this order from left to right, where $J_j$ is the "
            "Jacobian of the branch of block $j$. Multiplied out these are $2^{L-k}$ paths, and "
            "the one past all branches carries the gradient of the output unchanged. Each further "
            "block at the front is one more factor at the left.",
            parts=("block", "paths", "any_depth"), title="Any number of blocks",
        ),
    )


# --------------------------------------------------------------------------- mini-batch

F_prev = matrix("F_prev", n, samples, symbol="F", label="k-1",
                meaning="inputs of block $k$, one column for each of $N$ samples")
Y = matrix("Y", n, samples, meaning="targets, one column a sample")
Z = define("Z", W2 @ F_prev + b @ ones(samples).T, label="k")
F = define("F", F_prev + W1 @ sigma(Z), label="k")
E = define("E", F - Y)
mean_loss = define(
    "mean_loss", (sp.Rational(1, 2) / samples.size) * trace(E.T @ E), symbol="cal_L", label="N"
)


def batch_forward(F_prev, Y, W1, W2, b, sigma):
    Z = W2 @ F_prev + b[:, None]
    F = F_prev + W1 @ sigma(Z)
    return {"Z": Z, "F": F, "E": F - Y, "mean_loss": np.sum((F - Y) ** 2) / (2 * Y.shape[1])}


batch = Computation(
    "batch", definitions=(Z, F, E, mean_loss), forward=batch_forward, loss=mean_loss
)


def batch_claims():
    return (
        gradient("batch_F", batch, of=mean_loss, wrt=F, title="Batch, outputs"),
        gradient("batch_Z", batch, of=F, wrt=Z, title="Batch, pre-activations"),
        gradient("batch_W1", batch, of=F, wrt=W1, title="Batch, outer weights"),
        gradient("batch_W2", batch, of=Z, wrt=W2, title="Batch, inner weights"),
        gradient("batch_b", batch, of=Z, wrt=b, title="Batch, bias"),
        chain("batch_next", batch, grad(F_prev), (grad(F) + W2.T @ grad(Z), "column by column"),
              title="Batch, inputs"),
    )


# -------------------------------------------------------------------------- zero branch


def zeros(rng, shape):
    return np.zeros(shape)


h = define("h", f_prev + W1 @ tanh(z), symbol="hat_f", label="k")


def tanh_forward(f_prev, W1, W2, b):
    z = W2 @ f_prev + b
    return {"z": z, "h": f_prev + W1 @ np.tanh(z)}


no_outer = {W1: hypothesis("$W_{k,1}$ is zero", zeros)}
no_inner = {W2: hypothesis("$W_{k,2}$ is zero", zeros), b: hypothesis("$b_k$ is zero", zeros)}
off = Computation("off", definitions=(z, f), forward=forward, samplers=no_outer)
dead = Computation(
    "dead", definitions=(z, h), forward=tanh_forward, samplers={**no_outer, **no_inner}
)
inner_off = Computation(
    "inner_off", definitions=(z, h), forward=tanh_forward, samplers=no_inner
)
bounded = Computation("bounded", definitions=(z, h), forward=tanh_forward, sizes={n: 2, m: 3})


def eye(rng, shape):
    return np.eye(*shape)


def zero_claims():
    return (
        chain("skip", off, f, (f_prev, "$W_{k,1}$ is zero"), title="Zero outer weights: skipped"),
        chain("skip_back", off, grad(f_prev), (grad(f), "$W_{k,1}$ is zero"),
              title="Zero outer weights: the gradient passes"),
        chain("skip_W2", off, norm(grad(W2)),
              (number(0), r"it has the factor $W_{k,1}^{\top}$"),
              title="Zero outer weights: inner weights rest"),
        chain("skip_b", off, norm(grad(b)), (number(0), r"it has the factor $W_{k,1}^{\top}$"),
              title="Zero outer weights: the bias rests"),
        chain("inner_W1", inner_off, norm(grad(W1)), (number(0), "tanh vanishes at zero"),
              title="Zero inner weights and bias: outer weights rest"),
        chain("inner_W2", inner_off, grad(W2),
              (W1.T @ grad(h) @ f_prev.T, "the slope of tanh at zero is one"),
              title="Zero inner weights and bias: inner weights move"),
        chain("inner_b", inner_off, grad(b), (W1.T @ grad(h), "and the bias gets the same"),
              title="Zero inner weights and bias: the bias moves"),
        chain("dead_W1", dead, norm(grad(W1)), (number(0), "tanh vanishes at zero"),
              title="All zero: outer weights rest"),
        chain("dead_b", dead, norm(grad(b)), (number(0), "$W_{k,1}$ is zero"),
              title="All zero: the bias rests"),
        chain("dead_W2", dead, norm(grad(W2)), (number(0), "$W_{k,1}$ is zero"),
              title="All zero: inner weights rest"),
        *_depth.block_bounds(
            bounded, (W1, W2), (f_prev, h), {f_prev: zeros, b: zeros, W2: eye}, eye
        ),
        theorem(
            "band",
            "If the slopes are at most one in size and the product of the spectral norms of "
            "$W_{k,1}$ and $W_{k,2}$ is at most $c/L$ in each of $L$ blocks, the norm of the "
            "gradient changes on its way from the output to the input at most by the factors "
            "$(1 + c/L)^L$ upwards and, for $c$ below $L$, $(1 - c/L)^L$ downwards. The first is "
            "at most $e^c$, however many blocks there are, and the second tends to $e^{-c}$.",
            parts=("block_above", "block_below"), title="Small branches",
            hypotheses=("slopes of the activation of size at most one",),
        ),
    )


def kink():
    """x + ReLU(x) - ReLU(-x) is 2x; at zero the formula finds 1 or 3."""
    outer, inner, one = literal([[1, -1]]), literal([1, -1]), literal([[1]])
    none, full = literal([[0, 0], [0, 0]]), literal([[1, 0], [0, 1]])
    return counterexample(
        "kink",
        relation(one + outer @ literal([1, 0]), "=", 2, "output at 1"),
        relation(literal([[-1]]) + outer @ literal([0, 1]), "=", -2, "output at $-1$"),
        relation(one + outer @ none @ inner, "=", 1, "Jacobian at 0 with slopes 0"),
        relation(one + outer @ full @ inner, "=", 3, "Jacobian at 0 with slopes 1"),
        title="A block that is twice the identity",
    )


# ------------------------------------------------------------------ instances, pitfalls

by_hand = Instance(
    "by_hand", network,
    values={
        f0: _by_hand.INPUT, y: _by_hand.TARGET,
        W11: _by_hand.OUTER_1, W12: _by_hand.INNER_1, b1: _by_hand.BIAS_1,
        W21: _by_hand.OUTER_2, W22: _by_hand.INNER_2, b2: _by_hand.BIAS_2,
    },
    functions={sigma1: sp.Max(argument, 0), sigma2: argument**2},
    claims=("pass_f2", "pass_z2", "pass_W21", "pass_W22", "pass_f1", "pass_z1", "pass_W11",
            "pass_W12"),
)
one_unit = Instance(
    "one_unit", block,
    values={f_prev: [1], W1: [[1]], W2: [[1]], b: [0]}, upstream=[2], functions={sigma: argument},
    claims=("grad_W1", "grad_W2", "grad_b"),
)
three_samples = Instance(
    "three_samples", batch,
    values={
        F_prev: [[1, 0, 2], [-1, 1, 1]], Y: [[2, 3, 4], [14, 0, 3]],
        W1: [[1, 2], [3, -1]], W2: [[1, -1], [0, 1]], b: [2, 0],
    },
    functions={sigma: sp.Max(argument, 0)},
    claims=("batch_F", "batch_Z", "batch_W1", "batch_W2", "batch_b"),
)


def pitfalls():
    one = identity(n)
    return (
        Pitfall("names", "Reading the number in the name as the order: $W_{k,2}$ comes first.",
                "grad_z", lambda: sigma.prime(z) * (W2 @ grad(f))),
        Pitfall("skip", "Forgetting the way past the block.", "pass_f1",
                lambda: W22.T @ grad(z2)),
        Pitfall("slope_of_value", "Taking the slope at the activated value.", "pass_z2",
                lambda: sigma2.prime(sigma2(z2)) * (W21.T @ grad(f2))),
        Pitfall("no_slope", "Forgetting the slope.", "pass_z2", lambda: W21.T @ grad(f2)),
        Pitfall("other_sigma", "Using the activation of another block.", "pass_W11",
                lambda: grad(f1) @ sigma2(z1).T),
        Pitfall("wrong_end", "Using the gradient at the wrong end of the block.", "pass_W11",
                lambda: grad(f0) @ sigma1(z1).T),
        Pitfall("output", "Using the block's output in place of its input.", "pass_W22",
                lambda: grad(z2) @ f2.T),
        Pitfall("outer", "Turning the outer product round.", "pass_W22",
                lambda: f1 @ grad(z2).T),
        Pitfall("order", "Multiplying the factors of the blocks in the other order.", "paths",
                lambda: (one + J2).T @ (one + J1).T @ grad(f2)),
        Pitfall("not_the_mean", "Forgetting the division of the mean.", "batch_F", lambda: F - Y),
        Pitfall("mean_twice", "Averaging the bias over the samples once more.", "batch_b",
                lambda: (sp.Integer(1) / samples.size) * (grad(Z) @ ones(samples))),
    )


def solve():
    return Solution(
        claims=(
            *block_claims(), *network_claims(), *batch_claims(), *zero_claims(), kink(),
            _by_hand.paths(), *_depth.claims(),
        ),
        figures=(
            Figure(
                "way_back", _depth.draw_way_back, _depth.norms_on_the_way_back,
                alt="Two plots of the relative gradient norm against the number of layers gone "
                "back, 40 runs each, on logarithmic scales. Plain linear layers: weights twenty "
                "per cent larger make the gradient grow by three powers of ten in 50 layers, "
                "twenty per cent smaller ones make it vanish. Residual blocks with small branches: "
                "all runs stay near one, inside a shaded band that ends between 0.36 and 2.7. "
                "Without the bound the median grows to more than ten.",
                caption="The gradient on its way back through 50 layers of width 16, relative to "
                "that at the output; thick lines are medians. Left: linear layers with normal "
                "weights of standard deviation 0.8, 1 and 1.2 times $1/\\sqrt{16}$. Right: "
                "residual tanh blocks whose branches have norm at most $1/50$, the band that "
                "follows from it, and, dashed, the median of blocks with normal weights of "
                "standard deviation $1/\\sqrt{16}$.",
                panels=2, height=2.4,
            ),
        ),
        instances=(by_hand, one_unit, three_samples),
        pitfalls=pitfalls(),
        survivors=(
            Survivor(
                "inner_W2",
                r"W_{k,1}^{\top} \frac{\partial \mathcal{L}}{\partial \hat{f}_k} \hat{f}_k^{\top}",
                "a block with zero inner weights and bias returns its input",
            ),
        ),
        errata=_sheet.ERRATA,
        audit=_sheet.AUDIT,
    )


problem = Problem(
    title="Back-propagation through a residual network",
    question="000.1",
    source="Homework 4, question 1",
    solve=solve,
)
