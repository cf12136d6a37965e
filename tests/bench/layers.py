"""Layers of a network: linear, activation, softmax, cross-entropy, residual, graph convolution."""

import numpy as np

from solutionset.authoring import (
    Computation,
    define,
    define_entry,
    diag,
    dim,
    elementwise,
    exp,
    gradient,
    index,
    log,
    matrix,
    ones,
    rewrite,
    sum_over,
    sums_to_one,
    symmetric,
    trace,
    vector,
)
from tests.bench.formula import Formula

S, N, M, C = dim("S", "s"), dim("N", "n"), dim("M", "m"), dim("C", "c")
h = elementwise("h")
sigma = elementwise("sigma")

# ------------------------------------------------------------------ a linear layer on a batch

X, W, b = matrix("X", S, M), matrix("W", N, M), vector("b", N)
Y = define("Y", X @ W.T + ones(S) @ b.T)
linear = Computation("linear", definitions=(Y,), forward=lambda X, W, b: X @ W.T + b)

activated = define("Y", h(X))
activation = Computation("activation", definitions=(activated,), forward=lambda X, h: h(X))

# ------------------------------------------------------------------ softmax, cross-entropy

i, j = index("i", S), index("j", C)
A = matrix("A", S, C)
norm = define_entry("Z", i, sum_over(j, exp(A[i, j])))
soft = define_entry("P", (i, j), exp(A[i, j]) / norm[i])
fold_exp = rewrite("softmax", exp(A[i, j]), soft[i, j] * norm[i], "definition of the softmax")


def softmax(A):
    e = np.exp(A)
    return {"Z": e.sum(axis=1), "P": e / e.sum(axis=1, keepdims=True)}


rows = Computation("softmax", definitions=(norm, soft), forward=softmax)

T = matrix("T", S, C)
entropy = define("E", -1 / S.size * trace(T.T @ log(soft)))


def cross(A, T):
    e = np.exp(A)
    p = e / e.sum(axis=1, keepdims=True)
    return -(T * np.log(p)).sum() / len(A)


cross_entropy = Computation(
    "cross_entropy",
    definitions=(norm, soft, entropy),
    forward=cross,
    loss=entropy,
)
targets = sums_to_one(T, 1, "rows of the targets sum to one")

a = vector("a", C)
total = define_entry("q", (), sum_over(j, exp(a[j])))
lse = define("l", log(total))
log_sum_exp = Computation(
    "log_sum_exp",
    definitions=(total, lse),
    loss=lse,
    forward=lambda a: np.log(np.exp(a).sum()),
)

# ------------------------------------------------------------------ a residual block

n, m = dim("n", "ij"), dim("m", "lr")
F, Wk = vector("F", n, label="k-1"), matrix("W", m, n, label="k")
bk, V = vector("b", m, label="k"), matrix("V", n, m, label="k")
z = define("z", Wk @ F + bk, label="k")
D = define("D", diag(sigma.prime(z)), label="k")
F_next = define("F_next", F + V @ sigma(z), symbol="F", label="k")


def residual(F, W, b, V, sigma):
    z = W @ F + b
    return {"z": z, "F_next": F + V @ sigma(z)}


block = Computation("block", definitions=(z, D, F_next), forward=residual)

# ------------------------------------------------------------------ projection shortcut, MLP

U = matrix("U", n, m)
x = vector("x", m)
Wp = matrix("W", n, m)
u = define("u", Wp @ x)
y = define("y", U @ x + sigma(u))
shortcut = Computation(
    "shortcut", definitions=(u, y), forward=lambda U, W, x, sigma: U @ x + sigma(W @ x)
)

p = dim("p", "p")
W1, W2, b1, b2 = (
    matrix("W_1", n, m, symbol="W", label="1"),
    matrix("W_2", p, n, symbol="W", label="2"),
    vector("b_1", n, symbol="b", label="1"),
    vector("b_2", p, symbol="b", label="2"),
)
z1 = define("z_1", W1 @ x + b1, symbol="z", label="1")
z2 = define("z_2", W2 @ sigma(z1) + b2, symbol="z", label="2")
mlp = Computation(
    "mlp",
    definitions=(z1, z2),
    forward=lambda W_1, W_2, b_1, b_2, x, sigma: W_2 @ sigma(W_1 @ x + b_1) + b_2,
)

# ------------------------------------------------------------------ a mini-batch, tied weights

w = vector("w", M)
t = vector("t", S)
r = define("r", X @ w - t)
mean_square = define("R", 1 / S.size * (r.T @ r))
batch = Computation(
    "batch",
    definitions=(r, mean_square),
    loss=mean_square,
    forward=lambda X, w, t: ((X @ w - t) ** 2).mean(),
)

Xa = matrix("X", n, S)
E = matrix("B", m, n)
code = define("Z", E @ Xa)
tied_out = define("Y", E.T @ sigma(code))
tied = Computation(
    "tied", definitions=(code, tied_out), forward=lambda X, B, sigma: B.T @ sigma(B @ X)
)

# ------------------------------------------------------------------ graph convolution

Nn, c1, c2 = dim("N", "ij"), dim("F", "a"), dim("G", "b")
G, H, Wg = matrix("A", Nn, Nn), matrix("H", Nn, c1), matrix("W", c1, c2)
Zg = define("Z", G @ H @ Wg)
Yg = define("Y", sigma(Zg))
gcn = Computation("gcn", definitions=(Zg, Yg), forward=lambda A, H, W, sigma: sigma(A @ H @ W))

# ------------------------------------------------------------------ a linear autoencoder

Xe = matrix("X", p, n)
Ae, Be = matrix("A", p, m), matrix("B", m, n)
R = define("R", Xe - Ae @ Be)
square = define("Q", trace(R.T @ R))
auto = Computation(
    "autoencoder",
    definitions=(R, square),
    loss=square,
    forward=lambda X, A, B: ((X - A @ B) ** 2).sum(),
)

FORMULAS = (
    Formula("linear_W", lambda: gradient("linear_W", linear, of=Y, wrt=W)),
    Formula("linear_b", lambda: gradient("linear_b", linear, of=Y, wrt=b)),
    Formula("linear_X", lambda: gradient("linear_X", linear, of=Y, wrt=X)),
    Formula("activation_X", lambda: gradient("activation_X", activation, of=activated, wrt=X)),
    Formula("softmax_X", lambda: gradient("softmax_X", rows, of=soft, wrt=A, rules=(fold_exp,))),
    Formula(
        "cross_entropy",
        lambda: gradient(
            "cross_entropy", cross_entropy, of=entropy, wrt=A, rules=(fold_exp, targets)
        ),
    ),
    Formula("log_sum_exp", lambda: gradient("log_sum_exp", log_sum_exp, of=lse, wrt=a)),
    Formula(
        "resnet_F", lambda: gradient("resnet_F", block, of=F_next, wrt=F, style="diag", fold=(D,))
    ),
    Formula("resnet_V", lambda: gradient("resnet_V", block, of=F_next, wrt=V)),
    Formula(
        "resnet_z", lambda: gradient("resnet_z", block, of=F_next, wrt=z, style="diag", fold=(D,))
    ),
    Formula("resnet_W", lambda: gradient("resnet_W", block, of=F_next, wrt=Wk)),
    Formula("resnet_b", lambda: gradient("resnet_b", block, of=F_next, wrt=bk)),
    Formula("shortcut_U", lambda: gradient("shortcut_U", shortcut, of=y, wrt=U)),
    Formula("shortcut_x", lambda: gradient("shortcut_x", shortcut, of=y, wrt=x)),
    Formula("mlp_W1", lambda: gradient("mlp_W1", mlp, of=z2, wrt=W1)),
    Formula("mlp_W2", lambda: gradient("mlp_W2", mlp, of=z2, wrt=W2)),
    Formula("mlp_x", lambda: gradient("mlp_x", mlp, of=z1, wrt=x)),
    Formula("batch_w", lambda: gradient("batch_w", batch, of=mean_square, wrt=w)),
    Formula("tied_B", lambda: gradient("tied_B", tied, of=tied_out, wrt=E)),
    Formula("gcn_H", lambda: gradient("gcn_H", gcn, of=Yg, wrt=H)),
    Formula("gcn_W", lambda: gradient("gcn_W", gcn, of=Yg, wrt=Wg)),
    Formula(
        "gcn_H_symmetric",
        lambda: gradient(
            "gcn_H_symmetric", gcn, of=Yg, wrt=H, rules=(symmetric(G, "A is symmetric"),)
        ),
    ),
    Formula(
        "gcn_W_symmetric",
        lambda: gradient(
            "gcn_W_symmetric", gcn, of=Yg, wrt=Wg, rules=(symmetric(G, "A is symmetric"),)
        ),
    ),
    Formula("autoencoder_A", lambda: gradient("autoencoder_A", auto, of=square, wrt=Ae)),
    Formula("autoencoder_B", lambda: gradient("autoencoder_B", auto, of=square, wrt=Be)),
)
