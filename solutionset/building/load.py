"""load: the module of a problem -> the Problem it describes, and the project files it read."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from inspect import isfunction
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from solutionset.building.faults import author_place, missing_package, python_error
from solutionset.building.settoml import read_text
from solutionset.errors import AuthorError, Place, SolutionSetError
from solutionset.model import Entry

if TYPE_CHECKING:
    from solutionset.authoring import Problem


def load(entry: Entry, data: Path | None = None) -> "Problem":
    """Run the module of a problem and return its attribute `problem`, or what that returns for the
    user's `data` if it is a function.

    Raises AuthorError at the author's line if the module cannot be run or describes no problem, and
    EnvironmentFault if a package of the engine is missing.
    """
    return _problem_of(run_module(entry), entry, data)


def run_module(entry: Entry) -> ModuleType:
    """Run the module of a problem, under a name that no import statement can spell.

    Modules of the same folder whose names begin with _ can be imported while it runs. Raises
    AuthorError at the author's line, or EnvironmentFault if a package of the engine is missing.
    """
    source = read_text(entry.module)
    module = ModuleType(f"<problem {entry.name}>")
    module.__file__ = str(entry.module)
    sys.modules[module.__name__] = module  # where dataclasses look for their annotations
    with _authors_errors(entry), _helpers_of(entry.module.parent):
        code = compile(source, str(entry.module), "exec", dont_inherit=True)
        exec(code, module.__dict__)
    return module


@contextmanager
def _authors_errors(entry: Entry) -> Iterator[None]:
    """Turn whatever an author's code raises into an error at its line."""
    root = entry.module.parent.parent.parent
    try:
        yield
    except SolutionSetError as error:
        raise error.at(author_place(error, root) or Place(entry.module)) from error
    except (Exception, SystemExit) as error:
        fault = missing_package(error)
        place = author_place(error, root) or Place(entry.module)
        raise fault or python_error(error, place) from error


def _problem_of(module: ModuleType, entry: Entry, data: Path | None) -> "Problem":
    authoring = sys.modules.get("solutionset.authoring")  # whoever has a Problem has imported it
    problem: Problem | None = getattr(module, "problem", None)
    given = None
    if authoring is not None and isfunction(problem):
        given = authoring.Data(data)
        with _authors_errors(entry):
            problem = problem(given)
    if authoring is not None and isinstance(problem, authoring.Problem):
        found: Problem = replace(problem, data=given)
        return found
    raise AuthorError(
        "the module describes no problem",
        code="python",
        place=Place(entry.module),
        got="no name `problem`" if problem is None else f"problem = {problem!r:.60}",
        wanted="problem = Problem(...)",
    )


@contextmanager
def _helpers_of(folder: Path) -> Iterator[None]:
    """Let the private modules of a folder be imported, and forget them afterwards.

    Two sets may have helpers of one name. No byte code is written for them: it is trusted by
    second and size, which two quick edits can share.
    """
    before = set(sys.modules)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        sys.dont_write_bytecode = written
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file is not None and Path(file).is_relative_to(folder):
                del sys.modules[name]


# --------------------------------------------------------------------------- observation


class Observer:
    """Names the project files that are read while it watches; one lives as long as the process.

    It hears every `open` of the interpreter, which an import without byte code is too; an audit
    hook cannot be taken away, so there is one, made when first needed.
    """

    def __init__(self, root: Path, apart: tuple[Path, ...], data: Path | None = None) -> None:
        self._root = f"{root.resolve()}{os.sep}"
        self._watched = (self._root, *((f"{data.resolve()}{os.sep}",) if data else ()))
        engine = Path(__file__).resolve().parent.parent
        away = (engine, Path(sys.prefix), *apart)
        self._apart = tuple(f"{path.resolve()}{os.sep}" for path in away)
        self._read: set[str] | None = None
        sys.addaudithook(self._hear)

    @contextmanager
    def watching(self) -> Iterator[set[str]]:
        """Collect the names of the files read within the block: relative to the root, and of the
        user's data absolute."""
        read: set[str] = set()
        self._read = read
        try:
            yield read
        finally:
            self._read = None

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event != "open" or self._read is None:
            return
        path, _, flags = arguments
        if not isinstance(path, str | bytes | os.PathLike) or not isinstance(flags, int):
            return
        name = os.path.realpath(os.fsdecode(path))
        writes = flags & (os.O_WRONLY | os.O_RDWR)
        if not writes and name.startswith(self._watched) and not name.startswith(self._apart):
            self._read.add(_source_of(name).removeprefix(self._root))


def _source_of(name: str) -> str:
    """Return the source of a file of byte code: when that is read, the source is what counts."""
    folder, file = os.path.split(name)
    if os.path.basename(folder) != "__pycache__" or not file.endswith(".pyc"):
        return name
    return os.path.join(os.path.dirname(folder), f"{file.partition('.')[0]}.py")
