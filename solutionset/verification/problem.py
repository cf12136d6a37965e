"""What a module hands over: a problem, its solution, figures and pitfalls."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from solutionset.calculus.matrix import Mat
from solutionset.errors import AuthorError, Place, UsageError, here
from solutionset.model import AuditRow, Erratum
from solutionset.verification.claims import Claim
from solutionset.verification.instances import Instance
from solutionset.verification.verdicts import Survivor


@dataclass(frozen=True)
class Figure:
    """A figure: `draw(axes, data)` on Matplotlib axes, `data(rng)` the numbers it shows.

    `panels` axes stand side by side; `alt` says in words what is to be seen.
    """

    name: str
    draw: Callable[..., None]
    data: Callable[[np.random.Generator], object]
    alt: str
    caption: str
    width: float = 5.4
    height: float = 2.6
    panels: int = 1


@dataclass(frozen=True)
class Pitfall:
    """A tempting mistake: the wrong formula for a claim, and what it would cause.

    `wrong` is a function without arguments that builds the formula, since some do not even type.
    """

    name: str
    text: str
    claim: str
    wrong: Callable[[], Mat]
    place: Place = field(default_factory=here, kw_only=True, compare=False)


@dataclass(frozen=True)
class Solution:
    """What `solve` returns: everything the template may print."""

    claims: tuple[Claim, ...]
    figures: tuple[Figure, ...] = ()
    instances: tuple[Instance, ...] = ()
    pitfalls: tuple[Pitfall, ...] = ()
    errata: tuple[Erratum, ...] = ()
    audit: tuple[AuditRow, ...] = ()
    prose: tuple[str, ...] = ()
    survivors: tuple[Survivor, ...] = ()

    def __post_init__(self) -> None:
        """Refuse one thing where several are listed: (claim) is no tuple, (claim,) is."""
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if not isinstance(value, tuple | list):
                raise AuthorError(
                    f"{name}= of a solution is a single {type(value).__name__}",
                    code="solution",
                    place=here(),
                    wanted="a tuple, as in (claim,)",
                )


@dataclass(frozen=True)
class Data:
    """What the user of a build has beside the course: the folder given as --data, or None."""

    folder: Path | None

    def read(self, name: str, *, digest: str, limit: int) -> bytes:
        """The content of a file of at most `limit` bytes below the folder, compared with its
        published `digest`, as "md5:0cc1...".

        Raises UsageError if there is no such file, if it is larger, or if it is another one.
        """
        path = Path(self.folder or "", name)
        if not path.is_file():
            raise UsageError(f"--data: there is no {path}", code="data")
        if path.stat().st_size > limit:
            raise UsageError(
                f"--data: {path} is too large", code="data", wanted=f"at most {limit} bytes"
            )
        content = path.read_bytes()
        algorithm, _, wanted = digest.partition(":")
        got = hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()
        if got != wanted:
            raise UsageError(
                f"--data: {path} is not the published file",
                code="data",
                got=f"{algorithm} {got}",
                wanted=wanted,
            )
        return content


@dataclass(frozen=True)
class Problem:
    """A problem: its title, its question on the sheet, and the function that solves it.

    `data` is set by the engine for a module whose `problem` is a function of `Data`.
    """

    title: str
    question: str
    source: str
    solve: Callable[[], Solution]
    data: Data | None = None

    def __post_init__(self) -> None:
        """Refuse the solution itself, which would be solved when the module is loaded."""
        if not callable(self.solve):
            raise AuthorError(
                f"solve= of a problem is a {type(self.solve).__name__}",
                code="solution",
                place=here(),
                wanted="the function itself, solve=solve",
            )
