"""Claims run once more outside what their data were made to satisfy.

A hypothesis that the author states is recorded with what its absence does. What no one states, a
bare sampler or a fixed size, must not matter: a claim that breaks without it is refused.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from solutionset.errors import ClaimError, SolutionSetError
from solutionset.model import CheckedClaim, Hypothesis
from solutionset.verification.bench import Bench
from solutionset.verification.claims import Claim, Computed
from solutionset.verification.computation import Computation

Check = Callable[[Computed, Bench], None]
"""Checks a claim, apart from all others, and raises what is found."""


def with_hypotheses(
    checked: CheckedClaim, claim: Claim, bench: Bench, check: Check
) -> CheckedClaim:
    """Record what happens outside each stated hypothesis.

    Raises `ClaimError` for a claim that holds only on the data of a sampler without a hypothesis,
    or only at a size that is fixed.
    """
    if not isinstance(claim, Computed):
        return checked
    computation = claim.computation
    for unsaid, wanted, others in _unsaid(computation):
        breaks = _first_break(claim, others, bench, check)
        if breaks is not None:
            raise _hidden(claim, bench, unsaid, wanted, breaks)
    found = tuple(
        Hypothesis(text, _told(_outside(claim, computation.without(tensor), bench, check)))
        for tensor, text in computation.hypotheses
    )
    verdict = replace(checked.verdict, hypotheses=checked.verdict.hypotheses + found)
    return replace(checked, verdict=verdict)


def _unsaid(computation: Computation) -> Iterator[tuple[str, str, tuple[Computation, ...]]]:
    """What data satisfy without a word, what to do about it, and the computations without it."""
    for tensor in computation.bare:
        yield (
            f"on the data that the sampler of {tensor.name} draws",
            f"samplers={{{tensor.name}: hypothesis('what the text assumes', draw)}}",
            (computation.without(tensor), computation.jittered(tensor)),
        )
    for dim, size in computation.fixed_sizes.items():
        yield (
            f"where {dim.name} is {size}",
            f"a formula that is right for every {dim.name}, or in sizes= what ties {dim.name} to "
            "other sizes, such as q: n.size - r.size",
            (computation.resized(dim),),
        )


def _first_break(
    claim: Computed, others: tuple[Computation, ...], bench: Bench, check: Check
) -> ClaimError | None:
    """How the claim fails in the first of these computations in which it can be evaluated."""
    for other in others:
        error = _outside(claim, other, bench, check)
        if error is None:
            return None
        if isinstance(error, ClaimError):
            return error
    return None


def _outside(
    claim: Computed, computation: Computation, bench: Bench, check: Check
) -> Exception | None:
    """What a check with another computation raises, none where the claim holds there too."""
    try:
        with np.errstate(all="ignore"):
            check(replace(claim, computation=computation), bench)
    except ClaimError as error:
        # A mutant may survive or a survivor be unexplained there; that says nothing of the claim.
        return None if error.code in ("mutant", "survivor") else error
    except (SolutionSetError, ArithmeticError, ValueError) as error:
        return error
    return None


def _told(error: Exception | None) -> str:
    if error is None:
        return "does not break"
    return "breaks" if isinstance(error, ClaimError) else "cannot be evaluated"


def _hidden(
    claim: Computed, bench: Bench, unsaid: str, wanted: str, found: ClaimError
) -> ClaimError:
    return ClaimError(
        f"{bench.entry}/{claim.head.name} holds only {unsaid}, which no one says",
        code="hypothesis",
        place=claim.head.place,
        got=found.message,
        wanted=wanted,
        details=found.details,
    )
