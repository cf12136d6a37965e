"""Question 2: the five back-propagation equations of a residual block."""

import numpy as np

from solutionset.authoring import (
    Computation,
    Erratum,
    Figure,
    Instance,
    Pitfall,
    Problem,
    Solution,
    argument,
    chain,
    define,
    diag,
    dim,
    elementwise,
    grad,
    gradient,
    identity,
    jac,
    jacobian,
    matrix,
    vector,
)

n, m = dim("n", "ij"), dim("m", "lr")

F_prev = vector("F_prev", n, symbol="F", label="k-1", meaning="input of block $k$")
W = matrix("W", m, n, label="k", meaning="inner weights")
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


def solve():
    return Solution(
        claims=(
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
        ),
        figures=(
            Figure(
                "depth", draw_depth, gradient_norms,
                alt="Gradient norm against the number of blocks on a logarithmic scale. Without the "
                "identity the median falls by many powers of ten within forty layers; with it the "
                "median stays close to one, and all runs lie inside the shaded band.",
                caption="Norm of the gradient at the input, divided by that at the output: median and "
                "range over 100 random networks of width 16 with tanh. The branch of every residual "
                "block has Lipschitz constant at most $1/10$; the shaded band is what the product of "
                "the bounds allows.",
            ),
        ),
        instances=(
            Instance(
                "small", block,
                values={
                    F_prev: [3, -1],
                    W: [[1, 1], [2, -2], [-2, -2]],
                    b: [0, 1, 1],
                    V: [[1, 1, -1], [0, -2, -2]],
                },
                upstream=[2, 1],
                functions={sigma: argument**2},
                claims=("grad_z", "grad_V", "grad_W", "grad_b", "grad_F"),
            ),
        ),
        pitfalls=(
            Pitfall("skip", "Forgetting the identity beside the block.", "grad_F",
                    lambda: W.T @ D @ V.T @ grad(F)),
            Pitfall("transpose", "Forgetting to transpose the Jacobian.", "grad_F",
                    lambda: grad(F) + V @ D @ W @ grad(F)),
            Pitfall("slope", "Forgetting the slope of the activation.", "grad_z",
                    lambda: V.T @ grad(F)),
            Pitfall("outer", "Turning the outer product round.", "grad_W",
                    lambda: F_prev @ grad(z).T),
            Pitfall("bias", "Giving the bias the gradient of the output.", "grad_b",
                    lambda: grad(F)),
        ),
        errata=(
            Erratum(
                name="index", question="001.2", where="second displayed equation",
                sheet_says="The gradient in the outer weights is printed with an activation without "
                "its layer index.",
                correct="The activation is that of the same block.",
                kind="notation",
                evidence="The derivation below keeps the index at every line.",
                claim="grad_V",
            ),
            Erratum(
                name="slopes", question="001.2", where="first and third displayed equation",
                sheet_says="A matrix D with a layer index is used, but only question 1 defines one, "
                "without an index.",
                correct="It is the diagonal matrix of the slopes of the block's own activation at its "
                "pre-activation.",
                kind="missing",
                evidence="With this reading all five equations hold.",
                claim="grad_z",
            ),
        ),
    )


WIDTH, DEPTHS, RUNS, BRANCH = 16, (1, 2, 5, 10, 20, 40), 100, 0.1


def gradient_norms(rng):
    """Relative gradient norms, plain and residual: arrays (runs, depths)."""
    plain = np.array([[_plain(rng, depth) for depth in DEPTHS] for _ in range(RUNS)])
    residual = np.array([[_residual(rng, depth) for depth in DEPTHS] for _ in range(RUNS)])
    return plain, residual


def _plain(rng, depth):
    weights = rng.standard_normal((depth, WIDTH, WIDTH)) / np.sqrt(WIDTH)
    states = [rng.standard_normal(WIDTH)]
    for W in weights:
        states.append(np.tanh(W @ states[-1]))
    upstream = rng.standard_normal(WIDTH)
    back = upstream
    for W, after in zip(weights[::-1], states[:0:-1], strict=True):
        back = W.T @ ((1 - after**2) * back)
    return np.linalg.norm(back) / np.linalg.norm(upstream)


def _residual(rng, depth):
    state, pairs, slopes = rng.standard_normal(WIDTH), [], []
    for _ in range(depth):
        V, W = rng.standard_normal((2, WIDTH, WIDTH))
        # The slope of tanh is at most one, so this bounds the branch's Jacobian by BRANCH.
        V *= BRANCH / (np.linalg.norm(V, 2) * np.linalg.norm(W, 2))
        pairs.append((V, W))
        slopes.append(1 - np.tanh(W @ state) ** 2)
        state = state + V @ np.tanh(W @ state)
    upstream = rng.standard_normal(WIDTH)
    back = upstream
    for (V, W), slope in zip(pairs[::-1], slopes[::-1], strict=True):
        back = back + W.T @ (slope * (V.T @ back))
    return np.linalg.norm(back) / np.linalg.norm(upstream)


def draw_depth(axes, data):
    depths = np.array(DEPTHS)
    axes.fill_between(depths, (1 - BRANCH) ** depths, (1 + BRANCH) ** depths, color="#E2E8F0",
                      label="provable band, residual")
    for norms, label, marker in zip(data, ("plain", "residual"), "so", strict=True):
        middle = np.median(norms, axis=0)
        reach = np.abs(np.array([norms.min(axis=0), norms.max(axis=0)]) - middle)
        axes.errorbar(depths, middle, yerr=reach, marker=marker, capsize=2, label=label)
    axes.set_yscale("log")
    axes.set_xlabel("number of layers or blocks")
    axes.set_ylabel("relative gradient norm")
    axes.legend(loc="lower left")


problem = Problem(
    title="Back-propagation through a residual block",
    question="001.2",
    source="Homework 6, question 2",
    solve=solve,
)
