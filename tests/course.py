"""A small course on disk, and quick stages in place of those that need SymPy, Matplotlib, TeX.

The modules of this course are run for real. They say `claims = [...]`, the names of what they
claim; `false` is a claim that its check refuses. Lines with $$ in a template stand in the solution.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from solutionset.building.coverage import checked_strings, coverage
from solutionset.building.load import run_module
from solutionset.building.stages import Stages
from solutionset.errors import ClaimError, Place, TexError
from solutionset.model import (
    CheckedClaim,
    CheckedSolution,
    Document,
    DrawnFigure,
    Entry,
    FigurePlan,
    Fragment,
    IllustratedSolution,
    MutantScore,
    Origin,
    Pdf,
    SetEntry,
    Standing,
    Verdict,
    View,
)

SET_TOML = """\
title = "Homework 1"
course = "Algebra"
author = "A. Author"
date = "2025"
language = "en"
licence = "CC BY 4.0"
source = "Sheet 1"
problems = [{problems}]
"""
MODULE = 'claims = ["gradient"]\n'


def write_set(root: Path, slug: str, **modules: str) -> None:
    """Write a set with a module, of the given text, and a template for each problem."""
    listed = ", ".join(f'"{name}"' for name in modules)
    write(root / "problems" / slug / "set.toml", SET_TOML.format(problems=listed))
    write(root / "templates" / "document.tex", "frame")
    for name, text in modules.items():
        write(root / "problems" / slug / f"{name}.py", text)
        write(root / "templates" / slug / f"{name}.tex", f"prose of {name}")


def write(path: Path, text: str) -> None:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def claim(name: str, *, standing: Standing = Standing.VERIFIED) -> CheckedClaim:
    """A claim as a check returns it."""
    return CheckedClaim(
        name=name,
        kind="gradient",
        question="1.2",
        title="Gradient",
        lines=(),
        result=r"\frac{\partial L}{\partial W} = x y^\top",
        shape=("n", "m"),
        statement="",
        verdict=Verdict(
            standing=standing,
            oracle="complex-step",
            worst_error=1.1e-15,
            tolerance=1e-9,
            points=15,
            seeds=(0, 1, 2),
            steps=5,
            mutants=MutantScore(44, 22, 1, 21, 0),
            read_back="equal",
        ),
    )


def solution(entry: str, *claims: CheckedClaim) -> CheckedSolution:
    """A checked solution with one figure."""
    return CheckedSolution(
        entry=entry,
        title="A problem",
        question="1.2",
        source="Sheet 1",
        symbols=(),
        definitions=(),
        claims=claims,
        instances=(),
        pitfalls=(),
        values=(("n", "3"),),
        figures=(FigurePlan("plot", "a line", "A line.", 3.0, 2.0),),
        errata=(),
        audit=(),
    )


@dataclass(frozen=True)
class Head:
    """What the claim of an author carries."""

    name: str


@dataclass(frozen=True)
class AuthorsClaim:
    """A claim before it is checked."""

    head: Head
    kind: str = "gradient"


@dataclass(frozen=True)
class AuthorsSolution:
    """A solution before it is checked."""

    claims: tuple[AuthorsClaim, ...]
    figures: tuple[()] = ()
    instances: tuple[()] = ()
    pitfalls: tuple[()] = ()
    errata: tuple[()] = ()
    audit: tuple[()] = ()
    survivors: tuple[()] = ()


@dataclass(frozen=True)
class AuthorsProblem:
    """A problem as a module describes it."""

    module: ModuleType
    solve: Callable[[], AuthorsSolution]
    title: str = "A residual block"
    question: str = "001.2"
    data: object = None


class Workshop:
    """Quick stages; `calls` tells what was done, also by workers, as "check hw/resnet"."""

    def __init__(self) -> None:
        self._log = os.memfd_create("calls")
        self.stages = Stages(
            prepare=lambda: None,
            prepare_documents=lambda: None,
            load=self.load,  # type: ignore[arg-type]
            solve=lambda problem: problem,
            check=self.check,  # type: ignore[arg-type]
            draw=self.draw,  # type: ignore[arg-type]
            render=self.render,
            assemble=self.assemble,
            typeset=self.typeset,
        )

    @property
    def calls(self) -> list[str]:
        return os.pread(self._log, 1 << 20, 0).decode().splitlines()

    def note(self, call: str) -> None:
        os.write(self._log, f"{call}\n".encode())

    def load(self, entry: Entry) -> AuthorsProblem:
        module = run_module(entry)
        claims = tuple(AuthorsClaim(Head(name)) for name in module.claims)
        return AuthorsProblem(module, lambda: AuthorsSolution(claims))

    def check(
        self, problem: AuthorsProblem, entry: Entry, set_entry: SetEntry, seeds: tuple[int, ...]
    ) -> CheckedSolution:
        self.note(f"check {entry.name}")
        names = [claim.head.name for claim in problem.solve().claims]
        if "false" in names:
            raise ClaimError(
                "the claim false does not hold", code="claim", place=Place(entry.module, 1)
            )
        standing = {"unchecked": Standing.UNCHECKED}
        claims = (claim(name, standing=standing.get(name, Standing.VERIFIED)) for name in names)
        return solution(entry.name, *claims)

    def draw(
        self, checked: CheckedSolution, problem: AuthorsProblem, folder: Path
    ) -> IllustratedSolution:
        self.note(f"draw {checked.entry}")
        if hasattr(problem.module, "plot"):
            problem.module.plot()
        (plan,) = checked.figures
        (folder / "plot.pdf").write_bytes(b"%PDF figure of " + checked.entry.encode())
        return IllustratedSolution(checked, (DrawnFigure(plan, folder / "plot.pdf"),))

    def render(
        self,
        illustrated: IllustratedSolution,
        entry: Entry,
        set_entry: SetEntry,
        view: View,
        templates: Path,
        kept: Path,
    ) -> Fragment:
        self.note(f"render {entry.name} {view}")
        text = entry.template.read_text(encoding="utf-8")
        if text.startswith("include "):
            text = (templates / text.removeprefix("include ")).read_text(encoding="utf-8")
        lines = text.split("\n")
        lines += [claim.name for claim in illustrated.solution.claims]
        if view is not View.SOLUTIONS:
            lines = [line for line in lines if not line.startswith("$$")]
        origins = tuple(Origin(str(entry.template), n) for n in range(1, len(lines) + 1))
        return Fragment(entry.name, view, "\n".join(lines), origins, illustrated.figures)

    def assemble(
        self,
        fragments: tuple[Fragment, ...],
        solutions: tuple[IllustratedSolution, ...],
        set_entry: SetEntry,
        view: View,
        templates: Path,
        kept: Path,
    ) -> Document:
        slug = set_entry.slug
        name = slug if view is View.SOLUTIONS else f"{slug}-{view}"
        self.note(f"assemble {name}")
        figures = tuple(
            (f"{slug}-figures/{fragment.entry.partition('/')[2]}-plot.pdf", figure.file)
            for fragment in fragments
            for figure in fragment.figures
        )
        frame = templates / "document.tex"
        latex = "\n".join((frame.read_text("utf-8"), *(fragment.latex for fragment in fragments)))
        origins = (
            Origin(str(frame), 1),
            *(origin for fragment in fragments for origin in fragment.origins),
        )
        checked = frozenset[str]().union(*(checked_strings(one.solution) for one in solutions))
        covered = coverage(latex, checked)
        return Document(name, slug, view, latex, origins, figures, covered)

    def typeset(self, document: Document, output: Path, cache: Path) -> Pdf:
        self.note(f"typeset {document.name}")
        if "\\broken" in document.latex:
            lines = document.latex.split("\n")
            origin = document.origins[lines.index("\\broken")]
            place = Place(Path(origin.path), origin.line)
            raise TexError("undefined command", code="tex", place=place)
        for name, file in document.figures:
            (output / name).parent.mkdir(exist_ok=True)
            (output / name).write_bytes(file.read_bytes())
        pdf, tex = output / f"{document.name}.pdf", output / f"{document.name}.tex"
        tex.write_text(document.latex, encoding="utf-8")
        pdf.write_bytes(b"%PDF " + document.latex.encode())
        installed = tuple(str(path) for path in (output.parent / "texmf").glob("*"))
        return Pdf(pdf, tex, 1, 1, (), "pdfTeX 1.40", inputs=installed)


class Silence:
    """Progress that nobody sees."""

    def stage(self, name: str, work: str) -> None:
        """Say nothing."""

    def done(self, name: str, result: str) -> None:
        """Say nothing."""
