"""load: the module of a problem -> the Problem it describes."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
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

    Two sets may have helpers of one name.
    """
    before = set(sys.modules)
    finder = _Helpers(folder)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file is not None and Path(file).is_relative_to(folder):
                del sys.modules[name]


class _Helpers(MetaPathFinder):
    """Finds the modules of a folder whose names begin with _, before any others of that name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a helper is; that there is none is heard by the observer as well."""
        if path is not None or not fullname.startswith("_"):
            return None
        file = self._folder / f"{fullname}.py"
        try:
            file.open("rb").close()
        except OSError:
            return None
        return spec_from_file_location(fullname, file, loader=_Source(fullname, str(file)))


class _Source(SourceFileLoader):
    """Runs a source file; byte code is trusted by second and size, which two edits can share."""

    def path_stats(self, path: str) -> dict[str, float]:
        """Refuse the question by which byte code is found and written."""
        raise OSError(path)
