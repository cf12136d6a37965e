"""From rendered problems to the document of a set, with the frame that is shipped."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from course import write
from rendering import CHECKED, CONFIG, DOCUMENT, FIGURE, SOLUTION, Course, origins, template

from solutionset.building.linemap import split_marks, with_marks, without_marks
from solutionset.building.render import assemble
from solutionset.errors import AuthorError, Place
from solutionset.model import (
    Document,
    IllustratedSolution,
    Origin,
    View,
)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)


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
    solution = SOLUTION + "\\includegraphics{\\VAR{figures.loss.path}}\n"
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
