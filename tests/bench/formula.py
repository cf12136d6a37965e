"""What a formula of the bench is."""

from collections.abc import Callable
from dataclasses import dataclass

from solutionset.verification.claims import Chain, Derived


@dataclass(frozen=True)
class Formula:
    """A claim that is derived when `claim` is called; `stuck` says why it has no matrix form."""

    name: str
    claim: Callable[[], Derived]
    stuck: str = ""


@dataclass(frozen=True)
class Stated:
    """An identity that is stated and not derived."""

    name: str
    claim: Callable[[], Chain]
