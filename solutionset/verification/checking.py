"""The gate: an author's problem goes in, and only what was verified comes out as plain data."""

from collections.abc import Callable, Mapping

from solutionset.calculus.definitions import Definition
from solutionset.calculus.expressions import entry as entry_of
from solutionset.calculus.matrix import Mat, ShapeError, Sym
from solutionset.calculus.tensors import CalculusError, Tensor
from solutionset.errors import AuthorError, ClaimError, Failures, Place, SolutionSetError
from solutionset.model import (
    CheckedClaim,
    CheckedDefinition,
    CheckedInstance,
    CheckedSolution,
    CheckedSymbol,
    Entry,
    FigurePlan,
    SetConfig,
)
from solutionset.notation.matrix_reader import read_matrix
from solutionset.notation.names import Naming
from solutionset.notation.reader import read_index
from solutionset.verification.bench import Bench, Spot, compare
from solutionset.verification.claims import (
    Bound,
    Chain,
    Claim,
    Count,
    Derived,
    Exact,
    Expectation,
    Experiment,
    Optimum,
    Order,
    SetOf,
    Theorem,
)
from solutionset.verification.computation import Computation
from solutionset.verification.derived import check_derived
from solutionset.verification.evaluate import index_value, matrix_value
from solutionset.verification.evidence import (
    check_count,
    check_experiment,
    check_optimum,
    check_set,
    check_theorem,
)
from solutionset.verification.instances import ExactPoint, check_instance
from solutionset.verification.oracles import TOLERANCE, Route
from solutionset.verification.pitfalls import check_pitfall
from solutionset.verification.problem import Problem, Solution
from solutionset.verification.relations import (
    check_bound,
    check_chain,
    check_exact,
    check_expectation,
    check_order,
)


def check(
    problem: Problem, entry: Entry, config: SetConfig, seeds: tuple[int, ...]
) -> CheckedSolution:
    """Solve a problem and check all it claims; raises `ClaimError`, or `Failures` for several."""
    place = Place(entry.module)
    solution = problem.solve()
    _names_are_unique(solution, place)
    bench = Bench(
        entry.name,
        Naming(config.notation),
        _computations(solution.claims),
        seeds,
        solution.survivors,
    )
    symbols, definitions = _symbols(bench), _definitions(bench)
    claims = _claims(solution.claims, bench, problem.question)
    derived = {c.head.name: c for c in solution.claims if isinstance(c, Derived)}
    instances, exact = _instances(solution, derived, bench, place)
    pitfalls = tuple(
        check_pitfall(pitfall, solution.claims, exact, bench, place)
        for pitfall in solution.pitfalls
    )
    _references_exist(solution, place)
    return CheckedSolution(
        entry=entry.name,
        title=problem.title,
        question=problem.question,
        source=problem.source,
        symbols=symbols,
        definitions=definitions,
        claims=claims,
        instances=instances,
        pitfalls=pitfalls,
        values=_values(claims, place),
        figures=_plans(solution),
        errata=solution.errata,
        audit=solution.audit,
        prose=solution.prose,
    )


def _computations(claims: tuple[Claim, ...]) -> tuple[Computation, ...]:
    """The computations that the claims are about, in order; counts and the like have none."""
    found = (getattr(claim, "computation", None) for claim in claims)
    return tuple({c.name: c for c in found if c is not None}.values())


def _claims(claims: tuple[Claim, ...], bench: Bench, question: str) -> tuple[CheckedClaim, ...]:
    """Check every claim; all that fail are reported together."""
    checked: list[CheckedClaim] = []
    failed: list[SolutionSetError] = []
    for claim in claims:
        try:
            checked.append(_check_claim(claim, bench, question, checked))
        except (ClaimError, CalculusError) as error:
            failed.append(error.at(claim.head.place))
    if failed:
        raise failed[0] if len(failed) == 1 else Failures(tuple(failed))
    return tuple(checked)


def _check_claim(
    claim: Claim, bench: Bench, question: str, before: list[CheckedClaim]
) -> CheckedClaim:
    match claim:
        case Derived():
            return check_derived(claim, bench, question)
        case Chain():
            return check_chain(claim, bench, question)
        case Bound():
            return check_bound(claim, bench, question)
        case Order():
            return check_order(claim, bench, question)
        case Expectation():
            return check_expectation(claim, bench, question)
        case Exact():
            return check_exact(claim, bench, question)
        case Optimum():
            return check_optimum(claim, bench, question)
        case SetOf():
            return check_set(claim, bench, question)
        case Count():
            return check_count(claim, bench, question)
        case Experiment():
            return check_experiment(claim, bench, question)
        case Theorem():
            return check_theorem(claim, {c.name: c for c in before}, question)


def _instances(
    solution: Solution, derived: Mapping[str, Derived], bench: Bench, place: Place
) -> tuple[tuple[CheckedInstance, ...], tuple[ExactPoint, ...]]:
    pairs = [check_instance(i, derived, bench, place) for i in solution.instances]
    return tuple(checked for checked, _ in pairs), tuple(point for _, point in pairs)


# --------------------------------------------------------------------- symbols, definitions


def _symbols(bench: Bench) -> tuple[CheckedSymbol, ...]:
    given = {t: None for c in bench.computations for t in c.definitions.given}
    return tuple(
        CheckedSymbol(t.name, bench.naming.whole(t), tuple(d.name for d in t.dims), t.meaning)
        for t in given
    )


def _definitions(bench: Bench) -> tuple[CheckedDefinition, ...]:
    found: dict[str, CheckedDefinition] = {}
    for computation in bench.computations:
        for definition in computation.definitions.ordered:
            tensor = definition.tensor
            checked = _definition(definition, computation, bench)
            if found.setdefault(tensor.name, checked) != checked:
                raise AuthorError(
                    f"{tensor.name} is defined in two ways",
                    code="definition",
                    place=computation.place,
                )
    return tuple(found.values())


def _definition(
    definition: Definition, computation: Computation, bench: Bench
) -> CheckedDefinition:
    """Print a definition in both notations; what is printed must evaluate to the tensor."""
    tensor = definition.tensor
    by_entry = bench.printer.expr(definition.body)
    read = read_index(by_entry, bench.vocabulary, definition.indices)
    _defines(
        computation,
        bench,
        tensor,
        by_entry,
        lambda point: index_value(read, definition.indices, point),
    )
    left = bench.printer.expr(entry_of(tensor, definition.indices))
    entry_formula = f"{left} = {by_entry}"
    shape = tuple(d.name for d in tensor.dims)
    body = computation.bodies.get(tensor)
    if body is None:
        return CheckedDefinition(tensor.name, entry_formula, entry_formula, shape)
    latex = bench.printer.matrix(body)
    form = _read_shaped(latex, tensor, computation, bench)
    _defines(computation, bench, tensor, latex, lambda point: matrix_value(form, point))
    return CheckedDefinition(
        tensor.name, f"{bench.naming.whole(tensor)} = {latex}", entry_formula, shape
    )


def _read_shaped(latex: str, tensor: Tensor, computation: Computation, bench: Bench) -> Mat:
    form = read_matrix(latex, bench.vocabulary)
    if form.shape != Sym(tensor).shape:
        raise ShapeError(
            f"the definition of {tensor.name} has another shape than {tensor.name}",
            got=" x ".join(d.name for d in form.shape),
            wanted=" x ".join(d.name for d in Sym(tensor).shape),
        ).at(computation.place)
    return form


def _defines(
    computation: Computation,
    bench: Bench,
    tensor: Tensor,
    latex: str,
    value: Callable[..., "object"],
) -> None:
    tolerance = TOLERANCE[Route.ENUMERATION]
    for point in bench.points(computation):
        wanted = point.tensors[tensor]
        spot = Spot(tensor.name, computation.place, 0, "definition", latex)
        got = value(point)
        compare(bench, spot, point, got.reshape(wanted.shape), wanted, tolerance)  # type: ignore[attr-defined]


# ----------------------------------------------------------------------------- bookkeeping


def _values(claims: tuple[CheckedClaim, ...], place: Place) -> tuple[tuple[str, str], ...]:
    """The measured numbers of all experiments, by name; a name given twice is refused."""
    found: dict[str, str] = {}
    for claim in claims:
        for name, latex in claim.values:
            if name in found:
                raise AuthorError(f"two experiments measure {name}", code="name", place=place)
            found[name] = latex
    return tuple(found.items())


def _plans(solution: Solution) -> tuple[FigurePlan, ...]:
    return tuple(FigurePlan(f.name, f.alt, f.caption, f.width, f.height) for f in solution.figures)


def _names_are_unique(solution: Solution, place: Place) -> None:
    kinds = {
        "claim": [c.head.name for c in solution.claims],
        "figure": [f.name for f in solution.figures],
        "instance": [i.name for i in solution.instances],
        "pitfall": [p.name for p in solution.pitfalls],
        "erratum": [e.name for e in solution.errata],
    }
    for kind, names in kinds.items():
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise AuthorError(f"two {kind}s are called {twice[0]}", code="name", place=place)
    if not solution.claims:
        raise AuthorError(
            "the solution claims nothing",
            code="claim",
            place=place,
            advice="a problem without a claim would print nothing that was checked",
        )
    silent = [f.name for f in solution.figures if not f.alt.strip()]
    if silent:
        raise AuthorError(
            f"figure {silent[0]} has no alt text",
            code="figure",
            place=place,
            advice="say in words what is to be seen",
        )


def _references_exist(solution: Solution, place: Place) -> None:
    known = {c.head.name for c in solution.claims}
    for survivor in solution.survivors:
        if survivor.claim not in known:
            raise AuthorError(
                f"a survivor names the unknown claim {survivor.claim!r}",
                code="survivor",
                place=place,
                wanted=f"one of {', '.join(sorted(known))}",
            )
    for erratum in solution.errata:
        if erratum.claim not in known:
            raise AuthorError(
                f"erratum {erratum.name} names the unknown claim {erratum.claim!r}",
                code="erratum",
                place=place,
                wanted=f"one of {', '.join(sorted(known))}",
            )
    for row in solution.audit:
        if row.claim and row.claim not in known:
            raise AuthorError(
                f"an audit row of {row.where!r} names the unknown claim {row.claim!r}",
                code="audit",
                place=place,
                wanted=f"one of {', '.join(sorted(known))}",
            )
        if not row.claim and not row.reason:
            raise AuthorError(
                f"the audit of {row.where!r} has neither a claim nor a reason",
                code="audit",
                place=place,
                got=row.statement,
            )
