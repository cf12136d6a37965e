"""The check of extrema: a search on plain NumPy first, then the exact value."""

from dataclasses import dataclass, replace

import numpy as np
import sympy as sp

from solutionset.calculus.matrix import Applied, Mat, One, Sym, scaled
from solutionset.calculus.scalar import maximum_of, minimum_of
from solutionset.calculus.tensors import Tensor
from solutionset.errors import AuthorError, ClaimError
from solutionset.model import CheckedClaim, CheckedLine, MutantScore
from solutionset.notation.matrix_reader import read_matrix
from solutionset.notation.printer import Printer
from solutionset.notation.tokens import Unreadable
from solutionset.notation.vocabulary import Vocabulary
from solutionset.verification.bench import Bench
from solutionset.verification.checked import checked_claim
from solutionset.verification.claims import Extremum
from solutionset.verification.functions import numeric
from solutionset.verification.mutants import Outcome
from solutionset.verification.oracles import TOLERANCE, Array, Route, is_analytic
from solutionset.verification.verdicts import Measurement

_GRID = np.sinh(np.linspace(-6, 6, 4001))
"""From -200 to 200, dense around zero."""
_FAR = 10.0 ** np.arange(2, 7)
_TOLERANCE = TOLERANCE[Route.INDEPENDENT_CODE]
_STEP = 1e-30
_SIGNS = {"max": 1, "min": -1}
_HEADS = {("max", True): r"\max", ("min", True): r"\min",
          ("max", False): r"\sup", ("min", False): r"\inf"}  # fmt: skip


def check_extremum(claim: Extremum, bench: Bench, question: str) -> CheckedClaim:
    """The author's code is searched for a better value; SymPy decides the exact one."""
    if claim.which not in _SIGNS:
        raise AuthorError(
            f"an extremum is a max or a min, not {claim.which!r}",
            code="claim",
            place=claim.head.place,
        )
    search = _Search(claim)
    worst = search.compare(bench)
    _compare_exactly(claim, bench)
    lines = _lines(claim, bench)
    wrong = [v for v in (2 * claim.value, -claim.value, claim.value + 1, claim.value - 1)
             if v != claim.value]  # fmt: skip
    killed = sum(search.refuses(replace(claim, value=v)) for v in wrong)
    outcome = Outcome(
        MutantScore(len(wrong), 0, 0, killed, len(wrong) - killed),
        tuple(sp.latex(v) for v in wrong if not search.refuses(replace(claim, value=v))),
    )
    measured = Measurement(
        Route.INDEPENDENT_CODE.value, worst, _TOLERANCE, len(_GRID), (), len(lines)
    )
    return checked_claim(
        claim,
        question,
        bench.verdict(claim.head.name, claim.head.place, measured, outcome),
        lines=lines,
        result=f"{lines[0].left} = {lines[-1].right}",
    )


# ------------------------------------------------------------------------------ the search


class _Search:
    """The best value of the author's code, found without knowing the claim."""

    def __init__(self, claim: Extremum) -> None:
        self.claim = claim
        self.sign = _SIGNS[claim.which]
        values = self._values(_GRID)
        self._agrees_with_body(values)
        best = int(np.argmax(self.sign * values))
        low, high = _GRID[max(best - 1, 0)], _GRID[min(best + 1, len(_GRID) - 1)]
        self.found = self.sign * max(float(np.max(self.sign * values)), self._golden(low, high))

    def _values(self, at: Array) -> Array:
        """The function at real points: the author's code, or its complex step for one prime."""
        claim = self.claim
        if claim.function.order == 0:
            return np.asarray(claim.forward(at), dtype=float)
        if claim.function.order > 1:
            raise AuthorError(
                f"the derivative of order {claim.function.order} of {claim.function.name} is not "
                "searched",
                code="claim",
                place=claim.head.place,
                advice="give the first derivative as a function of its own",
            )
        if not is_analytic(claim.forward, np.asarray(0.3)):
            raise AuthorError(
                f"forward of {claim.head.name} is not analytic, and its slope is wanted",
                code="forward",
                place=claim.head.place,
            )
        return np.asarray(np.imag(claim.forward(at + 1j * _STEP)) / _STEP)

    def _agrees_with_body(self, values: Array) -> None:
        claim = self.claim
        if claim.function.body is None:
            raise AuthorError(
                f"{claim.function.name} is abstract and has no extremum",
                code="claim",
                place=claim.head.place,
                advice="give it a body",
            )
        # Far out the body may overflow where the author's code does not.
        near = np.abs(_GRID) < 10
        body = numeric(claim.function)(_GRID[near]) + 0 * _GRID[near]
        gap = np.abs(values[near] - body) / (1 + np.abs(body))
        if not np.all(np.isfinite(values)) or not np.all(gap <= _TOLERANCE):
            worst = int(np.argmax(gap))
            raise ClaimError(
                f"the body of {claim.function.name} and forward disagree",
                code="definition",
                place=claim.head.place,
                got=f"body    {body[worst]:.9g} at {_GRID[near][worst]:.6g}",
                wanted=f"forward {values[near][worst]:.9g}",
            )

    def _golden(self, low: float, high: float) -> float:
        """The largest signed value between two points, by golden section."""
        ratio = (np.sqrt(5) - 1) / 2
        best = -np.inf
        for _ in range(80):
            inner = np.array([high - ratio * (high - low), low + ratio * (high - low)])
            left, right = self.sign * self._values(inner)
            best = max(best, float(left), float(right))
            low, high = (low, inner[1]) if left > right else (inner[0], high)
        return best

    def compare(self, bench: Bench) -> float:
        """The relative distance from the claimed value; raises `ClaimError` if it is not it."""
        claim = self.claim
        if self.refuses(claim):
            raise ClaimError(
                f"{bench.entry}/{claim.head.name}: a search on forward finds another value",
                code="claim",
                place=claim.head.place,
                got=f"{sp.sstr(claim.value)} at {sp.sstr(claim.at)}",
                wanted=f"{self.found:.9g}"
                + (f", and {self._there():.9g} there" if claim.at.is_finite else ""),
            )
        return self._distance(self.found) if claim.at.is_finite else 0.0

    def refuses(self, claim: Extremum) -> bool:
        """Whether the search contradicts a claimed value."""
        if claim.at.is_finite:
            return any(
                self._distance(value, claim) > _TOLERANCE for value in (self.found, self._there())
            )
        with np.errstate(all="ignore"):
            tail = self._values(_FAR if claim.at == sp.oo else -_FAR)
        gaps = [self._distance(float(value), claim) for value in tail]
        beyond = self.sign * (self.found - float(claim.value)) > _TOLERANCE
        return beyond or not gaps[-1] <= 1e-5 or gaps != sorted(gaps, reverse=True)

    def _there(self) -> float:
        return float(self._values(np.array([float(self.claim.at)]))[0])

    def _distance(self, value: float, claim: Extremum | None = None) -> float:
        stated = float((claim or self.claim).value)
        return abs(value - stated) / max(1.0, abs(stated))


def _compare_exactly(claim: Extremum, bench: Bench) -> None:
    """The claimed value and place against the exact ones; raises `ClaimError`."""
    exact = (maximum_of if claim.which == "max" else minimum_of)(claim.function)
    known = any(sp.simplify(claim.at - place) == 0 for place in exact.places)
    if claim.at.is_finite != bool(exact.places) or (exact.places and not known):
        wanted = ", ".join(map(sp.sstr, exact.places)) or "an infinity: it is not attained"
        got = sp.sstr(claim.at)
        what = "place"
    elif sp.simplify(exact.value - claim.value) != 0:
        wanted, got, what = sp.sstr(exact.value), sp.sstr(claim.value), "value"
    else:
        return
    raise ClaimError(
        f"{bench.entry}/{claim.head.name}: the exact {what} is another one",
        code="claim",
        place=claim.head.place,
        got=got,
        wanted=wanted,
    )


# ------------------------------------------------------------------------------- in print


@dataclass(frozen=True)
class _Pen:
    """Prints and reads with the names of this claim: its function and its variable."""

    claim: Extremum
    bench: Bench
    variable: Tensor

    def print(self, node: Mat) -> str:
        """Print a formula; one that does not read back as itself leaves the claim unchecked."""
        function = replace(self.claim.function, order=0)
        names = Vocabulary(self.bench.naming, (self.variable,), (function,), (), ())
        latex = Printer(self.bench.naming).matrix(node)
        try:
            if read_matrix(latex, names) != node:
                raise ClaimError(
                    f"{self.bench.entry}/{self.claim.head.name}: {latex} reads back differently",
                    code="read-back",
                    place=self.claim.head.place,
                )
        except Unreadable as error:
            self.bench.unread.setdefault(self.claim.head.name, error.message)
        return latex


def _lines(claim: Extremum, bench: Bench) -> tuple[CheckedLine, ...]:
    """The head by the kind of the claim, the place, the value."""
    x = Tensor("x", ())
    pen = _Pen(claim, bench, x)
    body = pen.print(Applied(claim.function, Sym(x)))
    attained = bool(claim.at.is_finite)
    head = _HEADS[claim.which, attained]
    if attained:
        place = pen.print(Applied(claim.function, scaled(claim.at, One())))
        because = "compare the stationary points with both infinities"
    else:
        end = r"\infty" if claim.at == sp.oo else r"-\infty"
        place, because = rf"\lim_{{x \to {end}}} {body}", "approached, and not attained"
    return (
        CheckedLine(rf"{head}_{{x}} {body}", "=", place, because),
        CheckedLine("", "=", pen.print(scaled(claim.value, One())), claim.head.title),
    )
