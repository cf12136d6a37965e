"""What a worker does for one problem: load, solve, check, draw, and store with a record."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from solutionset.building.conditions import DATA, SEEDS
from solutionset.building.contents import Digests
from solutionset.building.freshness import CHECKED, DRAWN, Record, problem_folder, write_record
from solutionset.building.observe import Observer, merged
from solutionset.building.plan import ProblemPlan
from solutionset.building.stages import Stages
from solutionset.building.store import load_solution, save_figures, save_solution
from solutionset.model import SetEntry

Tell = Callable[[str, str], None]


@dataclass(frozen=True)
class ProblemWork:
    """One problem of which something is stale, and the conditions for its records."""

    root: Path
    output: Path
    plan: ProblemPlan
    set_entry: SetEntry
    checking: dict[str, str]
    drawing: dict[str, str]

    @property
    def folder(self) -> Path:
        """Where its results are kept."""
        return Path(problem_folder(str(self.output), self.plan.entry.name))

    def without_data(self) -> "ProblemWork":
        """Return the work for a problem that does not depend on the user's data."""
        checking, drawing = (
            {word: what for word, what in conditions.items() if word != DATA}
            for conditions in (self.checking, self.drawing)
        )
        return replace(self, checking=checking, drawing=drawing)


def solve_problem(work: ProblemWork, stages: Stages, tell: Tell) -> int:
    """Redo what is stale of a problem; return the number of its claims.

    `tell` hears of each stage. Raises what the stages raise; then a stage that failed has no
    record, so that it is redone.
    """
    entry, root = work.plan.entry, str(work.root)
    observer = Observer(work.root, apart=(work.output,))
    with observer.watching() as read:
        tell(entry.name, "solving")
        problem = stages.solve(stages.load(entry))
        if work.plan.check:
            tell(entry.name, "checking")
            checked = stages.check(problem, entry, work.set_entry, SEEDS)
    inputs = read.inputs(root)
    if problem.data is None:
        work = work.without_data()
    if work.plan.check:
        _record(work, CHECKED, work.checking, inputs, save_solution(checked, work.folder))
    else:
        checked = load_solution(work.folder)
    if work.plan.draw:
        tell(entry.name, "drawing")
        figures = _emptied(work.folder / "figures")
        with observer.watching() as drawn_from:
            illustrated = stages.draw(checked, problem, figures)
        files = save_figures(illustrated.figures, work.folder)
        _record(work, DRAWN, work.drawing, merged(inputs, drawn_from.inputs(root)), files)
    return len(checked.claims)


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _record(
    work: ProblemWork,
    stage: str,
    conditions: dict[str, str],
    inputs: dict[str, str],
    files: tuple[Path, ...],
) -> None:
    output = str(work.output)
    outputs = Digests(output).all_of([os.path.relpath(file, output) for file in files])
    write_record(str(work.folder / f"{stage}.record"), Record(conditions, inputs, {}, outputs))
