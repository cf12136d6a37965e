"""Which files a piece of work reads: heard, not declared."""

import glob
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import Any

from solutionset.building.contents import FOLDER, VARIABLE, digest_path, digest_variable

# Reading that happens elsewhere cannot be heard: what rests on it is never fresh.
_ELSEWHERE = {
    "os.exec": "a program that it runs",
    "os.fork": "a process that it starts",
    "os.forkpty": "a process that it starts",
    "os.posix_spawn": "a program that it runs",
    "os.spawn": "a program that it runs",
    "os.system": "a program that it runs",
    "socket.connect": "the network",
    "sqlite3.connect": "a database",
    "subprocess.Popen": "a program that it runs",
}
# Questions about a file that no audit event tells of; those of os.path and pathlib end here, too.
_QUESTIONS = [(os, "stat"), (os, "lstat"), (os, "access")]
if hasattr(glob, "_StringGlobber"):  # from Python 3.13 on it keeps the function that it found
    _QUESTIONS.append((glob._StringGlobber, "lstat"))
_ABLE = (os.supports_dir_fd, os.supports_follow_symlinks, os.supports_effective_ids, os.supports_fd)
_BETWEEN = (__name__, "os", "collections.abc")
_SYSTEM = ("/bin/", "/dev/", "/etc/", "/lib/", "/proc/", "/sys/", "/usr/", "/var/cache/")


class Reads:
    """What was read within a block, each with the content that it had when it was opened."""

    def __init__(self) -> None:
        self.first: dict[str, str] = {}
        self.written: set[str] = set()

    def inputs(self, root: str) -> dict[str, str]:
        """Return the content keys by name; "", which is never fresh, for what changed since.

        What was opened is known only then; had it been edited while it was read, nobody could say
        which of the two was used. A variable is changed by nobody but the work itself.
        """
        found = {}
        for name, digest in self.first.items():
            sure = digest and (
                name[0] == VARIABLE or digest_path(os.path.join(root, name)) == digest
            )
            found[name] = digest if sure else ""
        return found


class Observer:
    """Hears every `open` of the interpreter; one lives as long as the process.

    An import without byte code is an `open` too; an audit hook cannot be taken away. What belongs
    to Python, its packages, the engine, the system, hidden folders elsewhere, or the output folder
    is no part of a course. Whether a file exists, and how long it is, is heard where an author's
    module asks. Not heard are libraries that open files by themselves, without Python, dates, and
    what the entries of `os.scandir` tell beyond their names.
    """

    def __init__(self, root: Path, apart: tuple[Path, ...]) -> None:
        self._roots = (f"{root}{os.sep}", f"{root.resolve()}{os.sep}")
        engine = Path(__file__).resolve().parent.parent
        away = (engine, Path(sys.prefix), Path(sys.base_prefix), Path(os.__file__).parent, *apart)
        apart_from = [f"{path.resolve()}{os.sep}" for path in away]
        # what holds the course, as the folder of a Python may, is not apart from what lies in it
        self._around = tuple(path for path in apart_from if self._roots[1].startswith(path))
        self._apart = tuple(path for path in apart_from if path not in self._around)
        self._reads: Reads | None = None
        sys.addaudithook(self._hear)

    @contextmanager
    def watching(self) -> Iterator[Reads]:
        """Collect what is read within the block: names relative to the root, or absolute ones."""
        reads = Reads()
        self._reads = reads
        with ExitStack() as stack:
            stack.callback(setattr, self, "_reads", None)
            for holder, question in _QUESTIONS:
                stack.enter_context(_telling(holder, question, self._asked))
            stack.enter_context(_telling(type(os.environ), "__getitem__", self._asked_variable))
            stack.enter_context(_telling(type(os.environ), "__setitem__", self._set_variable))
            yield reads

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        reads = self._reads
        if reads is None:
            return
        self._reads = None  # what follows opens files itself
        try:
            if event == "open":
                self._opened(reads, arguments)
            elif event in ("os.listdir", "os.scandir"):
                if "importlib" not in sys._getframe(1).f_code.co_filename:  # it looks everywhere
                    self._note(reads, arguments[0] or ".")
            elif event == "os.mkdir":
                reads.written.add(self._name(arguments[0]))
            elif event in _ELSEWHERE and self._by_author():
                reads.first[_ELSEWHERE[event]] = ""
        finally:
            self._reads = reads

    def _asked(self, path: object, *_: object, dir_fd: int | None = None, **__: object) -> None:
        """Hear a question about a path: what an author's module may learn is its content.

        Of a folder it learns only that it is one; else any file written in it would be a change.
        Beside `dir_fd` there is nothing to hear, since that folder was opened.
        """
        reads = self._reads
        if reads is None or dir_fd is not None:
            return
        self._reads = None
        try:
            name = self._name(path) if self._by_author() else ""
            if not name:
                return
            full = os.path.join(self._roots[0], name)
            try:
                mode = os.stat(full).st_mode
            except OSError:
                mode = stat.S_IFREG
            if stat.S_ISREG(mode):
                self._note(reads, full)
            elif not stat.S_ISDIR(mode):
                reads.first[name] = ""  # to read a pipe would change it, or never end
            elif name not in reads.written and not self._holds_root(full):
                reads.first.setdefault(f"{name}{os.sep}", FOLDER)
        finally:
            self._reads = reads

    def _asked_variable(self, _: object, key: object) -> None:
        """Hear that a variable is read: by an author's line itself, as packages read many."""
        reads = self._reads
        if reads is None or not isinstance(key, str | bytes) or not self._by_author_directly():
            return
        self._reads = None
        name = os.fsdecode(key)
        if VARIABLE + name not in reads.written:
            reads.first.setdefault(VARIABLE + name, digest_variable(name))
        self._reads = reads

    def _set_variable(self, _: object, key: object, value: object) -> None:
        if self._reads is not None and isinstance(key, str | bytes):
            self._reads.written.add(VARIABLE + os.fsdecode(key))

    def _opened(self, reads: Reads, arguments: tuple[object, ...]) -> None:
        path, _, flags = arguments
        if isinstance(flags, int) and flags & (os.O_TRUNC | os.O_EXCL):
            reads.written.add(self._name(path))  # what it holds follows from the rest
        else:
            self._note(reads, path)

    def _note(self, reads: Reads, path: object) -> None:
        name = self._name(path)
        if name and name not in reads.first and name not in reads.written:
            root = self._roots[0]
            reads.first[name] = digest_path(os.path.join(root, name))

    def _name(self, path: object) -> str:
        """Return the name of a file in a record; "" if it is no part of a course.

        A link keeps its own name, as it may be turned to another file.
        """
        if not isinstance(path, str | bytes | os.PathLike):
            return ""
        full = os.path.join(os.getcwd(), os.fsdecode(path))
        if os.pardir not in full.split(os.sep):
            full = os.path.normpath(full)
        real = f"{os.path.realpath(full)}{os.sep}"
        if real.startswith(self._apart):
            return ""
        if real.startswith(self._around) and not real.startswith(self._roots[1]):
            return ""
        for root in self._roots:
            if full.startswith(root):
                return _source_of(full.removeprefix(root))
        return "" if full.startswith(_SYSTEM) or f"{os.sep}." in full else _source_of(full)

    def _holds_root(self, folder: str) -> bool:
        return any(root.startswith(f"{folder}{os.sep}") for root in self._roots)

    def _by_author(self) -> bool:
        """Return whether a module of the course is among the callers."""
        frame: FrameType | None = sys._getframe(2)
        while frame is not None:
            if self._is_authors(frame):
                return True
            frame = frame.f_back
        return False

    def _by_author_directly(self) -> bool:
        """Return whether a module of the course calls, with nothing but `os.environ` between."""
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and frame.f_globals.get("__name__") in _BETWEEN:
            frame = frame.f_back
        return frame is not None and self._is_authors(frame)

    def _is_authors(self, frame: FrameType) -> bool:
        file = frame.f_code.co_filename
        return file.startswith(self._roots) and not file.startswith(self._apart)


@contextmanager
def _telling(holder: Any, question: str, hear: Callable[..., None]) -> Iterator[None]:
    """Let a function of `holder` tell what it is called with, within the block."""
    kept, original = vars(holder)[question], getattr(holder, question)

    @wraps(original)
    def heard(*arguments: Any, **keywords: Any) -> Any:
        hear(*arguments, **keywords)
        return original(*arguments, **keywords)

    able = [functions for functions in _ABLE if original in functions]
    for functions in able:
        functions.add(heard)
    setattr(holder, question, staticmethod(heard) if isinstance(kept, staticmethod) else heard)
    try:
        yield
    finally:
        setattr(holder, question, kept)
        for functions in able:
            functions.discard(heard)


def _source_of(name: str) -> str:
    """Return the source of a file of byte code: when that is read, the source is what counts."""
    folder, file = os.path.split(name)
    if os.path.basename(folder) != "__pycache__" or not file.endswith(".pyc"):
        return name
    return os.path.join(os.path.dirname(folder), f"{file.partition('.')[0]}.py")


def merged(first: dict[str, str], second: dict[str, str]) -> dict[str, str]:
    """Return the inputs of two pieces of work; what they saw differently is never fresh."""
    differ = {name for name in first.keys() & second.keys() if first[name] != second[name]}
    return first | second | dict.fromkeys(differ, "")
