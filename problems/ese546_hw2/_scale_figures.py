"""The figures on scale invariance: one step in the plane, its error, and the effective rate."""

import numpy as np

from solutionset.authoring import Quantity

BLUE, RED, GREY, GREEN = "#1F5673", "#C2410C", "#475569", "#4D7C0F"
SIZE, STEPS, RATE, FACTOR, NOISE = 5, 240, 0.05, 3, 1.0
ETAS = 2.0 ** -np.arange(0, 9)


def example(rng):
    """A function of the direction, even under no reflection: its matrix and its vector."""
    return rng.standard_normal((SIZE, SIZE)), rng.standard_normal(SIZE)


def gradient_at(x, M, a):
    """The gradient of a . tanh(M u) in x, for the direction u of x."""
    r = np.sqrt(x @ x)
    u = x / r
    back = M.T @ (a / np.cosh(M @ u) ** 2)
    return (back - u * (u @ back)) / r


def one_step(rng):
    """The worked instance in the plane, and errors of three expansions over learning rates."""
    start, slope = np.array([3, 4]), np.array([-4, 3]) / 9
    M, a = example(rng)
    x = rng.standard_normal(SIZE)
    r, g = np.sqrt(x @ x), gradient_at(x, M, a)
    u, h = x / r, gradient_at(x / r, M, a)
    errors = []
    for eta in ETAS:
        moved = (x - eta * g) / np.linalg.norm(x - eta * g)
        rest = moved - u + eta / r**2 * h
        wrong = moved - u + eta / r**2 * g
        errors.append((np.linalg.norm(wrong), np.linalg.norm(rest),
                       np.linalg.norm(rest - u * (u @ rest))))
    return start, start - 27 / 4 * slope, np.array(errors)


def draw_step(axes, data):
    start, end, errors = data
    left, right = axes
    turn = np.linspace(0, np.pi / 2, 91)
    left.plot(np.cos(turn), np.sin(turn), color=GREY, linewidth=0.8)
    for point, name, colour in ((start, "$x$", BLUE), (end, "$x_+$", RED)):
        left.plot([0, point[0]], [0, point[1]], color=colour, linewidth=0.8, linestyle=":")
        near = point / np.linalg.norm(point)
        left.plot(*point, "o", color=colour, markersize=4)
        left.plot(*near, "s", color=colour, markersize=4)
        left.text(point[0] + 0.15, point[1] + 0.15, name, color=colour)
    left.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": RED})
    left.text(0.15, 0.95, "$u$", color=BLUE)
    left.text(1.15, 0.05, "$u_+$", color=RED)
    left.text(4.6, 3.2, "step", color=RED)
    left.set_xlim(0, 7)
    left.set_ylim(0, 5)
    left.set_aspect("equal")
    left.set_xlabel("first coordinate")
    left.set_ylabel("second coordinate")
    names = ("gradient at $x$", "gradient at $u$", "the same, along the sphere")
    for column, name, colour in zip(errors.T, names, (RED, BLUE, GREEN), strict=True):
        right.loglog(ETAS, column, "o-", color=colour, markersize=3, label=name)
    right.legend(frameon=False, loc="lower right")
    right.set_ylim(1e-14, 1)
    right.set_xlabel("learning rate")
    right.set_ylabel("error of the expansion")


def run_from(x, rate, M, samples):
    """Squared lengths and directions along stochastic gradient descent, one sample a step."""
    lengths, directions = [], []
    for a in samples:
        lengths.append(x @ x)
        directions.append(x / np.sqrt(x @ x))
        x = x - rate * gradient_at(x, M, a)
    return np.array(lengths), np.array(directions)


def runs(rng):
    """Squared lengths and directions of two runs on the same samples, one three times as long."""
    M, a = example(rng)
    samples = a + NOISE * rng.standard_normal((STEPS, SIZE))
    x = rng.standard_normal(SIZE)
    x = x / np.linalg.norm(x)
    short = run_from(x, RATE, M, samples)
    return short, run_from(FACTOR * x, FACTOR**2 * RATE, M, samples)


def compare_runs(rng):
    (short, ours), (long, theirs) = runs(rng)
    apart = np.max(np.abs(ours - theirs), axis=1)
    return {
        "gap": Quantity(int(np.sum(apart > 1e-9)), 3),
        "first_length": Quantity(short[0], 3), "last_length": Quantity(short[-1], 3),
        "first_rate": Quantity(RATE / short[0], 3), "last_rate": Quantity(RATE / short[-1], 3),
        "other_rate": Quantity(FACTOR**2 * RATE / long[-1], 3),
    }


def draw_runs(axes, data):
    (short, _), (long, _) = data
    left, right = axes
    step = np.arange(STEPS)
    left.plot(step, short / short[0], color=BLUE)
    left.plot(step[::15], (long / long[0])[::15], "o", color=RED, markersize=3)
    right.plot(step, RATE / short, color=BLUE)
    right.plot(step[::15], (FACTOR**2 * RATE / long)[::15], "o", color=RED, markersize=3)
    left.set_ylabel("squared length, relative")
    right.set_ylabel("effective learning rate")
    for panel in axes:
        panel.set_xlabel("step")
