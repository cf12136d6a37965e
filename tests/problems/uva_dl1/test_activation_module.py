"""The activation module: slopes on numbers for paper, and what must be refused."""

import numpy as np
import pytest
import sympy as sp
from author import checked
from taught import module_of

from solutionset.authoring import chain, counterexample, grad, relation
from solutionset.errors import ClaimError

taught = module_of("uva_dl1", "activation_module")

HALF_AND_DOUBLE = np.log(np.array([[0.5, 2]]))


def output(computation, **values):
    return computation.forward(HALF_AND_DOUBLE, **values)


def test_relu_and_its_leaky_form_keep_what_is_positive():
    assert output(taught.relu_module).tolist() == [[0, np.log(2)]]
    assert output(taught.leaky_module, a=0.5) == pytest.approx(np.log([[0.5**0.5, 2]]))


def test_elu_at_the_logarithm_of_one_half_is_half_its_parameter_below_zero():
    assert output(taught.elu_module, alpha=3.0)["Y_e"] == pytest.approx(
        np.array([[-1.5, np.log(2)]])
    )


def test_logistic_function_and_tanh_are_rational_at_logarithms():
    assert output(taught.logistic_module) == pytest.approx(np.array([[1, 2]]) / 3)
    assert output(taught.tanh_module) == pytest.approx(np.array([[-3, 3]]) / 5)


def test_softplus_and_silu_at_the_logarithm_of_two():
    assert output(taught.softplus_module)[0, 1] == pytest.approx(np.log(3))
    assert output(taught.silu_module)[0, 1] == pytest.approx(2 / 3 * np.log(2))


def test_the_slopes_in_the_figure_are_those_of_the_curves():
    at, found = taught.curves(np.random.default_rng(0))
    assert sorted(found) == ["ELU", "ReLU", "SiLU", "logistic", "tanh"]
    for values, slopes in found.values():
        away = (np.abs(at) > 0.1)[1:-1]
        measured = (values[2:] - values[:-2]) / (at[2:] - at[:-2])
        assert measured[away] == pytest.approx(slopes[1:-1][away], abs=1e-3)


def test_equation_18_of_the_sheet_is_refused():
    with pytest.raises(ClaimError, match=r"line 1 \(as printed\)"):
        checked(
            chain("eighteen", taught.activation, grad(taught.X), (grad(taught.Y), "as printed"))
        )


def test_a_wrong_slope_at_the_kink_is_refused():
    with pytest.raises(ClaimError, match="is false"):
        checked(
            counterexample("kink", relation(taught.relu(taught.number(sp.Rational(-1, 2))), "<", 0))
        )
