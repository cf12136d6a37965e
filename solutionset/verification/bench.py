"""The bench on which the claims of one problem are checked: names, printer, points, comparison."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from solutionset.calculus.definitions import Definitions
from solutionset.calculus.expressions import Expr
from solutionset.calculus.matrix import Mat
from solutionset.calculus.tensors import CalculusError, Dim, Elementwise, Index, Tensor
from solutionset.errors import ClaimError, Place
from solutionset.model import Standing, Verdict
from solutionset.notation.matrix_reader import read_matrix
from solutionset.notation.names import Naming
from solutionset.notation.printer import Printer
from solutionset.notation.reader import read_index
from solutionset.notation.tokens import Unreadable
from solutionset.notation.vocabulary import Vocabulary
from solutionset.verification.computation import Computation, Parameter, Sampler
from solutionset.verification.drawing import draw_points
from solutionset.verification.equality import Equality
from solutionset.verification.mutants import Outcome
from solutionset.verification.oracles import Array, relative_error
from solutionset.verification.pieces import every_piece_seen
from solutionset.verification.points import Point
from solutionset.verification.verdicts import Measurement, Survivor, equality_verdict

# A piece that so many draws do not reach lies outside the data that the author describes.
_MORE_DRAWS = 10
# A bound may hold for data of size one and fail far out or near zero.
_SCALES = (1.0, 4.0, 0.25)


@dataclass
class Bench:
    """Everything that the checks of one problem share; points are drawn once a computation.

    `more_functions` are those of the claims, which may stand in no definition. `draws` says how
    many points a seed sample a bound, `starts` how many descents look for a minimiser that a set
    forgot, `mutates` whether wrong variants are made at all.
    """

    entry: str
    naming: Naming
    computations: tuple[Computation, ...]
    seeds: tuple[int, ...]
    survivors: tuple[Survivor, ...] = ()
    more_functions: tuple[Elementwise, ...] = ()
    draws: int = 20
    starts: int = 8
    mutates: bool = True
    vocabulary: Vocabulary = field(init=False)
    printer: Printer = field(init=False)
    unread: dict[str, str] = field(init=False, default_factory=dict)
    _points: dict[str, tuple[Point, ...]] = field(init=False, default_factory=dict)
    _equalities: dict[Definitions, Equality] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Collect the names of all computations; two things that print alike are refused."""
        tensors: dict[Tensor, None] = {}
        functions: dict[Elementwise, None] = dict.fromkeys(self.more_functions)
        parameters: dict[Parameter, None] = {}
        dims: dict[Dim, None] = {}
        for computation in self.computations:
            tensors |= dict.fromkeys(computation.tensors)
            functions |= dict.fromkeys(computation.functions)
            parameters |= dict.fromkeys(computation.parameters)
            dims |= dict.fromkeys(computation.dims)
        try:
            self.vocabulary = Vocabulary(
                self.naming,
                tuple(tensors),
                tuple(functions),
                tuple(p.symbol for p in parameters),
                tuple(dims),
                {
                    d.tensor: c.argument
                    for c in self.computations
                    if c.argument is not None
                    for d in c.definitions.ordered
                },
            )
        except CalculusError as error:
            raise (error.at(self.computations[-1].place) if self.computations else error) from None
        self.printer = Printer(self.naming, self.vocabulary.index_letters_taken)

    def points(self, computation: Computation) -> tuple[Point, ...]:
        """The points of a computation; definitions equal forward at each.

        One a seed, and more of them until every piece of a function such as a rectifier is seen.
        """
        if computation.name not in self._points:
            name = f"{self.entry}/{computation.name}"
            points = draw_points(computation, (name,), self.seeds)
            for more in range(_MORE_DRAWS):
                if every_piece_seen(points):
                    break
                # A threshold may lie far out: data that may take any value are drawn ever larger.
                larger = computation.scaled(2.0**more)
                points += draw_points(larger, (f"{name}/more/{more}",), self.seeds)
            self._points[computation.name] = points
        return self._points[computation.name]

    def equality(self, definitions: Definitions) -> Equality:
        """What decides whether variants are equal; what it finds out serves all claims."""
        return self._equalities.setdefault(definitions, Equality(definitions))

    def read_expr(self, claim: str, latex: str, expr: Expr, free: tuple[Index, ...]) -> Expr:
        """Read an index formula back; one that cannot be read leaves its claim unchecked."""
        try:
            return read_index(latex, self.vocabulary, free)
        except Unreadable as error:
            self.unread.setdefault(claim, error.message)
            return expr

    def read_mat(self, claim: str, latex: str, node: Mat) -> Mat:
        """Read a matrix formula back; one that cannot be read leaves its claim unchecked."""
        try:
            return read_matrix(latex, self.vocabulary)
        except Unreadable as error:
            self.unread.setdefault(claim, error.message)
            return node

    def verdict(self, claim: str, place: Place, measured: Measurement, outcome: Outcome) -> Verdict:
        """The verdict of an equality of this problem, with the survivors its author explained."""
        accepted = {s.formula: s.reason for s in self.survivors if s.claim == claim}
        symmetric = self._symmetric_in_all_data(outcome.survivors)
        name = f"{self.entry}/{claim}"
        return equality_verdict(name, place, measured, outcome, accepted, symmetric)

    def _symmetric_in_all_data(self, survivors: tuple[str, ...]) -> tuple[str, ...]:
        """The matrices of the survivors that one computation draws symmetric at all its points."""
        data: dict[tuple[str, Tensor], list[Array]] = {}
        for computation in self.computations:
            for point in self._points.get(computation.name, ()):
                for tensor, array in point.given.items():
                    data.setdefault((computation.name, tensor), []).append(array)
        found = (
            tensor
            for (_, tensor), arrays in data.items()
            if len(tensor.dims) == 2 and all(np.array_equal(a, a.T) for a in arrays)
        )
        named = (t.name for t in found if any(self._names(t, text) for text in survivors))
        return tuple(dict.fromkeys(named))

    def _names(self, tensor: Tensor, formula: str) -> bool:
        """Whether a printed formula contains a tensor, as a whole or by an entry."""
        whole, letter = (self.naming.nucleus(tensor, bold=bold).latex for bold in (True, False))
        return whole in formula or f"{letter}_{{" in formula

    def as_read(self, claim: str, verdict: Verdict) -> Verdict:
        """The verdict, or that of an unchecked claim if one of its formulas could not be read."""
        if claim not in self.unread:
            return verdict
        return replace(
            verdict,
            standing=Standing.UNCHECKED,
            read_back="unreadable",
            note=f"unchecked: {self.unread[claim]}",
        )

    def many_points(self, computation: Computation) -> tuple[Point, ...]:
        """Several points a seed, for claims that are sampled and not differentiated; data that may
        take any value are drawn in three sizes."""
        name = f"{self.entry}/{computation.name}/many"
        points: tuple[Point, ...] = ()
        for k, size in enumerate(_SCALES):
            scaled = computation.scaled(size)
            names = tuple(f"{name}/{draw}" for draw in range(k, self.draws, len(_SCALES)))
            points += draw_points(scaled, names, self.seeds)
        return points

    def tight_points(
        self, computation: Computation, samplers: Mapping[Tensor, Sampler], claim: str
    ) -> tuple[Point, ...]:
        """Points at which some given tensors are drawn as an author says."""
        special = replace(computation, samplers={**computation.samplers, **samplers})
        return draw_points(special, (f"{self.entry}/{claim}/tight",), self.seeds)


@dataclass(frozen=True)
class Spot:
    """Which printed line is being compared, for the error message."""

    claim: str
    place: Place
    line: int
    because: str
    latex: str
    hint: str = ""


def compare(
    bench: Bench, spot: Spot, point: Point, got: Array, wanted: Array, tolerance: float
) -> float:
    """Return the relative error of a line, or raise `ClaimError` with everything one needs."""
    error = relative_error(got, wanted, point.scale)
    if error <= tolerance:
        return error
    worst = _worst_entry(got, wanted)
    raise ClaimError(
        f"{bench.entry}/{spot.claim}, line {spot.line} ({spot.because}) is not what the oracle "
        "computes",
        code="claim" if np.all(np.isfinite(wanted)) else "oracle",
        place=spot.place,
        details=(
            f"formula    {spot.latex}",
            f"           = {_entry_text(got, worst)}",
            f"oracle     = {_entry_text(wanted, worst)}",
            f"at         seed {point.seed}, {point.described}{_position_text(worst)}",
            f"error      {error:.1e} relative, tolerance {tolerance:.0e}",
            *((f"hint       {spot.hint}",) if spot.hint else ()),
        ),
        advice=f"replay with: python build.py check {bench.entry}/{spot.claim} --seed {point.seed}",
    )


def _worst_entry(got: Array, wanted: Array) -> tuple[int, ...] | None:
    if np.shape(got) != np.shape(wanted) or np.size(got) == 0:
        return None
    gap = np.abs(np.asarray(got) - np.asarray(wanted))
    return tuple(int(k) for k in np.unravel_index(int(np.argmax(gap)), np.shape(gap)))


def _entry_text(array: Array, position: tuple[int, ...] | None) -> str:
    if position is None:
        return f"an array of shape {np.shape(array)}"
    return f"{np.asarray(array)[position]:.7g}"


def _position_text(position: tuple[int, ...] | None) -> str:
    if not position:
        return ""
    return ", entry (" + ", ".join(str(k + 1) for k in position) + ")"
