"""Waiting for files to change, and building in forked copies of a process that stays as it began.

What takes time to import is loaded once. No build runs in the process that waits, so that nothing
an author's module does outlives its build.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from solutionset.building.conditions import Conditions
from solutionset.building.contents import CACHE, Digests
from solutionset.building.find import FRAME
from solutionset.errors import EnvironmentFault

ENGINE = Path(__file__).resolve().parents[1]

# Milliseconds: a change is told once this long nothing more has changed, or after the longest time.
_REST = 15
_LONGEST = 200
_START = 200


def changes(folders: tuple[Path, ...], output: Path) -> Iterator[frozenset[Path]]:
    """Yield the files that changed below the folders, as soon as they have come to rest.

    At first an empty set is yielded, to say that from now on no change is missed: what happens
    while the caller is busy is told next. Hidden files, leavings of editors and `output` do not
    count. Raises EnvironmentFault where watchfiles is missing.
    """
    if not is_installed():
        raise EnvironmentFault(
            "the package watchfiles, which `watch` needs, is not installed",
            code="package",
            advice="pip install watchfiles",
        )
    import watchfiles

    looking = watchfiles.watch(
        *folders,
        watch_filter=watchfiles.DefaultFilter(ignore_paths=[output]),
        step=_REST,
        debounce=_LONGEST,
        rust_timeout=_START,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    yield frozenset(Path(path) for _, path in next(looking))
    for found in looking:
        if found:
            yield frozenset(Path(path) for _, path in found)


def is_installed() -> bool:
    """Say whether changes can be heard of."""
    try:
        import watchfiles  # noqa: F401
    except ModuleNotFoundError:
        return False
    return True


def watched_folders(root: Path, output: Path, data: Path | None) -> tuple[Path, ...]:
    """Return where inputs lie: the folders of a course, borrowed frame, engine, data."""
    own = [path for path in sorted(root.iterdir()) if path.is_dir() and path.name[0] not in "._"]
    others = (FRAME, ENGINE, *((data,) if data else ()))
    folders = dict.fromkeys(path for path in (*own, *others) if path != output and path.is_dir())
    return tuple(folders)


def read_ahead(root: Path, output: Path) -> None:
    """Take in what builds of the course will look at again, so that only changes cost time."""
    from solutionset.building.coverage import checked_strings, coverage
    from solutionset.building.lint import read_ahead as parse
    from solutionset.building.store import Damaged, load_solution
    from solutionset.building.typeset import ask_tex

    ask_tex()
    parse(root / "templates")
    for tex in sorted(output.glob("*.tex")):
        coverage(tex.read_text("utf-8"), frozenset())
    for folder in sorted((output / CACHE / "problems").glob("*/*")):
        with suppress(Damaged, OSError):
            coverage("", checked_strings(load_solution(folder)))


def loaded_engine() -> dict[str, str]:
    """Return what identifies the engine, its packages and TeX on disk: all are asked only once."""
    return Conditions(Digests(str(ENGINE))).of_rendering("")


def in_a_copy(work: Callable[[], int]) -> int:
    """Run `work` in a forked copy of this process and return the exit code that it gives.

    An interruption reaches both; the copy is waited for, so that it leaves things in order.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        status = 70
        try:
            status = work()
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except KeyboardInterrupt:
        os.waitpid(pid, 0)
        raise


def start_again() -> None:
    """Replace this process by a new one with the same command line."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
