"""Claims run once more outside what their data were made to satisfy.

A hypothesis that the author states is recorded with what its absence does. What no one states, a
bare sampler or a fixed size, must not matter: a claim that breaks without it is refused.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import sympy as sp

from solutionset.errors import ClaimError, SolutionSetError
from solutionset.model import CheckedClaim, Hypothesis
from solutionset.verification.bench import Bench
from solutionset.verification.claims import Claim, Computed, Expansion, Limit, Order
from solutionset.verification.computation import Computation

Check = Callable[[Computed, Bench], None]
"""Checks a claim, apart from all others, and raises what is found."""


def with_hypotheses(
    checked: CheckedClaim, claim: Claim, bench: Bench, check: Check
) -> CheckedClaim:
    """Record what happens outside each stated hypothesis.

    Raises `ClaimError` for a claim that holds only on the data of a sampler without a hypothesis,
    only at a size that is fixed, or only between the bounds of a parameter.
    """
    if not isinstance(claim, Computed):
        return checked
    computation = claim.computation
    for unsaid, wanted, others in _unsaid(computation, _running(claim)):
        breaks = _first_break(claim, others, bench, check)
        if breaks is not None:
            raise _hidden(claim, bench, unsaid, wanted, breaks)
    found = tuple(
        Hypothesis(text, _told([_outside(claim, other, bench, check) for other in others]))
        for text, others in _stated(computation)
    )
    verdict = replace(checked.verdict, hypotheses=checked.verdict.hypotheses + found)
    return replace(checked, verdict=verdict)


def _stated(computation: Computation) -> Iterator[tuple[str, tuple[Computation, ...]]]:
    """The hypotheses in words, and the computations without each."""
    for tensor, text in computation.hypotheses:
        yield text, (computation.without(tensor),)
    for parameter in computation.parameters:
        if parameter.hypothesis:
            others = (computation.redrawn(parameter, other) for other in parameter.beyond)
            yield parameter.hypothesis, tuple(others)


def _running(claim: Computed) -> tuple[sp.Symbol, ...]:
    """The letter that tends to zero or to infinity in a claim, whose values mean nothing."""
    match claim:
        case Order() | Expansion():
            return (claim.step,)
        case Limit():
            return (claim.index,)
        case _:
            return ()


def _unsaid(
    computation: Computation, running: tuple[sp.Symbol, ...]
) -> Iterator[tuple[str, str, tuple[Computation, ...]]]:
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
            (computation.resized(dim, 1), computation.resized(dim, -1)),
        )
    if computation.free_dims:
        names = " and ".join(dim.name for dim in computation.free_dims)
        yield (
            f"at small sizes {names}",
            "a formula that is right for every size",
            (computation.enlarged,),
        )
    for parameter in computation.parameters:
        said = parameter.hypothesis or parameter.symbol in running
        for other in () if said else parameter.beyond:
            yield (
                f"where {parameter.name} is between {parameter.low:g} and {parameter.high:g}",
                f"a formula that is right for every {parameter.name}, or hypothesis='...' in its "
                "definition",
                (computation.redrawn(parameter, other),),
            )


def _first_break(
    claim: Computed, others: tuple[Computation, ...], bench: Bench, check: Check
) -> ClaimError | None:
    """How the claim fails in the first of these computations in which it can be evaluated."""
    for other in others:
        error = _outside(claim, other, bench, check)
        if error is None:
            return None
        if isinstance(error, ClaimError) and error.code in _FALSE:
            return error
    return None


_FALSE = ("claim", "definition")
"""What says that numbers differ; a sample that no one can draw says nothing."""


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
    except (SolutionSetError, ArithmeticError, ValueError, LookupError) as error:
        return error
    return None


def _told(errors: Sequence[Exception | None]) -> str:
    if any(isinstance(error, ClaimError) and error.code in _FALSE for error in errors):
        return "breaks"
    return "does not break" if None in errors else "cannot be evaluated"


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
