"""The gate: an author's problem goes in, and only what was verified comes out as plain data."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace

from solutionset.calculus.matrix import Applied, Mat
from solutionset.calculus.tensors import Elementwise
from solutionset.calculus.trees import children
from solutionset.errors import AuthorError, Failures, Place, SolutionSetError
from solutionset.model import (
    CheckedClaim,
    CheckedInstance,
    CheckedSolution,
    CheckedSymbol,
    Entry,
    FigurePlan,
    SetConfig,
)
from solutionset.notation.names import Naming
from solutionset.verification.bench import Bench
from solutionset.verification.bounds import check_bound
from solutionset.verification.claims import (
    Bound,
    Chain,
    Claim,
    Computed,
    Count,
    CountGrid,
    Depth,
    Derived,
    Exact,
    Expansion,
    Expectation,
    Experiment,
    Extremum,
    Limit,
    Line,
    Optimum,
    Order,
    SetOf,
    SharedGradient,
    Theorem,
)
from solutionset.verification.computation import Computation
from solutionset.verification.counting import check_count, check_grid
from solutionset.verification.defining import check_definitions
from solutionset.verification.depth import check_depth, check_shared
from solutionset.verification.derived import check_derived
from solutionset.verification.evidence import check_experiment, check_theorem
from solutionset.verification.expansion import check_expansion
from solutionset.verification.expectation import check_expectation
from solutionset.verification.extremum import check_extremum
from solutionset.verification.instances import ExactPoint, check_instance
from solutionset.verification.optimum import check_optimum, check_set
from solutionset.verification.outside import with_hypotheses
from solutionset.verification.pitfalls import check_pitfall
from solutionset.verification.problem import Problem, Solution
from solutionset.verification.relations import (
    check_chain,
    check_exact,
    check_limit,
    check_order,
)
from solutionset.verification.rounding import refuse_hidden_terms


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
        _functions(solution.claims),
    )
    symbols, definitions = _symbols(bench), check_definitions(bench)
    claims = _claims(solution.claims, bench, problem.question)
    derived = {c.head.name: c for c in solution.claims if isinstance(c, Derived)}
    instances, exact = _instances(solution, derived, bench)
    pitfalls = tuple(
        check_pitfall(pitfall, solution.claims, exact, bench) for pitfall in solution.pitfalls
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


def _functions(claims: tuple[Claim, ...]) -> tuple[Elementwise, ...]:
    """The elementwise functions in the formulas that authors gave, without their derivatives."""
    found = (f for claim in claims for formula in _formulas(claim) for f in _applied(formula))
    return tuple(dict.fromkeys(replace(function, order=0) for function in found))


def _formulas(claim: Claim) -> Iterator[Mat]:
    for field in fields(claim):
        value = getattr(claim, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            formula = part.value if isinstance(part, Line) else part
            if isinstance(formula, Mat):
                yield formula


def _applied(formula: Mat) -> Iterator[Elementwise]:
    if isinstance(formula, Applied):
        yield formula.function
    for part in children(formula):
        yield from _applied(part)


def _claims(claims: tuple[Claim, ...], bench: Bench, question: str) -> tuple[CheckedClaim, ...]:
    """Check every claim; all that fail are reported together."""
    checked: list[CheckedClaim] = []
    failed: list[SolutionSetError] = []
    for claim in claims:
        try:
            if isinstance(claim, Computed):
                refuse_hidden_terms(claim, bench)
            done = _check_claim(claim, bench, question, checked)
            done = replace(done, verdict=bench.as_read(claim.head.name, done.verdict))
            checked.append(with_hypotheses(done, claim, bench, _check_alone))
        except SolutionSetError as error:
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
        case Expansion():
            return check_expansion(claim, bench, question)
        case Extremum():
            return check_extremum(claim, bench, question)
        case Limit():
            return check_limit(claim, bench, question)
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
        case CountGrid():
            return check_grid(claim, bench, question)
        case Experiment():
            return check_experiment(claim, bench, question)
        case Depth():
            return check_depth(claim, bench, question)
        case SharedGradient():
            return check_shared(claim, bench, question)
        case Theorem():
            return check_theorem(claim, {c.name: c for c in before}, question)


def _check_alone(claim: Claim, bench: Bench) -> None:
    """Check a claim at one seed, on a bench that knows nothing but its computation.

    That is to see whether it breaks on other data, for which a few general draws are enough.
    """
    alone = Bench(
        bench.entry,
        bench.naming,
        _computations((claim,)),
        bench.seeds[:1],
        more_functions=_functions((claim,)),
        draws=4,
        starts=4,
        mutates=False,
    )
    _check_claim(claim, alone, "", [])


def _instances(
    solution: Solution, derived: Mapping[str, Derived], bench: Bench
) -> tuple[tuple[CheckedInstance, ...], tuple[ExactPoint, ...]]:
    pairs = [check_instance(i, derived, bench) for i in solution.instances]
    return tuple(checked for checked, _ in pairs), tuple(point for _, point in pairs)


def _symbols(bench: Bench) -> tuple[CheckedSymbol, ...]:
    given = {t: None for c in bench.computations for t in c.definitions.given}
    return tuple(
        CheckedSymbol(t.name, bench.naming.whole(t), tuple(d.name for d in t.dims), t.meaning)
        for t in given
    )


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
