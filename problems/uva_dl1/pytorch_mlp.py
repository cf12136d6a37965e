"""Question 4: the same network in PyTorch, from the same weights on the same batches."""

from pathlib import Path

import _differences
import _digits
import _mistakes
import _sheet_mlp
import _twin
import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    Figure,
    Problem,
    Quantity,
    Solution,
    chain,
    define,
    define_entry,
    dim,
    exact,
    exp,
    experiment,
    index,
    literal,
    log,
    matrix,
    number,
    recording,
    relation,
    sum_over,
    trace,
)

SERIES = ("single_apart", "apart")

twin = recording(
    Path(__file__).with_name("pytorch_mlp.json"), package="torch", run=_twin.run, code=_twin.CODE,
    data=_twin.material,
    # Rounding in single precision is another on every machine.
    tolerances={"single_apart": 1e-4, "single_accuracies": 0.01},
)


# --------------------------------------------------------------- fused and composed kernels

S, C = dim("S", "s"), dim("C", "c")
Z, T = matrix("Z", S, C, meaning="logits"), matrix("T", S, C, meaning="targets, one-hot rows")
s, c = index("s", S), index("c", C)
N = define_entry("N", s, sum_over(c, exp(Z[s, c])))
P = define_entry("P", (s, c), exp(Z[s, c]) / N[s])
G = define_entry("G", (s, c), Z[s, c] - log(N[s]))
L = define("loss", -1 / S.size * trace(T.T @ log(P)), symbol="L")


def loss_forward(Z, T):
    powers = np.exp(Z)
    sums = powers.sum(axis=1)
    loss = -(T * np.log(powers / sums[:, None])).sum() / len(Z)
    return {"G": Z - np.log(sums)[:, None], "loss": loss}


loss = Computation("loss", definitions=(N, P, G, L), forward=loss_forward, loss=L)


def fused():
    return chain(
        "fused", loss, L,
        (-1 / S.size * trace(T.T @ log(P)), "softmax, then cross-entropy"),
        (-1 / S.size * trace(T.T @ G), "in one: the logarithm of the softmax directly"),
        title="One real function, two programs",
    )


# ---------------------------------------------------------------------- one step on paper


def first_step():
    """One sample with input one, one hidden unit, two classes, and learning rate one half."""
    half = sp.Rational(1, 2)
    rate, error = number(half), literal([-half, half])
    weights, biases = literal([2, 1]), literal([0, 1])
    return exact(
        "first_step",
        relation(weights + biases, "=", literal([2, 2]), "logits: the hidden unit is one"),
        relation(literal([half, half]) - literal([1, 0]), "=", error,
                 "probabilities less targets"),
        relation(weights - rate * error, "=", literal([sp.Rational(9, 4), sp.Rational(3, 4)]),
                 "output weights"),
        relation(biases - rate * error, "=", literal([sp.Rational(1, 4), sp.Rational(3, 4)]),
                 "output biases"),
        relation(weights.T @ error, "=", -half, "back at the hidden unit, where the slope is one"),
        relation(literal([1, 0]) - rate * literal([-half, -half]), "=",
                 literal([sp.Rational(5, 4), sp.Rational(1, 4)]),
                 "weight and bias of the hidden unit, whose input is one"),
        title="The first step of a small network",
    )


# ------------------------------------------------------------------------------ the twin


def compare(rng):
    """The recorded or measured numbers of PyTorch beside the NumPy run of this build."""
    numbers = {name: np.array(row) for name, row in twin.measured.numbers.items()}
    ours = _mistakes.trained("right", _twin.SEED)
    losses = np.max(np.abs(numbers["losses"] - ours.step_losses))
    return {
        "steps": Quantity(len(numbers["apart"]), 1),
        "parameters": Quantity(sum(p.size for p in ours.network.parameters), 1),
        "apart": _mistakes.power_above(numbers["apart"].max()),
        "loss_apart": _mistakes.power_above(losses),
        "single_apart": _mistakes.power_above(numbers["single_apart"].max()),
        "torch_accuracy": Quantity(100 * numbers["accuracies"][0], 3),
        "single_accuracy": Quantity(100 * numbers["single_accuracies"][0], 3),
        "accuracy": Quantity(100 * ours.test_accuracy, 3),
    }


def agree(got):
    return {
        f"all {got['parameters']:.0f} parameters agree after each of {got['steps']:.0f} steps":
            got["apart"] <= 1e-12,
        "the losses of PyTorch are those that NumPy finds in this build":
            got["loss_apart"] <= 1e-12,
        "single precision stays within its rounding": got["single_apart"] <= 1e-4,
        f"both find {got['accuracy']:.1f} per cent of the test images":
            abs(got["torch_accuracy"] - got["accuracy"]) < 1e-9,
    }


# -------------------------------------------------------------------------------- figure


def all_distances(rng):
    return {
        **{name: twin.measured.numbers[name] for name in SERIES},
        **{name: apart for name, (apart, _) in _differences.distances().items()},
    }


STYLES = {
    "weights": ("other weights", "#475569", "--"),
    "cleared": ("never cleared", "#1E293B", "-"),
    "slope": ("slope dropped", "#C2410C", "-"),
    "batches": ("other batches", "#A16207", "-."),
    "single_apart": ("PyTorch, single", "#7E22CE", "-"),
    "reversed": ("other order", "#0F766E", ":"),
    "apart": ("PyTorch, double", "#1F5673", "-"),
}


def draw_distances(axes, series):
    for name, (label, colour, dashes) in STYLES.items():
        row = np.array(series[name])
        steps = np.arange(1, len(row) + 1)
        axes.semilogy(steps[row > 0], row[row > 0], dashes, color=colour, label=label)
    axes.set_xlim(0, 152)
    axes.set_xticks(range(0, 101, 20))
    axes.set_xlabel("step")
    axes.set_ylabel("largest distance")
    axes.legend(loc="center right")


def distance_figure():
    return Figure(
        "distances", draw_distances, all_distances, width=5.8, height=2.8,
        alt="Largest distance of a parameter from the NumPy run against the step, on a logarithmic "
        "axis. PyTorch in double precision and NumPy with another order of summation stay near ten "
        "to the minus sixteen, PyTorch in single precision near ten to the minus seven. Other "
        "batches, other weights and a dropped slope lie between a few thousandths and one. "
        "Gradients that are never cleared agree in the first step, and then rise from there to "
        "about five.",
        caption="Three levels that do not mix: rounding in double precision, rounding in single "
        "precision, and everything else. A mistake and an innocent change of batches are on the "
        "same level, so only a comparison from the same weights on the same batches tells. Never "
        "cleared are gradients that add up from batch to batch.",
    )


def run(name, measure, expected, title, seeds, recorded=None):
    return experiment(
        name, measure, expected, title=title, seeds=seeds, data=_digits.HASH, recorded=recorded
    )


def solve():
    return Solution(
        claims=(
            first_step(),
            fused(),
            run("twin", compare, agree, "NumPy and PyTorch, step by step", (_twin.SEED,), twin),
            run("changes", _differences.measure, _differences.expected,
                "One program, changed in one respect", (0, 1)),
            run("two_seeds", _differences.two_seeds, _differences.seeds_matter,
                "One program, ten seeds", _mistakes.SEEDS),
            run("same_test_accuracy", _differences.two_fits, _differences.told_apart_by_training,
                "Two networks of one test accuracy", (0,)),
        ),
        figures=(distance_figure(),),
        errata=_sheet_mlp.TORCH_ERRATA,
        audit=_sheet_mlp.TORCH_AUDIT,
        prose=(
            "PyTorch's gradients of a batch are added to those that are there, and a tensor made "
            "from a NumPy array may share its memory.",
            "Differences by rounding may grow over many steps.",
        ),
    )


problem = Problem(
    title="The same network in PyTorch", question="002.4", source="Question 4", solve=solve,
)
