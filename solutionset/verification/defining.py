"""The check of definitions: what is printed equals what `forward` computes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from solutionset.calculus.definitions import Definition
from solutionset.calculus.expressions import Expr, entry
from solutionset.calculus.matrix import Mat, ShapeError, Sym
from solutionset.calculus.tensors import CalculusError, Tensor
from solutionset.errors import AuthorError, ClaimError
from solutionset.model import CheckedDefinition, Verdict
from solutionset.verification.bench import Bench, Spot, compare
from solutionset.verification.computation import Computation
from solutionset.verification.evaluate import index_value, matrix_value
from solutionset.verification.mutants import NOTHING, judge_index
from solutionset.verification.oracles import TOLERANCE, Array, Route, relative_error
from solutionset.verification.points import Point
from solutionset.verification.verdicts import Measurement

_TOLERANCE = TOLERANCE[Route.ENUMERATION]


def check_definitions(bench: Bench) -> tuple[CheckedDefinition, ...]:
    """Check every definition of every computation; raises `ClaimError` for the first that fails."""
    found: dict[str, CheckedDefinition] = {}
    for computation in bench.computations:
        for definition in computation.definitions.ordered:
            try:
                checked = _check(definition, computation, bench)
            except CalculusError as error:
                raise error.at(computation.place) from None
            known = found.setdefault(definition.tensor.name, checked)
            if known.formula != checked.formula:
                raise AuthorError(
                    f"{definition.tensor.name} is defined in two ways",
                    code="definition",
                    place=computation.place,
                    got=checked.formula,
                    wanted=known.formula,
                )
    return tuple(found.values())


def _check(definition: Definition, computation: Computation, bench: Bench) -> CheckedDefinition:
    """Print a definition in both notations; what is printed must evaluate to the tensor."""
    tensor = definition.tensor
    name = f"definition_{tensor.name}"
    by_entry = bench.printer.expr(definition.body)
    read = bench.read_expr(name, by_entry, definition.body, definition.indices)
    worst = _compared(
        computation, bench, tensor, by_entry, lambda p: index_value(read, definition.indices, p)
    )
    left = bench.printer.expr(entry(tensor, definition.indices))
    formula = entry_formula = f"{left} = {by_entry}"
    body = computation.bodies.get(tensor)
    if body is not None:
        latex = bench.printer.matrix(body)
        form = bench.read_mat(name, latex, body)
        _must_fit(form, tensor, computation)
        error = _compared(computation, bench, tensor, latex, lambda p: matrix_value(form, p))
        worst = max(worst, error)
        formula = f"{bench.naming.whole(tensor)} = {latex}"
    verdict = bench.as_read(name, _verdict(definition, computation, bench, worst))
    shape = tuple(d.name for d in tensor.dims)
    return CheckedDefinition(tensor.name, formula, entry_formula, shape, verdict)


def _must_fit(form: Mat, tensor: Tensor, computation: Computation) -> None:
    if form.shape != Sym(tensor).shape:
        raise ShapeError(
            f"the definition of {tensor.name} has another shape than {tensor.name}",
            got=" x ".join(d.name for d in form.shape),
            wanted=" x ".join(d.name for d in Sym(tensor).shape),
        ).at(computation.place)


def _expected(point: Point, tensor: Tensor) -> Array:
    """The value by `forward`, or through the definitions where it does not return the tensor."""
    return point.forward_values.get(tensor.name, point.tensors[tensor])


def _compared(
    computation: Computation,
    bench: Bench,
    tensor: Tensor,
    latex: str,
    value: Callable[[Point], Array],
) -> float:
    spot = Spot(tensor.name, computation.place, 0, "definition", latex)
    return max(
        compare(
            bench,
            spot,
            point,
            np.reshape(value(point), _expected(point, tensor).shape),
            _expected(point, tensor),
            _TOLERANCE,
        )
        for point in bench.points(computation)
    )


def _general_points(computation: Computation, bench: Bench) -> tuple[Point, ...]:
    """Points without hypotheses, since a definition holds on all data and a mutant on special data
    may be right; where general data leave the domain of `forward`, or `forward` takes a hypothesis
    for granted, the points of the claims."""
    if not computation.samplers:
        return bench.points(computation)
    general = replace(computation, name=f"{computation.name}/general", samplers={})
    try:
        with np.errstate(all="ignore"):
            points = bench.points(general)
        if all(np.all(np.isfinite(v)) for p in points for v in p.forward_values.values()):
            return points
    except (AuthorError, ClaimError, ArithmeticError):
        pass
    return bench.points(computation)


def _verdict(
    definition: Definition, computation: Computation, bench: Bench, worst: float
) -> Verdict:
    """Mutants of a definition are judged by `forward`; a quantity it does not return has none."""
    tensor = definition.tensor
    points = bench.points(computation)
    measured = Measurement(
        Route.INDEPENDENT_CODE.value, worst, _TOLERANCE, len(points), bench.seeds, 1
    )
    if tensor.name not in points[0].forward_values:
        verdict = bench.verdict(tensor.name, computation.place, measured, NOTHING)
        note = "forward does not return it: judged through what is built from it"
        return replace(verdict, mutants=None, note=note)

    def killed(mutant: Expr) -> bool:
        for point in points:
            with np.errstate(all="ignore"):
                got = index_value(mutant, definition.indices, point)
            if relative_error(got, _expected(point, tensor), point.scale) > _TOLERANCE:
                return True
        return False

    points = _general_points(computation, bench)
    definitions = computation.definitions
    leaves = tuple(
        t for t in computation.tensors if t != tensor and not definitions.depends(t, tensor)
    )
    outcome = judge_index(
        definition.body, leaves, killed, bench.printer.expr, bench.equality(definitions)
    )
    return bench.verdict(tensor.name, computation.place, measured, outcome)
