"""Softmax and cross-entropy: the code on numbers for paper, and what must be refused."""

import numpy as np
import pytest
from author import checked
from taught import module_of

from solutionset.authoring import chain, grad
from solutionset.errors import ClaimError

taught = module_of("uva_dl1", "softmax_cross_entropy")
floats = taught._softmax_floats

LOGITS = np.log([[1.0, 2, 5], [3, 3, 2]])
SHARES = np.array([[1, 2, 5], [3, 3, 2]]) / 8
TARGETS = np.array([[0, 0, 1], [1, 0, 0]])


def test_softmax_of_logarithms_gives_the_shares():
    found = taught.probabilities(LOGITS)
    assert found["z"] == pytest.approx([8, 8])
    assert found["Y"] == pytest.approx(SHARES)


def test_the_loss_is_the_mean_of_minus_the_logarithms_of_the_true_shares():
    expected = -(np.log(5 / 8) + np.log(3 / 8)) / 2
    assert taught.loss_forward(LOGITS, TARGETS)["loss"] == pytest.approx(expected)
    assert floats.loss_from_logits(LOGITS, TARGETS) == pytest.approx(expected)


def test_the_three_gradients_in_code_agree_with_the_instance():
    by_hand = np.array([[1, 2, -3], [-5, 3, 2]]) / 16
    assert floats.two_step_gradient(LOGITS, TARGETS) == pytest.approx(by_hand)
    assert floats.merged_gradient(LOGITS, TARGETS) == pytest.approx(by_hand)


def test_each_row_needs_a_shift_of_its_own():
    with np.errstate(all="ignore"):
        naive, once = floats.naive_softmax(floats.TALL), floats.softmax_one_shift(floats.TALL)
    assert np.isnan(naive).any(axis=1).tolist() == [True, False]
    assert np.isnan(once).any(axis=1).tolist() == [False, True]
    # e^-1, 1, e^-2 over their sum in the first row.
    assert floats.softmax(floats.TALL)[0].round(3).tolist() == [0.245, 0.665, 0.09]


def test_the_short_form_is_refused_where_targets_do_not_sum_to_one():
    short = taught.mean * (taught.Y - taught.T)
    with pytest.raises(ClaimError, match=r"line 1 \(no condition\)"):
        checked(chain("short", taught.merged, grad(taught.X), (short, "no condition")))


def test_softmax_differentiated_as_an_elementwise_function_is_refused():
    diagonal = grad(taught.Y) * (taught.Y - taught.Y * taught.Y)
    with pytest.raises(ClaimError, match=r"line 1 \(the diagonal alone\)"):
        checked(chain("back", taught.softmax, grad(taught.X), (diagonal, "the diagonal alone")))
