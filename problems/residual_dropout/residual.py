"""Question 1: the slope of the sigmoid, a residual block, and the norms of gradients."""

import _introduction
import _norms
import _random_block
import _sheet
import _sigmoid
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
    counterexample,
    define,
    diag,
    dim,
    elementwise,
    experiment,
    grad,
    gradient,
    identity,
    jacobian,
    literal,
    matrix,
    norm,
    number,
    relation,
    spectral_norm,
    theorem,
    vector,
)

# ------------------------------------------------------------------------ (b) the block

n = dim("n")
X_0 = vector("X_0", n, symbol="X", label="0", meaning="input of the block")
W_1 = matrix("W_1", n, n, symbol="W", label="1", meaning="weights of its first layer")
W_2 = matrix("W_2", n, n, symbol="W", label="2", meaning="weights of its second layer")
phi = elementwise("phi")

z = define("z", W_1 @ X_0)
D = define("D", diag(phi.prime(z)))
q = define("q", W_2 @ phi(z))
X_1 = define("X_1", X_0 + W_2 @ phi(z), symbol="X", label="1")


def block_forward(X_0, W_1, W_2, phi):
    return X_0 + W_2 @ phi(W_1 @ X_0)


block = Computation("block", definitions=(z, D, X_1), forward=block_forward)

# The other readings of the missing figure, B to F; reading A is the block itself.
D_B = define("D_B", diag(phi.prime(X_1)), symbol="D", label="B")
X_B = define("X_B", phi(X_1), symbol="X", label="B")
D_C = define("D_C", diag(phi.prime(q)), symbol="D", label="C")
X_C = define("X_C", X_0 + phi(q), symbol="X", label="C")
X_D = define("X_D", X_0 + W_2 @ W_1 @ X_0, symbol="X", label="D")
D_0 = define("D_0", diag(phi.prime(X_0)), symbol="D", label="0")
z_E = define("z_E", W_1 @ phi(X_0), symbol="z", label="E")
D_E = define("D_E", diag(phi.prime(z_E)), symbol="D", label="E")
X_E = define("X_E", X_0 + W_2 @ phi(z_E), symbol="X", label="E")
z_F = define("z_F", W_2 @ X_0, symbol="z", label="F")
D_F = define("D_F", diag(phi.prime(z_F)), symbol="D", label="F")
X_F = define("X_F", X_0 + W_1 @ phi(z_F), symbol="X", label="F")


def readings_forward(X_0, W_1, W_2, phi):
    branch = W_2 @ phi(W_1 @ X_0)
    return {
        "X_1": X_0 + branch,
        "X_B": phi(X_0 + branch),
        "X_C": X_0 + phi(branch),
        "X_D": X_0 + W_2 @ (W_1 @ X_0),
        "X_E": X_0 + W_2 @ phi(W_1 @ phi(X_0)),
        "X_F": X_0 + W_1 @ phi(W_2 @ X_0),
    }


readings = Computation(
    "readings",
    definitions=(z, D, q, X_1, D_B, X_B, D_C, X_C, X_D, D_0, z_E, D_E, X_E, z_F, D_F, X_F),
    forward=readings_forward,
)

# ----------------------------------------------------------------------------- (c) norms

G = matrix("B", n, n, meaning="Jacobian of a branch")
e = vector("g_1", n, symbol="g", label="1", meaning="gradient that arrives at a block")
plain = define("g_P", G.T @ e, symbol="g", label="P")
residual = define("g_R", e + G.T @ e, symbol="g", label="R")


def norms_forward(B, g_1):
    return {"g_P": B.T @ g_1, "g_R": g_1 + B.T @ g_1}


def contraction(rng, shape):
    """A matrix of spectral norm below one."""
    drawn = rng.standard_normal(shape)
    return drawn * rng.uniform(0.05, 0.95) / np.linalg.norm(drawn, 2)


def norms(name, sampler):
    return Computation(name, definitions=(plain, residual), forward=norms_forward,
                       samplers={G: sampler})


def block_claims():
    return (
        chain("output", block, X_1,
              (X_0 + W_2 @ phi(z), "the branch, and the input past it"),
              (X_0 + W_2 @ phi(W_1 @ X_0), "the first layer has no bias"),
              title="Output of the block"),
        jacobian("block", block, of=X_1, wrt=X_0, fold=(D,), title="Jacobian of the block"),
        gradient("backward", block, of=X_1, wrt=X_0, style="diag", fold=(D,),
                 title="Gradient in the input of the block"),
        jacobian("after_sum", readings, of=X_B, wrt=X_0, fold=(D, D_B), title="Reading B"),
        jacobian("after_both", readings, of=X_C, wrt=X_0, fold=(D, D_C), title="Reading C"),
        jacobian("linear", readings, of=X_D, wrt=X_0, title="Reading D"),
        jacobian("before", readings, of=X_E, wrt=X_0, fold=(D_0, D_E), title="Reading E"),
        jacobian("exchanged", readings, of=X_F, wrt=X_0, fold=(D_F,), title="Reading F"),
    )


# ----------------------------------------------------------------------------------- norms


def minus_half(rng, shape):
    return -np.eye(shape[0]) / 2


def plus_half(rng, shape):
    return np.eye(shape[0]) / 2


def norm_claims():
    small_branch = norms("small_branch", contraction)
    reach = spectral_norm(G)
    return (
        bound("not_longer", small_branch, norm(residual), (number(1) + reach) * norm(e),
              tight={G: plus_half}, title="The largest norm behind a residual block"),
        bound("not_shorter", small_branch, (number(1) - reach) * norm(e), norm(residual),
              tight={G: minus_half}, title="The least norm behind a residual block"),
        bound("plain", small_branch, norm(plain), reach * norm(e), tight={G: plus_half},
              title="The largest norm behind a plain block"),
    )


def limits():
    """Branches that turn the gradient against itself, on the gradient (3, 4)."""
    arriving = literal([3, 4])

    def lines(size, note):
        """The branch is this multiple of the identity."""
        return (
            relation(norm(size * arriving), "=", 5 * sp.Abs(size), f"plain, {note}"),
            relation(norm(arriving + size * arriving), "=", 5 * sp.Abs(1 + size), "residual"),
        )

    return (
        counterexample("fails", *lines(sp.Rational(-1, 2), "at one half: a tie"),
                       *lines(sp.Rational(-3, 4), "beyond: plain is closer to 5"),
                       *lines(sp.Integer(-1), "the branch cancels the connection"),
                       title="Where the plain block keeps the norm better"),
    )


def norm_figure():
    return Figure(
        "norms", _norms.draw_curves, _norms.curves,
        alt="Two panels. Left: relative gradient norm of one block against the scale of its "
        "weights. The residual block stays near one for small scales and rises slowly; the plain "
        "block rises from near zero and crosses one only at a scale above one. Right, "
        "logarithmic: for scale one half the plain network loses thirty powers of ten in forty "
        "blocks, the residual network stays at about one; both lie on the predicted lines.",
        caption="Norm of the gradient at the input over that at the output, random ReLU blocks of "
        f"width {_norms.WIDTH}, {_norms.RUNS} draws a point. Left: median and the middle four "
        "fifths. Right: root mean square against depth; dashed what the expectation predicts.",
        width=6.2, height=2.5, panels=2,
    )


def solve():
    return Solution(
        claims=(
            *_sigmoid.claims(), *block_claims(), *norm_claims(), *_random_block.claims(),
            *limits(), *_introduction.claims(),
            theorem(
                "small_branches",
                "If the Jacobian of the branch has spectral norm below one half, then every "
                "gradient but zero leaves the residual block with a norm closer to the one it "
                "came with than it leaves the block without the connection.",
                parts=("not_longer", "not_shorter", "plain"),
                title="Small branches keep norms",
            ),
            experiment("measured", _norms.measure, _norms.expected,
                       title="Gradient norms measured"),
        ),
        figures=(_sigmoid.figure(), norm_figure()),
        instances=(
            _sigmoid.instance(),
            Instance(
                "main", block, values=SMALL, upstream=[1, 1], functions={phi: _sigmoid.RELU},
                claims=("block", "backward"),
            ),
            Instance(
                "six", readings, values=SMALL, functions={phi: _sigmoid.RELU},
                claims=("after_sum", "after_both", "linear", "before", "exchanged"),
            ),
        ),
        pitfalls=pitfalls(),
        prose=(
            "The proof that a small branch keeps norms better, from the three bounds.",
            "The proof that joins the expectations of one block to the law of a whole network.",
        ),
        errata=_sheet.RESIDUAL_ERRATA,
        audit=_sheet.RESIDUAL_AUDIT,
    )


SMALL = {X_0: [2, -1], W_1: [[-2, -2], [2, 1]], W_2: [[0, 1], [1, -1]]}


def pitfalls():
    return (
        *_sigmoid.pitfalls(),
        Pitfall("plain", "Forgetting to add the input: that is a block without the connection.",
                "output", lambda: W_2 @ phi(W_1 @ X_0)),
        Pitfall("skip", "Forgetting the identity of the connection.", "backward",
                lambda: W_1.T @ D @ W_2.T @ grad(X_1)),
        Pitfall("slopes", "Forgetting the slopes: that is reading D.", "block",
                lambda: identity(n) + W_2 @ W_1),
        Pitfall("slopes_outside", "Putting the slopes of the inner layer outside.", "block",
                lambda: identity(n) + D @ W_2 @ W_1),
        Pitfall("order", "Multiplying in the order of reading.", "block",
                lambda: identity(n) + W_1 @ D @ W_2),
        Pitfall("transposed", "Multiplying a gradient by the Jacobian itself.", "backward",
                lambda: grad(X_1) + W_2 @ D @ W_1 @ grad(X_1)),
    )


problem = Problem(
    title="Residual connections",
    question="004.1",
    source="Question 1",
    solve=solve,
)
