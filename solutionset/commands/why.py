"""`why`: what a build would redo, and because of what; changes nothing."""

import json
import sys
from dataclasses import asdict

from solutionset.building.faults import explain
from solutionset.building.find import stray_templates
from solutionset.building.plan import Stale, Survey, stale_stages
from solutionset.building.workers import bound_environment
from solutionset.commands.build import buildable
from solutionset.commands.options import Options
from solutionset.errors import SolutionSetError


def run(options: Options) -> tuple[SolutionSetError, ...]:
    """Print a line for each thing that is stale; return what is wrong with the folders."""
    bound_environment()  # as a build would find it
    scopes = buildable(options)
    survey = Survey(options.root, options.output, options.data)
    errors: list[SolutionSetError] = []
    rows: list[Stale] = []
    if not options.targets:
        errors += stray_templates(options.root)
    for slug in dict.fromkeys(scope.set_slug for scope in scopes):
        try:
            rows += stale_stages(survey.plan(slug, options.views))
        except Exception as error:
            errors += explain(error, options.root)
    if options.as_json:
        print(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False))
    for row in () if options.as_json else rows:
        print(f"{row.name}: {', '.join(row.stages)}, as {'; '.join(row.because)}")
    if not rows and not errors:
        print("nothing is stale", file=sys.stderr)
    return tuple(errors)
