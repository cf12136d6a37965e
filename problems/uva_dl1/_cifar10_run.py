"""The network of question 3 on CIFAR-10, where the user has it: one run with seed 0."""

from functools import cached_property

import _cifar10
import _training
import numpy as np
from _modules import Network

from solutionset.authoring import Quantity

DIGESTS = {**_cifar10.TRAIN, **_cifar10.TEST}


class Run:
    """One run on the images in a user's folder, made when first asked for."""

    def __init__(self, data):
        self.data = data

    @cached_property
    def history(self):
        images = _cifar10.load(self.data)
        network = Network(_training.initial_parameters(images, 0))
        return _training.train(images, 0, network), len(images.test.labels)

    def measure(self, rng):
        history, images = self.history
        share = history.test_accuracy
        return {
            "cifar_test": Quantity(100 * share, 3),
            "cifar_sampling": Quantity(100 * np.sqrt(share * (1 - share) / images), 1),
            "cifar_validation": Quantity(100 * float(history.accuracies[-1]), 3),
            "cifar_first_loss": Quantity(float(history.epoch_losses[0]), 3),
            "cifar_last_loss": Quantity(float(history.epoch_losses[-1]), 3),
        }

    def expected(self, got):
        return {
            "the loss falls from the first epoch to the last":
                got["cifar_last_loss"] < got["cifar_first_loss"],
            "the network is better than guessing one of ten": got["cifar_test"] > 20,
        }
