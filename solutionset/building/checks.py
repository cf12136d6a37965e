"""The pipeline up to its gate: load and check, nothing drawn, nothing written, nothing reused."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from solutionset.building.faults import explain
from solutionset.building.find import find_set
from solutionset.building.profile import Moment
from solutionset.building.progress import Progress
from solutionset.building.settoml import nearest
from solutionset.building.stages import Stages
from solutionset.building.targets import Scope
from solutionset.building.workers import Task, Workers, longest_first
from solutionset.errors import Place, SolutionSetError, UsageError
from solutionset.model import CheckedClaim, Entry, SetEntry

if TYPE_CHECKING:
    from solutionset.authoring import Problem


@dataclass(frozen=True)
class ProblemReport:
    """What became of a problem, or of a set that cannot be read: claims that hold, or errors."""

    name: str
    claims: tuple[CheckedClaim, ...]
    errors: tuple[SolutionSetError, ...]


def check_problems(
    root: Path,
    scopes: tuple[Scope, ...],
    seeds: tuple[int, ...],
    jobs: int,
    progress: Progress,
    stages: Stages,
) -> tuple[ProblemReport, ...]:
    """Check every problem in scope afresh; one that fails does not keep the others from it."""
    reports: dict[str, ProblemReport] = {}
    tasks: list[Task] = []
    for slug in dict.fromkeys(scope.set_slug for scope in scopes):
        try:
            entry = find_set(root, slug)
        except Exception as error:
            reports[slug] = ProblemReport(slug, (), explain(error, root))
            continue
        for problem in entry.problems:
            asked = {
                scope.claim
                for scope in scopes
                if scope.set_slug == slug and scope.problem in ("", problem.slug)
            }
            if asked:
                reports[problem.name] = ProblemReport(problem.name, (), ())
                work = partial(_check, problem, entry, asked, seeds, stages)
                tasks.append(Task(problem.name, work, Place(problem.module)))
    if tasks:
        stages.prepare()
    with Workers(jobs, root, partial(_tell, progress)) as workers:
        for task in longest_first(tasks, jobs):
            workers.add(task)
        for ended in workers.ended():
            name = ended.task.name
            progress.done(name, "failed" if ended.errors else "holds")
            reports[name] = ProblemReport(name, ended.value or (), ended.errors)
    return tuple(reports.values())


def _tell(progress: Progress, now: Moment) -> None:
    if now.stage:
        progress.stage(now.name, now.stage)


def _check(
    problem: Entry,
    entry: SetEntry,
    asked: set[str],
    seeds: tuple[int, ...],
    stages: Stages,
    tell: Callable[[str, str], None],
) -> tuple[CheckedClaim, ...]:
    tell(problem.name, "solving")
    loaded = stages.solve(stages.load(problem))
    if "" not in asked:
        loaded = _restricted(loaded, problem.name, asked)
    tell(problem.name, "checking")
    return stages.check(loaded, problem, entry, seeds).claims


def _restricted(problem: "Problem", entry: str, names: set[str]) -> "Problem":
    """Return the problem with some of its claims only; raises UsageError if it lacks one of them.

    Whatever refers to claims goes too. The numbers stay the same, as they are drawn by name.
    """
    solution = problem.solve()
    known = tuple(claim.head.name for claim in solution.claims)
    for name in sorted(names.difference(known)):
        raise UsageError(
            f"{entry} makes no claim {name}",
            code="target",
            got=f"{entry}/{name}",
            wanted=f"one of {', '.join(known)}",
            advice=nearest(name, known),
        )
    chosen = tuple(claim for claim in solution.claims if claim.head.name in names)
    survivors = tuple(one for one in solution.survivors if one.claim in names)
    only = replace(
        solution,
        claims=chosen,
        survivors=survivors,
        figures=(),
        instances=(),
        pitfalls=(),
        errata=(),
        audit=(),
    )
    return replace(problem, solve=lambda: only)
