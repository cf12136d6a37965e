"""Question 2.d: many residual blocks, their paths, and bounds on the gradient."""

from itertools import combinations
from math import comb

import numpy as np
import sympy as sp

from solutionset.authoring import (
    Computation,
    CountRow,
    bound,
    chain,
    count,
    counterexample,
    define,
    depth,
    diag,
    dim,
    elementwise,
    exact,
    exp,
    hypothesis,
    identity,
    literal,
    matrix,
    norm,
    number,
    order,
    parameter,
    relation,
    spectral_norm,
    theorem,
    vector,
)

F, N_1 = dim("F", "mj"), dim("N_1", "n")

# ------------------------------------------------------- one sample through one block of many

x_prev = vector("x_prev", F, symbol="x", label="k-1", meaning="what block $k$ gets, as a column")
W_k1 = matrix("W_k1", N_1, F, symbol="W", label="k,1", meaning="first weights of block $k$")
b_k1 = vector("b_k1", N_1, symbol="b", label="k,1", meaning="first bias")
W_k2 = matrix("W_k2", F, N_1, symbol="W", label="k,2", meaning="second weights")
b_k2 = vector("b_k2", F, symbol="b", label="k,2", meaning="second bias")
h = elementwise("h")

u_k = define("u_k", W_k1 @ x_prev + b_k1, symbol="u", label="k")
J_k = define("J_k", W_k2 @ diag(h.prime(u_k)) @ W_k1, symbol="J", label="k")
x_k = define("x_k", x_prev + W_k2 @ h(u_k) + b_k2, symbol="x", label="k")


def sample_forward(x_prev, W_k1, b_k1, W_k2, b_k2, h):
    u = W_k1 @ x_prev + b_k1
    return {"u_k": u, "x_k": x_prev + W_k2 @ h(u) + b_k2}


sample = Computation("sample", definitions=(u_k, J_k, x_k), forward=sample_forward)

# Its Jacobian, with any slopes in the place of those of the activation.
slopes = vector("d", N_1, meaning="slopes of the activation at one sample")
B = define("B", W_k2 @ diag(slopes) @ W_k1)


def between(rng, shape):
    return rng.uniform(-1, 1, shape)


def one(rng, shape):
    return np.ones(shape)


def eye(rng, shape):
    return np.eye(*shape)


gentle = Computation(
    "gentle", definitions=(B,), forward=lambda d, W_k1, W_k2: (W_k2 * d) @ W_k1,
    samplers={slopes: hypothesis("all slopes lie between $-1$ and $1$", between)},
)

# ------------------------------------------- three blocks whose branches have any Jacobians

J = {k: matrix(f"J_{k}", F, F, symbol="J", label=str(k),
               meaning=f"Jacobian of branch {k}") for k in (1, 2, 3)}
g_3 = vector("g_3", F, symbol="g", label="3", meaning="gradient that arrives from above")
g_2 = define("g_2", g_3 + J[3].T @ g_3, symbol="g", label="2")
g_1 = define("g_1", g_2 + J[2].T @ g_2, symbol="g", label="1")
g_0 = define("g_0", g_1 + J[1].T @ g_1, symbol="g", label="0")
p_0 = define("p_0", J[1].T @ J[2].T @ J[3].T @ g_3, symbol="p", label="0")


def back_forward(J_1, J_2, J_3, g_3):
    back = {"g_3": g_3}
    for k, jacobian in ((3, J_3), (2, J_2), (1, J_1)):
        back[f"g_{k - 1}"] = back[f"g_{k}"] + jacobian.T @ back[f"g_{k}"]
    del back["g_3"]
    return back | {"p_0": (g_3 @ J_3) @ J_2 @ J_1}


def contraction(rng, shape):
    """A matrix of spectral norm below one."""
    drawn = rng.standard_normal(shape)
    return drawn * rng.uniform(0.05, 0.95) / np.linalg.norm(drawn, 2)


def three_blocks(name, **samplers):
    return Computation(name, definitions=(g_2, g_1, g_0, p_0), forward=back_forward, **samplers)


three = three_blocks("three")
small = three_blocks(
    "small", samplers={J[k]: hypothesis(f"$J_{k}$ has spectral norm below one", contraction)
                       for k in J},
)

# Linear residual blocks: only the place of the weights differs from a plain linear network.
V = {k: matrix(f"V_{k}", F, F, symbol="V", label=str(k),
               meaning=f"weights of linear block {k}") for k in (1, 2, 3)}
y_0 = vector("y_0", F, symbol="y", label="0", meaning="input of three linear blocks")
y_3 = y_0
LINEAR = []
for k in (1, 2, 3):
    y_3 = define(f"y_{k}", y_3 + V[k] @ y_3, symbol="y", label=str(k))
    LINEAR.append(y_3)


def linear_forward(y_0, V_1, V_2, V_3):
    y_1 = y_0 + V_1 @ y_0
    y_2 = y_1 + V_2 @ y_1
    return {"y_1": y_1, "y_2": y_2, "y_3": y_2 + V_3 @ y_2}


linear = Computation("linear", definitions=tuple(LINEAR), forward=linear_forward)

# The lower bound if branches have norms a s and there are 1 / s of them, and what it tends to.
share, a = parameter("s", 0.1, 0.2), parameter("a", 0.3, 1.5)
least = define("c_0", exp(-number(a)), symbol="c", label="0")
lower = define("c_s", (number(1) - number(a.symbol * share.symbol)) ** (1 / share.symbol),
               symbol="c", label="s")


def lower_forward(s, a):
    return {"c_0": np.exp(-a), "c_s": (1 - a * s) ** (1 / s)}


many = Computation("many", definitions=(least, lower), forward=lower_forward,
                   parameters=(share, a))


# --------------------------------------------------------------------------------- claims


def claims():
    return (*path_claims(), *bound_claims(), *sharp_claims())


def path_claims():
    i, end = identity(F), g_3
    first, second, third = (J[k].T for k in (1, 2, 3))
    return (
        depth("any_depth", sample, state=(x_prev, x_k), factor=i + J_k.T, length="K",
              title="Through any number of blocks"),
        chain(
            "paths", three, g_0,
            ((i + J[1]).T @ (i + J[2]).T @ (i + J[3]).T @ end, "one factor a block"),
            (
                end + first @ end + second @ end + third @ end + first @ second @ end
                + first @ third @ end + second @ third @ end + first @ second @ third @ end,
                "multiplied out",
            ),
            title="Eight paths through three blocks",
        ),
        count(
            "lengths",
            *(CountRow(label, len(list(combinations(range(BLOCKS), size))), form, {"K": BLOCKS})
              for label, size, form in path_lengths()),
            CountRow("all paths", sum(comb(BLOCKS, size) for size in range(BLOCKS + 1)),
                     2 ** sp.Symbol("K"), {"K": BLOCKS}),
            title="Paths by the number of branches they take",
        ),
        chain("translated", linear, y_3,
              ((i + V[3]) @ (i + V[2]) @ (i + V[1]) @ y_0, "one factor a block"),
              title="Linear residual blocks are plain layers elsewhere"),
        exact(
            "scalar_paths",
            relation(factor(1, 2) * factor(-1, 3) * (number(1) + number(2)), "=", 3, "three "
                     "blocks of width one"),
            relation(number(1) + number(sp.Rational(13, 6)) + number(sp.Rational(1, 6))
                     - number(sp.Rational(1, 3)), "=", 3, "paths through 0, 1, 2 and 3 branches"),
            title="Paths of three blocks of width one",
        ),
        matrix_paths(),
    )


BLOCKS = 12


def path_lengths():
    length = sp.Symbol("K")
    return (
        ("past all branches", 0, sp.Integer(1)),
        ("through one branch", 1, length),
        ("through two branches", 2, length * (length - 1) / 2),
        ("through all of them", BLOCKS, sp.Integer(1)),
    )


def factor(numerator, denominator):
    """One plus a quotient, printed as that."""
    return number(1) + number(sp.Rational(numerator, denominator))


def matrix_paths():
    """Three two by two branches: their paths by length, and the wrong order."""
    one_, two, three_ = (literal(rows) for rows in ([[1, 2], [0, 1]], [[0, 1], [-1, 1]],
                                                    [[2, 0], [1, -1]]))
    eye_, whole = literal([[1, 0], [0, 1]]), literal([[6, 12], [2, 4]])
    return exact(
        "matrix_paths",
        relation((eye_ + three_) @ (eye_ + two) @ (eye_ + one_), "=", whole,
                 "the stack, with block 3 leftmost"),
        relation(one_ + two + three_, "=", literal([[3, 3], [0, 1]]), "through one branch"),
        relation(two @ one_ + three_ @ one_ + three_ @ two, "=", literal([[2, 7], [1, 0]]),
                 "through two"),
        relation(three_ @ two @ one_, "=", literal([[0, 2], [1, 2]]), "through all three"),
        relation((eye_ + one_) @ (eye_ + two) @ (eye_ + three_), "=",
                 literal([[6, 0], [-2, 0]]), "another order of the blocks"),
        title="Paths of three blocks of width two",
    )


def bound_claims():
    size = {k: spectral_norm(J[k]) for k in J}
    reach, arrives = number(1), norm(g_3)
    above = (reach + size[1]) * (reach + size[2]) * (reach + size[3]) * arrives
    below = (reach - size[1]) * (reach - size[2]) * (reach - size[3]) * arrives
    halves = {J[k]: half for k in J}
    return (
        bound("above", three, norm(g_0), above, tight=halves, title="No more than this arrives"),
        bound("below", small, below, norm(g_0), tight={J[k]: minus_half for k in J},
              title="No less than this arrives"),
        bound("plain_above", three, norm(p_0), size[1] * size[2] * size[3] * arrives,
              tight=halves, title="Without connections no more than this arrives"),
        order("many_blocks", many, lower - least, share, 1,
              title="The lower bound of many small branches"),
        bound("from_weights", gentle, spectral_norm(B), spectral_norm(W_k2) * spectral_norm(W_k1),
              tight={slopes: one, W_k1: eye, W_k2: eye}, title="Small weights, small branch"),
    )


def half(rng, shape):
    return np.eye(shape[0]) / 2


def minus_half(rng, shape):
    return -np.eye(shape[0]) / 2


def sharp_claims():
    one_, half_ = number(1), number(sp.Rational(1, 2))
    turned, start = literal([[-1, 0], [0, 2]]), literal([1, 0])
    eye_ = literal([[1, 0], [0, 1]])
    return (
        counterexample(
            "norms_needed",
            relation(spectral_norm(turned), "=", 2, "a branch of norm two, taken twice"),
            relation((one_ - spectral_norm(turned)) ** 2 * norm(start), "=", 1,
                     "what the lower bound would ask for"),
            relation(norm((eye_ + turned) @ (eye_ + turned) @ start), "=", 0, "what arrives"),
            title="Norms above one, and no lower bound",
        ),
        exact(
            "sharp",
            relation((one_ - half_) ** 3, "=", sp.Rational(1, 8), "branches minus one half"),
            relation((one_ + half_) ** 3, "=", sp.Rational(27, 8), "branches plus one half"),
            relation(half_**3, "=", sp.Rational(1, 8), "plain, with the same branches"),
            title="Both bounds are attained",
        ),
    )


def theorems():
    return (
        theorem(
            "expansion",
            "Multiplied out, the product for $K$ blocks has $2^K$ terms, one for each set of "
            "branches: the transposed Jacobians of these branches, that of the lowest block "
            "leftmost, times the gradient at the output. Induction on the number of blocks: one "
            "more factor leaves each path as it is, or lengthens it by one branch.",
            parts=("any_depth", "paths", "lengths"), title="Paths",
        ),
        theorem(
            "band",
            "If the branches of $K$ blocks have Jacobians of spectral norm at most $c_1, \\dots, "
            "c_K$, the norm of the gradient at the input is at most $(1 + c_1) \\cdots (1 + c_K)$ "
            "times that at the output. If all $c_k$ are below one, it is at least $(1 - c_1) "
            "\\cdots (1 - c_K)$ times that. With all $c_k$ at most $a/K$, for $a$ below $K$, it is "
            "at least $(1 - a/K)^K$ times and at most $e^a$ times that at the output, however "
            "many blocks there are; the first factor tends to $e^{-a}$.",
            parts=("above", "below", "many_blocks"), title="Two-sided bound",
        ),
        theorem(
            "neither",
            "Take one input and one hidden ReLU unit. Wherever the unit is inactive, which is on a "
            "half line unless its weight is zero, the plain block has slope zero and the "
            "residual block slope one; if its weight is zero, this is so everywhere. So no plain "
            "block is the identity and no residual block is constant: of the two classes neither "
            "contains the other. Two more hidden units for each input carry the identity, and "
            "then the plain class contains the residual one.",
            parts=("plain_slope", "residual_slope", "inactive", "sides"),
            title="Which functions the blocks can be",
        ),
    )
