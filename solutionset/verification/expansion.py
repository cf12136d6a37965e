"""The check of expansions: the terms against those derived, the slope of what remains."""

from dataclasses import dataclass, replace

import numpy as np
import sympy as sp

from solutionset.calculus.matrix import Mat, One, Scaled, add, scaled
from solutionset.calculus.nodes import Head as Measured
from solutionset.calculus.nodes import Measure
from solutionset.calculus.tensors import Tensor
from solutionset.errors import ClaimError
from solutionset.model import CheckedClaim, CheckedLine
from solutionset.notation.letters import letter_latex
from solutionset.verification.bench import Bench, Spot, compare
from solutionset.verification.by_forward import ByForward
from solutionset.verification.checked import checked_claim
from solutionset.verification.claims import Expansion
from solutionset.verification.evaluate import Values, matrix_value
from solutionset.verification.mutants import Outcome, judge_matrix, total
from solutionset.verification.oracles import TOLERANCE, Array, Route
from solutionset.verification.points import Point
from solutionset.verification.relations import SLOPE_TOLERANCE, read_printed, shape_names
from solutionset.verification.verdicts import Measurement

_STEPS = 2.0 ** -np.arange(8, 15)
"""Small for the leading term of the remainder, and large for doubles up to order three."""


@dataclass(frozen=True)
class _Series:
    """One form of the expansion: as printed, as read back, and why it holds."""

    latex: str
    read: Mat
    form: Mat
    because: str


def check_expansion(claim: Expansion, bench: Bench, question: str) -> CheckedClaim:
    """Each coefficient against the derived one; what remains must vanish at exactly the order."""
    left, left_read = read_printed(claim.left, bench, claim.head.name)
    order = len(claim.derived)
    big_o = Measured(Measure.ORDER, Scaled(claim.step**order, One()))
    remainder, _ = read_printed(big_o, bench, claim.head.name)
    points = bench.points(claim.computation)
    cases = [_Case(point, left_read, claim.step) for point in points]
    worst = 0.0
    lines: list[CheckedLine] = []
    outcomes: list[Outcome] = []
    for number, series in enumerate(_forms(claim, bench), start=1):
        if number == 2:
            _compare_terms(claim, bench, points, series.latex)
        slopes = [case.slope(series.read) for case in cases]
        worst = max(worst, max(abs(slope - order) for slope in slopes))
        right = f"{series.latex} + {remainder}"
        if not worst <= SLOPE_TOLERANCE:
            raise _of_another_order(claim, bench, slopes, f"{left} = {right}")
        lines.append(CheckedLine(left if number == 1 else "", "=", right, series.because))
        outcomes.append(_judged(claim, bench, series.form, cases))
    measured = Measurement(
        Route.INDEPENDENT_CODE.value, worst, SLOPE_TOLERANCE, len(points), bench.seeds, len(lines)
    )
    outcome = total(tuple(outcomes))
    verdict = bench.verdict(claim.head.name, claim.head.place, measured, outcome)
    note = "; ".join(filter(None, ("terms derived from inner products alone", verdict.note)))
    return checked_claim(
        claim,
        question,
        replace(verdict, note=note),
        lines=tuple(lines),
        result=f"{left} = {lines[-1].right}",
        shape=shape_names(claim.left),
    )


def _forms(claim: Expansion, bench: Bench) -> list[_Series]:
    """The derived form, and the author's where there is one."""
    letter = letter_latex(claim.step.name)
    derived = f"expand in ${letter}$: only inner products enter"
    forms = [(claim.derived, derived), (claim.terms, claim.head.title)]
    found = []
    for terms, because in forms:
        if terms:
            form = add(*(scaled(claim.step**k, term) for k, term in enumerate(terms)))
            found.append(_Series(*read_printed(form, bench, claim.head.name), form, because))
    return found


def _compare_terms(claim: Expansion, bench: Bench, points: tuple[Point, ...], latex: str) -> None:
    """Each term of the author's against the derived one; the first that differs is named."""
    letter = letter_latex(claim.step.name)
    for power, (term, derived) in enumerate(zip(claim.terms, claim.derived, strict=True)):
        because = f"the coefficient of ${letter}^{power}$"
        spot = Spot(claim.head.name, claim.head.place, 2, because, latex)
        tolerance = TOLERANCE[Route.INDEPENDENT_CODE]
        for point in points:
            wanted = matrix_value(derived, point)
            compare(bench, spot, point, matrix_value(term, point), wanted, tolerance)


class _Case:
    """The left side at one point for a row of steps, with the numbers that a series needs there."""

    def __init__(self, point: Point, left: Mat, step: sp.Symbol) -> None:
        moved = [point.with_parameters({step.name: float(size)}) for size in _STEPS]
        self.stages: list[Values] = [ByForward(there, {}) for there in moved]
        self.left: list[Array] = [matrix_value(left, stage) for stage in self.stages]

    def moves(self, tensor: Tensor) -> bool:
        """Whether a tensor depends on the step."""
        first, last = self.stages[0].leaf(tensor), self.stages[-1].leaf(tensor)
        return not np.array_equal(first, last)

    def slope(self, series: Mat) -> float:
        """The slope of the logarithm of what remains, or infinity where it has none."""
        with np.errstate(all="ignore"):
            gaps = [
                np.linalg.norm(left - matrix_value(series, stage))
                for left, stage in zip(self.left, self.stages, strict=True)
            ]
        if not all(np.isfinite(gap) and gap > 0 for gap in gaps):
            return float("inf")
        return float(np.polyfit(np.log(_STEPS), np.log(gaps), 1)[0])


def _judged(claim: Expansion, bench: Bench, form: Mat, cases: list[_Case]) -> Outcome:
    """Wrong variants of the terms leave a remainder of a lower order."""
    order, computation = len(claim.derived), claim.computation
    # What moves with the step may stand for what it is without it in the term of the last power.
    leaves = tuple(leaf for leaf in computation.tensors if not cases[0].moves(leaf))

    def killed(mutant: Mat) -> bool:
        return any(abs(case.slope(mutant) - order) > SLOPE_TOLERANCE for case in cases)

    return judge_matrix(
        form, leaves, killed, bench.printer.matrix, bench.equality(computation.definitions)
    )


def _of_another_order(
    claim: Expansion, bench: Bench, slopes: list[float], formula: str
) -> ClaimError:
    return ClaimError(
        f"{bench.entry}/{claim.head.name}: the remainder is of another order",
        code="claim",
        place=claim.head.place,
        got="measured slopes " + ", ".join(f"{slope:.3f}" for slope in slopes),
        wanted=str(len(claim.derived)),
        details=(f"formula    {formula}",),
    )
