"""Question 1: the slope of the sigmoid, a residual block, and the norms of gradients."""

import _norms
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
    argument,
    bound,
    chain,
    counterexample,
    define,
    diag,
    dim,
    elementwise,
    exact,
    exp,
    expectation,
    experiment,
    grad,
    gradient,
    identity,
    jac,
    jacobian,
    literal,
    matrix,
    norm,
    number,
    ones,
    parameter,
    relation,
    scalar,
    spectral_norm,
    theorem,
    vector,
)

# ------------------------------------------------------------------------- (a) the sigmoid

x = scalar("x", meaning="a number")
logistic = elementwise("sigma", body=1 / (1 + sp.exp(-argument)))
t = define("t", exp(-x))
y = define("y", logistic(x))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def unit_forward(x):
    return {"t": np.exp(-x), "y": sigmoid(x)}


unit = Computation("unit", definitions=(t, y), forward=unit_forward)

RELU = sp.Piecewise((argument, argument > 0), (0, True))
rectifier = elementwise("relu", body=RELU)
v = define("v", rectifier(x))
rectified = Computation("rectified", definitions=(v,), forward=lambda x: np.maximum(x, 0))

h, j, k, m = (dim(name) for name in "hjkm")
s_0 = vector("s_0", h, symbol="s", label="0", meaning="input")
V_1 = matrix("V_1", j, h, symbol="V", label="1", meaning="weights of the first layer")
V_2 = matrix("V_2", k, j, symbol="V", label="2", meaning="weights of the second layer")
V_3 = matrix("V_3", m, k, symbol="V", label="3", meaning="weights of the third layer")
a_1 = define("a_1", V_1 @ s_0, symbol="a", label="1")
s_1 = define("s_1", logistic(a_1), symbol="s", label="1")
a_2 = define("a_2", V_2 @ s_1, symbol="a", label="2")
s_2 = define("s_2", logistic(a_2), symbol="s", label="2")
a_3 = define("a_3", V_3 @ s_2, symbol="a", label="3")
s_3 = define("s_3", logistic(a_3), symbol="s", label="3")


def three_layers_forward(V_1, V_2, V_3, s_0):
    s_1 = sigmoid(V_1 @ s_0)
    s_2 = sigmoid(V_2 @ s_1)
    return {"s_1": s_1, "s_2": s_2, "s_3": sigmoid(V_3 @ s_2)}


three_layers = Computation(
    "three_layers", definitions=(a_1, s_1, a_2, s_2, a_3, s_3), forward=three_layers_forward,
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


# A branch whose second weights are random with mean zero: entries S (M - p), M one or zero.
keep = parameter("p", 0.2, 0.9)
M = matrix("M", n, m, meaning="random entries, one with probability $p$ and else zero")
S = matrix("S", n, m, meaning="sizes of the random weights")
w = vector("w", m, meaning="what the first layer makes of a direction")
o = vector("o", n, meaning="the direction itself")
centred = M - number(keep) * (ones(n) @ ones(m).T)
moved = define("moved", (centred * S) @ w, symbol="b")
skipped = define("skipped", o + moved, symbol="c")


def random_branch_forward(M, S, w, o, p):
    branch = ((M - p) * S) @ w
    return {"moved": branch, "skipped": o + branch}


random_branch = Computation(
    "random_branch", definitions=(moved, skipped), forward=random_branch_forward,
    parameters=(keep,), sizes={n: 2, m: 3},
)


def small(rng, shape):
    """Weights so small that every sigmoid works next to its steepest point."""
    return np.full(shape, 0.1)


def zero(rng, shape):
    return np.zeros(shape)


def positive(rng, shape):
    return np.ones(shape)


def sigmoid_claims():
    one, half, quarter = number(1), number(sp.Rational(1, 2)), number(sp.Rational(1, 4))
    return (
        chain("sigmoid", unit, y, ((one + t) ** -1, "definition"), title="The sigmoid"),
        jacobian("named", unit, of=y, wrt=x, title="Slope of the sigmoid, by name"),
        chain("slope", unit, jac(y, x),
              (t * (one + t) ** -2, "quotient rule"),
              (logistic(x) * (one - logistic(x)), "each factor through the value"),
              (quarter - (logistic(x) - half) ** 2, "complete the square"),
              title="Slope of the sigmoid"),
        bound("largest", unit, jac(y, x), quarter, tight={x: zero},
              title="Largest slope of the sigmoid"),
        exact("attained", relation(logistic.prime(number(0)), "=", quarter),
              title="The bound is attained at zero"),
        exact("rectifier",
              relation(rectifier.prime(number(1)), "=", 1, "active: the gradient passes unchanged"),
              relation(rectifier.prime(number(-1)), "=", 0, "inactive: it is lost"),
              relation(logistic.prime(number(-1)), ">", rectifier.prime(number(-1)),
                       "there the sigmoid is better"),
              title="Slopes of the rectifier"),
        bound("steepest", rectified, jac(v, x), one, tight={x: positive},
              title="Largest slope of the rectifier"),
        exact("weights",
              relation(4 * logistic.prime(number(0)), "=", 1, "weight 4: the gradient keeps its "
              "size"),
              relation(8 * logistic.prime(number(0)), "=", 2, "weight 8: it doubles at each layer"),
              title="Weights can make up for the slope"),
        bound("three_layers", three_layers, spectral_norm(jac(s_3, s_0)),
              sp.Rational(1, 64) * (spectral_norm(V_1) * spectral_norm(V_2) * spectral_norm(V_3)),
              tight={V_1: small, V_2: small, V_3: small, s_0: zero},
              title="Three sigmoid layers"),
    )


def block_claims():
    return (
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
              tight={G: plus_half}, title="A residual block lengthens at most by its branch"),
        bound("not_shorter", small_branch, (number(1) - reach) * norm(e), norm(residual),
              tight={G: minus_half}, title="A residual block shortens at most by its branch"),
        bound("plain", small_branch, norm(plain), reach * norm(e), tight={G: plus_half},
              title="A plain block shortens at least to its branch"),
    )


def expected_norms():
    variance = keep.symbol * (1 - keep.symbol)
    spread = variance * (ones(n).T @ (S * S) @ (w * w))
    return (
        expectation("expected_plain", random_branch, norm(moved) ** 2, spread,
                    mask=M, probability=keep, title="Mean square without the connection"),
        expectation("expected_residual", random_branch, norm(skipped) ** 2,
                    o.T @ o + spread,
                    mask=M, probability=keep, title="Mean square with the connection"),
    )


ROTATION = [[sp.Rational(3, 5), sp.Rational(4, 5)], [sp.Rational(-4, 5), sp.Rational(3, 5)]]


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
        counterexample(
            "orthogonal",
            relation(norm(literal(ROTATION) @ arriving), "=", 5),
            title="A plain layer that keeps every norm"),
        counterexample(
            "nilpotent",
            relation(spectral_norm(literal([[0, 0], [0, 2]])), "=", 2, "one layer"),
            relation(spectral_norm(literal([[2, 0], [0, 0]])), "=", 2, "the next"),
            relation(literal([[2, 0], [0, 0]]) @ literal([[0, 0], [0, 2]]), "=",
                     literal([[0, 0], [0, 0]]), "both"),
            title="Gradients that vanish without small norms"),
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
        "width 16, 300 draws a point. Left: median and the middle four fifths. Right: root mean "
        "square against depth; dashed what the expectation predicts.",
        width=6.2, height=2.5, panels=2,
    )


def solve():
    return Solution(
        claims=(
            *sigmoid_claims(), *block_claims(), *norm_claims(), *expected_norms(), *limits(),
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
        figures=(norm_figure(),),
        instances=(
            Instance(
                "main", block, values=SMALL, upstream=[1, 1], functions={phi: RELU},
                claims=("block", "backward"),
            ),
            Instance(
                "six", readings, values=SMALL, functions={phi: RELU},
                claims=("after_sum", "after_both", "linear", "before", "exchanged"),
            ),
        ),
        pitfalls=pitfalls(),
        errata=_sheet.RESIDUAL_ERRATA,
        audit=_sheet.RESIDUAL_AUDIT,
    )


SMALL = {X_0: [2, -1], W_1: [[-2, -2], [2, 1]], W_2: [[0, 1], [1, -1]]}


def pitfalls():
    return (
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
