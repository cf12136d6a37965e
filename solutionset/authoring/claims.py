"""The constructors of claims, one a kind, in the words an author uses."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import sympy as sp

from solutionset.authoring.symbols import Function, number, plain
from solutionset.calculus.matrix import Mat, Sym
from solutionset.calculus.moments import Bernoulli, Normal
from solutionset.calculus.series import expand_direction
from solutionset.calculus.tensors import CalculusError, Tensor
from solutionset.errors import here
from solutionset.notation.numbers import Quantity
from solutionset.verification.claims import (
    Bound,
    Chain,
    Count,
    CountGrid,
    CountRow,
    Depth,
    Exact,
    ExactRelation,
    Expansion,
    Expectation,
    Experiment,
    Extremum,
    Head,
    Limit,
    Line,
    Optimum,
    Order,
    Recount,
    SetOf,
    SharedGradient,
    TableRow,
    Theorem,
)
from solutionset.verification.computation import Computation, Parameter, Sampler
from solutionset.verification.oracles import Array
from solutionset.verification.recording import Recording
from solutionset.verification.recurrence import Recurrence


def chain(
    name: str, computation: Computation, left: Sym, *lines: tuple[Mat, str], title: str = ""
) -> Chain:
    """Claim that a gradient or Jacobian equals each of these matrix expressions in turn."""
    place = here()
    if not lines or not all(isinstance(line, tuple) and len(line) == 2 for line in lines):
        raise CalculusError(
            f"the lines of {name} do not fit", wanted="one pair a line, (formula, reason)"
        ).at(place)
    body = tuple(Line(value, because) for value, because in lines)
    return Chain(Head(name, title, place), computation, left, body)


def bound(
    name: str,
    computation: Computation,
    left: Mat,
    right: Mat,
    *,
    tight: Mapping[Sym, Sampler],
    slack: float = 0.05,
    title: str = "",
) -> Bound:
    """Claim left <= right; `tight` draws data for which it is attained up to the `slack`."""
    special = {plain(sym): sampler for sym, sampler in tight.items()}
    return Bound(Head(name, title, here()), computation, left, right, special, slack)


def order(
    name: str,
    computation: Computation,
    left: Mat,
    step: Parameter,
    exponent: int,
    *,
    title: str = "",
) -> Order:
    """Claim left = O(step^exponent) as the step tends to zero, for a whole exponent from one on.

    A measured slope is good to a tenth, so that exponents between whole numbers are refused.
    """
    if not isinstance(exponent, int) or exponent < 1:
        raise CalculusError(
            f"order {exponent} cannot be measured", wanted="a whole number from one on"
        ).at(here())
    return Order(Head(name, title, here()), computation, left, step.symbol, exponent)


def expansion(
    name: str,
    computation: Computation,
    left: Mat,
    *terms: Mat,
    step: Parameter,
    order: int,
    title: str = "",
) -> Expansion:
    """Claim that a vector divided by its norm is the sum of terms[k] step^k, up to O(step^order).

    The calculus derives the terms; those given here say the same in other words, one for each power
    below `order`. The order is 1, 2 or 3: beyond it no slope can be measured.
    """
    place = here()
    if order not in (1, 2, 3) or len(terms) not in (0, order):
        raise CalculusError(
            f"an expansion up to order {order} with {len(terms)} terms",
            wanted="order 1, 2 or 3, and no term or one for each power below it",
        ).at(place)
    try:
        derived = expand_direction(left, step.symbol, order)
    except CalculusError as error:
        raise error.at(place) from None
    head = Head(name, title, place)
    return Expansion(head, computation, left, step.symbol, derived, terms)


def extremum(
    name: str,
    function: Function,
    *,
    at: int | sp.Expr,
    value: int | sp.Expr,
    forward: Callable[..., Array],
    which: str = "max",
    title: str = "",
) -> Extremum:
    """Claim the largest (`which="min"`: the least) value of a function of one real variable.

    `forward` is the function without primes as plain NumPy. An infinite `at` says that the value is
    approached there and not attained.
    """
    head = Head(name, title, here())
    exact_at, exact_value = sp.sympify(at), sp.sympify(value)
    return Extremum(head, function.function, which, exact_at, exact_value, forward)


def limit(
    name: str,
    computation: Computation,
    left: Mat,
    right: Mat | int,
    *,
    index: Parameter,
    rate: sp.Expr,
    title: str = "",
) -> Limit:
    """Claim that left tends to right as the whole number `index` grows, at least at this rate."""
    value = right if isinstance(right, Mat) else number(right)
    return Limit(Head(name, title, here()), computation, left, value, index.symbol, rate)


def identity_of(
    name: str, computation: Computation, left: Mat, right: Mat, *, because: str, title: str = ""
) -> Chain:
    """Claim left = right: the left by `forward`, the right through the definitions."""
    return Chain(Head(name, title, here()), computation, left, (Line(right, because),), "identity")


def expectation(
    name: str,
    computation: Computation,
    left: Mat,
    right: Mat,
    *,
    mask: Sym,
    probability: Parameter | sp.Expr,
    title: str = "",
) -> Expectation:
    """Claim E[left] = right for a mask of independent entries, one with the given probability."""
    law = Bernoulli(_exact(probability))
    return Expectation(Head(name, title, here()), computation, plain(mask), law, left, right)


def expectation_over_noise(
    name: str,
    computation: Computation,
    left: Mat,
    right: Mat,
    *,
    noise: Sym,
    variance: Parameter | int | sp.Expr,
    title: str = "",
) -> Expectation:
    """Claim E[left] = right for independent normal entries with mean zero and this variance."""
    law = Normal(_exact(variance))
    return Expectation(Head(name, title, here()), computation, plain(noise), law, left, right)


def _exact(value: Parameter | int | sp.Expr) -> sp.Expr:
    return value.symbol if isinstance(value, Parameter) else sp.sympify(value)


def relation(left: Mat, sign: str, right: Mat | int | sp.Expr, because: str = "") -> ExactRelation:
    """One exact relation; `sign` is =, <, >, \\le, \\ge or \\neq."""
    value = right if isinstance(right, Mat) else number(right)
    return ExactRelation(left, sign, value, because)


def counterexample(name: str, *relations: ExactRelation, title: str = "") -> Exact:
    """Claim relations between exact numbers that refute a statement."""
    return Exact(Head(name, title, here()), "counterexample", relations)


def exact(name: str, *relations: ExactRelation, title: str = "") -> Exact:
    """Claim relations between exact numbers that illustrate a statement."""
    return Exact(Head(name, title, here()), "identity", relations)


def optimum(
    name: str,
    computation: Computation,
    variable: Sym | Sequence[Sym],
    minimiser: Mat | Sequence[Mat],
    *,
    value: Mat | None = None,
    title: str = "",
) -> Optimum:
    """Claim that `minimiser` attains the minimum of the loss over `variable`, or over several."""
    head, over = Head(name, title, here()), _several(variable)
    forms = (minimiser,) if isinstance(minimiser, Mat) else tuple(minimiser)
    if len(forms) != len(over):
        raise CalculusError(
            f"{len(forms)} formulas for {len(over)} variables", wanted="one formula a variable"
        ).at(head.place)
    return Optimum(head, computation, over, forms, value)


def _several(variable: Sym | Sequence[Sym]) -> tuple[Tensor, ...]:
    return tuple(map(plain, (variable,) if isinstance(variable, Sym) else variable))


def minimisers(
    name: str,
    computation: Computation,
    variable: Sym | Sequence[Sym],
    statement: str,
    *,
    member: Callable[..., Array | tuple[Array, ...]],
    outsider: Callable[..., Array | tuple[Array, ...]],
    belongs: Callable[..., bool],
    title: str = "",
) -> SetOf:
    """Claim what all minimisers are: `member(given, rng)`, `outsider(given, rng)` draw, and
    `belongs(given, array)` decides. Of several variables these are tuples, one array each."""
    head = Head(name, title, here())
    return SetOf(head, computation, _several(variable), statement, member, outsider, belongs)


def count(name: str, *rows: CountRow, title: str = "") -> Count:
    """Claim a table of whole numbers, each counted from a list and by a closed form."""
    return Count(Head(name, title, here()), rows)


def count_grid(
    name: str,
    columns: Sequence[str],
    *groups: Sequence[TableRow],
    total: TableRow | None = None,
    recount: Recount | None = None,
    title: str = "",
) -> CountGrid:
    """Claim a table with several columns, in groups of rows; each row begins with its label.

    The counted cells of the row `total` are the sums of those above; `recount` is a package that
    counts once more where it is installed.
    """
    body = tuple(tuple(group) for group in groups)
    return CountGrid(Head(name, title, here()), tuple(columns), body, total, recount)


def experiment(
    name: str,
    run: Callable[..., Mapping[str, Quantity]],
    expect: Callable[..., Mapping[str, bool]],
    *,
    title: str = "",
    seeds: Sequence[int] = (),
    data: Mapping[str, str] | None = None,
    recorded: Recording | None = None,
) -> Experiment:
    """Claim what a run measures: `run(rng)` returns quantities, `expect(values)` what must hold.

    The ledger names the `seeds` that the run uses of its own and the hashes of its `data`, by the
    name of their file. `recorded` is the recording that the run takes its numbers from.
    """
    head = Head(name, title, here())
    return Experiment(head, run, expect, tuple(seeds), data or {}, recorded)


def recording(
    file: Path,
    *,
    package: str,
    run: Callable[..., Mapping[str, Iterable[float]]],
    code: Sequence[Path],
    data: Callable[[], Iterable[Array]],
    tolerances: Mapping[str, float] | None = None,
) -> Recording:
    """Numbers that `run(package)` measures, kept in `file` for builds without the package.

    `code` are the files and `data()` the arrays on which they depend. Numbers of another run agree
    up to 1e-9, or up to what `tolerances` says for a series.
    """
    return Recording(file, package, run, tuple(code), data, here(), tolerances or {})


def depth(
    name: str,
    step: Computation,
    *,
    state: tuple[Sym, Sym],
    factor: Mat | None,
    length: str,
    title: str = "",
) -> Depth:
    """Claim that the gradient in the first state is the product of one factor a step, the factor of
    the first step leftmost, times that in the last.

    `state` is the old and the new state of the step, `factor` the transposed Jacobian between them,
    `length` the letter for the number of steps.
    """
    place = here()
    try:
        chained = Recurrence(step, plain(state[0]), plain(state[1]), length)
        repeated = _repeated(factor)
    except CalculusError as error:
        raise error.at(place) from None
    return Depth(Head(name, title, place), step, chained.before, chained.after, repeated, length)


def shared_gradient(
    name: str,
    step: Computation,
    *,
    state: tuple[Sym, Sym],
    wrt: Sym,
    term: Mat | None,
    length: str,
    title: str = "",
) -> SharedGradient:
    """Claim that the gradient in a tensor that all steps share is the sum of one term a step.

    The other arguments are those of `depth`; gradients in the term are those of the whole loss.
    """
    place = here()
    try:
        chained = Recurrence(step, plain(state[0]), plain(state[1]), length)
        repeated = _repeated(term)
    except CalculusError as error:
        raise error.at(place) from None
    head = Head(name, title, place)
    return SharedGradient(head, step, chained.before, chained.after, plain(wrt), repeated, length)


def _repeated(form: Mat | None) -> Mat:
    """What every step repeats; the form of a derived claim may be missing."""
    if form is None:
        raise CalculusError("what every step repeats has no matrix form")
    return form


def theorem(
    name: str,
    statement: str,
    *,
    parts: Sequence[str],
    hypotheses: Sequence[str] = (),
    title: str = "",
) -> Theorem:
    """Claim a statement whose computable parts are the claims named."""
    return Theorem(Head(name, title, here()), statement, tuple(hypotheses), tuple(parts))
