"""Question 2: the five equations of a residual block, and what depth makes of them."""

import _by_hand
import _gradient_norms
import _introduction
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
    bound,
    chain,
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
    matrix,
    norm,
    number,
    ones,
    spectral_norm,
    tanh,
    theorem,
    vector,
)

n, m = _introduction.n, dim("m", "lr")
samples = dim("N", "s")

# ---------------------------------------------------------------------------- one block

F_prev = vector("F_prev", n, symbol="F", label="k-1", meaning="input of block $k$")
W = matrix("W", m, n, label="k", meaning="inner weights; the hidden width $m$ is free")
b = vector("b", m, label="k", meaning="bias")
V = matrix("V", n, m, label="k", meaning="outer weights")
sigma = elementwise("sigma", label="k")

z = define("z", W @ F_prev + b, label="k", meaning="pre-activation")
D = define("D", diag(sigma.prime(z)), label="k", meaning="slopes of the activation")
F = define("F", F_prev + V @ sigma(z), label="k", meaning="output of block $k$")


def forward(F_prev, W, b, V, sigma):
    z = W @ F_prev + b
    return {"z": z, "F": F_prev + V @ sigma(z)}


block = Computation("block", definitions=(z, D, F), forward=forward)


def block_claims():
    """The hint's route to the first equation, and all five from the entries."""
    return (
        jacobian("block", block, of=F, wrt=F_prev, title="Jacobian of the block", fold=(D,)),
        chain(
            "hint", block, grad(F_prev),
            (jac(F, F_prev).T @ grad(F), "chain rule for $h_{k-1}$, the hint"),
            ((identity(n) + V @ D @ W).T @ grad(F), "Jacobian of the block"),
            (grad(F) + W.T @ D @ V.T @ grad(F), "transpose, and $D_k$ is diagonal"),
            title="Gradient in the input, by the hint",
        ),
        gradient("grad_F", block, of=F, wrt=F_prev, title="Gradient in the input",
                 style="diag", fold=(D,)),
        gradient("grad_V", block, of=F, wrt=V, title="Gradient in the outer weights"),
        gradient("grad_z", block, of=F, wrt=z, title="Gradient in the pre-activation",
                 style="diag", fold=(D,)),
        gradient("grad_W", block, of=z, wrt=W, title="Gradient in the inner weights"),
        gradient("grad_b", block, of=z, wrt=b, title="Gradient in the bias"),
        chain(
            "reuse", block, grad(F_prev), (grad(F) + W.T @ grad(z), "put in the third equation"),
            title="Gradient in the input, from what is there already",
        ),
    )


# -------------------------------------------------------------------------- three blocks

F0 = vector("F0", n, symbol="F", label="0", meaning="input of the network")


def stacked():
    """Three blocks of different hidden widths: their tensors by name, and their definitions."""
    before, definitions, branches, tensors = F0, [], [], {}
    for k, width in ((1, dim("p", "a")), (2, dim("q", "c")), (3, dim("r", "d"))):
        label = str(k)
        inner = matrix(f"W{k}", width, n, symbol="W", label=label, meaning=f"inner weights {k}")
        shift = vector(f"b{k}", width, symbol="b", label=label, meaning=f"bias {k}")
        outer = matrix(f"V{k}", n, width, symbol="V", label=label, meaning=f"outer weights {k}")
        function = elementwise(f"sigma{k}", symbol="sigma", label=label)
        at = define(f"z{k}", inner @ before + shift, symbol="z", label=label)
        branch = define(
            f"M{k}", outer @ diag(function.prime(at)) @ inner, symbol="M", label=label
        )
        before = define(f"F{k}", before + outer @ function(at), symbol="F", label=label)
        definitions += (at, branch, before)
        branches.append(branch)
        tensors[k] = (at, before, outer, inner, function)
    return tensors, tuple(definitions), tuple(branches)


BLOCKS, STACK, (M1, M2, M3) = stacked()


def stack_forward(F0, W1, b1, V1, W2, b2, V2, W3, b3, V3, sigma1, sigma2, sigma3):
    z1 = W1 @ F0 + b1
    F1 = F0 + V1 @ sigma1(z1)
    z2 = W2 @ F1 + b2
    F2 = F1 + V2 @ sigma2(z2)
    z3 = W3 @ F2 + b3
    return {"z1": z1, "F1": F1, "z2": z2, "F2": F2, "z3": z3, "F3": F2 + V3 @ sigma3(z3)}


stack = Computation("stack", definitions=STACK, forward=stack_forward)


def depth_claims():
    """The recursion for the last two blocks and for three, multiplied out, and for any number."""
    one, (z1, F1, V1, _, sigma1), F3 = identity(n), BLOCKS[1], BLOCKS[3][1]
    end = grad(F3)
    return (
        chain(
            "two_blocks", stack, grad(F1),
            ((one + M2).T @ (one + M3).T @ end, "Jacobian of the block, twice"),
            (end + M2.T @ end + M3.T @ end + M2.T @ M3.T @ end, "multiplied out"),
            title="Through two blocks",
        ),
        chain(
            "three_blocks", stack, grad(F0),
            ((one + M1).T @ grad(F1), "Jacobian of the block"),
            ((one + M1).T @ (one + M2).T @ (one + M3).T @ end, "the two blocks before"),
            (
                end + M1.T @ end + M2.T @ end + M3.T @ end + M1.T @ M2.T @ end
                + M1.T @ M3.T @ end + M2.T @ M3.T @ end + M1.T @ M2.T @ M3.T @ end,
                "multiplied out: eight paths",
            ),
            title="Through three blocks",
        ),
        chain(
            "first_weights", stack, grad(BLOCKS[1][3]),
            (
                (sigma1.prime(z1) * (V1.T @ ((one + M2).T @ (one + M3).T @ end))) @ F0.T,
                "product form, then the block's own equations",
            ),
            title="Inner weights of the first of three blocks",
        ),
        depth(
            "any_depth", block, state=(F_prev, F), factor=one + W.T @ D @ V.T, length="L",
            title="Through any number of blocks",
        ),
        theorem(
            "depth",
            "For a network of any number $L$ of blocks, the gradient in $\\mathbf{F}_k$ is the "
            "gradient in $\\mathbf{F}_L$ multiplied by $(I+M_{k+1})^{\\top}$, ..., "
            "$(I+M_L)^{\\top}$ in this order from left to right, where $M_j$ stands for $V_j D_j "
            "W_j$. Multiplied out it has $2^{L-k}$ terms, one for each way to take some of the "
            "branches and to pass the others by; the term that passes all of them is the gradient "
            "in $\\mathbf{F}_L$ itself. Induction on $L-k$: one more block at the front multiplies "
            "by one more factor from the left.",
            parts=("block", "three_blocks", "any_depth"), title="Product form",
        ),
    )


# --------------------------------------------------------------------------- mini-batch

X_prev = matrix("X_prev", n, samples, symbol="F", label="k-1",
                meaning="inputs of block $k$, a column for each of $N$ samples")
Z = define("Z", W @ X_prev + b @ ones(samples).T, label="k")
X = define("X", X_prev + V @ sigma(Z), symbol="F", label="k")


def batch_forward(X_prev, W, b, V, sigma):
    Z = W @ X_prev + b[:, None]
    return {"Z": Z, "X": X_prev + V @ sigma(Z)}


batch = Computation("batch", definitions=(Z, X), forward=batch_forward)


def batch_claims():
    return (
        gradient("batch_Z", batch, of=X, wrt=Z, title="Mini-batch, pre-activations"),
        gradient("batch_V", batch, of=X, wrt=V, title="Mini-batch, outer weights"),
        gradient("batch_W", batch, of=Z, wrt=W, title="Mini-batch, inner weights"),
        gradient("batch_b", batch, of=Z, wrt=b, title="Mini-batch, bias"),
        chain(
            "batch_F", batch, grad(X_prev),
            (grad(X) + W.T @ grad(Z), "each column by itself"),
            title="Mini-batch, inputs",
        ),
    )


# -------------------------------------------------------------------------- zero branch


def zeros(rng, shape):
    return np.zeros(shape)


z_tanh = define("z", W @ F_prev + b, label="k", meaning="pre-activation")
F_tanh = define("T", F_prev + V @ tanh(z_tanh), symbol="hat_F", label="k")


def tanh_forward(F_prev, W, b, V):
    z = W @ F_prev + b
    return {"z": z, "T": F_prev + V @ np.tanh(z)}


TANH_BLOCK = (z_tanh, F_tanh)
no_outer = {V: hypothesis("$V_k$ is zero", zeros)}
no_inner = {
    W: hypothesis("$W_k$ is zero", zeros), b: hypothesis(r"$\mathbf{b}_k$ is zero", zeros)
}
zero_outer = Computation("zero_outer", definitions=(z, D, F), forward=forward, samplers=no_outer)
zero_inner = Computation(
    "zero_inner", definitions=TANH_BLOCK, forward=tanh_forward, samplers=no_inner
)
zero_both = Computation(
    "zero_both", definitions=TANH_BLOCK, forward=tanh_forward,
    samplers={**no_outer, **no_inner},
)


def zero_claims():
    return (
        chain("skip", zero_outer, F, (F_prev, r"$V_k$ is zero"), title=
                                      "Zero outer weights: skipped"),
        chain("skip_grad", zero_outer, grad(F_prev), (grad(F), r"$V_k$ is zero"),
              title="Zero outer weights: the gradient passes"),
        chain("skip_W", zero_outer, norm(grad(W)), (number(0), r"it has the factor $V_k^{\top}$"),
              title="Zero outer weights: inner weights"),
        chain("skip_b", zero_outer, norm(grad(b)), (number(0), r"it has the factor $V_k^{\top}$"),
              title="Zero outer weights: bias"),
        chain("inner_V", zero_inner, norm(grad(V)), (number(0), "tanh vanishes at zero"),
              title="Zero inner weights and bias: outer weights"),
        chain("inner_W", zero_inner, grad(W),
              (V.T @ grad(F_tanh) @ F_prev.T, "the slope of tanh at zero is 1"),
              title="Zero inner weights and bias: inner weights"),
        chain("inner_b", zero_inner, grad(b), (V.T @ grad(F_tanh), "and the bias gets the same"),
              title="Zero inner weights and bias: bias"),
        chain("both_V", zero_both, norm(grad(V)), (number(0), "tanh vanishes at zero"),
              title="All zero: outer weights"),
        chain("both_W", zero_both, norm(grad(W)), (number(0), r"$V_k$ is zero"),
              title="All zero: inner weights"),
        chain("both_b", zero_both, norm(grad(b)), (number(0), r"$V_k$ is zero"),
              title="All zero: bias"),
    )


# --------------------------------------------------------------------------------- band

bounded = Computation("bounded", definitions=TANH_BLOCK, forward=tanh_forward, sizes={n: 2, m: 3})


def band_claims():
    """How much a block can change the norm of the gradient; a branch that is +-I attains it."""
    size = spectral_norm(V) * spectral_norm(W)
    start = {F_prev: zeros, b: zeros, W: lambda rng, shape: np.eye(*shape)}
    return (
        bound(
            "band_above", bounded, norm(grad(F_prev)),
            (number(1) + size) * norm(grad(F_tanh)),
            tight={**start, V: lambda rng, shape: np.eye(*shape)}, title=
                                                         "A block adds at most this",
        ),
        bound(
            "band_below", bounded, (number(1) - size) * norm(grad(F_tanh)), norm(grad(F_prev)),
            tight={**start, V: lambda rng, shape: -0.25 * np.eye(*shape)},
            title="A block takes away at most this",
        ),
        theorem(
            "band",
            "If $\\beta_j$ bounds the product of the spectral norms of $V_j$ and $W_j$ and the "
            "slopes are at most one in size, the norm of the gradient changes over blocks $k+1$ to "
            "$L$ at most by the factor $(1+\\beta_{k+1})\\cdots(1+\\beta_L)$ upwards and "
            "$(1-\\beta_{k+1})\\cdots(1-\\beta_L)$ downwards, as long as all $\\beta_j$ are below "
            "1. With $\\beta_j$ at most $c/L$ the upper factor is at most $e^c$ at any depth; with "
            "a fixed $\\beta$ both factors are exponential in $L$.",
            parts=("band_above", "band_below"), title="The provable band",
            hypotheses=("slopes of the activation of size at most one",),
        ),
    )


# ------------------------------------------------------------------ instances, pitfalls

WEIGHTS = {W: [[1, 1], [2, -2], [-2, -2]], b: [0, 1, 1]}
small = Instance(
    "small", block,
    values={F_prev: [3, -1], **WEIGHTS, V: [[1, 1, -1], [0, -2, -2]]},
    upstream=[2, 1], functions={sigma: argument**2},
    claims=("grad_z", "grad_V", "grad_W", "grad_b", "grad_F"),
)
skipped = Instance(
    "skipped", block,
    values={F_prev: [3, -1], **WEIGHTS, V: [[0, 0, 0], [0, 0, 0]]},
    upstream=[2, 1], functions={sigma: argument**2},
    claims=("grad_V", "grad_W"),
)
two_samples = Instance(
    "two_samples", batch,
    values={X_prev: [[3, 1], [-1, 2]], **WEIGHTS, V: [[1, 1, -1], [0, -2, -2]]},
    upstream=[[2, -1], [1, 3]], functions={sigma: sp.Max(argument, 0)},
    claims=("batch_Z", "batch_V", "batch_W", "batch_b"),
)


def pitfalls():
    one, F3 = identity(n), BLOCKS[3][1]
    return (
        Pitfall("skip", "Forgetting the identity beside the block.", "grad_F",
                lambda: W.T @ D @ V.T @ grad(F)),
        Pitfall("transpose", "Forgetting to transpose the Jacobian.", "grad_F",
                lambda: grad(F) + V @ D @ W @ grad(F)),
        Pitfall("slope", "Forgetting the slope of the activation.", "grad_z",
                lambda: V.T @ grad(F)),
        Pitfall("slope_of_value", "Taking the slope at the activated value.", "grad_z",
                lambda: diag(sigma.prime(sigma(z))) @ V.T @ grad(F)),
        Pitfall("wrong_end", "Using the gradient at the block's input for its outer weights.",
                "grad_V", lambda: grad(F_prev) @ sigma(z).T),
        Pitfall("output", "Using the block's output for its inner weights.", "grad_W",
                lambda: grad(z) @ F.T),
        Pitfall("outer", "Turning the outer product round.", "grad_W",
                lambda: F_prev @ grad(z).T),
        Pitfall("bias", "Giving the bias the gradient of the output.", "grad_b",
                lambda: grad(F)),
        Pitfall("mean", "Averaging the bias gradient over the samples, although the upstream "
                "gradient of a mean loss has its division already.", "batch_b",
                lambda: (sp.Integer(1) / samples.size) * (grad(Z) @ ones(samples))),
        Pitfall("reversed", "Multiplying the factors of the blocks in the other order.",
                "two_blocks", lambda: (one + M3).T @ (one + M2).T @ grad(F3)),
        Pitfall("one_path", "Keeping only the longest path. Where branches are small this loses "
                "nearly everything; in the data of the check they are large.", "two_blocks",
                lambda: M2.T @ M3.T @ grad(F3)),
    )


def solve():
    return Solution(
        claims=(
            *block_claims(), *depth_claims(), *batch_claims(), *zero_claims(), *band_claims(),
            *_introduction.claims(), *_by_hand.claims(),
        ),
        figures=(
            Figure(
                "depth", _gradient_norms.draw_depth, _gradient_norms.gradient_norms,
                alt="Two log-log plots of the relative gradient norm against depth, 60 runs each. "
                "Plain tanh layers: the median falls to about one hundredth at 64 layers and the "
                "runs spread over three powers of ten. Residual blocks with bounded branches: all "
                "runs stay near one, well inside the shaded band. Without the bound the median "
                "grows to about thirty.",
                caption="Norm of the gradient at the input, divided by that at the output, for "
                "networks of width 16 with random weights: 60 runs and their median. On the right "
                "every branch has norm at most $1/10$, and the shaded band is what the theorem "
                "allows; the dashed median belongs to blocks without that bound.",
                panels=2, height=2.5,
            ),
        ),
        instances=(small, skipped, two_samples),
        pitfalls=pitfalls(),
        survivors=(
            Survivor(
                "inner_W",
                r"V_k^{\top} (\nabla_{\hat{\mathbf{F}}_k} \mathcal{L}) \hat{\mathbf{F}}_k^{\top}",
                "a block with zero inner weights and bias returns its input",
            ),
        ),
        errata=_sheet.ERRATA,
        audit=_sheet.AUDIT,
    )


problem = Problem(
    title="Back-propagation through a residual block",
    question="001.2",
    source="Homework 6, question 2",
    solve=solve,
)
