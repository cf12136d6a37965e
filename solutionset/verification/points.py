"""Points: one draw of data for a computation, and every number that a formula may need there.

Dimensions get distinct sizes of at least two, data are general, the upstream gradient is random:
data that cannot hide a lost transpose, a lost factor or a lost sign. Derivatives in given tensors
come from the author's `forward`; those in intermediate quantities from perturbing them in the
definitions.
"""

import traceback
import warnings
from collections.abc import Callable, Mapping
from copy import copy
from functools import cached_property

import numpy as np
import sympy as sp

from solutionset.calculus.tensors import Dim, Elementwise, Gradient, Jacobian, Leaf, Tensor
from solutionset.errors import AuthorError, ClaimError, Place, SolutionSetError
from solutionset.verification.computation import Computation, Parameter
from solutionset.verification.evaluate import Values, ValuesSoFar, index_value
from solutionset.verification.functions import numeric
from solutionset.verification.oracles import (
    TOLERANCE,
    Array,
    Route,
    central_difference,
    complex_step,
    is_analytic,
    near_kink,
    relative_error,
)
from solutionset.verification.projection import projected
from solutionset.verification.randomness import generator
from solutionset.verification.sizes import draw_sizes


class Point:
    """One draw of all given tensors; everything else follows from it and is computed once."""

    def __init__(
        self,
        computation: Computation,
        name: str,
        seed: int,
        routes: dict[tuple[Tensor, Tensor], Route],
    ) -> None:
        self.computation = computation
        self._routes = routes
        self._oracle: dict[tuple[Tensor, Tensor], Array] = {}
        self.name = name
        self.seed = seed
        rng = generator(name, seed)
        self.sizes = draw_sizes(computation, rng, seed)
        self.parameters = {p.symbol.name: p.draw(rng) for p in computation.parameters}
        self.given: dict[Tensor, Array] = {
            t: self._draw(t, generator(name, seed, t.name)) for t in computation.definitions.given
        }
        self._gradients: dict[Tensor, Array] = {}
        self._jacobians: dict[tuple[Tensor, Tensor], Array] = {}
        self._numbers: dict[sp.Expr, float] = {}

    def _draw(self, tensor: Tensor, rng: np.random.Generator) -> Array:
        shape = tuple(self.sizes[dim] for dim in tensor.dims)
        sampler = self.computation.samplers.get(tensor)
        drawn = rng.standard_normal(shape) if sampler is None else np.asarray(sampler(rng, shape))
        for assumption in self.computation.definitions.assumptions:
            if assumption.tensor == tensor:
                drawn = projected(drawn, assumption.holds, assumption.axis)
        return drawn

    # ------------------------------------------------------------------ the Values protocol

    def leaf(self, leaf: Leaf) -> Array:
        """The value of a tensor, gradient or Jacobian."""
        match leaf:
            case Tensor():
                return self.tensors[self.own(leaf)]
            case Gradient():
                return self.gradient(self.own(leaf.of))
            case Jacobian():
                return self.jacobian(self.own(leaf.of), self.own(leaf.wrt))
            case _:
                raise TypeError(f"{leaf.name} has no value of its own")

    def own(self, tensor: Tensor) -> Tensor:
        """The tensor; raises `AuthorError` for one that the computation knows nothing of."""
        if tensor in self.tensors:
            return tensor
        raise AuthorError(
            f"{tensor.name} does not occur in computation {self.computation.name}",
            code="claim",
            wanted=f"some of {', '.join(t.name for t in self.tensors)}",
            advice=f"list a definition that uses {tensor.name}, and let forward take it",
        )

    def size(self, dim: Dim) -> int:
        """The size drawn for a dimension."""
        return self.sizes[dim]

    def with_parameters(self, parameters: Mapping[str, float]) -> "Point":
        """The same draw at other values of some parameters."""
        other = copy(self)
        other.parameters = {**self.parameters, **parameters}
        other._numbers = {}
        for cached in ("tensors", "forward_values"):
            other.__dict__.pop(cached, None)
        other._jacobians, other._gradients, other._oracle = {}, {}, {}
        return other

    @property
    def neighbours(self) -> tuple["Point", ...]:
        """The same draw with every whole parameter one higher, or one lower at the upper bound: an
        even power alone would hide a sign. None without such parameters."""
        stepped = {
            p.symbol.name: self.parameters[p.symbol.name]
            + (1 if self.parameters[p.symbol.name] < p.high else -1)
            for p in self.computation.parameters
            if p.symbol.is_integer
        }
        return (self.with_parameters(stepped),) if stepped else ()

    def number(self, value: sp.Expr) -> float:
        """The value of a coefficient in parameters and sizes."""
        if value not in self._numbers:
            known = self.parameters | {dim.name: size for dim, size in self.sizes.items()}
            names = {symbol: known[symbol.name] for symbol in value.free_symbols}
            self._numbers[value] = self._real(value.subs(names) if names else value, value)
        return self._numbers[value]

    def _real(self, number: sp.Expr, value: sp.Expr) -> float:
        try:
            return float(number)
        except TypeError as error:
            raise AuthorError(
                f"the coefficient {value} is no real number",
                code="parameter",
                place=self.computation.place,
                got=f"{sp.N(number, 4)} at {self.described}",
                advice="draw its parameters between bounds at which it is one",
            ) from error

    def function(self, function: Elementwise) -> Callable[[Array], Array]:
        """An elementwise function as code."""
        return numeric(function)

    def moved(self, tensor: Leaf, value: Array) -> "Values":
        """The same point with a given tensor replaced, and all that follows from it."""
        if not isinstance(tensor, Tensor) or tensor not in self.given:
            raise TypeError(f"{tensor.name} is not given")
        shift = np.reshape(value, self.given[tensor].shape) - self.given[tensor]
        return ValuesSoFar(self, self.evaluated({tensor: shift}))

    # ------------------------------------------------------------------------- definitions

    @cached_property
    def tensors(self) -> dict[Tensor, Array]:
        """All given and defined tensors."""
        return self.evaluated({})

    def evaluated(self, shifts: Mapping[Tensor, Array]) -> dict[Tensor, Array]:
        """All tensors after adding a shift to some, downstream of which everything follows."""
        stage = ValuesSoFar(self, {t: a + shifts.get(t, 0) for t, a in self.given.items()})
        for definition in self.computation.definitions.ordered:
            value = index_value(definition.body, definition.indices, stage)
            stage.values[definition.tensor] = value + shifts.get(definition.tensor, 0)
        return stage.values

    @cached_property
    def upstream(self) -> Array:
        """The gradient of the loss in the root: one for a loss, random otherwise."""
        root = self.computation.root
        shape = tuple(self.sizes[dim] for dim in root.dims)
        if self.computation.loss:
            return np.ones(shape)
        return generator(self.name, self.seed, "upstream").standard_normal(shape)

    def jacobian(self, of: Tensor, wrt: Tensor) -> Array:
        """d(of)/d(wrt) through the definitions, by complex step: axes of `of` first."""
        key = (of, wrt)
        if key not in self._jacobians:
            self._jacobians[key] = complex_step(
                lambda shift: self.evaluated({wrt: shift})[of], np.zeros(self.tensors[wrt].shape)
            )
        return self._jacobians[key]

    def gradient(self, wrt: Tensor) -> Array:
        """dL/d(wrt) through the definitions."""
        if wrt not in self._gradients:
            root = self.computation.root
            self._gradients[wrt] = (
                self.upstream if wrt == root else _pulled(self.upstream, self.jacobian(root, wrt))
            )
        return self._gradients[wrt]

    # ----------------------------------------------------------------------------- forward

    def forward(self, changed: Mapping[Tensor, Array]) -> dict[str, Array]:
        """The author's code, with some given tensors replaced; the values by tensor name."""
        computation = self.computation
        taken = computation.taken
        arguments: dict[str, object] = {}
        for name, thing in computation.inputs.items():
            if name not in taken:
                continue
            match thing:
                case Tensor():
                    arguments[name] = changed.get(thing, self.given[thing])
                case Elementwise():
                    arguments[name] = self.function(thing)
                case Parameter():
                    arguments[name] = self.parameters[thing.symbol.name]
        if "np" in taken:
            arguments["np"] = np
        try:
            value = computation.forward(**arguments)
        except (np.exceptions.ComplexWarning, SolutionSetError):
            raise
        except Exception as error:
            if any(isinstance(a, np.ndarray) and np.iscomplexobj(a) for a in arguments.values()):
                raise TypeError(str(error)) from error
            raise broken_forward(computation, error, _SHAPES) from error
        if isinstance(value, dict):
            return {name: np.asarray(array) for name, array in value.items()}
        return {computation.root.name: np.asarray(value)}

    def oracle_jacobian(self, of: Tensor, wrt: Tensor) -> tuple[Array, Route]:
        """d(of)/d(wrt) from the author's code if it can say so, else through the definitions."""
        if wrt not in self.given or of.name not in self.forward_values:
            return self.jacobian(of, wrt), Route.COMPLEX_STEP
        key = (of, wrt)

        def value(array: Array) -> Array:
            return self.forward({wrt: array})[of.name]

        at = self.given[wrt]
        if key not in self._routes:
            analytic = is_analytic(value, at)
            self._routes[key] = Route.COMPLEX_STEP if analytic else Route.CENTRAL_DIFFERENCE
        if key not in self._oracle:
            stepped = self._routes[key] is Route.COMPLEX_STEP
            if not stepped and near_kink(value, at):
                raise KinkNearby
            self._oracle[key] = (
                complex_step(value, at) if stepped else central_difference(value, at)
            )
        return self._oracle[key], self._routes[key]

    def oracle_gradient(self, wrt: Tensor) -> tuple[Array, Route]:
        """dL/d(wrt) from the author's code if it can say so, else through the definitions."""
        root = self.computation.root
        if wrt == root:
            return self.upstream, Route.COMPLEX_STEP
        jacobian, route = self.oracle_jacobian(root, wrt)
        return _pulled(self.upstream, jacobian), route

    @cached_property
    def forward_values(self) -> dict[str, Array]:
        """The values of the author's code, checked for shape, finiteness and known names."""
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            values = self.forward({})
        known = {d.tensor.name: d.tensor for d in self.computation.definitions.ordered}
        for name, array in values.items():
            if name not in known:
                raise forward_error(
                    self.computation,
                    f"forward returns {name!r}, which is not defined",
                    got=name,
                    wanted=", ".join(known),
                )
            expected = tuple(self.sizes[dim] for dim in known[name].dims)
            if array.shape != expected:
                axes = " x ".join(dim.name for dim in known[name].dims) or "a number"
                raise forward_error(
                    self.computation,
                    f"forward returns {name} in a wrong shape",
                    got=str(array.shape),
                    wanted=f"{expected}, that is {axes}",
                )
            if not np.all(np.isfinite(array)):
                raise forward_error(
                    self.computation,
                    f"forward returns {name} with NaN or infinity",
                    got=np.array2string(array, precision=3, threshold=6),
                    wanted="finite numbers",
                )
        if self.computation.root.name not in values:
            raise forward_error(
                self.computation,
                f"forward does not return {self.computation.root.name}",
                got=", ".join(values),
                wanted=f"an entry {self.computation.root.name!r}",
            )
        return values

    def check_definitions(self) -> None:
        """Definitions == forward; raises `ClaimError` naming the first that differs."""
        for definition in self.computation.definitions.ordered:
            name = definition.tensor.name
            if name not in self.forward_values:
                continue
            ours, theirs = self.tensors[definition.tensor], self.forward_values[name]
            error = relative_error(ours, theirs, self.scale)
            if error > TOLERANCE[Route.ENUMERATION]:
                raise ClaimError(
                    f"the definition of {name} and forward disagree",
                    code="definition",
                    place=self.computation.place,
                    got=f"definition {_short(ours)}",
                    wanted=f"forward    {_short(theirs)}",
                    advice="one of the two states something else than the sheet",
                    details=(
                        f"point  seed {self.seed}, {self.described}",
                        f"error  {error:.1e}, tolerance {TOLERANCE[Route.ENUMERATION]:.0e}",
                    ),
                )

    @property
    def given_by_name(self) -> dict[str, Array]:
        """The given tensors by the names they have in `forward`."""
        return {tensor.name: array for tensor, array in self.given.items()}

    @cached_property
    def scale(self) -> float:
        """The largest magnitude among the data."""
        return max(
            (float(np.max(np.abs(a), initial=0.0)) for a in self.given.values()), default=1.0
        )

    @property
    def described(self) -> str:
        """The sizes and parameters, for error messages."""
        parts = [
            f"{dim.name} = {size}"
            for dim, size in sorted(self.sizes.items(), key=lambda item: item[0].name)
        ]
        parts += [f"{name} = {value:.4g}" for name, value in sorted(self.parameters.items())]
        return ", ".join(parts)


class KinkNearby(Exception):
    """The draw came too close to a kink of the author's code; another is wanted."""


def _pulled(upstream: Array, jacobian: Array) -> Array:
    """Contract the upstream gradient with all leading axes of a Jacobian."""
    return np.asarray(np.tensordot(upstream, jacobian, axes=upstream.ndim))


def _short(array: Array) -> str:
    return np.array2string(np.asarray(array), precision=6, threshold=8).replace("\n", "")


def forward_error(computation: Computation, message: str, *, got: str, wanted: str) -> AuthorError:
    """What is wrong with an author's `forward`, at the line of its computation."""
    return AuthorError(message, code="forward", place=computation.place, got=got, wanted=wanted)


_SHAPES = "the shapes it is given are those of the definitions, with distinct sizes"


def broken_forward(computation: Computation, error: Exception, advice: str) -> AuthorError:
    """The report of an exception, at the line of the author's file that led to it."""
    own = str(computation.place.path)
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == own and frame.lineno]
    fits = advice != _SHAPES or isinstance(error, ValueError | IndexError)
    return AuthorError(
        f"forward of {computation.name} raises {type(error).__name__}: {error}",
        code="forward",
        place=Place(computation.place.path, lines[-1]) if lines else computation.place,
        advice=advice if fits else "",
    )
