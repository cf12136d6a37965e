"""The sizes of dimensions at a point: distinct, fixed, or tied to each other."""

import numpy as np
import sympy as sp

from solutionset.calculus.tensors import Dim
from solutionset.errors import AuthorError
from solutionset.verification.computation import Computation


def draw_sizes(computation: Computation, rng: np.random.Generator, seed: int) -> dict[Dim, int]:
    """Distinct sizes from two, or from three at odd seeds: a matrix of even size hides signs."""
    free = computation.free_dims
    fixed = computation.fixed_sizes
    taken = set(fixed.values())
    first = 2 + seed % 2
    sizes = [size for size in range(first, first + len(free) + len(taken)) if size not in taken]
    shuffled = rng.permutation(sizes[: len(free)])
    drawn = {dim: int(size) for dim, size in zip(free, shuffled, strict=True)} | fixed
    tied = {
        dim: _tied_size(computation, dim, size, drawn)
        for dim, size in computation.sizes.items()
        if isinstance(size, sp.Expr)
    }
    return {**drawn, **tied}


def _tied_size(computation: Computation, dim: Dim, size: sp.Expr, drawn: dict[Dim, int]) -> int:
    value = size.subs({other.size: number for other, number in drawn.items()})
    if not (value.is_integer and value > 0):
        raise AuthorError(
            f"the size of {dim.name} in computation {computation.name} is no positive number",
            code="sizes",
            place=computation.place,
            got=f"{dim.name} = {size} = {value}",
            advice="fix the sizes that it is made of, so that it comes out positive",
        )
    return int(value)
