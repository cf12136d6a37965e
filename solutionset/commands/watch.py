"""`watch`: builds, and builds again whenever a file changes, until it is interrupted."""

import sys
import time
from pathlib import Path

from solutionset.building.stages import stages_with
from solutionset.building.watching import (
    changes,
    in_a_copy,
    loaded_engine,
    read_ahead,
    start_again,
    watched_folders,
)
from solutionset.building.workers import bound_environment
from solutionset.cli import shown
from solutionset.commands.build import buildable, built
from solutionset.commands.options import Options
from solutionset.commands.run import carry_out
from solutionset.errors import SolutionSetError


def run(options: Options) -> tuple[SolutionSetError, ...]:
    """Build at every change; each build shows its errors, and the last good PDFs stay."""
    bound_environment()
    buildable(options)  # a wrong target is an error at once
    engine = loaded_engine()
    stages = stages_with(options.data)
    stages.prepare()
    stages.prepare_documents()
    folders = watched_folders(options.root, options.output, options.data)
    waiting = changes(folders, options.output)
    next(waiting)
    _build(options)
    read_ahead(options.root, options.output)
    _say("watching; Ctrl-C ends it")
    for files in waiting:
        if loaded_engine() != engine:
            _say("the engine or a package has changed: starting again")
            start_again()
        first, *others = sorted(map(str, files))
        _say(f"{shown(first)}{f' and {len(others)} more' if others else ''} changed")
        _build(options)
    return ()


def _build(options: Options) -> None:
    began = time.monotonic()
    code = in_a_copy(lambda: carry_out(_new_ones, options))
    seconds = time.monotonic() - began
    if code:
        _say(f"failed after {seconds:.2f} s; the last good PDFs stay")
    else:
        _say(f"done in {seconds:.2f} s")


def _new_ones(options: Options) -> tuple[SolutionSetError, ...]:
    """Build, and print the paths of those PDFs that are not what they were."""
    before = _states(options.output)
    outcome = built(options)
    now = _states(options.output)
    for pdf in outcome.pdfs:
        if before.get(pdf) != now[pdf]:
            print(shown(str(pdf)))
    return outcome.errors


def _states(output: Path) -> dict[Path, tuple[int, int]]:
    """Return what tells that a PDF was replaced: its file, and when that was written."""
    states = ((path, path.stat()) for path in output.glob("*.pdf"))
    return {path: (status.st_ino, status.st_mtime_ns) for path, status in states}


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
