"""Everything that can go wrong, by whose fault it is; the exit code follows from the class.

SolutionSetError
├── ClaimError         1   a formula is false, a mutant survived, definitions differ from forward
├── UsageError         2   the command line names something that is not there
├── AuthorError        3   an author's file is broken: Python, template, set.toml, figure
├── TexError           4   TeX failed or is missing, or solution text leaked into a questions view
├── EnvironmentFault   5   output not writable, disk full, package missing, lock held
└── InternalError     70   a bug of the engine

Each carries the place in the author's file, what was got, what was wanted and what to do next, and
prints as ``path:line: error[code]: message`` followed by those lines.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


@dataclass(frozen=True)
class Place:
    """A line of a file that an author wrote; line 0 stands for the whole file."""

    path: Path
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else str(self.path)

    def below(self, root: Path) -> "Place":
        """Return the place with its whole path, where the path is relative to `root`."""
        return Place(root / self.path, self.line)


def here() -> Place:
    """The line of the author's module that is being executed."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(
        "solutionset"
    ):
        frame = frame.f_back
    return Place(Path(frame.f_code.co_filename), frame.f_lineno)


class SolutionSetError(Exception):
    """The root of the tree; never raised itself."""

    exit_code: ClassVar[int] = 70

    def __init__(
        self,
        message: str,
        *,
        code: str,
        place: Place | None = None,
        got: str = "",
        wanted: str = "",
        advice: str = "",
        details: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.place = place
        self.got = got
        self.wanted = wanted
        self.advice = advice
        self.details = details

    def __reduce__(self) -> tuple[object, ...]:
        """Let an error come back from a worker as it is; keyword arguments would not."""
        return type(self).__new__, (type(self), self.message), self.__dict__

    def at(self, place: Place) -> "SolutionSetError":
        """Give the error a place, unless it already knows a closer one; return it."""
        if self.place is None:
            self.place = place
        return self

    def __str__(self) -> str:
        head = f"error[{self.code}]: {self.message}"
        if self.place is not None:
            head = f"{self.place}: {head}"
        labelled = (("got", self.got), ("wanted", self.wanted), ("do", self.advice))
        rows = [f"  {row}" for row in self.details]
        rows += [f"  {label:<7}{text}" for label, text in labelled if text]
        return "\n".join([head, *rows])


class ClaimError(SolutionSetError):
    """A printed statement is not what the independent computation says."""

    exit_code = 1


class UsageError(SolutionSetError):
    """The command line asks for something that does not exist or is ambiguous."""

    exit_code = 2


class AuthorError(SolutionSetError):
    """A problem module, template, figure or set.toml cannot be used as it stands."""

    exit_code = 3


class TexError(SolutionSetError):
    """TeX refused the document, is missing, or the finished document is not fit to publish."""

    exit_code = 4


class EnvironmentFault(SolutionSetError):
    """The machine, not the author, stands in the way."""

    exit_code = 5


class InternalError(SolutionSetError):
    """A state the engine holds to be impossible: a bug of ours."""

    exit_code = 70


class Failures(Exception):
    """Several errors reported together; the exit code is the smallest of theirs."""

    def __init__(self, errors: tuple[SolutionSetError, ...]) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = errors

    @property
    def exit_code(self) -> int:
        """The smallest exit code among the errors."""
        return min(error.exit_code for error in self.errors)
