"""The training runs of question 3: numbers and figures; each run is made once a build."""

import _training
import numpy as np
from _mistakes import (
    SEEDS,
    accuracies,
    data,
    few_images,
    gradient_errors,
    network,
    power_above,
    trained,
)
from _modules import CrossEntropy, Softmax, SoftmaxCrossEntropy

from solutionset.authoring import Quantity


def check_gradients(rng):
    """Errors of all gradients of the network, at its first weights and at its last; and whether
    the two modules of question 2.a, one after the other, give what the merged one gives."""
    X, T = few_images()
    first, last = network("right", 0), trained("right", 0).network
    measured = _training.measured_gradients(last.parameters, X, T)
    logits = first.forward(X)
    merged, softmax, entropy = SoftmaxCrossEntropy(), Softmax(), CrossEntropy()
    merged.forward(logits, T)
    entropy.forward(softmax.forward(logits), T)
    apart = np.max(np.abs(merged.backward() - softmax.backward(entropy.backward())))
    return {
        "checked": Quantity(sum(parameter.size for parameter in first.parameters), 1),
        "at_start": power_above(gradient_errors()["right"]),
        "at_end": power_above(_training.disagreement(last, X, T, measured)),
        "one_or_two": power_above(apart),
    }


def gradients_agree(got):
    return {
        f"all {got['checked']:.0f} entries agree with the complex step, before and after training":
            max(got["at_start"], got["at_end"]) <= 1e-12,
        "softmax and cross-entropy one after the other give the merged gradient":
            got["one_or_two"] <= 1e-12,
    }


def losses_after_each_step():
    """The loss on all training images after each step of seed 0."""
    net, everything = network("right", 0), data().train
    X, T = data().inputs(everything.images), data().targets(everything.labels)
    losses = [net.loss_on(X, T)]
    _training.train(data(), 0, net, lambda net: losses.append(net.loss_on(X, T)))
    return np.array(losses)


def measure(rng):
    """The runs of all seeds; what a seed decides is drawn by names, not by `rng`."""
    found = accuracies("right")
    share = found.mean() / 100
    sampling = 100 * np.sqrt(share * (1 - share) / len(data().test.labels))
    rising = int(np.sum(np.diff(losses_after_each_step()) > 0))
    run = trained("right", 0)
    return {
        "images": Quantity(sum(len(part.labels) for part in _parts()), 1),
        "train_images": Quantity(len(data().train.labels), 1),
        "test_images": Quantity(len(data().test.labels), 1),
        "steps": Quantity(len(run.step_losses), 1),
        "seeds": Quantity(len(SEEDS), 1),
        "first_loss": Quantity(run.epoch_losses[0], 3),
        "last_loss": Quantity(run.epoch_losses[-1], 3),
        "validation": Quantity(100 * run.accuracies[-1], 3),
        "test": Quantity(found[0], 3),
        "mean": Quantity(found.mean(), 3),
        "deviation": Quantity(found.std(ddof=1), 1),
        "lowest": Quantity(found.min(), 3),
        "highest": Quantity(found.max(), 3),
        "sampling": Quantity(sampling, 2),
        "rising": Quantity(rising, 1),
    }


def _parts():
    return data().train, data().validation, data().test


def trained_well(got):
    runs = [trained("right", seed) for seed in SEEDS]
    return {
        "there are as many images as were published": got["images"] == 1797,
        f"the loss falls from epoch to epoch in every run, with seed 0 from "
        f"{got['first_loss']:.2f} to {got['last_loss']:.2f}":
            all(np.all(np.diff(run.epoch_losses) < 0) for run in runs),
        "and yet it rises at some steps": got["rising"] > 0,
        "the validation accuracy dips in some run":
            any(np.any(np.diff(run.accuracies) < 0) for run in runs),
        "the sampling of the test images weighs more than the seeds":
            got["sampling"] > got["deviation"],
        f"the runs find from {got['lowest']:.1f} to {got['highest']:.1f} per cent of the test "
        f"images, {got['mean']:.1f} in the mean, and all more than nine of ten": got["lowest"] > 90,
    }


# ---------------------------------------------------------------------------------- figures


def curves(rng):
    return [trained("right", seed) for seed in SEEDS]


def draw_curves(axes, runs):
    left, right = axes
    epochs = np.arange(1, _training.EPOCHS + 1)
    steps = np.linspace(0, _training.EPOCHS, len(runs[0].step_losses) + 1)[1:]
    left.plot(steps, runs[0].step_losses, ".", color="#A16207", label="batches of seed 0")
    for seed, run in enumerate(runs):
        style = {"color": "#1F5673", "linewidth": 2 if seed == 0 else 0.6}
        labels = ("mean of an epoch", "seed 0") if seed == 0 else (None, None)
        left.plot(epochs, run.epoch_losses, label=labels[0], **style)
        right.plot(epochs, 100 * run.accuracies, label=labels[1], **style)
    right.plot([], [], color="#1F5673", linewidth=0.6, label="other seeds")
    left.set_ylabel("training loss")
    right.set_ylabel("validation accuracy in per cent")
    for panel in axes:
        panel.set_xlabel("epoch")
        panel.legend()


def confusion_of_seed_0(rng):
    return _training.confusion(trained("right", 0).network, data(), data().test)


def draw_confusion(axes, counts):
    axes.imshow(counts, cmap="Blues", vmax=2 * counts.max())
    for (row, column), value in np.ndenumerate(counts):
        if value:
            axes.text(column, row, f"{value}", ha="center", va="center", fontsize=7)
    axes.set_xticks(range(len(counts)))
    axes.set_yticks(range(len(counts)))
    axes.grid(visible=False)
    axes.set_xlabel("predicted digit")
    axes.set_ylabel("true digit")
