r"""From a checked solution to LaTeX: views, strict names, what has to be used, and the line map."""

from dataclasses import replace
from pathlib import Path

import pytest
from course import write
from rendering import CHECKED, CLAIM, CONFIG, FIGURE, MACROS, VERDICT, Course, origins, template

from solutionset.building.context import record
from solutionset.building.coverage import checked_strings
from solutionset.building.escape import to_tex
from solutionset.building.render import render
from solutionset.errors import AuthorError, Failures, Place
from solutionset.model import (
    AuditRow,
    CheckedInstance,
    CheckedPitfall,
    Erratum,
    IllustratedSolution,
    Origin,
    View,
)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)


def test_kept_templates_give_the_same_text_and_no_other(course: Course, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    for text in ("one", "two", "one"):
        assert course.render(template(text), kept=kept) == course.render(template(text))


def test_a_mistake_in_a_template_or_its_macros_is_refused_though_earlier_texts_were_fine(
    course: Course, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    course.render(template("fine"), kept=kept)
    for _ in (1, 2):
        with pytest.raises(AuthorError, match="there is no misspelt"):
            course.render(template(r"\VAR{misspelt}"), kept=kept)
    write(course.templates / "macros.tex", MACROS + "%% set x = 1 + 1\n")
    with pytest.raises(AuthorError, match="does not compute"):
        course.render(template("fine"), kept=kept)


def test_a_kept_template_that_was_tampered_with_is_not_run(course: Course, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    course.render(template("fine"), kept=kept)
    for file in kept.iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    assert course.render(template("fine"), kept=kept) == course.render(template("fine"))


# ---------------------------------------------------------------------------------- views


def test_the_solutions_hold_question_and_solution(course: Course) -> None:
    fragment = course.render(template("Find it."))

    assert fragment.latex == "\n".join(
        (
            r"\section{Slopes \& co}",
            "Find it.",
            "We differentiate.",
            r"\begin{ssderivation}",
            r"\ssline{\nabla L}{=}{G x^{\top}}{chain rule through $z_k$, 100\%}",
            r"\ssline{}{=}{A}{}",
            r"\end{ssderivation}",
            "",
            r"\bigskip",
            "",
        )
    )


def test_the_questions_hold_nothing_of_the_solution(course: Course) -> None:
    fragment = course.render(template("Find it."), View.QUESTIONS)

    assert fragment.latex == "\\section{Slopes \\& co}\nFind it.\n\\bigskip\n"


def test_the_key_holds_the_final_results(course: Course) -> None:
    fragment = course.render(template("Find it."), View.KEY)

    assert "Answer: $\\nabla L = A$.\n" in fragment.latex
    assert "differentiate" not in fragment.latex


def test_a_comment_line_does_not_end_the_paragraph(course: Course) -> None:
    fragment = course.render(template("one\n  %# a remark\ntwo"), View.QUESTIONS)

    assert "one\ntwo\n" in fragment.latex


def test_rendering_twice_gives_the_same(course: Course) -> None:
    assert course.render(template("x")) == course.render(template("x"))


# ---------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("expression", "latex"),
    [
        ("symbols.W.latex", r"\mathbf{W}"),
        ("symbols.W.meaning", "weights"),
        ("values.rate", r"\tfrac{1}{3}"),
        ("claims.grad_W.title", r"Gradient \& more"),
        ("claims.grad_W.name", r"grad\_W"),
        ("claims.grad_W.verdict.points", "15"),
        ("claims.grad_W.verdict.error", "10^{-14}"),
        ("claims.grad_W.verdict.mutants.judged", "21"),
        ("claims.grad_W.lines[1].right", "A"),
        ("claims|length", "1"),
        ("problem.source", "Sheet, p. 1"),
        ("view", "questions"),
    ],
)
def test_each_value_prints_as_what_it_is(course: Course, expression: str, latex: str) -> None:
    fragment = course.render(template(rf"<\VAR{{{expression}}}>"), View.QUESTIONS)

    assert f"<{latex}>\n" in fragment.latex


def test_a_count_and_an_experiment_print_their_numbers() -> None:
    claim = record(
        replace(
            CLAIM, values=(("accuracy", r"0.97"),), table=(("a & b in $W$", r"n^{2}", r"11\,700"),)
        )
    )

    assert claim.values.accuracy == "0.97"  # type: ignore[attr-defined]
    assert [to_tex(cell) for cell in claim.table[0]] == [  # type: ignore[index]
        r"a \& b in $W$",
        r"n^{2}",
        r"11\,700",
    ]


def test_what_the_sheet_says_counts_as_decided_only_where_a_claim_decides_it() -> None:
    erratum = Erratum("typo", "1", "hint", "says $a = b$", "is $a = c$", "false", "seen", "grad_W")

    decided = checked_strings(replace(CHECKED, errata=(erratum,)))
    undecided = checked_strings(replace(CHECKED, errata=(replace(erratum, claim=""),)))

    assert decided - undecided == {"a = b"}  # "a = c" has to be the formula of a claim


def test_a_statement_of_the_sheet_that_holds_is_not_decided_by_naming_a_claim() -> None:
    false = AuditRow("1", "hint", "says $a = b$", "false", "grad_W")
    right = AuditRow("1", "hint", "says $a = c$", "holds", "grad_W")

    audited = checked_strings(replace(CHECKED, audit=(false, right)))

    assert audited - checked_strings(replace(CHECKED, audit=())) == {"a = b"}


def test_an_error_of_zero_prints_as_zero() -> None:
    assert record(replace(VERDICT, worst_error=0.0)).error == "0"


@pytest.mark.parametrize(
    "body",
    [
        "%% macro bold(text)\n\\textbf{\\VAR{text}}\n%% endmacro\n\\VAR{bold('a & b')}",
        "%% set text\n\\textbf{\\VAR{'a & b'}}\n%% endset\n\\VAR{text}",
        "%% macro bold()\n\\textbf{\\VAR{caller()}}\n%% endmacro\n"
        "\\BLOCK{call bold()}\\VAR{'a & b'}\\BLOCK{endcall}",
    ],
)
def test_what_macros_blocks_and_calls_make_is_escaped_once(course: Course, body: str) -> None:
    fragment = course.render(template(body), View.QUESTIONS)

    assert r"\textbf{a \& b}" in fragment.latex


def test_a_float_is_refused_at_its_line(course: Course) -> None:
    error = course.error(template("one\n\\VAR{claims.grad_W.verdict.tolerance}"))

    assert error.message == "a value of type float cannot be printed"
    assert error.place == Place(course.path, 5)


# ----------------------------------------------------------------------- misspelt and missing


@pytest.mark.parametrize(
    ("expression", "message", "advice"),
    [
        ("claims.grad_V", "claims has no grad_V", "did you mean grad_W?"),
        ("symbols.w", "symbols has no w", ""),
        ("claims.grad_W.reslt", "CheckedClaim grad_W has no reslt", "did you mean result?"),
        ("problem.tilte", "problem has no tilte", "did you mean title?"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_nearest_one(
    course: Course, expression: str, message: str, advice: str
) -> None:
    error = course.error(template(f"one\ntwo \\VAR{{{expression}}}"))

    assert error.message == message
    assert error.advice == advice
    assert error.place == Place(course.path, 5)


def test_a_name_that_a_plain_value_does_not_have_is_refused(course: Course) -> None:
    error = course.error(template("one\n\\VAR{view.uper}"))

    assert "has no attribute 'uper'; did you mean upper" in error.message
    assert error.place == Place(course.path, 5)


def test_a_macro_called_wrongly_is_refused_at_the_call(course: Course) -> None:
    error = course.error(template("one\n\\VAR{derivation(claims.grad_W, 3)}"))

    assert "takes not more than 1 argument" in error.message
    assert error.place == Place(course.path, 5)


def test_an_error_in_a_macro_is_led_back_to_its_call(course: Course) -> None:
    error = course.error(template("one\n\\VAR{derivation(symbols.W)}"))

    assert error.message == "CheckedSymbol W has no lines"
    assert error.place == Place(course.path, 5)
    assert error.details == (f"inside {course.templates / 'macros.tex'}:3",)


def test_a_missing_template_is_named_with_the_file_to_create(course: Course) -> None:
    with pytest.raises(AuthorError) as caught:
        render(IllustratedSolution(CHECKED, ()), course.entry, CONFIG, View.KEY, course.templates)

    assert caught.value.code == "template-missing"
    assert caught.value.place == Place(course.path)
    assert caught.value.advice == f"create {course.path}"


def test_a_missing_macro_file_is_named_at_the_line_that_imports_it(course: Course) -> None:
    error = course.error(template("x").replace("macros.tex", "macro.tex"))

    assert error.code == "template-missing"
    assert error.place == Place(course.path, 2)
    assert error.advice == "did you mean macros?"


def test_a_missing_part_is_named_at_the_line_that_includes_it(course: Course) -> None:
    error = course.error(template('one\n%% include "_parts/hint.tex"'))

    assert error.code == "template-missing"
    assert error.place == Place(course.path, 5)
    assert error.advice == f"create {course.templates / '_parts/hint.tex'}"


def test_a_template_that_is_not_utf8_is_refused_at_its_line(course: Course) -> None:
    write(course.path, "")
    course.path.write_bytes(template("one\ncaf?").encode().replace(b"?", b"\xe9"))

    with pytest.raises(AuthorError) as caught:
        render(IllustratedSolution(CHECKED, ()), course.entry, CONFIG, View.KEY, course.templates)

    assert caught.value.code == "encoding"
    assert caught.value.place == Place(course.path, 5)


def test_a_solution_that_is_left_out_is_refused(course: Course) -> None:
    text = template("x").split("%% block solution")[0]

    error = course.error(text)

    assert "'solution'" in error.message
    assert error.place is not None
    assert error.place.path == course.path


def test_several_complaints_are_raised_together(course: Course) -> None:
    with pytest.raises(Failures) as caught:
        course.render(template("$a = b$\n\\[ x \\]"))

    assert [str(error.place) for error in caught.value.errors] == [
        f"{course.path}:4",
        f"{course.path}:5",
    ]


# -------------------------------------------------------------------------------- what is used


FULL = replace(
    CHECKED,
    instances=(CheckedInstance("small", (("x", "3"),), ()),),
    pitfalls=(CheckedPitfall("drop", "Dropping it.", "x", "wrong shape", "grad_W"),),
    errata=(Erratum("typo", "1", "hint", "says", "is", "false", "seen", "grad_W"),),
)
USES = (
    r"\VAR{derivation(claims.grad_W)}",
    r"\includegraphics{\VAR{figures.loss.path}}",
    r"\VAR{pitfalls.drop.text}",
    r"\VAR{errata.typo.correct}",
    r"\VAR{instances.small.name}",
)
USED = ("claims.grad_W", "figures.loss", "pitfalls.drop", "errata.typo", "instances.small")


def test_a_solution_that_uses_all_is_accepted(course: Course) -> None:
    solution = "".join(f"{use}\n" for use in USES)

    fragment = course.render(template("x", solution), checked=FULL, figures=(FIGURE,))

    assert fragment.figures == (FIGURE,)
    assert r"\includegraphics{algebra-figures/first-loss.pdf}" in fragment.latex


@pytest.mark.parametrize("left_out", range(len(USES)))
def test_whatever_the_solution_leaves_out_is_named(course: Course, left_out: int) -> None:
    solution = "".join(f"{use}\n" for number, use in enumerate(USES) if number != left_out)

    with pytest.raises(AuthorError) as caught:
        course.render(template("x", solution), checked=FULL, figures=(FIGURE,))

    assert caught.value.message == f"the solution does not use {USED[left_out]}"
    assert caught.value.place == Place(course.path)


def test_going_through_all_claims_uses_them(course: Course) -> None:
    solution = "%% for claim in claims\n\\VAR{claim.title}\n%% endfor\n"

    assert r"Gradient \& more" in course.render(template("x", solution)).latex


def test_the_questions_owe_nothing(course: Course) -> None:
    fragment = course.render(template("x"), View.QUESTIONS, FULL, (FIGURE,))

    assert fragment.figures == ()


# -------------------------------------------------------------------------------- line map


def test_each_line_of_prose_knows_its_line_in_the_template(course: Course) -> None:
    found = origins(course.render(template("one\n\n  two \\VAR{symbols.W.latex}\nthree")))

    assert found["one"] == Origin("templates/algebra/first.tex", 4)
    assert found[r"  two \mathbf{W}"] == Origin("templates/algebra/first.tex", 6)
    assert found["three"] == Origin("templates/algebra/first.tex", 7)


def test_what_a_macro_prints_is_led_back_to_the_line_that_calls_it(course: Course) -> None:
    found = origins(course.render(template("one")))

    assert found[r"\ssline{}{=}{A}{}"] == Origin("templates/algebra/first.tex", 8)
    assert found[r"\end{ssderivation}"] == Origin("templates/algebra/first.tex", 8)


def test_a_call_block_is_led_back_to_its_own_lines(course: Course) -> None:
    body = "one\n%% call framed()\ninner\n%% endcall\nafter"

    found = origins(course.render(template(body), View.QUESTIONS))

    assert found[r"\fbox{%"] == Origin("templates/algebra/first.tex", 5)
    assert found["inner"] == Origin("templates/algebra/first.tex", 6)
    assert found["after"] == Origin("templates/algebra/first.tex", 8)


def test_what_the_frame_prints_is_led_back_to_the_frame(course: Course) -> None:
    found = origins(course.render(template("one")))

    assert found[r"\section{Slopes \& co}"] == Origin("templates/problem.tex", 2)
    assert found[r"\bigskip"] == Origin("templates/problem.tex", 13)


def test_lines_keep_their_origin_through_conditions_loops_and_comments(course: Course) -> None:
    body = (
        "%# remark\n%% if view == 'key'\nno\n%% else\nyes\n%% endif\n"
        "%% for claim in claims\nloop \\VAR{claim.title}\n%% endfor\nend"
    )

    found = origins(course.render(template(body)))

    assert found["yes"] == Origin("templates/algebra/first.tex", 8)
    assert found[r"loop Gradient \& more"] == Origin("templates/algebra/first.tex", 11)
    assert found["end"] == Origin("templates/algebra/first.tex", 13)
