"""Dropout: its losses on an example small enough for paper, and what must be refused."""

from fractions import Fraction

import numpy as np
import pytest
from author import checked
from taught import module_of

from solutionset.authoring import chain, expectation, inverse
from solutionset.errors import ClaimError

taught = module_of("residual_dropout", "dropout")

DATA, TARGETS = np.array([[1, -3], [2, -2], [2, 6]]), np.array([-1, 6, 6])


def test_the_loss_is_the_fit_of_the_mean_plus_the_weighted_column_norms():
    # At p = 1/5 the residuals are (-4, 28, 20)/5: 1200/25 = 48. The penalty is
    # 4/25 (9 * 4 + 49 * 1) = 340/25.
    fifth = Fraction(1, 5)
    found = taught._transformation.loss_4_forward(
        DATA.astype(object), TARGETS, np.array([2, 1]), fifth
    )
    assert found == 48 + Fraction(340, 25)


def test_all_masks_together_give_the_same_loss():
    assert taught._masks.enumerated_loss() == Fraction(308, 5)


def test_predictions_with_dropout_leave_out_what_the_mask_drops():
    mask = np.array([[1, 0], [0, 1], [1, 1]])
    found = taught.dropout_forward(DATA, mask, np.array([2, 1]), TARGETS)
    assert found["masked"].tolist() == [2, -2, 10]
    assert found["r"].tolist() == [-3, 8, -4]


def test_batch_normalisation_leaves_mean_zero_and_variance_one():
    found = taught._columns.batch_norm_forward(np.array([[4.0, 5], [4, -1], [2, -1], [2, -3]]))["Z"]
    assert found[:, 0].tolist() == [1, 1, -1, -1]
    assert found[:, 1] == pytest.approx([5 / 3, -1 / 3, -1 / 3, -1])


def test_a_penalty_with_the_factor_p_squared_is_refused_by_enumeration():
    wrong = taught.squared(taught._shared_masks.mean_fit) + taught.keep**2 * taught.squared(
        taught.Norms @ taught.w_drop
    )
    with pytest.raises(ClaimError, match="not what the oracle computes"):
        checked(
            expectation(
                "wrong",
                taught.dropout,
                taught.squared(taught.r),
                wrong,
                mask=taught.R,
                probability=taught.p,
            )
        )


def test_the_transposed_inverse_is_refused_for_a_matrix_that_is_not_symmetric():
    data = taught.X @ inverse(taught.Gamma).T
    with pytest.raises(ClaimError, match=r"line 1 \(transposed\)"):
        checked(
            chain(
                "wrong",
                taught.tikhonov,
                taught.loss_3,
                (
                    taught.squared(taught.y - data @ taught.v) + taught.squared(taught.v),
                    "transposed",
                ),
            )
        )


def test_the_weights_learned_with_dropout_are_those_for_use_over_p():
    found = taught._transformation.minimisers_forward(DATA, TARGETS, 0.2)
    assert found["w_4"] == pytest.approx([2.5, 0.5])
    assert found["w_3"] == pytest.approx([0.5, 0.1])
