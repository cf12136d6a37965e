"""Training as the course does it by default, and the check of a gradient."""

from dataclasses import dataclass

import numpy as np
from _modules import Network

from solutionset.authoring import generator

HIDDEN, RATE, BATCH, EPOCHS = 128, 0.1, 128, 10
COMPLEX_STEP = 1e-30


def initial_parameters(data, seed):
    """Kaiming's variances: 1/features for the first layer, which no activation precedes, and
    2/HIDDEN for the second; biases zero.

    Uniform numbers, since those are the same to the last bit on every machine.
    """
    rng = generator("uva_dl1", "weights", seed)
    features = data.train.images.shape[1]

    def drawn(outputs, inputs, gain):
        bound = np.sqrt(3 * gain / inputs)  # the variance of U(-c, c) is c^2 / 3
        return bound * (2 * rng.random((outputs, inputs)) - 1)

    first, second = drawn(HIDDEN, features, 1), drawn(data.classes, HIDDEN, 2)
    return [first, np.zeros(HIDDEN), second, np.zeros(data.classes)]


def batches(data, seed, epochs=EPOCHS):
    """For each epoch the places of its batches: all images in a new order, the last batch short."""
    rng = generator("uva_dl1", "batches", seed)
    size = len(data.train.labels)
    for _ in range(epochs):
        yield np.split(rng.permutation(size), range(BATCH, size, BATCH))


@dataclass(frozen=True)
class History:
    """What a run leaves: losses a step, mean losses and validation accuracies an epoch."""

    network: Network
    step_losses: np.ndarray
    epoch_losses: np.ndarray
    accuracies: np.ndarray
    test_accuracy: float


def nothing(*_):
    """Watch nothing."""


def train(data, seed, network, watch=nothing, beside=nothing, epochs=EPOCHS):
    """Gradient descent on batches, which the seed decides; `beside` gets each batch, too, and
    `watch` sees the network after each step."""
    step_losses, epoch_losses, accuracies = [], [], []
    for epoch in batches(data, seed, epochs):
        sizes = [len(places) for places in epoch]
        for places in epoch:
            images, labels = data.train.images[places], data.train.labels[places]
            step_losses.append(network.loss_on(data.inputs(images), data.targets(labels)))
            network.backward()
            network.step(RATE)
            beside(images, labels)
            watch(network)
        epoch_losses.append(np.average(step_losses[-len(sizes):], weights=sizes))
        accuracies.append(accuracy(network, data, data.validation))
    return History(network, np.array(step_losses), np.array(epoch_losses), np.array(accuracies),
                   accuracy(network, data, data.test))


def predictions(network, data, split):
    """The most probable class of each image, a thousand images at a time."""
    parts = range(0, len(split.labels), 1000)
    found = [network.forward(data.inputs(split.images[k:k + 1000])).argmax(axis=1) for k in parts]
    return np.concatenate(found)


def accuracy(network, data, split):
    return float(np.mean(predictions(network, data, split) == split.labels))


def confusion(network, data, split):
    """Counts, a row for each true class and a column for each predicted one."""
    counts = np.zeros((data.classes, data.classes), int)
    np.add.at(counts, (split.labels, predictions(network, data, split)), 1)
    return counts


def measured_gradients(parameters, X, targets):
    """Gradients of the loss by complex step, one parameter after the other: knows no backward."""
    moved = [parameter.astype(complex) for parameter in parameters]
    gradients = [np.zeros(parameter.shape) for parameter in parameters]
    for parameter, gradient in zip(moved, gradients, strict=True):
        for place in np.ndindex(parameter.shape):
            parameter[place] += 1j * COMPLEX_STEP
            gradient[place] = np.imag(Network(moved).loss_on(X, targets)) / COMPLEX_STEP
            parameter[place] -= 1j * COMPLEX_STEP
    return gradients


def disagreement(network, X, targets, measured):
    """The largest difference between backward and measured gradients, each in units of the largest
    entry of its tensor."""
    network.loss_on(X, targets)
    network.backward()
    return max(
        float(np.max(np.abs(by_hand - right)) / max(np.max(np.abs(by_hand)), np.max(np.abs(right))))
        for by_hand, right in zip(network.gradients, measured, strict=True)
    )
