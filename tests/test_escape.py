r"""What a value means in print: a table of (value, LaTeX), and what is refused."""

import math

import pytest

from solutionset.building.escape import Prose, Tex, to_tex
from solutionset.errors import AuthorError
from solutionset.model import Formula, View


class Drawn:
    """Something that knows how to print itself."""

    def __tex__(self) -> str:
        return r"\drawn"


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("\\", r"\textbackslash{}"),
        ("{x}", r"\{x\}"),
        ("5 $ & 5 %", r"5 \$ \& 5 \%"),
        ("#1", r"\#1"),
        ("a_b^c", r"a\_b\textasciicircum{}c"),
        ("~", r"\textasciitilde{}"),
        ("a < b > c | d", r"a \textless{} b \textgreater{} c \textbar{} d"),
        ('say "no"', r"say \textquotedbl{}no\textquotedbl{}"),
        ("two\nlines", "two lines"),
        ("it's - a `word`", "it's - a `word`"),
        ("Gödel, Łukasiewicz – 5 €", "Gödel, Łukasiewicz – 5 €"),
        ("e\u0301", "é"),
        ("no\u00a0break", "no~break"),
        (r"\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
    ],
)
def test_a_plain_string_is_printed_character_by_character(text: str, latex: str) -> None:
    assert to_tex(text) == latex


def test_what_is_latex_already_stays_as_it_is() -> None:
    assert to_tex(Tex(r"\alpha_1")) == r"\alpha_1"


def test_a_formula_prints_its_latex() -> None:
    assert to_tex(Formula(r"\mathbf{W}^{\top}")) == r"\mathbf{W}^{\top}"


def test_an_object_may_print_itself() -> None:
    assert to_tex(Drawn()) == r"\drawn"


def test_a_string_method_takes_the_mark_of_latex_away() -> None:
    assert to_tex(Tex(r"\alpha").strip()) == r"\textbackslash{}alpha"


def test_a_name_from_an_enumeration_is_text() -> None:
    assert to_tex(View.KEY) == "key"


@pytest.mark.parametrize(("number", "digits"), [(0, "0"), (42, "42"), (-5, "-5")])
def test_an_int_is_its_digits(number: int, digits: str) -> None:
    assert to_tex(number) == digits


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (True, "choose the words with %% if"),
        (0.1, "states how many digits"),
        (math.nan, "states how many digits"),
        (None, "ask with %% if"),
        ((1, 2), "go through its items"),
        ({"a": 1}, "go through its items"),
        (b"bytes", "print one of its fields"),
    ],
)
def test_a_value_without_a_clear_meaning_is_refused_with_advice(value: object, advice: str) -> None:
    with pytest.raises(AuthorError, match=f"type {type(value).__name__} cannot be printed") as info:
        to_tex(value)

    assert advice in info.value.advice


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("李", r"U\+674E 李 \(CJK UNIFIED IDEOGRAPH-674E\)"),
        ("σ", r"U\+03C3 σ \(GREEK SMALL LETTER SIGMA\)"),
        ("bell\a", r"U\+0007 \(a control character\)"),
        ("\u202eevil", r"U\+202E \(RIGHT-TO-LEFT OVERRIDE\)"),
    ],
)
def test_a_character_that_pdflatex_cannot_set_is_named(text: str, named: str) -> None:
    with pytest.raises(AuthorError, match=named):
        to_tex(text)


def test_a_character_that_pdflatex_cannot_set_is_shown_among_its_neighbours() -> None:
    with pytest.raises(AuthorError) as caught:
        to_tex(f"{'x' * 40} a \u674e b \u202e {'y' * 40}")
    assert caught.value.got == f"{'x' * 27} a \u674e b   {'y' * 24}"


@pytest.mark.parametrize(
    ("prose", "latex"),
    [
        ("plain & simple", r"plain \& simple"),
        (r"chain rule through $\mathbf{z}_k$", r"chain rule through $\mathbf{z}_k$"),
        (r"$a_1$ & $a_2$", r"$a_1$ \& $a_2$"),
        (r"costs 5 \$", r"costs 5 \$"),
    ],
)
def test_an_authors_sentence_keeps_its_mathematics(prose: str, latex: str) -> None:
    assert to_tex(Prose(prose)) == latex


def test_a_dollar_that_is_never_closed_is_refused() -> None:
    with pytest.raises(AuthorError, match="never closed"):
        to_tex(Prose("the loss $L"))
