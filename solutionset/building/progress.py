"""What the build is doing, for who waits: a live line on a terminal, else plain lines."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

_ERASE = "\r\x1b[K"


class Progress(Protocol):
    """Where the stages report to."""

    def stage(self, name: str, work: str) -> None:
        """`work` ("checking") has begun on `name` ("set/problem", or a document)."""

    def done(self, name: str, result: str) -> None:
        """All work on `name` is finished, or has failed, as `result` says in a few words."""


class _Clock:
    """How long each thing has been at work."""

    def __init__(self) -> None:
        self._began: dict[str, float] = {}

    def start(self, name: str) -> None:
        self._began.setdefault(name, time.monotonic())

    def stop(self, name: str) -> str:
        """Return "(1.2 s)", or nothing for what was never begun; a set ends all its documents."""
        mine = [other for other in self._began if f"{other} ".startswith(f"{name} ")]
        seconds = [time.monotonic() - self._began.pop(other) for other in mine]
        return f"  ({max(seconds):.1f} s)" if seconds else ""

    def running(self) -> list[str]:
        """Return what has begun and not ended."""
        return list(self._began)


class PlainProgress:
    """One line for each stage and each result, in the order in which they happen."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._clock = _Clock()

    def stage(self, name: str, work: str) -> None:
        """Print a line."""
        self._clock.start(name)
        print(f"{name}: {work}", file=self._stream, flush=True)

    def done(self, name: str, result: str) -> None:
        """Print a line, with the time since the first stage."""
        print(f"{name}: {result}{self._clock.stop(name)}", file=self._stream, flush=True)


class LiveProgress:
    """A line for each thing that is finished, with its time, and a live one for what goes on."""

    def __init__(self, stream: TextIO, width: int) -> None:
        self._stream = stream
        self._width = width
        self._clock = _Clock()
        self._work: dict[str, str] = {}

    def stage(self, name: str, work: str) -> None:
        """Replace the live line."""
        self._clock.start(name)
        self._work[name] = work
        self._show(self._going(), end="")

    def done(self, name: str, result: str) -> None:
        """Put a finished line above the live one."""
        self._show(f"{name}  {result}{self._clock.stop(name)}", end="\n")
        self._show(self._going(), end="")

    def _going(self) -> str:
        return ", ".join(f"{name}  {self._work[name]} ..." for name in self._clock.running())

    def _show(self, text: str, end: str) -> None:
        # a line that wraps could not be erased again
        self._stream.write(f"{_ERASE}{text[: self._width - 1]}{end}")
        self._stream.flush()


@contextmanager
def progress_on(stream: TextIO, *, plain: bool) -> Iterator[Progress]:
    """Report to a stream: live if it is a terminal and `plain` is not wished.

    What is printed to stdout meanwhile, by an author's module for instance, goes to stderr, since
    stdout carries results only.
    """
    stdout, sys.stdout = sys.stdout, sys.stderr
    try:
        if plain or not stream.isatty():
            yield PlainProgress(stream)
        else:
            import shutil

            try:
                yield LiveProgress(stream, shutil.get_terminal_size().columns)
            finally:
                stream.write(_ERASE)
    finally:
        sys.stdout = stdout
