"""Concrete functions as code: real data, and a complex step through them."""

import math

import numpy as np
import pytest
import sympy as sp

from solutionset.calculus.tensors import ARGUMENT, Elementwise
from solutionset.verification.functions import numeric
from solutionset.verification.oracles import central_difference, complex_step, relative_error

AT = np.array([-1.3, -0.2, 0.4, 2.1])
BODIES = {
    "softsign": ARGUMENT / (1 + sp.Abs(ARGUMENT)),
    "root": sp.sign(ARGUMENT) * sp.sqrt(sp.Abs(ARGUMENT)),
    "gelu": ARGUMENT * (1 + sp.erf(ARGUMENT / sp.sqrt(2))) / 2,
    "huber": sp.Piecewise(
        (ARGUMENT**2 / 2, sp.Abs(ARGUMENT) <= 1),
        (sp.Abs(ARGUMENT) - sp.Rational(1, 2), True),
    ),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("order", [0, 1])
def test_a_step_through_a_function_is_its_slope(name, order):
    function = Elementwise(name, order=order, body=BODIES[name])
    slope = numeric(function.prime)(AT)

    by_step = np.diag(complex_step(numeric(function), AT))

    assert relative_error(by_step, slope) < 1e-12
    assert relative_error(np.diag(central_difference(numeric(function), AT)), slope) < 1e-7


def test_the_error_function_is_that_of_the_standard_library():
    erf = numeric(Elementwise("erf", body=sp.erf(ARGUMENT)))

    assert erf(AT).tolist() == [math.erf(x) for x in AT]
    assert erf(np.array(0.5)) == math.erf(0.5)
