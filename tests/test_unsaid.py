"""What a computation assumes without a word: bare samplers and fixed sizes may not matter."""

from collections.abc import Callable

import numpy as np
import pytest
import sympy as sp
from author import checked

from solutionset.authoring import (
    Computation,
    chain,
    define,
    diag,
    dim,
    hypothesis,
    matrix,
    minimisers,
    number,
    ones,
    parameter,
    scalar,
    trace,
    vector,
    whole,
)
from solutionset.calculus.matrix import Sym
from solutionset.errors import AuthorError, ClaimError
from solutionset.model import Hypothesis
from solutionset.verification.computation import Computation as Checked
from solutionset.verification.computation import Parameter

n, r, q = dim("n"), dim("r"), dim("q")
A, x, s, t = matrix("A", n, n), vector("x", n), scalar("s"), scalar("t")
y = define("y", A @ x)


def identity(rng, shape):
    return np.eye(*shape)


def linear(draw: Callable[..., np.ndarray]) -> Checked:
    return Computation("linear", definitions=(y,), forward=lambda A, x: A @ x, samplers={A: draw})


def test_a_claim_that_holds_on_the_data_of_a_bare_sampler_only_is_refused():
    with pytest.raises(ClaimError, match="holds only on the data that the sampler of A draws"):
        checked(chain("same", linear(identity), y, (x, "nothing changes"), title="t"))


ROOT = define("root", (s * s) ** sp.Rational(1, 2))


def roots(draw: Callable[..., np.ndarray]) -> Checked:
    def forward(s):
        with np.errstate(invalid="ignore"):
            return np.sqrt(s * s)

    return Computation("roots", definitions=(ROOT,), forward=forward, samplers={s: draw})


def positive(rng, shape):
    return rng.uniform(1, 2, shape)


def test_a_hypothesis_that_is_stated_lets_the_claim_stand():
    with pytest.raises(ClaimError, match="holds only on the data that the sampler of s draws"):
        checked(chain("root", roots(positive), ROOT, (s, "no modulus"), title="t"))
    stated = roots(hypothesis("s is positive", positive))
    claim = checked(chain("root", stated, ROOT, (s, "no modulus"), title="t"))
    assert claim.verdict.hypotheses == (Hypothesis("s is positive", "breaks"),)


def test_a_bare_sampler_may_choose_data_that_do_not_matter():
    large = linear(lambda rng, shape: 10 * rng.standard_normal(shape))
    assert checked(chain("same", large, y, (A @ x, "definition"), title="t")).verdict.points == 3


def test_data_that_cannot_be_drawn_at_large_are_moved_a_little():
    z = define("z", s ** sp.Rational(1, 2) * t)
    nines = Computation(
        "nines", definitions=(z,), forward=lambda s, t: np.sqrt(s) * t,
        samplers={s: lambda rng, shape: np.full(shape, 9.0)},
    )  # fmt: skip
    with pytest.raises(ClaimError, match="holds only on the data that the sampler of s draws"):
        checked(chain("thrice", nines, z, (3 * t, "the root of nine"), title="t"))


SQUARE = define("Q", x.T @ x)
SCALED = define("K", number(n.size) * SQUARE)


def scaled(size: int) -> Checked:
    return Computation(
        "scaled", definitions=(SQUARE, SCALED), sizes={n: size},
        forward=lambda x: {"Q": x @ x, "K": len(x) * (x @ x)},
    )  # fmt: skip


def test_a_claim_that_holds_at_a_fixed_size_only_is_refused():
    with pytest.raises(ClaimError, match="holds only where n is 3, which no one says"):
        checked(chain("thrice", scaled(3), SCALED, (3 * SQUARE, "three entries"), title="t"))


def test_a_formula_in_the_size_stands_at_a_fixed_size():
    claim = chain("times", scaled(3), SCALED, (number(n.size) * SQUARE, "n entries"), title="t")
    assert checked(claim).result == "K = n Q"


U, V = matrix("U", n, r), matrix("V", n, q)
BOTH = define("both", U @ U.T + V @ V.T)


def completed(sizes: dict[object, object]) -> Checked:
    def first(rng, shape):
        return np.linalg.qr(np.eye(shape[0]) + 0.1)[0][:, : shape[1]]

    def last(rng, shape):
        return np.linalg.qr(np.eye(shape[0]) + 0.1)[0][:, -shape[1] :]

    return Computation(
        "basis", definitions=(BOTH,), forward=lambda U, V: U @ U.T + V @ V.T, sizes=sizes,
        samplers={
            U: hypothesis("the columns of U are orthonormal", first),
            V: hypothesis("the columns of V complete those of U", last),
        },
    )  # fmt: skip


def test_a_size_that_is_tied_to_others_states_what_a_claim_needs():
    claim = chain(
        "complete", completed({n: 5, r: 2, q: n.size - r.size}), trace(BOTH),
        (number(n.size), "all columns"), title="t",
    )  # fmt: skip
    assert checked(claim).verdict.worst_error < 1e-12


def test_sizes_that_only_happen_to_fit_are_refused():
    claim = chain(
        "complete", completed({n: 5, r: 2, q: 3}), BOTH, (diag(ones(n)), "all columns"), title="t"
    )
    with pytest.raises(ClaimError, match="holds only where n is 5"):
        checked(claim)


def test_a_tied_size_that_comes_out_negative_is_named():
    claim = chain(
        "complete", completed({n: 2, r: 3, q: n.size - r.size}), BOTH, (BOTH, "itself"), title="t"
    )
    with pytest.raises(AuthorError, match="the size of q in computation basis") as caught:
        checked(claim)
    assert caught.value.got == "q = n - r = -1"


def rooted(a: Parameter) -> Checked:
    """The root of the square of a, times s."""
    scaled_by = define("g", number(sp.sqrt(a.symbol**2)) * s)

    def forward(s, a):
        return np.sqrt(a * a) * s

    return Computation("rooted", definitions=(scaled_by,), forward=forward, parameters=(a,))


def no_modulus(a: Parameter) -> object:
    computation = rooted(a)
    left = Sym(computation.root)
    return chain("root", computation, left, (number(a) * s, "no modulus"), title="t")


def test_a_claim_that_holds_between_the_bounds_of_a_parameter_only_is_refused():
    with pytest.raises(ClaimError, match=r"holds only where a is between 0\.3 and 2"):
        checked(no_modulus(parameter("a", 0.3, 2)))


def test_bounds_of_a_parameter_that_are_a_hypothesis_are_said_in_words():
    verdict = checked(no_modulus(parameter("a", 0.3, 2, hypothesis="a is positive"))).verdict
    assert verdict.hypotheses == (Hypothesis("a is positive", "breaks"),)


def test_a_claim_on_the_few_whole_numbers_that_are_drawn_is_refused():
    a = whole("a", 2, 3)
    squared = define("g", number(a.symbol**2) * s)
    two = Computation(
        "two", definitions=(squared,), forward=lambda s, a: a * a * s, parameters=(a,)
    )
    claim = chain("line", two, squared, (number(5 * a.symbol - 6) * s, "both roots"), title="t")
    with pytest.raises(ClaimError, match="holds only where a is between 2 and 3"):
        checked(claim)


def test_a_set_that_forgets_half_of_the_minimisers_is_refused():
    gap = define("gap", s * s - t * t)
    loss = define("ell", gap * gap)
    well = Computation(
        "well", definitions=(gap, loss), loss=loss, forward=lambda s, t: (s * s - t * t) ** 2
    )
    claim = minimisers(
        "half", well, s, "s = t", title="t",
        member=lambda given, rng: given["t"] * np.ones(()),
        outsider=lambda given, rng: given["t"] + 1.0,
        belongs=lambda given, found: abs(found - given["t"]) < 1e-3,
    )  # fmt: skip
    with pytest.raises(ClaimError, match="a search finds a minimiser outside the set"):
        checked(claim)
