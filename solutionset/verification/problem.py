"""What a module hands over: a problem, its solution, figures and pitfalls."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solutionset.calculus.matrix import Mat
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


@dataclass(frozen=True)
class Problem:
    """A problem: its title, its question on the sheet, and the function that solves it."""

    title: str
    question: str
    source: str
    solve: Callable[[], Solution]
