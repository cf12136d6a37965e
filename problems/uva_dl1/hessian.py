"""Question 5.a: the Hessian at a local minimum, and the zeros that networks force upon it."""

import _flat
import _sheet_hessian
import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    Pitfall,
    Problem,
    Solution,
    argument,
    at,
    bound,
    chain,
    counterexample,
    define,
    diag,
    dim,
    elementwise,
    exact,
    extremum,
    grad,
    hypothesis,
    jac,
    jacobian,
    literal,
    matrix,
    modulus,
    number,
    order,
    relation,
    scalar,
    theorem,
    vector,
)

HALF = sp.Rational(1, 2)

# ----------------------------------------------------------- a model with half a squared error

n, m = dim("n", "ij"), dim("m", "kl")
x = vector("x", n, meaning="all weights of a model")
v = vector("v", n, meaning="a direction")
B = matrix("B", m, n, meaning="data, a row for each of $m$ samples")
y = vector("y", m, meaning="targets")
sigma = elementwise("sigma")
step = _flat.step

z = define("z", B @ x)
p = define("p", sigma(z))
e = define("e", p - y)
g = define("g", B.T @ (sigma.prime(z) * e))
H = define("H", B.T @ diag(sigma.prime(z) * sigma.prime(z) + sigma.prime.prime(z) * e) @ B)
J = define("J", diag(sigma.prime(z)) @ B)
N = define("N", J.T @ J)
turn = define("d", H @ v)
f = define("f", HALF * (e.T @ e))


def forward(x, y, B, sigma):
    p = sigma(B @ x)
    return {"p": p, "f": np.sum((p - y) ** 2) / 2}


def with_direction(x, v, y, B, sigma):
    """The direction moves nothing; it enters where the loss is expanded."""
    return forward(x, y, B, sigma)


model = Computation("model", definitions=(z, p, e, g, H, J, N, turn, f), loss=f,
                    forward=with_direction, parameters=(step,), argument=x)

# The same without a loss: e is then no gradient, so that a formula must not take one for it.
curvature = Computation("curvature", definitions=(z, p, e, g, f), forward=forward)

# An eigenvector, and what the quadratic form makes of it.
eigenvalue = scalar("lam", symbol="lambda", meaning="an eigenvalue of the Hessian")
u = vector("u", n, meaning="an eigenvector to it")
image = define("w", eigenvalue * u)
form = define("q", u.T @ image)
eigen = Computation("eigen", definitions=(image, form),
                    forward=lambda lam, u: {"w": lam * u, "q": u @ (lam * u)})


def expansion_claims():
    moved, t = x + number(step) * v, number(step)
    return (
        chain("slope", model, grad(x), (g, "chain rule, as for any linear module"),
              title="Gradient of the loss"),
        jacobian("second", curvature, of=g, wrt=x, style="index",
                 title="The gradient differentiated once more"),
        chain("hessian", curvature, jac(g, x), (H.body, "in matrices"), title="The Hessian"),
        chain("symmetric", model, H, (H.T, "its middle factor is diagonal"),
              title="The Hessian is symmetric"),
        order("differentiable", model, at(g, x, moved) - g - t * turn, step, 2,
              title="The gradient along a line"),
        chain("rayleigh", eigen, form, (eigenvalue * (u.T @ u), "an eigenvector"),
              title="The quadratic form at an eigenvector"),
        jacobian("outputs", model, of=p, wrt=x, title="Jacobian of the outputs"),
        chain("square", model, N,
              (B.T @ diag(sigma.prime(z) * sigma.prime(z)) @ B, "put in the Jacobian"),
              title="What is left at a perfect fit"),
    )


# ------------------------------------------------------------------------ functions of one

squared = elementwise("h_2", symbol="h", label="2", body=argument**2)
quartic = elementwise("h_4", symbol="h", label="4", body=argument**4)
cubic = elementwise("h_3", symbol="h", label="3", body=argument**3)
hill = elementwise("h_b", symbol="h", label="b", body=argument - argument**2)
a = scalar("a", meaning="a number")
value_2 = define("c_2", squared(a), symbol="c", label="2")
value_4 = define("c_4", quartic(a), symbol="c", label="4")
value_3 = define("c_3", cubic(a), symbol="c", label="3")
value_b = define("c_b", hill(a), symbol="c", label="b")


def one_forward(a):
    return {"c_2": a * a, "c_4": a * a * a * a, "c_3": a * a * a, "c_b": a * (1 - a)}


one = Computation("one", definitions=(value_2, value_4, value_3, value_b), forward=one_forward)


def one_claims():
    zero = number(0)
    return (
        chain("squared", one, value_2, (a**2, "by name"), title="A square"),
        chain("quartic", one, value_4, (a**4, "by name"), title="A quartic"),
        chain("cubic", one, value_3, (a**3, "by name"), title="A cubic"),
        chain("hill", one, value_b, (a - a**2, "by name"), title="A parabola upside down"),
        extremum("lowest", quartic, at=0, value=0, which="min", forward=lambda x: x**4,
                 title="The quartic is least at zero"),
        counterexample("flat", relation(quartic.prime.prime(zero), "=", 0, "second derivative"),
                       title="A minimum whose only eigenvalue is zero"),
        counterexample(
            "no_minimum",
            relation(cubic.prime(zero), "=", 0, "stationary"),
            relation(cubic.prime.prime(zero), "=", 0, "the eigenvalue is not negative"),
            relation(cubic(number(-HALF)), "<", 0, "below the value at zero"),
            title="No negative eigenvalue, and no minimum",
        ),
        counterexample(
            "boundary",
            relation(hill(zero), "=", 0, "the end of the half line"),
            relation(hill(number(HALF)), ">", 0, "higher, as up to 1"),
            relation(hill.prime.prime(zero), "=", -2, "the eigenvalue"),
            title="A minimum at the end of a half line",
        ),
    )


def by_hand():
    """One sample, two weights that are both one, and the square as activation."""
    three, data, weights = number(3), literal([1, 2]), literal([1, 1])
    slope, bend = squared.prime(three), squared.prime.prime(three)
    fitted, missed = literal([[36, 72], [72, 144]]), literal([[-4, -8], [-8, -16]])
    along, across = literal([1, 2]), literal([2, -1])
    return exact(
        "by_hand",
        relation(data.T @ weights, "=", 3, "pre-activation"),
        relation(squared(three), "=", 9, "output"),
        relation(slope, "=", 6, "its slope"),
        relation(bend, "=", 2, "its second derivative"),
        relation(slope * slope * (data @ data.T), "=", fitted, "target 9: a perfect fit"),
        relation(fitted @ along, "=", 180 * along, "eigenvalue 180"),
        relation(fitted @ across, "=", 0 * across, "eigenvalue 0: one weight too many"),
        relation((slope * slope + bend * number(-20)) * (data @ data.T), "=", missed,
                 "target 29: the error is $-20$"),
        relation(missed @ along, "=", -20 * along, "a negative eigenvalue"),
        title="A Hessian by hand",
    )


# -------------------------------------------------------------------------- functions of two

t = scalar("t", meaning="how far along a line")
v_1 = scalar("v_1", symbol="v", label="1", meaning="direction of the line, first entry")
v_2 = scalar("v_2", symbol="v", label="2", meaning="second entry")
x_1 = define("xi_1", t * v_1, symbol="xi", label="1")
x_2 = define("xi_2", t * v_2, symbol="xi", label="2")
ditch = define("phi_D", x_1**2 + x_2**4, symbol="phi", label="D")
saddle = define("phi_S", x_1**2 - x_2**4, symbol="phi", label="S")
right = define("r_1", number(1) + x_1, symbol="r", label="1")
up = define("r_2", number(1) + x_2, symbol="r", label="2")
valley = define("phi_V", (right * up - number(1)) ** 2, symbol="phi", label="V")
peano = define("phi_P", (x_2 - x_1**2) * (x_2 - 2 * x_1**2), symbol="phi", label="P")
bent = define("xi_C", sp.Rational(3, 2) * t**2, symbol="xi", label="C")
curved = define("phi_C", (bent - t**2) * (bent - 2 * t**2), symbol="phi", label="C")


def lines_forward(t, v_1, v_2):
    a, b, c = t * v_1, t * v_2, 1.5 * t * t
    return {
        "phi_D": a**2 + b**4, "phi_S": a**2 - b**4, "phi_V": (a + b + a * b) ** 2,
        "phi_P": (b - a * a) * (b - 2 * a * a), "phi_C": (c - t * t) * (c - 2 * t * t),
    }


lines = Computation(
    "lines",
    definitions=(x_1, x_2, ditch, saddle, right, up, valley, peano, bent, curved),
    forward=lines_forward,
)


def line_claims():
    both = v_1 + v_2
    trough = literal([[2, 2], [2, 2]])
    along, across = literal([1, -1]), literal([1, 1])
    return (
        chain("ditch", lines, ditch, (t**2 * v_1**2 + t**4 * v_2**4, "put in the line"),
              title="A square plus a fourth power"),
        chain("saddle", lines, saddle, (t**2 * v_1**2 - t**4 * v_2**4, "put in the line"),
              title="A square minus a fourth power"),
        chain("valley", lines, valley,
              ((t * both + t**2 * v_1 * v_2) ** 2, "multiply out the bracket"),
              (t**2 * both**2 + 2 * t**3 * v_1 * v_2 * both + t**4 * v_1**2 * v_2**2, "square"),
              title="A curved valley"),
        chain("peano", lines, peano,
              (t**2 * v_2**2 - 3 * t**3 * v_1**2 * v_2 + 2 * t**4 * v_1**4, "multiply out"),
              title="Along every line"),
        chain("curve", lines, curved, (sp.Rational(-1, 4) * t**4, "multiply out"),
              title="Along a parabola"),
        counterexample(
            "trough",
            relation(trough @ across, "=", 4 * across, "across the valley: eigenvalue 4"),
            relation(trough @ along, "=", 0 * along, "along it: eigenvalue 0"),
            title="Eigenvalues of the valley",
        ),
    )


# ------------------------------------------------- second partial derivatives are not enough

o_1 = scalar("alpha", meaning="first coordinate")
o_2 = scalar("beta", meaning="second coordinate")
square = define("r", o_1**2 + o_2**2)
gap = define("gamma", o_1**2 - o_2**2)
twisted = define("psi", square - 5 * (o_1 * o_2 * gap**2 * square**-2))
WORST = np.arcsin(1 / np.sqrt(3)) / 2


def twisted_forward(alpha, beta):
    r = alpha**2 + beta**2
    return r - 5 * alpha * beta * (alpha**2 - beta**2) ** 2 / r**2


def nothing(rng, shape):
    return np.zeros(shape)


def at_angle(function):
    return lambda rng, shape: np.full(shape, function(WORST))


def twisted_claims():
    first = {o_1: hypothesis("the first coordinate is zero", nothing)}
    second = {o_2: hypothesis("the second coordinate is zero", nothing)}
    on_first, on_second = (
        Computation(name, definitions=(square, gap, twisted), forward=twisted_forward, samplers=s)
        for name, s in (("on_first", first), ("on_second", second))
    )
    free = Computation("free", definitions=(square, gap, twisted), forward=twisted_forward)
    reach = sp.sqrt(3) / 9
    matrix_ = literal([[2, -5], [-5, 2]])
    return (
        bound("reach", free, modulus(o_1 * o_2 * gap**2), number(reach) * square**3,
              tight={o_1: at_angle(np.cos), o_2: at_angle(np.sin)},
              title="How far the last term can reach"),
        exact("below_one", relation(5 * number(reach), "<", 1), title="Not as far as the first"),
        chain("mixed_first", on_first, jac(twisted, o_1), (-5 * o_2, "only the last term counts"),
              title="Slope across the second axis"),
        chain("mixed_second", on_second, jac(twisted, o_2), (-5 * o_1, "likewise"),
              title="Slope across the first axis"),
        chain("along_first", on_second, twisted, (o_1**2, "the last term vanishes"),
              title="Along the first axis"),
        chain("along_second", on_first, twisted, (o_2**2, "the last term vanishes"),
              title="Along the second axis"),
        counterexample(
            "negative",
            relation(matrix_ @ literal([1, 1]), "=", -3 * literal([1, 1]), "eigenvalue $-3$"),
            relation(matrix_ @ literal([1, -1]), "=", 7 * literal([1, -1]), "eigenvalue 7"),
            title="A negative eigenvalue",
        ),
    )


def pitfalls():
    return (
        Pitfall("squares", "Taking the squares for the whole Hessian. That is right at a perfect "
                "fit, and in general hides negative eigenvalues elsewhere.", "hessian",
                lambda: B.T @ diag(sigma.prime(z) * sigma.prime(z)) @ B),
        Pitfall("errors", "Differentiating the slopes and forgetting that the errors change, too.",
                "hessian", lambda: B.T @ diag(sigma.prime.prime(z) * e) @ B),
    )


def theorems():
    return (
        theorem(
            "main",
            "If $f$ has a local minimum at an interior point of its domain and is twice "
            "differentiable there, its gradient is zero, and its Hessian is symmetric with real "
            "eigenvalues that are all at least zero.",
            parts=("slope", "hessian", "symmetric", "differentiable", "rayleigh"),
            title="Second order necessary condition",
        ),
        theorem(
            "back",
            "Let $f$ be twice differentiable at an interior point of its domain, with gradient "
            "zero. If all eigenvalues of the Hessian are positive, the point is a strict local "
            "minimum. If they are at least zero and one of them is zero, it may be a minimum or "
            "not. So at a local minimum all of them are positive if and only if the Hessian is "
            "invertible.",
            parts=("differentiable", "ditch", "saddle", "no_minimum"), title="The other direction",
        ),
    )


def solve():
    return Solution(
        claims=(
            *expansion_claims(), by_hand(), *one_claims(), *line_claims(), *twisted_claims(),
            *theorems(), *_flat.claims(), *_flat.theorems(),
        ),
        figures=(_flat.figure(),),
        pitfalls=pitfalls(),
        errata=_sheet_hessian.HESSIAN_ERRATA,
        audit=_sheet_hessian.HESSIAN_AUDIT,
        prose=(
            "The necessary condition from the expansion along a line: divide by the step, and by "
            "its square, and let the step tend to zero.",
            "The sufficient condition: the smallest eigenvalue beats the remainder.",
            "What is constant along a direction at every point has that direction in the kernel "
            "of its Hessian.",
            "Permuting hidden units forces no zero eigenvalues.",
            "With several outputs for each sample the rank at a perfect fit is at most the number "
            "of all outputs.",
        ),
    )


problem = Problem(
    title="The Hessian at a local minimum", question="002.5.a", source="Question 5.a", solve=solve,
)
