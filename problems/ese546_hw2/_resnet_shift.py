"""Shifted inputs in numbers: a fit of three points done exactly, and a logistic regression."""

import numpy as np
import sympy as sp
from _resnet_figures import below

from solutionset.authoring import Quantity, counterexample, exact, inverse, literal, relation

INPUTS, TARGETS, STRENGTH = (-1, 0, 1), (0, 1, 2), 2
SHIFTS = (0, 3, -2)
HALF = sp.Rational(1, 2)


# ----------------------------------------------------------------------- three points


def columns(shift):
    """The shifted inputs and a column of ones."""
    return [[value - shift, 1] for value in INPUTS]


def fitted(shift, *, free):
    """Weight and bias that minimise squares plus decay, of the weight alone if `free`."""
    data, targets = sp.Matrix(columns(shift)), sp.Matrix(TARGETS)
    decay = sp.diag(STRENGTH, 0 if free else STRENGTH)
    return (data.T * data + decay).inv() * data.T * targets


def solved(shift, *, free):
    """The normal equations of the fit, and what they give."""
    data, targets = sp.Matrix(columns(shift)), sp.Matrix(TARGETS)
    decay = sp.diag(STRENGTH, 0 if free else STRENGTH)
    return relation(inverse(literal((data.T * data + decay).tolist()))
                    @ literal(list(data.T * targets)), "=",
                    literal(list(fitted(shift, free=free))), told(shift))


def told(shift):
    return f"shift ${shift}$"


def predicted(shift, pair, result, because):
    """Predictions as a row: weight and bias times shifted inputs over ones."""
    return relation(literal([list(pair)]) @ literal(sp.Matrix(columns(shift)).T.tolist()), "=",
                    literal([result]), because)


def example_claims():
    line = [HALF, 1, 3 * HALF]
    return (
        exact("free_fits", *(solved(shift, free=True) for shift in SHIFTS),
              title="Fits with a free bias"),
        exact("free_predictions",
              *(predicted(shift, fitted(shift, free=True), line, told(shift)) for shift in SHIFTS),
              title="Predictions with a free bias"),
        exact("decayed_fits", *(solved(shift, free=False) for shift in SHIFTS),
              title="Fits with a decayed bias"),
        counterexample("sheet_rule",
                       predicted(3, (HALF, 4), [2, 5 * HALF, 3], "bias one plus three"),
                       relation(literal([[2, 5 * HALF, 3]]), "\\neq", literal([line]),
                                "the predictions before"),
                       title="Adding the shift itself to the bias"),
        exact("matrix_shift",
              relation(literal([[1, 2, 0], [0, 1, -1]]) @ literal([1, 2, 3]), "=",
                       literal([5, -1]), "three inputs, two outputs"),
              title="The shift of a bias is a product"),
        counterexample("padding",
                       relation(literal([[1, 1, 1, 1]]) @ BAND, "=", literal([[2, 3, 3, 2]]),
                                "what a shift by one adds"),
                       relation(literal([[2, 3, 3, 2]]), "\\neq", 3 * literal([[1, 1, 1, 1]]),
                                "no constant"),
                       title="Zero padding at the border"),
    )


BAND = literal([[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 1]])


# ----------------------------------------------------------------- logistic regression

SAMPLES, FEATURES, DECAY, STEPS = 60, 3, 0.5, 60


def classified(rng):
    """Inputs and labels of two overlapping classes."""
    inputs = rng.standard_normal((SAMPLES, FEATURES))
    scores = inputs @ np.array([1.5, -1.0, 0.5]) + 0.8 + rng.standard_normal(SAMPLES)
    return inputs, (scores > 0).astype(float)


def chances(inputs, parameters):
    return 1 / (1 + np.exp(-(inputs @ parameters[:-1] + parameters[-1])))


def logistic_fit(inputs, labels, *, free):
    """Newton's method on the logistic loss plus decay; the last parameter is the bias."""
    data = np.hstack([inputs, np.ones((len(inputs), 1))])
    decay = DECAY * np.eye(data.shape[1])
    decay[-1, -1] = 0.0 if free else DECAY
    parameters = np.zeros(data.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-data @ parameters))
        slope = data.T @ (chance - labels) + 2 * decay @ parameters
        curvature = data.T @ (data * (chance * (1 - chance))[:, None]) + 2 * decay
        parameters = parameters - np.linalg.solve(curvature, slope)
    return parameters


DIRECTION = np.array([1.0, 0.5, -0.5])


def moved_by(size, inputs, labels, *, free):
    """The largest change of a predicted probability when the inputs move by a shift, refitted."""
    before = chances(inputs, logistic_fit(inputs, labels, free=free))
    moved = inputs - size * DIRECTION
    return np.max(np.abs(chances(moved, logistic_fit(moved, labels, free=free)) - before))


def measure(rng):
    inputs, labels = classified(rng)
    before = logistic_fit(inputs, labels, free=True)
    after = logistic_fit(inputs - 2 * DIRECTION, labels, free=True)
    predicted_bias = before[-1] + 2 * before[:-1] @ DIRECTION
    return {
        "samples": Quantity(SAMPLES, 3),
        "free_change": below(moved_by(2.0, inputs, labels, free=True)),
        "decayed_change": Quantity(float(moved_by(2.0, inputs, labels, free=False)), 2),
        "bias_error": below(abs(after[-1] - predicted_bias)),
        "sheet_error": Quantity(float(np.max(np.abs(after[-1] - before[-1] - 2 * DIRECTION))), 2),
    }


def expected(got):
    return {
        "with a free bias no probability changes": got["free_change"] < 1e-9,
        "with a decayed bias they do": got["decayed_change"] > 0.01,
        "the bias grows by the weights times the shift": got["bias_error"] < 1e-9,
        "and not by any entry of the shift": got["sheet_error"] > 0.1,
    }


def shifts_and_lines(rng):
    """For the figure: shifts with both changes, and the lines fitted to three points."""
    inputs, labels = classified(rng)
    sizes = np.linspace(-4, 4, 33)
    changes = [[moved_by(size, inputs, labels, free=free) for size in sizes]
               for free in (True, False)]
    lines = {(shift, free): [float(v) for v in fitted(shift, free=free)]
             for shift in SHIFTS for free in (True, False)}
    return sizes, np.array(changes), lines


def draw_shift(axes, data):
    sizes, changes, lines = data
    left, right = axes
    places = np.array([-1.6, 1.6])
    styles = {0: "-", 3: "--", -2: ":"}
    for (shift, free), (weight, bias) in lines.items():
        if free and shift:
            continue  # the same line for every shift
        label = "free, any shift" if free else f"decayed, shift ${shift}$"
        left.plot(places, weight * (places - shift) + bias, styles[shift] if not free else "-",
                  color="#1F5673" if free else "#C2410C", lw=2.4 if free else 1.3, label=label)
    left.plot(INPUTS, TARGETS, "o", color="#1B2329", label="data")
    left.set_xlabel("input before the shift")
    left.set_ylabel("prediction")
    left.set_ylim(-0.9, 3.6)
    left.set_title("three points")
    left.legend(loc="upper left", ncols=2, columnspacing=1.0, handlelength=1.6)
    right.plot(sizes, changes[0], color="#1F5673", lw=2.4, label="free bias")
    right.plot(sizes, changes[1], "--", color="#C2410C", label="decayed bias")
    right.set_xlabel("size of the shift")
    right.set_ylabel("largest change")
    right.set_title("probabilities, logistic regression")
    right.legend(loc="upper center")
