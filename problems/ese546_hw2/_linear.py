"""003.6.a: the linear recurrent net, its exact gradient, and when it grows or decays."""

import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    bound,
    chain,
    counterexample,
    define,
    diag,
    dim,
    exact,
    grad,
    hypothesis,
    identity_of,
    inverse,
    limit,
    literal,
    log,
    matrix,
    norm,
    number,
    power,
    relation,
    scalar,
    spectral_norm,
    spectral_radius,
    sum_range,
    theorem,
    vector,
    whole,
)

p = dim("p", "klnu")
t = whole("t", 2, 6)
steps = t.symbol

A = matrix("A", p, p, meaning="the recurrent weights, $w_z$ on the sheet")
z0 = vector("z0", p, symbol="z", label="0", meaning="the first state")
zt = define("zt", power(A, t) @ z0, symbol="z", label="t", meaning="the state after $t$ steps")


def power_forward(A, z0, t):
    return np.linalg.matrix_power(A, int(t)) @ z0


linear = Computation("linear", definitions=(zt,), forward=power_forward, parameters=(t,))

# The same weights in general position, moved: what the gradient rests on.
D = matrix("D", p, p, meaning="any change of the weights")
B = define("B", A + D, meaning="the changed weights")
changed = Computation(
    "changed", definitions=(B,), forward=lambda A, D: A + D, parameters=(t,)
)

# The same weights from their eigenvalues and eigenvectors.
V = matrix("V", p, p, meaning="eigenvectors as columns, $T$ on the sheet")
lam = vector("lam", p, symbol="lambda", meaning="the eigenvalues")
A_of_V = define("A", V @ diag(lam) @ inverse(V), meaning=A.leaf.meaning)
alpha = define("alpha", inverse(V) @ z0, meaning="the first state in eigenvectors")
state_of_V = define("zt", power(A_of_V, t) @ z0, symbol="z", label="t", meaning=zt.leaf.meaning)


def spectral_forward(V, lam, z0, t):
    weights = V @ np.diag(lam) @ np.linalg.inv(V)
    return {"alpha": np.linalg.solve(V, z0), "A": weights, "zt": power_forward(weights, z0, t)}


def skew(rng, shape):
    """Not orthogonal, but far from singular: the inverse stays exact to many digits."""
    return 2 * np.eye(*shape) + rng.uniform(-0.7, 0.7, shape)


spectral = Computation(
    "spectral", definitions=(alpha, A_of_V, state_of_V), forward=spectral_forward,
    parameters=(t,), samplers={V: skew},
)

# Numbers: one eigenvalue or two, and the scalar net of which the sheet's formula is true.
mu, nu = scalar("mu", meaning="an eigenvalue"), scalar("nu", meaning="another one")
gap = define("gap", mu - nu, symbol="Delta")
two_eigenvalues = Computation(
    "two_eigenvalues", definitions=(gap,), forward=lambda mu, nu: mu - nu, parameters=(t,)
)
w, v = scalar("w", meaning="the weight of a net of width one"), scalar("v", meaning="its input")
y = define("y", w**steps * v)
narrow = Computation(
    "narrow", definitions=(y,), forward=lambda w, v, t: w**t * v, parameters=(t,)
)
log_y = define("E", log(y))


def positive(rng, shape):
    return rng.uniform(0.5, 2, shape)


def log_forward(w, v, t):
    with np.errstate(invalid="ignore"):  # the run outside the hypotheses
        return {"y": w**t * v, "E": np.log(w**t * v)}


logarithmic = Computation(
    "logarithmic", definitions=(y, log_y), loss=log_y, forward=log_forward, parameters=(t,),
    samplers={w: hypothesis("$w$ is positive", positive),
              v: hypothesis("$v$ is positive", positive)},
)


def half_radius(rng, shape):
    """Not normal, with the eigenvalues 1/2, -1/2, 1/2, ..."""
    basis = skew(rng, shape)
    signs = np.where(np.arange(shape[0]) % 2, -0.5, 0.5)
    return basis @ np.diag(signs) @ np.linalg.inv(basis)


decaying = Computation(
    "decaying", definitions=(zt,), forward=power_forward, parameters=(t,),
    samplers={A: hypothesis("all eigenvalues of $A$ have modulus one half, and $A$ is "
                            "diagonalisable", half_radius)},
)


def in_powers(left, right):
    """The sum over the places of one factor: what stands before it, and after it."""
    return sum_range("j", 0, steps - 1, lambda j: power(A.T, j) @ left @ right.T
                     @ power(A.T, steps - 1 - j))


def in_eigenvalues(inside):
    """The same sum with each power of the weights in its eigenvalues."""
    return sum_range("j", 0, steps - 1, lambda j: diag(lam**j) @ inside
                     @ diag(lam ** (steps - 1 - j)))


def claims():
    return (*gradient_claims(), *spectral_claims(), *growth_claims(), *sheet_claims())


def gradient_claims():
    one_at_a_time = sum_range(
        "j", 0, steps - 1, lambda j: power(B, j) @ D @ power(A, steps - 1 - j)
    )
    total = in_powers(grad(zt), z0)
    return (
        identity_of("telescope", changed, power(B, t) - power(A, t), one_at_a_time,
                    because="write $D$ as $B - A$: the sum telescopes",
                    title="A changed power, exactly"),
        chain("grad_A", linear, grad(A),
              (total, "$B \\to A$ in the sum, and the transpose of each factor"),
              title="Gradient in the recurrent weights"),
        chain("grad_w", narrow, grad(w), (steps * w ** (steps - 1) * v * grad(y),
                                          "numbers commute: $t$ equal terms"),
              title="Width one: the formula of the sheet"),
    )


def spectral_claims():
    inside = in_eigenvalues(V.T @ grad(zt) @ alpha.T)
    return (
        identity_of("states", spectral, state_of_V, V @ (lam**steps * alpha),
                    because="$V^{-1} V$ cancels between the factors",
                    title="State by eigenvalues"),
        chain("spectral", spectral, grad(A),
              (inverse(V).T @ inside @ V.T,
               "$A^{j}$ is $V \\operatorname{diag}(\\lambda)^{j} V^{-1}$"),
              title="Gradient by eigenvalues"),
        identity_of("quotient", two_eigenvalues,
                    gap * sum_range("j", 0, steps - 1, lambda j: mu**j * nu ** (steps - 1 - j)),
                    mu**steps - nu**steps, because="the sum telescopes",
                    title="Two different eigenvalues"),
        identity_of("equal", two_eigenvalues,
                    sum_range("j", 0, steps - 1, lambda j: mu**j * mu ** (steps - 1 - j)),
                    steps * mu ** (steps - 1), because="$t$ equal terms",
                    title="The same eigenvalue twice"),
    )


def growth_claims():
    ahead = norm(grad(zt)) * norm(z0)
    return (
        bound("above", linear, norm(grad(A)),
              number(steps) * spectral_norm(A) ** (steps - 1) * ahead,
              tight={A: lambda rng, shape: 1.5 * np.eye(*shape)},
              title="No larger than the spectral norm allows"),
        limit("decay", decaying, in_powers(grad(zt), z0), 0, index=t, rate=steps / 2**steps,
              title="All eigenvalues below one"),
        theorem(
            "of_the_state",
            "Let $A$ be diagonalisable, and call an eigenvalue active if its entry of $\\alpha$ is "
            "not zero. If all active eigenvalues lie inside the unit circle, the state tends to "
            "zero. If one lies outside, the norm of the state tends to infinity. Otherwise the "
            "state stays bounded and does not tend to zero.",
            parts=("states",), title="The state",
            hypotheses=("$A$ is diagonalisable, over the complex numbers",),
        ),
        theorem(
            "growth",
            "Let $A$ be diagonalisable and the gradient in the last state fixed. Call a pair "
            "$(i,k)$ of eigenvalues active if entry $i$ of that gradient, taken in eigenvectors, "
            "and entry $k$ of $\\alpha$ are not zero. If the eigenvalues of all active pairs lie "
            "inside the unit circle, the gradient tends to zero. If one lies outside, it is "
            "unbounded. If the largest modulus is one, it grows linearly if some active pair "
            "consists of equal eigenvalues on the unit circle, and stays bounded otherwise.",
            parts=("spectral", "quotient", "equal", "decay"), title="The gradient",
            hypotheses=("$A$ is diagonalisable, over the complex numbers",
                        "the gradient in the last state does not change with $t$"),
        ),
    )


HALF = sp.Rational(1, 2)
E1, E2 = (1, 0), (0, 1)


def column(entries):
    return literal(list(entries))


def gradient_at(weights, back, start, times):
    """The exact gradient as a formula in matrices of numbers, the transposes already taken."""
    turned, row = literal([list(row) for row in zip(*weights, strict=True)]), literal([list(start)])
    return sum_range("j", 0, times - 1, lambda j: power(turned, j) @ column(back) @ row
                     @ power(turned, times - 1 - j))


def sheet_claims():
    return (worked(), not_the_norm(), *states_and_moduli(), *readings())


def worked():
    weights, start = [[1, 1], [0, 2]], (2, 1)
    gradient, one = literal([[10, 7], [9, 5]]), literal([[1, 1], [1, 1]])
    return exact(
        "worked",
        relation(power(literal(weights), 3) @ column(start), "=", literal([9, 8]), "the state"),
        relation(gradient_at(weights, E1, start, 3), "=", gradient, "the gradient by the formula"),
        relation(column(E1) @ literal([[5, 4]]) + column((1, 1)) @ literal([[3, 2]])
                 + column((1, 3)) @ literal([[2, 1]]), "=", gradient, "its three terms by hand"),
        relation(literal([[1, 0], [-1, 1]]) @ (literal([[3, 7], [7, 12]]) * one)
                 @ literal([[1, 0], [1, 1]]), "=", gradient, "by the eigenvalues 1 and 2"),
        title="Three steps by hand")


def not_the_norm():
    weights, nilpotent = literal([[1, 1], [0, 2]]), literal([[0, 1], [0, 0]])
    return counterexample(
        "not_the_norm",
        relation(3 * norm(power(weights, 2) @ literal([2, 1])), ">",
                 norm(literal([[10, 7], [9, 5]])), "too large in the worked example"),
        relation(gradient_at([[0, 1], [0, 0]], E1, E1, 2), "=", literal([[0, 0], [1, 0]]),
                 "two steps, both vectors $(1, 0)$"),
        relation(2 * norm(nilpotent @ column(E1)), "<", norm(literal([[0, 0], [1, 0]])),
                 "too small for these"),
        title="The norm on the sheet bounds nothing")


def states_and_moduli():
    split, leap = [[2, 0], [0, HALF]], literal([[HALF, 8], [0, sp.Rational(1, 4)]])
    jordan = literal([[1, 1], [0, 1]])
    return (
        counterexample(
            "state_decays",
            relation(power(literal(split), 10) @ column(E2), "=",
                     literal([0, sp.Rational(1, 1024)]), "the state after ten steps"),
            relation(gradient_at(split, E1, E2, 10), "=",
                     literal([[0, sp.Rational(349525, 512)], [0, 0]]), "the gradient"),
            title="The state vanishes and the gradient explodes"),
        counterexample(
            "on_the_circle",
            relation(gradient_at([[1, 0], [0, 1]], E1, E2, 7), "=", literal([[0, 7], [0, 0]]),
                     "the identity, seven steps"),
            relation(spectral_radius(jordan), "=", 1, "not diagonalisable"),
            relation(power(jordan, 100) @ column(E2), "=", literal([100, 1]),
                     "its state grows, too"),
            title="Modulus one"),
        counterexample(
            "transient",
            relation(spectral_radius(leap), "=", HALF,
                     r"spectral radius $\rho$: the state must vanish in the end"),
            relation(leap @ column(E2), "=", literal([8, sp.Rational(1, 4)]),
                     "but first it grows eightfold"),
            relation(norm(power(leap, 20) @ column(E2)), "<", sp.Rational(1, 10000),
                     "after twenty steps"),
            title="A transient"),
    )


def readings():
    two = literal([[2]])
    return (
        counterexample(
            "steps_differ",
            relation(3 * two**2, "=", 12, "three factors: derivative of $w^3$ at 2"),
            relation(4 * two**3, "=", 32, "four factors"),
            title="Three steps or four"),
        chain("log_loss", logarithmic, grad(w), (steps * w**-1, "$\\ln y$ is $t \\ln w + \\ln v$"),
              title="A loss that compensates"),
    )


# ------------------------------------------------------------------------------ figure

STEPS = np.arange(1, 31)
CASES = (
    ("eigenvalues 2, 1/2", np.diag([2, 0.5]), {"color": "#C2410C", "linestyle": "--"}),
    ("identity", np.eye(2), {"color": "#475569", "linestyle": ":", "linewidth": 2}),
    ("eigenvalues 1/2, 1/4, not normal", np.array([[0.5, 8], [0, 0.25]]), {"color": "#1F5673"}),
)
START, BACK = np.array([0.0, 1.0]), np.array([1.0, 0.0])


def states_and_gradients(rng):
    """For each case the norms of state and gradient after 1, 2, ... steps."""
    rows = []
    for _, weights, _ in CASES:
        states = [np.linalg.norm(power_forward(weights, START, k)) for k in STEPS]
        gradients = [np.linalg.norm(numeric_gradient(weights, START, BACK, k)) for k in STEPS]
        rows.append((states, gradients))
    return rows


def numeric_gradient(weights, start, back, times):
    """The exact gradient in floating point: outer products of the two sequences of vectors."""
    raised = [np.linalg.matrix_power(weights, k) for k in range(times)]
    return sum(
        np.outer(raised[j].T @ back, raised[times - 1 - j] @ start) for j in range(times)
    )


def draw_growth(axes, data):
    for panel, which, name in zip(axes, (0, 1), ("state", "gradient"), strict=True):
        for row, (label, _, style) in zip(data, CASES, strict=True):
            panel.plot(STEPS, row[which], label=label, **style)
        panel.set_yscale("log")
        panel.set_ylim(1e-9, 1e9)
        panel.set_xlabel("steps $t$")
        panel.set_ylabel(f"norm of the {name}")
    axes[0].legend(loc="upper left", fontsize=7, frameon=False)
