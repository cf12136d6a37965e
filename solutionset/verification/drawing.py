"""The drawing of points: checked, and away from kinks."""

from solutionset.calculus.tensors import Tensor
from solutionset.verification.computation import Computation
from solutionset.verification.oracles import Route
from solutionset.verification.points import KinkNearby, Point, forward_error


def draw_points(
    computation: Computation, names: tuple[str, ...], seeds: tuple[int, ...]
) -> tuple[Point, ...]:
    """Checked points of each name and seed: definitions equal forward, no kink lies next to them.

    Whether the complex step may be trusted is found out at the first point, for each derivative.
    """
    routes: dict[tuple[Tensor, Tensor], Route] = {}
    points = tuple(
        point
        for name in names
        for seed in seeds
        for point in _away_from_kinks(computation, name, seed, routes)
    )
    for point in points:
        point.check_definitions()
    return points


def _away_from_kinks(
    computation: Computation, name: str, seed: int, routes: dict[tuple[Tensor, Tensor], Route]
) -> tuple[Point, ...]:
    """Draw until the difference oracle can judge: a draw next to a kink is replaced."""
    for attempt in range(20):
        point = Point(computation, f"{name}~{attempt}" if attempt else name, seed, routes)
        points = (point, *point.neighbours)
        try:
            for each in points:
                for tensor in computation.definitions.given:
                    each.oracle_gradient(tensor)
        except KinkNearby:
            continue
        return points
    raise forward_error(
        computation,
        "twenty draws in a row lay next to a kink of forward",
        got="a function that is not differentiable",
        wanted="one differentiable almost everywhere",
    )
