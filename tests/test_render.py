r"""From a checked solution to LaTeX: views, strict names, what has to be used, and the line map."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from course import write

from solutionset.building.context import record
from solutionset.building.coverage import checked_strings
from solutionset.building.escape import to_tex
from solutionset.building.linemap import split_marks, with_marks, without_marks
from solutionset.building.render import assemble, render
from solutionset.errors import AuthorError, Failures, Place, SolutionSetError
from solutionset.model import (
    AuditRow,
    CheckedClaim,
    CheckedInstance,
    CheckedLine,
    CheckedPitfall,
    CheckedSolution,
    CheckedSymbol,
    Document,
    DrawnFigure,
    Entry,
    Erratum,
    FigurePlan,
    Fragment,
    IllustratedSolution,
    MutantScore,
    Origin,
    SetConfig,
    SetEntry,
    Standing,
    Verdict,
    View,
)

BASE = r"""%# The frame of one problem.
\section{\VAR{problem.title}}
%% block question required
%% endblock
%% if view == "solutions"
%% block solution required
%% endblock
%% elif view == "key"
%% for claim in problem.claims
Answer: $\VAR{claim.result}$.
%% endfor
%% endif
\bigskip
"""
MACROS = r"""%% macro derivation(claim)
\begin{ssderivation}
%% for line in claim.lines
\ssline{\VAR{line.left}}{\VAR{line.relation}}{\VAR{line.right}}{\VAR{line.because}}
%% endfor
\end{ssderivation}
%% endmacro
%% macro framed()
\fbox{%
\VAR{caller()}
}
%% endmacro
"""
DOCUMENT = r"""\documentclass{article}
\VAR{style}
\VAR{set_macros}
\pdftrailerid{\VAR{trailer_id}}
%% if draft
\typeout{draft}
%% endif
\begin{document}
\VAR{config.title}, \VAR{formulas_checked} of \VAR{formulas_displayed}
%% for item in problems
\VAR{item.fragment}
%% endfor
\end{document}
"""
STYLE = "% all of the style\n\\usepackage{amsmath}\n"
SOLUTION = r"""We differentiate.
\VAR{derivation(claims.grad_W)}
"""
VERDICT = Verdict(
    standing=Standing.VERIFIED,
    oracle="complex-step",
    worst_error=1.1e-15,
    tolerance=1e-9,
    points=15,
    seeds=(0, 1, 2),
    steps=2,
    mutants=MutantScore(generated=44, ill_typed=22, equivalent=1, killed=21, survived=0),
    read_back="equal",
)
CLAIM = CheckedClaim(
    name="grad_W",
    kind="gradient",
    question="1",
    title="Gradient & more",
    lines=(
        CheckedLine(r"\nabla L", "=", r"G x^{\top}", "chain rule through $z_k$, 100%"),
        CheckedLine("", "=", "A", ""),
    ),
    result=r"\nabla L = A",
    shape=("m", "n"),
    statement="",
    verdict=VERDICT,
)
CHECKED = CheckedSolution(
    entry="algebra/first",
    title="Slopes & co",
    question="1",
    source="Sheet, p. 1",
    symbols=(CheckedSymbol("W", r"\mathbf{W}", ("m", "n"), "weights"),),
    definitions=(),
    claims=(CLAIM,),
    instances=(),
    pitfalls=(),
    values=(("rate", r"\tfrac{1}{3}"),),
    figures=(),
    errata=(),
    audit=(),
)
CONFIG = SetConfig(
    title="Homework 1",
    course="Algebra",
    author="A. Author",
    date="2025",
    language="en",
    licence="CC BY 4.0",
    source="Sheet 1",
    problems=("first",),
    macros=(("R", r"\mathbb{R}"), ("pair", "(#1, #2)")),
)


def template(question: str, solution: str = SOLUTION, key: str = "") -> str:
    lines = (
        '%% extends "problem.tex"',
        '%% from "macros.tex" import derivation, framed',
        "%% block question",
        question,
        "%% endblock",
        "%% block solution",
        f"{solution}%% endblock",
        key,
    )
    return "\n".join(lines)


class Course:
    """A folder with one problem, and the arrows from it to a document."""

    def __init__(self, root: Path) -> None:
        self.templates = root / "templates"
        self.path = self.templates / "algebra" / "first.tex"
        self.entry = Entry("algebra", "first", root / "problems/algebra/first.py", self.path)
        folder = root / "problems" / "algebra"
        self.set = SetEntry("algebra", folder, folder / "set.toml", CONFIG, (self.entry,))
        write(self.set.toml, f'title = "{CONFIG.title}"\n')
        write(self.templates / "problem.tex", BASE)
        write(self.templates / "macros.tex", MACROS)
        write(self.templates / "document.tex", DOCUMENT)
        write(self.templates / "style.tex", STYLE)

    def render(
        self,
        text: str,
        view: View = View.SOLUTIONS,
        checked: CheckedSolution = CHECKED,
        figures: tuple[DrawnFigure, ...] = (),
        kept: Path | None = None,
    ) -> Fragment:
        write(self.path, text)
        illustrated = IllustratedSolution(checked, figures)
        return render(illustrated, self.entry, CONFIG, view, self.templates, kept)

    def assemble(self, text: str, view: View = View.SOLUTIONS) -> Document:
        fragment = self.render(text, view)
        solutions = (IllustratedSolution(CHECKED, ()),)
        return assemble((fragment,), solutions, self.set, view, self.templates)

    def error(self, text: str, view: View = View.SOLUTIONS) -> SolutionSetError:
        with pytest.raises(SolutionSetError) as caught:
            self.render(text, view)
        return caught.value


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


def origins(generated: Fragment | Document) -> dict[str, Origin]:
    lines = generated.latex.removesuffix("\n").split("\n")
    return dict(zip(lines, generated.origins, strict=True))


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


FIGURE = DrawnFigure(FigurePlan("loss", "The loss falls.", "Loss.", 6.0, 3.0), Path("loss.pdf"))
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


# -------------------------------------------------------------------------------- documents


def test_a_document_has_one_origin_a_line_down_to_style_and_set(course: Course) -> None:
    document = course.assemble(template("one"))
    found = origins(document)

    assert found[r"\documentclass{article}"] == Origin("templates/document.tex", 1)
    assert found[r"\usepackage{amsmath}"] == Origin("templates/style.tex", 2)
    assert found[r"\newcommand{\R}{\mathbb{R}}"] == Origin("problems/algebra/set.toml", 0)
    assert found[r"\newcommand{\pair}[2]{(#1, #2)}"] == Origin("problems/algebra/set.toml", 0)
    assert found["one"] == Origin("templates/algebra/first.tex", 4)
    assert found[r"\ssline{}{=}{A}{}"] == Origin("templates/algebra/first.tex", 8)
    assert found[r"\bigskip"] == Origin("templates/problem.tex", 13)
    assert found[r"\end{document}"] == Origin("templates/document.tex", 13)


@pytest.mark.parametrize(
    ("view", "name"),
    [
        (View.SOLUTIONS, "algebra"),
        (View.QUESTIONS, "algebra-questions"),
        (View.KEY, "algebra-key"),
    ],
)
def test_a_document_is_named_after_set_and_view(course: Course, view: View, name: str) -> None:
    assert course.assemble(template("one"), view).name == name


def test_a_document_counts_its_own_formulas(course: Course) -> None:
    document = course.assemble(template("one"))

    assert "Homework 1, 2 of 2\n" in document.latex
    assert "draft" not in document.latex


def test_a_document_with_an_unchecked_formula_is_a_draft(course: Course) -> None:
    write(course.templates / "document.tex", DOCUMENT.replace(r"\end{doc", "$a = b$\n\\end{doc"))

    document = course.assemble(template("one"))

    assert "Homework 1, 2 of 3\n" in document.latex
    assert r"\typeout{draft}" in document.latex


def test_a_document_refers_to_the_figures_it_shows(course: Course) -> None:
    solution = SOLUTION + USES[1] + "\n"
    fragment = course.render(template("one", solution), figures=(FIGURE,))

    document = assemble(
        (fragment,),
        (IllustratedSolution(CHECKED, (FIGURE,)),),
        course.set,
        View.SOLUTIONS,
        course.templates,
    )

    assert document.figures == (("algebra-figures/first-loss.pdf", Path("loss.pdf")),)


def test_the_identity_of_a_document_hangs_on_its_text_alone(course: Course) -> None:
    first = course.assemble(template("one"))
    again = course.assemble(template("one"))
    other = course.assemble(template("two"))

    def trailer(document: Document) -> str:
        return next(line for line in document.latex.split("\n") if "trailerid" in line)

    assert first == again
    assert trailer(first) != trailer(other)


@pytest.mark.parametrize(
    ("macro", "message"),
    [(("2d", "x"), "'2d' cannot name a macro"), (("falsum", "1 = 2"), "falsum holds a relation")],
)
def test_a_macro_of_the_set_with_a_false_name_or_a_relation_is_refused(
    course: Course, macro: tuple[str, str], message: str
) -> None:
    config = replace(CONFIG, macros=(macro,))
    fragment = course.render(template("one"))

    with pytest.raises(AuthorError, match=message) as caught:
        assemble(
            (fragment,),
            (IllustratedSolution(CHECKED, ()),),
            replace(course.set, config=config),
            View.SOLUTIONS,
            course.templates,
        )

    assert caught.value.place == Place(course.set.toml)


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("title", "a \u65e5", "cannot set the character U\\+65E5"),
        ("author", "\0", "cannot set the character U\\+0000"),
        ("source", "costs $5", "a dollar that opens mathematics is never closed"),
        ("introduction", "costs $5", "a dollar that opens mathematics is never closed"),
    ],
)
def test_a_text_of_the_set_that_cannot_be_printed_is_refused_at_its_key(
    course: Course, key: str, text: str, message: str
) -> None:
    fragment = course.render(template("one"))
    write(course.set.toml, f"\n{key} = 'what it says'\n")

    with pytest.raises(AuthorError, match=message) as caught:
        assemble(
            (fragment,),
            (IllustratedSolution(CHECKED, ()),),
            replace(course.set, config=replace(CONFIG, **{key: text})),
            View.SOLUTIONS,
            course.templates,
        )

    assert caught.value.place == Place(course.set.toml, 2)


# ------------------------------------------------------------------------- the real templates


@pytest.fixture
def real(course: Course) -> Course:
    for name in ("problem.tex", "macros.tex", "document.tex", "style.tex"):
        shutil.copy(Path(__file__).parents[1] / "templates" / name, course.templates / name)
    return course


@pytest.mark.parametrize("view", list(View))
def test_the_frame_that_is_shipped_renders_in_each_view(real: Course, view: View) -> None:
    text = template("one").replace(", framed", "")

    document = real.assemble(text, view)

    assert document.latex.endswith("\\end{document}\n")
    assert len(document.origins) == document.latex.count("\n")
    assert ("We differentiate." in document.latex) is (view is View.SOLUTIONS)


def test_rendering_imports_nothing_heavy() -> None:
    heavy = "{'sympy', 'numpy', 'matplotlib'}"
    code = f"import sys, solutionset.building.render; print({heavy} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"


def test_marks_are_left_out_as_they_are_split_off(tmp_path: Path) -> None:
    origins = tuple(Origin("x.tex", line) for line in (1, 2, 3))
    marked = with_marks("a\n\nb\n", origins, tmp_path)
    untidy = f"\n \n{marked}\n \n\n{marked}\n"
    assert without_marks(untidy) == split_marks(untidy, tmp_path)[0] == "a\n\nb\n \na\n\nb\n"
