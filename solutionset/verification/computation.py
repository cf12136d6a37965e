"""A computation: what is defined, and the same once more as the author's plain NumPy function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from inspect import signature
from itertools import count

import numpy as np
import sympy as sp

from solutionset.calculus.assumptions import Assumption
from solutionset.calculus.definitions import Definitions
from solutionset.calculus.expressions import Apply, Atom, Expr, Group
from solutionset.calculus.matrix import Mat
from solutionset.calculus.tensors import Dim, Elementwise, Gradient, Leaf, Tensor
from solutionset.errors import AuthorError, Place
from solutionset.verification.oracles import Array

Forward = Callable[..., "Array | dict[str, Array]"]
Sampler = Callable[[np.random.Generator, tuple[int, ...]], Array]

LARGER = 11
"""A size beyond those that are drawn for a few dimensions."""


@dataclass(frozen=True)
class Drawn:
    """A sampler that draws what a hypothesis says, with the hypothesis in words.

    Where it says that a matrix is `symmetric`, a formula may contain the transpose as well.
    """

    text: str
    draw: Sampler
    symmetric: bool = False

    def __call__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Draw an array of this shape."""
        return self.draw(rng, shape)


@dataclass(frozen=True)
class Parameter:
    """A number that occurs in coefficients, drawn between two bounds.

    It is printed as `symbol`; `forward` takes it by `name`. A whole one, such as a number of steps,
    takes whole values only, both bounds included. `hypothesis` says in words what the values must
    satisfy; without it no claim may depend on the bounds.
    """

    symbol: sp.Symbol
    low: float
    high: float
    name: str
    hypothesis: str = ""

    @property
    def beyond(self) -> tuple["Parameter", ...]:
        """The same drawn below, above and around the bounds; a whole one above only."""
        width = self.high - self.low
        above = replace(self, low=self.high + 1, high=self.high + 1 + width)
        if self.symbol.is_integer:
            return (above,)
        low = min(-self.high, self.low - 1 - width)
        between = replace(self, low=low + width, high=self.low)
        return replace(self, low=low, high=low + width), above, between

    def draw(self, rng: np.random.Generator) -> float:
        """A value between the bounds."""
        if self.symbol.is_integer:
            return int(rng.integers(int(self.low), int(self.high), endpoint=True))
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class Computation:
    """Definitions, the author's `forward`, and how data for them are drawn.

    The loss is the last definition if `loss` says so, and otherwise the inner product of the last
    definition with a random array, which is its upstream gradient. `samplers` draw a given tensor
    that must satisfy a hypothesis (and only it); `sizes` fixes the size of a dimension, which no
    claim may depend on, or ties it to that of others, as in q = n - r; `bodies` are the matrix
    forms of the definitions that were given as such; `argument` is the given tensor as whose
    function a definition may be written, as in g(x + t u).
    """

    name: str
    definitions: Definitions
    forward: Forward
    place: Place
    loss: bool = False
    samplers: Mapping[Tensor, Sampler] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    sizes: Mapping[Dim, int | sp.Expr] = field(default_factory=dict)
    bodies: Mapping[Tensor, Mat] = field(default_factory=dict)
    argument: Tensor | None = None

    def __post_init__(self) -> None:
        """Refuse a `forward` whose parameters are not the names of this computation."""
        known = self.inputs
        names = [p for p in self.taken if p != "np"]
        for name in names:
            if name not in known:
                raise AuthorError(
                    f"forward of {self.name} has a parameter {name!r} that nothing here is called",
                    code="forward",
                    place=self.place,
                    wanted=f"some of {', '.join(sorted(known))}",
                )
        missing = [t.name for t in self.definitions.given if t.name not in names]
        if missing:
            raise AuthorError(
                f"forward of {self.name} does not take {', '.join(missing)}",
                code="forward",
                place=self.place,
                advice="add the parameter, or take the tensor out of the definitions",
            )

    def under(self, assumption: Assumption) -> "Computation":
        """The same computation on data that satisfy one more assumption."""
        return replace(
            self,
            name=f"{self.name}, {assumption.text}",
            definitions=self.definitions.under(assumption),
        )

    @property
    def hypotheses(self) -> tuple[tuple[Tensor, str], ...]:
        """The tensors that are drawn to satisfy a hypothesis, and the hypothesis in words."""
        return tuple((t, s.text) for t, s in self.samplers.items() if isinstance(s, Drawn))

    def redrawn(self, parameter: Parameter, other: Parameter) -> "Computation":
        """The same computation with one parameter drawn between other bounds."""
        parameters = tuple(other if p == parameter else p for p in self.parameters)
        name = f"{self.name}/{parameter.name}-from-{other.low:g}"
        return replace(self, name=name, parameters=parameters)

    @property
    def bare(self) -> tuple[Tensor, ...]:
        """The tensors that are drawn in a special way without a word on what they satisfy."""
        return tuple(t for t, s in self.samplers.items() if not isinstance(s, Drawn))

    def without(self, tensor: Tensor) -> "Computation":
        """The same computation with general data for one tensor."""
        kept = {t: sampler for t, sampler in self.samplers.items() if t != tensor}
        definitions = self.definitions.without(tensor)
        name = f"{self.name}/without-{tensor.name}"
        return replace(self, name=name, samplers=kept, definitions=definitions)

    def jittered(self, tensor: Tensor) -> "Computation":
        """The same with each entry of one tensor off by about a hundredth: still positive, still
        small, but nothing that holds by equality alone."""
        draw = self.samplers[tensor]

        def near(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
            drawn = np.asarray(draw(rng, shape))
            return np.asarray(drawn * (1 + 0.01 * rng.uniform(-1, 1, shape)))

        samplers = {**self.samplers, tensor: near}
        return replace(self, name=f"{self.name}/near-{tensor.name}", samplers=samplers)

    def scaled(self, size: float) -> "Computation":
        """The same with the data that no sampler draws so many times as large."""

        def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
            return size * rng.standard_normal(shape)

        samplers = {**dict.fromkeys(self.definitions.given, draw), **self.samplers}
        return replace(self, name=f"{self.name}/times-{size:g}", samplers=samplers)

    @property
    def fixed_sizes(self) -> dict[Dim, int]:
        """The dimensions of one size, a matter of effort only, with that size."""
        return {dim: size for dim, size in self.sizes.items() if isinstance(size, int)}

    def resized(self, dim: Dim, by: int) -> "Computation":
        """The same computation with a fixed size so much larger."""
        sizes = {**self.sizes, dim: self.fixed_sizes[dim] + by}
        return replace(self, name=f"{self.name}/{dim.name}{by:+}", sizes=sizes)

    @property
    def free_dims(self) -> tuple[Dim, ...]:
        """The dimensions whose sizes are drawn."""
        return tuple(dim for dim in self.dims if dim not in self.sizes)

    @property
    def enlarged(self) -> "Computation":
        """The same at sizes that are not drawn otherwise: a formula for matrices of two and three
        rows need not hold beyond. Smaller data keep sums of as many terms where they were."""
        taken = set(self.fixed_sizes.values())
        larger = (size for size in count(LARGER) if size not in taken)
        sizes = {**self.sizes, **dict(zip(self.free_dims, larger, strict=False))}
        return replace(self.scaled(LARGER**-0.5), name=f"{self.name}/enlarged", sizes=sizes)

    @property
    def root(self) -> Tensor:
        """The last definition, from which the loss is formed."""
        return self.definitions.ordered[-1].tensor

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """All tensors, given ones first."""
        return self.definitions.given + tuple(d.tensor for d in self.definitions.ordered)

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """What may stand for a tensor in a mutant: all tensors, and gradients of the defined."""
        return (*self.tensors, *(Gradient(d.tensor) for d in self.definitions.ordered))

    @property
    def functions(self) -> tuple[Elementwise, ...]:
        """The elementwise functions that occur, without their derivatives, by name."""
        found = {f for d in self.definitions.ordered for f in _functions(d.body)}
        return tuple(sorted(found, key=lambda f: (f.name, f.label)))

    @property
    def dims(self) -> tuple[Dim, ...]:
        """The dimensions that occur, by name."""
        found = {dim for tensor in self.tensors for dim in tensor.dims}
        return tuple(sorted(found, key=lambda d: d.name))

    @cached_property
    def taken(self) -> tuple[str, ...]:
        """The names of the parameters of `forward`."""
        return tuple(signature(self.forward).parameters)

    @cached_property
    def inputs(self) -> dict[str, Tensor | Elementwise | Parameter]:
        """What `forward` may take, by the name of its parameter."""
        named: dict[str, Tensor | Elementwise | Parameter] = {
            t.name: t for t in self.definitions.given
        }
        named |= {f.name: f for f in self.functions}
        named |= {p.name: p for p in self.parameters}
        return named


def _functions(expr: Expr) -> set[Elementwise]:
    return {f for term in expr.terms for atom, _ in term.factors for f in _atom_functions(atom)}


def _atom_functions(atom: Atom) -> set[Elementwise]:
    match atom:
        case Apply():
            f = atom.function
            base = Elementwise(f.name, f.symbol, f.label, 0, f.body)
            return {base} | _functions(atom.argument)
        case Group():
            return _functions(atom.body)
        case _:
            return set()
