"""Checks of claims that state a relation: chains, bounds, orders, limits, exact numbers."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import sympy as sp

from solutionset.calculus.matrix import Mat, One, Scaled, ShapeError, Sym, scaled
from solutionset.calculus.nodes import Head as Measured
from solutionset.calculus.nodes import Literal, Measure
from solutionset.calculus.tensors import ONE, Gradient, Jacobian
from solutionset.calculus.trees import walk
from solutionset.errors import ClaimError
from solutionset.model import CheckedClaim, CheckedLine, MutantScore
from solutionset.notation.letters import letter_latex
from solutionset.verification.bench import Bench, Spot, compare
from solutionset.verification.by_forward import ByForward
from solutionset.verification.checked import checked_claim
from solutionset.verification.claims import (
    Chain,
    Exact,
    Limit,
    Order,
)
from solutionset.verification.computation import Computation
from solutionset.verification.evaluate import matrix_value
from solutionset.verification.exact import exact_value
from solutionset.verification.mutants import NOTHING, Outcome, judge_matrix, total
from solutionset.verification.oracles import TOLERANCE, Array, Route, relative_error
from solutionset.verification.points import Point
from solutionset.verification.verdicts import Measurement


def read_printed(node: Mat, bench: Bench, claim: str) -> tuple[str, Mat]:
    """Print a formula of a claim and read the very string back."""
    latex = bench.printer.matrix(node)
    return latex, bench.read_mat(claim, latex, node)


def check_chain(claim: Chain, bench: Bench, question: str) -> CheckedClaim:
    """Each line against the value of the left side, which the author's `forward` computes."""
    points = bench.points(claim.computation)
    left, left_read = read_printed(claim.left, bench, claim.head.name)
    wanted = [matrix_value(left_read, ByForward(p, {})) for p in points]
    route = _route(claim.left, points)
    lines: list[CheckedLine] = []
    outcomes: list[Outcome] = []
    worst, tolerance = 0.0, TOLERANCE[route]
    for number, line in enumerate(claim.lines, start=1):
        latex, read = read_printed(line.value, bench, claim.head.name)
        _same_shape(claim, bench, latex, read, left_read, number)
        spot = Spot(claim.head.name, claim.head.place, number, line.because, latex)
        for point, array in zip(points, wanted, strict=True):
            got = matrix_value(read, point)
            worst = max(worst, compare(bench, spot, point, got, array, tolerance))
        outcomes.append(
            judged(line.value, claim.computation, bench, points, wanted, tolerance, left=claim.left)
        )
        lines.append(CheckedLine(left if number == 1 else "", "=", latex, line.because))
    outcome = total(tuple(outcomes))
    measured = Measurement(route.value, worst, tolerance, len(points), bench.seeds, len(lines))
    verdict = bench.verdict(claim.head.name, claim.head.place, measured, outcome)
    return checked_claim(
        claim,
        question,
        verdict,
        lines=tuple(lines),
        result=f"{left} = {lines[-1].right}",
        shape=shape_names(claim.left),
    )


def _route(left: Mat, points: tuple[Point, ...]) -> Route:
    """The route by which `forward` gives the left side: differentiated or simply called."""
    leaves = [node.leaf for node in walk(left) if isinstance(node, Sym)]
    routes = [
        point.oracle_gradient(leaf.of)[1]
        if isinstance(leaf, Gradient)
        else point.oracle_jacobian(leaf.of, leaf.wrt)[1]
        for leaf in leaves
        if isinstance(leaf, Gradient | Jacobian)
        for point in points
    ]
    if not routes:
        return Route.INDEPENDENT_CODE
    return Route.CENTRAL_DIFFERENCE if Route.CENTRAL_DIFFERENCE in routes else routes[0]


def _same_shape(claim: Chain, bench: Bench, latex: str, read: Mat, left: Mat, number: int) -> None:
    if read.shape != left.shape:
        raise ClaimError(
            f"{bench.entry}/{claim.head.name}, line {number}: the formula has another shape than "
            "its left side",
            code="shape",
            place=claim.head.place,
            details=(f"formula    {latex}",),
            got=" x ".join(d.name for d in read.shape),
            wanted=" x ".join(d.name for d in left.shape),
        )


def judged(
    form: Mat,
    computation: Computation,
    bench: Bench,
    points: tuple[Point, ...],
    wanted: list[Array],
    tolerance: float,
    left: Mat | None = None,
) -> Outcome:
    """Kill the mutants of one formula by numbers; formulas with measures have no normal form."""
    if not bench.mutates:
        return NOTHING
    leaves = computation.leaves

    def killed(mutant: Mat) -> bool:
        for point, array in zip(points, wanted, strict=True):
            with np.errstate(all="ignore"):
                got = matrix_value(mutant, point)
            if relative_error(got, array, point.scale) > tolerance:
                return True
        return False

    equality = bench.equality(computation.definitions)
    return judge_matrix(form, leaves, killed, bench.printer.matrix, equality, left)


def check_order(claim: Order, bench: Bench, question: str) -> CheckedClaim:
    """The slope of the logarithm of the left side against that of the step."""
    left, left_read = read_printed(claim.left, bench, claim.head.name)
    big_o = Measured(Measure.ORDER, Scaled(claim.step**claim.exponent, One()))
    right, right_read = read_printed(big_o, bench, claim.head.name)
    if right_read != big_o:
        raise ClaimError(
            f"{bench.entry}/{claim.head.name}: {right} reads back differently",
            code="read-back",
            place=claim.head.place,
        )
    slopes = [slope(left_read, claim.step, p) for p in bench.points(claim.computation)]
    worst = float(np.max(np.abs(np.array(slopes) - claim.exponent)))
    if not worst <= SLOPE_TOLERANCE:
        raise ClaimError(
            f"{bench.entry}/{claim.head.name}: the order is another one",
            code="claim",
            place=claim.head.place,
            got="measured slopes " + ", ".join(f"{found:.3f}" for found in slopes),
            wanted=str(claim.exponent),
            details=(f"formula    {left} = {right}",),
        )
    neighbours = (claim.exponent - 1, claim.exponent + 1)
    killed = sum(any(abs(s - n) > SLOPE_TOLERANCE for s in slopes) for n in neighbours)
    measured = Measurement(
        Route.INDEPENDENT_CODE.value, worst, SLOPE_TOLERANCE, len(slopes), bench.seeds, 1
    )
    survivors = () if killed == 2 else (f"{left} = O(another power)",)
    outcome = Outcome(MutantScore(2, 0, 0, killed, 2 - killed), survivors)
    verdict = bench.verdict(claim.head.name, claim.head.place, measured, outcome)
    line = CheckedLine(left, "=", right, claim.head.title)
    return checked_claim(
        claim,
        question,
        verdict,
        lines=(line,),
        result=f"{left} = {right}",
        shape=shape_names(claim.left),
    )


SLOPE_TOLERANCE = 0.1


def slope(left: Mat, step: sp.Symbol, point: Point) -> float:
    """Slope by least squares, over steps small for the leading term and large for doubles."""
    steps = 2.0 ** -np.arange(8, 15)
    sizes = []
    for size in steps:
        moved = ByForward(point.with_parameters({step.name: float(size)}), {})
        sizes.append(float(np.max(np.abs(matrix_value(left, moved)))))
    if min(sizes) <= 0:
        return float("inf")
    return float(np.polyfit(np.log(steps), np.log(sizes), 1)[0])


def check_limit(claim: Limit, bench: Bench, question: str) -> CheckedClaim:
    """The distance from the limit, divided by the claimed rate, along a growing sequence."""
    body, body_read = read_printed(claim.left, bench, claim.head.name)
    right, right_read = read_printed(claim.right, bench, claim.head.name)
    left = rf"\lim_{{{letter_latex(claim.index.name)} \to \infty}} {body}"
    points = bench.points(claim.computation)
    _rate_vanishes(claim, points, bench)
    # Bounded by what it is in the first half of the sequence, with room for rounding.
    growths = [_growth(_ratios(body_read, right_read, claim, point)) for point in points]
    worst = float(np.max(growths))
    if not worst < _RATE_SLACK:
        raise ClaimError(
            f"{bench.entry}/{claim.head.name}: the sequence does not converge as claimed",
            code="claim",
            place=claim.head.place,
            got=f"distance / rate grows {worst:.3g}-fold along the sequence",
            wanted=f"less than {_RATE_SLACK}-fold",
            details=(f"formula    {left} = {right}",),
        )
    faster = [_faster_is_refused(body_read, right_read, claim, point) for point in points]
    killed = int(any(faster))
    measured = Measurement(
        Route.INDEPENDENT_CODE.value, 0.0, _RATE_SLACK, len(points), bench.seeds, len(_SEQUENCE)
    )
    survivors = () if killed else (f"{left} = {right} at twice the rate",)
    verdict = bench.verdict(
        claim.head.name,
        claim.head.place,
        measured,
        Outcome(MutantScore(1, 0, 0, killed, 1 - killed), survivors),
    )
    line = CheckedLine(left, "=", right, claim.head.title)
    return checked_claim(claim, question, verdict, lines=(line,), result=f"{left} = {right}")


_SEQUENCE = (4, 7, 12, 17, 26, 33, 64, 127, 257, 514, 1023)
"""Even and odd, and of every remainder by four: what goes round in a circle has no limit."""
_RATE_SLACK = 4.0
_SMALL_RATE = 1e-8
"""Where the rate has fallen so far, rounding takes over: the sequence ends after its sixth term."""
_FAR = 1e40


def _rate_vanishes(claim: Limit, points: tuple[Point, ...], bench: Bench) -> None:
    """Refuse a rate that is negative or does not tend to zero: it bounds nothing, or no more."""
    for point in points:
        near, far = (_rate(claim, point, n) for n in (_SEQUENCE[0], _FAR))
        if near <= 0 or not abs(far) <= 1e-9 * near:
            raise ClaimError(
                f"{bench.entry}/{claim.head.name}: the rate does not tend to zero from above",
                code="claim",
                place=claim.head.place,
                got=f"{near:.3g} at {_SEQUENCE[0]}, {far:.3g} at {_FAR:.0e}",
            )


def _rate(claim: Limit, point: Point, n: float) -> float:
    return float(point.with_parameters({claim.index.name: float(n)}).number(claim.rate))


def _ratios(left: Mat, right: Mat, claim: Limit, point: Point) -> list[float]:
    """The distance over the rate along the sequence, on to where a slow rate is small, too."""
    first, rest = _SEQUENCE[:6], _SEQUENCE[6:]
    size = _rate(claim, point, first[0])
    more = [n for n in rest if _rate(claim, point, n) > _SMALL_RATE * size]
    return [_distance(left, right, claim, point, n) for n in (*first, *more)]


def _growth(ratios: list[float]) -> float:
    """How much larger the ratios become than in the first half; NaN stays NaN."""
    return float(np.max(ratios) / max(np.max(ratios[: len(ratios) // 2]), 1e-300))


def _distance(left: Mat, right: Mat, claim: Limit, point: Point, n: int) -> float:
    here = point.with_parameters({claim.index.name: float(n)})
    gap = np.max(np.abs(matrix_value(left, here) - matrix_value(right, here)))
    return float(gap) / float(here.number(claim.rate))


def _faster_is_refused(left: Mat, right: Mat, claim: Limit, point: Point) -> bool:
    """Whether convergence at the square of the rate, a stronger claim, would be refused."""
    squared = replace(claim, rate=claim.rate**2)
    return _growth(_ratios(left, right, squared, point)) > _RATE_SLACK


def check_exact(claim: Exact, bench: Bench, question: str) -> CheckedClaim:
    """Every relation decided in exact arithmetic, on the numbers as they are printed."""
    lines: list[CheckedLine] = []
    outcomes: list[Outcome] = []
    for number, relation in enumerate(claim.relations, start=1):
        left, left_read = read_printed(relation.left, bench, claim.head.name)
        right, right_read = read_printed(relation.right, bench, claim.head.name)
        if not _holds(exact_value(left_read), relation.relation, exact_value(right_read)):
            raise ClaimError(
                f"{bench.entry}/{claim.head.name}, line {number} ({relation.because}) is false",
                code="claim",
                place=claim.head.place,
                got=f"{sp.sstr(exact_value(left_read))}",
                wanted=f"{relation.relation} {sp.sstr(exact_value(right_read))}",
                details=(f"formula    {left} {relation.relation} {right}",),
            )
        outcomes.append(_judged_exactly(left_read, relation.relation, right_read, bench))
        lines.append(CheckedLine(left, relation.relation, right, relation.because))
    measured = Measurement(Route.EXACT.value, 0.0, 0.0, 1, (), len(lines))
    verdict = bench.verdict(claim.head.name, claim.head.place, measured, total(tuple(outcomes)))
    last = lines[-1]
    return checked_claim(
        claim,
        question,
        verdict,
        lines=tuple(lines),
        result=f"{last.left} {last.relation} {last.right}",
        shape=_sizes(exact_value(claim.relations[-1].left)),
    )


def _sizes(matrix: sp.Matrix) -> tuple[str, ...]:
    """The shape of a matrix of numbers, as `shape_names` has it for one with names."""
    sizes = tuple(map(str, matrix.shape))
    return () if sizes == ("1", "1") else sizes[:1] if sizes[1] == "1" else sizes


def _judged_exactly(left: Mat, sign: str, right: Mat, bench: Bench) -> Outcome:
    """An equality is mutated in its numbers, any other relation by its opposite: moving the other
    side of an inequality away would leave it true."""
    if sign == "=":
        variants = [(sign, mutant) for mutant in _exact_mutants(right)]
    else:
        variants = [(_OPPOSITE[sign], right)]
    survivors = tuple(
        f"{bench.printer.matrix(left)} {changed} {bench.printer.matrix(mutant)}"
        for changed, mutant in variants
        if _holds(exact_value(left), changed, exact_value(mutant))
    )
    made, alive = len(variants), len(survivors)
    return Outcome(MutantScore(made, 0, 0, made - alive, alive), survivors)


_OPPOSITE = {r"\neq": "=", "<": r"\ge", ">": r"\le", r"\le": ">", r"\ge": "<"}


def _exact_mutants(right: Mat) -> Iterable[Mat]:
    """The right side with one of its numbers changed by one; another number for a number."""
    values = exact_value(right)
    if right.is_scalar and not isinstance(right, Literal):
        yield scaled(2, right) if values[0, 0] != 0 else One()
        return
    rows = tuple(tuple(row) for row in values.tolist())
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            changed = (*row[:j], value + 1, *row[j + 1 :])
            yield Literal((*rows[:i], changed, *rows[i + 1 :]))


# That a difference does not simplify to zero proves nothing; its digits do.
_DIGITS = 60
_RELATIONS: dict[str, Callable[[sp.Expr, sp.Expr], bool]] = {
    "=": lambda a, b: sp.simplify(a - b) == 0,
    r"\neq": lambda a, b: bool(abs(sp.N(a - b, _DIGITS)) > 10 ** (-_DIGITS // 2)),
    r"\le": lambda a, b: bool(a <= b),
    r"\ge": lambda a, b: bool(a >= b),
    "<": lambda a, b: bool(a < b),
    ">": lambda a, b: bool(a > b),
}


def _holds(left: sp.Matrix, relation: str, right: sp.Matrix) -> bool:
    if left.shape != right.shape:
        raise ShapeError(
            "the sides have different shapes", got=str(left.shape), wanted=str(right.shape)
        )
    test = _RELATIONS[relation]
    pairs = [(left[k], right[k]) for k in range(len(left))]
    if relation == r"\neq":
        return any(test(a, b) for a, b in pairs)
    return all(test(a, b) for a, b in pairs)


def shape_names(node: Mat) -> tuple[str, ...]:
    """The dimensions of a formula by name: two for a row or a matrix, one for a column, none for a
    number."""
    rows, cols = node.shape
    if node.is_scalar:
        return ()
    return (rows.name,) if cols == ONE else (rows.name, cols.name)
