"""Whose fault an exception is: an author's, the machine's, or ours."""

import errno
import traceback
from pathlib import Path

from solutionset.building.conditions import PACKAGES
from solutionset.errors import (
    AuthorError,
    EnvironmentFault,
    Failures,
    InternalError,
    Place,
    SolutionSetError,
)

_MACHINE = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the limit on the size of a file is reached",
    errno.EROFS: "the file system is read-only",
    errno.ENOMEM: "there is not enough memory",
    errno.EMFILE: "too many files are open",
}


def author_place(error: BaseException, root: Path) -> Place | None:
    """Return the innermost line of an author's file that led to the error, None if there is none.

    An author's file is one below `root/problems`. A SyntaxError names its line itself.
    """
    problems = (root / "problems").resolve()
    if isinstance(error, SyntaxError) and error.filename is not None:
        path = Path(error.filename)
        if path.resolve().is_relative_to(problems):
            return Place(path, error.lineno or 0)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.resolve().is_relative_to(problems):
            return Place(path, frame.lineno or 0)
    return None


def python_error(error: BaseException, place: Place) -> AuthorError:
    """Return the report of an exception that an author's line raised."""
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    name = type(error).__name__
    message = f"{name}: {text}" if text else name
    return AuthorError(message, code="python", place=place, advice=_importing(error, place))


def explain(
    error: Exception, root: Path, place: Place | None = None
) -> tuple[SolutionSetError, ...]:
    """Return the errors to report for an exception; an InternalError if it is a bug of the engine.

    `place` is the file that was being worked on; it serves errors that know no closer one.
    """
    if isinstance(error, Failures):
        return tuple(_at(one, author_place(one, root) or place) for one in error.errors)
    if isinstance(error, SolutionSetError):
        return (_at(error, author_place(error, root) or place),)
    fault = missing_package(error) or _machine_fault(error)
    if fault is not None:
        return (fault,)
    line = author_place(error, root)
    if line is not None:
        return (python_error(error, line),)
    if isinstance(error, OSError):
        return (EnvironmentFault(str(error), code="io"),)
    if isinstance(error, MemoryError):
        return (EnvironmentFault(_MACHINE[errno.ENOMEM], code="memory"),)
    if isinstance(error, ImportError) and not (error.name or "").startswith("solutionset"):
        return (_broken_package(error),)
    bug = InternalError(f"{type(error).__name__}: {error}", code="internal", place=place)
    bug.__cause__ = error
    return (bug,)


def missing_package(error: BaseException) -> EnvironmentFault | None:
    """Return a fault if the error is the absence of a package that the engine itself needs."""
    if not isinstance(error, ModuleNotFoundError) or error.name is None:
        return None
    package = error.name.partition(".")[0]
    if package not in PACKAGES:
        return None
    return EnvironmentFault(
        f"the Python package {package} is not installed in this interpreter",
        code="package",
        advice="run `make` once, then `.venv/bin/python build.py`",
    )


def _broken_package(error: ImportError) -> EnvironmentFault:
    """Return the fault of a package that is installed and cannot be imported all the same."""
    reason = str(error.__cause__ or error).strip()  # NumPy wraps it into a page of advice
    return EnvironmentFault(
        "a package of Python cannot be imported",
        code="package",
        got=reason.partition("\n")[0],
        advice="install it anew; where memory is limited (`ulimit -v`), allow for more",
    )


def _importing(error: BaseException, place: Place) -> str:
    """Return what to do about a module that was not found; "" for any other error."""
    if not isinstance(error, ModuleNotFoundError) or error.name is None:
        return ""
    name = error.name.partition(".")[0]
    beside = place.path.parent / f"{name}.py"
    if not name.startswith("_"):
        install = f"`python -m pip install {name}`, if a package of that name has it; "
        return f"{install}a module beside the problem can be imported if its name begins with _"
    if not beside.is_file():
        return f"create {beside}"
    return f"import {name} at the top of the module: within a function it is no longer found"


def _machine_fault(error: Exception) -> EnvironmentFault | None:
    if not isinstance(error, OSError) or error.errno not in _MACHINE:
        return None
    where = f"{error.filename}: " if error.filename else ""
    return EnvironmentFault(f"{where}{_MACHINE[error.errno]}", code="io")


def _at(error: SolutionSetError, place: Place | None) -> SolutionSetError:
    """Give an error the file that was being worked on, unless the file has no part in it."""
    if place is None or isinstance(error, EnvironmentFault):
        return error
    return error.at(place)
