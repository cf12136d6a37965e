"""The check of expectations: derived by the moment rule, compared with all masks enumerated."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product as cartesian

import numpy as np
import sympy as sp

from solutionset.calculus.contraction import contract
from solutionset.calculus.derivation import free_indices, resolved, written_out
from solutionset.calculus.expressions import Atom, Entry, Expr, entry, map_atoms
from solutionset.calculus.indexing import to_index
from solutionset.calculus.matrix import Head as Measured
from solutionset.calculus.matrix import Mat, Measure
from solutionset.calculus.moments import expected
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
from solutionset.notation.letters import letter_latex
from solutionset.notation.printer import measured
from solutionset.verification.bench import Bench, Spot, compare
from solutionset.verification.claims import Expectation
from solutionset.verification.evaluate import Values, index_value, matrix_value
from solutionset.verification.mutants import Outcome, judge_index, total
from solutionset.verification.oracles import TOLERANCE, Array, Route, relative_error
from solutionset.verification.points import ByForward, Point
from solutionset.verification.randomness import generator
from solutionset.verification.relations import judged, read_printed, shape_names
from solutionset.verification.sameness import without_norms
from solutionset.verification.verdicts import Measurement

_ENUMERATED = 12
_MONTE_CARLO = 4000
_TOLERANCE = TOLERANCE[Route.ENUMERATION]
_PROVED = "the last line follows from the moments by normal form"
_COMPARED = "the last line is compared with the enumeration, not proved by normal form"


@dataclass(frozen=True)
class _Moments:
    """E[`folded`] = E[`inside`] = `outside`: written out in entries of the mask, then without."""

    indices: tuple[Index, ...]
    folded: Expr
    inside: Expr
    outside: Expr


def check_expectation(claim: Expectation, bench: Bench, question: str) -> CheckedClaim:
    """Every line on small cases with all masks enumerated; Monte Carlo beside it."""
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
    wanted = [_enumerated(left_read.body, claim, p) for p in points]
    _compare_samples(left_read.body, claim, points[0], wanted[0], bench)
    moments = _moments(claim)
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
    return CheckedClaim(
        claim.head.name,
        claim.kind,
        question,
        claim.head.title,
        tuple(lines),
        f"{left} = {right}",
        shape_names(claim.right),
        "",
        replace(verdict, note="; ".join(filter(None, (_proof(claim, moments), verdict.note)))),
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
    """The derivation by moments; None where the mask stands inside a function or a norm."""
    definitions = claim.computation.definitions
    try:
        indices = free_indices(tuple(d for d in claim.left.shape if d != ONE))
        folded = _entry_of(claim.left, indices)
        inside = written_out(folded, definitions, claim.mask)
        outside = contract(expected(inside, claim.mask, claim.probability))
    except CalculusError:
        return None
    return _Moments(indices, folded, inside, outside)


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
    name = bench.naming.whole(claim.mask)
    chance = letter_latex(claim.probability.name)
    inside = _Line(
        claim, bench, moments, _masked(claim, moments.indices), "write out what the mask is in"
    )
    outside = _Line(
        claim,
        bench,
        moments,
        lambda expr, point: index_value(expr, moments.indices, point),
        f"the entries of ${name}$ are independent, one with probability ${chance}$",
    )
    written = measured(Measure.EXPECTATION, bench.printer.expr(moments.inside))
    free_of_mask = bench.printer.expr(moments.outside)
    worst = max(
        inside.check(1, moments.inside, written, points, wanted),
        outside.check(2, moments.outside, free_of_mask, points, wanted),
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
        CheckedLine("", "=", free_of_mask, outside.because),
    ]
    return (lines[1:] if start == written else lines), worst, outcomes


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
            if not computation.definitions.depends(t, self.claim.mask)
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
            return contract(expected(contract(expr), claim.mask, claim.probability))
        except CalculusError:
            return expr

    return meaning


# -------------------------------------------------------------------------------- oracles


def _masks(shape: tuple[int, ...]) -> Array:
    """All masks of a shape, one after the other along the first axis."""
    size = int(np.prod(shape))
    if size > _ENUMERATED:
        raise CalculusError(
            f"a mask of {size} entries is too large to enumerate",
            advice=f"fix `sizes` so that it has at most {_ENUMERATED} entries",
        )
    return np.reshape(list(cartesian((0.0, 1.0), repeat=size)), (-1, *shape))


def _weights(masks: Array, keep: float) -> Array:
    """The probability of each mask."""
    size = int(np.prod(masks.shape[1:]))
    kept = masks.reshape(len(masks), size).sum(axis=1)
    return np.asarray(keep**kept * (1 - keep) ** (size - kept))


def _enumerated(body: Mat, claim: Expectation, point: Point) -> Array:
    """The mean over all masks, of what the author's `forward` returns for each."""
    masks = _masks(point.given[claim.mask].shape)
    weights = _weights(masks, point.parameters[claim.probability.name])
    total_: Array = np.zeros((1, 1))
    for mask, weight in zip(masks, weights, strict=True):
        total_ = total_ + weight * matrix_value(body, ByForward(point, {claim.mask: mask}))
    return total_


class _AllMasks:
    """A point at which one tensor holds all masks at once, along an axis of their own."""

    def __init__(self, point: Values, stack: Tensor, masks: Array) -> None:
        self.point = point
        self.stack = stack
        self.masks = masks

    def leaf(self, leaf: Leaf) -> Array:
        return self.masks if leaf == self.stack else self.point.leaf(leaf)

    def size(self, dim: Dim) -> int:
        return len(self.masks) if dim == self.stack.dims[0] else self.point.size(dim)

    def number(self, value: sp.Expr) -> float:
        return float(self.point.number(value))

    def function(self, function: Elementwise) -> Callable[[Array], Array]:
        return self.point.function(function)

    def moved(self, tensor: Leaf, value: Array) -> Values:
        return self.point.moved(tensor, value)


def _masked(claim: Expectation, indices: tuple[Index, ...]) -> Callable[[Expr, Point], Array]:
    """The mean over all masks of an index expression in entries of the mask."""
    every = Dim("masks")
    stack = Tensor(f"all_{claim.mask.name}", (every, *claim.mask.dims))
    at = Index("mask", every)

    def stacked(atom: Atom) -> Expr | None:
        if isinstance(atom, Entry) and atom.leaf == claim.mask:
            return entry(stack, (at, *atom.indices))
        return None

    def mean(expr: Expr, point: Point) -> Array:
        masks = _masks(point.given[claim.mask].shape)
        weights = _weights(masks, point.parameters[claim.probability.name])
        seen = _AllMasks(point, stack, masks)
        values = index_value(map_atoms(expr, stacked), (at, *indices), seen)
        return np.asarray(np.tensordot(weights, values, axes=1))

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
    keep = point.parameters[claim.probability.name]
    shape = point.given[claim.mask].shape
    draws = np.array(
        [
            matrix_value(
                body, ByForward(point, {claim.mask: (rng.random(shape) < keep).astype(float)})
            )
            for _ in range(_MONTE_CARLO)
        ]
    )
    error = draws.std(axis=0) / np.sqrt(_MONTE_CARLO) + 1e-12 * point.scale
    return float(np.max(np.abs(draws.mean(axis=0) - wanted) / error))
