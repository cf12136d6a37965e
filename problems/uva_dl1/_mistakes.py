"""Wrong ways back that run without an error, and what training makes of them."""

from functools import lru_cache

import _digits
import _training
import numpy as np
from _modules import Elu, Linear, Network, SoftmaxCrossEntropy

from solutionset.authoring import Quantity

SEEDS = range(10)
CHECKED = 8  # images of the gradient check


class SlopeDropped(Elu):
    """Equation (18) of the sheet: the slope of the activation is missing."""

    def backward(self, upstream):
        return upstream


class BiasMean(Linear):
    """The bias gets the mean over the samples instead of the sum."""

    def backward(self, upstream):
        below = super().backward(upstream)
        self.grad_bias = upstream.mean(axis=0)
        return below


class InputBlocked(Linear):
    """Nothing is carried back to the input, so the layer below never learns."""

    def backward(self, upstream):
        return 0 * super().backward(upstream)


class OnlyTrueClass(SoftmaxCrossEntropy):
    """Softmax differentiated as if it were entrywise: the other classes are not pushed away."""

    def backward(self):
        return super().backward() * self.targets


class MeanForgotten(SoftmaxCrossEntropy):
    """The division by the number of samples is forgotten."""

    def backward(self):
        return super().backward() * len(self.Y)


VARIANTS = {
    "right": {},
    "slope": {"activation": SlopeDropped},
    "bias": {"linear": BiasMean},
    "frozen": {"linear": InputBlocked},
    "diagonal": {"loss": OnlyTrueClass},
    "summed": {"loss": MeanForgotten},
}


@lru_cache
def data():
    return _digits.load()


def network(variant, seed):
    return Network(_training.initial_parameters(data(), seed), **VARIANTS[variant])


@lru_cache
def trained(variant, seed):
    with np.errstate(over="ignore", invalid="ignore"):  # one of the variants diverges
        return _training.train(data(), seed, network(variant, seed))


def accuracies(variant):
    """Of the test images, a number a seed, in per cent."""
    return 100 * np.array([trained(variant, seed).test_accuracy for seed in SEEDS])


def mean_and_deviation(variant):
    """Over the seeds, in per cent."""
    found = accuracies(variant)
    return float(found.mean()), float(found.std(ddof=1))


def few_images():
    """Inputs and targets for the gradient check."""
    split = data().train
    return data().inputs(split.images[:CHECKED]), data().targets(split.labels[:CHECKED])


@lru_cache
def gradient_errors():
    """For each variant how far its gradients are from the measured ones, at the first weights."""
    X, T = few_images()
    measured = _training.measured_gradients(_training.initial_parameters(data(), 0), X, T)
    return {name: _training.disagreement(network(name, 0), X, T, measured) for name in VARIANTS}


def power_above(error):
    """The next power of ten, so that no printed number hangs on the last bit."""
    return Quantity(float(f"1e{int(np.ceil(np.log10(error)))}"), 1)


def compare(rng):
    """Accuracy and gradient check of each variant; the seeds of the runs are their own."""
    measured = {}
    for name, error in gradient_errors().items():
        mean, deviation = mean_and_deviation(name)
        measured[f"{name}_accuracy"] = Quantity(mean, 3)
        measured[f"{name}_deviation"] = Quantity(deviation, 2)
        measured[f"{name}_error"] = power_above(error) if name == "right" else Quantity(error, 2)
    best, worst = accuracies("slope").max(), accuracies("right").min()
    return {**measured, "slope_best": Quantity(best, 3), "right_worst": Quantity(worst, 3)}


def expected(got):
    gap = abs(got["slope_accuracy"] - got["right_accuracy"])
    wrong = [name for name in VARIANTS if name != "right"]
    return {
        "the gradients derived by hand pass the check": got["right_error"] <= 1e-12,
        "the best run without the slope beats the worst with it":
            got["slope_best"] > got["right_worst"],
        "every mistake fails it by far": all(got[f"{name}_error"] > 0.1 for name in wrong),
        "without the slope the accuracy is that of the right gradient within their spread":
            gap < got["right_deviation"] + got["slope_deviation"],
        "so it is with the mean in the bias":
            abs(got["bias_accuracy"] - got["right_accuracy"])
            < got["right_deviation"] + got["bias_deviation"],
        "a first layer that never learns still passes for a classifier":
            got["frozen_accuracy"] > 90,
        "the other two mistakes show in the accuracy":
            max(got["diagonal_accuracy"], got["summed_accuracy"]) < 50,
    }
