"""Verdicts of equalities: the record of a comparison, and what becomes of surviving mutants."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from solutionset.errors import AuthorError, ClaimError, Place
from solutionset.model import Standing, Verdict
from solutionset.verification.mutants import Outcome


@dataclass(frozen=True)
class Survivor:
    """A mutant that an author accepts as no error, with the reason that the ledger prints."""

    claim: str
    formula: str
    reason: str


@dataclass(frozen=True)
class Measurement:
    """What a comparison found: its route, worst error, number of points and of steps."""

    route: str
    worst_error: float
    tolerance: float
    points: int
    seeds: tuple[int, ...]
    steps: int


def equality_verdict(
    claim: str,
    place: Place,
    measured: Measurement,
    outcome: Outcome,
    accepted: Mapping[str, str],
    symmetric: tuple[str, ...] = (),
) -> Verdict:
    """The verdict of an equality; raises `ClaimError` for a survivor without a written reason.

    `claim` is the full name for messages, `accepted` the reasons by the formula of the survivor;
    one that no longer survives raises `AuthorError`. `symmetric` names the tensors that hid a
    transpose by being symmetric in all data.
    """
    unexplained = [text for text in outcome.survivors if text not in accepted]
    if unexplained:
        raise ClaimError(
            f"{claim}: {len(unexplained)} wrong variants pass the check",
            code="mutant",
            place=place,
            details=tuple(f"survivor   {text}" for text in unexplained[:4]),
            advice=_advice(symmetric),
        )
    stale = sorted(set(accepted) - set(outcome.survivors))
    if stale:
        raise AuthorError(
            f"{claim}: a listed survivor does not survive",
            code="survivor",
            place=place,
            got=stale[0],
            advice="take it out of `survivors`",
        )
    verdict = Verdict(
        standing=Standing.VERIFIED,
        oracle=measured.route,
        worst_error=measured.worst_error,
        tolerance=measured.tolerance,
        points=measured.points,
        seeds=measured.seeds,
        steps=measured.steps,
        mutants=outcome.score,
        read_back="equal",
    )
    if not accepted:
        return verdict
    reasons = "; ".join(f"${text}$: {accepted[text]}" for text in outcome.survivors)
    return replace(verdict, note=f"equal variants: {reasons}")


def _advice(symmetric: tuple[str, ...]) -> str:
    if symmetric:
        return (
            f"{' and '.join(symmetric)} is symmetric in all data, which hides transposes: draw it "
            "general, and assume symmetry in a step of its own, rules=(symmetric(...),)"
        )
    return (
        "draw more general data, or list the variant in `survivors` with the reason why it is no "
        "error"
    )
