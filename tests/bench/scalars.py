"""Scalar functions of vectors and matrices: forms, traces, determinants, penalties."""

import numpy as np

from solutionset.authoring import (
    Computation,
    define,
    define_entry,
    det,
    dim,
    gradient,
    index,
    inverse,
    log,
    matrix,
    orthonormal,
    parameter,
    sum_over,
    symmetric,
    tensor,
    trace,
    unit_norm,
    vector,
)
from tests.bench.formula import Formula

n, m, S = dim("n", "ij"), dim("m", "lr"), dim("S", "a")
x, y = vector("x", n), vector("y", m)
A, B = matrix("A", n, n), matrix("B", n, m)
i, j, k = index("i", n), index("j", n), index("k", n)

quadratic = define("q", x.T @ A @ x)
square = Computation(
    "quadratic", definitions=(quadratic,), loss=quadratic, forward=lambda x, A: x @ A @ x
)

bilinear = define("q", x.T @ B @ y)
pair = Computation(
    "bilinear", definitions=(bilinear,), loss=bilinear, forward=lambda x, B, y: x @ B @ y
)

D = tensor("D", n, n, n)
cubic = define_entry("q", (), sum_over((i, j, k), D[i, j, k] * x[i] * x[j] * x[k]))
cube = Computation(
    "cubic",
    definitions=(cubic,),
    loss=cubic,
    forward=lambda D, x: np.einsum("ijk,i,j,k->", D, x, x, x),
)

squared = define("q", trace(A @ A))
trace_2 = Computation(
    "trace_2", definitions=(squared,), loss=squared, forward=lambda A: np.trace(A @ A)
)
cubed = define("q", trace(A @ A @ A))
trace_3 = Computation(
    "trace_3", definitions=(cubed,), loss=cubed, forward=lambda A: np.trace(A @ A @ A)
)
fifth = define("q", trace(A @ A @ A @ A @ A))
trace_5 = Computation(
    "trace_5", definitions=(fifth,), loss=fifth, forward=lambda A: np.trace(A @ A @ A @ A @ A)
)

gram = define("q", trace(B.T @ A @ B))
trace_form = Computation(
    "trace_form", definitions=(gram,), loss=gram, forward=lambda A, B: np.trace(B.T @ A @ B)
)

# ------------------------------------------------------------------ norms under an assumption

Q, v = matrix("Q", m, n), vector("v", n)
rotated = define("q", x.T @ Q.T @ Q @ x)
rotation = Computation(
    "rotation",
    definitions=(rotated,),
    loss=rotated,
    sizes={n: 2, m: 4},
    forward=lambda x, Q: (Q @ x) @ (Q @ x),
)
projected = define("q", x.T @ v @ v.T @ v @ v.T @ x)
projection = Computation(
    "projection",
    definitions=(projected,),
    loss=projected,
    forward=lambda x, v: (v @ v) * (v @ x) ** 2,
)

# ------------------------------------------------------------------ inverse and determinant

C = define("C", inverse(A))
inverted = Computation("inverse", definitions=(C,), forward=lambda A: np.linalg.inv(A))
solution = define("y", inverse(A) @ x)
solved = Computation("solve", definitions=(solution,), forward=lambda A, x: np.linalg.solve(A, x))


def positive(rng, shape):
    array = rng.standard_normal(shape)
    array[0] *= np.sign(np.linalg.det(array))
    return array


volume = define("q", log(det(A)))
log_det = Computation(
    "log_det",
    definitions=(volume,),
    loss=volume,
    samplers={A: positive},
    forward=lambda A: np.log(np.linalg.det(A)),
)
size = define("q", det(A))
determinant = Computation("det", definitions=(size,), loss=size, forward=lambda A: np.linalg.det(A))
K = define("K", B.T @ A @ B)
inner = define("q", log(det(K)))


def kernel(rng, shape):
    array = rng.standard_normal(shape)
    return array @ array.T + 0.2 * rng.standard_normal(shape)


log_det_kernel = Computation(
    "log_det_kernel",
    definitions=(K, inner),
    loss=inner,
    samplers={A: kernel},
    sizes={n: 4, m: 3},
    forward=lambda A, B: np.log(np.linalg.det(B.T @ A @ B)),
)

# ------------------------------------------------------------------ the ridge form of dropout

X, t, w = matrix("X", S, n), vector("t", S), vector("w", n)
keep = parameter("p", 0.3, 0.9)
p, a = keep.symbol, index("a", S)
e = define("e", t - p * (X @ w))
penalty = define_entry("Q", (), p * (1 - p) * sum_over((a, i), X[a, i] ** 2 * w[i] ** 2))
objective = define("R", e.T @ e + penalty)
ridge = Computation(
    "ridge",
    definitions=(e, penalty, objective),
    loss=objective,
    parameters=(keep,),
    forward=lambda X, t, w, p: ((t - p * X @ w) ** 2).sum() + p * (1 - p) * (X**2 @ w**2).sum(),
)

FORMULAS = (
    Formula("quadratic_x", lambda: gradient("quadratic_x", square, of=quadratic, wrt=x)),
    Formula(
        "quadratic_x_symmetric",
        lambda: gradient(
            "quadratic_x_symmetric",
            square,
            of=quadratic,
            wrt=x,
            rules=(symmetric(A, "A is symmetric"),),
        ),
    ),
    Formula(
        "rotation_x",
        lambda: gradient(
            "rotation_x",
            rotation,
            of=rotated,
            wrt=x,
            rules=(orthonormal(Q, "the columns of Q are orthonormal"),),
        ),
    ),
    Formula(
        "projection_x",
        lambda: gradient(
            "projection_x", projection, of=projected, wrt=x, rules=(unit_norm(v, "v has norm one"),)
        ),
    ),
    Formula("quadratic_A", lambda: gradient("quadratic_A", square, of=quadratic, wrt=A)),
    Formula("bilinear_B", lambda: gradient("bilinear_B", pair, of=bilinear, wrt=B)),
    Formula(
        "cubic_x",
        lambda: gradient("cubic_x", cube, of=cubic, wrt=x, style="index"),
        stuck="D has 3 axes",
    ),
    Formula("trace_square", lambda: gradient("trace_square", trace_2, of=squared, wrt=A)),
    Formula("trace_cube", lambda: gradient("trace_cube", trace_3, of=cubed, wrt=A)),
    Formula("trace_fifth", lambda: gradient("trace_fifth", trace_5, of=fifth, wrt=A)),
    Formula("trace_form_B", lambda: gradient("trace_form_B", trace_form, of=gram, wrt=B)),
    Formula("inverse_A", lambda: gradient("inverse_A", inverted, of=C, wrt=A)),
    Formula("solve_A", lambda: gradient("solve_A", solved, of=solution, wrt=A)),
    Formula("solve_x", lambda: gradient("solve_x", solved, of=solution, wrt=x)),
    Formula("determinant_A", lambda: gradient("determinant_A", determinant, of=size, wrt=A)),
    Formula("log_det_A", lambda: gradient("log_det_A", log_det, of=volume, wrt=A)),
    Formula("log_det_B", lambda: gradient("log_det_B", log_det_kernel, of=inner, wrt=B)),
    Formula("ridge_w", lambda: gradient("ridge_w", ridge, of=objective, wrt=w)),
)
