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
from solutionset.errors import ClaimError, Place, SolutionSetError, UsageError
from solutionset.model import Overfull

_PATIENCE = 5.0
_MOST_SHOWN = 5  # a set that is being written has a hundred unchecked formulas


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
        _remark_overfull(overfull, options.root)
    _remark_unchecked(outcome.unchecked, options.root)
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


def _remark_overfull(overfull: Overfull, root: Path) -> None:
    origin = overfull.origin
    place = Place(Path(origin.path), origin.line) if origin else None
    message = f"the line sticks out by {overfull.points:.1f} pt\n  {overfull.context}"
    _warn("overfull", place, message, root)


def _remark_unchecked(unchecked: tuple[ClaimError, ...], root: Path) -> None:
    """Say what makes documents drafts: the first few, and how many there are."""
    for one in unchecked[:_MOST_SHOWN]:
        found = f"\n  {one.got}" if one.got else ""
        _warn("unchecked", one.place, f"{one.message}{found}", root)
    if unchecked:
        what = f"{len(unchecked)} in all, so that PDFs say DRAFT; --strict refuses and lists them"
        _warn("unchecked", None, what, root)


def _warn(code: str, place: Place | None, message: str, root: Path) -> None:
    before = f"{place.below(root)}: " if place else ""
    print(shown(f"{before}warning[{code}]: {message}"), file=sys.stderr)
    if annotations.wanted(os.environ):
        print(annotations.warning(place, message, root, os.environ), file=sys.stderr)
