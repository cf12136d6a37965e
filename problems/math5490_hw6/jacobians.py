"""Question 1: the Jacobians of an affine map, of an activation, and of a layer made of both."""

import numpy as np
import sympy as sp

from solutionset.authoring import (
    AuditRow,
    Computation,
    Erratum,
    Figure,
    Instance,
    Pitfall,
    Problem,
    Solution,
    argument,
    at,
    chain,
    counterexample,
    define,
    diag,
    dim,
    elementwise,
    exact,
    jac,
    jacobian,
    literal,
    matrix,
    norm,
    number,
    order,
    parameter,
    relation,
    vector,
)

n, m, p = dim("n", "j"), dim("m", "l"), dim("p", "i")

x = vector("x", n, meaning="the input")
A = matrix("A", p, m, meaning="the outer matrix of part (iii)")
B = matrix("B", m, n, meaning="the inner matrix of part (iii)")
b = vector("b", m, meaning="the shift of part (iii)")
M = matrix("M", p, n, meaning="the matrix of part (i), called $A$ on the sheet")
c = vector("c", p, meaning=r"the shift of part (i), called $\mathbf{b}$ on the sheet")
u = vector("u", n, meaning="a direction in which the input moves")
v = vector("v", p, meaning="a weight for each output")
t = parameter("t", 0.1, 0.2)
sigma = elementwise("sigma")

affine = define("a", M @ x + c)
activated = define("h", sigma(x))
z = define("z", B @ x + b)
s = define("s", sigma(z))
g = define("g", A @ s)
D = define("D", diag(sigma.prime(z)))
r = define("r", B @ u)
w = define("w", A.T @ v)


def affine_forward(M, x, c):
    return M @ x + c


def activation_forward(x, sigma):
    return sigma(x)


def layer_forward(A, B, b, x, sigma):
    z = B @ x + b
    return {"z": z, "s": sigma(z), "g": A @ sigma(z)}


def products_forward(A, B, b, x, u, v, sigma):
    return {**layer_forward(A, B, b, x, sigma), "r": B @ u, "w": v @ A}


map_i = Computation("affine", definitions=(affine,), forward=affine_forward)
map_ii = Computation("activation", definitions=(activated,), forward=activation_forward)
layer = Computation("layer", definitions=(z, D, s, g), forward=layer_forward)
# The same layer with a direction at its input and a weight at its output.
products = Computation(
    "products", definitions=(z, s, r, w, g), forward=products_forward, parameters=(t,), argument=x
)


def solve():
    return Solution(
        claims=(*parts(), *both_sides(), *remainder_claims(), kink(), by_hand()),
        figures=(
            Figure(
                "remainder", draw_remainder, remainders,
                alt="Log-log plot of the norm of the remainder against the step, for twenty random "
                "layers each. With the right Jacobian the lines fall with slope two, with the "
                "slope of the activation left out they fall with slope one.",
                caption="What the linear approximation leaves over, for 20 random tanh layers and "
                "directions. With $A D B$ it shrinks like the square of the step, with $A B$, "
                "which forgets the slope of the activation, only like the step itself.",
                height=2.5,
            ),
        ),
        instances=(shifted, cubes, squares, logistic),
        pitfalls=pitfalls(),
        errata=(
            Erratum(
                name="differentiable", question="001.1", where="parts (ii) and (iii)",
                sheet_says="The activation is any function of one variable.",
                correct="It must be differentiable at each entry of its argument. At a kink the "
                "formula has no meaning, and neither 0 nor 1 is safe for the missing slope: the "
                "network may have a derivative there that the formula misses.",
                kind="gap",
                evidence="The layer below, made of two units with a kink at zero, is the identity "
                "map; the usual choices of the slope at zero give the derivatives 0 and 2.",
                claim="kink",
            ),
        ),
        audit=audit(),
    )


# ------------------------------------------------------------------------------ claims


def parts():
    """Parts (i) to (iii), and the product once more without the chain rule."""
    return (
        jacobian("affine", map_i, of=affine, wrt=x, title="Jacobian of an affine map"),
        jacobian("activation", map_ii, of=activated, wrt=x, title="Jacobian of an activation"),
        jacobian("inner", layer, of=z, wrt=x, title="Jacobian of the inner affine map"),
        jacobian(
            "middle", layer, of=s, wrt=z, title="Jacobian of the activation inside", fold=(D,)
        ),
        jacobian("outer", layer, of=g, wrt=s, title="Jacobian of the outer linear map"),
        chain(
            "layer", layer, jac(g, x),
            (jac(g, s) @ jac(s, z) @ jac(z, x), "chain rule"),
            (A @ jac(s, z) @ B, "part (i), twice"),
            (A @ D @ B, "part (ii)"),
            title="Jacobian of a layer",
        ),
        jacobian("entries", layer, of=g, wrt=x, title="The same, entry by entry", fold=(D,)),
    )


def both_sides():
    """Products with a vector from either side, and that the two agree when paired."""
    slope = sigma.prime(z)
    return (
        chain(
            "push", products, jac(g, x) @ u,
            (A @ diag(slope) @ B @ u, "Jacobian of a layer"),
            (A @ diag(slope) @ r, "first the product with $B$"),
            (A @ (slope * r), "a diagonal matrix scales the entries"),
            title="A direction pushed forward",
        ),
        chain(
            "pull", products, jac(g, x).T @ v,
            (B.T @ diag(slope) @ A.T @ v, "transpose: the order turns round"),
            (B.T @ diag(slope) @ w, r"first the product with $A^{\top}$"),
            (B.T @ (slope * w), "a diagonal matrix scales the entries"),
            title="Weights pulled back",
        ),
        chain(
            "pairing", products, v.T @ jac(g, x) @ u,
            (v.T @ (A @ (slope * r)), "push the direction forward, then pair"),
            (w.T @ (slope * r), r"move $A$ to the other side"),
            ((B.T @ (slope * w)).T @ u, r"move $B$ too: pull the weights back, then pair"),
            title="Both products agree",
        ),
    )


def remainder_claims():
    """What the linear approximation leaves over, with the right Jacobian and without the slope."""
    step = number(t)
    moved = at(g, x, x + step * u) - g
    return (
        order(
            "second_order", products, norm(moved - step * (jac(g, x) @ u)), t, 2,
            title="Remainder with the Jacobian",
        ),
        order(
            "first_order", products, norm(moved - step * (A @ r)), t, 1,
            title="Remainder without the slopes",
        ),
    )


def kink():
    """x = ReLU(x) - ReLU(-x) has slope one, whatever is put in for the slope of ReLU at zero."""
    outer, inner = literal([[1, -1]]), literal([1, -1])
    none, full = literal([[0, 0], [0, 0]]), literal([[1, 0], [0, 1]])
    return counterexample(
        "kink",
        relation(outer @ literal([1, 0]), "=", 1, "at the input 1 the first unit is active"),
        relation(outer @ literal([0, 1]), "=", -1, "at the input $-1$ the second unit is active"),
        relation(outer @ none @ inner, "=", 0, "the formula at 0 with slopes 0"),
        relation(outer @ full @ inner, "=", 2, "the formula at 0 with slopes 1"),
        title="At a kink the formula fails",
    )


# --------------------------------------------------------------------------- instances

OUTER, INNER = [[1, -1, 2], [0, 1, 1]], [[1, 0, 1, 0], [0, 1, -1, 1], [1, 1, 0, -1]]
SHIFT, INPUT, SLOPES = [1, -1, 0], [1, 2, -1, 1], [2, 6, 4]

shifted = Instance(
    "shifted", map_i, values={M: [[1, -2, 0], [3, 1, -1]], x: [2, 1, -1], c: [1, -3]},
    claims=("affine",),
)

cubes = Instance(
    "cubes", map_ii, values={x: [1, -2, 3]}, functions={sigma: argument**3},
    claims=("activation",),
)

squares = Instance(
    "squares", layer,
    values={A: OUTER, B: INNER, b: SHIFT, x: INPUT},
    functions={sigma: argument**2},
    claims=("entries",),
)

LN3 = sp.log(3)

logistic = Instance(
    "logistic", layer,
    values={A: [[4, 4], [8, -4]], B: [[1, 1, 0], [-1, 2, 1]], b: [0, 0], x: [LN3, 0, LN3]},
    functions={sigma: 1 / (1 + sp.exp(-argument))},
    claims=("entries",),
)


def by_hand():
    """Both products on the numbers of the first instance; neither forms the Jacobian."""
    outer, inner, slopes = literal(OUTER), literal(INNER), literal(SLOPES)
    direction, weights = literal([1, 0, 2, -1]), literal([3, -1])
    pushed, pulled = literal([40, -10]), literal([26, -4, 30, -44])
    return exact(
        "by_hand",
        relation(inner @ direction, "=", literal([3, -3, 2]), "the direction behind $B$"),
        relation(outer @ (slopes * literal([3, -3, 2])), "=", literal([40, -10]), "and behind $A$"),
        relation(outer.T @ weights, "=", literal([3, -4, 5]), "the weights before $A$"),
        relation(
            inner.T @ (slopes * literal([3, -4, 5])), "=", literal([26, -4, 30, -44]),
            "and before $B$",
        ),
        relation(weights.T @ pushed, "=", 130, "paired at the output"),
        relation(pulled.T @ direction, "=", 130, "paired at the input: the same"),
        title="Both products by hand",
    )


def pitfalls():
    return (
        Pitfall(
            "affine_layout",
            "Part (i): laying the Jacobian out by columns. With as many outputs as inputs, as on "
            "the sheet, no shape shows it.",
            "affine", lambda: M.T,
        ),
        Pitfall(
            "slopes_as_vector",
            "Part (ii): writing the slopes as a vector, without the diagonal matrix.",
            "activation", lambda: sigma.prime(x),
        ),
        Pitfall("no_slope", "Forgetting the slope of the activation.", "layer", lambda: A @ B),
        Pitfall(
            "slope_of_value",
            "Taking the slope at the output of the activation instead of at its input.",
            "layer", lambda: A @ diag(sigma.prime(s)) @ B,
        ),
        Pitfall(
            "slope_at_input",
            "Taking the slope at the input of the layer. If all widths are equal, no shape shows "
            "it; the same is true of the next two.",
            "layer", lambda: A @ diag(sigma.prime(x)) @ B,
        ),
        Pitfall(
            "gradient_layout",
            "Writing the transpose, as a text would that lays Jacobians out by columns.",
            "layer", lambda: B.T @ D @ A.T,
        ),
        Pitfall("order", "Multiplying in the order of reading.", "layer", lambda: B @ D @ A),
    )


# ------------------------------------------------------------------------------- audit


def audit():
    def row(where, statement, verdict, claim, reason=""):
        return AuditRow("001.1", where, statement, verdict, claim, reason)

    return (
        row("part (i)", "The Jacobian of an affine map is its matrix.", "holds", "affine",
            "for any number of rows; the sheet asks for a square matrix only"),
        row("part (ii)", "The Jacobian of an activation is the diagonal matrix of its slopes, for "
            "any function of one variable.", "gap", "kink", "where it is differentiable"),
        row("part (ii)", "The matrix of slopes is diagonal.", "holds", "activation"),
        row("part (iii)", "The Jacobian of the layer is the product of the outer matrix, the "
            "slopes at the inner affine map, and the inner matrix.", "holds", "layer",
            "for all shapes that can be multiplied; the sheet states none"),
        row("part (iii)", "It follows from the first two parts and the chain rule.", "holds",
            "layer"),
    )


# ------------------------------------------------------------------------------ figure

LAYERS, STEPS = 20, 2.0 ** -np.arange(2, 14)


def remainders(rng):
    """Remainders of random tanh layers, right and without the slopes: arrays (layers, steps)."""
    pairs = [remainders_of_layer(rng) for _ in range(LAYERS)]
    return tuple(np.array(sizes) for sizes in zip(*pairs, strict=True))


def remainders_of_layer(rng):
    A, B = rng.standard_normal((3, 5)), rng.standard_normal((5, 4))
    b, x, u = rng.standard_normal(5), rng.standard_normal(4), rng.standard_normal(4)
    u /= np.linalg.norm(u)
    slope = 1 - np.tanh(B @ x + b) ** 2

    def sizes(direction):
        moved = [A @ np.tanh(B @ (x + t * u) + b) - A @ np.tanh(B @ x + b) for t in STEPS]
        return [np.linalg.norm(d - t * direction) for d, t in zip(moved, STEPS, strict=True)]

    return sizes(A @ (slope * (B @ u))), sizes(A @ (B @ u))


def draw_remainder(axes, data):
    right, wrong = data
    for sizes, colour, style in ((wrong, "#C2410C", "--"), (right, "#1F5673", "-")):
        axes.loglog(STEPS, sizes.T, style, color=colour, linewidth=0.5, alpha=0.45)
        axes.loglog(STEPS, np.median(sizes, axis=0), style, color=colour, linewidth=2)
    axes.text(2e-3, 1, "with $A B$: slope 1", color="#C2410C", ha="right")
    axes.text(1e-2, 1e-8, "with $A D B$: slope 2", color="#1F5673")
    axes.set_ylim(1e-10, 10)
    axes.set_xlabel("step $t$")
    axes.set_ylabel("norm of the remainder")


problem = Problem(
    title="Jacobians of a layer",
    question="001.1",
    source="Homework 6, question 1",
    solve=solve,
)
