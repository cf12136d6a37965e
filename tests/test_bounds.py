"""Bounds and orders: one that holds, printed as expected, and those that are refused."""

from dataclasses import replace

import numpy as np
import pytest
from author import checked

from solutionset.authoring import (
    Computation,
    at,
    bound,
    define,
    dim,
    elementwise,
    jac,
    matrix,
    norm,
    number,
    ones,
    order,
    parameter,
    spectral_norm,
    vector,
)
from solutionset.errors import ClaimError

n, m = dim("n"), dim("m")
A, B, x, u = matrix("A", m, n), matrix("B", n, m), vector("x", n), vector("u", n)
y = vector("y", m)
sigma = elementwise("sigma")


t = parameter("t", 0.1, 0.2)
z = define("z", A @ x)
g = define("g", sigma(z))


def straight_forward(A, x, u, sigma):
    return {"z": A @ x, "g": sigma(A @ x), "w": A @ u}


w = define("w", A @ u)
line = Computation(
    "line", definitions=(z, w, g), forward=straight_forward, parameters=(t,), argument=x
)


def remainder(direction):
    step = number(t)
    return norm(at(g, x, x + step * u) - g - step * direction)


def test_the_remainder_of_the_right_jacobian_is_of_order_two():
    claim = checked(order("r", line, remainder(jac(g, z) @ w), t, 2))
    assert claim.result == (
        r"\lVert \mathbf{g}(\mathbf{x} + t \mathbf{u}) - \mathbf{g} "
        r"- t J\mathbf{g}(\mathbf{z}) \mathbf{w} \rVert = O( t^{2} )"
    )


def test_a_remainder_that_is_a_vector_has_the_shape_of_a_vector():
    step = number(t)
    change = at(g, x, x + step * u) - g - step * jac(g, z) @ w
    assert checked(order("r", line, change, t, 2)).shape == ("m",)
    assert checked(order("r", line, norm(change), t, 2)).shape == ()


def test_the_remainder_of_a_wrong_jacobian_is_refused():
    with pytest.raises(ClaimError, match="the order is another one"):
        checked(order("r", line, remainder(w), t, 2))


product_norm = define("P", A @ B)
product_of_two = Computation("two", definitions=(product_norm,), forward=lambda A, B: A @ B)


def rank_one(rng, shape):
    return np.ones(shape)


def test_a_product_is_no_longer_than_the_product_of_the_norms():
    claim = checked(
        bound(
            "submultiplicative",
            product_of_two,
            spectral_norm(product_norm),
            spectral_norm(A) * spectral_norm(B),
            tight={A: rank_one, B: rank_one},
        )
    )
    assert claim.result == (
        r"\lVert \mathbf{P} \rVert_2 \le \lVert \mathbf{A} \rVert_2 \lVert \mathbf{B} \rVert_2"
    )


def test_a_bound_entry_by_entry_has_the_shape_of_its_sides():
    share = define("q", x * x)
    squared = Computation("squared", definitions=(share,), forward=lambda x: x * x)
    claim = checked(bound("least", squared, share, x * x, tight={x: rank_one}))
    assert claim.shape == ("n",)


def test_a_bound_that_only_the_largest_entries_obey_is_refused():
    share = define("q", x * x)
    squared = Computation("squared", definitions=(share,), forward=lambda x: x * x)
    all_others = (x.T @ x) * ones(n) - x * x  # its largest entry is never below that of x * x
    with pytest.raises(ClaimError, match="the bound does not hold"):
        checked(bound("others", squared, share, all_others, tight={x: rank_one}))


def test_a_bound_that_fails_on_a_sample_is_refused_with_the_quotient():
    with pytest.raises(ClaimError, match="the bound does not hold"):
        checked(
            bound(
                "wrong",
                product_of_two,
                spectral_norm(A) * spectral_norm(B),
                spectral_norm(product_norm),
                tight={A: rank_one, B: rank_one},
            )
        )


def test_a_bound_that_nothing_attains_is_refused():
    with pytest.raises(ClaimError, match="meant to attain the bound do not"):
        checked(
            bound(
                "loose",
                product_of_two,
                spectral_norm(product_norm),
                2 * spectral_norm(A) * spectral_norm(B),
                tight={A: rank_one, B: rank_one},
            )
        )


energy = define("energy", y.T @ y, symbol="E")
length = Computation("length", definitions=(energy,), forward=lambda y: y @ y)
mixed = define("mixed", x.T @ u, symbol="M")
angle = Computation("angle", definitions=(mixed,), forward=lambda x, u: x @ u)


def no_data(rng, shape):
    return np.zeros(shape)


def test_a_square_is_not_negative():
    claim = checked(bound("sign", length, number(0), energy, tight={y: no_data}))
    assert claim.result == r"0 \le E"


def test_what_may_be_negative_is_refused():
    with pytest.raises(ClaimError, match="the bound does not hold"):
        checked(bound("sign", angle, number(0), mixed, tight={x: no_data}))


def test_what_is_always_positive_is_more_than_not_negative():
    more = define("more", energy + number(1), symbol="F")
    above = Computation("above", definitions=(energy, more), forward=lambda y: y @ y + 1)
    with pytest.raises(ClaimError, match="meant to attain the bound do not") as caught:
        checked(bound("sign", above, number(0), more, tight={y: no_data}))
    assert caught.value.got == "right = 1"


def test_what_is_zero_everywhere_has_no_sign():
    nothing = replace(length, samplers={y.leaf: no_data})
    with pytest.raises(ClaimError, match="wrong variants pass the check"):
        checked(bound("sign", nothing, number(0), energy, tight={y: no_data}))


def long_ten(rng, shape):
    drawn = rng.standard_normal(shape)
    return 10 * drawn / np.linalg.norm(drawn)


def test_a_bound_that_holds_for_all_usual_data_and_not_beyond_is_refused():
    with pytest.raises(ClaimError, match="the bound does not hold"):
        checked(bound("ten", length, norm(y), number(10), tight={y: long_ten}))
