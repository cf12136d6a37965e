"""The checks of claims over any number of steps: products of factors, sums over shared tensors.

Each is checked for several lengths against the derivative of the author's `forward`, composed with
itself on data that are general at every step.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from solutionset.calculus.matrix import Add, Diag, Identity, Mat, Product, Scaled, Sym, Transposed
from solutionset.calculus.tensors import Gradient, Leaf, Tensor
from solutionset.calculus.trees import children, walk
from solutionset.model import CheckedClaim, CheckedLine, MutantScore
from solutionset.notation.coefficients import bracketed
from solutionset.notation.tokens import tokenise
from solutionset.verification.bench import Bench, Spot, compare
from solutionset.verification.checked import checked_claim
from solutionset.verification.claims import Depth, SharedGradient
from solutionset.verification.evaluate import matrix_value
from solutionset.verification.mutants import Outcome, judge_matrix, total
from solutionset.verification.oracles import TOLERANCE, Array, Route, relative_error
from solutionset.verification.recurrence import LENGTHS, Recurrence, StepPoint, Walk, draw_walks
from solutionset.verification.repeated import (
    OverSteps,
    gradient_latex,
    has_open_sign,
    over_steps,
    read_inside,
    refuse_gradients,
    refuse_names,
    refuse_shape,
    refuse_unshared,
)
from solutionset.verification.verdicts import Measurement

Parts = Sequence[Array]


@dataclass(frozen=True)
class _Case:
    """One length of one walk: its steps, the gradient in the last state, what is expected."""

    steps: tuple[StepPoint, ...]
    end: Array
    wanted: Array

    def parts(self, inside: Mat) -> list[Array]:
        """The value of the repeated formula at every step, first step first."""
        return [matrix_value(inside, step) for step in self.steps]


Combine = Callable[[Parts, _Case], Array]


def _multiplied(factors: Parts, case: _Case) -> Array:
    """The product with the first factor leftmost, from the end to the beginning."""
    value = case.end
    for factor in reversed(factors):
        value = factor @ value
    return value


def _summed(terms: Parts, case: _Case) -> Array:
    return np.asarray(sum(terms, np.zeros(case.wanted.shape)))


_REVERSED: dict[str, Combine] = {
    "the factors in reverse order": lambda parts, case: _multiplied(parts[::-1], case),
}
_SHORT_PRODUCTS: dict[str, Combine] = {
    "without the first factor": lambda parts, case: _multiplied(parts[1:], case),
    "without the last factor": lambda parts, case: _multiplied(parts[:-1], case),
}
_SHORT_SUMS: dict[str, Combine] = {
    "without the first step": lambda parts, case: _summed(parts[1:], case),
    "without the last step": lambda parts, case: _summed(parts[:-1], case),
}


@dataclass(frozen=True)
class _Trial:
    """All lengths of all walks, by which a repeated formula and its mutants are judged."""

    claim: OverSteps
    bench: Bench
    cases: tuple[_Case, ...]
    combine: Combine
    tolerance: float

    def agree(self, line: int, latex: str, inside: Mat) -> float:
        """The worst error; raises `ClaimError` at the first length that disagrees."""
        return max(
            self.compare(
                self.spot(line, f"{self.claim.length} = {len(case.steps)}", latex),
                case,
                self.combine(case.parts(inside), case),
            )
            for case in self.cases
        )

    def spot(self, line: int, because: str, latex: str) -> Spot:
        """Which line is compared."""
        return Spot(self.claim.head.name, self.claim.head.place, line, because, latex)

    def compare(self, spot: Spot, case: _Case, got: Array) -> float:
        """The error of one case, or `ClaimError`."""
        return compare(self.bench, spot, case.steps[0], got, case.wanted, self.tolerance)

    def refuses(self, inside: Mat, combine: Combine) -> bool:
        """Whether the numbers refuse a mutant at some length."""
        with np.errstate(all="ignore"):
            errors = (
                relative_error(combine(case.parts(inside), case), case.wanted, case.steps[0].scale)
                for case in self.cases
            )
            return any(error > self.tolerance for error in errors)

    def mutate_inside(self, inside: Mat, leaves: tuple[Leaf, ...]) -> Outcome:
        """Mutate what is repeated, the same way at every step."""
        return judge_matrix(
            inside,
            leaves,
            lambda mutant: self.refuses(mutant, self.combine),
            self.bench.printer.matrix,
            self.bench.equality(self.claim.computation.definitions),
        )

    def mutate_whole(self, inside: Mat, wrong: Mapping[str, Combine], *, equal: bool) -> Outcome:
        """Mutate what is done with all the steps; `equal` says that this would be no error."""
        alive = tuple(text for text, combine in wrong.items() if not self.refuses(inside, combine))
        dead = len(wrong) - len(alive)
        if equal:
            return Outcome(MutantScore(len(wrong), 0, len(alive), dead, 0), ())
        return Outcome(MutantScore(len(wrong), 0, 0, dead, len(alive)), alive)


def check_depth(claim: Depth, bench: Bench, question: str) -> CheckedClaim:
    """One step first, then the product for several lengths; raises `ClaimError` where false."""
    recurrence = Recurrence(claim.computation, claim.before, claim.after, claim.length)
    refuse_names(recurrence, bench)
    refuse_gradients(claim.factor)
    rows = Sym(claim.before).shape[0]
    refuse_shape(claim, bench, claim.factor, (rows, rows))
    walks, route = draw_walks(recurrence, f"{bench.entry}/{claim.head.name}", bench.seeds)
    single = tuple(case for walk_ in walks for case in _single_steps(walk_, route))
    products = tuple(_product_case(w, t, route) for t in LENGTHS for w in walks)
    step = _Trial(claim, bench, single, _multiplied, TOLERANCE[route])
    whole = replace(step, cases=products)

    one_step, error = _one_step(claim, step)
    latex, read = _product(claim, recurrence, bench)
    worst = max(error, whole.agree(2, latex, read))
    outcome = total(
        (
            replace(step, cases=single + products).mutate_inside(
                claim.factor, claim.computation.tensors
            ),
            whole.mutate_whole(read, _REVERSED, equal=_commute(claim.factor, recurrence)),
            whole.mutate_whole(read, _SHORT_PRODUCTS, equal=False),
        )
    )
    because = "induction; the factor of the first step stands leftmost"
    start = gradient_latex(bench, recurrence.end("0"))
    lines = (one_step, CheckedLine(start, "=", latex, because))
    measured = Measurement(
        route.value, worst, whole.tolerance, len(products), bench.seeds, len(lines)
    )
    return _checked(claim, bench, question, lines, claim.before, measured, outcome)


def _one_step(claim: Depth, trial: _Trial) -> tuple[CheckedLine, float]:
    """The line on which the induction rests, and its worst error at any step."""
    bench, formula = trial.bench, claim.factor @ Sym(Gradient(claim.after))
    latex = bench.printer.matrix(formula)
    read = bench.read_mat(claim.head.name, latex, formula)
    spot = trial.spot(1, "one step", latex)
    worst = max(trial.compare(spot, c, matrix_value(read, c.steps[0])) for c in trial.cases)
    return CheckedLine(gradient_latex(bench, claim.before), "=", latex, "one step"), worst


def _product(claim: Depth, recurrence: Recurrence, bench: Bench) -> tuple[str, Mat]:
    """The product in print, and its factor read back from there."""
    head = over_steps(r"\prod", recurrence)
    tail = gradient_latex(bench, recurrence.end(claim.length))
    inside = bench.printer.matrix(claim.factor)
    if not isinstance(claim.factor, Sym | Transposed):
        inside = bracketed(inside)
    latex = f"{head} {inside} {tail}"
    return latex, read_inside(claim, bench, latex, (head, tail), claim.factor)


def check_shared(claim: SharedGradient, bench: Bench, question: str) -> CheckedClaim:
    """The sum over all steps for several lengths; raises `ClaimError` where it is false."""
    recurrence = Recurrence(claim.computation, claim.before, claim.after, claim.length)
    refuse_names(recurrence, bench)
    refuse_unshared(claim, recurrence)
    refuse_shape(claim, bench, claim.term, Sym(claim.wrt).shape)
    name = f"{bench.entry}/{claim.head.name}"
    walks, route = draw_walks(recurrence, name, bench.seeds, (claim.wrt,))
    cases = tuple(_sum_case(w, t, claim.wrt, route) for t in LENGTHS for w in walks)
    trial = _Trial(claim, bench, cases, _summed, TOLERANCE[route])

    printed, head = bench.printer.matrix(claim.term), over_steps(r"\sum", recurrence)
    inside = bracketed(printed) if has_open_sign(tokenise(printed)) else printed
    latex = f"{head} {inside}"
    read = read_inside(claim, bench, latex, (head, ""), claim.term)
    worst = trial.agree(1, latex, read)
    leaves = (*claim.computation.leaves, Gradient(claim.before))
    outcome = total(
        (
            trial.mutate_inside(claim.term, leaves),
            trial.mutate_whole(read, _SHORT_SUMS, equal=False),
        )
    )
    because = f"every step ${recurrence.letter}$ uses the same ${bench.naming.whole(claim.wrt)}$"
    line = CheckedLine(gradient_latex(bench, claim.wrt), "=", latex, because)
    measured = Measurement(route.value, worst, trial.tolerance, len(cases), bench.seeds, 1)
    return _checked(claim, bench, question, (line,), claim.wrt, measured, outcome)


def _checked(
    claim: OverSteps,
    bench: Bench,
    question: str,
    lines: tuple[CheckedLine, ...],
    wrt: Tensor,
    measured: Measurement,
    outcome: Outcome,
) -> CheckedClaim:
    verdict = bench.verdict(claim.head.name, claim.head.place, measured, outcome)
    lengths = f"checked for ${claim.length} = {LENGTHS[0]}, \\dots, {LENGTHS[-1]}$"
    verdict = replace(verdict, note="; ".join(filter(None, (lengths, verdict.note))))
    last = lines[-1]
    return checked_claim(
        claim,
        question,
        verdict,
        lines=lines,
        result=f"{last.left} = {last.right}",
        shape=tuple(dim.name for dim in wrt.dims),
    )


# --------------------------------------------------------------------------------- cases


def _matrix(array: Array) -> Array:
    """An array with two axes: a column for a vector."""
    return np.reshape(array, (*array.shape, 1, 1)[:2])


def _received(walk_: Walk, totals: tuple[Array, ...]) -> tuple[StepPoint, ...]:
    pairs = zip(walk_.steps, totals[1:], totals[:-1], strict=False)
    return tuple(step.receiving(above, below) for step, above, below in pairs)


def _ending(walk_: Walk, length: int) -> list[Array]:
    """The upstream gradients of a loss that depends on the last state alone."""
    return [*(walk_.silence,) * length, walk_.upstream(length)]


def _single_steps(walk_: Walk, route: Route) -> tuple[_Case, ...]:
    """Each step of the longest walk by itself: what the induction rests on."""
    totals = walk_.in_states(_ending(walk_, len(walk_.steps)), route)
    return tuple(
        _Case((step,), _matrix(totals[k + 1]), _matrix(totals[k]))
        for k, step in enumerate(_received(walk_, totals))
    )


def _product_case(walk_: Walk, length: int, route: Route) -> _Case:
    upstream = _ending(walk_, length)
    wanted = walk_.gradient(upstream, walk_.recurrence.before, route)
    return _Case(walk_.steps[:length], _matrix(upstream[-1]), _matrix(wanted))


def _sum_case(walk_: Walk, length: int, wrt: Tensor, route: Route) -> _Case:
    """A loss that depends on every state, as in a network that has an output at each step."""
    upstream = [walk_.silence, *(walk_.upstream(k) for k in range(1, length + 1))]
    steps = _received(walk_, walk_.in_states(upstream, route))
    wanted = walk_.gradient(upstream, wrt, route)
    return _Case(steps, _matrix(upstream[-1]), _matrix(wanted))


def _commute(factor: Mat, recurrence: Recurrence) -> bool:
    """Whether factors of different steps commute: all are equal, numbers, or diagonal."""
    moving = any(
        not isinstance(node.leaf, Tensor)
        or node.leaf == recurrence.before
        or recurrence.varies(node.leaf)
        for node in walk(factor)
        if isinstance(node, Sym)
    )
    return factor.is_scalar or not moving or _is_diagonal(factor, recurrence)


def _is_diagonal(node: Mat, recurrence: Recurrence) -> bool:
    match node:
        case Diag() | Identity():
            return True
        case Sym(leaf=Tensor() as tensor) if tensor in recurrence.computation.bodies:
            return _is_diagonal(recurrence.computation.bodies[tensor], recurrence)
        case Add() | Product() | Scaled() | Transposed():
            return all(_is_diagonal(part, recurrence) for part in children(node))
        case _:
            return False
