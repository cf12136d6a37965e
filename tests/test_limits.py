"""Limits, identities, and what samples alone would miss."""

import numpy as np
import pytest
import sympy as sp
from author import checked

from solutionset.authoring import (
    Computation,
    define,
    dim,
    hypothesis,
    identity_of,
    limit,
    matrix,
    number,
    parameter,
    power,
    spectral_norm,
)
from solutionset.errors import ClaimError

n, m = dim("n"), dim("m")
A, B = matrix("A", m, n), matrix("B", n, m)


def halved(rng, shape):
    drawn = rng.standard_normal(shape)
    symmetric_part = drawn + drawn.T
    return symmetric_part / (2 * np.linalg.norm(symmetric_part, 2))


layers = parameter("L", 2, 4)
k = dim("k")
W = matrix("W", k, k)
kept = define("H", W)
contraction = Computation(
    "contraction",
    definitions=(kept,),
    forward=lambda W: W,
    parameters=(layers,),
    sizes={k: 3},
    samplers={W: hypothesis("W has spectral norm one half", halved)},
)


def test_powers_of_a_contraction_tend_to_zero_at_the_rate_of_its_norm():
    claim = checked(
        limit(
            "decay",
            contraction,
            spectral_norm(power(W, layers)),
            0,
            index=layers,
            rate=sp.Rational(1, 2) ** layers.symbol,
        )
    )
    assert claim.result == r"\lim_{L \to \infty} \lVert \mathbf{W}^{L} \rVert_2 = 0"
    assert claim.verdict.hypotheses[0].without == "breaks"


def test_a_rate_that_is_too_fast_is_refused():
    with pytest.raises(ClaimError, match="does not converge as claimed"):
        checked(
            limit(
                "decay",
                contraction,
                spectral_norm(power(W, layers)),
                0,
                index=layers,
                rate=sp.Rational(1, 3) ** layers.symbol,
            )
        )


def test_an_identity_compares_forward_with_the_definitions():
    both = define("P", A @ B)
    product = Computation("product", definitions=(both,), forward=lambda A, B: A @ B)
    claim = checked(identity_of("same", product, both, A @ B, because="by definition"))
    assert (claim.kind, claim.result) == ("identity", r"\mathbf{P} = \mathbf{A} \mathbf{B}")


slow = sp.Rational(9, 10) ** layers.symbol


def test_a_slow_sequence_with_a_limit_a_little_off_is_refused():
    with pytest.raises(ClaimError, match="does not converge as claimed"):
        checked(
            limit("off", contraction, number(slow), sp.Rational(1, 100), index=layers, rate=slow)
        )


def test_a_rate_that_does_not_tend_to_zero_is_refused():
    above = sp.Rational(4, 5) ** layers.symbol + sp.Rational(1, 10**5)
    with pytest.raises(ClaimError, match="the rate does not tend to zero from above"):
        checked(limit("above", contraction, number(above), 0, index=layers, rate=above))


def test_a_limit_at_the_rate_of_one_over_the_index_is_checked():
    share = layers.symbol / (layers.symbol + 1)
    claim = checked(
        limit("share", contraction, number(share), 1, index=layers, rate=1 / layers.symbol)
    )
    assert claim.verdict.mutants.killed == 1
