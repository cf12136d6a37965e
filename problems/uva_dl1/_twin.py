"""The network of question 3 once more in PyTorch, and both side by side after every step.

PyTorch is handed in as `torch`, so that this file can be read without it.
"""

from pathlib import Path

import _digits
import _modules
import _training
import numpy as np
from _modules import Network

SEED = 0


def model_of(torch, parameters, dtype):
    """PyTorch's own modules with given weights; PyTorch keeps a row of weights an output, too."""
    W1, b1, W2, b2 = (torch.tensor(parameter, dtype=dtype) for parameter in parameters)
    first, second = torch.nn.Linear(*W1.T.shape), torch.nn.Linear(*W2.T.shape)
    for layer, weight, bias in ((first, W1, b1), (second, W2, b2)):
        layer.weight, layer.bias = torch.nn.Parameter(weight), torch.nn.Parameter(bias)
    return torch.nn.Sequential(first, torch.nn.ELU(), second)


def side_by_side(torch, dtype):
    """Train both from the same weights on the same batches; losses and distances a step, and the
    accuracies in the end."""
    data = _digits.load()
    parameters = _training.initial_parameters(data, SEED)
    model, network = model_of(torch, parameters, dtype), Network(parameters)
    optimizer = torch.optim.SGD(model.parameters(), lr=_training.RATE)
    losses, apart = [], []

    def step(images, labels):
        optimizer.zero_grad()
        logits = model(torch.tensor(data.inputs(images), dtype=dtype))
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor(labels, dtype=torch.long))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    def watch(network):
        pairs = zip(network.parameters, model.parameters(), strict=True)
        apart.append(max(np.max(np.abs(ours - p.detach().numpy())) for ours, p in pairs))

    history = _training.train(data, SEED, network, watch, step)
    with torch.no_grad():
        logits = model(torch.tensor(data.inputs(data.test.images), dtype=dtype)).numpy()
    accuracy = float(np.mean(logits.argmax(axis=1) == data.test.labels))
    return losses, apart, (accuracy, history.test_accuracy)


def run(torch):
    """What is recorded: the run in double and in single precision.

    One thread: on matrices this small more of them would only wait for one another.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        losses, apart, accuracies = side_by_side(torch, torch.float64)
        _, single_apart, single_accuracies = side_by_side(torch, torch.float32)
    finally:
        torch.set_num_threads(threads)
    return {
        "losses": losses, "apart": apart, "accuracies": accuracies,
        "single_apart": single_apart, "single_accuracies": single_accuracies,
    }


CODE = (
    *(Path(module.__file__) for module in (_digits, _modules, _training)), Path(__file__)
)


def material():
    """Data, initial weights and batches: what the numbers depend on beside the code."""
    data = _digits.load()
    for split in (data.train, data.test):
        yield from (split.images, split.labels)
    yield from _training.initial_parameters(data, SEED)
    for epoch in _training.batches(data, SEED):
        yield from epoch
