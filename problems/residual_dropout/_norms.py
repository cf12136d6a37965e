"""Gradient norms of random networks with and without connections: one block, and stacks."""

import numpy as np

from solutionset.authoring import Quantity

WIDTH, DEPTH, RUNS = 16, 20, 300
SCALES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
DEPTHS = (1, 2, 5, 10, 20, 40)
CRITICAL = 2**0.25
SMALL_WIDTH, SMALL_DEPTH, SMALL_RUNS = 2, 2, 200_000


def norm_ratios(rng, scale, depth, connection, width=WIDTH, runs=RUNS):
    """Norm of the gradient at the input over that at the output, one number a random network.

    The weights are normal with standard deviation scale / sqrt(width), the activation is ReLU, and
    `connection` is one with the connection and zero without.
    """
    state, blocks = rng.standard_normal((runs, width)), []
    for _ in range(depth):
        W_1, W_2 = scale / np.sqrt(width) * rng.standard_normal((2, runs, width, width))
        inner = np.einsum("rij,rj->ri", W_1, state)
        blocks.append((W_1, W_2, inner > 0))
        state = connection * state + np.einsum("rij,rj->ri", W_2, np.maximum(inner, 0))
    back = rng.standard_normal((runs, width))
    arriving = np.linalg.norm(back, axis=1)
    for W_1, W_2, active in blocks[::-1]:
        branch = active * np.einsum("rij,ri->rj", W_2, back)
        back = connection * back + np.einsum("rij,ri->rj", W_1, branch)
    return np.linalg.norm(back, axis=1) / arriving


def root_mean_square(values):
    return float(np.sqrt(np.mean(values**2)))


def measure(rng):
    def rms(scale, connection):
        return root_mean_square(norm_ratios(rng, scale, DEPTH, connection))

    small = [norm_ratios(rng, 1, SMALL_DEPTH, c, SMALL_WIDTH, SMALL_RUNS) ** 2 for c in (0, 1)]
    return {
        "small_width": Quantity(SMALL_WIDTH, 1),
        "small_depth": Quantity(SMALL_DEPTH, 1),
        "small_runs": Quantity(SMALL_RUNS, 6),
        "width": Quantity(WIDTH, 2),
        "depth": Quantity(DEPTH, 2),
        "runs": Quantity(RUNS, 3),
        "plain_small": Quantity(float(small[0].mean()), 3),
        "residual_small": Quantity(float(small[1].mean()), 3),
        "plain_half": Quantity(rms(0.5, 0), 1),
        "residual_half": Quantity(rms(0.5, 1), 2),
        "predicted_half": Quantity((1 + 0.5**4 / 2) ** (DEPTH / 2), 2),
        "plain_critical": Quantity(rms(CRITICAL, 0), 2),
        "residual_critical": Quantity(rms(CRITICAL, 1), 2),
        "predicted_critical": Quantity(2 ** (DEPTH / 2), 2),
    }


def expected(got):
    return {
        "two plain blocks of width two have the mean square one quarter":
            abs(got["plain_small"] - 1 / 4) < 0.02,
        "and two residual ones nine quarters": abs(got["residual_small"] - 9 / 4) < 0.06,
        "without the connection and with small weights the gradient vanishes":
            got["plain_half"] < 1e-12,
        "with it the norm agrees with the prediction":
            abs(got["residual_half"] / got["predicted_half"] - 1) < 0.1,
        "with larger weights plain networks keep the norm in the mean":
            0.2 < got["plain_critical"] < 5,
        "and residual networks let it grow as predicted":
            abs(np.log2(got["residual_critical"] / got["predicted_critical"])) < 1,
    }


def curves(rng):
    """Quantiles (3, scales) of one block, and root mean squares (depths) of stacks."""
    kinds = (0, 1)
    one = [np.array([np.quantile(norm_ratios(rng, s, 1, c), (0.1, 0.5, 0.9)) for s in SCALES]).T
           for c in kinds]
    deep = [[root_mean_square(norm_ratios(rng, 0.5, d, c)) for d in DEPTHS] for c in kinds]
    return one, deep


def draw_curves(axes, data):
    one, deep = data
    left, right = axes
    for label, marker, (low, middle, high), stack in zip(
        ("plain", "residual"), "so", one, deep, strict=True
    ):
        left.errorbar(SCALES, middle, yerr=(middle - low, high - middle), marker=marker,
                      capsize=2, label=label)
        right.plot(DEPTHS, np.log10(stack), marker=marker, label=label)
    reach = np.linspace(1, max(DEPTHS), 50)
    for factor, label in ((1 + 0.5**4 / 2, "predicted"), (0.5**4 / 2, None)):
        right.plot(reach, reach / 2 * np.log10(factor), "--", color="#475569", label=label)
    left.axhline(1, color="#475569", linewidth=0.6)
    left.set_xlabel("scale $s$ of the weights")
    left.set_ylabel("relative gradient norm")
    left.set_title("one block")
    right.set_xlabel("number of blocks")
    right.set_ylabel("root mean square, power of ten", labelpad=1)
    right.set_title("$s = 1/2$")
    left.legend(loc="upper left")
    right.legend(loc="lower left")
