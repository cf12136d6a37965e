"""Question 1(a): the slope of the sigmoid, and what it means for a gradient that crosses layers."""

import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    Figure,
    Instance,
    Pitfall,
    argument,
    bound,
    chain,
    define,
    dim,
    elementwise,
    exact,
    exp,
    extremum,
    jac,
    jacobian,
    matrix,
    number,
    relation,
    scalar,
    spectral_norm,
    vector,
)

x = scalar("x", meaning="a number")
logistic = elementwise("sigma", body=1 / (1 + sp.exp(-argument)))
t = define("t", exp(-x))
y = define("y", logistic(x))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def unit_forward(x):
    return {"t": np.exp(-x), "y": sigmoid(x)}


unit = Computation("unit", definitions=(t, y), forward=unit_forward)

RELU = sp.Piecewise((argument, argument > 0), (0, True))
rectifier = elementwise("relu", body=RELU)
v = define("v", rectifier(x))
rectified = Computation("rectified", definitions=(v,), forward=lambda x: np.maximum(x, 0))

h, j, k, m = (dim(name) for name in "hjkm")
s_0 = vector("s_0", h, symbol="s", label="0", meaning="input")
V_1 = matrix("V_1", j, h, symbol="V", label="1", meaning="weights of the first layer")
V_2 = matrix("V_2", k, j, symbol="V", label="2", meaning="weights of the second layer")
V_3 = matrix("V_3", m, k, symbol="V", label="3", meaning="weights of the third layer")
a_1 = define("a_1", V_1 @ s_0, symbol="a", label="1")
s_1 = define("s_1", logistic(a_1), symbol="s", label="1")
a_2 = define("a_2", V_2 @ s_1, symbol="a", label="2")
s_2 = define("s_2", logistic(a_2), symbol="s", label="2")
a_3 = define("a_3", V_3 @ s_2, symbol="a", label="3")
s_3 = define("s_3", logistic(a_3), symbol="s", label="3")


def three_layers_forward(V_1, V_2, V_3, s_0):
    s_1 = sigmoid(V_1 @ s_0)
    s_2 = sigmoid(V_2 @ s_1)
    return {"s_1": s_1, "s_2": s_2, "s_3": sigmoid(V_3 @ s_2)}


three_layers = Computation(
    "three_layers", definitions=(a_1, s_1, a_2, s_2, a_3, s_3), forward=three_layers_forward,
)


def small(rng, shape):
    """Weights so small that every sigmoid works next to its steepest point."""
    return np.full(shape, 0.1)


def zero(rng, shape):
    return np.zeros(shape)


def positive(rng, shape):
    return np.ones(shape)


ONE, HALF, QUARTER = number(1), number(sp.Rational(1, 2)), number(sp.Rational(1, 4))
NEAR, FAR = sp.log(3), sp.log(99)


def claims():
    return (
        chain("sigmoid", unit, y, ((ONE + t) ** -1, "definition"), title="The sigmoid"),
        jacobian("named", unit, of=y, wrt=x, title="Slope of the sigmoid, by name"),
        chain("slope", unit, jac(y, x),
              (t * (ONE + t) ** -2, "quotient rule"),
              (logistic(x) * (ONE - logistic(x)), "each factor through the value"),
              (QUARTER - (logistic(x) - HALF) ** 2, "complete the square"),
              title="Slope of the sigmoid"),
        bound("largest", unit, jac(y, x), QUARTER, tight={x: zero},
              title="Bound on the slope of the sigmoid"),
        extremum("attained", logistic.prime, at=0, value=sp.Rational(1, 4), forward=sigmoid,
                 title="Largest slope of the sigmoid"),
        exact("saturation",
              relation(logistic(number(FAR)), "=", sp.Rational(99, 100), "close to the limit one"),
              relation(logistic.prime(number(FAR)), "=", sp.Rational(99, 10000),
                       "the unit is saturated"),
              title="Slopes of a sigmoid that saturates"),
        bound("three_layers", three_layers, spectral_norm(jac(s_3, s_0)),
              sp.Rational(1, 64) * (spectral_norm(V_1) * spectral_norm(V_2) * spectral_norm(V_3)),
              tight={V_1: small, V_2: small, V_3: small, s_0: zero},
              title="Three sigmoid layers"),
        *comparison(),
    )


def comparison():
    """The rectifier beside the sigmoid, and weights beside slopes."""
    return (
        exact("rectifier",
              relation(rectifier.prime(number(1)), "=", 1, "active: the gradient passes unchanged"),
              relation(rectifier.prime(number(-1)), "=", 0, "inactive: it is lost"),
              relation(logistic.prime(number(-1)), ">", rectifier.prime(number(-1)),
                       "there the sigmoid is better"),
              title="Slopes of the rectifier"),
        bound("steepest", rectified, jac(v, x), ONE, tight={x: positive},
              title="Largest slope of the rectifier"),
        exact("weights",
              relation(logistic(8 * HALF - number(4)), "=", HALF, "one half again"),
              relation(8 * logistic.prime(8 * HALF - number(4)), "=", 2, "the gradient doubles"),
              title="Weights can make up for the slope"),
    )


def instance():
    return Instance("logarithm", unit, values={x: NEAR}, claims=("named",))


def pitfalls():
    return (
        Pitfall("inner", "Forgetting the minus of the inner derivative: the sigmoid would fall.",
                "slope", lambda: -(t * (ONE + t) ** -2)),
        Pitfall("complement", "Multiplying by one minus the argument, not one minus the value.",
                "slope", lambda: logistic(x) * (ONE - x)),
    )


# --------------------------------------------------------------------------------- figure

LAYERS = np.arange(1, 11)


def slopes(rng):
    points = np.linspace(-6, 6, 241)
    value = sigmoid(points)
    marked = np.array([0.0, float(NEAR), float(FAR)])
    return points, value * (1 - value), marked, sigmoid(marked) * (1 - sigmoid(marked))


def draw_slopes(axes, data):
    points, curve, marked, heights = data
    left, right = axes
    left.plot(points, curve, label="sigmoid")
    left.plot(points[points < 0], 0 * points[points < 0], "--", color="#C2410C", label="ReLU")
    left.plot(points[points > 0], 1 + 0 * points[points > 0], "--", color="#C2410C")
    left.plot(marked, heights, "o", color="#1F5673")
    left.set_xlabel("argument $x$")
    left.set_ylabel("slope")
    left.legend(loc="center left")
    right.plot(LAYERS, 0.25**LAYERS, "o-", label="sigmoid, at most")
    right.plot(LAYERS, 1.0 + 0 * LAYERS, "s--", color="#C2410C", label="ReLU, active units")
    right.set_yscale("log")
    right.set_xlabel("number of layers")
    right.set_ylabel("product of the slopes")
    right.legend(loc="lower left")


def figure():
    return Figure(
        "slopes", draw_slopes, slopes,
        alt="Two panels. Left: the slope of the sigmoid is a low hump with its top, one quarter, "
        "at zero; that of ReLU jumps from zero to one there. Right, logarithmic: the product of "
        "the largest slopes of ten sigmoid layers is about one millionth, that of active ReLU "
        "units is one.",
        caption="Left: slopes of the sigmoid and of ReLU; the dots are at $0$, $\\ln 3$ and "
        "$\\ln 99$. Right: what the slopes alone make of a gradient, weights left out.",
        width=6.2, height=2.3, panels=2,
    )
