"""The figure of gradient norms against depth: the same runs with and without the identity."""

import numpy as np

WIDTH, RUNS, BRANCH = 16, 60, 0.1
DEPTHS = (1, 2, 4, 8, 16, 32, 64)
BLUE, RED, GREY = "#1F5673", "#C2410C", "#475569"


def gradient_norms(rng):
    """Norm of the input gradient over that of the output gradient, as arrays (runs, depths).

    First plain tanh layers, then residual tanh blocks whose branches are bounded by `BRANCH`, then
    the same blocks without that bound.
    """
    plain = np.array([of_plain(rng) for _ in range(RUNS)])
    bounded = np.array([of_residual(rng, bounded=True) for _ in range(RUNS)])
    unbounded = np.array([of_residual(rng, bounded=False) for _ in range(RUNS)])
    return plain, bounded, unbounded


def of_plain(rng):
    """One plain network, cut off at each of the depths."""
    weights = rng.standard_normal((max(DEPTHS), WIDTH, WIDTH)) / np.sqrt(WIDTH)
    state, jacobians = rng.standard_normal(WIDTH), []
    for W in weights:
        state = np.tanh(W @ state)
        jacobians.append((1 - state**2)[:, None] * W)
    return ratios(rng, jacobians)


def of_residual(rng, *, bounded):
    """One residual network, cut off at each of the depths."""
    state, jacobians = rng.standard_normal(WIDTH), []
    for _ in range(max(DEPTHS)):
        V, W = rng.standard_normal((2, WIDTH, WIDTH)) / np.sqrt(WIDTH)
        if bounded:
            # The slope of tanh is at most one, so this bounds the Jacobian of the branch.
            V *= BRANCH / (np.linalg.norm(V, 2) * np.linalg.norm(W, 2))
        inner = np.tanh(W @ state)
        jacobians.append(np.eye(WIDTH) + V @ ((1 - inner**2)[:, None] * W))
        state = state + V @ inner
    return ratios(rng, jacobians)


def ratios(rng, jacobians):
    """How the norm of a random output gradient changes on its way to the input, by depth."""
    found = []
    for depth in DEPTHS:
        start = rng.standard_normal(WIDTH)
        back = start
        for jacobian in reversed(jacobians[:depth]):
            back = jacobian.T @ back
        found.append(np.linalg.norm(back) / np.linalg.norm(start))
    return found


def draw_depth(axes, data):
    """Plain networks on the left, residual ones on the right, on the same scale."""
    plain, bounded, unbounded = data
    left, right = axes
    depths = np.array(DEPTHS)
    draw_runs(left, plain, RED)
    left.text(2, 4, "60 runs and median", color=RED)
    right.fill_between(
        depths, (1 - BRANCH) ** depths, (1 + BRANCH) ** depths, color="#DCE7EE", linewidth=0
    )
    right.text(14, 0.03, "provable band", color=GREY, ha="right")
    draw_runs(right, bounded, BLUE)
    right.text(1.1, 0.25, "bounded branches", color=BLUE)
    right.plot(depths, np.median(unbounded, axis=0), "--", color=RED)
    right.text(22, 25, "branches not bounded", color=RED, ha="right")
    left.set_title("plain tanh layers")
    right.set_title("residual tanh blocks")
    for panel in axes:
        panel.set_ylabel("relative gradient norm")
        panel.set_xscale("log", base=2)
        panel.set_yscale("log")
        panel.set_ylim(1e-5, 1e3)
        panel.set_xticks(depths, [str(depth) for depth in depths])
        panel.set_xlabel("layers or blocks")


def draw_runs(axes, norms, colour):
    """Every run as a thin line, and their median as a thick one."""
    axes.plot(DEPTHS, norms.T, color=colour, linewidth=0.4, alpha=0.35)
    axes.plot(DEPTHS, np.median(norms, axis=0), "o-", color=colour, linewidth=1.8)
