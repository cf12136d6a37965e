"""Question 6: gradients through time, from the linear net to the LSTM."""

import _activations
import _clipping
import _linear
import _lstm
from _audit_recurrent import AUDIT, ERRATA

from solutionset.authoring import (
    Figure,
    Pitfall,
    Problem,
    Solution,
    diag,
    grad,
    inverse,
    power,
)


def figures():
    return (
        Figure(
            "growth", _linear.draw_growth, _linear.states_and_gradients,
            alt="Two plots against the number of steps, logarithmic. Left, norms of states: one "
            "falls as a straight line to a billionth, one stays at one, one begins at eight "
            "and then falls. Right, norms of gradients in the same nets: the first rises as a "
            "straight line to almost a billion, the second slowly to thirty, the third rises to "
            "almost a hundred before it falls.",
            caption="States (left) and gradients (right) of three linear nets of width two, from "
            "the first state $(0, 1)$ and with the incoming gradient $(1, 0)$.",
            panels=2, height=2.3,
        ),
        Figure(
            "activations", _activations.draw_activations, _activations.jacobian_norms,
            alt="Three rising curves of the norm of the Jacobian against the scale of the weights, "
            "both logarithmic. The one for ReLU is a straight line that passes one between the "
            "scales one and two. The one for tanh reaches one there and stays near it. The one for "
            "the sigmoid is below one throughout and comes close at the scale eight.",
            caption="The norm of the Jacobian through 40 steps of a net of width 16 without "
            "inputs: medians of 30 random nets. The thin line is at one; on the left the gradient "
            "vanishes with each activation.",
            height=2.3,
        ),
        Figure(
            "limited", _clipping.draw_limited, _clipping.limited,
            alt="Left: in the plane, gradients on two rays. Clipping by the norm follows the ray "
            "up to the unit circle. Clipping by entries leaves the ray at the side of the unit "
            "square and moves along it towards the corner. A fixed norm gives one point on the "
            "circle. Right: the norm of the step against that of the gradient. By the norm it "
            "rises to one and stays, by entries it rises further to above one, fixed it is one.",
            caption="The three ways with threshold 1. Left: what becomes of the gradients on two "
            "rays. Right: the length of the step, for the upper ray.",
            panels=2, height=2.4,
        ),
        Figure(
            "paths", _lstm.draw_paths, _lstm.paths_by_scale,
            alt="Two plots of norms against the scale of the weights, logarithmic. Left, forget "
            "bias zero: the direct path stays near three hundredths and falls at the end, "
            "everything else rises from one hundredth and passes it at a scale below one half. "
            "Right, forget bias two: the direct path starts near one and falls, everything else "
            "rises from a tenth and passes it at a scale near two.",
            caption="The derivative of the cell state after six steps in the first one: direct "
            "path and everything else, medians and middle halves of 150 random cells.",
            panels=2, height=2.4,
        ),
    )


def pitfalls():
    A, z0, zt, t = _linear.A, _linear.z0, _linear.zt, _linear.steps
    V, alpha = _linear.V, _linear.alpha
    W, a, phi = _activations.W, _activations.a, _activations.phi
    f, E, K = _lstm.GATE["f"], _lstm.E, _lstm.K
    return (
        Pitfall("scalar", "Using the formula for width one.", "grad_A",
                lambda: t * grad(zt).T @ power(A, t - 1) @ z0),
        Pitfall("commute", "Moving all factors to one side.", "grad_A",
                lambda: t * power(A.T, t - 1) @ grad(zt) @ z0.T),
        Pitfall("basis", "Changing the basis as for $A$ itself.", "spectral",
                lambda: V @ _linear.in_eigenvalues(V.T @ grad(zt) @ alpha.T) @ inverse(V)),
        Pitfall("order", "The slopes on the wrong side of the weights.", "one_step",
                lambda: W @ diag(phi.prime(a))),
        Pitfall("value", "The activation in the place of its slope.", "one_step",
                lambda: diag(phi(a)) @ W),
        Pitfall("constant_gates", "Treating the gates as constants.", "block_ch",
                lambda: diag(_lstm.GATE["i"]) @ _lstm.W_h["g"]),
        Pitfall("forget_f", "Forgetting that $c_s$ is inside tanh after the forget gate.",
                "block_hc", lambda: E),
        Pitfall("no_output_gate", "Forgetting that the output gate reads $h_{s-1}$.", "block_hh",
                lambda: E @ K),
        Pitfall("direct_only", "Keeping the direct path alone.", "two_cells",
                lambda: diag(_lstm.GATE_2["f"] * _lstm.GATE_1["f"])),
        Pitfall("f_is_vector", "Forgetting that the forget gate multiplies by a diagonal matrix.",
                "block_cc", lambda: f),
    )


def solve():
    return Solution(
        claims=(
            *_linear.claims(), *_activations.claims(), *_clipping.claims(), *_lstm.claims(),
        ),
        figures=figures(),
        instances=(_activations.by_hand,),
        pitfalls=pitfalls(),
        errata=ERRATA,
        audit=AUDIT,
    )


problem = Problem(
    title="Gradients of recurrent networks",
    question="003.6",
    source="Homework 2, question 6",
    solve=solve,
)
