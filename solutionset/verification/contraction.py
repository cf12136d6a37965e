"""Sums of products of small arrays: the order of contraction is planned once for each structure."""

from functools import lru_cache
from itertools import combinations
from math import prod

import numpy as np

from solutionset.verification.oracles import Array

Labels = tuple[int, ...]


def contracted(arrays: list[Array], labels: list[Labels], output: Labels) -> Array:
    """Multiply the arrays, one label an axis, and sum over every label not in `output`."""
    parts = list(zip(arrays, labels, strict=True))
    if len(parts) > 3:
        sizes = {k: n for array, axes in parts for k, n in zip(axes, array.shape, strict=True)}
        for one, other, kept in _plan(tuple(labels), output, tuple(sorted(sizes.items()))):
            right, left = parts.pop(other), parts.pop(one)
            merged = np.einsum(left[0], left[1], right[0], right[1], kept)
            parts.append((merged, kept))
    operands = [item for part in parts for item in part]
    return np.asarray(np.einsum(*operands, output))


@lru_cache(maxsize=4096)
def _plan(
    labels: tuple[Labels, ...], output: Labels, sizes: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, int, Labels], ...]:
    """Pairs to merge, by position, smallest result first, until three are left."""
    size, parts = dict(sizes), list(labels)
    plan: list[tuple[int, int, Labels]] = []
    while len(parts) > 3:
        choices = (
            (prod(size[k] for k in kept), one, other, kept)
            for one, other in combinations(range(len(parts)), 2)
            for kept in [_kept(parts, one, other, output)]
        )
        _, one, other, kept = min(choices)
        plan.append((one, other, kept))
        parts = [p for k, p in enumerate(parts) if k not in (one, other)] + [kept]
    return tuple(plan)


def _kept(parts: list[Labels], one: int, other: int, output: Labels) -> Labels:
    """The labels of a merged pair that are still needed."""
    needed = set(output).union(*(p for k, p in enumerate(parts) if k not in (one, other)))
    return tuple(k for k in dict.fromkeys(parts[one] + parts[other]) if k in needed)
