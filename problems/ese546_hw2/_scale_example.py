"""Question 3 on numbers for paper: a quotient, its slopes, and one step of gradient descent."""

import sympy as sp

from solutionset.authoring import (
    Computation,
    Instance,
    define,
    exact,
    gradient,
    literal,
    norm,
    relation,
    scalar,
)

x1, x2 = scalar("x1", symbol="x", label="1"), scalar("x2", symbol="x", label="2")
ratio = define("ratio", x2 / x1, symbol="ell", label="1", meaning="the quotient")
quotient = Computation("quotient", definitions=(ratio,), forward=lambda x1, x2: x2 / x1,
                       loss=ratio)


def slope_claims():
    return (
        gradient("ratio_x1", quotient, of=ratio, wrt=x1, title="First partial derivative"),
        gradient("ratio_x2", quotient, of=ratio, wrt=x2, title="Second partial derivative"),
    )


def instances():
    return (at_quotient("here", 3, 4), at_quotient("opposite", -6, -8))


def at_quotient(name, first, second):
    return Instance(
        name, quotient, values={x1: first, x2: second}, claims=("ratio_x1", "ratio_x2")
    )


def claims():
    point, slope, big = literal([3, 4]), sp.Rational(1, 9) * literal([-4, 3]), sp.Rational(27, 4)
    landed, unit = literal([6, sp.Rational(7, 4)]), sp.Rational(1, 5) * literal([3, 4])
    pushed = literal([sp.Rational(6, 5), sp.Rational(7, 20)])
    return (
        exact(
            "example_direct",
            relation(point.T @ slope, "=", 0, "Euler's identity"),
            relation(point - big * slope, "=", landed, "the step"),
            relation(norm(landed), "=", sp.Rational(25, 4), "its length"),
            relation(sp.Rational(4, 25) * landed, "=", sp.Rational(1, 25) * literal([24, 7]),
                     "its direction"),
            title="Step, then normalise",
        ),
        exact(
            "example_formula",
            relation(unit - sp.Rational(27, 100) * (5 * slope), "=", pushed,
                     r"$\epsilon$ is $27/100$, the gradient at $u$ is 5 times as long"),
            relation(norm(pushed), "=", sp.Rational(5, 4), "the root in the formula"),
            relation(sp.Rational(4, 5) * pushed, "=", sp.Rational(1, 25) * literal([24, 7]),
                     "divided by it: the same direction"),
            title="By the formula",
        ),
    )
