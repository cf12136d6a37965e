"""The figures of the low-rank problem: its landscape, and descent with the curvature it meets."""

import _low_rank_curvature as curvature
import numpy as np

BLUE, RED, GREY, GREEN = "#1F5673", "#C2410C", "#475569", "#4D7C0F"
WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
STARTS, STEPS, RATE = 6, 1100, 0.005
DRAWN = {"distinct": BLUE, "tied": RED, "rank one": GREEN}  # of the spectra, for a legible panel


def landscape(rng):
    """A grid of the objective for single numbers, and profiles along two chords."""
    side = np.linspace(-2.6, 2.6, 131)
    left, right = np.meshgrid(side, side)
    at = np.linspace(0, 1, 81)
    example = np.array([[2, 1], [1, 2], [2, 2]])
    bump = np.outer([-1, 0, 0], [1, 0])
    # On the chord from (2A, 0) to (0, 2B) the product is 4 s (1 - s) A B.
    profile = [np.sum((example - 4 * s * (1 - s) * bump) ** 2) for s in at]
    zero = [(4 * s * (1 - s)) ** 2 for s in at]
    return side, (1 - left * right) ** 2, at, np.array(profile), np.array(zero)


def draw_landscape(axes, data):
    side, values, at, profile, zero = data
    left, right = axes
    levels = [0.1, 0.5, 1, 2, 4, 8, 16, 32]
    left.contour(side, side, values, levels=levels, colors=GREY, linewidths=0.6)
    for branch in (side[side > 0.38], side[side < -0.38]):
        left.plot(branch, 1 / branch, color=BLUE, linewidth=1.8)
    left.plot([-2, 0], [0, 2], "o--", color=RED, markersize=3.5)
    left.plot([-1], [1], "s", color=RED, markersize=4.5)
    left.plot([0], [0], "x", color=GREY, markersize=5)
    left.text(0.15, -0.4, "saddle", color=GREY, bbox=WHITE)
    left.text(0.75, 2.15, "minimisers", color=BLUE, bbox=WHITE)
    left.text(-2.45, 0.75, "chord", color=RED, bbox=WHITE)
    left.set_xlim(-2.6, 2.6)
    left.set_ylim(-2.6, 2.6)
    left.set_xlabel("$A$")
    left.set_ylabel("$B$")
    for curve, base, colour, name in (
        (profile, 18, BLUE, "the $3 \\times 2$ example"), (zero, 0, RED, "$X$ the number zero")
    ):
        right.plot(at, curve - base, color=colour)
        right.text(0.5, np.max(curve - base) + 0.2, name, color=colour, ha="center")
    right.axhline(0, color=GREY, linestyle="--", linewidth=0.8)
    right.set_ylim(-0.6, 6.2)
    right.set_xlabel("position on the chord")
    right.set_ylabel("rise above the ends")


def descent(rng):
    """Values under gradient descent, the values at critical points, and the spectra."""
    sigma = np.array(curvature.SPECTRA["distinct"])
    X = curvature.with_singular_values(sigma, rng)
    runs = []
    for _ in range(STARTS):
        A = 0.001 * rng.standard_normal((curvature.ROWS, curvature.WIDTH))
        B = 0.001 * rng.standard_normal((curvature.WIDTH, curvature.COLUMNS))
        values = []
        for _ in range(STEPS):
            C = X - A @ B
            values.append(np.sum(C * C))
            A, B = A + 2 * RATE * C @ B.T, B + 2 * RATE * A.T @ C
        runs.append(values)
    total = np.sum(sigma**2)
    critical = (total, total - sigma[0] ** 2, np.sum(sigma[curvature.WIDTH:] ** 2))
    return np.array(runs), critical, curvature.spectra(rng)


def draw_descent(axes, data):
    runs, critical, spectra = data
    left, right = axes
    for value, name in zip(critical, ("zero", "saddle", "minimum"), strict=True):
        left.axhline(value, color=GREY, linestyle="--", linewidth=0.7)
        left.text(STEPS, value * 1.06, name, color=GREY, ha="right")
    left.plot(runs.T, color=BLUE, linewidth=0.9)
    left.set_yscale("log")
    left.set_ylim(1.2, 25)
    left.set_yticks([2, 5, 10, 20], ["2", "5", "10", "20"])
    left.minorticks_off()
    left.set_xlabel("step of gradient descent")
    left.set_ylabel("objective")
    for place, (name, colour) in enumerate(DRAWN.items()):
        found, rule = spectra[name]
        number = np.arange(1, len(found) + 1) + (place - 1) * 0.25
        right.plot(number, rule, "o", color=colour, fillstyle="none", markersize=4.5)
        right.plot(number, found, ".", color=colour, markersize=3, label=name)
    right.legend(frameon=False, loc="upper left")
    right.set_xlabel("number of the eigenvalue")
    right.set_ylabel("eigenvalue of the Hessian")
