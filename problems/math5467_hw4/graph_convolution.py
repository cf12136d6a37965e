"""Question 2: back-propagation through a layer of a graph convolutional network."""

import numpy as np
import sympy as sp

from solutionset.authoring import (
    AuditRow,
    Computation,
    CountRow,
    Erratum,
    Figure,
    Instance,
    Pitfall,
    Problem,
    Solution,
    argument,
    chain,
    count,
    counterexample,
    define,
    dim,
    elementwise,
    exact,
    generator,
    grad,
    gradient,
    identity_of,
    jacobian,
    kron,
    literal,
    matrix,
    modulus,
    number,
    relation,
    symmetric,
    vec,
)

n, N, M = dim("n", "pim"), dim("N", "ql"), dim("M", "j")

A = matrix("A", n, n, meaning="adjacency matrix of the graph, possibly weighted")
H_prev = matrix("H_prev", n, N, symbol="H", label="k-1", meaning="input, one row a node")
W = matrix("W", N, M, label="k", meaning="weights of the layer; on the sheet $M$ is $N$")
sigma = elementwise("sigma")

Z = define("Z", A @ H_prev @ W, label="k")
H = define("H", sigma(Z), label="k")


def forward(A, H_prev, W, sigma):
    Z = A @ H_prev @ W
    return {"Z": Z, "H": sigma(Z)}


layer = Computation("layer", definitions=(Z, H), forward=forward)

undirected = symmetric(A, "$A$ is symmetric")
# The same layer on data with a symmetric A, for the formulas that need it.
undirected_layer = layer.under(undirected.assumption)


def solve():
    return Solution(
        claims=(*derivations(), *stacked_form(), kronecker(), walks(), reached_nodes(), kink()),
        figures=(
            Figure(
                "reach", draw_reach, gradients_on_a_grid,
                alt="Four maps of a grid of 9 by 9 nodes, shaded by the size of the gradient. With "
                "the bare adjacency matrix one, two and three layers reach nodes at exactly so "
                "many steps: a checkerboard diamond that grows by one step a layer, with holes "
                "between. With loops added, three layers reach the full diamond of radius three.",
                caption="How far a gradient reaches back through $r$ layers. The loss looks at the "
                "middle node of a grid; the shade is the logarithm of the norm of the gradient in "
                "the input of each node, white is exactly zero. One layer carries the gradient one "
                "step; without loops, nodes at the wrong parity get nothing.",
                width=6.4, height=2.05, panels=4,
            ),
        ),
        instances=(
            Instance(
                "friends", layer,
                values={A: [[1, 1, 0], [1, 0, 1], [0, 1, 0]], **FEATURES},
                upstream=[[2, -3], [1, -4], [0, 2]], functions={sigma: argument**2},
                claims=("grad_Z", "grad_H", "grad_W", "grad_A"),
            ),
            Instance(
                "directed", layer,
                values={A: [[1, 1, 0], [0, 0, 1], [1, 0, 0]], **FEATURES},
                upstream=[[2, -3], [-2, -4], [5, 5]], functions={sigma: argument**2},
                claims=("grad_Z", "grad_H"),
            ),
        ),
        pitfalls=pitfalls(),
        errata=ERRATA,
        audit=AUDIT,
    )


def derivations():
    slopes, upstream = sigma.prime(Z), grad(H)
    written_out = sigma.prime(A @ H_prev @ W)
    return (
        jacobian("entry", layer, of=H, wrt=H_prev, style="index",
                 title="What one input entry does to one output entry"),
        gradient("through_H", layer, of=H, wrt=H_prev,
                 title="Gradient in the input, by the hint"),
        gradient("undirected", layer, of=H, wrt=H_prev, rules=(undirected,),
                 title="Gradient in the input on an undirected graph"),
        chain("printed", undirected_layer, grad(H_prev),
              (A @ (upstream * slopes) @ W.T, "last line of the derivation"),
              (A @ (slopes * upstream) @ W.T, "entrywise products commute"),
              (A @ (written_out * upstream) @ W.T, "definition of $Z_k$"),
              title="The formula of the sheet"),
        gradient("grad_Z", layer, of=H, wrt=Z, title="Gradient before the activation"),
        gradient("grad_H", layer, of=Z, wrt=H_prev, title="Gradient in the input, staged"),
        gradient("grad_W", layer, of=Z, wrt=W, title="Gradient in the weights"),
        gradient("grad_A", layer, of=Z, wrt=A, title="Gradient in the adjacency matrix"),
    )


FEATURES = {
    H_prev: [[1, 2], [-1, -1], [0, -1]],
    W: [[-1, 0], [-1, -1]],
}


def stacked_form():
    """Forwards and backwards on stacked columns, for any graph."""
    return (
        identity_of("stacked", layer, vec(Z), kron(W.T, A) @ vec(H_prev),
                    because="column by column", title="The layer on stacked columns"),
        identity_of("stacked_back", layer, vec(grad(H_prev)), kron(W, A.T) @ vec(grad(Z)),
                    because="the transposed matrix", title="Its gradient on stacked columns"),
    )


def kink():
    """One node with a loop and weight one: the layer is its activation, here the modulus."""
    right, left, zero = number(2), number(-2), number(0)
    return counterexample(
        "kink",
        relation((modulus(right) - modulus(zero)) / right, "=", 1, "from zero to the right"),
        relation((modulus(left) - modulus(zero)) / left, "=", -1, "from zero to the left"),
        title="At a kink there is no slope",
    )


def kronecker():
    """The layer as one big matrix on stacked columns, and its transpose backwards."""
    a = sp.Matrix([[1, 2], [0, 1]])
    features, weights = sp.Matrix([[1, -1], [2, 1]]), sp.Matrix([[1, 2], [3, 1]])
    upstream = sp.Matrix([[1, 0], [-1, 2]])
    big = literal(sp.kronecker_product(weights.T, a).tolist())
    return exact(
        "kronecker",
        relation(big @ stacked(features), "=", stacked(a * features * weights),
                 "forwards: the stacked columns of $A H_{k-1} W_k$"),
        relation(big.T @ stacked(upstream), "=", stacked(a.T * upstream * weights.T),
                 "backwards: those of $A^{\\top} U W_k^{\\top}$"),
        title="One layer as one matrix",
    )


def stacked(matrix_of_numbers):
    """The columns of a matrix, one under the other."""
    return literal(matrix_of_numbers.T.reshape(len(matrix_of_numbers), 1).tolist())


def walks():
    """Powers of the adjacency matrix of a path of five nodes, applied to its first node."""
    path = sp.Matrix(5, 5, lambda i, j: int(abs(i - j) == 1))
    start = literal([1, 0, 0, 0, 0])
    bare, loops = literal(path.tolist()), literal((path + sp.eye(5)).tolist())
    return exact(
        "walks",
        relation(bare @ bare @ bare @ start, "=", literal([0, 2, 0, 1, 0])),
        relation(loops @ loops @ loops @ start, "=", literal([4, 5, 3, 1, 0])),
        title="Walks of length three on a path",
    )


# ------------------------------------------------------------------------- reach on a grid

SIDE, WIDTH = 9, 4


def grid(loops):
    """Adjacency matrix of a grid of SIDE by SIDE nodes, scaled so that tanh does not saturate."""
    line = np.eye(SIDE, k=1) + np.eye(SIDE, k=-1)
    bare = np.kron(line, np.eye(SIDE)) + np.kron(np.eye(SIDE), line)
    return (bare + np.eye(SIDE**2) if loops else bare) / 4


def gradient_norms(adjacency, layers, rng):
    """Norm of the gradient in each node's input, for a loss that looks at the middle node."""
    state, weights, slopes = rng.standard_normal((SIDE**2, WIDTH)), [], []
    for _ in range(layers):
        weights.append(rng.standard_normal((WIDTH, WIDTH)))
        state = np.tanh(adjacency @ state @ weights[-1])
        slopes.append(1 - state**2)
    back = np.zeros_like(state)
    back[SIDE**2 // 2] = rng.standard_normal(WIDTH)
    for W, slope in zip(weights[::-1], slopes[::-1], strict=True):
        back = adjacency.T @ (slope * back) @ W.T
    return np.linalg.norm(back, axis=1).reshape(SIDE, SIDE)


LAYERS = ((1, "one layer"), (2, "two layers"), (3, "three layers"))
CASES = ((False, 1), (False, 2), (False, 3), (True, 3))


def gradients_on_a_grid(rng):
    return [gradient_norms(grid(loops), layers, rng) for loops, layers in CASES]


def draw_reach(axes, data):
    for panel, norms, (loops, layers) in zip(axes, data, CASES, strict=True):
        with np.errstate(divide="ignore"):
            shade = np.where(norms > 0, np.log10(norms), np.nan)
        panel.imshow(shade, cmap="Blues", vmin=np.nanmin(shade) - 1, origin="lower")
        panel.grid(visible=False)
        panel.set_xticks([0, 4, 8])
        panel.set_yticks([0, 4, 8])
        panel.set_title(f"$r = {layers}$, with loops" if loops else f"$r = {layers}$")
        panel.set_xlabel("column of the grid")
        panel.set_ylabel("row of the grid")


def reached_nodes():
    """Nodes with a gradient, counted in real networks, against the closed forms."""
    r = sp.Symbol("r", integer=True, positive=True)

    def listed(loops, layers):
        rng = generator("graph_convolution", "reached", layers)
        return int(np.count_nonzero(gradient_norms(grid(loops), layers, rng)))

    rows = [CountRow(f"{word}, without loops", listed(False, k), (r + 1) ** 2, {"r": k})
            for k, word in LAYERS]
    rows += [CountRow(f"{word}, with loops", listed(True, k), 2 * r**2 + 2 * r + 1, {"r": k})
             for k, word in LAYERS]
    return count("reached", *rows, title="Nodes that a gradient reaches on a grid")


# ------------------------------------------------------------------------ pitfalls, audit


def pitfalls():
    bracket = grad(H) * sigma.prime(Z)
    return (
        Pitfall("reversed", "Using the formula for undirected graphs on a directed one: the "
                "gradient then does not return the way the features came.", "through_H",
                lambda: A @ bracket @ W.T),
        Pitfall("weights", "Forgetting to transpose the weights. On the sheet they are square, "
                "and no shape shows it.", "through_H",
                lambda: A.T @ bracket @ W),
        Pitfall("graph", "Forgetting the graph on the way back.", "through_H",
                lambda: bracket @ W.T),
        Pitfall("late_slope", "Applying the slopes after the matrices instead of before. The "
                "shapes hide it when the layer keeps the number of features.", "through_H",
                lambda: sigma.prime(Z) * (A.T @ grad(H) @ W.T)),
        Pitfall("no_slope", "Forgetting the slopes.", "through_H",
                lambda: A.T @ grad(H) @ W.T),
        Pitfall("at_output", "Taking the slopes at the output instead of before the activation.",
                "grad_Z", lambda: grad(H) * sigma.prime(H)),
        Pitfall("own_features", "Forgetting in the weight gradient that a node sees the features "
                "of its neighbours and not its own.", "grad_W", lambda: H_prev.T @ grad(Z)),
        Pitfall("wrong_side", "Transposing the graph in the weight gradient a second time.",
                "grad_W", lambda: (A.T @ H_prev).T @ grad(Z)),
    )


ERRATA = (
    Erratum(
        name="differentiable", question="000.2", where="the layer",
        sheet_says="The activation is any function; its slope appears in the result.",
        correct="The activation has to be differentiable at every entry of $A H_{k-1} W_k$.",
        kind="gap",
        evidence="On a graph of one node with a loop, features zero and weight one, the activation "
        "$t \\mapsto |t|$ gives a layer without slope: its quotients are 1 to the right and "
        "$-1$ to the left.",
        claim="kink",
    ),
    Erratum(
        name="loss_letter", question="000.2", where="hint, chain rule",
        sheet_says="On the right of the chain rule the loss is an upright capital, on the left a "
        "calligraphic one; in question 1 the plain capital is the number of layers.",
        correct="Both are the same loss.",
        kind="notation",
        evidence="With one letter for the loss, the hint is the first line of the derivation.",
        claim="through_H",
    ),
    Erratum(
        name="weight_matrix", question="000.2", where="sentence on symmetry",
        sheet_says="The adjacency matrix is called the weight matrix, a name that the trained "
        "matrix of the layer also has.",
        correct="It is the matrix of the graph that is assumed symmetric; the trained matrix is "
        "arbitrary.",
        kind="notation",
        evidence="The last step of the derivation uses the symmetry of the graph and nothing about "
        "the trained matrix.",
        claim="undirected",
    ),
)

AUDIT = (
    AuditRow("000.2", "the layer", "A layer multiplies by the graph, then by the weights, and "
             "applies the activation.", "holds", "", "A definition. With a zero diagonal a node "
             "does not see its own features; many authors add loops and normalise."),
    AuditRow("000.2", "the layer", "Rows are nodes.", "holds", "", "A convention; question 1 "
             "has columns."),
    AuditRow("000.2", "the layer", "The weights are square.", "holds", "", "A restriction that "
             "nothing needs; here they may change the number of features."),
    AuditRow("000.2", "sentence on symmetry", "The matrix of the graph may be taken symmetric.",
             "holds", "undirected", "An assumption, and needed: see the pitfall on directed "
             "graphs."),
    AuditRow("000.2", "displayed result", "The gradient in the features.", "holds", "printed",
             "For a symmetric matrix, and an activation with slopes where it is used."),
    AuditRow("000.2", "entrywise product", "It multiplies entry by entry.", "holds", "",
             "A definition."),
    AuditRow("000.2", "hint, first formula", "An entry of the output as a double sum.", "holds",
             "entry", "It is the entry form of the two definitions."),
    AuditRow("000.2", "hint, chain rule", "The gradient as a sum over all entries of the output.",
             "holds", "through_H", "If the loss depends on the features only through this layer."),
)

problem = Problem(
    title="Back-propagation through a graph convolution",
    question="000.2",
    source="Homework 4, question 2",
    solve=solve,
)
