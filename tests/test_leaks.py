"""A view without solutions shows none of them: not on its pages, not in the strings of its PDF."""

import re
import subprocess
import zlib
from pathlib import Path

import pytest

from solutionset.building.find import FRAME
from solutionset.building.leaks import hidden_lines
from solutionset.building.pdfwords import phrases_in
from solutionset.cli import main

Captured = pytest.CaptureFixture[str]

# One word for each place where a solution says something; none is a word of any language.
MARKERS = (
    *("zqxidea", "zqxbookmark", "zqxcomment", "zqxpitfall", "zqxcaption", "zqxalternative"),
    *("zqxtitle", "zqxsays", "zqxcorrect", "zqxevidence", "zqxaudit", "zqxreason", "zqxprose"),
    *("zqxerratablock", "zqxbecause"),
)
IN_KEY = ("zqxtitle",)  # the key names its claims
NOT_ON_PAPER = ("zqxcomment",)  # a comment for TeX is in the .tex only
MODULE = '''\
"""A linear layer, each text of which holds a marker."""

from solutionset.authoring import *
from solutionset.authoring import AuditRow, Erratum, Figure, exact, literal, relation

n, m = dim("n", "j"), dim("m", "i")
x = vector("x", n, meaning="the input")
W = matrix("W", m, n, meaning="the weights")
b = vector("b", m, meaning="the bias")
y = define("y", W @ x + b, meaning="the output")


def forward(W, x, b):
    return W @ x + b


layer = Computation("layer", definitions=(y,), forward=forward)


def curve(rng):
    return (0, 1, 2), (0, 1, 4)


def draw(axes, data):
    axes.plot(*data)
    axes.set_xlabel("x")
    axes.set_ylabel("y")


def solve():
    return Solution(
        claims=(
            gradient("grad_x", layer, of=y, wrt=x, title="The zqxtitle gradient in the input"),
            exact("by_hand", relation(literal([[2], [1]]) @ literal([[4]]), "=", literal([8, 4]),
                                      "zqxbecause of this"),
                  relation(literal([8, 4]), "\\\\neq", literal([4, 8]), "in this order"),
                  title="By hand"),
        ),
        pitfalls=(
            Pitfall("transpose", "One zqxpitfall is to forget this.", "grad_x",
                    lambda: W @ grad(y)),
        ),
        figures=(
            Figure("curve", draw, curve, alt="A line with zqxalternative rises more and more.",
                   caption="The zqxcaption of a parabola.", width=4, height=2),
        ),
        errata=(
            Erratum(name="slip", question="1", where="hint", kind="false", claim="grad_x",
                    sheet_says="It zqxsays what is not so.", correct="It is zqxcorrect this way.",
                    evidence="There is zqxevidence for it all."),
        ),
        audit=(
            AuditRow("1", "hint", "The sheet zqxaudit states it here.", "not-decidable", "",
                     "For a zqxreason that is long."),
        ),
        prose=("Some zqxprose that no claim covers.",),
    )


problem = Problem(title="A linear layer", question="1", source="Sheet 1", solve=solve)
'''
TEMPLATE = r"""%% extends "problem.tex"
%% from "macros.tex" import all_errata, definition, derivation, figure, part, pitfall_list
%% from "macros.tex" import relations, result
%% block question
A linear layer computes
\VAR{definition(definitions.y)}
Find the gradient of a loss in its input, that is, the question zqxopen of all.
%% endblock
%% block errata
There is a zqxerratablock before the errata of this problem.
\VAR{all_errata(problem.errata)}
%% endblock
%% block solution
The zqxidea is that the input reaches the loss through the output alone.
% a zqxcomment that TeX does not see
\VAR{part("The zqxbookmark way")}
\VAR{derivation(claims.grad_x)}
\VAR{result(claims.grad_x)}
\VAR{relations(claims.by_hand)}
\VAR{figure(figures.curve)}
\VAR{pitfall_list(pitfalls)}
%% endblock
"""
LINE_OF_IDEA = TEMPLATE[: TEMPLATE.index("The zqxidea")].count("\n") + 1


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of one problem with a marker in every text of its solution, all views built."""
    root = tmp_path_factory.mktemp("course")
    assert main(["new", "hw1/linear", "--root", str(root)], str(root)) == 0
    (root / "problems/hw1/linear.py").write_text(MODULE, encoding="utf-8")
    (root / "templates/hw1/linear.tex").write_text(TEMPLATE, encoding="utf-8")
    assert main(["build", "--plain", "--view", "all"], str(root)) == 0
    return root


def text_of(pdf: Path) -> str:
    """What can be read on the pages, and the words that describe the document."""
    pages = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, check=True)
    facts = subprocess.run(["pdfinfo", "-struct-text", pdf], capture_output=True, check=True)
    return (pages.stdout + facts.stdout).decode("utf-8", "replace")


def bytes_of(pdf: Path) -> bytes:
    """The file and all its streams, unpacked, with strings of two bytes a letter made plain."""
    data = pdf.read_bytes()
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", pdf.read_bytes(), re.DOTALL):
        try:
            data += zlib.decompress(match[1])
        except zlib.error:
            data += match[1]
    octal = re.sub(rb"\\([0-7]{3})", lambda code: bytes([int(code[1], 8) & 255]), data)
    return (data + octal + octal.replace(b"\0", b"")).lower()


def found_in(course: Path, name: str, *, beside: tuple[str, ...] = ()) -> set[str]:
    """The markers in the .tex, on the pages, or anywhere in the PDF."""
    output = course / "output"
    words = (output / f"{name}.tex").read_text(encoding="utf-8").lower()
    words += text_of(output / f"{name}.pdf").lower()
    raw = bytes_of(output / f"{name}.pdf")
    return {m for m in MARKERS if m not in beside and (m in words or m.encode() in raw)}


def test_every_marker_is_in_the_solutions_so_that_its_absence_elsewhere_says_something(
    course: Path,
) -> None:
    tex = (course / "output/hw1.tex").read_text(encoding="utf-8")
    assert [marker for marker in MARKERS if marker not in tex] == []
    pages = text_of(course / "output/hw1.pdf")
    raw = bytes_of(course / "output/hw1.pdf")
    on_paper = [marker for marker in MARKERS if marker not in NOT_ON_PAPER]
    assert [m for m in on_paper if m not in pages and m.encode() not in raw] == []
    assert b"(the zqxbookmark way)" in raw  # the title of a bookmark
    assert b"/alt (a line with zqxalternative" in raw


def test_no_marker_is_in_the_questions_on_their_pages_or_in_the_strings_of_their_pdf(
    course: Path,
) -> None:
    assert found_in(course, "hw1-questions") == set()
    assert "zqxopen" in text_of(course / "output/hw1-questions.pdf")


def test_of_the_markers_the_key_has_the_titles_of_claims_only(course: Path) -> None:
    assert found_in(course, "hw1-key") == set(IN_KEY)


def test_the_key_has_what_the_solution_boxes_and_none_of_the_numbers_that_illustrate_it(
    course: Path,
) -> None:
    key = (course / "output/hw1-key.tex").read_text(encoding="utf-8")
    assert key.count(r"\sskey{") == 1
    assert "By hand" not in key


def test_nothing_is_attached_to_any_view(course: Path) -> None:
    for name in ("hw1", "hw1-questions", "hw1-key"):
        pdf = course / "output" / f"{name}.pdf"
        listed = subprocess.run(["pdfdetach", "-list", pdf], capture_output=True, check=True)
        assert listed.stdout == b"0 embedded files\n"
        assert b"/embeddedfile" not in bytes_of(pdf)


# ------------------------------------------------------------------- each look sees what it should


def broken(course: Path, capsys: Captured, frame: str, old: str, new: str) -> tuple[int, str]:
    """Build the questions with a frame of the course's own that was changed; then undo that."""
    text = (FRAME / frame).read_text(encoding="utf-8")
    assert old in text
    own = course / "templates" / frame
    own.write_text(text.replace(old, new), encoding="utf-8")
    before = (course / "output/hw1-questions.pdf").read_bytes()
    code = main(["build", "--plain", "--view", "questions"], str(course))
    own.unlink()
    assert (course / "output/hw1-questions.pdf").read_bytes() == before
    return code, capsys.readouterr().err


def test_a_frame_that_prints_the_solution_in_the_questions_is_refused_at_the_line_of_the_solution(
    course: Path, capsys: Captured
) -> None:
    code, said = broken(
        course, capsys, "problem.tex", '%% if view == "solutions"', '%% if view != "key"'
    )
    assert code == 4
    assert f"templates/hw1/linear.tex:{LINE_OF_IDEA}: error[leak]" in said


def test_a_frame_that_prints_the_audit_in_the_questions_is_refused(
    course: Path, capsys: Captured
) -> None:
    code, said = broken(
        course,
        capsys,
        "document.tex",
        "\\VAR{item.fragment}\n",
        "\\VAR{item.fragment}\n%% for row in item.problem.audit\n\\VAR{row.statement}\n%% endfor\n",
    )
    assert code == 4
    assert "error[leak]: the questions would show “The sheet zqxaudit states it here" in said


def test_a_phrase_in_a_string_of_the_pdf_is_found_however_it_is_written() -> None:
    phrase = "a phrase of the solution"
    wide = phrase.encode("utf-16-be")
    octal = b"".join(b"\\%03o" % byte for byte in wide)
    body = zlib.compress(b"/Title (" + wide + b")")
    for pdf in (
        b"/Title (" + phrase.encode() + b")",
        b"/Title (\\376\\377" + octal + b")",
        b"/Title <FEFF" + wide.hex().encode() + b">",
        b"1 0 obj <<>> stream\n" + body + b"\nendstream",
    ):
        assert phrases_in(pdf, (phrase, "another phrase altogether")) == (phrase,)


def test_the_lines_of_hidden_blocks_are_known_by_either_way_to_write_a_block() -> None:
    template = (
        "%% block question\nA\n%% endblock\n%% block solution\nB\n\\BLOCK{block inner}C"
        "\\BLOCK{endblock}\nD\n%% endblock\nE"
    )
    lines = template.split("\n")
    assert [lines[number - 1][-1] for number in sorted(hidden_lines(template))] == [
        *("B", "}", "D", "k"),
    ]
