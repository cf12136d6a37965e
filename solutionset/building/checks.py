"""The pipeline up to its gate: load and check, nothing drawn, nothing written, nothing reused."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from solutionset.building.faults import explain
from solutionset.building.find import find_set
from solutionset.building.progress import Progress
from solutionset.building.settoml import nearest
from solutionset.building.stages import Stages
from solutionset.building.targets import Scope
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
    progress: Progress,
    stages: Stages,
) -> tuple[ProblemReport, ...]:
    """Check every problem in scope afresh; one that fails does not keep the others from it."""
    reports: list[ProblemReport] = []
    for slug in dict.fromkeys(scope.set_slug for scope in scopes):
        try:
            entry = find_set(root, slug)
        except Exception as error:
            reports.append(ProblemReport(slug, (), explain(error, root)))
            continue
        for problem in entry.problems:
            asked = tuple(
                scope
                for scope in scopes
                if scope.set_slug == slug and scope.problem in ("", problem.slug)
            )
            if not asked:
                continue
            progress.stage(problem.name, "solving and checking")
            report = _check(root, problem, entry, asked, seeds, stages)
            progress.done(problem.name, "failed" if report.errors else "holds")
            reports.append(report)
    return tuple(reports)


def _check(
    root: Path,
    problem: Entry,
    entry: SetEntry,
    asked: tuple[Scope, ...],
    seeds: tuple[int, ...],
    stages: Stages,
) -> ProblemReport:
    names = {scope.claim for scope in asked}
    try:
        loaded = stages.load(problem)
        if "" not in names:
            loaded = _restricted(loaded, problem.name, names)
        checked = stages.check(loaded, problem, entry, seeds)
        return ProblemReport(problem.name, checked.claims, ())
    except Exception as error:
        return ProblemReport(problem.name, (), explain(error, root, Place(problem.module)))


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
