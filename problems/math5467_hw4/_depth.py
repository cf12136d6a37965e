"""What the introduction of question 1 says about depth, as claims, and the figure on it."""

import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    bound,
    chain,
    counterexample,
    define,
    det,
    dim,
    exact,
    grad,
    identity,
    literal,
    matrix,
    modulus,
    norm,
    number,
    relation,
    scalar,
    spectral_norm,
    spectral_radius,
    theorem,
    vector,
)

n = dim("n", "ip")

# Two plain layers without activation and bias; the sheet calls their weights W_1 and W_2.
A1 = matrix("A1", n, n, symbol="A", label="1", meaning="weights of the first plain layer")
A2 = matrix("A2", n, n, symbol="A", label="2", meaning="weights of the second")
x = vector("x", n, meaning="input of the plain network")
y1 = define("y1", A1 @ x, symbol="y", label="1")
y2 = define("y2", A2 @ y1, symbol="y", label="2")


def plain_forward(A1, A2, x):
    y1 = A1 @ x
    return {"y1": y1, "y2": A2 @ y1}


plain = Computation("plain", definitions=(y1, y2), forward=plain_forward)


# A factor below one that tends to one, as a function of its place.
t = scalar("t", meaning="the place of a factor, two or more")
near_one = define("c", number(1) - t**-2)
factors = Computation("factors", definitions=(near_one,), forward=lambda t: 1 - 1 / t**2)


def tripled(rng, shape):
    """Three times a random orthogonal matrix: it stretches all directions alike."""
    return 3 * np.linalg.qr(rng.standard_normal(shape))[0]


def claims():
    return (*what_holds(), *what_does_not(), *residual_claims())


def what_holds():
    alike = {A1: tripled, A2: tripled}
    return (
        chain("plain_product", plain, y2, (A2 @ y1, "second layer"), (A2 @ A1 @ x, "first layer"),
              title="Two linear layers"),
        chain("plain_gradient", plain, grad(x),
              (A1.T @ grad(y1), "first layer"), (A1.T @ A2.T @ grad(y2), "second layer"),
              title="The gradient meets the same matrices"),
        bound("plain_above", plain, norm(grad(x)),
              spectral_norm(A1) * spectral_norm(A2) * norm(grad(y2)), tight=alike,
              title="The gradient is no larger than the spectral norms allow"),
        exact(
            "sensitive",
            relation(literal([[2]]) ** 10, "=", 1024, "ten layers of norm 2"),
            relation(number(sp.Rational(1, 2)) ** 10, "=", sp.Rational(1, 1024),
                                                                       "of norm one half"),
            title="Ten factors",
        ),
        bound("volume", plain, modulus(det(A2 @ A1)), spectral_norm(A2 @ A1) ** n.size, tight=alike,
              title="The determinant is no larger than the norm to the power n"),
        theorem(
            "growth",
            "If all eigenvalues of all matrices have modulus at least $1 + \\delta$, the norm of "
            "the product of $L$ of them is at least $(1 + \\delta)^L$, since its $n$-th power is "
            "at least the determinant. If all spectral norms are at most $\\rho$, it is at most "
            "$\\rho^L$.",
            parts=("volume", "plain_above"), title="What does hold",
            hypotheses=("square matrices", "one bound for all factors"),
        ),
    )


def what_does_not():
    half = sp.Rational(1, 2)
    upper, lower = literal([[half, 2], [0, half]]), literal([[half, 0], [2, half]])
    left, right = literal([[2, 0], [3, 2]]), literal([[2, 3], [0, 2]])
    start = literal([1, -2])
    product = literal([[half**2, 1], [1, half**2 + 4]])
    return (
        counterexample(
            "no_decay",
            relation(spectral_radius(upper), "=", half, "triangular: both eigenvalues are one "
                                                        "half"),
            relation(spectral_radius(lower), "=", half, "here, too"),
            relation(lower @ upper, "=", product, "two layers"),
            relation(spectral_radius(product), ">", 4, "each pair of layers multiplies by more "
                                                       "than 4"),
            title="Eigenvalues one half, and the product grows",
        ),
        counterexample(
            "no_growth",
            relation(spectral_radius(left), "=", 2, "triangular: both eigenvalues are 2"),
            relation(spectral_radius(right), "=", 2, "here, too"),
            relation(right @ left @ start, "=", start, "two layers return this input"),
            title="Eigenvalues two, and an input that never grows",
        ),
        counterexample(
            "not_the_norm",
            relation(spectral_radius(literal([[0, 5], [0, 0]])), "=", 0, "the eigenvalues"),
            relation(spectral_norm(literal([[0, 5], [0, 0]])), "=", 5, "the spectral norm"),
            title="Eigenvalues and the spectral norm are two things",
        ),
        counterexample(
            "slowly",
            relation(
                factor(-2) * factor(-3) * factor(-4) * factor(-5), "=", sp.Rational(3, 5),
                "and never below one half, however many",
            ),
            title="Factors below one, and no decay",
        ),
        chain(
            "telescope", factors, number(1) - t**-2,
            ((t - number(1)) * (t + number(1)) * t**-2, "factored"),
            title="The numerators of neighbouring factors cancel",
        ),
    )


def factor(k):
    """1 - 1/k^2, printed as that."""
    return number(1) - number(sp.Rational(1, k * k))


def residual_claims():
    one, minus = literal([[1]]), literal([[-1]])
    return (
        counterexample(
            "not_solved",
            relation(one + literal([[3]]) * one, "=", 4, "weights 3 and 1: four times a block"),
            relation(one + minus * one, "=", 0, "weights $-1$ and 1: nothing is left"),
            title="Linear residual blocks of width one",
        ),
        counterexample(
            "deeper_is_worse",
            relation(one + one * (one + number(0)), "=", 2, "output at first, for the input 1"),
            relation(number(1) - number(2), "=", -1, "each weight after a step of length one"),
            relation(number(0) - number(2), "=", -2, "the bias after it"),
            relation(one + minus * (minus - number(2)), "=", 4, "the output after it"),
            title="One block, one step of gradient descent",
        ),
        counterexample(
            "generalises_worse",
            relation((number(6) - number(3)) ** 2, "=", 9, "one block, trained"),
            relation((number(3) - number(3)) ** 2, "=", 0, "no block at all"),
            title="Squared error at the test input 3, where 3 is right",
        ),
        counterexample(
            "euler",
            relation(number(1) - number(3), "=", -2, "one step of Euler's method from 1"),
            relation((number(1) - number(3)) ** 10, "=", 1024, "ten steps"),
            title="A stable equation whose discretisation is not",
        ),
    )


def block_bounds(computation, weights, gradients, start, eye):
    """How much one block can change the norm of the gradient; branches that are +-I attain it."""
    outer, inner = weights
    before, after = (norm(grad(state)) for state in gradients)
    size = spectral_norm(outer) * spectral_norm(inner)
    return (
        bound("block_above", computation, before, (number(1) + size) * after,
              tight={**start, outer: eye}, title="What one block can add"),
        bound("block_below", computation, (number(1) - size) * after, before,
              tight={**start, outer: lambda rng, shape: -eye(rng, shape) / 4},
              title="What one block can take away"),
    )


def product_form(computation, states, branches):
    """The gradient through two blocks as a product, and multiplied out into its paths."""
    first, last = states
    J1, J2 = branches
    one, end = identity(n), grad(last)
    return chain(
        "paths", computation, grad(first),
        ((one + J1).T @ (one + J2).T @ end, "Jacobian of each block"),
        (end + J1.T @ end + J2.T @ end + J1.T @ J2.T @ end, "multiplied out: four paths"),
        title="Through two blocks",
    )


# ------------------------------------------------------------------------------ figure

WIDTH, DEPTH, RUNS = 16, 50, 40
SCALES = ((1.2, "1.2", "#C2410C"), (1.0, "1", "#475569"), (0.8, "0.8", "#7E22CE"))


def norms_on_the_way_back(rng):
    """Norm of the gradient at each layer over that at the output: arrays (runs, layers)."""
    plain_runs = [np.array([of_plain(rng, scale) for _ in range(RUNS)]) for scale, _, _ in SCALES]
    bounded = np.array([of_residual(rng, bounded=True) for _ in range(RUNS)])
    return plain_runs, bounded, np.array([of_residual(rng, bounded=False) for _ in range(RUNS)])


def of_plain(rng, scale):
    """Linear layers with independent normal weights."""
    matrices = scale * rng.standard_normal((DEPTH, WIDTH, WIDTH)) / np.sqrt(WIDTH)
    return ratios(rng, matrices)


def of_residual(rng, *, bounded):
    """Residual tanh blocks; in bounded ones the spectral norms have the product 1 / DEPTH."""
    state, jacobians = rng.standard_normal(WIDTH), []
    for _ in range(DEPTH):
        outer, inner = rng.standard_normal((2, WIDTH, WIDTH)) / np.sqrt(WIDTH)
        if bounded:
            outer /= DEPTH * np.linalg.norm(outer, 2) * np.linalg.norm(inner, 2)
        active = np.tanh(inner @ state)
        jacobians.append(np.eye(WIDTH) + outer @ ((1 - active**2)[:, None] * inner))
        state = state + outer @ active
    return ratios(rng, jacobians)


def ratios(rng, jacobians):
    back = rng.standard_normal(WIDTH)
    norms = [np.linalg.norm(back)]
    for jacobian in reversed(jacobians):
        back = jacobian.T @ back
        norms.append(np.linalg.norm(back))
    return np.array(norms) / norms[0]


def draw_way_back(axes, data):
    """Plain layers on the left, residual blocks on the right, both logarithmically."""
    plain_runs, bounded, unbounded = data
    left, right = axes
    steps = np.arange(DEPTH + 1)
    for runs, (_, name, colour) in zip(plain_runs, SCALES, strict=True):
        left.plot(steps, runs.T, color=colour, linewidth=0.3, alpha=0.3)
        middle = np.median(runs, axis=0)
        left.plot(steps, middle, color=colour, linewidth=1.8)
        left.text(DEPTH + 1, middle[-1], name, color=colour, va="center")
    left.set_title("plain linear layers")
    right.fill_between(steps, (1 - 1 / DEPTH) ** steps, (1 + 1 / DEPTH) ** steps,
                       color="#DCE7EE", linewidth=0)
    right.plot(steps, bounded.T, color="#1F5673", linewidth=0.4, alpha=0.5)
    right.plot(steps, np.median(unbounded, axis=0), "--", color="#C2410C", linewidth=1.8)
    right.text(48, 1.3, "provable band", color="#475569", ha="right")
    right.text(2, 0.45, "40 runs, small branches", color="#1F5673")
    right.text(2, 25, "branches not bounded", color="#C2410C")
    right.set_ylim(0.1, 100)
    right.set_title("residual tanh blocks")
    for panel in axes:
        panel.set_yscale("log")
        panel.set_xlim(0, DEPTH + 12)
        panel.set_xlabel("layers gone back")
        panel.set_ylabel("relative gradient norm")
