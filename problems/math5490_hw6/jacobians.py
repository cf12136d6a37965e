"""Question 1: the Jacobians of an affine map, of an activation, and of a layer made of both."""

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
    jac,
    jacobian,
    matrix,
    vector,
)

n, m, p = dim("n", "j"), dim("m", "l"), dim("p", "i")

x = vector("x", n, meaning="the input")
A = matrix("A", p, m, meaning="the outer matrix")
B = matrix("B", m, n, meaning="the inner matrix")
b = vector("b", m, meaning="the shift")
M = matrix("M", p, n, meaning="the matrix of part (i), called $A$ on the sheet")
c = vector("c", p, meaning="the shift of part (i)")
sigma = elementwise("sigma")

affine = define("a", M @ x + c)
activated = define("h", sigma(x))
z = define("z", B @ x + b)
s = define("s", sigma(z))
g = define("g", A @ s)
D = define("D", diag(sigma.prime(z)))


def affine_forward(M, x, c):
    return M @ x + c


def activation_forward(x, sigma):
    return sigma(x)


def layer_forward(A, B, b, x, sigma):
    z = B @ x + b
    return {"z": z, "s": sigma(z), "g": A @ sigma(z)}


map_i = Computation("affine", definitions=(affine,), forward=affine_forward)
map_ii = Computation("activation", definitions=(activated,), forward=activation_forward)
layer = Computation("layer", definitions=(z, D, s, g), forward=layer_forward)


def solve():
    return Solution(
        claims=(
            jacobian("affine", map_i, of=affine, wrt=x, title="Jacobian of an affine map"),
            jacobian("activation", map_ii, of=activated, wrt=x, title="Jacobian of an activation"),
            jacobian("inner", layer, of=z, wrt=x, title="Jacobian of the inner affine map"),
            jacobian("middle", layer, of=s, wrt=z, title="Jacobian of the activation at z", fold=(D,)),
            jacobian("outer", layer, of=g, wrt=s, title="Jacobian of the outer linear map"),
            chain(
                "layer", layer, jac(g, x),
                (jac(g, s) @ jac(s, z) @ jac(z, x), "chain rule"),
                (A @ jac(s, z) @ B, "part (i), twice"),
                (A @ D @ B, "part (ii)"),
                title="Jacobian of a layer",
            ),
            jacobian("entries", layer, of=g, wrt=x, title="The same, entry by entry", fold=(D,)),
        ),
        figures=(
            Figure(
                "remainder", draw_remainder, remainders,
                alt="Log-log plot of the remainder of the linear approximation against the step. "
                "With the right Jacobian the points fall on a line of slope two, with the diagonal "
                "left out on a line of slope one.",
                caption="What is left after the linear approximation. With $A D B$ it shrinks like "
                "the square of the step; with $A B$, which forgets the slope of the activation, only "
                "like the step itself.",
            ),
        ),
        instances=(
            Instance(
                "small", layer,
                values={
                    A: [[1, -1, 2], [0, 1, 1]],
                    B: [[1, 0, 1, 0], [0, 1, -1, 1], [1, 1, 0, -1]],
                    b: [1, -1, 0],
                    x: [1, 2, -1, 1],
                },
                functions={sigma: argument**2},
                claims=("entries",),
            ),
        ),
        pitfalls=(
            Pitfall("no_slope", "Forgetting the slope of the activation.", "layer", lambda: A @ B),
            Pitfall(
                "gradient_layout",
                "Writing the transpose, as a text would that lays gradients out by columns.",
                "layer", lambda: B.T @ D @ A.T,
            ),
            Pitfall("order", "Multiplying in the order of reading.", "layer", lambda: B @ D @ A),
        ),
        errata=(
            Erratum(
                name="differentiable", question="001.1", where="parts (ii) and (iii)",
                sheet_says="The activation is any function of one variable.",
                correct="It must be differentiable at each entry of its argument.",
                kind="gap",
                evidence="The proof takes the limit of a difference quotient of the activation.",
                claim="activation",
            ),
        ),
    )


def remainders(rng):
    """Remainders of the linear approximation of tanh layers along a random direction."""
    A, B = rng.standard_normal((3, 5)), rng.standard_normal((5, 4))
    b, x, u = rng.standard_normal(5), rng.standard_normal(4), rng.standard_normal(4)
    slope = 1 - np.tanh(B @ x + b) ** 2
    steps = 2.0 ** -np.arange(3, 13)

    def size(direction):
        moved = [A @ np.tanh(B @ (x + t * u) + b) - A @ np.tanh(B @ x + b) for t in steps]
        return [np.linalg.norm(r - t * direction) for r, t in zip(moved, steps, strict=True)]

    return steps, size(A @ (slope * (B @ u))), size(A @ (B @ u))


def draw_remainder(axes, data):
    steps, right, wrong = data
    axes.loglog(steps, wrong, "s-", label="with $A B$: slope 1")
    axes.loglog(steps, right, "o-", label="with $A D B$: slope 2")
    axes.set_xlabel("step $t$")
    axes.set_ylabel("norm of the remainder")
    axes.legend()


problem = Problem(
    title="Jacobians of a layer",
    question="001.1",
    source="Homework 6, question 1",
    solve=solve,
)
