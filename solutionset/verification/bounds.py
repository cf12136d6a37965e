"""The check of bounds: sampled on many points, and attained, so that a stronger one would fail."""

from functools import partial

import numpy as np

from solutionset.calculus.tensors import ONE, Tensor
from solutionset.errors import ClaimError
from solutionset.model import CheckedClaim, CheckedLine, MutantScore
from solutionset.verification.bench import Bench
from solutionset.verification.by_forward import ByForward
from solutionset.verification.checked import checked_claim
from solutionset.verification.claims import Bound
from solutionset.verification.computation import Sampler
from solutionset.verification.evaluate import matrix_value
from solutionset.verification.mutants import Outcome
from solutionset.verification.oracles import Array, Route
from solutionset.verification.points import Point
from solutionset.verification.relations import read_printed, shape_names
from solutionset.verification.verdicts import Measurement

_ROUNDING = 1e-12
_ATTAINED = 1e-9

Sides = tuple[float, float]
"""The values of the left and of the right side in one entry at one point."""


def check_bound(claim: Bound, bench: Bench, question: str) -> CheckedClaim:
    """Sampled on many points, and attained, so that a stronger bound would fail; entry by entry.

    A bound by a quotient is attained up to the slack of the claim. Where the left side is zero
    everywhere, so that the right side is claimed not to be negative, it is attained at zero.
    """
    left, left_read = read_printed(claim.left, bench, claim.head.name)
    right, right_read = read_printed(claim.right, bench, claim.head.name)
    formula = rf"{left} \le {right}"

    if right_read.shape not in (left_read.shape, (ONE, ONE)):
        raise ClaimError(
            f"{bench.entry}/{claim.head.name}: the sides have different shapes",
            code="shape",
            place=claim.head.place,
            details=(f"formula    {formula}",),
        )

    def sides(point: Point) -> list[Sides]:
        values = ByForward(point, {})
        small = np.ravel(np.real(matrix_value(left_read, values)))
        large = np.broadcast_to(np.ravel(np.real(matrix_value(right_read, values))), small.shape)
        return list(zip(small.tolist(), large.tolist(), strict=True))

    points = bench.many_points(claim.computation) + _around_tight(claim, bench)
    sampled: list[Sides] = []
    for point in points:
        for pair in sides(point):
            if not _holds(pair):
                raise _false(claim, bench, formula, point, pair)
            sampled.append(pair)
    tight = bench.tight_points(claim.computation, claim.tight, claim.head.name)
    special = [pair for point in tight for pair in sides(point)]
    if any(small for small, _ in sampled):
        survivors = _stronger_quotient(claim, bench, special, left, right)
    else:
        survivors = _other_sign(claim, bench, sampled, special, right)
    score = MutantScore(1, 0, 0, 1 - len(survivors), len(survivors))
    measured = Measurement(
        Route.INDEPENDENT_CODE.value, 0.0, _ROUNDING, len(points) + len(tight), bench.seeds, 1
    )
    verdict = bench.verdict(claim.head.name, claim.head.place, measured, Outcome(score, survivors))
    return checked_claim(
        claim,
        question,
        verdict,
        lines=(CheckedLine(left, r"\le", right, claim.head.title),),
        result=formula,
        shape=shape_names(claim.left),
    )


def _around_tight(claim: Bound, bench: Bench) -> tuple[Point, ...]:
    """Points beside those that attain the bound, where a bound of these data alone is exceeded.

    Only tensors without a hypothesis are moved: they may take any value.
    """
    free = {t: s for t, s in claim.tight.items() if t not in claim.computation.samplers}
    points: tuple[Point, ...] = ()
    if not free:
        return points
    for name, stretch, shake in _MOVES:
        moved = {t: partial(_moved, s, stretch, shake) for t, s in free.items()}
        samplers: dict[Tensor, Sampler] = {**claim.tight, **moved}
        points += bench.tight_points(claim.computation, samplers, f"{claim.head.name}/{name}")
    return points


_MOVES = (("longer", 3.0, 0.0), ("shorter", 0.5, 0.0), ("beside", 1.0, 0.1), ("farther", 1.0, 1.0))


def _moved(
    sampler: Sampler,
    stretch: float,
    shake: float,
    rng: np.random.Generator,
    shape: tuple[int, ...],
) -> Array:
    drawn = np.asarray(sampler(rng, shape))
    return np.asarray(stretch * drawn + shake * rng.standard_normal(shape))


def _holds(pair: Sides) -> bool:
    small, large = pair
    return small <= large + _ROUNDING * max(abs(small), abs(large))


def _false(claim: Bound, bench: Bench, formula: str, point: Point, pair: Sides) -> ClaimError:
    small, large = pair
    quotient = f"left / right = {small / large:.6g}" if min(small, large) > 0 else f"{small:.6g}"
    return ClaimError(
        f"{bench.entry}/{claim.head.name}: the bound does not hold",
        code="claim",
        place=claim.head.place,
        got=f"{quotient} at seed {point.seed}, {point.described}",
        wanted="at most 1" if min(small, large) > 0 else f"at most {large:.6g}",
        details=(f"formula    {formula}",),
        advice=f"replay with: python build.py check {bench.entry}/{claim.head.name} "
        f"--seed {point.seed}",
    )


def _stronger_quotient(
    claim: Bound, bench: Bench, special: list[Sides], left: str, right: str
) -> tuple[str, ...]:
    """The bound smaller by twice the slack, if the tight data do not refuse it."""
    reached = max(small / large if large > 0 else 0.0 for small, large in special)
    if not 1 - claim.slack <= reached <= 1 + _ATTAINED:
        raise _loose(claim, bench, f"left / right = {reached:.6g}", 1 - claim.slack, 1)
    factor = 1 - 2 * claim.slack - 1e-6
    return () if reached / factor > 1 else (rf"{left} \le {factor:.3g} {right}",)


def _other_sign(
    claim: Bound, bench: Bench, sampled: list[Sides], special: list[Sides], right: str
) -> tuple[str, ...]:
    """The other sign, if no sample refuses it; zero must be attained by the tight data."""
    size = max(abs(large) for _, large in sampled)
    least = min(large for _, large in special)
    if least > _ATTAINED * max(size, 1e-300):
        raise _loose(claim, bench, f"right = {least:.6g}", 0, 0)
    return () if size > 0 else (rf"{right} \le 0",)


def _loose(claim: Bound, bench: Bench, got: str, low: float, high: float) -> ClaimError:
    wanted = f"between {low:.6g} and {high:.6g}" if low < high else f"{low:.6g}"
    return ClaimError(
        f"{bench.entry}/{claim.head.name}: the data meant to attain the bound do not",
        code="loose",
        place=claim.head.place,
        got=got,
        wanted=wanted,
    )
