"""The linear module: its code on numbers for paper, and what must be refused."""

import numpy as np
import pytest
from author import checked
from taught import module_of

from solutionset.authoring import chain, grad, ones
from solutionset.errors import ClaimError

taught = module_of("uva_dl1", "linear_module")


def test_each_sample_gets_weights_times_input_plus_the_same_bias():
    inputs = np.array([[1, 2], [3, -1]])
    weights = np.array([[1, 0], [2, 1], [0, -1]])
    # First sample: (1, 4, -2) plus the bias; second: (3, 5, 1) plus the bias.
    assert taught.forward(inputs, weights, np.array([1, 0, 2])).tolist() == [[2, 4, 0], [4, 5, 3]]


def test_the_change_of_the_loss_pairs_the_gradient_with_the_change_of_the_output():
    inputs, weights, upstream = np.array([[1, 2]]), np.array([[3, 1]]), np.array([[5]])
    found = taught.changes_forward(
        inputs, weights, upstream, np.array([[1, -1]]), np.array([[0, 2]]), np.array([4])
    )
    # The output changes by 3 - 1 from the input, by 4 from the weights, by 4 from the bias.
    assert found["Y_dot"].tolist() == [[10]]
    assert found["L_dot"] == 50


def test_the_contributions_of_the_samples_add_up_to_the_gradient_of_the_instance():
    first, second, total = taught.outer_products(np.random.default_rng(0))
    assert first[0].tolist() == [1, 2, 0]
    assert second[0].tolist() == [-2, 2, 6]
    assert total.tolist() == taught.GRAD_W


def test_a_mean_over_the_samples_in_the_bias_is_refused():
    mean = grad(taught.Y).T @ ones(taught.S) / taught.S.size
    with pytest.raises(ClaimError, match=r"line 1 \(mean instead of sum\)"):
        checked(chain("bias", taught.linear, grad(taught.b), (mean, "mean instead of sum")))
