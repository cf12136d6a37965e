"""The example of dropout in numbers: all masks, sampled masks, and gradient descent with masks."""

from fractions import Fraction
from itertools import product

import numpy as np

from solutionset.authoring import Quantity

DATA, TARGETS, WEIGHTS = [[1, -3], [2, -2], [2, 6]], [-1, 6, 6], [2, 1]
KEEP = Fraction(1, 5)
CHAINS, STEPS, RATE, DRAWS = 2000, 150, 0.01, 100_000


def enumerated_loss():
    """The expectation (2) of the example over all 64 masks, exactly."""
    total = Fraction(0)
    for bits in product((0, 1), repeat=6):
        chance = KEEP ** sum(bits) * (1 - KEEP) ** (6 - sum(bits))
        loss = 0
        for i, target in enumerate(TARGETS):
            kept = sum(bits[2 * i + j] * DATA[i][j] * WEIGHTS[j] for j in (0, 1))
            loss += (target - kept) ** 2
        total += chance * loss
    return total


def descent_with_dropout(rng):
    """Mean weights of many runs of gradient descent with a fresh mask each step: (STEPS, 2)."""
    data, targets = np.array(DATA, float), np.array(TARGETS, float)
    weights, path = np.zeros((CHAINS, 2)), []
    for _ in range(STEPS):
        kept = data * (rng.random((CHAINS, *data.shape)) < 0.2)
        residuals = targets - np.einsum("cij,cj->ci", kept, weights)
        weights = weights + 2 * RATE * np.einsum("cij,ci->cj", kept, residuals)
        path.append(weights.mean(axis=0))
    return np.array(path)


def descent_on_the_mean():
    """Gradient descent on the loss (4) of the example: (STEPS, 2)."""
    data, targets = np.array(DATA, float), np.array(TARGETS, float)
    weights, path, chance = np.zeros(2), [], 0.2
    for _ in range(STEPS):
        slope = -2 * chance * data.T @ (targets - chance * data @ weights)
        slope += 2 * chance * (1 - chance) * np.sum(data**2, axis=0) * weights
        weights = weights - RATE * slope
        path.append(weights)
    return np.array(path)


def measure(rng):
    data, targets, weights = np.array(DATA), np.array(TARGETS), np.array(WEIGHTS)
    masks = rng.random((DRAWS, *data.shape)) < 0.2
    losses = np.sum((targets - (masks * data) @ weights) ** 2, axis=1)
    apart = np.max(np.abs(descent_with_dropout(rng) - descent_on_the_mean()))
    return {
        "chains": Quantity(CHAINS, 4),
        "draws": Quantity(DRAWS, 6),
        "all_masks": Quantity(float(enumerated_loss()), 3),
        "sampled": Quantity(float(losses.mean()), 3),
        "sampled_error": Quantity(float(losses.std() / np.sqrt(DRAWS)), 1),
        "apart": Quantity(float(apart), 1),
    }


def expected(got):
    return {
        "all masks together give 308/5": enumerated_loss() == Fraction(308, 5),
        "the sample agrees within five standard errors":
            abs(got["sampled"] - got["all_masks"]) < 5 * got["sampled_error"],
        "the mean of descents with dropout follows the descent on (4)": got["apart"] < 0.1,
    }


def paths_and_weights(rng):
    data, targets = np.array(DATA, float), np.array(TARGETS, float)
    chances = np.linspace(0.02, 1, 60)
    gram, norms_squared = data.T @ data, np.diag(np.sum(data**2, axis=0))
    learned = [np.linalg.solve(c * gram + (1 - c) * norms_squared, data.T @ targets)
               for c in chances]
    return descent_with_dropout(rng), descent_on_the_mean(), chances, np.array(learned)


def draw_weights(axes, data):
    noisy, exact_path, chances, learned = data
    left, right = axes
    steps = np.arange(1, STEPS + 1)
    for k, colour in enumerate(("#1F5673", "#C2410C")):
        left.plot(steps[::6], noisy[::6, k], "o", color=colour, label=f"dropout, weight {k + 1}")
        left.plot(steps, exact_path[:, k], color=colour, label=f"descent on (4), weight {k + 1}")
        right.plot(chances, learned[:, k], "--", color=colour, label=f"learned, weight {k + 1}")
        right.plot(chances, chances * learned[:, k], color=colour,
                   label=f"times $p$, weight {k + 1}")
    left.set_xlabel("step")
    left.set_ylabel("weight")
    left.set_title(f"mean of {CHAINS} runs")
    left.legend(loc="center right")
    right.set_ylim(-0.15, 5.2)
    right.set_xlabel("probability $p$ of keeping")
    right.set_ylabel("weight")
    right.set_title("minimisers")
    right.legend(loc="upper right")
