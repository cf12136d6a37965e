"""The Hessian at a minimum: the code on numbers for paper, and what must be refused."""

import numpy as np
import pytest
from author import checked
from taught import module_of

from solutionset.authoring import chain, counterexample, literal, number, relation
from solutionset.errors import ClaimError

taught = module_of("uva_dl1", "hessian")
flat = taught._flat


def test_the_loss_is_half_the_squared_distance_of_outputs_and_targets():
    found = taught.forward(
        np.array([1, 2]), np.array([4, 0]), np.array([[1, 1], [0, 1]]), np.square
    )
    # The outputs are 9 and 4, the errors 5 and 4.
    assert found["p"].tolist() == [9, 4]
    assert found["f"] == 20.5


def test_along_a_line_the_examples_have_the_values_on_paper():
    found = taught.lines_forward(2, 1, 3)
    # At the point (2, 6), which for the valley is (3, 7).
    assert found == {
        "phi_D": 4 + 1296,
        "phi_S": 4 - 1296,
        "phi_V": 20**2,
        "phi_P": (6 - 4) * (6 - 8),
        "phi_C": (6 - 4) * (6 - 8),
    }


def test_the_strict_minimum_without_a_second_derivative_has_the_values_on_paper():
    assert taught.twisted_forward(1, 1) == 2
    # Five, minus five times 2 times 9 divided by 25.
    assert taught.twisted_forward(2, 1) == pytest.approx(5 - 5 * 2 * 9 / 25)


def test_the_cross_entropy_of_equal_logits_is_the_logarithm_of_the_number_of_classes():
    inputs, weights = np.array([[1.0, 1.0]]), np.zeros((3, 2))
    targets = np.array([[0.0, 1.0, 0.0]])
    found = flat.cross_entropy(inputs, weights, targets, weights, inputs[0])
    assert found == pytest.approx([np.log(3)])


def test_a_hidden_unit_may_be_rescaled():
    into, out, chi = np.array([[1, -1], [2, 1]]), np.array([[3, 4]]), np.array([1, 2])
    found = flat.layer_forward(into, out, chi, np.array([2, 4]))
    # The units get -1 and 4, so the output is 16.
    assert found["y_o"].tolist() == [16]
    assert found["y_k"].tolist() == [16]


def test_a_softmax_layer_of_three_inputs_has_four_zero_eigenvalues():
    found = flat.measure(np.random.default_rng(0))
    assert found["softmax_weights"].value == 16
    assert found["softmax_zeros"].value == 4


def test_weight_decay_takes_the_zeros_away_and_without_the_biases_all_but_one():
    found = flat.measure(np.random.default_rng(0))
    assert found["decayed_least"].value == pytest.approx(flat.DECAY)
    assert found["biases_free_zeros"].value == 1


def test_a_positive_second_derivative_of_the_quartic_is_refused():
    with pytest.raises(ClaimError, match=r"line 1 \(as the sheet says\) is false"):
        checked(
            counterexample(
                "wrong",
                relation(taught.quartic.prime.prime(number(0)), ">", 0, "as the sheet says"),
            )
        )


def test_a_second_positive_eigenvalue_of_the_valley_is_refused():
    trough, along = literal([[2, 2], [2, 2]]), literal([1, -1])
    with pytest.raises(ClaimError, match="is false"):
        checked(counterexample("wrong", relation(trough @ along, "=", 4 * along, "positive")))


def test_a_hessian_without_the_errors_is_refused_away_from_a_perfect_fit():
    with pytest.raises(ClaimError, match=r"line 1 \(squares only\)"):
        checked(
            chain(
                "wrong",
                taught.curvature,
                taught.jac(taught.g, taught.x),
                (
                    taught.B.T @ taught.diag(taught.sigma.prime(taught.z) ** 2) @ taught.B,
                    "squares only",
                ),
            )
        )


def test_a_slope_of_the_twisted_function_without_its_sign_is_refused():
    first = {taught.o_1: taught.hypothesis("the first coordinate is zero", taught.nothing)}
    on_first = taught.Computation(
        "on_first",
        definitions=(taught.square, taught.gap, taught.twisted),
        forward=taught.twisted_forward,
        samplers=first,
    )
    with pytest.raises(ClaimError, match=r"line 1 \(no sign\)"):
        checked(
            chain(
                "wrong",
                on_first,
                taught.jac(taught.twisted, taught.o_1),
                (5 * taught.o_2, "no sign"),
            )
        )
