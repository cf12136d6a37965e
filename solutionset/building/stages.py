"""The arrows of the pipeline that import something heavy; each is imported when it is first needed.

They stand together so that a test can put others in their place.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from solutionset.errors import UsageError
from solutionset.model import (
    CheckedSolution,
    Document,
    Entry,
    Fragment,
    IllustratedSolution,
    Pdf,
    SetEntry,
    View,
)

if TYPE_CHECKING:
    from solutionset.authoring import Problem


def _prepare() -> None:
    """Import what all problems need, so that forked workers have it loaded."""
    import gc

    import solutionset.authoring
    import solutionset.verification.checking  # noqa: F401

    gc.collect()
    gc.freeze()  # a collection in a worker would write to, and so copy, all of these pages


def _prepare_documents() -> None:
    """Import what all problems and documents of a build need once checked, and warm it up."""
    import solutionset.building.render
    import solutionset.building.typeset  # noqa: F401
    from solutionset.building.draw import warm_up

    warm_up()


def _load(entry: Entry, data: Path | None = None) -> "Problem":
    from solutionset.building.load import load

    return load(entry, data)


def stages_with(data: Path | None, *, use_format: bool = True) -> "Stages":
    """Return the stages for a user who has a folder of data, or None; raises UsageError.

    Without a format TeX reads the preamble at every pass.
    """
    if data is not None and not data.is_dir():
        raise UsageError(f"--data: there is no folder {data}", code="data")
    typeset = _typeset if use_format else _typeset_plainly
    return Stages(load=partial(_load, data=data), typeset=typeset)


def _solve(problem: "Problem") -> "Problem":
    """Return the problem with its solution derived once and for all."""
    solution = problem.solve()
    return replace(problem, solve=lambda: solution)


def _check(
    problem: "Problem", entry: Entry, set_entry: SetEntry, seeds: tuple[int, ...]
) -> CheckedSolution:
    from solutionset.verification.checking import check

    return check(problem, entry, set_entry.config, seeds)


def _draw(checked: CheckedSolution, problem: "Problem", folder: Path) -> IllustratedSolution:
    from solutionset.building.draw import draw

    return draw(checked, problem, folder)


def _render(
    illustrated: IllustratedSolution,
    entry: Entry,
    set_entry: SetEntry,
    view: View,
    templates: Path,
    kept: Path,
) -> Fragment:
    from solutionset.building.render import render

    return render(illustrated, entry, set_entry.config, view, templates, kept)


def _assemble(
    fragments: tuple[Fragment, ...],
    solutions: tuple[IllustratedSolution, ...],
    set_entry: SetEntry,
    view: View,
    templates: Path,
    kept: Path,
) -> Document:
    from solutionset.building.render import assemble

    return assemble(fragments, solutions, set_entry, view, templates, kept)


def _typeset(document: Document, output: Path, cache: Path) -> Pdf:
    from solutionset.building.typeset import typeset

    return typeset(document, output, cache=cache)


def _typeset_plainly(document: Document, output: Path, cache: Path) -> Pdf:
    from solutionset.building.typeset import typeset

    return typeset(document, output, cache=cache, use_format=False)


@dataclass(frozen=True)
class Stages:
    """What leads from an entry to a PDF; each raises the errors of its own kind."""

    prepare: Callable[[], None] = _prepare
    prepare_documents: Callable[[], None] = _prepare_documents
    load: Callable[[Entry], "Problem"] = _load
    solve: Callable[["Problem"], "Problem"] = _solve
    check: Callable[["Problem", Entry, SetEntry, tuple[int, ...]], CheckedSolution] = _check
    draw: Callable[[CheckedSolution, "Problem", Path], IllustratedSolution] = _draw
    render: Callable[[IllustratedSolution, Entry, SetEntry, View, Path, Path], Fragment] = _render
    assemble: Callable[
        [
            tuple[Fragment, ...],
            tuple[IllustratedSolution, ...],
            SetEntry,
            View,
            Path,
            Path,
        ],
        Document,
    ] = _assemble
    typeset: Callable[[Document, Path, Path], Pdf] = _typeset
