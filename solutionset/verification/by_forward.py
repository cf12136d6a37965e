"""A point seen through the author's code alone."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from solutionset.calculus.tensors import Gradient, Jacobian, Leaf, Tensor
from solutionset.verification.evaluate import Values
from solutionset.verification.oracles import Array
from solutionset.verification.points import Point


class ByForward:
    """A point whose defined tensors are what the author's `forward` returns, where it does."""

    def __init__(self, point: Point, changed: Mapping[Tensor, Array]) -> None:
        self.point = point
        self.changed = changed
        self.size = point.size
        self.number = point.number
        self.function = point.function
        self.returned = point.forward(changed)

    def leaf(self, leaf: Leaf) -> Array:
        """The value by `forward`; what it does not return comes through the definitions."""
        if isinstance(leaf, Tensor):
            found = self.returned.get(leaf.name)
            return self._defined[self.point.own(leaf)] if found is None else found
        if isinstance(leaf, Gradient) and leaf.of in self.point.given:
            return self.point.oracle_gradient(leaf.of)[0]
        if isinstance(leaf, Jacobian):
            of, wrt = self.point.own(leaf.of), self.point.own(leaf.wrt)
            return self.point.oracle_jacobian(of, wrt)[0]
        return self.point.leaf(leaf)

    @cached_property
    def _defined(self) -> dict[Tensor, Array]:
        """All tensors through the definitions, with the replaced ones."""
        if not self.changed:
            return self.point.tensors
        return self.point.evaluated({t: a - self.point.given[t] for t, a in self.changed.items()})

    def moved(self, tensor: Leaf, value: Array) -> "Values":
        """The same with a given tensor replaced."""
        if not isinstance(tensor, Tensor) or tensor not in self.point.given:
            raise TypeError(f"{tensor.name} is not given")
        array = np.reshape(value, self.point.given[tensor].shape)
        return ByForward(self.point, {**self.changed, tensor: array})
