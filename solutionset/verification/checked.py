"""What every check makes in the end: a claim with all that may be printed of it."""

from solutionset.model import CheckedClaim, CheckedLine, Verdict
from solutionset.verification.claims import Claim


def checked_claim(
    claim: Claim,
    question: str,
    verdict: Verdict,
    *,
    lines: tuple[CheckedLine, ...] = (),
    result: str = "",
    shape: tuple[str, ...] = (),
    statement: str = "",
    values: tuple[tuple[str, str], ...] = (),
    table: tuple[tuple[str, ...], ...] = (),
) -> CheckedClaim:
    """The claim as it may be printed; a kind leaves out what it does not print."""
    return CheckedClaim(
        claim.head.name,
        claim.kind,
        question,
        claim.head.title,
        lines,
        result,
        shape,
        statement,
        verdict,
        values,
        table,
    )
