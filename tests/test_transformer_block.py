"""A whole transformer block with one head: what back-propagation through it needs, line by line."""

import numpy as np
import pytest
import sympy as sp
from author import checked_solution

from solutionset.authoring import (
    Computation,
    Solution,
    chain,
    define,
    define_entry,
    diag,
    dim,
    elementwise,
    exp,
    grad,
    gradient,
    index,
    matrix,
    ones,
    rewrite,
    sum_over,
)
from solutionset.errors import ClaimError

T, d, h, f = dim("T", "t"), dim("d", "j"), dim("h", "a"), dim("f", "b")
X = matrix("X", T, d)
W_Q, W_K, W_V = (matrix(f"W_{gate}", d, h, symbol="W", label=gate) for gate in "QKV")
W_O = matrix("W_O", h, d, symbol="W", label="O")
W_1, W_2 = matrix("W_1", d, f, symbol="W", label="1"), matrix("W_2", f, d, symbol="W", label="2")
sigma = elementwise("sigma")
t, s = index("t", T), index("s", T)

m = define("m", X @ ones(d) / d.size)
C = define("C", X - m @ ones(d).T)
v = define("v", (C * C) @ ones(d) / d.size)
N = define("N", diag(v ** sp.Rational(-1, 2)) @ C)
Q, K, V = define("Q", N @ W_Q), define("K", N @ W_K), define("V", N @ W_V)
A = define("A", Q @ K.T / sp.sqrt(h.size))
Z = define_entry("Z", t, sum_over(s, exp(A[t, s])))
P = define_entry("P", (t, s), exp(A[t, s]) / Z[t])
Y = define("Y", P @ V)
R = define("R", X + Y @ W_O)
B = define("B", R @ W_1)
F = define("F", R + sigma(B) @ W_2)


def forward(X, W_Q, W_K, W_V, W_O, W_1, W_2, sigma):
    C = X - X.mean(axis=1, keepdims=True)
    N = C / np.sqrt((C**2).mean(axis=1, keepdims=True))
    Q, K, V = N @ W_Q, N @ W_K, N @ W_V
    scores = np.exp(Q @ K.T / np.sqrt(W_Q.shape[1]))
    P = scores / scores.sum(axis=1, keepdims=True)
    R = X + P @ V @ W_O
    return {"N": N, "P": P, "R": R, "F": R + sigma(R @ W_1) @ W_2}


block = Computation(
    "block", definitions=(m, C, v, N, Q, K, V, A, Z, P, Y, R, B, F), forward=forward
)
softmax = rewrite("softmax", exp(A[t, s]), P[t, s] * Z[t], "definition of the softmax")
UPSTREAM = {leaf: rf"\frac{{\partial L}}{{\partial \mathbf{{{leaf}}}}}" for leaf in "NQKVARBCFYP"}


def test_every_gradient_of_a_transformer_block_is_derived_and_verified():
    claims = (
        gradient("B", block, of=F, wrt=B),
        gradient("R", block, of=(F, B), wrt=R),
        gradient("Y", block, of=R, wrt=Y),
        gradient("P", block, of=Y, wrt=P),
        gradient("A", block, of=P, wrt=A, rules=(softmax,)),
        gradient("Q", block, of=A, wrt=Q),
        gradient("K", block, of=A, wrt=K),
        gradient("V", block, of=Y, wrt=V),
        gradient("N", block, of=(Q, K, V), wrt=N),
        gradient("C", block, of=(N, v), wrt=C),
        gradient("X", block, of=(R, C), wrt=X),
        gradient("W_Q", block, of=Q, wrt=W_Q),
        gradient("W_O", block, of=R, wrt=W_O),
    )

    solved = {claim.name: claim for claim in checked_solution(Solution(claims=claims)).claims}

    up = UPSTREAM
    assert all(claim.verdict.mutants.survived == 0 for claim in solved.values())
    assert solved["R"].result == rf"{up['R']} = {up['F']} + {up['B']} \mathbf{{W}}_1^{{\top}}"
    assert solved["Q"].result == rf"{up['Q']} = \frac{{1}}{{\sqrt{{h}}}} {up['A']} \mathbf{{K}}"
    assert solved["N"].result == (
        rf"{up['N']} = {up['Q']} \mathbf{{W}}_Q^{{\top}} + {up['K']} \mathbf{{W}}_K^{{\top}}"
        rf" + {up['V']} \mathbf{{W}}_V^{{\top}}"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: grad(F),
        lambda: grad(F) + grad(B) @ W_1.T + grad(B) @ W_1.T,
        lambda: grad(F) - grad(B) @ W_1.T,
    ],
    ids=["without the branch", "the branch twice", "the wrong sign"],
)
def test_a_wrong_gradient_in_the_residual_stream_is_refused(wrong):
    claim = chain("R", block, grad(R), (wrong(), "wrong"))

    with pytest.raises(ClaimError, match="line 1"):
        checked_solution(Solution(claims=(claim,)))
