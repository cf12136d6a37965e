"""Question 2.d in two figures: paths by their length, and the norm of the gradient by depth."""

from math import comb

import numpy as np
from _stacks import BLOCKS

from solutionset.authoring import Figure

WIDTH, REACH, RUNS = 16, 0.25, 40
BLUE, RED, GREY = "#1F5673", "#C2410C", "#475569"


def figures():
    return (
        Figure(
            "lengths", draw_lengths, by_length, panels=2, width=6.2, height=2.4,
            alt="Two bar charts over the number of branches a path takes, from zero to twelve. "
            "Left, the number of paths: a bell with its top of 924 at six. Right, on a "
            "logarithmic scale, the norm of what these paths contribute: it is one for the path "
            "past all branches and falls, faster and faster, to below a billionth for "
            "the one path through all twelve.",
            caption="Twelve random blocks of width 16 whose branches have norm one quarter. Left: "
            "paths by the number of branches they take. Right: norm of their sum, relative to the "
            "gradient at the output, and the most it could be. The last bar is all that a "
            "plain network has.",
        ),
        Figure(
            "band", draw_band, norms_by_depth, panels=2, width=6.2, height=2.4,
            alt="Two plots of relative gradient norm against the number of blocks up to forty, "
            "on logarithmic scales. Left, branches of norm one quarter: the bounds open like a "
            "funnel, to some hundred thousandths below and some thousands above; random stacks "
            "stay in its middle near one, plain ones fall out of it far below. Right, "
            "branches of norm one over the number of blocks: the bounds stay between one quarter "
            "and e, and random stacks stay near one.",
            caption="Norm of the gradient at the input over that at the output: the bounds "
            "(shaded), which branches of plus and minus $c$ times the identity attain, and random "
            "branches (lines). Left: the norms of the branches are $1/4$; below, the same "
            "branches without connections. Right: they are one over the number of blocks.",
        ),
    )


def random_branch(rng, size):
    drawn = rng.standard_normal((WIDTH, WIDTH))
    return drawn * size / np.linalg.norm(drawn, 2)


def by_length(rng):
    """Numbers of paths, norms of their sums and bounds on these, by length: three arrays."""
    back = rng.standard_normal(WIDTH)
    sums = np.zeros((BLOCKS + 1, WIDTH))
    sums[0] = back
    for _ in range(BLOCKS):
        # One more block: each path goes past its branch, or through it and is one longer.
        sums[1:] = sums[1:] + sums[:-1] @ random_branch(rng, REACH)
    numbers = np.array([comb(BLOCKS, size) for size in range(BLOCKS + 1)])
    bounds = numbers * REACH ** np.arange(BLOCKS + 1)
    return numbers, np.linalg.norm(sums, axis=1) / np.linalg.norm(back), bounds


def draw_lengths(axes, data):
    numbers, norms, bounds = data
    left, right = axes
    lengths = np.arange(len(numbers))
    left.bar(lengths, numbers, color=GREY)
    left.set_ylabel("paths")
    right.bar(lengths, norms, color=BLUE)
    right.plot(lengths, bounds, "o--", color=RED, markersize=3)
    right.text(7.2, 1, "bound", color=RED)
    right.set_yscale("log")
    right.set_ylim(1e-12, 1e2)
    right.set_ylabel("norm of their sum", labelpad=0)
    for panel in axes:
        panel.set_axisbelow(True)
        panel.set_xlabel("branches taken")


DEPTHS = (2, 3, 5, 8, 12, 20, 30, 40)


def norms_by_depth(rng):
    """Relative norms (runs, depths): residual, plain, and residual with branches one over L."""
    fixed = [[run(rng, depth, REACH) for depth in DEPTHS] for _ in range(RUNS)]
    scaled = [[run(rng, depth, 1 / depth)[0] for depth in DEPTHS] for _ in range(RUNS)]
    residual, plain = np.moveaxis(np.array(fixed), 2, 0)
    return residual, plain, np.array(scaled)


def run(rng, depth, size):
    """Relative gradient norms of one random stack, with and without connections."""
    with_, without = np.tile(rng.standard_normal(WIDTH), (2, 1))
    start = np.linalg.norm(with_)
    for _ in range(depth):
        branch = random_branch(rng, size)
        with_, without = with_ + with_ @ branch, without @ branch
    return np.linalg.norm(with_) / start, np.linalg.norm(without) / start


def draw_band(axes, data):
    residual, plain, scaled = data
    left, right = axes
    depths = np.array(DEPTHS)
    left.fill_between(depths, (1 - REACH) ** depths, (1 + REACH) ** depths, color="#DCE7EE",
                      linewidth=0)
    right.fill_between(depths, (1 - 1 / depths) ** depths, (1 + 1 / depths) ** depths,
                       color="#DCE7EE", linewidth=0)
    for panel, runs, colour in ((left, residual, BLUE), (left, plain, RED), (right, scaled, BLUE)):
        panel.plot(depths, runs.T, color=colour, linewidth=0.4, alpha=0.5)
    left.text(39, 1e-9, "without connections", color=RED, ha="right")
    left.text(2, 3e2, "bounds", color=GREY)
    left.set_ylim(1e-12, 1e5)
    left.set_title("branches of norm 1/4")
    right.set_ylim(0.1, 10)
    right.set_title("branches of norm 1/K")
    for panel in axes:
        panel.set_yscale("log")
        panel.set_xlabel("number of blocks $K$")
        panel.set_ylabel("relative gradient norm")
