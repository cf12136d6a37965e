"""What the template of a problem may hold: each refusal names the line, what is fine stays fine."""

from pathlib import Path

import pytest
from course import write

from solutionset.building.lint import lint
from solutionset.building.templating import make_environment
from solutionset.errors import AuthorError, Place

BASE = r"""%% block question required
%% endblock
%% if view == "solutions"
%% block solution required
%% endblock
%% endif
"""
MACROS = r"""%% macro box(text, size="small")
\fbox{\VAR{text}}
%% endmacro
%% macro derivation(claim)
\VAR{claim}
%% endmacro
"""
NAMES = {"view": "solutions", "claims": {}, "values": {}, "symbols": {}}
FIRST_LINE = 4  # of what a test writes into the question


def template(body: str) -> str:
    lines = (
        '%% extends "problem.tex"',
        '%% from "macros.tex" import box, derivation',
        "%% block question",
        body,
        "%% endblock",
        "%% block solution",
        "%% endblock",
        "",
    )
    return "\n".join(lines)


def complaints(folder: Path, text: str) -> list[AuthorError]:
    write(folder / "problem.tex", BASE)
    write(folder / "macros.tex", MACROS)
    write(folder / "algebra/first.tex", text)
    return list(lint(make_environment(folder, NAMES), folder, "algebra/first.tex"))


def only_complaint(folder: Path, text: str) -> tuple[int, str]:
    (error,) = complaints(folder, text)
    assert error.code == "template"
    assert error.place is not None
    assert error.place.path == folder / "algebra/first.tex"
    return error.place.line, error.message


@pytest.mark.parametrize(
    "body",
    [
        r"Let $W \in \mathbb{R}^{m \times n}$ and $f \colon A \to B$ with $A \subset C$.",
        r"for $k = 1, \dots, L$ and $i=1,\ldots,n$ and $T = 2..6$",
        r"for $k = 1, \dots, \VAR{values.L}$",
        r"the sum $\sum_{k=1}^{n} x_k$ and $\VAR{symbols.W}$",
        "a comment % with $a = b$ and \\usepackage",
        r"5 \% of \$5, and a = b in words",
        '%% if view == "questions"\nx\n%% endif',
        '%% if view in ("questions", "key")\nx\n%% endif',
        "%% for claim in claims\n"
        "\\VAR{derivation(claim)}\\BLOCK{if not loop.last}, \\BLOCK{endif}\n"
        "%% endfor",
        r"\VAR{box('small words', size='large')}",
        "Gödel's proof – in full",
    ],
)
def test_prose_names_index_ranges_and_membership_are_fine(tmp_path: Path, body: str) -> None:
    assert complaints(tmp_path, template(body)) == []


@pytest.mark.parametrize(
    "expression",
    [
        *("values.a + 1", "values.a - values.b", "2 * 3", "1 / 2", "7 // 2", "7 % 2", "2 ** 3"),
        *(" -5", "box(2 * 3)"),
    ],
)
def test_arithmetic_is_refused(tmp_path: Path, expression: str) -> None:
    body = rf"x \VAR{{{expression}}}"

    assert only_complaint(tmp_path, template(body)) == (FIRST_LINE, "a template does not compute")


def test_joining_strings_is_refused(tmp_path: Path) -> None:
    body = r"\VAR{values.a ~ values.b}"

    assert only_complaint(tmp_path, template(body)) == (FIRST_LINE, "a template does not compute")


@pytest.mark.parametrize("test", ["values.a < values.b", "values.a == 3", "loop.index >= 2"])
def test_a_comparison_of_numbers_is_refused(tmp_path: Path, test: str) -> None:
    body = f"%% for claim in claims\n%% if {test}\nx\n%% endif\n%% endfor"

    line, message = only_complaint(tmp_path, template(body))

    assert line == FIRST_LINE + 1
    assert "compares with words only" in message


def test_arithmetic_is_refused_in_macros_too(tmp_path: Path) -> None:
    complaints(tmp_path, template(""))
    write(tmp_path / "macros.tex", MACROS + "%% macro wide(n)\n\\VAR{n + n + n}\n%% endmacro\n")

    (error,) = lint(make_environment(tmp_path, NAMES), tmp_path, "algebra/first.tex")

    assert error.message == "a template does not compute"
    assert error.place == Place(tmp_path / "macros.tex", 8)


@pytest.mark.parametrize(
    "command",
    [
        *(r"\usepackage", r"\input", r"\include", r"\def", r"\let", r"\newcommand", r"\write"),
        *(r"\openin", r"\catcode", r"\csname", r"\immediate", r"\pdfobj", r"\ensuremath"),
    ],
)
def test_commands_that_define_read_or_write_are_refused(tmp_path: Path, command: str) -> None:
    line, message = only_complaint(tmp_path, template(f"text\n{command}{{x}}"))

    assert line == FIRST_LINE + 1
    assert message == f"{command} has no place in the template of a problem"


@pytest.mark.parametrize(
    "display",
    [
        r"\[ x \]",
        "$$ x $$",
        r"\[ \VAR{symbols.W} \]",
        *(
            rf"\begin{{{name}}} x \end{{{name}}}"
            for name in ("equation", "align*", "gather", "multline*", "displaymath", "flalign")
        ),
        r"\ssline{a}{b}{c}{}",
        r"\ssresult{a}{}{}",
    ],
)
def test_a_display_typed_by_hand_is_refused(tmp_path: Path, display: str) -> None:
    line, message = only_complaint(tmp_path, template(f"text\n\n{display}"))

    assert line == FIRST_LINE + 2
    assert message == "a displayed formula is typed by hand, so that nothing checks it"


@pytest.mark.parametrize(
    "relation",
    [
        r"a = b",
        r"a < b",
        r"a \le b",
        r"a \neq b",
        r"a \approx b",
        r"a \propto b",
        r"a \ll b",
        r"x := 3",
        r"P(X = 1)",
        r"\VAR{symbols.W} = 3",
        r"\VAR{symbols.W} = \VAR{values.a}",
        r"k = 1",
        r"P = W_1 \cdots W_L",
        r"x = (1, \dots, n)",
    ],
)
def test_an_inline_relation_typed_by_hand_is_refused(tmp_path: Path, relation: str) -> None:
    line, message = only_complaint(tmp_path, template(f"text ${relation}$"))

    assert line == FIRST_LINE
    assert message == "a relation is typed by hand, so that nothing checks it"


def test_a_relation_may_not_hide_in_parentheses_of_latex_or_over_lines(tmp_path: Path) -> None:
    assert only_complaint(tmp_path, template("so \\(a\n= b\\)"))[0] == FIRST_LINE


def test_a_relation_may_not_hide_in_the_string_given_to_a_macro(tmp_path: Path) -> None:
    body = r"\VAR{box('where $a = b$')}"

    line, message = only_complaint(tmp_path, template(body))

    assert line == FIRST_LINE
    assert message == "a relation is typed by hand, so that nothing checks it"


def test_a_refused_relation_is_shown_with_its_printed_values(tmp_path: Path) -> None:
    (error,) = complaints(tmp_path, template(r"$\VAR{symbols.W} = 3$"))

    assert error.got == r"\VAR{...} = 3"


def test_a_sign_that_jinja_would_swallow_is_refused(tmp_path: Path) -> None:
    line, message = only_complaint(tmp_path, template(r"x \VAR{-5}"))

    assert line == FIRST_LINE
    assert "takes the sign" in message


def test_a_percent_sign_that_would_start_a_comment_is_refused(tmp_path: Path) -> None:
    line, message = only_complaint(tmp_path, template("100 \\%# of all"))

    assert line == FIRST_LINE
    assert "for a comment" in message


def test_a_misspelt_name_is_refused_before_anything_is_printed(tmp_path: Path) -> None:
    (error,) = complaints(tmp_path, template("%% if viwe == 'key'\nx\n%% endif"))

    assert error.message == "there is no viwe"
    assert error.advice == "did you mean view?"
    assert error.place == Place(tmp_path / "algebra/first.tex", FIRST_LINE)


def test_a_misspelt_macro_is_refused_at_its_import(tmp_path: Path) -> None:
    text = template("").replace("derivation", "derivaton")

    (error,) = complaints(tmp_path, text)

    assert error.message == "macros.tex has no derivaton"
    assert error.advice == "did you mean derivation?"
    assert error.place == Place(tmp_path / "algebra/first.tex", 2)


def test_a_misspelt_block_is_refused_as_it_would_never_be_printed(tmp_path: Path) -> None:
    (error,) = complaints(tmp_path, template("x").replace("block solution", "block soluton"))

    assert error.message == "a block soluton is never printed"
    assert error.advice.startswith("did you mean solution")


def test_text_outside_the_blocks_is_refused_as_it_would_never_be_printed(tmp_path: Path) -> None:
    line, message = only_complaint(tmp_path, template("x") + "\n% fine\nlost words\n")

    assert line == 10
    assert message == "what stands outside the blocks is not printed"


def test_a_template_that_extends_nothing_is_refused(tmp_path: Path) -> None:
    assert only_complaint(tmp_path, "just words\n") == (1, "the template extends no other")


def test_an_import_that_hides_a_name_of_the_problem_is_refused(tmp_path: Path) -> None:
    text = template("").replace("import box", "import box as claims")

    assert only_complaint(tmp_path, text) == (2, "this hides the claims of the problem")


def test_a_character_that_pdflatex_cannot_set_is_refused_at_its_line(tmp_path: Path) -> None:
    line, message = only_complaint(tmp_path, template("text\nthe slope σ"))

    assert line == FIRST_LINE + 1
    assert "U+03C3" in message


def test_all_complaints_come_together_in_the_order_of_their_lines(tmp_path: Path) -> None:
    body = "$a = b$\n\\VAR{1 + 1}\n\\[ x \\]"

    lines = [error.place.line for error in complaints(tmp_path, template(body)) if error.place]

    assert lines == [FIRST_LINE, FIRST_LINE + 1, FIRST_LINE + 2]


def test_a_statement_that_jinja_cannot_read_is_refused_at_its_line(tmp_path: Path) -> None:
    with pytest.raises(AuthorError) as caught:
        complaints(tmp_path, template("text\n%% fro x in claims"))

    assert caught.value.code == "template"
    assert caught.value.place == Place(tmp_path / "algebra/first.tex", FIRST_LINE + 1)


def test_an_unknown_filter_is_refused_at_its_line(tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match="No filter named 'round'") as caught:
        complaints(tmp_path, template(r"\VAR{values|round}"))

    assert caught.value.place == Place(tmp_path / "algebra/first.tex", FIRST_LINE)


@pytest.mark.parametrize("body", ["In 90 % of all cases", "In 90% of all cases", r"90\,% of all"])
def test_a_percent_sign_that_hides_the_rest_of_its_line_is_refused(
    tmp_path: Path, body: str
) -> None:
    assert only_complaint(tmp_path, template(body)) == (
        FIRST_LINE,
        "the percent sign behind a number hides the rest of its line",
    )


@pytest.mark.parametrize("body", [r"In 90\,\% of all cases", "No space%\nhere.", "%# a comment"])
def test_a_percent_sign_that_hides_nothing_is_fine(tmp_path: Path, body: str) -> None:
    assert complaints(tmp_path, template(body)) == []
