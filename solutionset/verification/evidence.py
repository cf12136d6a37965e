"""Checks of claims whose evidence is a search, a count, a run or the claims of their parts."""

from collections.abc import Mapping

import numpy as np

from solutionset.calculus.matrix import Mat, Sym
from solutionset.errors import AuthorError, ClaimError
from solutionset.model import (
    CheckedClaim,
    CheckedLine,
    Hypothesis,
    MutantScore,
    Standing,
    Verdict,
)
from solutionset.notation.coefficients import coefficient_latex
from solutionset.notation.numbers import Quantity
from solutionset.verification.bench import Bench
from solutionset.verification.claims import Count, Experiment, Optimum, SetOf, Theorem
from solutionset.verification.evaluate import matrix_value
from solutionset.verification.mutants import Outcome, judge_matrix
from solutionset.verification.oracles import Array, Route, relative_error
from solutionset.verification.points import Point
from solutionset.verification.randomness import generator
from solutionset.verification.relations import read_printed
from solutionset.verification.search import least

# A search stops at rounding in the loss, which is the square root of that in the variable.
_SEARCH_TOLERANCE = 1e-7
_STARTS = 4


def check_optimum(claim: Optimum, bench: Bench, question: str) -> CheckedClaim:
    """The claimed minimiser attains the minimum, and an independent search finds nothing less."""
    points = bench.points(claim.computation)
    latex, read = read_printed(claim.minimiser, bench, claim.head.name)
    variable = bench.printer.matrix(Sym(claim.variable))
    worst = 0.0
    for point in points:
        here = _loss_at(point, claim, matrix_value(read, point))
        found = _search(point, claim, bench)
        worst = max(worst, abs(here - found) / max(abs(here), abs(found), 1e-12))
        if here > found + _SEARCH_TOLERANCE * max(1.0, abs(found)):
            raise _beaten(claim, bench, point, latex, here, found)
        if found > here + 1e-4 * max(1.0, abs(here)):
            raise ClaimError(
                f"{bench.entry}/{claim.head.name}: the search did not reach the claimed minimum",
                code="claim",
                place=claim.head.place,
                got=f"{found:.9g}",
                wanted=f"{here:.9g}",
            )
    lines = [CheckedLine(variable, "=", latex, claim.head.title)]
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
    shape = tuple(dim.name for dim in claim.variable.dims)
    return CheckedClaim(
        claim.head.name,
        claim.kind,
        question,
        claim.head.title,
        tuple(lines),
        f"{variable} = {latex}",
        shape,
        "",
        verdict,
    )


def _loss_at(point: Point, claim: Optimum | SetOf, value: Array) -> float:
    changed = {claim.variable: np.reshape(value, point.given[claim.variable].shape)}
    return float(np.real(point.forward(changed)[claim.computation.root.name]))


def _search(point: Point, claim: Optimum | SetOf, bench: Bench) -> float:
    return _found(point, claim, bench)[0]


def _found(point: Point, claim: Optimum | SetOf, bench: Bench) -> tuple[float, Array]:
    rng = generator(bench.entry, claim.head.name, point.seed, "search")
    root = claim.computation.root.name
    return least(
        lambda value: point.forward({claim.variable: value})[root],
        point.given[claim.variable].shape,
        rng,
        _STARTS,
    )


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


def _minimum_line(
    claim: Optimum, value: Mat, minimiser: Mat, points: tuple[Point, ...], bench: Bench
) -> CheckedLine:
    latex, read = read_printed(value, bench, claim.head.name)
    for point in points:
        here = _loss_at(point, claim, matrix_value(minimiser, point))
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
    computation = claim.computation
    best = [_loss_at(p, claim, matrix_value(claim.minimiser, p)) for p in points]

    def killed(mutant: Mat) -> bool:
        for point, least_value in zip(points, best, strict=True):
            with np.errstate(all="ignore"):
                value = matrix_value(mutant, point)
            if not np.all(np.isfinite(value)):
                return True
            if _loss_at(point, claim, value) > least_value + 1e-9 * max(1.0, abs(least_value)):
                return True
        return False

    leaves = computation.leaves
    outcome = judge_matrix(
        claim.minimiser,
        leaves,
        killed,
        bench.printer.matrix,
        bench.equality(computation.definitions),
    )
    if outcome.survivors:
        raise ClaimError(
            f"{bench.entry}/{claim.head.name}: other formulas attain the minimum as well",
            code="mutant",
            place=claim.head.place,
            details=tuple(f"survivor   {text}" for text in outcome.survivors[:4]),
        )
    return outcome


def check_set(claim: SetOf, bench: Bench, question: str) -> CheckedClaim:
    """Members attain the minimum, others do not, and what a search finds belongs to the set."""
    points = bench.points(claim.computation)
    refused = 0
    worst = 0.0
    for point in points:
        rng = generator(bench.entry, claim.head.name, point.seed, "members")
        minimum, place = _found(point, claim, bench)
        for _ in range(_STARTS):
            member = claim.member(point.given_by_name, rng)
            gap = _loss_at(point, claim, member) - minimum
            worst = max(worst, abs(gap) / max(1.0, abs(minimum)))
            if abs(gap) > _SEARCH_TOLERANCE * max(1.0, abs(minimum)):
                raise _set_error(claim, bench, "a member does not attain the minimum", gap)
            if not claim.belongs(point.given_by_name, member):
                raise _set_error(claim, bench, "a member is not recognised as one", gap)
            outsider = claim.outsider(point.given_by_name, rng)
            excess = _loss_at(point, claim, outsider) - minimum
            if excess <= 1e-6 or claim.belongs(point.given_by_name, outsider):
                raise _set_error(claim, bench, "something outside attains the minimum", excess)
            refused += 1
        if not claim.belongs(point.given_by_name, place):
            raise _set_error(claim, bench, "a search finds a minimiser outside the set", minimum)
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
    return CheckedClaim(
        claim.head.name,
        claim.kind,
        question,
        claim.head.title,
        (),
        "",
        (),
        claim.statement,
        verdict,
    )


def _set_error(claim: SetOf, bench: Bench, what: str, number: float) -> ClaimError:
    return ClaimError(
        f"{bench.entry}/{claim.head.name}: {what}",
        code="claim",
        place=claim.head.place,
        got=f"{number:.3g} above the minimum",
    )


def check_count(claim: Count, bench: Bench, question: str) -> CheckedClaim:
    """Every cell from the explicit list and from the closed form; edited cells are refused."""
    table: list[tuple[str, ...]] = []
    killed = 0
    for row in claim.rows:
        known = {symbol: row.sizes[symbol.name] for symbol in row.closed_form.free_symbols}
        value = row.closed_form.subs(known)
        if value != row.listed:
            raise ClaimError(
                f"{bench.entry}/{claim.head.name}: {row.label} counts differently in two ways",
                code="claim",
                place=claim.head.place,
                got=f"{value} by the closed form",
                wanted=f"{row.listed} by the list",
            )
        killed += sum(value != wrong for wrong in (row.listed + 1, row.listed - 1, row.listed * 10))
        form = coefficient_latex(row.closed_form)
        number = Quantity(row.listed, 1).latex
        table.append((row.label, form, number))
    verdict = Verdict(
        Standing.VERIFIED,
        Route.EXACT.value,
        0.0,
        0.0,
        len(claim.rows),
        (),
        len(claim.rows),
        MutantScore(killed, 0, 0, killed, 0),
        "equal",
    )
    return CheckedClaim(
        claim.head.name,
        claim.kind,
        question,
        claim.head.title,
        (),
        "",
        (),
        "",
        verdict,
        table=tuple(table),
    )


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
    values = tuple((name, quantity.latex) for name, quantity in measured.items())
    verdict = Verdict(
        Standing.VERIFIED,
        Route.INDEPENDENT_CODE.value,
        0.0,
        0.0,
        1,
        (),
        len(met),
        None,
        "none",
        note="measured: " + "; ".join(met),
    )
    return CheckedClaim(
        claim.head.name,
        claim.kind,
        question,
        claim.head.title,
        (),
        "",
        (),
        "",
        verdict,
        values=values,
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
        hypotheses=tuple(Hypothesis(text, "cannot be evaluated") for text in claim.hypotheses),
        note="rests on " + ", ".join(known[name].title for name in claim.parts),
    )
    return CheckedClaim(
        claim.head.name,
        claim.kind,
        question,
        claim.head.title,
        (),
        "",
        (),
        claim.statement,
        verdict,
    )
