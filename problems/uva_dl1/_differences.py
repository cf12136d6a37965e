"""What may differ between two runs of one program, and what may not: distances after each step."""

from dataclasses import replace
from functools import lru_cache

import _training
import numpy as np
from _digits import Split
from _mistakes import SEEDS, SlopeDropped, accuracies, data, power_above
from _modules import CrossEntropy, Network, Softmax, SoftmaxCrossEntropy

from solutionset.authoring import Quantity

SHEET, SHEET_IMAGES = (49.88, 47.89), 10_000
FEW, MANY_EPOCHS = 45, 150


class Reversed(Network):
    """The samples of each batch in reversed order: the same sums, rounded otherwise."""

    def loss_on(self, X, targets):
        return super().loss_on(X[::-1], targets[::-1])


class TwoModules:
    """Softmax and cross-entropy one after the other instead of in one."""

    def __init__(self):
        self.softmax, self.entropy = Softmax(), CrossEntropy()

    def forward(self, X, targets):
        return self.entropy.forward(self.softmax.forward(X), targets)

    def backward(self):
        return self.softmax.backward(self.entropy.backward())


class SoftmaxTwice(SoftmaxCrossEntropy):
    """A softmax before the cross-entropy, which has one inside: the right gradient of a wrong loss.
    """

    def forward(self, X, targets):
        self.softmax = Softmax()
        return super().forward(self.softmax.forward(X), targets)

    def backward(self):
        return self.softmax.backward(super().backward())


class NeverCleared(Network):
    """The gradients of each batch are added to those of all batches before."""

    def __init__(self, parameters):
        super().__init__(parameters)
        self.sums = [np.zeros(parameter.shape) for parameter in parameters]

    def step(self, rate):
        for parameter, total, gradient in zip(
            self.parameters, self.sums, self.gradients, strict=True
        ):
            total += gradient
            parameter -= rate * total


def built(kind, seed, **modules):
    return kind(_training.initial_parameters(data(), seed), **modules)


# How a second run differs: its network, and the seed of its batches.
SECOND = {
    "reversed": (lambda: built(Reversed, 0), 0),
    "two_modules": (lambda: built(Network, 0, loss=TwoModules), 0),
    "batches": (lambda: built(Network, 0), 1),
    "weights": (lambda: built(Network, 1), 0),
    "slope": (lambda: built(Network, 0, activation=SlopeDropped), 0),
    "twice": (lambda: built(Network, 0, loss=SoftmaxTwice), 0),
    "cleared": (lambda: built(NeverCleared, 0), 0),
}
ROUNDING = ("reversed", "two_modules")
PITFALLS = ("twice", "cleared")


def path(network, seed):
    """All parameters after each step, (steps, parameters), and the accuracy in the end."""
    after = []
    history = _training.train(
        data(), seed, network,
        lambda net: after.append(np.concatenate([p.ravel() for p in net.parameters])),
    )
    return np.array(after), 100 * history.test_accuracy


@lru_cache
def distances():
    """For each second run its largest distance in a parameter from the first after each step, and
    its accuracy."""
    first, _ = path(built(Network, 0), 0)
    found = {}
    for name, (network, seed) in SECOND.items():
        second, accuracy = path(network(), seed)
        found[name] = np.max(np.abs(second - first), axis=1), accuracy
    return found


def measure(rng):
    measured = {}
    for name, (apart, accuracy) in distances().items():
        rounding = name in ROUNDING
        last = apart.max() if rounding else apart[-1]
        measured[f"{name}_first"] = power_above(apart[0]) if rounding else Quantity(apart[0], 2)
        measured[f"{name}_last"] = power_above(last) if rounding else Quantity(last, 2)
        measured[f"{name}_accuracy"] = Quantity(accuracy, 3)
        if name in PITFALLS:
            measured[f"{name}_second"] = Quantity(apart[1], 2)
    return measured


def expected(got):
    return {
        "another order of summation changes parameters by rounding only":
            max(got["reversed_last"], got["two_modules_last"]) <= 1e-12,
        "other batches and other weights change them at once and for good":
            min(got[f"{name}_{when}"] for name in ("batches", "weights")
                for when in ("first", "last")) > 1e-3,
        "a dropped slope shows after the first step": got["slope_first"] > 1e-3,
        "and not in the accuracy": abs(got["slope_accuracy"] - got["reversed_accuracy"]) < 2,
        "a softmax too many shows after the first step": got["twice_first"] > 1e-3,
        "gradients that are never cleared show from the second step on":
            got["cleared_first"] == 0 and got["cleared_second"] > 1e-3,
        "and not in the accuracy either":
            abs(got["cleared_accuracy"] - got["reversed_accuracy"]) < 2,
    }


def two_seeds(rng):
    """The spread of one program over seeds; and the sheet's two numbers, if its test set had ten
    thousand images."""
    found = accuracies("right")
    shares = np.array(SHEET) / 100
    error = 100 * np.sqrt(np.sum(shares * (1 - shares)) / SHEET_IMAGES)
    gap = SHEET[0] - SHEET[1]
    return {
        "runs": Quantity(len(SEEDS), 1),
        "spread": Quantity(float(np.ptp(found)), 2),
        "sheet_gap": Quantity(gap, 3),
        "sheet_error": Quantity(float(error), 2),
        "sheet_errors": Quantity(float(gap / error), 2),
    }


def seeds_matter(got):
    return {
        "runs of one program differ by more than a point": got["spread"] > 1,
        "the sheet's gap is more than two standard errors of sampling": got["sheet_errors"] > 2,
    }


def two_fits(rng):
    """A network of few images and many epochs, and one of all images and one epoch."""
    few = replace(data(), train=Split(*(part[:FEW] for part in _columns(data().train))))
    measured = {"few": Quantity(FEW, 1), "many_epochs": Quantity(MANY_EPOCHS, 1)}
    for name, chosen, epochs in (("over", few, MANY_EPOCHS), ("under", data(), 1)):
        network = built(Network, 0)
        history = _training.train(chosen, 0, network, epochs=epochs)
        learned = _training.accuracy(network, chosen, chosen.train)
        measured[f"{name}_train"] = Quantity(100 * learned, 3)
        measured[f"{name}_test"] = Quantity(100 * history.test_accuracy, 3)
    return measured


def _columns(split):
    return split.images, split.labels


def told_apart_by_training(got):
    return {
        "both have about the same test accuracy": abs(got["over_test"] - got["under_test"]) < 3,
        "one knows all its training images": got["over_train"] == 100,
        "the other is as good on them as on new ones":
            abs(got["under_train"] - got["under_test"]) < 3,
    }
