"""Figures and measurements: saturation, a bias before normalisation, two modes, parameters."""

from math import sqrt

import numpy as np
from _resnet_layers import layers, norm_numbers, stage_of, weights

from solutionset.authoring import Quantity

BLUE, RED, TEAL, VIOLET = "#1F5673", "#C2410C", "#0F766E", "#7E22CE"
CHANNEL = np.array([-5.0, -3.0, -2.0, -1.0, 1.0])
MOMENTUM = 0.1


def normalised(values):
    return (values - values.mean()) / np.sqrt(values.var())


def relu(values):
    return np.maximum(values, 0.0)


# -------------------------------------------------------------- saturation, bias before norm


def tails_and_biases(rng):
    """Shares of normalised batches beyond a bound, and one unit's output against a bias."""
    bounds = np.linspace(1.0, 5.0, 81)
    one = np.zeros(17)
    one[0] = 1.0
    batches = {"normal": rng.standard_normal(4000), "heavy tails": rng.standard_t(3, 4000),
               "one of 17": one}
    shares = {name: [np.mean(np.abs(normalised(batch)) >= k - 1e-12) for k in bounds]
              for name, batch in batches.items()}
    biases = np.linspace(-4, 6, 201)
    mean, deviation = CHANNEL.mean(), CHANNEL.std()
    outputs = {
        "norm, ReLU (training)": [relu(normalised(CHANNEL + a))[-1] for a in biases],
        "ReLU, norm (training)": [after_relu(a) for a in biases],
        "norm, ReLU (evaluation)": [relu((CHANNEL[-1] + a - mean) / deviation) for a in biases],
    }
    return bounds, shares, biases, outputs


def after_relu(bias):
    """The last unit where the ReLU comes first; nothing where all units are inactive."""
    active = relu(CHANNEL + bias)
    return normalised(active)[-1] if active.any() else np.nan


def draw_order(axes, data):
    bounds, shares, biases, outputs = data
    left, right = axes
    for (name, share), style, colour in zip(shares.items(), ("-", "--", ":"), (BLUE, TEAL, VIOLET),
                                            strict=True):
        left.semilogy(bounds, np.maximum(share, 1e-4), style, color=colour, label=name)
    left.semilogy(bounds, bounds**-2.0, color=RED, lw=2.0, label="bound")
    left.set_ylim(2e-4, 1.5)
    left.set_xlabel("distance $k$ from the mean")
    left.set_ylabel("share of the batch beyond")
    left.set_title("inputs after normalisation")
    left.legend(loc="lower left")
    for (name, output), style, colour in zip(outputs.items(), ("-", "--", ":"), (BLUE, RED, TEAL),
                                             strict=True):
        right.plot(biases, output, style, color=colour, label=name)
    right.set_xlabel("bias of the convolution")
    right.set_ylabel("output of one unit")
    right.set_title("a bias before normalisation")
    right.set_ylim(-0.3, 5.8)
    right.legend(loc="upper left")


def measure_order(rng):
    """A convolution with zero padding, a bias in one channel, both orders of the layers."""
    images = rng.standard_normal((8, 12))
    kernel = rng.standard_normal(3)
    padded = np.pad(images, ((0, 0), (1, 1)))
    channel = sum(kernel[k] * padded[:, k : k + 12] for k in range(3))
    bias, mean = 0.7, {}
    running = 0.0
    for batch in range(1, 101):
        running += MOMENTUM * (10.0 - running)  # every batch has a bias of ten and mean zero
        mean[batch] = running
    return {
        "left_1": Quantity(10.0 - mean[1], 2), "left_10": Quantity(10.0 - mean[10], 3),
        "left_100": Quantity(10.0 - mean[100], 2),
        "bias_before": below(apart(normalised(channel + bias), normalised(channel))),
        "bias_after": Quantity(float(apart(normalised(relu(channel + bias)),
                                           normalised(relu(channel)))), 2),
    }


def below(value):
    """A power of ten that a number lies below; what is mere rounding counts as a trillionth."""
    return Quantity(float(10.0 ** np.ceil(np.log10(max(float(value), 1e-12)))), 1)


def apart(one, other):
    return np.max(np.abs(one - other))


def expected_order(got):
    return {
        "before normalisation a bias does nothing, zero padding or not": got["bias_before"] < 1e-11,
        "with the ReLU between them it does": got["bias_after"] > 0.1,
        "what the running mean lacks shrinks by nine tenths a batch":
            all(abs(got[f"left_{k}"] / (10 * 0.9**k) - 1) < 1e-9 for k in (1, 10, 100)),
    }


# -------------------------------------------------------------------------------- two modes


def modes(rng):
    """One sample in many batches of eight: its output in training, and with fixed statistics."""
    sample, mean, variance = 1.5, 0.0, 1.0
    train, use = [], []
    for _ in range(80):
        batch = np.append(2.0 * rng.standard_normal(7) + 1.0, sample)
        train.append(normalised(batch)[-1])
        mean += MOMENTUM * (batch.mean() - mean)
        variance += MOMENTUM * (batch.var(ddof=1) - variance)
        use.append((sample - mean) / sqrt(variance))
    return np.array(train), np.array(use), np.linspace(0.0, 0.75, 61)


def draw_modes(axes, data):
    train, use, chances = data
    left, right = axes
    batches = np.arange(1, len(train) + 1)
    left.plot(batches, train, "o", color=RED, label="training")
    left.plot(batches, use, color=BLUE, label="evaluation, statistics so far")
    left.set_xlabel("batch")
    left.set_ylabel("output of one sample")
    left.set_title("batch normalisation")
    left.set_ylim(-2.1, 2.6)
    left.legend(loc="lower right")
    right.plot(chances, np.ones_like(chances), color=BLUE, lw=2.2, label="both rules that match")
    right.plot(chances, 1 - chances, "--", color=RED, label="inverted, scaled once more")
    right.plot(chances, 1 / (1 - chances), ":", color=TEAL, label="classical, never scaled")
    right.set_xlabel("probability $p$ of dropping")
    right.set_ylabel("quotient of the means")
    right.set_title("dropout")
    right.set_ylim(0, 4.2)
    right.legend(loc="upper left")


# ------------------------------------------------------------------------------- parameters


def parts_and_widths(_):
    listed = layers()
    parts = ("conv1", "layer1", "layer2", "layer3", "layer4", "fc")
    numbers = {part: [sum(map(count, (x for x in listed if stage_of(x) == part)))
                      for count in (weights, norm_numbers)] for part in parts}
    widths = np.array([4, 8, 16, 32, 64, 128])
    totals = {classes: [sum(weights(x) + norm_numbers(x) for x in layers(int(w), 3, classes))
                        for w in widths] for classes in (1000, 10)}
    return numbers, widths, totals


def draw_parameters(axes, data):
    numbers, widths, totals = data
    left, right = axes
    names = list(numbers)
    plain = [numbers[name][0] for name in names]
    norms = [numbers[name][1] for name in names]
    places = np.arange(len(names))
    left.bar(places - 0.2, plain, 0.38, color=BLUE, label="weights")
    left.bar(places + 0.2, norms, 0.38, color=RED, hatch="//", edgecolor="white", lw=0,
             label="batch normalisation")
    left.set_axisbelow(True)
    left.set_yscale("log")
    left.set_ylim(50, 8e8)
    left.set_xticks(places, names)
    left.set_xlabel("part")
    left.set_ylabel("parameters")
    left.set_title("where the parameters are")
    for place, number in zip(places, plain, strict=True):
        share = 100 * number / (sum(plain) + sum(norms))
        left.annotate(f"{share:.1f} %", (place - 0.2, number), ha="center", va="bottom",
                      fontsize=7, xytext=(0, 1), textcoords="offset points")
    left.legend(loc="upper left")
    for (classes, total), style, colour in zip(totals.items(), ("o-", "s--"), (BLUE, RED),
                                               strict=True):
        right.loglog(widths, total, style, color=colour, label=f"{classes} classes")
    right.loglog(widths, 2724.0 * widths**2, ":", color="#475569", label="leading term")
    right.set_xlabel("width")
    right.set_ylabel("parameters")
    right.set_title("how they grow")
    right.set_xticks(widths, [str(one) for one in widths])
    right.minorticks_off()
    right.legend(loc="upper left")
