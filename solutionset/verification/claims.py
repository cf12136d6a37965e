"""Claims as authors make them: live objects that `checking` turns into checked, plain data."""

from dataclasses import dataclass

from solutionset.calculus.derivation import Derivation
from solutionset.calculus.matrix import Mat
from solutionset.calculus.tensors import Tensor
from solutionset.errors import Place
from solutionset.verification.computation import Computation


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
    """A chain of equal matrix expressions, each line compared with the oracle of its left side.

    The left side must be a gradient or a Jacobian, of which the oracle knows the value by itself.
    """

    head: Head
    computation: Computation
    left: Mat
    lines: tuple[Line, ...]


Claim = Derived | Chain
