"""Runs one command and turns whatever happens into messages on stderr and an exit code."""

import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from solutionset.building.contents import CACHE
from solutionset.building.faults import explain
from solutionset.cli import shown
from solutionset.commands import annotations
from solutionset.commands.options import Options, parse
from solutionset.errors import InternalError, SolutionSetError

INTERRUPTED = 130
UNREAD = 141  # as other programs that SIGPIPE ends


def run(arguments: list[str], root: str) -> int:
    """Run the command that the arguments name; return 0, or the smallest code of its errors."""
    try:
        options = parse(arguments, Path(root))
    except Exception as error:
        return _report(explain(error, Path(root)), Path(root), Path(root) / "output")
    return carry_out(_errors_of, options)


def carry_out(work: Callable[[Options], tuple[SolutionSetError, ...]], options: Options) -> int:
    """Do what the options ask for, report what goes wrong, and return the exit code."""
    try:
        errors = work(options)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads what is printed has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except KeyboardInterrupt:
        print("interrupted; what was finished is kept", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        errors = explain(error, options.root)
    return _report(errors, options.root, options.output)


def _report(errors: tuple[SolutionSetError, ...], root: Path, output: Path) -> int:
    for one in errors:
        if one.place is not None:
            one.place = one.place.below(root)
        if isinstance(one, InternalError):
            one.details += (_keep_traceback(one, output),)
        print(shown(str(one)), file=sys.stderr)
        if annotations.wanted(os.environ):
            print(annotations.error(one, root, os.environ), file=sys.stderr)
    return min((one.exit_code for one in errors), default=0)


def _errors_of(options: Options) -> tuple[SolutionSetError, ...]:
    """Run a command; its results go to stdout, its errors are returned."""
    if options.command == "check":
        from solutionset.commands.checking import run
    elif options.command == "list":
        from solutionset.commands.listing import run
    elif options.command == "why":
        from solutionset.commands.why import run
    elif options.command == "watch":
        from solutionset.commands.watch import run
    elif options.command == "new":
        from solutionset.commands.new import run
    else:
        from solutionset.commands.build import run
    return run(options)


def _keep_traceback(error: InternalError, output: Path) -> str:
    """Write the traceback to a file, for a report of the bug; return a sentence that names it."""
    text = "".join(traceback.format_exception(error))
    said = "this is a bug of solutionset, not of the problem; its traceback "
    for folder in (output / CACHE, Path(tempfile.gettempdir())):
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            return f"{said}is in {_written(text, folder)}"
    return f"{said}fits on no disk:\n{text}"


def _written(text: str, folder: Path) -> str:
    """Return the path of a new file in the folder that holds all of the text, or raise OSError."""
    with tempfile.NamedTemporaryFile(
        "w", dir=folder, prefix="traceback-", suffix=".txt", delete=False
    ) as file:
        try:
            file.write(text)
            file.flush()
        except OSError:
            os.unlink(file.name)
            raise
    return file.name
