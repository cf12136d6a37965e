"""Question 1.d: an activation module on a batch, in general and for the activations in use."""

import _sheet_modules
import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    Figure,
    Instance,
    Pitfall,
    Problem,
    Solution,
    argument,
    bound,
    chain,
    counterexample,
    define,
    dim,
    elementwise,
    exact,
    exp,
    extremum,
    fold_slope,
    grad,
    gradient,
    hypothesis,
    identity_of,
    index,
    jac,
    jacobian,
    literal,
    log,
    matrix,
    modulus,
    norm,
    number,
    ones,
    parameter,
    relation,
    rewrite,
    scalar,
    tanh,
)

S, M = dim("S", "st"), dim("M", "jm")
s, j = index("s", S), index("j", M)

X = matrix("X", S, M, meaning="input, a row for each of $S$ samples")

# ----------------------------------------------------------------------- any activation

h = elementwise("h")
Y = define("Y", h(X), meaning="output")
activation = Computation("activation", definitions=(Y,), forward=lambda X, h: h(X))


def general():
    return (
        jacobian("Y_in_X", activation, of=Y, wrt=X, style="index", title="The output in the input"),
        gradient("grad_X", activation, of=Y, wrt=X, title="Gradient in the input"),
        counterexample(
            "lost_slope",
            relation(literal(UPSTREAM) * literal(ELU_SLOPES), "=", literal(ELU_GRADIENT),
                     "upstream gradient times slopes of ELU, entry by entry"),
            relation(literal(ELU_GRADIENT), r"\neq", literal(UPSTREAM),
                     "is not the upstream gradient, as (18) says"),
            title="The slopes cannot be left out",
        ),
    )


# --------------------------------------------------------- slopes of one unit, by calculus

x = scalar("x", meaning="one entry of the input")
sigma = elementwise("sigma", body=1 / (1 + sp.exp(-argument)))
plus = elementwise("softplus", body=sp.log(1 + sp.exp(argument)))

u = define("u", exp(-x))
y_l = define("y_l", (number(1) + u) ** -1, symbol="y", label="l")
r = define("r", exp(x))
p, q = define("p", r + u), define("q", r - u)
y_h = define("y_h", q * p**-1, symbol="y", label="h")
y_p = define("y_p", log(number(1) + r), symbol="y", label="p")


def logistic(x):
    return 1 / (1 + np.exp(-x))


def softplus(x):
    return np.log(1 + np.exp(x))


logistic_unit = Computation(
    "logistic_unit", definitions=(u, y_l), forward=lambda x: {"u": np.exp(-x), "y_l": logistic(x)}
)
tanh_unit = Computation(
    "tanh_unit", definitions=(u, r, p, q, y_h),
    forward=lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
)
softplus_unit = Computation("softplus_unit", definitions=(r, y_p), forward=softplus)


def slopes():
    one = number(1)
    return (
        chain("logistic_slope", logistic_unit, jac(y_l, x),
              (u * (one + u) ** -2, "chain rule; $u$ has the derivative $-u$"),
              (y_l - y_l**2, "through the output"),
              title="Slope of the logistic function"),
        extremum("logistic_steepest", sigma.prime, at=0, value=sp.Rational(1, 4), forward=logistic,
                 title="Largest slope of the logistic function"),
        identity_of("tanh_form", tanh_unit, y_h, tanh(x), because="that is its definition",
                    title="Hyperbolic tangent"),
        chain("tanh_slope", tanh_unit, jac(y_h, x),
              ((p**2 - q**2) * p**-2, "quotient rule; $p$ and $q$ are each other's derivatives"),
              (one - y_h**2, "through the output"),
              title="Slope of the hyperbolic tangent"),
        extremum("tanh_steepest", tanh.prime, at=0, value=1, forward=np.tanh,
                 title="Largest slope of the hyperbolic tangent"),
        chain("softplus_slope", softplus_unit, jac(y_p, x),
              (r * (one + r) ** -1, "chain rule; $r$ is its own derivative"),
              (sigma(x), r"multiply above and below by $e^{-x}$"),
              (one - exp(-y_p), "through the output"),
              title="Slope of softplus"),
    )


# ---------------------------------------------------------------- modules, on whole batches

relu = elementwise("relu", body=sp.Piecewise((argument, argument > 0), (0, True)))
step = elementwise("step", body=sp.Piecewise((1, argument > 0), (0, True)))
a = parameter("a", 0.05, 0.3)
alpha = parameter("alpha", 0.3, 2, hypothesis="$\\alpha$ is positive")

P = define("P", step(X), meaning="one where the input is positive, else zero")
E = define("E", exp(-relu(-X)), meaning="exponential of the smaller of input and zero")


def module(letter, body, forward, *, before=(), parameters=()):
    """A named activation: its output, with a letter of its own, and the computation."""
    output = define(f"Y_{letter}", body, symbol="Y", label=letter)
    definitions = (*before, output)
    computation = Computation(
        f"module_{letter}", definitions=definitions, forward=forward, parameters=parameters
    )
    return output, computation


Y_r, relu_module = module("r", relu(X), lambda X: np.maximum(X, 0), before=(P,))
Y_a, leaky_module = module(
    "a", number(a) * X + (1 - a.symbol) * relu(X), lambda X, a: np.where(X > 0, X, a * X),
    before=(P,), parameters=(a,),
)
Y_e, elu_module = module(
    "e", relu(X) + alpha.symbol * (E - ones(S) @ ones(M).T),
    lambda X, alpha: {
        "E": np.exp(np.minimum(X, 0)),
        "Y_e": np.where(X > 0, X, alpha * (np.exp(np.minimum(X, 0)) - 1)),
    },
    before=(P, E), parameters=(alpha,),
)
Y_l, logistic_module = module("l", sigma(X), lambda X: logistic(X))
Y_h, tanh_module = module("h", tanh(X), lambda X: np.tanh(X))
Y_p, softplus_module = module("p", plus(X), lambda X: softplus(X))
Y_u, silu_module = module("u", X * sigma(X), lambda X: X * logistic(X), before=(Y_l,))


def modules():
    """What each module returns, written through what it has at hand."""
    positive = rewrite("positive", relu.prime(X[s, j]), P[s, j], "slope of ReLU")
    through = "slope through the output"
    return (
        gradient("relu", relu_module, of=Y_r, wrt=X, rules=(positive,), title="ReLU"),
        gradient("leaky", leaky_module, of=Y_a, wrt=X, rules=(positive,), title="Leaky ReLU"),
        chain("elu", elu_module, grad(X),
              (grad(Y_e) * (alpha.symbol * E + (1 - alpha.symbol) * P),
               "positive entries have slope one, and there $E$ is one"),
              title="ELU"),
        gradient("logistic", logistic_module, of=Y_l, wrt=X, title="Logistic function",
                 rules=(fold_slope(Y_l, argument - argument**2, through),)),
        gradient("tanh", tanh_module, of=Y_h, wrt=X, title="Hyperbolic tangent",
                 rules=(fold_slope(Y_h, 1 - argument**2, through),)),
        gradient("softplus", softplus_module, of=Y_p, wrt=X, title="Softplus",
                 rules=(rewrite("softplus", plus.prime(X[s, j]), sigma(X[s, j]), "its slope"),)),
        gradient("silu", silu_module, of=Y_u, wrt=X, title="SiLU",
                 rules=(rewrite("slope", sigma.prime(X[s, j]), Y_l[s, j] - Y_l[s, j] ** 2, through),
                        rewrite("value", sigma(X[s, j]), Y_l[s, j], "its output"))),
    )


# ------------------------------------------------------------- where there is no slope


def negative(rng, shape):
    return -rng.uniform(0.05, 3, shape)


def just_below_zero(rng, shape):
    return np.full(shape, -1e-3)


dead = Computation(
    "dead", definitions=(Y_r,), forward=lambda X: np.maximum(X, 0),
    samplers={X: hypothesis("every entry of the input is negative", negative)},
)
v = define("v", alpha.symbol * exp(x), meaning="slope of ELU left of zero")
left_of_zero = Computation(
    "left_of_zero", definitions=(v,), forward=lambda x, alpha: alpha * np.exp(x),
    parameters=(alpha,), samplers={x: hypothesis("the entry is negative", negative)},
)


def kinks():
    tenth, unit = sp.Rational(1, 10), literal([[1, -1]])

    def by_rule(slope):
        """The chain rule through relu(x) - relu(-x) at zero, with this slope of ReLU there."""
        return unit @ literal([[slope, 0], [0, slope]]) @ literal([1, -1])

    return (
        exact(
            "relu_quotients",
            relation(relu(number(tenth)), "=", tenth, "to the right: quotient one"),
            relation(relu(number(-tenth)), "=", 0, "to the left: quotient zero"),
            title="Difference quotients of ReLU at zero",
        ),
        counterexample(
            "no_slope_is_safe",
            relation(by_rule(0), "=", 0, "slope 0 for ReLU, the usual choice"),
            relation(by_rule(sp.Rational(1, 2)), "=", 1, "slope one half: right here"),
            relation(by_rule(1), "=", 2, "slope 1"),
            title="The chain rule at a kink",
        ),
        chain("dead", dead, norm(grad(X)), (number(0), "every slope is zero"),
              title="Units that are off for the whole batch"),
        bound("elu_left", left_of_zero, modulus(v - number(alpha)), number(alpha) * modulus(x),
              tight={x: just_below_zero}, title="The slope of ELU tends to its parameter"),
        exact(
            "silu_turns",
            relation(silu_slope(-3), "<", 0, "at $-3$ it falls"),
            relation(silu_slope(1), ">", 0, "at $1$ it rises"),
            title="SiLU is not monotone",
        ),
    )


def silu_slope(at):
    """The slope of x sigma(x), on an exact number."""
    return sigma(number(at)) + at * sigma.prime(number(at))


# ------------------------------------------------------------------ instances, pitfalls

LN2, LN3 = sp.log(2), sp.log(3)
INPUT = [[LN2, -LN2, LN3], [-LN3, LN2, -LN2]]
UPSTREAM = [[9, -18, 16], [48, 9, 18]]
HALF, THIRD = sp.Rational(1, 2), sp.Rational(1, 3)
ELU_SLOPES = [[1, HALF, 1], [THIRD, 1, HALF]]
ELU_GRADIENT = [[9, -9, 16], [16, 9, 9]]
ELU = sp.Piecewise((argument, argument > 0), (sp.exp(argument) - 1, True))

LOGISTIC = 1 / (1 + sp.exp(-argument))


def instances():
    """The square on whole numbers, and two activations where their slopes are rational."""
    def worked(name, values, upstream, body):
        return Instance(name, activation, values={X: values}, upstream=upstream,
                        functions={h: body}, claims=("grad_X",))

    return (
        worked("square", [[1, -2, 3], [2, -1, -3]], [[2, 1, -1], [1, 3, 2]], argument**2),
        worked("elu", INPUT, UPSTREAM, ELU),
        worked("logistic", INPUT, UPSTREAM, LOGISTIC),
    )


def pitfalls():
    return (
        Pitfall("slope", "Forgetting the slope, as in (18).", "grad_X", lambda: grad(Y)),
        Pitfall("place", "Taking the slope at the output.", "grad_X",
                lambda: grad(Y) * h.prime(Y)),
        Pitfall("value", "Multiplying by the activation instead of its slope.", "grad_X",
                lambda: grad(Y) * h(X)),
        Pitfall("product", "Multiplying as matrices.", "grad_X", lambda: grad(Y) @ h.prime(X)),
        Pitfall("input_for_output", "Putting the input where the rule wants the output.",
                "logistic", lambda: grad(Y_l) * (X - X**2)),
    )


# --------------------------------------------------------------------------------- figure

CURVES = {
    "ReLU": (lambda x: np.maximum(x, 0), lambda x: 1.0 * (x > 0)),
    "ELU": (lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1),
            lambda x: np.exp(np.minimum(x, 0))),
    "SiLU": (lambda x: x * logistic(x),
             lambda x: logistic(x) + x * logistic(x) * logistic(-x)),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "logistic": (logistic, lambda x: logistic(x) * logistic(-x)),
}


def curves(rng):
    """Values and slopes of five activations; a kink is a gap, since there is no slope there."""
    at = np.linspace(-4, 4, 401)
    found = {name: (value(at), slope(at)) for name, (value, slope) in CURVES.items()}
    found["ReLU"][1][at == 0] = np.nan
    return at, found


def draw_curves(axes, data):
    at, found = data
    styles = ("-", "--", "-.", ":", (0, (6, 1, 1, 1)))
    for style, (name, pair) in zip(styles, found.items(), strict=True):
        for panel, values in zip(axes, pair, strict=True):
            panel.plot(at, values, linestyle=style, label=name, linewidth=1.5)
    left, right = axes
    right.axhline(0.25, color="#475569", linewidth=0.6)
    right.text(-3.9, 0.28, "one quarter", color="#475569")
    left.set_ylim(-1.3, 2.6)
    for panel, title in ((left, "activation"), (right, "slope")):
        panel.set_xlabel("input")
        panel.set_ylabel(title)
    left.legend(loc="upper left")


def slope_figure():
    return Figure(
        "slopes", draw_curves, curves, panels=2, width=6.2, height=2.6,
        alt="Two panels over inputs from minus four to four. Left: ReLU, ELU and SiLU rise like "
        "the input on the right and are flat or nearly flat on the left; tanh and the logistic "
        "function level off on both sides. Right: the slope of ReLU jumps from zero to one at "
        "zero, that of ELU rises to one and stays there, that of SiLU falls slightly below zero "
        "on the left and exceeds one on the right, those of tanh and the logistic function are "
        "bells with peaks one and one quarter.",
        caption="Five activations and their slopes; ELU with the parameter one. Far from zero tanh "
        "and the logistic function pass on almost nothing.",
    )


def solve():
    return Solution(
        claims=(*general(), *slopes(), *modules(), *kinks()),
        figures=(slope_figure(),),
        instances=instances(),
        pitfalls=pitfalls(),
        errata=_sheet_modules.ACTIVATION_ERRATA,
        audit=_sheet_modules.ACTIVATION_AUDIT,
        prose=("Libraries put the slope zero for ReLU at zero.",),
    )


problem = Problem(
    title="The activation module", question="002.1.d", source="Question 1.d", solve=solve,
)
