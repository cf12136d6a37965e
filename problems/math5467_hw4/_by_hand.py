"""The numbers of the pass by hand, and the paths of a gradient through its two blocks."""

import sympy as sp

from solutionset.authoring import exact, literal, relation

INPUT, TARGET = [3, -1], [1, 7]
OUTER_1, INNER_1, BIAS_1 = [[1, 1, -1], [0, -2, -2]], [[1, 1], [2, -2], [-2, -2]], [0, 1, 1]
OUTER_2, INNER_2, BIAS_2 = [[-1, 1], [1, 2]], [[1, 1], [1, 0]], [1, -12]


def branches_and_end():
    """The Jacobians of both branches and the gradient in the output, worked out here once more.

    Block 1 has the activation max(t, 0), block 2 the square, and the loss is half a squared norm.
    """
    state, jacobians = sp.Matrix(INPUT), []
    for outer, inner, bias, function, slope in (
        (OUTER_1, INNER_1, BIAS_1, lambda t: max(t, 0), lambda t: 1 if t > 0 else 0),
        (OUTER_2, INNER_2, BIAS_2, lambda t: t**2, lambda t: 2 * t),
    ):
        outer, inner = sp.Matrix(outer), sp.Matrix(inner)
        z = inner * state + sp.Matrix(bias)
        jacobians.append(outer * sp.diag(*map(slope, z)) * inner)
        state += outer * z.applyfunc(function)
    return *jacobians, state - sp.Matrix(TARGET)


def paths():
    """The gradient in the input: path by path, factor by factor, and in the wrong order."""
    first, second, end = branches_and_end()
    one = sp.eye(2)
    by_first, by_second, both = first.T * end, second.T * end, first.T * second.T * end
    total = end + by_first + by_second + both
    wrong = (one + second).T * (one + first).T * end
    upstream = column(end)
    return exact(
        "paths_by_hand",
        relation(square(first).T @ upstream, "=", column(by_first), "through block 1 alone"),
        relation(square(second).T @ upstream, "=", column(by_second), "through block 2 alone"),
        relation(square(first).T @ column(by_second), "=", column(both),
                 "through both, block 2 first"),
        relation(upstream + column(by_first) + column(by_second) + column(both), "=",
                 column(total), "past both, and these three"),
        relation(square(one + first).T @ (square(one + second).T @ upstream), "=", column(total),
                 "the two factors: the same"),
        relation(square(one + second).T @ (square(one + first).T @ upstream), "=", column(wrong),
                 "in the other order: not the same"),
        title="Four paths by hand",
    )


def square(numbers):
    return literal(numbers.tolist())


def column(numbers):
    return literal(list(numbers))
