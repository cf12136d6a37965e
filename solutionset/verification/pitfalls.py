"""Pitfalls: a tempting wrong formula must be wrong, and the error it causes is measured."""

import numpy as np

from solutionset.calculus.matrix import Mat, ShapeError, Sym
from solutionset.calculus.tensors import Gradient, Jacobian, Leaf
from solutionset.errors import AuthorError, ClaimError
from solutionset.model import CheckedPitfall
from solutionset.notation.matrix_reader import read_matrix
from solutionset.verification.bench import Bench
from solutionset.verification.claims import Chain, Claim, Derived
from solutionset.verification.computation import Computation
from solutionset.verification.evaluate import matrix_value
from solutionset.verification.exact_printer import inline_latex
from solutionset.verification.instances import ExactPoint, as_printed, equal_exactly
from solutionset.verification.oracles import TOLERANCE, Array, Route, relative_error
from solutionset.verification.points import Point
from solutionset.verification.problem import Pitfall


def check_pitfall(
    pitfall: Pitfall,
    claims: tuple[Claim, ...],
    exact: tuple[ExactPoint, ...],
    bench: Bench,
) -> CheckedPitfall:
    """Measure what the wrong formula does; raises `ClaimError` if it is right after all."""
    fit = {c.head.name: c for c in claims if isinstance(c, Derived | Chain)}
    if pitfall.claim not in fit:
        raise AuthorError(
            f"pitfall {pitfall.name} names {pitfall.claim!r}, which is no gradient, Jacobian or "
            "chain",
            code="pitfall",
            place=pitfall.place,
            wanted=", ".join(fit),
        )
    claim = fit[pitfall.claim]
    leaf = _left(claim, pitfall)
    try:
        wrong = pitfall.wrong()
    except ShapeError as error:
        text = f"The shapes do not fit: {error.message} {_sizes(error.got)}."
        return CheckedPitfall(pitfall.name, pitfall.text, "", text, pitfall.claim)
    latex = bench.printer.matrix(wrong)
    if wrong.shape != Sym(leaf).shape:
        shapes = wrong.shape, Sym(leaf).shape
        got, wanted = (_sizes(" x ".join(dim.name for dim in shape)) for shape in shapes)
        text = f"The shapes do not fit: ${latex}$ is {got} and not {wanted}."
        return CheckedPitfall(pitfall.name, pitfall.text, "", text, pitfall.claim)
    read = read_matrix(latex, bench.vocabulary)
    _must_be_wrong(pitfall, claim, leaf, read, bench)
    shown = rf"{bench.printer.matrix(Sym(leaf))} \neq {latex}"
    consequence = _consequence(claim, leaf, read, exact, bench)
    return CheckedPitfall(pitfall.name, pitfall.text, shown, consequence, pitfall.claim)


def _left(claim: Derived | Chain, pitfall: Pitfall) -> Leaf:
    match claim:
        case Derived():
            return Gradient(claim.wrt) if claim.of is None else Jacobian(claim.of, claim.wrt)
        case Chain(left=Sym() as left):
            return left.leaf
    raise AuthorError(
        f"the left side of {claim.head.name} is no name that pitfall {pitfall.name} could be "
        "wrong about",
        code="pitfall",
        place=pitfall.place,
        advice="define the left side, or name another claim",
    )


def _computation(claim: Derived | Chain) -> Computation:
    """The computation under all that the derivation assumes: a formula that is right there is no
    mistake."""
    computation = claim.computation
    for step in claim.derivation.steps if isinstance(claim, Derived) else ():
        if step.assumption is not None:
            computation = computation.under(step.assumption)
    return computation


def _sizes(got: str) -> str:
    """The shapes of an error message as inline mathematics."""
    if not got:
        return ""
    return "$" + got.replace(" x ", r" \times ").replace(" and ", "$ and $") + "$"


def _must_be_wrong(
    pitfall: Pitfall, claim: Derived | Chain, leaf: Leaf, wrong: Mat, bench: Bench
) -> None:
    for point in bench.points(_computation(claim)):
        right = point.leaf(leaf)
        value = _value(wrong, point, right.shape)
        if relative_error(value, right, point.scale) > TOLERANCE[Route.CENTRAL_DIFFERENCE]:
            return
    raise ClaimError(
        f"{bench.entry}: pitfall {pitfall.name} is no mistake: the formula is right",
        code="pitfall",
        place=pitfall.place,
        got=bench.printer.matrix(wrong),
    )


def _value(wrong: Mat, point: Point, shape: tuple[int, ...]) -> Array:
    with np.errstate(all="ignore"):  # a mistake may divide by zero
        return np.reshape(matrix_value(wrong, point), shape)


def _consequence(
    claim: Derived | Chain, leaf: Leaf, wrong: Mat, exact: tuple[ExactPoint, ...], bench: Bench
) -> str:
    """What the mistake does to the worked instance, or how far off it is on general data."""
    for point in exact:
        if point.computation is claim.computation:
            right = as_printed(point.leaf(leaf), leaf)
            value = np.reshape(matrix_value(wrong, point), right.shape)
            if not equal_exactly(value, right):
                return (
                    f"On the worked instance it gives ${inline_latex(value)}$ instead of "
                    f"${inline_latex(right)}$."
                )
    error = 100 * max(
        relative_error(_value(wrong, p, p.leaf(leaf).shape), p.leaf(leaf))
        for p in bench.points(_computation(claim))
    )
    if not np.isfinite(error):
        return "On general data it has no value."
    digits = f"{error:.0f}" if error >= 1 else f"{error:.1g}"
    return f"On general data the largest relative error is {digits}\u00a0%."
