"""`build`: the PDFs of the targets, one path a line."""

import os
import sys
from pathlib import Path

from solutionset.building.pipeline import BuildRequest, Outcome, build
from solutionset.building.profile import Profile
from solutionset.building.progress import progress_on
from solutionset.building.record import locked
from solutionset.building.stages import stages_with
from solutionset.building.targets import Scope, resolve
from solutionset.building.workers import bound_environment
from solutionset.cli import shown
from solutionset.commands import annotations
from solutionset.commands.options import Options
from solutionset.errors import Place, SolutionSetError, UsageError
from solutionset.model import Overfull

_PATIENCE = 5.0


def run(options: Options) -> tuple[SolutionSetError, ...]:
    """Build; print the paths of the PDFs that are in order; return what went wrong."""
    outcome = built(options)
    for pdf in outcome.pdfs:
        print(shown(str(pdf)))
    return outcome.errors


def built(options: Options) -> Outcome:
    """Build, and show what is remarkable."""
    bound_environment()
    scopes = buildable(options)
    request = BuildRequest(
        root=options.root,
        output=options.output,
        scopes=scopes,
        whole=not options.targets,
        jobs=options.jobs,
        views=options.views,
        force=options.force,
        strict=options.strict,
        data=options.data,
    )
    profile = Profile()
    try:
        with (
            locked(options.output, patience=_PATIENCE),
            progress_on(sys.stderr, plain=options.plain) as progress,
        ):
            outcome = build(
                request,
                progress,
                profile.hear,
                stages_with(options.data, use_format=options.use_format),
            )
    finally:
        if options.profile is not None:
            profile.write(options.profile)
    for overfull in outcome.overfull:
        _remark(overfull, options.root)
    return outcome


def buildable(options: Options) -> tuple[Scope, ...]:
    """Return what the targets of a build mean; raises UsageError for a claim."""
    scopes = resolve(options.targets, options.root)
    for scope in scopes:
        if scope.claim:
            raise UsageError(
                f"{scope} is a claim, which can be checked but not built",
                code="target",
                advice=f"python build.py check {scope}",
            )
    return scopes


def _remark(overfull: Overfull, root: Path) -> None:
    origin = overfull.origin
    place = Place(Path(origin.path), origin.line) if origin else None
    message = f"the line sticks out by {overfull.points:.1f} pt\n  {overfull.context}"
    before = f"{place}: " if place else ""
    print(shown(f"{before}warning[overfull]: {message}"), file=sys.stderr)
    if annotations.wanted(os.environ):
        print(annotations.warning(place, message, root, os.environ), file=sys.stderr)
