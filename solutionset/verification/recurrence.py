"""Recurrences: one step of a computation, and walks of several steps with general data.

What changes from step to step is told by labels: a tensor or function with the label k has another
value at each step, one without it is shared by all steps.
"""

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from solutionset.calculus.definitions import tensors_in
from solutionset.calculus.tensors import CalculusError, Elementwise, Tensor
from solutionset.errors import AuthorError
from solutionset.verification.computation import Computation, Sampler
from solutionset.verification.functions import bounded
from solutionset.verification.oracles import (
    Array,
    ArrayFunction,
    Route,
    central_difference,
    complex_step,
    is_analytic,
    near_kink,
)
from solutionset.verification.points import Point
from solutionset.verification.randomness import generator

LENGTHS = range(2, 7)
"""The numbers of steps for which a formula over any number of steps is checked."""

_ATTEMPTS = 20


@dataclass(frozen=True)
class Recurrence:
    """One step from the state `before` to the state `after`, to be repeated `length` times.

    Raises `CalculusError` where the labels or shapes do not say how steps follow one another.
    """

    computation: Computation
    before: Tensor
    after: Tensor
    length: str

    def __post_init__(self) -> None:
        """Refuse a step that cannot be chained, or whose print would not say what changes."""
        if not (len(self.letter) == 1 and self.letter.isalpha()):
            raise _misnamed(self.after, "the new state", "one letter, such as k or t")
        if self.before.label != f"{self.letter}-1":
            raise _misnamed(self.before, "the old state", f"{self.letter}-1")
        self._refuse_other_states()
        if not re.fullmatch("[A-Za-z]", self.length) or self.length == self.letter:
            raise CalculusError(
                f"the number of steps cannot be called {self.length!r}",
                wanted=f"one letter other than {self.letter}",
            )
        things: tuple[Tensor | Elementwise, ...] = self.computation.tensors
        for thing in (*things, *self.computation.functions):
            if thing != self.before:
                self._refuse_label(thing)
        for definition in self.computation.definitions.ordered:
            used = tensors_in(definition.body)
            moving = sorted(t.name for t in used if t == self.before or self.varies(t))
            if moving and not self.varies(definition.tensor):
                raise CalculusError(
                    f"{definition.tensor.name} changes from step to step with {moving[0]}, but "
                    "its label does not say so",
                    got=f"label {definition.tensor.label!r}",
                    wanted=f"label {self.letter!r}",
                )

    def _refuse_other_states(self) -> None:
        computation = self.computation
        if self.before not in computation.definitions.given:
            raise CalculusError(f"the old state {self.before.name} is not given in the step")
        if self.after != computation.root or computation.loss:
            raise CalculusError(
                f"the new state {self.after.name} is not the last definition of the step",
                got=f"the loss {computation.root.name}" if computation.loss else "",
                wanted=computation.root.name,
            )
        if self.before.printed_symbol != self.after.printed_symbol:
            raise CalculusError(
                f"the states {self.before.name} and {self.after.name} print with different symbols",
                got=f"{self.before.printed_symbol} and {self.after.printed_symbol}",
                advice="give both the same symbol=",
            )
        if self.before.dims != self.after.dims:
            raise CalculusError(
                f"the step does not lead from the shape of {self.before.name} to the same shape",
                got=" x ".join(dim.name for dim in self.after.dims),
                wanted=" x ".join(dim.name for dim in self.before.dims),
            )

    def _refuse_label(self, thing: Tensor | Elementwise) -> None:
        others = [part for part in thing.label.split(",") if part != self.letter]
        if any(re.search(rf"(?<![A-Za-z]){self.letter}(?![A-Za-z])", part) for part in others):
            raise _misnamed(thing, "a step", f"{self.letter}, or a label without {self.letter}")

    @property
    def letter(self) -> str:
        """The letter that counts the steps."""
        return self.after.label

    def varies(self, thing: Tensor | Elementwise) -> bool:
        """Whether something has another value at each step."""
        return self.letter in thing.label.split(",")

    def end(self, label: str) -> Tensor:
        """The state under another label, such as the first or the last one."""
        after = self.after
        return replace(
            after, name=f"{after.name}_{label}", symbol=after.printed_symbol, label=label
        )


def _misnamed(thing: Tensor | Elementwise, role: str, wanted: str) -> CalculusError:
    return CalculusError(
        f"the label of {thing.name} does not fit {role}", got=repr(thing.label), wanted=wanted
    )


class StepPoint(Point):
    """The point of one step in a walk; functions are bounded, so that many steps can follow."""

    def __init__(self, recurrence: Recurrence, walk: str, seed: int, step: int) -> None:
        self.recurrence = recurrence
        self.step = step
        super().__init__(recurrence.computation, f"{walk}/{step}", seed, {})

    def function(self, function: Elementwise) -> ArrayFunction:
        """A function as code; one whose label counts the steps is another at the next step."""
        return bounded(function, self.step if self.recurrence.varies(function) else 0)

    def receiving(self, above: Array, below: Array) -> "StepPoint":
        """The same with the gradients of the whole loss in the new and in the old state."""
        other = copy(self)
        other.__dict__["upstream"] = above
        other._gradients = {self.recurrence.before: below}
        return other


class Walk:
    """As many steps as the longest length, each with its own data, the state carried on."""

    def __init__(self, recurrence: Recurrence, name: str, seed: int) -> None:
        self.recurrence = recurrence
        self.name = name
        self.seed = seed
        steps = [StepPoint(recurrence, name, seed, 1)]
        while len(steps) < LENGTHS[-1]:
            following = replace(recurrence, computation=_continued(recurrence, steps[0], steps[-1]))
            steps.append(StepPoint(following, name, seed, len(steps) + 1))
        for step in steps:
            step.check_definitions()
        self.steps = tuple(steps)

    def upstream(self, at: int) -> Array:
        """A random gradient, of the shape of the state, in the state after `at` steps."""
        shape = self.steps[0].given[self.recurrence.before].shape
        return generator(self.name, self.seed, "upstream", at).standard_normal(shape)

    @cached_property
    def silence(self) -> Array:
        """The gradient in a state on which the loss does not depend by itself."""
        return np.zeros(self.steps[0].given[self.recurrence.before].shape)

    def loss(
        self, upstream: Sequence[Array], changed: dict[Tensor, Array], start: int = 0
    ) -> Array:
        """The loss by the author's `forward` alone, from the state after `start` steps.

        `upstream` are its gradients in the states after 0, 1, ... steps; their number says how
        many steps are taken.
        """
        before, after = self.recurrence.before, self.recurrence.after
        state = changed.get(before, self.steps[start].given[before])
        total = np.sum(upstream[start] * state)
        for step, gradient in zip(self.steps[start:], upstream[start + 1 :], strict=False):
            state = step.forward({**changed, before: state})[after.name]
            total = total + np.sum(gradient * state)
        return np.asarray(total)

    def gradient(
        self, upstream: Sequence[Array], wrt: Tensor, route: Route, start: int = 0
    ) -> Array:
        """The gradient of that loss in a shared tensor, or in the state after `start` steps."""
        if start == len(upstream) - 1:
            return upstream[start]
        at = self.steps[start].given[wrt]
        oracle = complex_step if route is Route.COMPLEX_STEP else central_difference
        return oracle(lambda array: self.loss(upstream, {wrt: array}, start), at)

    def in_states(self, upstream: Sequence[Array], route: Route) -> tuple[Array, ...]:
        """The gradients of that loss in the states after 0, 1, ... steps."""
        before = self.recurrence.before
        return tuple(self.gradient(upstream, before, route, k) for k in range(len(upstream)))

    def probes(self, wrt: Sequence[Tensor]) -> tuple[tuple[ArrayFunction, Array], ...]:
        """Each step by itself as a function of each of the tensors, and where it is taken.

        A composition is analytic if its steps are; differences of a long one are too rough to tell.
        """

        def probe(step: StepPoint, tensor: Tensor) -> ArrayFunction:
            return lambda array: step.forward({tensor: array})[self.recurrence.after.name]

        return tuple((probe(s, tensor), s.given[tensor]) for s in self.steps for tensor in wrt)


def _continued(recurrence: Recurrence, first: Point, last: Point) -> Computation:
    """The computation of the next step: the state carried on, what is shared kept, the rest new."""
    computation = recurrence.computation
    carried = last.forward_values[recurrence.after.name]
    kept = {t: array for t, array in first.given.items() if not recurrence.varies(t)}
    return replace(
        computation,
        sizes=first.sizes,
        samplers={
            **computation.samplers,
            **{t: _always(array) for t, array in kept.items()},
            recurrence.before: _always(carried),
        },
        parameters=tuple(
            replace(p, low=first.parameters[p.symbol.name], high=first.parameters[p.symbol.name])
            for p in computation.parameters
        ),
    )


def _always(array: Array) -> Sampler:
    return lambda rng, shape: array


def draw_walks(
    recurrence: Recurrence, name: str, seeds: tuple[int, ...], shared: Sequence[Tensor] = ()
) -> tuple[tuple[Walk, ...], Route]:
    """One walk a seed, away from kinks, and the route by which they are differentiated."""
    wrt = (recurrence.before, *shared)
    first = Walk(recurrence, name, seeds[0])
    if all(is_analytic(function, at) for function, at in first.probes(wrt)):
        rest = tuple(Walk(recurrence, name, seed) for seed in seeds[1:])
        return (first, *rest), Route.COMPLEX_STEP
    walks = tuple(_away_from_kinks(recurrence, name, seed, wrt) for seed in seeds)
    return walks, Route.CENTRAL_DIFFERENCE


def _away_from_kinks(recurrence: Recurrence, name: str, seed: int, wrt: Sequence[Tensor]) -> Walk:
    for attempt in range(_ATTEMPTS):
        walk = Walk(recurrence, f"{name}~{attempt}", seed)
        if not any(near_kink(function, at) for function, at in walk.probes(wrt)):
            return walk
    raise AuthorError(
        f"{_ATTEMPTS} walks in a row came next to a kink of forward",
        code="forward",
        place=recurrence.computation.place,
        got="a function that is not differentiable",
        wanted="one differentiable almost everywhere",
    )
