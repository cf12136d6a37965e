"""003.6.b: the recurrent net with an activation: back-propagation through time, and its growth."""

import numpy as np
import sympy as sp
from _linear import p, z0

from solutionset.authoring import (
    Computation,
    Instance,
    argument,
    bound,
    chain,
    counterexample,
    define,
    depth,
    diag,
    dim,
    elementwise,
    exact,
    grad,
    gradient,
    identity_of,
    jac,
    jacobian,
    literal,
    matrix,
    number,
    power,
    relation,
    scalar,
    shared_gradient,
    spectral_norm,
    tanh,
    theorem,
    vector,
)

q = dim("q", "j")
phi = elementwise("phi")

z_prev = vector("z_prev", p, symbol="z", label="s-1", meaning="the state before step $s$")
W = matrix("W", p, p, meaning="the recurrent weights of a net with an activation")
U = matrix("U", p, q, meaning="the input weights")
x = vector("x", q, label="s", meaning="the input of step $s$")
b = vector("b", p, meaning="the bias")
a = define("a", W @ z_prev + U @ x + b, label="s")
z = define("z", phi(a), label="s")


def step_forward(z_prev, W, U, x, b, phi):
    a = W @ z_prev + U @ x + b
    return {"a": a, "z": phi(a)}


step = Computation("step", definitions=(a, z), forward=step_forward)

# Two steps without inputs, for numbers that can be worked out by hand.
a1 = define("a1", W @ z0, symbol="a", label="1")
z1 = define("z1", phi(a1), symbol="z", label="1")
a2 = define("a2", W @ z1, symbol="a", label="2")
z2 = define("z2", phi(a2), symbol="z", label="2")


def two_forward(z0, W, phi):
    z1 = phi(W @ z0)
    return {"a1": W @ z0, "z1": z1, "a2": W @ z1, "z2": phi(W @ z1)}


two = Computation("two", definitions=(a1, z1, a2, z2), forward=two_forward)


def step_claims():
    return (
        gradient("grad_a", step, of=z, wrt=a, title="Gradient in the pre-activation"),
        gradient("grad_prev", step, of=a, wrt=z_prev, title="Gradient in the state before"),
        jacobian("one_step", step, of=z, wrt=z_prev, title="Jacobian of one step"),
        depth("through_time", step, state=(z_prev, z), factor=W.T @ diag(phi.prime(a)),
              length="T", title="Through all steps"),
        *(
            shared_gradient(f"shared_{name}", step, state=(z_prev, z), wrt=wrt, term=term,
                            length="T", title=title)
            for name, wrt, term, title in (
                ("W", W, grad(a) @ z_prev.T, "Gradient in the recurrent weights"),
                ("U", U, grad(a) @ x.T, "Gradient in the input weights"),
                ("b", b, grad(a), "Gradient in the bias"),
            )
        ),
        jacobian("two_steps", two, of=z2, wrt=z0, title="Jacobian of two steps"),
        gradient("two_W", two, of=(a1, a2), wrt=W, title="Gradient in the weights of two steps"),
    )


by_hand = Instance(
    "by_hand", two,
    values={z0: [1, 0], W: [[1, -1], [2, 0]]},
    upstream=[1, 1],
    functions={phi: argument**2},
    claims=("two_steps", "two_W"),
)


# -------------------------------------------------- every activation can do everything

at_star = scalar("at_star", symbol="a", label="*", meaning="where the slope is not zero")
w_star = scalar("w_star", symbol="w", label="*", meaning="the weight of a net of width one")
near = scalar("near", symbol="zeta", meaning="a state of that net")
z_star = define("z_star", phi(at_star), symbol="z", label="*")
b_star = define("b_star", at_star - w_star * z_star, symbol="b", label="*")
after = define("after", phi(w_star * near + b_star), symbol="xi")


def star_forward(at_star, w_star, near, phi):
    b_star = at_star - w_star * phi(at_star)
    return {"z_star": phi(at_star), "b_star": b_star, "after": phi(w_star * near + b_star)}


star = Computation("star", definitions=(z_star, b_star, after), forward=star_forward)

# ReLU, tanh and sigmoid as they are, for statements about their largest slopes.
relu = elementwise("relu", body=sp.Max(argument, 0))
sigma = elementwise("sigma", body=1 / (1 + sp.exp(-argument)))
relu_state = define("relu_state", relu(a), symbol="r", label="s")
tanh_state = define("tanh_state", tanh(a), symbol="y", label="s")
sigmoid_state = define("sigmoid_state", sigma(a), symbol="psi", label="s")


def relu_forward(z_prev, W, U, x, b):
    a = W @ z_prev + U @ x + b
    return {"a": a, "relu_state": np.maximum(a, 0)}


def tanh_forward(z_prev, W, U, x, b):
    a = W @ z_prev + U @ x + b
    return {"a": a, "tanh_state": np.tanh(a)}


def sigmoid_forward(z_prev, W, U, x, b):
    a = W @ z_prev + U @ x + b
    return {"a": a, "sigmoid_state": 1 / (1 + np.exp(-a))}


relu_step = Computation("relu_step", definitions=(a, relu_state), forward=relu_forward)
tanh_step = Computation("tanh_step", definitions=(a, tanh_state), forward=tanh_forward)
sigmoid_step = Computation(
    "sigmoid_step", definitions=(a, sigmoid_state), forward=sigmoid_forward
)


def far_up(rng, shape):
    """A bias so large that all units are active."""
    return np.full(shape, 50.0)


def nowhere(rng, shape):
    return np.zeros(shape)


def activation_claims():
    quiet = {z_prev: nowhere, x: nowhere, b: nowhere}
    return (
        identity_of("fixed", star, w_star * z_star + b_star, at_star,
                    because="the bias was chosen so", title="The pre-activation at the state"),
        chain("any_factor", star, jac(after, near),
              (w_star * phi.prime(w_star * near + b_star), "chain rule"),
              title="The factor of one step"),
        theorem(
            "all_of_them",
            "For every activation with a slope other than zero at some place $a_*$, and every "
            "number $\\kappa$, there are a weight and a bias such that the net of width one has a "
            "fixed point, the $z_*$ above, at which the Jacobian of $T$ steps is $\\kappa^T$: the "
            "weight is $\\kappa$ over that slope. So each such activation can make the gradient "
            "vanish, explode or keep its size.",
            parts=("fixed", "any_factor"), title="No activation is safe, none is lost",
        ),
        bound("relu_slopes", relu_step, spectral_norm(jac(relu_state, z_prev)), spectral_norm(W),
              tight={b: far_up}, title="One step with ReLU"),
        bound("tanh_slopes", tanh_step, spectral_norm(jac(tanh_state, z_prev)), spectral_norm(W),
              tight=quiet, title="One step with tanh"),
        bound("sigmoid_slopes", sigmoid_step, spectral_norm(jac(sigmoid_state, z_prev)),
              sp.Rational(1, 4) * spectral_norm(W), tight=quiet, title="One step with the sigmoid"),
    )


def sheet_claims():
    nilpotent, none = literal([[2, 4], [-1, -2]]), literal([[0, 0], [0, 0]])
    active, twice = literal([[1, 0], [0, 0]]), literal([[2, 4], [0, 0]])
    quarter, half = sp.Rational(1, 4), sp.Rational(1, 2)
    return (
        counterexample(
            "eigenvalues",
            relation(nilpotent @ nilpotent, "=", none, "all eigenvalues are zero"),
            relation(relu(nilpotent @ literal([1, 0])), "=", literal([2, 0]), "first step"),
            relation(relu(nilpotent @ literal([2, 0])), "=", literal([4, 0]),
                     "second step: doubled again"),
            relation(active @ nilpotent, "=", twice, "Jacobian of a step: one unit is active"),
            relation(power(twice, 10) @ literal([1, 0]), "=", literal([1024, 0]), "ten steps"),
            title="Eigenvalues zero, and everything doubles"),
        counterexample(
            "dies",
            relation(relu(literal([[-2, 0], [0, 3]]) @ literal([1, 0])), "=", literal([0, 0]),
                     "eigenvalues $-2$ and 3; nothing is left after one step"),
            title="Eigenvalues above one, and nothing is left"),
        counterexample(
            "shrinks",
            relation(relu(literal([[half, 0], [0, 3]]) @ literal([1, -1])), "=",
                     literal([half, 0]), "one unit is active and halved, the other is not active"),
            title="ReLU can vanish in two ways"),
        counterexample(
            "tanh_explodes",
            relation(tanh(number(0)), "=", 0, "zero is a fixed point for every weight"),
            relation(literal([[2]]) ** 10, "=", 1024, "weight 2, slope 1: ten steps"),
            title="A saturating activation that explodes"),
        exact(
            "sigmoid_explodes",
            relation(literal([[6]]) @ literal([[half]]) - number(3), "=", 0,
                     "pre-activation for weight 6, bias $-3$, state one half"),
            relation(number(6 * quarter) ** 4, "=", sp.Rational(81, 16),
                     "weight times slope one quarter, four steps"),
            title="The sigmoid, too"),
        exact(
            "saturated",
            relation(tanh(literal([[0, sp.log(2), sp.log(10), sp.log(20)]])), "=",
                     literal([[0, sp.Rational(3, 5), sp.Rational(99, 101),
                               sp.Rational(399, 401)]]),
                     "the same distance twice"),
            title="How flat tanh is"),
    )


# ------------------------------------------------------------------------------ figure

LENGTH, WIDTH, RUNS = 40, 16, 30
GAINS = np.array([0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0])


def _logistic(u):
    return 1 / (1 + np.exp(-u))


FUNCTIONS = (
    ("ReLU", "#C2410C", lambda u: np.maximum(u, 0), lambda u: (u > 0) * 1.0),
    ("tanh", "#1F5673", np.tanh, lambda u: 1 - np.tanh(u) ** 2),
    ("sigmoid", "#7E22CE", _logistic, lambda u: _logistic(u) * (1 - _logistic(u))),
)


def jacobian_norms(rng):
    """Norm of the Jacobian of all steps against the scale of the weights: (functions, gains)."""
    weights = rng.standard_normal((RUNS, WIDTH, WIDTH)) / np.sqrt(WIDTH)
    starts = rng.standard_normal((RUNS, WIDTH))
    return np.array([
        [np.median([_through_time(gain * m, s, f, df) for m, s in zip(weights, starts,
                                                                      strict=True)])
         for gain in GAINS]
        for _, _, f, df in FUNCTIONS
    ])


def _through_time(weights, state, function, slopes):
    product = np.eye(len(state))
    for _ in range(LENGTH):
        before = weights @ state
        product = slopes(before)[:, None] * weights @ product
        state = function(before)
    return np.linalg.norm(product, 2)


def draw_activations(axes, data):
    for row, (name, colour, *_) in zip(data, FUNCTIONS, strict=True):
        kept = row > 0
        axes.plot(GAINS[kept], row[kept], color=colour, marker="o", markersize=3, label=name)
    axes.axhline(1, color="#94A3B8", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xticks([0.5, 1, 2, 4, 8], ["0.5", "1", "2", "4", "8"])
    axes.minorticks_off()
    axes.set_yscale("log")
    axes.set_ylim(1e-30, 1e30)
    axes.set_xlabel("scale of the weights")
    axes.set_ylabel("norm of the Jacobian")
    axes.legend(frameon=False, fontsize=7)


def claims():
    return (*step_claims(), *activation_claims(), *sheet_claims())
