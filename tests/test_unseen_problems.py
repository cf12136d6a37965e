"""Problems of ordinary courses that the five sheets do not have, as an author writes them."""

import numpy as np
import pytest
import sympy as sp
from author import checked

from solutionset.authoring import (
    Computation,
    argument,
    chain,
    define,
    define_entry,
    det,
    dim,
    elementwise,
    exp,
    grad,
    gradient,
    hypothesis,
    identity,
    identity_of,
    index,
    inverse,
    jac,
    log,
    matrix,
    number,
    ones,
    rewrite,
    sum_over,
    sums_to_one,
    symmetric,
    tensor,
    trace,
    vector,
    zeros,
)
from solutionset.calculus.definitions import Definitions
from solutionset.calculus.derivation import resolved
from solutionset.calculus.expressions import entry
from solutionset.calculus.matrix import Sym
from solutionset.calculus.normal import equivalent
from solutionset.calculus.tensors import CalculusError, Gradient, Inverted
from solutionset.errors import ClaimError

N, d, k = dim("N", "s"), dim("d", "i"), dim("k", "a")
X, W = matrix("X", N, d), matrix("W", d, k)


def tied():
    """A linear auto-encoder whose decoder is the transpose of its encoder."""
    H = define("H", X @ W)
    R = define("R", X - H @ W.T)
    E = define("E", trace(R.T @ R) / 2)

    def forward(X, W):
        H = X @ W
        R = X - H @ W.T
        return {"H": H, "R": R, "E": np.sum(R**2) / 2}

    return Computation("tied", definitions=(H, R, E), forward=forward, loss=E), H, R


def test_a_tensor_acts_directly_and_through_a_quantity_that_is_named_beside():
    autoencoder, H, R = tied()

    claim = checked(gradient("W", autoencoder, of=(R, H), wrt=W))

    assert claim.result == (
        r"\frac{\partial L}{\partial \mathbf{W}} = "
        r"\mathbf{X}^{\top} \frac{\partial L}{\partial \mathbf{H}}"
        r" - \left(\frac{\partial L}{\partial \mathbf{R}}\right)^{\top} \mathbf{H}"
    )


def test_tied_weights_counted_as_if_the_residual_were_symmetric_are_refused():
    autoencoder, _, R = tied()

    with pytest.raises(ClaimError, match="line 1"):
        checked(chain("W", autoencoder, grad(W), (-2 * R.T @ X @ W, "a symmetric residual")))


def test_the_gradient_of_the_loss_in_itself_is_not_written():
    """Weight decay acts on the factors directly, the fit through the residual."""
    Y, U, V = matrix("Y", N, d), matrix("U", N, k), matrix("V", d, k)
    R = define("R", Y - U @ V.T)
    F = define("F", trace(R.T @ R) / 2 + trace(U.T @ U))

    def forward(Y, U, V):
        R = Y - U @ V.T
        return {"R": R, "F": np.sum(R**2) / 2 + np.sum(U**2)}

    factors = Computation("factors", definitions=(R, F), forward=forward, loss=F)

    claim = checked(gradient("U", factors, of=(R, F), wrt=U))

    assert claim.result == (
        r"\frac{\partial L}{\partial \mathbf{U}} = "
        r"2 \mathbf{U} - \frac{\partial L}{\partial \mathbf{R}} \mathbf{V}"
    )


def rms():
    """RMSNorm without its gain."""
    x = vector("x", d)
    q = define("q", x.T @ x / d.size)
    r = define("r", q ** sp.Rational(1, 2))
    h = define("h", x / r)

    def forward(x):
        r = np.sqrt(np.mean(x**2))
        return {"q": r**2, "r": r, "h": x / r}

    return Computation("rms", definitions=(q, r, h), forward=forward), x, h


def test_nothing_changes_along_the_input_of_a_norm():
    norm, x, h = rms()

    claim = checked(identity_of("scale", norm, jac(h, x) @ x, zeros(d), because="scale invariance"))

    assert claim.result == r"J\mathbf{h}(\mathbf{x}) \mathbf{x} = \mathbf{0}_{d}"


def test_something_that_is_not_zero_is_not():
    norm, x, h = rms()

    with pytest.raises(ClaimError, match="line 1"):
        checked(identity_of("scale", norm, jac(h, x) @ h, zeros(d) + h, because="false"))


def gaussian():
    """The log-likelihood of N samples of a normal distribution."""
    mu, S = vector("mu", d), matrix("Sigma", d, d)
    R = define("R", X - ones(N) @ mu.T)
    half = N.size * sp.Rational(1, 2)
    fit = define(
        "fit",
        -half * d.size * log(number(2 * sp.pi))
        - half * log(det(S))
        - trace(R @ inverse(S) @ R.T) / 2,
        symbol="ell",
    )

    def forward(X, mu, Sigma):
        R = X - mu
        total = len(X) * np.log(np.linalg.det(2 * np.pi * Sigma)) + np.sum(
            R @ np.linalg.inv(Sigma) * R
        )
        return {"R": R, "fit": -total / 2}

    def positive(rng, shape):
        root = rng.standard_normal(shape)
        return root @ root.T + np.eye(*shape)

    samplers = {S: hypothesis("Sigma is symmetric and positive definite", positive)}
    likelihood = Computation(
        "likelihood", definitions=(R, fit), forward=forward, loss=fit, samplers=samplers
    )
    return likelihood, S, fit


def test_the_likelihood_of_a_normal_distribution_has_its_constant_printed():
    likelihood, S, fit = gaussian()

    claim = checked(
        gradient("Sigma", likelihood, of=fit, wrt=S, rules=(symmetric(S, "a covariance"),))
    )

    assert claim.result == (
        r"\frac{\partial L}{\partial \boldsymbol{\Sigma}} = "
        r"\frac{1}{2} \boldsymbol{\Sigma}^{-1} \mathbf{R}^{\top} \mathbf{R}"
        r" \boldsymbol{\Sigma}^{-1}"
        r" - \frac{N}{2} \boldsymbol{\Sigma}^{-1}"
    )


def test_the_inverse_of_a_matrix_that_is_symmetric_by_definition_is_so():
    """Its transpose is no wrong variant; without this, every kernel matrix would have survivors."""
    C = matrix("C", d, d)
    K = define("K", C @ C.T + identity(d))
    fit = define("fit", log(det(K)), symbol="ell")

    def forward(C):
        K = C @ C.T + np.eye(len(C))
        return {"K": K, "fit": np.log(np.linalg.det(K))}

    kernel = Computation("kernel", definitions=(K, fit), forward=forward, loss=fit)

    claim = checked(
        gradient("K", kernel, of=fit, wrt=K, rules=(symmetric(K, "by definition"),)),
        gradient("C", kernel, of=K, wrt=C),
        chain("all", kernel, grad(C), (2 * inverse(K) @ C, "inserted")),
    )

    assert claim.verdict.mutants.equivalent > 0


def divergence():
    """The Kullback-Leibler divergence of two softmax outputs."""
    C = dim("C", "c")
    a, b = vector("a", C), vector("b", C)
    Z, Y = define("Z", ones(C).T @ exp(a)), define("Y", ones(C).T @ exp(b))
    p, q = define("p", exp(a) / Z), define("q", exp(b) / Y)
    D = define("D", p.T @ (log(p) - log(q)))

    def forward(a, b):
        p, q = np.exp(a) / np.exp(a).sum(), np.exp(b) / np.exp(b).sum()
        return {"p": p, "q": q, "D": p @ np.log(p / q)}

    return Computation("divergence", definitions=(Z, Y, p, q, D), forward=forward, loss=D)


def softmax_rule(values, total, logits):
    c = index("c", logits.leaf.dims[0])
    return rewrite("softmax", exp(logits[c]), values[c] * total[()], "definition of the softmax")


def test_outputs_of_a_softmax_sum_to_one_for_wrong_variants_too():
    """Without it, each factor that such a sum multiplies has variants that no data can refute."""
    kl = divergence()
    Z, Y, p, q, D = (Sym(d.tensor, d, kl.bodies[d.tensor]) for d in kl.definitions.ordered)
    a, b = (Sym(tensor) for tensor in kl.definitions.given)
    rules = (softmax_rule(q, Y, b), sums_to_one(p, 0, "probabilities"))

    by_second = checked(gradient("b", kl, of=D, wrt=b, rules=rules))
    by_first = checked(gradient("a", kl, of=D, wrt=a, rules=(softmax_rule(p, Z, a),)))

    assert by_second.result == r"\frac{\partial L}{\partial \mathbf{b}} = \mathbf{q} - \mathbf{p}"
    assert by_first.verdict.mutants.survived == 0


def test_the_divergence_pulled_the_wrong_way_is_refused():
    kl = divergence()
    _, b = (Sym(tensor) for tensor in kl.definitions.given)
    p, q = (Sym(d.tensor) for d in kl.definitions.ordered[2:4])

    with pytest.raises(ClaimError, match="line 1"):
        checked(chain("b", kl, grad(b), (p - q, "wrong sign")))


@pytest.mark.parametrize(("right", "same"), [(lambda C, B: C.T, True), (lambda C, B: B, False)])
def test_only_what_is_symmetric_by_definition_equals_its_transpose_under_the_inverse(right, same):
    B, C = matrix("B", d, d), matrix("C", d, d)
    K = define("K", C @ right(C, B))
    definitions = Definitions((K.definition,))
    i, j = index("i", d), index("j", d)
    one, other = (entry(Inverted(K.leaf), at) for at in ((i, j), (j, i)))

    assert equivalent(resolved(one, definitions), resolved(other, definitions)) is same


def test_an_index_must_not_be_called_like_a_number_in_the_same_formula():
    T, S, width = dim("T", "t"), dim("S", "s"), dim("d", "d")
    Q, K = matrix("Q", T, width), matrix("K", S, width)
    A = define("A", Q @ K.T / sp.sqrt(width.size))
    scores = Computation(
        "scores", definitions=(A,), forward=lambda Q, K: Q @ K.T / np.sqrt(Q.shape[1])
    )

    with pytest.raises(CalculusError, match="index d and the number d print alike"):
        checked(gradient("Q", scores, of=A, wrt=Q))


@pytest.mark.parametrize(
    ("body", "binary"),
    [
        (sp.Max(0, argument), True),
        (sp.Piecewise((argument, argument > 0), (0, True)), True),
        (sp.Max(-1, sp.Min(1, argument)), True),
        (sp.Max(argument / 10, argument), False),
        (sp.tanh(argument), False),
    ],
)
def test_a_slope_of_zero_or_one_is_its_own_square_and_no_other_is(body, binary):
    """So the gradient in a pre-activation may be written with itself upstream."""
    f = elementwise("f", body=body)
    W, x = matrix("W", k, d), vector("x", d)
    z = define("z", W @ x)
    y = define("y", f(z))
    definitions = Definitions((z.definition, y.definition))
    i = index("a", k)
    by_output, by_itself = (entry(Gradient(of.leaf), (i,)) * f.prime(z[i]) for of in (y, z))

    same = equivalent(resolved(by_output, definitions), resolved(by_itself, definitions))

    assert same is binary


def test_a_rectifier_that_has_a_body_leaves_no_survivors():
    relu = elementwise("relu", body=sp.Max(0, argument))
    W, x = matrix("W", k, d), vector("x", d)
    z = define("z", W @ x)
    y = define("y", relu(z))
    unit = Computation(
        "unit",
        definitions=(z, y),
        forward=lambda W, x: {"z": W @ x, "y": np.maximum(0, W @ x)},
    )

    claim = checked(gradient("z", unit, of=y, wrt=z))

    assert claim.verdict.mutants.survived == 0


def test_a_square_of_a_difference_is_multiplied_out_with_its_like_terms_added():
    M, x = matrix("M", k, d), vector("x", d)
    a, i = index("a", k), index("i", d)
    q = define_entry("q", a, sum_over(i, (x[i] - M[a, i]) ** 2) / 2)

    assert len(q.definition.body.terms) == 3


def test_code_may_take_a_hypothesis_for_granted():
    """NumPy convolves without the constant tensor of the definition."""
    n, w, m = dim("n", "j"), dim("w", "k"), dim("m", "i")
    i, j, k = index("i", m), index("j", n), index("k", w)
    x, c = vector("x", n), vector("c", w)
    K = tensor("K", m, w, n)
    y = define_entry("y", i, sum_over((k, j), K[i, k, j] * c[k] * x[j]))

    def shift(rng, shape):
        rows, width, length = np.indices(shape)
        return (length == rows + width).astype(float)

    convolution = Computation(
        "convolution",
        definitions=(y,),
        forward=lambda K, c, x: np.convolve(x, c[::-1], mode="valid"),
        samplers={K: hypothesis("K shifts", shift)},
        sizes={n: 6, w: 3, m: n.size - w.size + 1},
    )

    claim = checked(gradient("x", convolution, of=y, wrt=x, style="index"))

    assert claim.verdict.standing == "verified"
