"""False statements that once got past a check: each is refused, and what it looks like is not."""

import numpy as np
import pytest
import sympy
from author import checked, checked_solution

from solutionset.authoring import (
    Cell,
    Computation,
    Pitfall,
    Quantity,
    Quoted,
    Solution,
    argument,
    chain,
    count_grid,
    define,
    dim,
    elementwise,
    expectation,
    experiment,
    gradient,
    hypothesis,
    identity_of,
    matrix,
    number,
    ones,
    optimum,
    parameter,
    scalar,
    symmetric,
    vector,
)
from solutionset.building.mathtext import states_relation
from solutionset.calculus.tensors import CalculusError
from solutionset.errors import AuthorError, ClaimError

n = dim("n")
S, x, s = matrix("S", n, n), vector("x", n), scalar("s")
form = define("q", x.T @ S @ x)
quadratic = Computation("quadratic", definitions=(form,), loss=form, forward=lambda S, x: x @ S @ x)


def with_pitfall(claim: object, wrong: object) -> Solution:
    pitfall = Pitfall("slip", "A slip.", "slope", lambda: wrong)  # type: ignore[arg-type, return-value]
    return Solution(claims=(claim,), pitfalls=(pitfall,))  # type: ignore[arg-type]


assumed = gradient(
    "slope", quadratic, of=form, wrt=x, title="t", rules=(symmetric(S, "S is symmetric"),)
)
general = gradient("slope", quadratic, of=form, wrt=x, title="t")


def test_what_is_right_under_the_assumptions_of_a_claim_is_no_mistake():
    with pytest.raises(ClaimError, match="slip is no mistake"):
        checked_solution(with_pitfall(assumed, 2 * (S.T @ x)))
    found = checked_solution(with_pitfall(general, 2 * (S.T @ x)))
    assert "relative error is" in found.pitfalls[0].consequence


def test_a_small_mistake_is_not_told_as_none_and_one_without_a_value_has_no_size():
    slightly = (S + S.T) @ x + form * x / 10000
    text = checked_solution(with_pitfall(general, slightly)).pitfalls[0].consequence
    assert " 0\u00a0%" not in text
    undefined = (S @ x) / (form - form)
    text = checked_solution(with_pitfall(general, undefined)).pitfalls[0].consequence
    assert text == "On general data it has no value."


def test_a_pitfall_of_a_claim_without_a_name_on_its_left_is_an_error_of_the_author():
    doubled = identity_of("slope", quadratic, 2 * form, 2 * (x.T @ S @ x), because="b", title="t")
    with pytest.raises(AuthorError, match="is no name that pitfall slip"):
        checked_solution(with_pitfall(doubled, 3 * form))


def test_a_formula_for_the_sizes_that_are_drawn_is_refused():
    stretched = define("z", number(n.size**2) * x)
    small = Computation("small", definitions=(stretched,), forward=lambda x: len(x) ** 2 * x)
    false = chain("f", small, stretched, (number(5 * n.size - 6) * x, "two or three"), title="t")
    with pytest.raises(ClaimError, match="holds only at small sizes n"):
        checked(false)
    true = chain("t", small, stretched, (number(n.size**2) * x, "definition"), title="t")
    assert checked(true).verdict.points == 3


def test_a_mask_that_cannot_grow_is_made_smaller():
    m, p = dim("m"), parameter("p", 0.2, 0.9)
    mask = matrix("M", m, n)
    total = define("t", ones(m).T @ mask @ ones(n))
    twelve = Computation(
        "twelve", definitions=(total,), sizes={m: 3, n: 4}, parameters=(p,),
        forward=lambda M: M.sum(),
    )  # fmt: skip
    four = number(4 * m.size * p.symbol)
    with pytest.raises(ClaimError, match="holds only where n is 4"):
        checked(expectation("mean", twelve, total, four, mask=mask, probability=p, title="t"))
    mean = number(n.size * m.size * p.symbol)
    assert checked(expectation("mean", twelve, total, mean, mask=mask, probability=p, title="t"))


def least(loss: object, forward: object) -> object:
    here = Computation("well", definitions=(loss,), loss=loss, forward=forward)  # type: ignore[arg-type]
    return checked(optimum("o", here, s, number(1), value=number(0), title="t"))


def test_a_minimum_that_is_not_the_lowest_far_away_is_refused():
    deeper = define("ell", (s - number(1)) ** 2 * ((s - number(50)) ** 2 - number(1)))
    with pytest.raises(ClaimError, match="a search finds a smaller value"):
        least(deeper, lambda s: (s - 1) ** 2 * ((s - 50) ** 2 - 1))
    falling = define("ell", (s - number(1)) ** 2 * (number(1) - s / 100))
    with pytest.raises(ClaimError, match="a search finds a smaller value"):
        least(falling, lambda s: (s - 1) ** 2 * (1 - s / 100))
    assert least(define("ell", (s - number(1)) ** 2), lambda s: (s - 1) ** 2)


def table(*rows: tuple[object, ...]) -> object:
    return checked(count_grid("g", ("What", "Numbers", "Sheet"), rows, title="t"))  # type: ignore[arg-type]


def test_a_number_of_a_table_is_counted_or_compared_with_what_is_counted_beside_it():
    a, b = sympy.symbols("a b")
    weights, biases = Cell(35, a * b, {"a": 5, "b": 7}), Cell(5, a, {"a": 5, "b": 7})
    with pytest.raises(AuthorError, match="compared with a cell of no column"):
        table(("weights", weights, Quoted(5, biases)), ("biases", biases, Quoted(5, biases)))
    with pytest.raises(AuthorError, match="typed as words"):
        table(("weights", weights, "$36$"), ("biases", biases, Quoted(5, biases)))
    right = (("weights", weights, Quoted(36, weights, off=1)), ("biases", biases, "none"))
    assert table(*right)


def test_a_term_that_rounding_hides_is_not_left_out():
    tiny = sympy.Rational(1, 10**11)
    almost = define("z", S @ x + tiny * (S.T @ x))
    hidden = Computation(
        "hidden", definitions=(almost,), forward=lambda S, x: S @ x + 1e-11 * (S.T @ x)
    )
    with pytest.raises(ClaimError, match="numbers beside which rounding hides others"):
        checked(chain("dropped", hidden, almost, (S @ x, "it is small"), title="t"))
    twice = define("z", (1 + tiny) * (S @ x))
    near = Computation("near", definitions=(twice,), forward=lambda S, x: (1 + 1e-11) * (S @ x))
    with pytest.raises(ClaimError, match="numbers beside which rounding hides others"):
        checked(chain("same", near, twice, (S @ x, "nearly"), title="t"))


def test_what_follows_by_normal_form_may_have_small_numbers():
    small = sympy.Rational(1, 10**8)
    scaled = define("z", small * (S @ x))
    little = Computation("little", definitions=(scaled,), forward=lambda S, x: 1e-8 * (S @ x))
    assert checked(gradient("g", little, of=scaled, wrt=x, title="t"))


def test_a_hypothesis_has_words():
    with pytest.raises(CalculusError, match="a hypothesis without words"):
        hypothesis(" ", lambda rng, shape: rng.standard_normal(shape))


@pytest.mark.parametrize("sign", [r"\doteq", r"\preceq", r"\nleq", "\u2264", r"\char61"])
def test_every_sign_of_a_relation_is_one(sign: str):
    assert states_relation(f"a {sign} b")


def test_an_expectation_that_no_number_could_fail_is_refused():
    def measure(met: object) -> object:
        run = experiment("e", lambda rng: {"mean": Quantity(3.1, digits=2)}, met, title="t")  # type: ignore[arg-type]
        return checked(run)

    with pytest.raises(AuthorError, match="cannot fail to show that the mean is seven"):
        measure(lambda got: {"the mean is seven": True})
    assert measure(lambda got: {"the mean is above three": got["mean"] > 3})


def test_a_parameter_is_tried_between_what_lies_below_and_its_bounds():
    a = parameter("a", 0.3, 2)
    sign = (a.symbol + 1) * (a.symbol - sympy.Rational(1, 5))
    z = define("z", number(sympy.sqrt(sign**2)) * s)
    rooted = Computation(
        "rooted", definitions=(z,), parameters=(a,),
        forward=lambda s, a: abs((a + 1) * (a - 0.2)) * s,
    )  # fmt: skip
    with pytest.raises(ClaimError, match=r"holds only where a is between 0\.3 and 2"):
        checked(chain("root", rooted, z, (number(sign) * s, "no modulus"), title="t"))


def test_a_piece_that_lies_far_out_is_seen():
    body = sympy.Piecewise((argument, argument < 50), (50, True))
    clip = elementwise("h", body=body)
    a = define("a", clip(s))
    clipped = Computation(
        "clipped", definitions=(a,), forward=lambda s: np.where(np.real(s) < 50, s, 50)
    )
    with pytest.raises(ClaimError, match="is not what the oracle computes"):
        checked(chain("same", clipped, a, (s, "below fifty"), title="t"))
