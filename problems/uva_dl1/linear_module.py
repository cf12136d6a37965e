"""Questions 1.a to 1.c: a linear module on a batch, and the gradients it has to return."""

import _sheet_modules
import numpy as np

from solutionset.authoring import (
    Computation,
    Figure,
    Instance,
    Pitfall,
    Problem,
    Solution,
    chain,
    counterexample,
    define,
    dim,
    exact,
    grad,
    gradient,
    jacobian,
    literal,
    matrix,
    ones,
    relation,
    trace,
    vector,
)

# The letters of the sheet: W_ij, X_sj, and s, n for the sums of the chain rule.
S, M, N = dim("S", "st"), dim("M", "jm"), dim("N", "in")

X = matrix("X", S, M, meaning="input, a row for each of $S$ samples")
W = matrix("W", N, M, meaning="weights, a row for each of $N$ outputs")
b = vector("b", N, meaning="bias; the sheet writes the row $\\mathbf{b}^{\\top}$")

Y = define("Y", X @ W.T + ones(S) @ b.T, meaning="output")


def forward(X, W, b):
    return X @ W.T + b


linear = Computation("linear", definitions=(Y,), forward=forward)

# Small changes of the three, and what they do to the output and to the loss.
G = matrix("G", S, N, meaning="gradient of the loss in the output")
dX = matrix("X_dot", S, M, symbol="dot_X", meaning="a change of the input")
dW = matrix("W_dot", N, M, symbol="dot_W", meaning="a change of the weights")
db = vector("b_dot", N, symbol="dot_b", meaning="a change of the bias")
dY = define("Y_dot", dX @ W.T + X @ dW.T + ones(S) @ db.T, symbol="dot_Y")
dL = define("L_dot", trace(G.T @ dY), symbol="dot_L")


def changes_forward(X, W, G, X_dot, W_dot, b_dot):
    moved = X_dot @ W.T + X @ W_dot.T + b_dot
    return {"Y_dot": moved, "L_dot": np.sum(G * moved)}


changes = Computation("changes", definitions=(dY, dL), forward=changes_forward)


def three_gradients():
    return (
        jacobian("Y_in_W", linear, of=Y, wrt=W, style="index", title="The output in the weights"),
        gradient("grad_W", linear, of=Y, wrt=W, title="Gradient in the weights"),
        jacobian("Y_in_b", linear, of=Y, wrt=b, style="index", title="The output in the bias"),
        gradient("grad_b", linear, of=Y, wrt=b, title="Gradient in the bias"),
        chain("row", linear, grad(b).T, (ones(S).T @ grad(Y), "transpose: a row, as on the sheet"),
              title="Gradient in the bias, as a row"),
        jacobian("Y_in_X", linear, of=Y, wrt=X, style="index", title="The output in the input"),
        gradient("grad_X", linear, of=Y, wrt=X, title="Gradient in the input"),
    )


def without_indices():
    return chain(
        "changes", changes, dL,
        (trace(G.T @ dX @ W.T) + trace(G.T @ X @ dW.T) + trace(G.T @ ones(S) @ db.T),
         "put in the change of the output"),
        (trace(W.T @ G.T @ dX) + trace(X.T @ G @ dW) + ones(S).T @ G @ db,
         "factors may go round in a trace, and matrices may be transposed"),
        title="All three gradients from one change of the loss",
    )


# -------------------------------------------------------------------------- numbers

INPUT = [[1, 2, 0], [-1, 1, 3]]
WEIGHTS = [[1, 0, 2], [0, 1, -1], [2, 1, 0], [1, 1, 1]]
BIAS = [1, -1, 0, 2]
OUTPUT = [[2, 1, 4, 5], [6, -3, -1, 5]]
UPSTREAM = [[1, -1, 1, 1], [2, -2, -1, -2]]
GRAD_W = [[-1, 4, 6], [1, -4, -6], [2, 1, -3], [3, 0, -6]]

batch = Instance(
    "batch", linear, values={X: INPUT, W: WEIGHTS, b: BIAS}, upstream=UPSTREAM,
    claims=("grad_W", "grad_b", "grad_X"),
)


def on_numbers():
    """Facts about the instance, and about a square module, where shapes do not help."""
    outer = [literal(g) @ literal(x).T for g, x in zip(UPSTREAM, INPUT, strict=True)]
    both = literal([[1, 1]])
    up, first = literal([[1, 2], [3, 4]]), literal([[1, 1], [0, 1]])
    return (
        exact("per_sample", relation(outer[0] + outer[1], "=", literal(GRAD_W)),
              title="One outer product for each sample"),
        counterexample(
            "three_vectors",
            relation(both @ literal(OUTPUT), "=", literal([[8, -2, 3, 10]]),
                     "sum of the rows of the output"),
            relation(both @ literal(UPSTREAM), "=", literal([[3, -3, 0, -1]]),
                     "sum of the rows of its gradient: the gradient in the bias"),
            relation(both @ literal(OUTPUT), r"\neq", literal([BIAS]), "and the bias is neither"),
            title="Output, bias and gradient in the bias",
        ),
        exact(
            "square",
            relation(up.T @ first, "=", literal([[1, 4], [2, 6]]), "right"),
            relation(first.T @ up, "=", literal([[1, 2], [4, 6]]), "transposed, of the same shape"),
            title="A square module hides a transpose",
        ),
    )


def pitfalls():
    return (
        Pitfall("transposed", "Writing the gradient in the weights the other way round. Where "
                "the module is square, only numbers show it.", "grad_W",
                lambda: X.T @ grad(Y)),
        Pitfall("mean", "Taking the mean over the samples in the bias only. If the loss is a "
                "mean, its division is in the upstream gradient already.", "grad_b",
                lambda: grad(Y).T @ ones(S) / S.size),
        Pitfall("axis", "Summing over the outputs instead of the samples.", "grad_b",
                lambda: grad(Y) @ ones(N)),
        Pitfall("unsummed", "Handing back the gradient of all rows and trusting broadcasting.",
                "grad_b", lambda: grad(Y)),
        Pitfall("forward_weights", "Going back with the matrix of the way forward.", "grad_X",
                lambda: grad(Y) @ W.T),
    )


# --------------------------------------------------------------------------- figure


def outer_products(rng):
    """What each sample of the instance adds to the gradient in the weights, and the sum."""
    parts = [np.outer(g, x) for g, x in zip(UPSTREAM, INPUT, strict=True)]
    return [*parts, sum(parts)]


def draw_outer_products(axes, data):
    titles = ("first sample", "second sample", "sum")
    for panel, title, grid in zip(axes, titles, data, strict=True):
        panel.imshow(grid, cmap="PuOr_r", vmin=-14, vmax=14)
        panel.grid(visible=False)
        for (row, column), value in np.ndenumerate(grid):
            panel.text(column, row, f"${value}$", ha="center", va="center", color="black")
        panel.set_xticks(range(grid.shape[1]), [str(k + 1) for k in range(grid.shape[1])])
        panel.set_yticks(range(grid.shape[0]), [str(k + 1) for k in range(grid.shape[0])])
        panel.set_xlabel("input $j$")
        panel.set_ylabel("output $i$")
        panel.set_title(title)


def outer_figure():
    return Figure(
        "outer", draw_outer_products, outer_products, panels=3, width=6.0, height=2.1,
        alt="Three grids of four rows and three columns with a whole number in each cell. The "
        "first two are the outer products of the two samples; each row of such a grid is a "
        "multiple of the sample's input. The third is their sum, entry by entry.",
        caption="The gradient in the weights of the worked instance. In one sample each row is "
        "the input of that sample times the upstream gradient at that output; the samples add up.",
    )


def solve():
    return Solution(
        claims=(*three_gradients(), without_indices(), *on_numbers()),
        figures=(outer_figure(),),
        instances=(batch,),
        pitfalls=pitfalls(),
        errata=_sheet_modules.LINEAR_ERRATA,
        audit=_sheet_modules.LINEAR_AUDIT,
        prose=(
            "A bias is a weight whose input is always one.",
            "The way back needs the input and the weights, not the output.",
        ),
    )


problem = Problem(
    title="The linear module", question="002.1.a-c", source="Questions 1.a to 1.c", solve=solve,
)
