"""The check of derived claims: every printed line, read back, against the oracle; then mutants."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from solutionset.calculus.assumptions import Assumption
from solutionset.calculus.derivation import Step
from solutionset.calculus.expressions import Expr
from solutionset.calculus.matrix import Mat, ShapeError, Sym
from solutionset.calculus.tensors import Gradient, Jacobian, Leaf
from solutionset.errors import ClaimError
from solutionset.model import CheckedClaim, CheckedLine, Hypothesis
from solutionset.verification.bench import Bench, Spot, compare
from solutionset.verification.checked import checked_claim
from solutionset.verification.claims import Derived
from solutionset.verification.equality import Equality
from solutionset.verification.evaluate import index_value, known_nodes, matrix_value
from solutionset.verification.incremental import Line
from solutionset.verification.mutants import (
    NOTHING,
    Changes,
    Outcome,
    judge_index,
    judge_matrix,
    total,
)
from solutionset.verification.opinions import second_opinions
from solutionset.verification.oracles import TOLERANCE, Array, Route, relative_error
from solutionset.verification.points import Point
from solutionset.verification.verdicts import Measurement


@dataclass(frozen=True)
class _Expected:
    """The oracle's values of one quantity, a point each, and the route they came by.

    `sizes` are the magnitudes of the values and data, `equality` decides by the definitions and
    assumptions from which the points were drawn, and `changes` are the mutants of terms that were
    judged there.
    """

    leaf: Leaf
    arrays: tuple[Array, ...]
    route: Route
    sizes: tuple[float, ...]
    equality: Equality
    changes: Changes

    @property
    def tolerance(self) -> float:
        return TOLERANCE[self.route]


def _expected(claim: Derived, leaf: Leaf, bench: Bench) -> _Expected:
    points = bench.points(claim.computation)
    arrays, routes = [], []
    for point in points:
        array, route = (
            point.oracle_gradient(leaf.of)
            if isinstance(leaf, Gradient)
            else point.oracle_jacobian(leaf.of, leaf.wrt)  # type: ignore[union-attr]
        )
        arrays.append(array)
        routes.append(route)
    worst = Route.CENTRAL_DIFFERENCE if Route.CENTRAL_DIFFERENCE in routes else routes[0]
    equality = bench.equality(claim.computation.definitions)
    sizes = tuple(
        float(np.abs(array).max(initial=0.0)) + point.scale
        for point, array in zip(points, arrays, strict=True)
    )
    return _Expected(leaf, tuple(arrays), worst, sizes, equality, Changes())


def check_derived(claim: Derived, bench: Bench, question: str) -> CheckedClaim:
    """Check a gradient or Jacobian; raises `ClaimError` at the first false line."""
    points = bench.points(claim.computation)
    leaf: Leaf = Gradient(claim.wrt) if claim.of is None else Jacobian(claim.of, claim.wrt)
    expected = _expected(claim, leaf, bench)
    left = bench.printer.expr(claim.derivation.left)
    worst = _check_index_line(claim, bench, expected, left, claim.derivation.left, 0, "left side")
    lines: list[CheckedLine] = []
    outcomes: list[Outcome] = []
    hypotheses: list[Hypothesis] = []
    for number, step in enumerate(claim.derivation.steps, start=1):
        if step.assumption is not None:
            # Up to here the data were general; a mutant such as A for A^T had to be refused by
            # them.
            hypotheses.append(_without(step.assumption, step.expr, claim, bench, expected))
            claim = replace(claim, computation=claim.computation.under(step.assumption))
            expected = _expected(claim, leaf, bench)
        latex = bench.printer.expr(step.expr, claim.derivation.indices)
        because = _because(step, bench)
        worst = max(
            worst, _check_index_line(claim, bench, expected, latex, step.expr, number, because)
        )
        lines.append(CheckedLine(left if number == 1 else "", "=", latex, because))
        outcomes.append(_mutate_line(claim, bench, expected, step.expr))
    result = rf"{left} = {lines[-1].right}"
    if claim.form is not None:
        side = bench.printer.matrix(Sym(leaf))
        form, error, outcome = _check_matrix(claim, bench, expected, claim.form, len(lines) + 1)
        worst = max(worst, error)
        outcomes.append(outcome)
        result = f"{side} = {form}"
    measured = Measurement(
        expected.route.value, worst, expected.tolerance, len(points), bench.seeds, len(lines)
    )
    verdict = bench.verdict(claim.head.name, claim.head.place, measured, total(tuple(outcomes)))
    last = claim.derivation.final
    opinions = second_opinions(
        claim,
        bench.points(claim.computation)[0],
        lambda values: index_value(last, claim.derivation.indices, values),
    )
    verdict = replace(verdict, hypotheses=tuple(hypotheses), second_opinions=opinions)
    return checked_claim(
        claim, question, verdict, lines=tuple(lines), result=result, shape=_shape_names(leaf)
    )


# ------------------------------------------------------------------------------ one line


def _check_index_line(
    claim: Derived,
    bench: Bench,
    expected: _Expected,
    latex: str,
    expr: Expr,
    number: int,
    because: str,
) -> float:
    """Read a printed index line back and compare it with the oracle at every point."""
    read = bench.read_expr(claim.head.name, latex, expr, claim.derivation.indices)
    spot = Spot(claim.head.name, claim.head.place, number, because, latex, _hint(claim))
    return max(
        compare(
            bench,
            spot,
            point,
            index_value(read, claim.derivation.indices, point),
            wanted,
            expected.tolerance,
        )
        for point, wanted in zip(bench.points(claim.computation), expected.arrays, strict=True)
    )


def _hint(claim: Derived) -> str:
    """What is wrong if a gradient leaves out a way on which its variable acts on the loss."""
    through, definitions = claim.derivation.steps[0].about, claim.computation.definitions
    past = definitions.ways_past(through, claim.wrt) if claim.of is None and through else ()
    if not past:
        return ""
    names = ", ".join(tensor.name for tensor in past)
    return f"{claim.wrt.name} acts on the loss through {names}, too: name all ways in `of`"


def _check_matrix(
    claim: Derived,
    bench: Bench,
    expected: _Expected,
    form: Mat,
    number: int,
    because: str = "matrix form",
) -> tuple[str, float, Outcome]:
    """Print a matrix formula, read it back, check shape and value, and kill its mutants."""
    latex = bench.printer.matrix(form)
    try:
        read = bench.read_mat(claim.head.name, latex, form)
    except ShapeError as error:
        raise error.at(claim.head.place) from error
    wanted_shape = Sym(expected.leaf).shape
    if read.shape != wanted_shape:
        raise ClaimError(
            f"{bench.entry}/{claim.head.name}, line {number}: the formula has another shape than "
            "its left side",
            code="shape",
            place=claim.head.place,
            got=" x ".join(d.name for d in read.shape),
            wanted=" x ".join(d.name for d in wanted_shape),
            details=(f"formula    {latex}",),
        )
    points = bench.points(claim.computation)
    spot = Spot(claim.head.name, claim.head.place, number, because, latex)
    worst = max(
        compare(
            bench, spot, point, _like(matrix_value(read, point), wanted), wanted, expected.tolerance
        )
        for point, wanted in zip(points, expected.arrays, strict=True)
    )
    if not bench.mutates:
        return latex, worst, NOTHING
    known = cache(lambda point: known_nodes(form, point))
    outcome = judge_matrix(
        form,
        _leaves(claim),
        lambda mutant: _refused(
            lambda point: matrix_value(mutant, point, known(point)), points, expected
        ),
        bench.printer.matrix,
        expected.equality,
    )
    return latex, worst, outcome


def _mutate_line(claim: Derived, bench: Bench, expected: _Expected, expr: Expr) -> Outcome:
    if not bench.mutates:
        return NOTHING
    indices = claim.derivation.indices
    leaves = tuple(claim.computation.tensors)
    points = bench.points(claim.computation)
    line = cache(lambda point: Line(expr, indices, point))

    def killed(mutant: Expr, places: slice) -> bool:
        return _refused(lambda p: line(p).value(mutant), points, expected, places)

    return judge_index(
        expr,
        leaves,
        lambda mutant: killed(mutant, slice(1)),
        bench.printer.expr,
        expected.equality,
        changes=expected.changes,
        killed_later=lambda mutant: killed(mutant, slice(1, None)),
    )


_EVERYWHERE = slice(None)


def _refused(
    value: Callable[[Point], Array],
    points: tuple[Point, ...],
    expected: _Expected,
    places: slice = _EVERYWHERE,
) -> bool:
    """Whether the numbers refuse a mutant at some of the points."""
    chosen = tuple(zip(points, expected.arrays, expected.sizes, strict=True))[places]
    for point, wanted, size in chosen:
        with np.errstate(all="ignore"):
            got = _like(value(point), wanted)
            if got.shape != wanted.shape:
                return True
            gap = np.abs(got - wanted).max(initial=0.0) / (expected.tolerance * size)
        # Nearly all variants are far off or equal; only the others need the exact relative error.
        if gap > 10:
            return True
        if not gap <= 0.5 and relative_error(got, wanted, point.scale) > expected.tolerance:
            return True
    return False


def _like(array: Array, wanted: Array) -> Array:
    """A column as a vector, where the oracle's value is one."""
    return np.reshape(array, wanted.shape) if array.size == wanted.size else array


def _leaves(claim: Derived) -> tuple[Leaf, ...]:
    """What may stand in for a tensor in a mutant: the tensors of the computation, and gradients."""
    tensors = claim.computation.tensors
    return (*tensors, *(Gradient(d.tensor) for d in claim.computation.definitions.ordered))


# ---------------------------------------------------------------------------- the record


def _because(step: Step, bench: Bench) -> str:
    names = ", ".join(f"${bench.naming.whole(t)}$" for t in step.about)
    return f"{step.because} {names}".strip()


def _shape_names(leaf: Leaf) -> tuple[str, ...]:
    names = tuple(dim.name for dim in leaf.dims)
    return ("1", *names) if isinstance(leaf, Jacobian) and leaf.is_row else names


def _without(
    assumption: Assumption, expr: Expr, claim: Derived, bench: Bench, general: _Expected
) -> Hypothesis:
    """What the step that uses an assumption is worth on data that do not satisfy it."""
    indices = claim.derivation.indices
    broken = _refused(
        lambda point: index_value(expr, indices, point), bench.points(claim.computation), general
    )
    text = f"${bench.naming.whole(assumption.tensor)}$ {assumption.described}"
    return Hypothesis(text, "breaks" if broken else "does not break")
