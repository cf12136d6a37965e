"""The check of expectations: derived by the moment rule, compared with all outcomes enumerated."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import sympy as sp

from solutionset.calculus.contraction import contract
from solutionset.calculus.derivation import free_indices, resolved, written_out
from solutionset.calculus.expressions import Atom, Entry, Expr, entry, map_atoms
from solutionset.calculus.indexing import to_index
from solutionset.calculus.matrix import Mat
from solutionset.calculus.moments import Normal, degree, expected
from solutionset.calculus.nodes import Head as Measured
from solutionset.calculus.nodes import Measure
from solutionset.calculus.normal import equivalent
from solutionset.calculus.tensors import (
    ONE,
    CalculusError,
    Dim,
    Elementwise,
    Index,
    Leaf,
    Tensor,
)
from solutionset.errors import ClaimError
from solutionset.model import CheckedClaim, CheckedLine, Verdict
from solutionset.notation.coefficients import coefficient_latex
from solutionset.notation.printer import measured
from solutionset.verification.bench import Bench, Spot, compare
from solutionset.verification.by_forward import ByForward
from solutionset.verification.checked import checked_claim
from solutionset.verification.claims import Expectation
from solutionset.verification.evaluate import Values, index_value, matrix_value
from solutionset.verification.laws import EXACT_DEGREE, Outcomes, drawn, outcomes
from solutionset.verification.mutants import Outcome, judge_index, total
from solutionset.verification.oracles import TOLERANCE, Array, Route, relative_error
from solutionset.verification.points import Point
from solutionset.verification.randomness import generator
from solutionset.verification.relations import judged, read_printed, shape_names
from solutionset.verification.sameness import without_norms
from solutionset.verification.verdicts import Measurement

_MONTE_CARLO = 4000
_TOLERANCE = TOLERANCE[Route.ENUMERATION]
_PROVED = "the last line follows from the moments by normal form"
_COMPARED = "the last line is compared with the enumeration, not proved by normal form"


@dataclass(frozen=True)
class _Moments:
    """E[`folded`] = E[`inside`] = `outside`: written out in random entries, then without them."""

    indices: tuple[Index, ...]
    folded: Expr
    inside: Expr
    outside: Expr


def check_expectation(claim: Expectation, bench: Bench, question: str) -> CheckedClaim:
    """Every line on small cases with all outcomes enumerated; Monte Carlo beside it."""
    left, left_read = read_printed(
        Measured(Measure.EXPECTATION, claim.left), bench, claim.head.name
    )
    right, right_read = read_printed(claim.right, bench, claim.head.name)
    if not isinstance(left_read, Measured) or left_read.shape != right_read.shape:
        raise ClaimError(
            f"{bench.entry}/{claim.head.name}: the sides have different shapes",
            code="shape",
            place=claim.head.place,
            details=(f"formula    {left} = {right}",),
        )
    points = bench.points(claim.computation)
    moments = _moments(claim)
    _must_be_polynomial(claim, moments)
    wanted = [_enumerated(left_read.body, claim, p) for p in points]
    _compare_samples(left_read.body, claim, points[0], wanted[0], bench)
    lines, worst, outcomes = _derivation(claim, moments, bench, points, wanted, left)
    spot = Spot(claim.head.name, claim.head.place, len(lines) + 1, "result", f"{left} = {right}")
    error = max(
        compare(bench, spot, p, matrix_value(right_read, p), w, _TOLERANCE)
        for p, w in zip(points, wanted, strict=True)
    )
    outcomes.append(judged(claim.right, claim.computation, bench, points, wanted, _TOLERANCE))
    named = "" if lines and claim.left.is_scalar else left
    lines.append(CheckedLine(named, "=", right, "collected" if lines else claim.head.title))
    verdict = _verdict(claim, bench, max(worst, error), len(lines), total(tuple(outcomes)))
    return checked_claim(
        claim,
        question,
        replace(verdict, note="; ".join(filter(None, (_proof(claim, moments), verdict.note)))),
        lines=tuple(lines),
        result=f"{left} = {right}",
        shape=shape_names(claim.right),
    )


def _verdict(
    claim: Expectation, bench: Bench, worst: float, steps: int, outcome: Outcome
) -> Verdict:
    route = Route.ENUMERATION.value
    measurement = Measurement(route, worst, _TOLERANCE, len(bench.seeds), bench.seeds, steps)
    verdict = bench.verdict(claim.head.name, claim.head.place, measurement, outcome)
    return replace(verdict, second_opinions=(Route.MONTE_CARLO.value,))


# ------------------------------------------------------------------------- the derivation


def _moments(claim: Expectation) -> _Moments | None:
    """The derivation by moments; None where what is random stands in a function or a norm."""
    definitions = claim.computation.definitions
    try:
        indices = free_indices(tuple(d for d in claim.left.shape if d != ONE))
        folded = _entry_of(claim.left, indices)
        inside = written_out(folded, definitions, claim.over)
        outside = contract(expected(inside, claim.over, claim.law))
    except CalculusError:
        return None
    return _Moments(indices, folded, inside, outside)


def _must_be_polynomial(claim: Expectation, moments: _Moments | None) -> None:
    """Refuse what the quadrature for noise is not exact for."""
    if not isinstance(claim.law, Normal):
        return
    found = None if moments is None else degree(moments.inside, claim.over)
    if found is None or found > EXACT_DEGREE:
        raise ClaimError(
            f"{claim.head.name}: the expectation over {claim.over.name} cannot be computed exactly",
            code="claim",
            place=claim.head.place,
            got="a function of noise" if found is None else f"a product of {found} of its entries",
            wanted=f"a polynomial of degree {EXACT_DEGREE} at most",
            advice="claim a bound, an order or an experiment instead",
        )


def _entry_of(form: Mat, indices: tuple[Index, ...]) -> Expr:
    left = iter(indices)
    row, col = (None if dim == ONE else next(left) for dim in form.shape)
    return contract(to_index(without_norms(form), row, col))


def _proof(claim: Expectation, moments: _Moments | None) -> str:
    """Whether what the moments give equals the claimed right side by normal form alone."""
    if moments is None:
        return _COMPARED
    definitions = claim.computation.definitions
    try:
        right = resolved(_entry_of(claim.right, moments.indices), definitions)
    except CalculusError:
        return _COMPARED
    return _PROVED if equivalent(resolved(moments.outside, definitions), right) else _COMPARED


def _derivation(
    claim: Expectation,
    moments: _Moments | None,
    bench: Bench,
    points: tuple[Point, ...],
    wanted: list[Array],
    left: str,
) -> tuple[list[CheckedLine], float, list[Outcome]]:
    """The index lines before the result, each compared with the enumeration and mutated."""
    if moments is None:
        return [], 0.0, []
    inside = _Line(
        claim,
        bench,
        moments,
        _over_outcomes(claim, moments.indices),
        f"write out what the {'noise' if isinstance(claim.law, Normal) else 'mask'} is in",
    )
    outside = _Line(
        claim,
        bench,
        moments,
        lambda expr, point: index_value(expr, moments.indices, point),
        _law_in_words(claim, moments, bench),
    )
    written = measured(Measure.EXPECTATION, bench.printer.expr(moments.inside))
    without = bench.printer.expr(moments.outside)
    worst = max(
        inside.check(1, moments.inside, written, points, wanted),
        outside.check(2, moments.outside, without, points, wanted),
    )
    outcomes = [
        inside.mutate(moments.inside, points, wanted, _meaning(claim)),
        outside.mutate(moments.outside, points, wanted, contract),
    ]
    start = left
    if not claim.left.is_scalar:
        start = measured(Measure.EXPECTATION, bench.printer.expr(moments.folded))
    lines = [
        CheckedLine(start, "=", written, inside.because),
        CheckedLine("", "=", without, outside.because),
    ]
    return (lines[1:] if start == written else lines), worst, outcomes


def _law_in_words(claim: Expectation, moments: _Moments, bench: Bench) -> str:
    independent = f"the entries of ${bench.naming.whole(claim.over)}$ are independent"
    if isinstance(claim.law, Normal):
        # Up to the second degree nothing else of the law is used.
        normal = " and normal" if degree(moments.inside, claim.over) > 2 else ""
        variance = coefficient_latex(claim.law.variance)
        return f"{independent}{normal}, with mean zero and variance ${variance}$"
    return f"{independent}, one with probability ${coefficient_latex(claim.law.probability)}$"


@dataclass(frozen=True)
class _Line:
    """How an index line of the derivation is evaluated, and its reason."""

    claim: Expectation
    bench: Bench
    moments: _Moments
    value: Callable[[Expr, Point], Array]
    because: str

    def check(
        self, number: int, expr: Expr, latex: str, points: tuple[Point, ...], wanted: list[Array]
    ) -> float:
        """Read the printed line back and compare it with the enumeration at every point."""
        head = self.claim.head
        read = self.bench.read_expr(head.name, _inner(latex), expr, self.moments.indices)
        spot = Spot(head.name, head.place, number, self.because, latex)
        return max(
            compare(self.bench, spot, p, self.value(read, p).reshape(w.shape), w, _TOLERANCE)
            for p, w in zip(points, wanted, strict=True)
        )

    def mutate(
        self,
        expr: Expr,
        points: tuple[Point, ...],
        wanted: list[Array],
        meaning: Callable[[Expr], Expr],
    ) -> Outcome:
        """Wrong variants of the line must differ from the enumeration at some point."""

        def killed(mutant: Expr) -> bool:
            for point, array in zip(points, wanted, strict=True):
                with np.errstate(all="ignore"):
                    got = self.value(mutant, point).reshape(array.shape)
                if not relative_error(got, array, point.scale) <= _TOLERANCE:
                    return True
            return False

        computation = self.claim.computation
        leaves = tuple(
            t
            for t in computation.tensors
            if not computation.definitions.depends(t, self.claim.over)
        )
        show = self.bench.printer.expr
        equality = self.bench.equality(computation.definitions)
        return judge_index(expr, leaves, killed, show, equality, meaning)


def _inner(latex: str) -> str:
    """What stands in the brackets of an expectation, in the very string that is printed."""
    found = re.fullmatch(r"\\operatorname\{E\}(?:\\left)?\[ (.*) (?:\\right)?\]", latex)
    return found.group(1) if found else latex


def _meaning(claim: Expectation) -> Callable[[Expr], Expr]:
    """What a line inside the expectation means: two that differ may have one expectation."""

    def meaning(expr: Expr) -> Expr:
        try:
            return contract(expected(contract(expr), claim.over, claim.law))
        except CalculusError:
            return expr

    return meaning


# -------------------------------------------------------------------------------- oracles


def _outcomes(claim: Expectation, point: Point) -> Outcomes:
    return outcomes(claim.law, point.given[claim.over].shape, point)


def _enumerated(body: Mat, claim: Expectation, point: Point) -> Array:
    """The mean over all outcomes, of what the author's `forward` returns for each."""
    found = _outcomes(claim, point)
    total_: Array = np.zeros((1, 1))
    for outcome, weight in zip(found.arrays, found.weights, strict=True):
        total_ = total_ + weight * matrix_value(body, ByForward(point, {claim.over: outcome}))
    return total_


class _AllOutcomes:
    """A point at which one tensor holds all outcomes at once, along an axis of their own."""

    def __init__(self, point: Values, stack: Tensor, arrays: Array) -> None:
        self.point = point
        self.stack = stack
        self.arrays = arrays

    def leaf(self, leaf: Leaf) -> Array:
        return self.arrays if leaf == self.stack else self.point.leaf(leaf)

    def size(self, dim: Dim) -> int:
        return len(self.arrays) if dim == self.stack.dims[0] else self.point.size(dim)

    def number(self, value: sp.Expr) -> float:
        return float(self.point.number(value))

    def function(self, function: Elementwise) -> Callable[[Array], Array]:
        return self.point.function(function)

    def moved(self, tensor: Leaf, value: Array) -> Values:
        return self.point.moved(tensor, value)


def _over_outcomes(
    claim: Expectation, indices: tuple[Index, ...]
) -> Callable[[Expr, Point], Array]:
    """The mean over all outcomes of an index expression in random entries."""
    every = Dim("outcomes")
    stack = Tensor(f"all_{claim.over.name}", (every, *claim.over.dims))
    at = Index("outcome", every)

    def stacked(atom: Atom) -> Expr | None:
        if isinstance(atom, Entry) and atom.leaf == claim.over:
            return entry(stack, (at, *atom.indices))
        return None

    def mean(expr: Expr, point: Point) -> Array:
        found = _outcomes(claim, point)
        seen = _AllOutcomes(point, stack, found.arrays)
        values = index_value(map_atoms(expr, stacked), (at, *indices), seen)
        return np.asarray(np.tensordot(found.weights, values, axes=1))

    return mean


def _compare_samples(
    body: Mat, claim: Expectation, point: Point, wanted: Array, bench: Bench
) -> None:
    deviation = _monte_carlo(body, claim, point, wanted, bench)
    if deviation > 5:
        raise ClaimError(
            f"{bench.entry}/{claim.head.name}: sampling disagrees with enumeration",
            code="opinion",
            place=claim.head.place,
            got=f"{deviation:.1f} standard errors",
        )


def _monte_carlo(body: Mat, claim: Expectation, point: Point, wanted: Array, bench: Bench) -> float:
    """The distance of a sample mean from the expectation, in standard errors."""
    rng = generator(bench.entry, claim.head.name, "monte-carlo")
    shape = point.given[claim.over].shape
    draws = np.array(
        [
            matrix_value(body, ByForward(point, {claim.over: drawn(claim.law, shape, point, rng)}))
            for _ in range(_MONTE_CARLO)
        ]
    )
    error = draws.std(axis=0) / np.sqrt(_MONTE_CARLO) + 1e-12 * point.scale
    return float(np.max(np.abs(draws.mean(axis=0) - wanted) / error))
