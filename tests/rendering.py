"""A course with one problem, rendered from a checked solution that is made on the spot."""

from pathlib import Path

import pytest
from course import write

from solutionset.building.render import assemble, render
from solutionset.errors import SolutionSetError
from solutionset.model import (
    CheckedClaim,
    CheckedLine,
    CheckedSolution,
    CheckedSymbol,
    Document,
    DrawnFigure,
    Entry,
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

FIGURE = DrawnFigure(FigurePlan("loss", "The loss falls.", "Loss.", 6.0, 3.0), Path("loss.pdf"))


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


def origins(generated: Fragment | Document) -> dict[str, Origin]:
    lines = generated.latex.removesuffix("\n").split("\n")
    return dict(zip(lines, generated.origins, strict=True))
