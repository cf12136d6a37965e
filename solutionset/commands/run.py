"""Runs one command and turns whatever happens into messages on stderr and an exit code."""

import sys
import tempfile
import traceback
from pathlib import Path

from solutionset.building.contents import CACHE
from solutionset.building.faults import explain
from solutionset.cli import shown
from solutionset.commands.options import Options, parse
from solutionset.errors import InternalError, SolutionSetError

INTERRUPTED = 130


def run(arguments: list[str], root: str) -> int:
    """Run the command that the arguments name; return 0, or the smallest code of its errors."""
    output = Path(root) / "output"
    try:
        options = parse(arguments, Path(root))
        output = options.output
        errors = _errors_of(options)
    except KeyboardInterrupt:
        print("interrupted; what was finished is kept", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        errors = explain(error, Path(root))
    for one in errors:
        if isinstance(one, InternalError):
            one.details += (_keep_traceback(one, output),)
        print(shown(str(one)), file=sys.stderr)
    return min((one.exit_code for one in errors), default=0)


def _errors_of(options: Options) -> tuple[SolutionSetError, ...]:
    """Run a command; its results go to stdout, its errors are returned."""
    if options.command == "check":
        from solutionset.commands.checking import run
    elif options.command == "list":
        from solutionset.commands.listing import run
    elif options.command == "why":
        from solutionset.commands.why import run
    elif options.command == "new":
        from solutionset.commands.new import run
    else:
        from solutionset.commands.build import run
    return run(options)


def _keep_traceback(error: InternalError, output: Path) -> str:
    """Write the traceback to a file, for a report of the bug; return a sentence that names it."""
    text = "".join(traceback.format_exception(error))
    try:
        folder = output / CACHE
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.gettempdir())
    with tempfile.NamedTemporaryFile(
        "w", dir=folder, prefix="traceback-", suffix=".txt", delete=False
    ) as file:
        file.write(text)
    return f"this is a bug of solutionset, not of the problem; its traceback is in {file.name}"
