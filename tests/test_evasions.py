"""False statements that once got past a check: each is refused, and what it looks like is not."""

import pytest
from author import checked_solution

from solutionset.authoring import (
    Computation,
    Pitfall,
    Solution,
    define,
    dim,
    gradient,
    identity_of,
    matrix,
    symmetric,
    vector,
)
from solutionset.errors import AuthorError, ClaimError

n = dim("n")
S, x = matrix("S", n, n), vector("x", n)
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
