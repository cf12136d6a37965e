"""`check`: the numbers against the formulas, without TeX; writes nothing in the output folder."""

import sys

from solutionset.building.checks import ProblemReport, check_problems
from solutionset.building.conditions import SEEDS
from solutionset.building.pipeline import counted
from solutionset.building.progress import progress_on
from solutionset.building.record import round_up
from solutionset.building.report import write_json, write_junit
from solutionset.building.stages import stages_with
from solutionset.building.targets import resolve
from solutionset.building.workers import bound_environment
from solutionset.commands.options import Options
from solutionset.errors import SolutionSetError


def run(options: Options) -> tuple[SolutionSetError, ...]:
    """Check; print a line for each claim that holds; return what went wrong."""
    bound_environment()
    scopes = resolve(options.targets, options.root)
    seeds = options.seeds or SEEDS
    with progress_on(sys.stderr, plain=options.plain) as progress:
        stages = stages_with(options.data)
        reports = check_problems(options.root, scopes, seeds, options.jobs, progress, stages)
    if options.json is not None:
        write_json(options.json, reports, seeds)
    if options.junit is not None:
        write_junit(options.junit, reports)
    for report in reports:
        _print(report)
    return tuple(error for report in reports for error in report.errors)


def _print(report: ProblemReport) -> None:
    for claim in report.claims:
        verdict = claim.verdict
        print(
            f"{report.name}/{claim.name}: {verdict.standing} by {verdict.oracle}, "
            f"worst error {round_up(verdict.worst_error):.0e} of {verdict.tolerance:.0e} allowed, "
            f"{counted(verdict.points, 'point')}"
        )
