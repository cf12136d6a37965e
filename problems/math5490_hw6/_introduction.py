"""What the introduction of question 2 says about depth: each statement as a claim of its own."""

from fractions import Fraction
from functools import reduce
from operator import mul

import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    Quantity,
    bound,
    chain,
    counterexample,
    define,
    det,
    dim,
    exact,
    experiment,
    hypothesis,
    inverse,
    limit,
    literal,
    matrix,
    modulus,
    norm,
    number,
    parameter,
    power,
    relation,
    scalar,
    spectral_norm,
    spectral_radius,
    theorem,
    vector,
)

n = dim("n", "ij")

# The weights of the plain network; the sheet calls them W_k, which are the inner weights below.
A1 = matrix("A1", n, n, symbol="A", label="1", meaning="weights of the first plain layer")
A2 = matrix("A2", n, n, symbol="A", label="2", meaning="weights of the second")
A3 = matrix("A3", n, n, symbol="A", label="3", meaning="weights of the third")
x = vector("x", n, meaning="input of the plain network")

y1 = define("y1", A1 @ x, symbol="y", label="1")
y2 = define("y2", A2 @ y1, symbol="y", label="2")
y3 = define("y3", A3 @ y2, symbol="y", label="3")


def plain_forward(A1, A2, A3, x):
    y1 = A1 @ x
    y2 = A2 @ y1
    return {"y1": y1, "y2": y2, "y3": A3 @ y2}


plain = Computation("plain", definitions=(y1, y2, y3), forward=plain_forward)


def symmetric_sampler(rng, shape):
    drawn = rng.standard_normal(shape)
    return drawn + drawn.T


mirrored = Computation(
    "mirrored", definitions=(y1, y2, y3), forward=plain_forward,
    samplers={A1: hypothesis("$A_1$ is symmetric", symmetric_sampler)},
)


def of_radius_one_half(rng, shape):
    drawn = rng.standard_normal(shape)
    return drawn / (2 * np.max(np.abs(np.linalg.eigvals(drawn))))


L = parameter("K", 2, 4)  # number of layers; L counts the blocks of question 2
repeated = Computation(
    "repeated", definitions=(y1, y2, y3), forward=plain_forward, parameters=(L,), sizes={n: 3},
    samplers={A1: hypothesis("$A_1$ has spectral radius one half", of_radius_one_half)},
)

# A factor below one that tends to one, as a function of its place.
t = scalar("t", meaning="the place of a factor, two or more")
near_one = define("c", number(1) - t**-2)
factors = Computation("factors", definitions=(near_one,), forward=lambda t: 1 - 1 / t**2)


def turned(rng, shape):
    """Twice a random orthogonal matrix: it stretches all directions alike."""
    return 2 * np.linalg.qr(rng.standard_normal(shape))[0]


ALL_ALIKE = {A1: turned, A2: turned, A3: turned}


def claims():
    return (*products(), *refuted(), *residual_claims())


# ------------------------------------------------------------------- the plain network


def products():
    """What holds of a product of matrices."""
    product = A3 @ A2 @ A1
    return (
        chain(
            "plain_product", plain, y3,
            (A3 @ y2, "last layer"), (A3 @ A2 @ y1, "the one before"), (product @ x, "the first"),
            title="Three linear layers",
        ),
        bound(
            "plain_above", plain, norm(y3),
            spectral_norm(A3) * spectral_norm(A2) * spectral_norm(A1) * norm(x), tight=ALL_ALIKE,
            title="No larger than the spectral norms allow",
        ),
        bound(
            "plain_below", plain, norm(x),
            spectral_norm(inverse(A1)) * spectral_norm(inverse(A2)) * spectral_norm(inverse(A3))
            * norm(y3),
            tight=ALL_ALIKE, title="No smaller than those of the inverses allow",
        ),
        exact(
            "sensitive",
            relation(number(sp.Rational(11, 10)) ** 40, ">", 45, "ten per cent more a layer"),
            relation(
                number(sp.Rational(9, 10)) ** 40, "<", sp.Rational(1, 67), "ten per cent less"
            ),
            title="Forty factors",
        ),
        bound(
            "volume", plain, modulus(det(product)), spectral_norm(product) ** n.size,
            tight=ALL_ALIKE, title="The determinant is no larger than the norm to the power n",
        ),
        bound(
            "symmetric", mirrored, spectral_norm(A1), spectral_radius(A1), tight={},
            title="For a symmetric matrix the norm is the largest modulus of an eigenvalue",
        ),
        limit(
            "repeated", repeated, spectral_norm(power(A1, L)), 0, index=L,
            rate=sp.Rational(2, 3) ** L.symbol, title="One matrix in all layers",
        ),
        theorem(
            "growth",
            "If every eigenvalue of every factor has modulus at least $1 + \\delta$, then the "
            "spectral norm of a product of $L$ factors is at least $(1+\\delta)^L$: its "
            "determinant is the product of all eigenvalues of all factors, and the norm is at "
            "least its $n$-th root. If every factor has spectral norm at most $\\rho$, the product "
            "has norm at most $\\rho^L$, which decays for $\\rho$ below 1.",
            parts=("volume", "plain_above"), title="What does hold",
            hypotheses=("square matrices", "bounds that are the same for all factors"),
        ),
    )


def refuted():
    """What does not hold: eigenvalues of factors decide neither decay nor what one input does."""
    odd, even = literal([[0, 2], [0, 0]]), literal([[0, 0], [2, 0]])
    low, high = literal([[2, 0], [7, 2]]), literal([[2, sp.Rational(7, 2)], [0, 2]])
    start, one = literal([1, -4]), number(1)
    return (
        counterexample(
            "no_decay",
            relation(spectral_radius(odd), "=", 0, "all eigenvalues are zero"),
            relation(spectral_radius(even), "=", 0, "here, too"),
            relation(spectral_norm(odd), "=", 2, "but the spectral norm is not"),
            relation(even @ odd, "=", literal([[0, 0], [0, 4]]), "two factors"),
            relation(
                even @ odd @ even @ odd, "=", literal([[0, 0], [0, 16]]),
                "four factors: each pair multiplies by 4",
            ),
            title="Eigenvalues below one, and the product grows",
        ),
        counterexample(
            "no_growth",
            relation(spectral_radius(low), "=", 2, "triangular: both eigenvalues are 2"),
            relation(spectral_radius(high), "=", 2, "here, too"),
            relation(
                high @ low @ start, "=", sp.Rational(1, 2) * start,
                "two layers halve this input",
            ),
            title="Eigenvalues above one, and an input decays",
        ),
        counterexample(
            "cancelled",
            relation(
                literal([[0, 0], [0, 2]]) @ literal([[2, 0], [0, 0]]), "=",
                literal([[0, 0], [0, 0]]), "both norms and both largest eigenvalues are 2",
            ),
            title="Norms above one, and the product is zero",
        ),
        counterexample(
            "not_exponential",
            relation(
                product_of(one + number(sp.Rational(1, k)) for k in (1, 2, 3, 4)), "=", 5,
                "$L$ factors make $L+1$: linear growth",
            ),
            relation(
                product_of(one - number(sp.Rational(1, k * k)) for k in (2, 3, 4, 5)), "=",
                sp.Rational(3, 5), "never below one half",
            ),
            title="Without a uniform gap nothing is exponential",
        ),
        chain(
            "telescope", factors, number(1) - t**-2,
            ((t - number(1)) * (t + number(1)) * t**-2, "factored"),
            title="The numerators of neighbouring factors cancel",
        ),
    )


def product_of(factors):
    """A product that is printed factor by factor."""
    return reduce(mul, factors)


# ---------------------------------------------------------------- the residual network


def residual_claims():
    """The cure is no cure by itself, and deeper may train worse."""
    one, none = literal([[1, 0], [0, 1]]), literal([[0, 0], [0, 0]])
    return (
        counterexample(
            "not_solved",
            relation(one + one @ one, "=", literal([[2, 0], [0, 2]]), "both weights the identity: "
                                                                      "the block doubles"),
            relation(one - one @ one, "=", none, "outer weights negative: the block kills all"),
            title="Linear residual blocks that blow up and that vanish",
        ),
        experiment(
            "deeper_is_worse", one_step, expectations, title="One step of gradient descent"
        ),
        counterexample(
            "generalises_worse",
            relation((number(6) - number(3)) ** 2, "=", 9, "one block, trained"),
            relation((number(3) - number(3)) ** 2, "=", 0, "no block at all"),
            title="Squared error at the test input 3, where 3 is right",
        ),
    )


def one_step(rng):
    """Train residual nets of width one with the identity as activation for one step.

    Input 1, target 0, loss half the square, all weights 1, biases 0, step 1/4; exact fractions.
    """
    measured = {}
    for depth in (1, 2):
        before, after = descend(depth)
        measured[f"output_before_{depth}"] = Quantity(int(before), 1)
        measured[f"output_after_{depth}"] = Quantity(int(after), 1)
    return measured


def expectations(found):
    return {
        "one block comes nearer to the target": found["output_after_1"] < found["output_before_1"],
        "two blocks move away from it": found["output_after_2"] > found["output_before_2"],
    }


def descend(depth):
    """Outputs before and after one step, from the five gradients of this question."""
    blocks = [[Fraction(1), Fraction(1), Fraction(0)] for _ in range(depth)]
    before, states = run(blocks)
    back = before
    for k in reversed(range(depth)):
        V, W, b = blocks[k]
        inner = V * back
        blocks[k] = [
            V - back * (W * states[k] + b) / 4, W - inner * states[k] / 4, b - inner / 4
        ]
        back += W * inner
    return before, run(blocks)[0]


def run(blocks):
    """The output, and the inputs of all blocks."""
    state, states = Fraction(1), []
    for V, W, b in blocks:
        states.append(state)
        state = state + V * (W * state + b)
    return state, states
