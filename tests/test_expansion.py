"""Expansions of normalised vectors: derived by inner products, printed, checked by a slope."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from author import checked

from solutionset.authoring import (
    Computation,
    at,
    define,
    dim,
    expansion,
    identity,
    norm,
    parameter,
    vector,
)
from solutionset.calculus.series import expand_direction
from solutionset.calculus.tensors import CalculusError
from solutionset.errors import ClaimError

n = dim("n")
x, g = vector("x", n), vector("g", n)
eta = parameter("eta", 0.01, 0.02)
s = define("s", x.T @ x)
r = define("r", s ** sp.Rational(1, 2))
u = define("u", x / r)


def forward(x):
    return {"s": x @ x, "r": np.sqrt(x @ x), "u": x / np.sqrt(x @ x)}


t = define("t", x - eta.symbol * g)


def step_forward(x, g, eta):
    return {**forward(x), "t": x - eta * g}


sphere = Computation(
    "sphere", definitions=(s, r, u, t), forward=step_forward, parameters=(eta,), argument=x
)
moved = at(u, x, x - eta.symbol * g)
tangential = -((identity(n) - u @ u.T) @ g) / r


def step(*terms, order=2, left=moved):
    return expansion("step", sphere, left, *terms, step=eta, order=order, title="tangential")


def test_a_step_on_the_sphere_is_tangential_to_first_order():
    claim = checked(step(u, tangential))

    assert claim.result == (
        r"\mathbf{u}(\mathbf{x} - \eta \mathbf{g}) = \mathbf{u} - \frac{\eta}{r} "
        r"(\mathbf{I}_{n} - \mathbf{u} \mathbf{u}^{\top}) \mathbf{g} + O( \eta^{2} )"
    )
    assert claim.verdict.standing == "verified"
    assert claim.verdict.read_back == "equal"
    assert claim.verdict.mutants.survived == 0
    assert claim.verdict.mutants.killed >= 20
    assert claim.verdict.note == "terms derived from inner products alone"


def test_the_terms_come_out_of_the_calculus():
    claim = checked(step())

    assert claim.result == (
        r"\mathbf{u}(\mathbf{x} - \eta \mathbf{g}) = \frac{1}{\lVert \mathbf{x} \rVert} \mathbf{x} "
        r"+ \eta \left(\frac{\mathbf{x}^{\top} \mathbf{g}}{\lVert \mathbf{x} \rVert^{3}} \mathbf{x}"
        r" - \frac{1}{\lVert \mathbf{x} \rVert} \mathbf{g}\right) + O( \eta^{2} )"
    )


@pytest.mark.parametrize("order", [1, 2, 3])
def test_every_order_that_can_be_measured_is_derived(order):
    claim = checked(step(order=order))

    power = r"\eta" if order == 1 else rf"\eta^{{{order}}}"
    assert claim.result.endswith(f"+ O( {power} )")
    assert claim.verdict.worst_error < 0.1


def test_a_quotient_written_out_is_expanded_like_a_tensor_evaluated_elsewhere():
    elsewhere = x - eta.symbol * g

    assert expand_direction(elsewhere / norm(elsewhere), eta.symbol, 3) == expand_direction(
        moved, eta.symbol, 3
    )


# ------------------------------------------------------------------------- what is refused


def test_a_wrong_first_order_term_is_refused_and_named():
    radial = -(g - u) / r
    with pytest.raises(ClaimError, match=r"the coefficient of \$\\eta\^1\$\) is not what"):
        checked(step(u, radial))


def test_a_first_order_term_without_the_length_is_refused():
    with pytest.raises(ClaimError, match=r"the coefficient of \$\\eta\^1\$\) is not what"):
        checked(step(u, tangential * r))


def test_a_derived_term_that_is_wrong_is_refused_by_the_slope():
    claim = step()
    wrong = replace(claim, derived=(claim.derived[0], 2 * claim.derived[1]))

    with pytest.raises(ClaimError, match="the remainder is of another order"):
        checked(wrong)


def test_only_a_vector_divided_by_its_norm_is_expanded():
    with pytest.raises(CalculusError, match="only a vector divided by its norm is expanded"):
        step(left=(x - eta.symbol * g) / norm(x))


def test_an_expansion_needs_a_term_for_each_power():
    with pytest.raises(CalculusError, match="an expansion up to order 3 with 2 terms"):
        step(u, tangential, order=3)


def test_an_order_that_no_slope_can_measure_is_refused():
    with pytest.raises(CalculusError, match="an expansion up to order 4 with 0 terms"):
        step(order=4)
