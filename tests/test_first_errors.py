"""What an author meets first: numbers in formulas, strangers in claims, lines that are named."""

import inspect
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from author import checked, checked_solution

from solutionset.authoring import (
    Computation,
    Instance,
    Pitfall,
    Problem,
    Solution,
    bound,
    chain,
    define,
    dim,
    elementwise,
    exact,
    exp,
    grad,
    gradient,
    hypothesis,
    identity_of,
    literal,
    matrix,
    norm,
    number,
    parameter,
    relation,
    scalar,
    spectral_norm,
    spectral_radius,
    tanh,
    vector,
)
from solutionset.calculus.tensors import ARGUMENT, CalculusError
from solutionset.errors import AuthorError, ClaimError

n, m = dim("n"), dim("m")
x, h, W = vector("x", n), vector("h", n), matrix("W", m, n)
s, t = scalar("s"), scalar("t")
p = parameter("p", 0.1, 0.2)
y = define("y", W @ x)
layer = Computation("layer", definitions=(y,), forward=lambda W, x: W @ x)


def line_of_the_caller() -> int:
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


# ------------------------------------------------------------------- numbers in matrix formulas


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        (1 / s, number(1) / s),
        (1 - s, number(1) - s),
        (s - 1, s - number(1)),
        (1 + s, number(1) + s),
        (sum((s, t)), s + t),
    ],
)
def test_a_number_may_stand_in_a_formula_of_numbers(formula, wanted):
    assert formula == wanted


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: 0.5 * x, "0.5 is a rounded number"),
        (lambda: x / 2.0, "2.0 is a rounded number"),
        (lambda: x**0.5, "0.5 is a rounded number"),
        (lambda: p * x, "a Parameter in a matrix formula"),
        (lambda: x / p, "a Parameter in a matrix formula"),
        (lambda: n * x, "a Dim in a matrix formula"),
        (lambda: 1 - x, "sum of different shapes"),
        (lambda: 1 / x, "division by a matrix"),
    ],
)
def test_what_is_no_exact_number_is_refused_in_a_matrix_formula(build, message):
    with pytest.raises(CalculusError, match=message):
        build()


# -------------------------------------------------------------------------- what claims contain


def test_a_tensor_that_the_computation_knows_nothing_of_is_named():
    stranger = identity_of("i", layer, y + W @ h, y, because="no reason")

    with pytest.raises(AuthorError, match="h does not occur in computation layer") as caught:
        checked(stranger)
    assert caught.value.wanted == "some of W, x, y"


def test_a_function_may_stand_in_a_claim_alone():
    sigma = elementwise("sigma", body=1 / (1 + sp.exp(-ARGUMENT)))
    a = define("a", sigma(s))
    unit = Computation("unit", definitions=(a,), forward=lambda s: 1 / (1 + np.exp(-s)))

    claim = checked(chain("body", unit, a, (1 / (1 + exp(-s)), "definition")))

    assert claim.result == r"a = \frac{1}{1 + \exp(-s)}"
    assert claim.verdict.read_back == "equal"


def test_a_wrong_function_that_stands_in_a_claim_alone_is_refused():
    square = define("a", s * s)
    unit = Computation("unit", definitions=(square,), forward=lambda s: s**2)

    with pytest.raises(ClaimError, match="is not what the oracle computes"):
        checked(chain("wrong", unit, square, (tanh(s), "no reason")))


def test_a_function_that_prints_like_the_spectral_radius_is_refused():
    rho = elementwise("rho")
    u = define("u", rho(x))
    unit = Computation("unit", definitions=(u,), forward=lambda x, rho: rho(x))
    radius = exact("radius", relation(spectral_radius(literal([[2, 1], [0, 1]])), "=", 2))

    with pytest.raises(CalculusError, match="function rho and the spectral radius print alike"):
        checked(gradient("grad_x", unit, of=u, wrt=x), radius)


def test_a_bound_of_negative_numbers_is_one_of_numbers_and_not_of_sizes():
    q = define("q", x.T @ x)
    squares = Computation("squares", definitions=(q,), forward=lambda x: x @ x)

    def zeros(rng, shape):
        return np.zeros(shape)

    with pytest.raises(ClaimError, match="the bound does not hold"):
        checked(bound("wrong", squares, -q, -2 * q, tight={x: zeros}))


def test_data_that_are_symmetric_are_named_only_if_they_stand_in_the_survivor():
    M = matrix("M", n, n)
    symmetric = hypothesis("M is symmetric", lambda rng, shape: np.eye(shape[0]))
    scaled = define("v", M @ h)
    other = Computation(
        "other", definitions=(scaled,), forward=lambda M, h: M @ h, samplers={M: symmetric}
    )
    ones = Computation(
        "ones", definitions=(y,), forward=lambda W, x: W @ x,
        samplers={W: lambda rng, shape: np.ones(shape), x: lambda rng, shape: np.zeros(shape)},
    )  # fmt: skip
    length = bound("length", other, norm(M @ h), spectral_norm(M) * norm(h), tight={})
    with pytest.raises(ClaimError, match="wrong variants pass the check") as caught:
        checked(length, gradient("grad_W", ones, of=y, wrt=W))
    assert caught.value.advice.startswith("draw more general data")


# ----------------------------------------------------------------------------- lines of authors


def test_an_error_in_forward_is_reported_at_its_line():
    def forward(W, x):
        return W @ missing  # type: ignore[name-defined]  # noqa: F821

    broken = Computation("broken", definitions=(y,), forward=forward)
    with pytest.raises(AuthorError, match="forward of broken raises NameError") as caught:
        checked(gradient("grad_x", broken, of=y, wrt=x))
    assert caught.value.place is not None
    assert caught.value.place.line == forward.__code__.co_firstlineno + 1
    assert caught.value.advice == ""


def test_an_instance_that_does_not_fit_is_reported_at_its_line():
    claim = gradient("grad_x", layer, of=y, wrt=x)
    line = line_of_the_caller() + 1
    wrong = Instance("small", layer, values={W: [[1, 2]], x: [1]}, upstream=[1], claims=("grad_x",))
    with pytest.raises(AuthorError, match="instance small: n has two sizes") as caught:
        checked_solution(Solution(claims=(claim,), instances=(wrong,)))
    assert caught.value.place is not None
    assert caught.value.place.line == line


def test_a_number_that_cannot_be_printed_names_its_instance():
    u = define("u", exp(s) * exp(s * s))
    unit = Computation(
        "unit", definitions=(u,), forward=lambda s: np.exp(s) * np.exp(s * s), loss=u
    )
    claim = gradient("grad_s", unit, of=u, wrt=s)
    odd = Instance("odd", unit, values={s: sp.log(2)}, claims=("grad_s",))
    with pytest.raises(AuthorError, match=r"instance odd: the coefficient .* cannot be printed"):
        checked_solution(Solution(claims=(claim,), instances=(odd,)))


def test_the_numbers_of_an_instance_hold_the_sizes_of_its_dimensions():
    mean = define("a", x.T @ x / n.size)
    unit = Computation("unit", definitions=(mean,), forward=lambda x: np.mean(x**2), loss=mean)
    claim = gradient("grad_x", unit, of=mean, wrt=x)
    worked = Instance("small", unit, values={x: [1, 2, 3, 4]}, claims=("grad_x",))

    (instance,) = checked_solution(Solution(claims=(claim,), instances=(worked,))).instances

    numbers = r"\begin{pmatrix} 1 \\ 2 \\ 3 \\ 4 \end{pmatrix}"
    assert instance.lines[-1][1].right.startswith(rf"\frac{{1}}{{2}} {numbers} = ")


def test_a_pitfall_that_is_no_mistake_is_reported_at_its_line():
    claim = gradient("grad_x", layer, of=y, wrt=x)
    line = line_of_the_caller() + 1
    right = Pitfall("right", "No mistake.", "grad_x", lambda: W.T @ grad(y))
    with pytest.raises(ClaimError, match="is no mistake") as caught:
        checked_solution(Solution(claims=(claim,), pitfalls=(right,)))
    assert caught.value.place is not None
    assert caught.value.place.line == line


def test_a_parameter_of_one_value_is_refused_since_p_and_one_half_could_not_be_told_apart():
    with pytest.raises(CalculusError, match=r"p has no range\n +got +from 0\.5 to 0\.5"):
        parameter("p", 0.5, 0.5)


def test_a_definition_that_cannot_be_printed_is_told_at_its_computation():
    odd = define("odd", sp.gamma(sp.Rational(1, 3)) * x)
    strange = Computation("strange", definitions=(odd,), forward=lambda x: 2.678938534707747 * x)
    claim = gradient("grad_x", strange, of=odd, wrt=x)

    with pytest.raises(CalculusError, match="cannot be printed") as caught:
        checked_solution(Solution(claims=(claim,)))

    assert caught.value.place == strange.place


def test_names_that_print_alike_are_told_at_a_computation():
    one, other = define("one", 2 * x, symbol="u"), define("other", 3 * x, symbol="u")
    twice = Computation(
        "twice", definitions=(one, other), forward=lambda x: {"one": 2 * x, "other": 3 * x}
    )

    with pytest.raises(CalculusError, match="print alike: one and other") as caught:
        checked_solution(Solution(claims=(gradient("grad_x", twice, of=other, wrt=x),)))

    assert caught.value.place == twice.place


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Solution(claims=gradient("g", layer, of=y, wrt=x)), "claims= of a solution is a"),
        (
            lambda: Problem(title="T", question="1", source="S", solve=Solution(claims=())),
            "solve= of a problem is a Solution",
        ),
        (lambda: chain("g", layer, grad(x)), "the lines of g do not fit"),
        (lambda: chain("g", layer, grad(x), W.T @ grad(y)), "the lines of g do not fit"),
    ],
)
def test_one_thing_in_place_of_several_is_told_at_its_line(build, message):
    with pytest.raises((AuthorError, CalculusError), match=message) as caught:
        build()

    assert caught.value.place.path == Path(__file__)
