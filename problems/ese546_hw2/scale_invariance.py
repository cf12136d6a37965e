"""Question 3: functions of a direction alone, their gradients, and gradient steps on them."""

import _scale_audit
import _scale_example
import _scale_figures
import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    Figure,
    Pitfall,
    Problem,
    Solution,
    at,
    chain,
    counterexample,
    define,
    dim,
    elementwise,
    expansion,
    experiment,
    grad,
    gradient,
    hypothesis,
    identity,
    identity_of,
    literal,
    log,
    matrix,
    norm,
    number,
    order,
    parameter,
    relation,
    scalar,
    theorem,
    vector,
)

n, m = dim("n", "i"), dim("m", "k")
HALF = sp.Rational(1, 2)

# ------------------------------------------------------------------ any function, rescaled

x = vector("x", n, meaning="the argument, such as the weights of a layer")
lam = scalar("lam", symbol="lambda", meaning="a factor, not zero")
y = define("y", lam * x, meaning="the rescaled argument")
rescaled = Computation("rescaled", definitions=(y,), forward=lambda x, lam: lam * x)

# ----------------------------------------------------------- functions of a direction alone

M = matrix("M", m, n, meaning="any matrix")
a = vector("a", m, meaning="any vector")
sigma = elementwise("sigma")

s = define("s", x.T @ x, meaning="squared length")
r = define("r", s**HALF, meaning="length")
u = define("u", x / r, meaning="direction")
z = define("z", M @ u)
P = define("P", identity(n) - u @ u.T, meaning="projection orthogonal to $u$")
g = define("g", (P @ M.T @ (sigma.prime(z) * a)) / r, meaning="gradient at $x$")
h = define("h", P @ M.T @ (sigma.prime(z) * a), meaning="gradient at $u$")
f = define("f", a.T @ sigma(z), symbol="ell", meaning="a function of the direction")


def positive(rng, shape):
    return rng.uniform(0.3, 3, shape)


def steep(rng, shape):
    """Large slopes, so that the errors of small steps are well above rounding."""
    return 4 * rng.standard_normal(shape)


POSITIVE = {lam: hypothesis(r"$\lambda$ is positive", positive), a: steep}


def value(x, M, a, sigma):
    return a @ sigma(M @ (x / np.sqrt(x @ x)))


def slope_at(x, M, a, sigma):
    """The gradient by complex steps of the function itself, not by its formula."""
    tiny = 1e-30
    return np.array([
        value(x + 1j * tiny * axis, M, a, sigma).imag / tiny for axis in np.eye(len(x))
    ])


def forward(x, M, a, sigma):
    r = np.sqrt(x @ x)
    u = x / r
    return {
        "s": x @ x, "r": r, "u": u, "z": M @ u,
        "P": np.eye(len(x)) - np.outer(u, u), "g": slope_at(x, M, a, sigma),
        "h": slope_at(u, M, a, sigma), "f": value(x, M, a, sigma),
    }


direction = Computation(
    "direction", definitions=(s, r, u, z, P, g, h, f), forward=forward, loss=f, argument=x,
    samplers={a: steep},
)
multiple = Computation(
    "multiple", definitions=(y, s, r, u, z, P, g, h, f), loss=f, argument=x, samplers=POSITIVE,
    forward=lambda x, M, a, lam, sigma: {"y": lam * x, **forward(x, M, a, sigma)},
)


def without_gradients(x, M, a, sigma):
    return {name: got for name, got in forward(x, M, a, sigma).items() if name not in ("g", "h")}


formula_in_u = Computation(
    "formula_in_u", definitions=(s, r, u, z, P, f), forward=without_gradients, loss=f,
    samplers={a: steep},
)


def rule_claims():
    inner = M.T @ (sigma.prime(z) * a)
    return (
        gradient("chain_rule", rescaled, of=y, wrt=x, title="Gradient of a rescaled function"),
        identity_of(
            "invariance", multiple, at(f, x, lam * x), f,
            because="the direction does not change", title="Invariance",
        ),
        chain(
            "gradient", direction, grad(x),
            ((P @ inner) / r, "through the direction"), (g, "by name"),
            title="Its gradient",
        ),
        identity_of(
            "scaling", multiple, at(g, x, lam * x), g / lam,
            because="invariance, differentiated", title="Gradient at a multiple",
        ),
        identity_of(
            "euler", direction, x.T @ grad(x), number(0),
            because=r"derivative in $\lambda$ at 1", title="Euler's identity",
        ),
        identity_of(
            "at_direction", direction, at(g, x, u), r * g,
            because=r"the factor one over the length", title="Gradient at the direction",
        ),
        identity_of("named", direction, at(g, x, u), h, because="length one", title="By name"),
    )


# ------------------------------------------------------------------- which factors, exactly

v = define("v", HALF * log(s))
k = define("k", x / s, meaning="its gradient")
logarithm = Computation(
    "logarithm", definitions=(y, s, k, v), loss=v, argument=x,
    forward=lambda x, lam: {"y": lam * x, "s": x @ x, "k": x / (x @ x), "v": np.log(x @ x) / 2},
    samplers={lam: POSITIVE[lam]},
)


def factor_claims():
    tilted, axis = sp.Rational(1, 25) * literal([[9, 12], [12, 16]]), literal([1, 0])
    projected = literal([[1, 0], [0, 1]]) - tilted
    slope = sp.Rational(1, 125) * literal([16, -12])
    return (
        *_scale_example.slope_claims(),
        counterexample(
            "odd",
            relation(sp.Rational(1, 5) * (projected @ axis), "=", slope, "at $(3, 4)$ and at "
                                                                         "$(-3, -4)$"),
            relation(slope, "\\neq", -1 * slope, r"what the rule with $\lambda$ minus one asks"),
            title="A negative factor",
        ),
        chain("log_gradient", logarithm, grad(x), (k, "by name"), title="Gradient of the "
                                                                        "logarithm"),
        identity_of(
            "log_scaling", logarithm, at(k, x, lam * x), k / lam,
            because="numerator and denominator", title="The rule holds",
        ),
        identity_of(
            "log_value", logarithm, at(v, x, lam * x), v + log(lam),
            because="logarithm of a product", title="But the value changes",
        ),
        identity_of(
            "log_euler", logarithm, x.T @ grad(x), number(1),
            because="a square divided by itself", title="Euler's identity fails",
        ),
        theorem(
            "factors",
            "Let $\\ell$ be differentiable on a connected open set that contains with $x$ also "
            "$\\lambda x$ and $x / \\lambda$, for one $\\lambda$ that is not zero. The gradient "
            "at $\\lambda x$ is the gradient at $x$ divided by $\\lambda$, for all $x$, if and "
            "only if $\\ell(\\lambda x) - \\ell(x)$ does not depend on $x$. If $\\ell$ is "
            "invariant under all positive factors, the rule therefore holds for every positive "
            "$\\lambda$, for a negative one exactly if $\\ell$ is even, and never for zero.",
            parts=("chain_rule", "scaling", "odd", "log_scaling"), title="The exact set of factors",
        ),
    )


# ------------------------------------------------------------------------------- one step

eta = parameter("eta", 0.05, 0.2)
rate = eta.symbol
epsilon = define("epsilon", number(eta) / s, meaning="effective learning rate")
x_next = define("x_next", x - rate * g, symbol="x", label="+", meaning="the next point")
s_next = define("s_next", x_next.T @ x_next, symbol="s", label="+", meaning="squared length of it")
u_next = define("u_next", x_next / s_next**HALF, symbol="u", label="+", meaning="direction of it")
g_y = define("g_y", g / lam, symbol="g", label="y", meaning="gradient at $y$")
y_next = define("y_next", y - rate * (lam**2 * g_y), symbol="y", label="+",
                meaning="the next point of the other run")


def step_forward(x, M, a, sigma, eta):
    found = forward(x, M, a, sigma)
    x_next = x - eta * found["g"]
    s_next = x_next @ x_next
    return found | {
        "epsilon": eta / (x @ x), "x_next": x_next, "s_next": s_next,
        "u_next": x_next / np.sqrt(s_next),
    }


def other_run(x, M, a, lam, sigma, eta):
    found = step_forward(x, M, a, sigma, eta)
    y, g_y = lam * x, found["g"] / lam
    return found | {"y": y, "g_y": g_y, "y_next": y - eta * lam**2 * g_y}


step = Computation(
    "step", definitions=(s, r, u, z, P, g, h, f, epsilon, x_next, s_next, u_next),
    forward=step_forward, parameters=(eta,), argument=x, samplers={a: steep},
)
two_runs = Computation(
    "two_runs", forward=other_run, parameters=(eta,), samplers=POSITIVE,
    definitions=(y, s, r, u, z, P, g, h, f, epsilon, x_next, s_next, u_next, g_y, y_next),
)

d = vector("d", n, meaning="any vector")
x_moved = define("x_moved", x - rate * d, symbol="x", label="d")
s_moved = define("s_moved", x_moved.T @ x_moved, symbol="s", label="d")
sphere = Computation(
    "sphere", definitions=(s, r, u, P, x_moved, s_moved), parameters=(eta,), argument=x,
    forward=lambda x, d, eta: {
        "s": x @ x, "r": np.sqrt(x @ x), "u": x / np.sqrt(x @ x),
        "x_moved": x - eta * d, "s_moved": (x - eta * d) @ (x - eta * d),
    },
)


def step_claims():
    moved = at(u, x, x - rate * g)
    across = identity(n) - u @ u.T
    return (
        chain(
            "any_length", sphere, s_moved,
            (s - 2 * rate * (x.T @ d) + rate**2 * (d.T @ d), "multiply out"),
            title="Squared length after any step",
        ),
        chain(
            "growth", step, s_next,
            (s + rate**2 * (g.T @ g), "Euler's identity: the mixed term vanishes"),
            (s + rate**2 * ((h.T @ h) / s), "the gradient at $u$"),
            title="Squared length after a gradient step",
        ),
        chain(
            "exact_step", step, u_next,
            ((x - rate * g) / (s + rate**2 * (g.T @ g)) ** HALF, "by definition"),
            ((u - epsilon * h) / (number(1) + epsilon**2 * (h.T @ h)) ** HALF,
             "divide by the old length"),
            title="The normalised step, exactly",
        ),
        expansion(
            "any_step", sphere, at(u, x, x - rate * d), u, -1 * ((P @ d) / r), step=eta, order=2,
            title="The derivative of the direction",
        ),
        order(
            "first_order", step, moved - u + rate * ((across @ h) / s), eta, 2,
            title="With the gradient at $u$",
        ),
        order(
            "middle_line", step, moved - u + rate * ((across @ g) / s), eta, 1,
            title="With the gradient at $x$",
        ),
        order(
            "second_order", step,
            moved - u + rate * (h / s) + HALF * rate**2 * ((h.T @ h) / s**2) * u, eta, 3,
            title="One order further",
        ),
        identity_of(
            "same_path", two_runs, y_next, lam * x_next, because="the factors cancel",
            title="Another length, another rate, the same direction",
        ),
        theorem(
            "effective_rate",
            "Gradient descent on a function of the direction moves the direction as if its length "
            "were one and the learning rate $\\epsilon$, that is $\\eta$ divided by the squared "
            "length. For a positive $\\lambda$, a run from $\\lambda x$ with the rate "
            "$\\lambda^2 \\eta$ passes through the same directions as a run from $x$ with the rate "
            "$\\eta$. The length never decreases, so with a constant $\\eta$ the effective rate "
            "never increases.",
            parts=("growth", "exact_step", "scaling", "same_path"),
            title="The effective learning rate",
        ),
        experiment(
            "runs", _scale_figures.compare_runs,
            lambda got: {
                "both runs pass through the same directions": got["gap"] == 0,
                "the effective rate falls": got["last_rate"] < got["first_rate"],
                "the length grows": got["last_length"] > got["first_length"],
            },
            title="Two runs of different lengths",
        ),
    )


def remark_claims():
    fifth = sp.Rational(1, 5)
    projected = sp.Rational(1, 25) * literal([[16, -12], [-12, 9]])
    return (
        identity_of("idempotent", direction, P @ P, P, because="$u$ has length one",
                    title="Projecting twice is projecting once"),
        identity_of("kernel", direction, norm(P @ u), number(0), because="$u$ has length one",
                    title="What the projection removes"),
        chain(
            "through_direction", formula_in_u, grad(x),
            ((P @ grad(u)) / r, "chain rule, with the formula in $u$"),
            title="Through the direction",
        ),
        identity_of("tangential", direction, P @ h, h, because="Euler's identity at $u$",
                    title="The gradient of the function itself, projected"),
        counterexample(
            "not_invariant",
            relation(fifth * (projected @ (2 * fifth * literal([3, 4]))), "=", literal([0, 0]),
                     "what the formula gives at $(3, 4)$"),
            relation(2 * literal([3, 4]), "\\neq", literal([0, 0]), "the gradient there"),
            title="Without the invariance",
        ),
    )


def pitfalls():
    return (
        Pitfall("inverse", "Believing that the gradient grows with the factor.", "chain_rule",
                lambda: grad(y) / lam),
        Pitfall("length", "Dividing the learning rate by the length, not by its square.",
                "exact_step",
                lambda: (u - rate * (h / r)) / (number(1) + rate**2 * (h.T @ h) / s) ** HALF),
        Pitfall("point", "Keeping the gradient at $x$ where that at $u$ belongs.", "exact_step",
                lambda: (u - epsilon * g) / (number(1) + epsilon**2 * (g.T @ g)) ** HALF),
        Pitfall("shrink", "Believing that the length shrinks when the function falls.", "growth",
                lambda: s - rate**2 * (g.T @ g)),
    )


def solve():
    return Solution(
        claims=(
            *rule_claims(), *factor_claims(), *step_claims(), *remark_claims(),
            *_scale_example.claims(),
        ),
        figures=(
            Figure(
                "step", _scale_figures.draw_step, _scale_figures.one_step,
                alt="Left: a circle, a point outside of it and a step from there at a right angle "
                "to the line from the origin; both points projected onto the circle. Right: a "
                "log-log plot of errors against the learning rate with three straight lines of "
                "slopes one, two and three.",
                caption="Left: a step is tangential, so it turns the direction and lengthens the "
                "vector; numbers of the worked instance. Right: what remains of the expansion, "
                "with slopes 2, 3 along the sphere, and 1 with the gradient at the wrong point.",
                panels=2, height=2.7,
            ),
            Figure(
                "rates", _scale_figures.draw_runs, _scale_figures.runs,
                alt="Left: squared length against steps; it rises quickly at first and then ever "
                "more slowly. Right: the effective learning rate falls over the same steps. In "
                "both, two runs of different length and learning rate lie on top of each other.",
                caption="Stochastic gradients of a function of the direction: a run from $x$ with "
                "rate $\\eta$ (line), and one from $3x$ with rate $9 \\eta$ (dots). Left: squared "
                "length, divided by that at the start. Right: effective learning rate.",
                panels=2, height=2.4,
            ),
        ),
        instances=_scale_example.instances(),
        pitfalls=pitfalls(),
        errata=_scale_audit.ERRATA,
        audit=_scale_audit.AUDIT,
    )


problem = Problem(
    title="Scale-invariant functions",
    question="003.3",
    source="Homework 2, question 3",
    solve=solve,
)
