"""003.6.c: three ways to limit a gradient, what each keeps, and what none of them repairs."""

import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    argument,
    bound,
    counterexample,
    define,
    dim,
    elementwise,
    exact,
    hypothesis,
    identity_of,
    literal,
    norm,
    number,
    relation,
    scalar,
    vector,
)

m = dim("m")
g = vector("slopes", m, symbol="g", meaning="a gradient, all parameters in one column")
tau = scalar("tau", meaning="the threshold, $c$ on the sheet")
clip = elementwise("C", body=sp.Max(-1, sp.Min(argument, 1)))

square = define("square", g.T @ g, symbol="eta")
length = define("length", square ** sp.Rational(1, 2), symbol="r", meaning="the norm of $g$")
by_norm = define("by_norm", clip(tau / length) * g, symbol="hat_g")
fixed = define("fixed_norm", (tau / length) * g, symbol="bar_g")
by_entry = define("by_entry", tau * clip(g / tau), symbol="tilde_g")


def clip_forward(slopes, tau):
    length = np.sqrt(slopes @ slopes)
    return {
        "length": length,
        "by_norm": slopes * np.clip(tau / length, -1, 1),
        "fixed_norm": slopes * tau / length,
        "by_entry": np.clip(slopes, -abs(tau), abs(tau)),
    }


def positive(rng, shape):
    return rng.uniform(0.5, 1.5, shape)


clipping = Computation(
    "clipping", definitions=(square, length, by_norm, fixed, by_entry), forward=clip_forward,
    samplers={tau: hypothesis("$\\tau$ is positive", positive)},
)


def long_one(rng, shape):
    return 5 + rng.uniform(0, 1, shape)


def short_one(rng, shape):
    return 0.1 * rng.uniform(-1, 1, shape)


def claims():
    return (
        bound("norm_limited", clipping, norm(by_norm), tau, tight={g: long_one},
              title="The norm is limited"),
        identity_of("norm_fixed", clipping, norm(fixed), tau, because="$g$ over its own norm",
                    title="The norm is always the same"),
        bound("still_descends", clipping, by_entry.T @ by_entry, g.T @ by_entry,
              tight={g: short_one}, title="Still a direction of descent"),
        bound("entries_limited", clipping, norm(by_entry), m.size ** sp.Rational(1, 2) * tau,
              tight={g: long_one}, title="Each entry is limited"),
        *exact_claims(),
    )


def exact_claims():
    r = sp.Rational
    slopes, ones_ = literal([3, 4]), literal([1, 1])
    return (
        exact(
            "three_ways",
            relation(norm(slopes), "=", 5, "a gradient"),
            relation(r(1, 5) * slopes, "=", literal([r(3, 5), r(4, 5)]),
                     "by the norm, threshold 1: the direction stays"),
            relation(r(10, 5) * slopes, "=", literal([6, 8]),
                     "to the fixed norm 10: a small gradient grows"),
            relation(clip(slopes), "=", ones_, "by entries, threshold 1"),
            relation(ones_.T @ slopes, "<", norm(ones_) * norm(slopes),
                     "so the direction has turned"),
            title="One gradient, three ways"),
        counterexample(
            "never_settles",
            relation(number(r(1, 2)) - number(1), "=", -r(1, 2), "first step of length 1"),
            relation(number(-r(1, 2)) + number(1), "=", r(1, 2), "second step: back again"),
            title="Steps of fixed length on half the square"),
        counterexample(
            "overshoots",
            relation((number(1) - number(3)) ** 10, "=", 1024, "after ten steps"),
            title="The exact gradient, and too long a step"),
        counterexample(
            "biased",
            relation(r(1, 4) * literal([[8]]) + r(3, 4) * literal([[-1]]), "=", r(5, 4),
                     "the mean of the stochastic gradient"),
            relation(r(1, 4) * literal([[1]]) + r(3, 4) * literal([[-1]]), "=", -r(1, 2),
                     "the mean after clipping at 1"),
            title="Clipping turns the mean round"),
        counterexample(
            "lost_inside",
            relation(number(r(1, 2)) ** 19, "=", r(1, 524288),
                     "step 1 against step 20, before and after rescaling"),
            title="What early steps contribute"),
    )


# ------------------------------------------------------------------------------ figure

THRESHOLD = 1.0
LENGTHS = np.linspace(0.02, 3, 150)


def limited(rng):
    """Gradients on two rays, and on each what the three ways make of them."""
    rays = {}
    for name, angle in (("along the ray", 0.3), ("across", 1.2)):
        direction = np.array([np.cos(angle), np.sin(angle)])
        rays[name] = [clip_forward(size * direction, THRESHOLD) for size in LENGTHS]
    return rays


STYLES = (
    ("by_norm", "by the norm", "#1F5673", {"linewidth": 3.5, "alpha": 0.5}),
    ("by_entry", "by entries", "#C2410C", {"linestyle": "--"}),
    ("fixed_norm", "fixed norm", "#7E22CE", {"linestyle": ":", "marker": "D", "markevery": 150}),
)


def draw_limited(axes, data):
    """Left the gradients in the plane, right their lengths."""
    plane, sizes = axes
    for rows in data.values():
        for key, _, colour, style in STYLES:
            found = np.array([row[key] for row in rows])
            plane.plot(found[:, 0], found[:, 1], color=colour, **style)
    angles = np.linspace(0, np.pi / 2, 100)
    plane.plot(np.cos(angles), np.sin(angles), color="#94A3B8", linewidth=0.6)
    plane.plot([1, 1, 0], [0, 1, 1], color="#94A3B8", linewidth=0.6)
    plane.set_xlim(0, 1.3)
    plane.set_ylim(0, 1.3)
    plane.set_xlabel("first entry")
    plane.set_ylabel("second entry")
    for key, label, colour, style in STYLES:
        found = [np.linalg.norm(row[key]) for row in data["across"]]
        sizes.plot(LENGTHS, found, color=colour, label=label, **style)
    sizes.set_xlabel("norm of the gradient")
    sizes.set_ylabel("norm of the step")
    sizes.set_ylim(0, 1.6)
    sizes.legend(frameon=False, fontsize=7, loc="lower right")
