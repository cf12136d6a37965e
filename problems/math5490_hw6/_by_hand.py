"""Question 2 on small numbers: readings of two printed equations, and paths through two blocks."""

import sympy as sp

from solutionset.authoring import counterexample, exact, inverse, literal, relation


def claims():
    return (*readings(), paths())


def readings():
    """The activation without its index, and what a gradient in the pre-activation holds fixed."""
    upstream, squares, rectified = literal([2, 1]), literal([4, 81, 9]), literal([2, 9, 0])
    return (
        counterexample(
            "index",
            relation(upstream @ squares.T, "=", literal([[8, 162, 18], [4, 81, 9]]),
                     r"the block's own activation, $t \mapsto t^2$"),
            relation(upstream @ rectified.T, "=", literal([[4, 18, 0], [2, 9, 0]]),
                     r"the activation of another block, $t \mapsto \max(t,0)$"),
            title="Outer weights with and without the index",
        ),
        held_fixed(),
    )


def held_fixed():
    """Slopes 2, so that the branch sends back twice the transposed outer weights."""
    inner, outer, upstream = literal([[1, 1], [0, 1]]), literal([[1, 0], [-1, 2]]), literal([2, -1])
    fixed = literal([6, -4])
    return exact(
        "held_fixed",
        relation(2 * (outer.T @ upstream), "=", fixed, "block input held fixed"),
        relation(inverse(inner).T @ upstream + fixed, "=", literal([8, -7]),
                 "block input moved along"),
        title="Two readings of the gradient in the pre-activation",
    )


def paths():
    """Through two blocks on numbers: path by path, factor by factor, and in the wrong order."""
    second, third, end = ((1, 2), (0, 1)), ((1, 0), (-1, 2)), literal([2, 1])
    by_second, by_third, both = literal([2, 5]), literal([1, 2]), literal([1, 4])
    total = literal([6, 12])
    return exact(
        "paths_by_hand",
        relation(literal(second).T @ end, "=", by_second, "through block 2 alone"),
        relation(literal(third).T @ end, "=", by_third, "through block 3 alone"),
        relation(literal(second).T @ by_third, "=", both, "through both, block 3 first"),
        relation(end + by_second + by_third + both, "=", total, "past both, and these three"),
        relation(factor(second).T @ (factor(third).T @ end), "=", total,
                 "the two factors: the same"),
        relation(factor(third).T @ (factor(second).T @ end), "=", literal([2, 18]),
                 "in the other order: not the same"),
        title="Four paths by hand",
    )


def factor(branch):
    """The Jacobian of a block: the identity beside that of its branch."""
    return literal((sp.eye(2) + sp.Matrix(branch)).tolist())
