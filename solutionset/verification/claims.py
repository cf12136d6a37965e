"""Claims as authors make them: live objects that `checking` turns into checked, plain data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import sympy as sp

from solutionset.calculus.derivation import Derivation
from solutionset.calculus.matrix import Mat
from solutionset.calculus.moments import Law
from solutionset.calculus.tensors import Elementwise, Tensor
from solutionset.errors import Place
from solutionset.notation.numbers import Quantity
from solutionset.verification.computation import Computation, Sampler
from solutionset.verification.oracles import Array
from solutionset.verification.recording import Recording


@dataclass(frozen=True)
class Head:
    """What every claim carries: its name, what it says in words, where the author wrote it."""

    name: str
    title: str
    place: Place


@dataclass(frozen=True)
class Derived:
    """A gradient or Jacobian derived by the calculus: its lines and its matrix form.

    `kind` is `gradient` or `jacobian`; `of` is what is differentiated (empty for a gradient of the
    loss), `form` is None where no matrix form exists and the last index line is the result.
    """

    head: Head
    kind: str
    computation: Computation
    of: Tensor | None
    wrt: Tensor
    derivation: Derivation
    form: Mat | None
    lines: tuple["Line", ...] = ()


@dataclass(frozen=True)
class Line:
    """One line of a chain: a matrix expression and the printed reason."""

    value: Mat
    because: str


@dataclass(frozen=True)
class Chain:
    """A chain of equal matrix expressions, each line compared with the value of its left side.

    The left side is evaluated by the author's `forward`: a gradient or Jacobian by differentiating
    it, a defined tensor as it returns it.
    """

    head: Head
    computation: Computation
    left: Mat
    lines: tuple[Line, ...]
    kind: str = "chain"


@dataclass(frozen=True)
class Bound:
    """`left <= right`: sampled, and nearly attained by data that an author names.

    `tight` draws given tensors for which the quotient comes within `slack` of one, so that a
    stronger bound would be refused.
    """

    kind: ClassVar[str] = "bound"

    head: Head
    computation: Computation
    left: Mat
    right: Mat
    tight: Mapping[Tensor, Sampler]
    slack: float


@dataclass(frozen=True)
class Order:
    """`left = O(step^exponent)` as the parameter `step` tends to zero, measured as a slope."""

    kind: ClassVar[str] = "order"

    head: Head
    computation: Computation
    left: Mat
    step: sp.Symbol
    exponent: int


@dataclass(frozen=True)
class Expansion:
    """A vector divided by its norm as powers of the parameter `step`, up to O(step^order).

    `derived` are the coefficients that the calculus finds, `terms` the same in the author's words;
    without any, those derived are the claim. The order is their number.
    """

    kind: ClassVar[str] = "expansion"

    head: Head
    computation: Computation
    left: Mat
    step: sp.Symbol
    derived: tuple[Mat, ...]
    terms: tuple[Mat, ...]


@dataclass(frozen=True)
class Extremum:
    """The largest or least value of a concrete function of one real variable.

    `which` is `max` or `min`; `at` is a place where it is attained, or an infinity that it
    approaches without being attained. `forward` is the function itself as plain NumPy; derivatives
    of it are taken by the check.
    """

    kind: ClassVar[str] = "extremum"

    head: Head
    function: Elementwise
    which: str
    at: sp.Expr
    value: sp.Expr
    forward: Callable[[Array], Array]


@dataclass(frozen=True)
class Limit:
    """`left` tends to `right` as the whole-number parameter `index` grows, no slower than `rate`.

    `rate` is an expression in `index` and parameters; the distance divided by it must not grow.
    """

    kind: ClassVar[str] = "limit"

    head: Head
    computation: Computation
    left: Mat
    right: Mat
    index: sp.Symbol
    rate: sp.Expr


@dataclass(frozen=True)
class Expectation:
    """`E[left] = right`, where the entries of `over` are independent and have one `law`.

    Checked by enumerating all masks of a small case, or by a quadrature that is exact for the
    polynomials that occur, and by Monte Carlo beside it.
    """

    kind: ClassVar[str] = "expectation"

    head: Head
    computation: Computation
    over: Tensor
    law: Law
    left: Mat
    right: Mat


@dataclass(frozen=True)
class Exact:
    """Relations between exact numbers, such as a counterexample; every one is decided exactly."""

    head: Head
    kind: str
    relations: tuple["ExactRelation", ...]


@dataclass(frozen=True)
class ExactRelation:
    """`left relation right` between expressions over matrices of exact numbers."""

    left: Mat
    relation: str
    right: Mat
    because: str


@dataclass(frozen=True)
class Optimum:
    """`minimiser` attains the minimum of the loss over `variables`; no search finds less.

    It has one formula for each variable. `value` is the claimed minimum, or None where the text
    does not state it.
    """

    kind: ClassVar[str] = "optimum"

    head: Head
    computation: Computation
    variables: tuple[Tensor, ...]
    minimiser: tuple[Mat, ...]
    value: Mat | None


@dataclass(frozen=True)
class SetOf:
    """The set of all minimisers of the loss over `variables`, described by three functions.

    `member` and `outsider` draw arrays inside and outside the set from the given data and a
    generator, `belongs` decides membership. Of several variables these are tuples, one array each.
    """

    kind: ClassVar[str] = "set"

    head: Head
    computation: Computation
    variables: tuple[Tensor, ...]
    statement: str
    member: Callable[[Mapping[str, Array], np.random.Generator], Array | tuple[Array, ...]]
    outsider: Callable[[Mapping[str, Array], np.random.Generator], Array | tuple[Array, ...]]
    belongs: Callable[..., bool]


@dataclass(frozen=True)
class Count:
    """A table of whole numbers, each cell obtained from an explicit list and from a closed form."""

    kind: ClassVar[str] = "count"

    head: Head
    rows: tuple["CountRow", ...]


@dataclass(frozen=True)
class CountRow:
    """One cell: what is counted, its number from the list, its closed form and the sizes in it."""

    label: str
    listed: int
    closed_form: sp.Expr
    sizes: Mapping[str, int]


@dataclass(frozen=True)
class Cell:
    """A whole number in a table: from the list, by its closed form, and the sizes in that."""

    listed: int
    closed_form: sp.Expr
    sizes: Mapping[str, int]


@dataclass(frozen=True)
class Quoted:
    """What a sheet prints where the counted number is `true`; it is too large by `off`."""

    printed: int
    true: Cell
    off: int = 0


TableCell = Cell | Quoted | str
TableRow = tuple[TableCell, ...]
"""The cells of a row, its label first; words are printed as they are."""


@dataclass(frozen=True)
class Recount:
    """A package that counts once more where it is installed.

    `run` gives by the label of a row its first counted numbers, as many as the package knows of.
    """

    package: str
    run: Callable[[], Mapping[str, tuple[int, ...]]]


@dataclass(frozen=True)
class CountGrid:
    """A table of several columns, whose cells are counted, quoted from a sheet, or words.

    `groups` of rows are set apart; `total` is a last row, whose counted cells are the sums.
    """

    kind: ClassVar[str] = "count"

    head: Head
    columns: tuple[str, ...]
    groups: tuple[tuple[TableRow, ...], ...]
    total: TableRow | None
    recount: Recount | None


@dataclass(frozen=True)
class Experiment:
    """Numbers measured by a run, and what must hold between them.

    `run` takes a generator and returns named quantities; `expect` returns, for each expectation in
    words, whether they meet it. The run itself is the evidence; its seed is the claim's name.
    `seeds` are those that the run uses beside it, `data` the published hashes of its data by
    the name of their file, `recording` where numbers of an optional package come from.
    """

    kind: ClassVar[str] = "experiment"

    head: Head
    run: Callable[[np.random.Generator], Mapping[str, Quantity]]
    expect: Callable[[Mapping[str, float]], Mapping[str, bool]]
    seeds: tuple[int, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)
    recording: Recording | None = None


@dataclass(frozen=True)
class Depth:
    """The gradient through any number of steps as a product of one factor a step.

    The computation is one step, from the state `before` (label k-1) to the state `after` (label k).
    `factor` is the transposed Jacobian of the step; the product over k = 1, ..., `length` has the
    factor of the first step leftmost.
    """

    kind: ClassVar[str] = "depth"

    head: Head
    computation: Computation
    before: Tensor
    after: Tensor
    factor: Mat
    length: str


@dataclass(frozen=True)
class SharedGradient:
    """The gradient in a tensor that every step shares, as the sum of one `term` a step.

    Gradients in the term are those of the whole loss, which may depend on the state after any step.
    """

    kind: ClassVar[str] = "shared"

    head: Head
    computation: Computation
    before: Tensor
    after: Tensor
    wrt: Tensor
    term: Mat
    length: str


@dataclass(frozen=True)
class Theorem:
    """A statement with its hypotheses; its computable parts are the claims named in `parts`."""

    kind: ClassVar[str] = "theorem"

    head: Head
    statement: str
    hypotheses: tuple[str, ...]
    parts: tuple[str, ...]


Computed = (
    Derived
    | Chain
    | Bound
    | Order
    | Expansion
    | Limit
    | Expectation
    | Optimum
    | SetOf
    | Depth
    | SharedGradient
)
"""The claims that are about a computation."""

Claim = Computed | Extremum | Exact | Count | CountGrid | Experiment | Theorem
