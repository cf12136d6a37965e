"""Checks of claims whose evidence is a run or the claims of their parts."""

import math
from collections.abc import Mapping, Sequence

from solutionset.errors import AuthorError, ClaimError
from solutionset.model import (
    CheckedClaim,
    Hypothesis,
    Standing,
    Verdict,
)
from solutionset.notation.numbers import Quantity, reads_back
from solutionset.verification.bench import Bench
from solutionset.verification.checked import checked_claim
from solutionset.verification.claims import Experiment, Theorem
from solutionset.verification.oracles import Route
from solutionset.verification.randomness import generator
from solutionset.verification.recording import with_source


def check_experiment(claim: Experiment, bench: Bench, question: str) -> CheckedClaim:
    """Run once, with a generator of the claim's own name; every expectation must be met."""
    measured = claim.run(generator(bench.entry, claim.head.name))
    _only_quantities(claim, measured)
    met = claim.expect({name: quantity.value for name, quantity in measured.items()})
    if not met:
        raise AuthorError(
            f"experiment {claim.head.name} expects nothing of its numbers",
            code="experiment",
            place=claim.head.place,
            advice="say in `expect` what must hold",
        )
    failed = [text for text, holds in met.items() if not holds]
    if failed:
        numbers = ", ".join(f"{name} = {q.value:.6g}" for name, q in measured.items())
        raise ClaimError(
            f"{bench.entry}/{claim.head.name}: the run does not show that {failed[0]}",
            code="claim",
            place=claim.head.place,
            got=numbers,
        )
    _must_read_back(claim, measured, bench)
    _must_be_able_to_fail(claim, tuple(met), tuple(measured))
    values = tuple((name, quantity.latex) for name, quantity in measured.items())
    data = [f"data {name}, hash {digest[:16]}..." for name, digest in claim.data.items()]
    verdict = Verdict(
        Standing.VERIFIED,
        Route.INDEPENDENT_CODE.value,
        0.0,
        0.0,
        1,
        claim.seeds,
        len(met),
        None,
        "equal",
        note="; ".join(["measured: " + "; ".join(met), *data]),
    )
    if claim.recording is not None:
        verdict = with_source(verdict, claim.recording)
    return checked_claim(claim, question, verdict, values=values)


_OTHER_NUMBERS = (math.nan, 0.0, 1e9, -1e9)


def _must_be_able_to_fail(claim: Experiment, texts: Sequence[str], names: Sequence[str]) -> None:
    """Refuse expectations that are met whatever is measured. Some may look at more of the run than
    its numbers, so that one which depends on these is enough."""
    for number in _OTHER_NUMBERS:
        try:
            met = claim.expect(dict.fromkeys(names, number))
        except (ArithmeticError, ValueError):
            return  # it computes with the numbers, and not with any
        if not all(met.get(text) for text in texts):
            return
    raise AuthorError(
        f"experiment {claim.head.name} cannot fail to show that {texts[0]}",
        code="experiment",
        place=claim.head.place,
        wanted="an expectation that other numbers would not meet",
    )


def _only_quantities(claim: Experiment, measured: Mapping[str, object]) -> None:
    for name, value in measured.items():
        if not isinstance(value, Quantity):
            raise AuthorError(
                f"experiment {claim.head.name} returns {name} as {type(value).__name__}",
                code="experiment",
                place=claim.head.place,
                advice="return quantity(value, digits), so that its precision is stated",
            )


def _must_read_back(claim: Experiment, measured: Mapping[str, Quantity], bench: Bench) -> None:
    for name, quantity in measured.items():
        if not reads_back(quantity):
            raise ClaimError(
                f"{bench.entry}/{claim.head.name}: {name} reads back differently",
                code="read-back",
                place=claim.head.place,
                got=quantity.latex,
                wanted=f"{quantity.value:.17g} {quantity.unit}".strip(),
            )


def check_theorem(claim: Theorem, known: Mapping[str, CheckedClaim], question: str) -> CheckedClaim:
    """A theorem stands on its parts: each must be a claim that was checked."""
    missing = [name for name in claim.parts if name not in known]
    if missing or not claim.parts:
        raise AuthorError(
            f"theorem {claim.head.name} has no checked part called {missing[0]}"
            if missing
            else f"theorem {claim.head.name} has no computable part",
            code="theorem",
            place=claim.head.place,
            wanted=", ".join(known),
        )
    parts = [known[name].verdict for name in claim.parts]
    verdict = Verdict(
        Standing.VERIFIED,
        ", ".join(dict.fromkeys(p.oracle for p in parts)),
        max(p.worst_error for p in parts),
        max(p.tolerance for p in parts),
        sum(p.points for p in parts),
        parts[0].seeds,
        sum(p.steps for p in parts),
        None,
        "none",
        hypotheses=tuple(_in_words(text, parts) for text in claim.hypotheses),
        note="rests on " + ", ".join(known[name].title for name in claim.parts),
    )
    return checked_claim(claim, question, verdict, statement=claim.statement)


def _in_words(text: str, parts: Sequence[Verdict]) -> Hypothesis:
    """A hypothesis of a theorem is words; what its absence does is known if a part was run so."""
    runs = {h.without for part in parts for h in part.hypotheses if h.text == text}
    told = ("breaks", "does not break")
    return Hypothesis(
        text, next((outcome for outcome in told if outcome in runs), "cannot be evaluated")
    )
