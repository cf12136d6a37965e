"""Checks of minima: a search finds nothing less, and of a set of minimisers nothing outside."""

import numpy as np

from solutionset.calculus.matrix import Mat, Sym
from solutionset.errors import ClaimError
from solutionset.model import (
    CheckedClaim,
    CheckedLine,
    MutantScore,
    Standing,
    Verdict,
)
from solutionset.verification.bench import Bench
from solutionset.verification.checked import checked_claim
from solutionset.verification.claims import Optimum, SetOf
from solutionset.verification.evaluate import matrix_value
from solutionset.verification.mutants import NOTHING, Outcome, judge_matrix, total
from solutionset.verification.oracles import (
    Array,
    Route,
    complex_step,
    is_analytic,
    relative_error,
)
from solutionset.verification.points import Point
from solutionset.verification.randomness import generator
from solutionset.verification.relations import read_printed
from solutionset.verification.search import descents

# A search stops at rounding in the loss, which is the square root of that in the variable.
_SEARCH_TOLERANCE = 1e-7
_STARTS = 4
# Descents that have come so close to the least value have settled the variable too.
_ARRIVED = 1e-13


def check_optimum(claim: Optimum, bench: Bench, question: str) -> CheckedClaim:
    """The claimed minimiser attains the minimum, and an independent search finds nothing less."""
    points = bench.points(claim.computation)
    printed = [read_printed(form, bench, claim.head.name) for form in claim.minimiser]
    read = tuple(form for _, form in printed)
    lines = [
        CheckedLine(bench.printer.matrix(Sym(variable)), "=", latex, claim.head.title)
        for variable, (latex, _) in zip(claim.variables, printed, strict=True)
    ]
    result = r",\qquad ".join(f"{line.left} = {line.right}" for line in lines)
    worst = max(_distance(claim, read, point, bench, result) for point in points)
    if claim.value is not None:
        lines.append(_minimum_line(claim, claim.value, read, points, bench))
    outcome = _worse(claim, points, bench)
    verdict = Verdict(
        Standing.VERIFIED,
        Route.INDEPENDENT_CODE.value,
        worst,
        _SEARCH_TOLERANCE,
        len(points),
        bench.seeds,
        len(lines),
        outcome.score,
        "equal",
    )
    only = claim.variables[0].dims if len(claim.variables) == 1 else ()
    return checked_claim(
        claim,
        question,
        verdict,
        lines=tuple(lines),
        result=result,
        shape=tuple(dim.name for dim in only),
    )


def _distance(
    claim: Optimum, minimiser: tuple[Mat, ...], point: Point, bench: Bench, latex: str
) -> float:
    """How far the claimed minimum is from the least value found; raises `ClaimError` if it is none.

    `latex` is the minimiser as it is printed.
    """
    here = _loss_at(point, claim, _values(minimiser, point))
    found, _ = _found(point, claim, bench, _STARTS, far=True)[0]
    # Each comparison is one that NaN fails.
    if not here <= found + _SEARCH_TOLERANCE * max(1.0, abs(found)):
        raise _beaten(claim, bench, point, latex, here, found)
    slope = _steepness(claim, _values(minimiser, point), point, bench)
    if not slope <= _SEARCH_TOLERANCE:
        raise _sloping(claim, bench, point, latex, slope)
    if not found <= here + 1e-4 * max(1.0, abs(here)):
        raise ClaimError(
            f"{bench.entry}/{claim.head.name}: the search did not reach the claimed minimum",
            code="search",
            place=claim.head.place,
            got=f"{found:.9g}",
            wanted=f"{here:.9g}",
        )
    return abs(here - found) / max(abs(here), abs(found), 1e-12)


def _values(forms: tuple[Mat, ...], point: Point) -> tuple[Array, ...]:
    return tuple(matrix_value(form, point) for form in forms)


def _loss_at(point: Point, claim: Optimum | SetOf, values: tuple[Array, ...]) -> float:
    changed = {
        variable: np.reshape(value, point.given[variable].shape)
        for variable, value in zip(claim.variables, values, strict=True)
    }
    return float(np.real(point.forward(changed)[claim.computation.root.name]))


def _found(
    point: Point, claim: Optimum | SetOf, bench: Bench, starts: int, *, far: bool
) -> tuple[tuple[float, tuple[Array, ...]], ...]:
    """What searches over all variables together find, lowest first: the values and the places."""
    rng = generator(bench.entry, claim.head.name, point.seed, "search")
    shape = (sum(point.given[variable].size for variable in claim.variables),)
    found = descents(lambda flat: _flat_loss(point, claim, flat), shape, rng, starts, far=far)
    if not found:
        raise ClaimError(
            f"{bench.entry}/{claim.head.name}: no search arrives where the loss has a value",
            code="search",
            place=claim.head.place,
            advice="let forward return a number for every value of the variables",
        )
    return tuple((value, _apart(point, claim, place)) for value, place in found)


def _flat_loss(point: Point, claim: Optimum | SetOf, flat: Array) -> Array:
    """The loss as a function of all variables in one vector; it takes complex numbers."""
    changed = dict(zip(claim.variables, _apart(point, claim, flat), strict=True))
    return point.forward(changed)[claim.computation.root.name]


def _apart(point: Point, claim: Optimum | SetOf, flat: Array) -> tuple[Array, ...]:
    shapes = [point.given[variable].shape for variable in claim.variables]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    parts = np.split(flat, ends[:-1])
    return tuple(part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))


def _steepness(claim: Optimum, values: tuple[Array, ...], point: Point, bench: Bench) -> float:
    """The slope of the loss at the claimed minimiser over that at a place nearby.

    It sees what the value cannot: beside a minimum the loss is as low in doubles. Zero where the
    loss has kinks, as it may have its minimum in one.
    """
    rng = generator(bench.entry, claim.head.name, point.seed, "slope")
    place = np.concatenate([np.ravel(np.real(value)) for value in values])
    beside = place + rng.standard_normal(place.size)

    def loss(flat: Array) -> Array:
        return _flat_loss(point, claim, flat)

    if not is_analytic(loss, beside):
        return 0.0
    here, there = (float(np.linalg.norm(complex_step(loss, at))) for at in (place, beside))
    return here / there if there > 0 else here


def _beaten(
    claim: Optimum, bench: Bench, point: Point, latex: str, here: float, found: float
) -> ClaimError:
    return ClaimError(
        f"{bench.entry}/{claim.head.name}: a search finds a smaller value than the claimed minimum",
        code="claim",
        place=claim.head.place,
        got=f"{here:.9g} at the claimed minimiser",
        wanted=f"at most {found:.9g}",
        details=(f"formula    {latex}", f"at         seed {point.seed}, {point.described}"),
    )


def _sloping(claim: Optimum, bench: Bench, point: Point, latex: str, slope: float) -> ClaimError:
    return ClaimError(
        f"{bench.entry}/{claim.head.name}: the loss still slopes at the claimed minimiser",
        code="claim",
        place=claim.head.place,
        got=f"{slope:.1e} of the slope beside it",
        wanted=f"at most {_SEARCH_TOLERANCE:.0e}",
        details=(f"formula    {latex}", f"at         seed {point.seed}, {point.described}"),
    )


def _minimum_line(
    claim: Optimum,
    value: Mat,
    minimiser: tuple[Mat, ...],
    points: tuple[Point, ...],
    bench: Bench,
) -> CheckedLine:
    latex, read = read_printed(value, bench, claim.head.name)
    for point in points:
        here = _loss_at(point, claim, _values(minimiser, point))
        stated = float(matrix_value(read, point).reshape(()))
        if relative_error(np.array(here), np.array(stated), point.scale) > 1e-9:
            raise ClaimError(
                f"{bench.entry}/{claim.head.name}: the minimum has another value",
                code="claim",
                place=claim.head.place,
                got=f"{stated:.9g}",
                wanted=f"{here:.9g}",
                details=(f"formula    {latex}",),
            )
    root = bench.printer.matrix(Sym(claim.computation.root))
    return CheckedLine(rf"\min {root}", "=", latex, "value of the minimum")


def _worse(claim: Optimum, points: tuple[Point, ...], bench: Bench) -> Outcome:
    """Wrong variants of each formula, the others held fixed, must lose."""
    if not bench.mutates:
        return NOTHING
    outcome = total(tuple(_worse_in(k, claim, points, bench) for k in range(len(claim.minimiser))))
    if outcome.survivors:
        raise ClaimError(
            f"{bench.entry}/{claim.head.name}: other formulas attain the minimum as well",
            code="mutant",
            place=claim.head.place,
            details=tuple(f"survivor   {text}" for text in outcome.survivors[:4]),
        )
    return outcome


def _worse_in(k: int, claim: Optimum, points: tuple[Point, ...], bench: Bench) -> Outcome:
    computation = claim.computation
    best = [_values(claim.minimiser, point) for point in points]
    minimum = [_loss_at(p, claim, values) for p, values in zip(points, best, strict=True)]

    def killed(mutant: Mat) -> bool:
        for point, values, least_value in zip(points, best, minimum, strict=True):
            with np.errstate(all="ignore"):
                value = matrix_value(mutant, point)
            if not np.all(np.isfinite(value)):
                return True
            changed = (*values[:k], value, *values[k + 1 :])
            if _loss_at(point, claim, changed) > least_value + 1e-9 * max(1.0, abs(least_value)):
                return True
        return False

    return judge_matrix(
        claim.minimiser[k],
        computation.leaves,
        killed,
        bench.printer.matrix,
        bench.equality(computation.definitions),
    )


def check_set(claim: SetOf, bench: Bench, question: str) -> CheckedClaim:
    """Members attain the minimum, others do not, and all that searches find belong to the set."""
    points = bench.points(claim.computation)
    worst = max(_gap(claim, point, bench) for point in points)
    refused = _STARTS * len(points)
    verdict = Verdict(
        Standing.VERIFIED,
        Route.INDEPENDENT_CODE.value,
        worst,
        _SEARCH_TOLERANCE,
        len(points),
        bench.seeds,
        1,
        MutantScore(refused, 0, 0, refused, 0),
        "none",
        note="members attain the minimum, a search finds only members, others are refused",
    )
    return checked_claim(claim, question, verdict, statement=claim.statement)


def _gap(claim: SetOf, point: Point, bench: Bench) -> float:
    """How far members are from the minimum; raises `ClaimError` unless the set is that of all."""
    rng = generator(bench.entry, claim.head.name, point.seed, "members")
    found = _found(point, claim, bench, bench.starts, far=False)
    minimum = found[0][0]
    scale = max(1.0, abs(minimum))
    worst = 0.0
    for _ in range(_STARTS):
        member = _together(claim.member(point.given_by_name, rng))
        gap = _loss_at(point, claim, member) - minimum
        worst = max(worst, abs(gap) / scale)
        # Each comparison is one that NaN fails.
        if not abs(gap) <= _SEARCH_TOLERANCE * scale:
            raise _set_error(claim, bench, "a member does not attain the minimum", gap)
        if not _belongs(claim, point, member):
            raise _set_error(claim, bench, "a member is not recognised as one", gap)
        outsider = _together(claim.outsider(point.given_by_name, rng))
        excess = _loss_at(point, claim, outsider) - minimum
        if not excess > 1e-6 or _belongs(claim, point, outsider):
            raise _set_error(claim, bench, "something outside attains the minimum", excess)
    for value, place in found:
        if value <= minimum + _ARRIVED * scale and not _belongs(claim, point, place):
            what = "a search finds a minimiser outside the set"
            raise _set_error(claim, bench, what, value - minimum)
    return worst


def _together(drawn: Array | tuple[Array, ...]) -> tuple[Array, ...]:
    return drawn if isinstance(drawn, tuple) else (drawn,)


def _belongs(claim: SetOf, point: Point, values: tuple[Array, ...]) -> bool:
    """What the author's function says; of one variable it takes the array itself."""
    return claim.belongs(point.given_by_name, values[0] if len(values) == 1 else values)


def _set_error(claim: SetOf, bench: Bench, what: str, number: float) -> ClaimError:
    return ClaimError(
        f"{bench.entry}/{claim.head.name}: {what}",
        code="claim",
        place=claim.head.place,
        got=f"{number:.3g} above the minimum",
    )
