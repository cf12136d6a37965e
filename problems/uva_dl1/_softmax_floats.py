"""Softmax, cross-entropy and their gradient as programs compute them, and where floats fail."""

import numpy as np

from solutionset.authoring import Quantity

FIRST_CLASS = 0
GAPS = np.arange(0, 151, dtype=np.float32)
BLUE, RED, GREY = "#1F5673", "#C2410C", "#475569"


def naive_softmax(X):
    powers = np.exp(X)
    return powers / powers.sum(axis=1, keepdims=True)


def softmax(X):
    """The largest entry of each row is taken off before the exponential."""
    return naive_softmax(X - X.max(axis=1, keepdims=True))


def softmax_one_shift(X):
    """The mistake of one maximum for the whole batch."""
    return naive_softmax(X - X.max())


def cross_entropy(Y, T):
    # A target zero asks nothing, also where the probability has become zero.
    return -np.where(T == 0, 0, T * np.log(Y)).sum() / len(Y)


def loss_from_logits(X, T):
    """Log-sum-exp less the logit of the target, for targets that sum to one in each row."""
    largest = X.max(axis=1)
    sums = np.exp(X - largest[:, None]).sum(axis=1)
    return (largest + np.log(sums) - (T * X).sum(axis=1)).sum() / len(X)


def two_step_gradient(X, T):
    """The cross-entropy module and the softmax module, one after the other."""
    Y = softmax(X)
    upstream = -T / Y / len(X)
    return Y * (upstream - (upstream * Y).sum(axis=1, keepdims=True))


def merged_gradient(X, T):
    return (softmax(X) - T) / len(X)


# ------------------------------------------------------------------------- experiment

TALL = np.array([[1000.0, 1001, 999], [0, 0, 1]])
SHARES = np.array([[1, 2, 5]]) / 8


def measure(rng):
    far, target = np.array([[0.0, 800]]), np.array([[1.0, 0]])
    with np.errstate(all="ignore"):
        return {
            "double": Quantity(largest_finite(np.float64), 3),
            "single": Quantity(largest_finite(np.float32), 3),
            "naive_lost": Quantity(rows_lost(naive_softmax(TALL)), 1),
            "one_shift_lost": Quantity(rows_lost(softmax_one_shift(TALL)), 1),
            "row_shift_lost": Quantity(rows_lost(softmax(TALL)), 1),
            "row_shift_error": Quantity(worst_share(), 1),
            "loss_from_logits": Quantity(float(loss_from_logits(far, target)), 3),
            "loss_lost": Quantity(int(np.isinf(cross_entropy(softmax(far), target))), 1),
            "two_step_lost": Quantity(rows_lost(two_step_gradient(far, target)), 1),
            "merged_first": Quantity(float(merged_gradient(far, target)[0, FIRST_CLASS]), 1),
        }


def largest_finite(kind):
    """The largest whole number whose exponential is a finite float of this kind."""
    numbers = np.arange(1, 1000, dtype=kind)
    return int(numbers[np.isfinite(np.exp(numbers))].max())


def rows_lost(array):
    """How many rows contain something that is no number."""
    return int(np.isnan(array).any(axis=1).sum())


def worst_share():
    """Relative error of the stable softmax on logarithms of 1, 2, 5 far away from zero.

    The shift by 1000 rounds the logits, which allows an error of a thousand rounding units.
    """
    shifted = np.log(SHARES * 8) + 1000
    return float(np.max(np.abs(softmax(shifted) / SHARES - 1)))


def expected(got):
    return {
        "exponentials of doubles overflow beyond 709": got["double"] == 709,
        "those of single floats beyond 88": got["single"] == 88,
        "without a shift the row of large logits is lost": got["naive_lost"] == 1,
        "with one shift for the batch the other row is": got["one_shift_lost"] == 1,
        "with a shift for each row none is": got["row_shift_lost"] == 0,
        "and the probabilities are right": got["row_shift_error"] < 1e-12,
        "the loss from the logits is 800": got["loss_from_logits"] == 800,
        "the loss from the probabilities is infinite": got["loss_lost"] == 1,
        "the gradient in two steps is lost": got["two_step_lost"] == 1,
        "the merged one is not": got["merged_first"] == -1,
    }


# ----------------------------------------------------------------------------- figure


def routes(rng):
    """Loss and gradient in single floats against the gap: wrong class ahead of the target."""
    target = np.array([[1, 0]], dtype=np.float32)
    losses = {"naive": [], "row maximum": [], "from logits": []}
    gradients = {"two steps": [], "merged": []}
    for gap in GAPS:
        X = np.array([[0, gap]], dtype=np.float32)
        with np.errstate(all="ignore"):
            losses["naive"].append(cross_entropy(naive_softmax(X), target))
            losses["row maximum"].append(cross_entropy(softmax(X), target))
            losses["from logits"].append(loss_from_logits(X, target))
            gradients["two steps"].append(two_step_gradient(X, target)[0, FIRST_CLASS])
            gradients["merged"].append(merged_gradient(X, target)[0, FIRST_CLASS])
    return losses, gradients


def draw_routes(axes, data):
    looks = {
        "from logits": (BLUE, "-", 4.5), "merged": (BLUE, "-", 4.5),
        "row maximum": (GREY, "-", 2.2), "naive": (RED, "--", 1.4), "two steps": (RED, "--", 1.4),
    }
    for panel, curves in zip(axes, data, strict=True):
        for name in sorted(curves, key=lambda name: -looks[name][2]):
            colour, style, width = looks[name]
            values = np.array(curves[name])
            last = np.flatnonzero(np.isfinite(values))[-1]
            panel.plot(GAPS[: last + 1], values[: last + 1], style, color=colour, linewidth=width,
                       label=name, alpha=0.9)
            if last + 1 < len(GAPS):
                panel.plot(GAPS[last], values[last], "x", color=colour, markersize=8)
        panel.set_xlim(0, 150)
        panel.set_xlabel("gap between the logits")
    left, right = axes
    left.set_ylabel("loss")
    left.set_title("loss")
    left.legend(loc="upper left")
    right.set_ylabel("entry of the target")
    right.set_title("gradient")
    right.set_ylim(-1.2, 0)
    right.legend(loc="upper right")
