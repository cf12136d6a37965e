"""Claims over any number of steps: gradients through depth, and weights that steps share."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from author import CONFIG, ENTRY, checked

from solutionset.authoring import (
    Computation,
    Problem,
    Solution,
    argument,
    define,
    depth,
    diag,
    dim,
    elementwise,
    grad,
    gradient,
    identity,
    jacobian,
    matrix,
    ones,
    scalar,
    shared_gradient,
    vector,
)
from solutionset.calculus.tensors import CalculusError
from solutionset.errors import AuthorError, ClaimError
from solutionset.model import CheckedClaim, NotationChoice
from solutionset.notation.tokens import tokenise
from solutionset.verification.checking import check
from solutionset.verification.recurrence import LENGTHS, Recurrence, Walk
from solutionset.verification.repeated import has_open_sign

n, m = dim("n"), dim("m")
sigma, sigma_k = elementwise("sigma"), elementwise("sigma", label="k")

# --------------------------------------------------------------------- a residual network

F_prev = vector("F_prev", n, symbol="F", label="k-1")
W, b, V = matrix("W", m, n, label="k"), vector("b", m, label="k"), matrix("V", n, m, label="k")
z = define("z", W @ F_prev + b, label="k")
D = define("D", diag(sigma_k.prime(z)), label="k")
F = define("F", F_prev + V @ sigma_k(z), label="k")


def residual(F_prev, W, b, V, sigma):
    z = W @ F_prev + b
    return {"z": z, "F": F_prev + V @ sigma(z)}


block = Computation("block", definitions=(z, D, F), forward=residual)
FACTOR = identity(n) + W.T @ D @ V.T


def through(factor, length="N"):
    return depth("all", block, state=(F_prev, F), factor=factor, length=length)


def under(notation: NotationChoice, claim: object) -> CheckedClaim:
    """The claim as it is printed in a set of this notation."""
    problem = Problem(title="T", question="1", source="T", solve=lambda: Solution(claims=(claim,)))  # type: ignore[arg-type]
    return check(problem, ENTRY, replace(CONFIG, notation=notation), (0,)).claims[0]


def test_the_gradient_through_all_residual_blocks_is_a_product():
    claim = checked(through(FACTOR))
    assert [(line.left, line.right, line.because) for line in claim.lines] == [
        (
            r"\frac{\partial L}{\partial \mathbf{F}_{k-1}}",
            r"(\mathbf{I}_{n} + \mathbf{W}_k^{\top} \mathbf{D}_k \mathbf{V}_k^{\top}) "
            r"\frac{\partial L}{\partial \mathbf{F}_k}",
            "one step",
        ),
        (
            r"\frac{\partial L}{\partial \mathbf{F}_0}",
            r"\prod_{k=1}^{N} "
            r"(\mathbf{I}_{n} + \mathbf{W}_k^{\top} \mathbf{D}_k \mathbf{V}_k^{\top}) "
            r"\frac{\partial L}{\partial \mathbf{F}_N}",
            "induction; the factor of the first step stands leftmost",
        ),
    ]
    assert claim.result == f"{claim.lines[1].left} = {claim.lines[1].right}"


def test_it_is_checked_at_five_lengths_on_every_seed_and_no_mutant_survives():
    verdict = checked(through(FACTOR)).verdict
    assert (verdict.standing, verdict.oracle, verdict.read_back) == (
        "verified",
        "complex-step",
        "equal",
    )
    assert verdict.points == 5 * 3
    assert verdict.worst_error < 1e-9
    assert verdict.note == r"checked for $N = 2, \dots, 6$"
    assert verdict.mutants is not None
    assert verdict.mutants.killed > 15
    assert verdict.mutants.survived == 0


def test_it_is_printed_in_the_notation_of_the_set():
    notation = NotationChoice(loss="cal_L", gradient="nabla", jacobian="J", bold="vectors")
    assert under(notation, through(FACTOR, length="L")).result == (
        r"\nabla_{\mathbf{F}_0} \mathcal{L} = \prod_{k=1}^{L} "
        r"(I_{n} + W_k^{\top} D_k V_k^{\top}) \nabla_{\mathbf{F}_L} \mathcal{L}"
    )


def test_the_factor_may_be_the_transpose_of_a_derived_jacobian():
    derived = jacobian("step", block, of=F, wrt=F_prev, fold=(D,))
    assert checked(through(derived.form.T)).result == (
        r"\frac{\partial L}{\partial \mathbf{F}_0} = \prod_{k=1}^{N} "
        r"(\mathbf{I}_{n} + \mathbf{V}_k \mathbf{D}_k \mathbf{W}_k)^{\top} "
        r"\frac{\partial L}{\partial \mathbf{F}_N}"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(W.T @ D @ V.T, id="identity dropped"),
        pytest.param(identity(n) + V @ D @ W, id="transpose missing"),
        pytest.param(identity(n) - W.T @ D @ V.T, id="sign"),
        pytest.param(identity(n) + W.T @ V.T, id="slopes dropped"),
        pytest.param(2 * FACTOR, id="doubled"),
    ],
)
def test_a_wrong_factor_is_refused(wrong):
    with pytest.raises(ClaimError, match=r"line 1 \(one step\) is not what the oracle computes"):
        checked(through(wrong))


# ------------------------------------------------------------------------ a plain network

U = matrix("U", n, n, label="k")
a = define("a", U @ F_prev, label="k")
G = define("G", sigma(a), symbol="F", label="k")
plain_layer = Computation(
    "plain",
    definitions=(a, G),
    forward=lambda F_prev, U, sigma: {"a": U @ F_prev, "G": sigma(U @ F_prev)},
)


def through_plain(factor):
    return depth("plain", plain_layer, state=(F_prev, G), factor=factor, length="N")


def test_the_gradient_through_all_plain_layers_is_a_product():
    assert checked(through_plain(U.T @ diag(sigma.prime(a)))).result == (
        r"\frac{\partial L}{\partial \mathbf{F}_0} = \prod_{k=1}^{N} "
        r"(\mathbf{U}_k^{\top} \operatorname{diag}(\sigma'(\mathbf{a}_k))) "
        r"\frac{\partial L}{\partial \mathbf{F}_N}"
    )


def test_the_factors_of_a_layer_in_the_wrong_order_are_refused():
    with pytest.raises(ClaimError, match="is not what the oracle computes"):
        checked(through_plain(diag(sigma.prime(a)) @ U.T))


def linear(label, draw=None):
    """A linear layer, with weights of its own or shared by all layers."""
    weights = matrix("A", n, n, label=label)
    H = define("H", weights @ F_prev, symbol="F", label="k")
    step = Computation(
        "linear",
        definitions=(H,),
        forward=lambda F_prev, A: A @ F_prev,
        samplers={} if draw is None else {weights: draw},
    )
    return depth("linear", step, state=(F_prev, H), factor=weights.T, length="N")


def test_a_single_factor_needs_no_bracket():
    assert checked(linear("k")).result == (
        r"\frac{\partial L}{\partial \mathbf{F}_0} = \prod_{k=1}^{N} \mathbf{A}_k^{\top} "
        r"\frac{\partial L}{\partial \mathbf{F}_N}"
    )


def test_the_order_of_equal_factors_is_no_error():
    verdict = checked(linear("")).verdict
    assert verdict.mutants is not None
    assert verdict.mutants.equivalent == 1


def test_data_on_which_the_order_cannot_matter_are_refused():
    def diagonal(rng, shape):
        return np.diag(rng.uniform(1, 2, shape[0]))

    with pytest.raises(ClaimError, match="wrong variants pass") as caught:
        checked(linear("k", diagonal))
    assert "survivor   the factors in reverse order" in caught.value.details


def test_a_chain_of_numbers_is_a_product_of_numbers():
    s_prev, c = scalar("s_prev", symbol="s", label="k-1"), scalar("c", label="k")
    s = define("s", c * s_prev, label="k")
    step = Computation("numbers", definitions=(s,), forward=lambda s_prev, c: c * s_prev)
    claim = checked(depth("numbers", step, state=(s_prev, s), factor=c, length="N"))
    assert claim.result == (
        r"\frac{\partial L}{\partial s_0} = \prod_{k=1}^{N} c_k \frac{\partial L}{\partial s_N}"
    )


def activated(body, code):
    """A plain layer with a concrete activation: its SymPy expression and its NumPy code."""
    f = elementwise("f", body=body)
    H = define("H", f(a), symbol="F", label="k")
    step = Computation("activated", definitions=(a, H), forward=lambda F_prev, U: code(U @ F_prev))
    factor = U.T @ diag(f.prime(a))
    return depth("activated", step, state=(F_prev, H), factor=factor, length="N")


def test_a_kink_of_the_activation_is_noticed_and_kept_away_from():
    assert checked(activated(sp.Abs(argument), np.abs)).verdict.oracle == "central-difference"


def test_a_state_that_leaves_the_range_of_numbers_is_refused():
    growing = activated(sp.exp(argument**2), lambda z: np.exp(z**2))
    with np.errstate(all="ignore"), pytest.raises(AuthorError, match="NaN or infinity"):
        checked(growing)


def test_the_steps_of_a_walk_have_their_own_data_and_share_what_has_no_label():
    walk = Walk(recurrent(), "walk", 0)
    first, second = walk.steps[:2]
    assert len(walk.steps) == LENGTHS[-1] == 6
    np.testing.assert_array_equal(first.given[R.leaf], second.given[R.leaf])
    assert not np.allclose(first.given[x.leaf], second.given[x.leaf])
    np.testing.assert_array_equal(first.forward_values["h"], second.given[h_prev.leaf])


# ------------------------------------------------------------------- a recurrent network

h_prev, x = vector("h_prev", n, symbol="h", label="t-1"), vector("x", m, label="t")
R, S, c = matrix("R", n, n), matrix("S", n, m), vector("c", n)
p = define("p", R @ h_prev + S @ x + c, label="t")
h = define("h", sigma(p), label="t")


def recur(h_prev, x, R, S, c, sigma):
    p = R @ h_prev + S @ x + c
    return {"p": p, "h": sigma(p)}


cell = Computation("cell", definitions=(p, h), forward=recur)


def recurrent():
    return Recurrence(cell, h_prev.leaf, h.leaf, "T")


def shared(wrt, term):
    return shared_gradient("shared", cell, state=(h_prev, h), wrt=wrt, term=term, length="T")


def test_the_gradient_in_shared_weights_is_a_sum_over_all_steps():
    claim = checked(shared(R, grad(p) @ h_prev.T))
    assert claim.result == (
        r"\frac{\partial L}{\partial \mathbf{R}} = \sum_{t=1}^{T} "
        r"\frac{\partial L}{\partial \mathbf{p}_t} \mathbf{h}_{t-1}^{\top}"
    )
    assert claim.lines[0].because == r"every step $t$ uses the same $\mathbf{R}$"
    assert claim.verdict.points == 5 * 3
    assert claim.verdict.mutants is not None
    assert (claim.verdict.mutants.killed > 10, claim.verdict.mutants.survived) == (True, 0)


def test_the_term_may_be_the_form_of_a_derived_gradient():
    local = gradient("local", cell, of=p, wrt=S)
    assert checked(shared(S, local.form)).result == (
        r"\frac{\partial L}{\partial \mathbf{S}} = \sum_{t=1}^{T} "
        r"\frac{\partial L}{\partial \mathbf{p}_t} \mathbf{x}_t^{\top}"
    )


def test_a_sum_inside_the_sum_is_bracketed():
    claim = checked(shared(c, 2 * grad(p) - grad(p)))
    assert claim.result == (
        r"\frac{\partial L}{\partial \mathbf{c}} = \sum_{t=1}^{T} "
        r"\left(2 \frac{\partial L}{\partial \mathbf{p}_t} "
        r"- \frac{\partial L}{\partial \mathbf{p}_t}\right)"
    )


@pytest.mark.parametrize(
    ("latex", "opens"),
    [(r"a + b", True), (r"-a", True), (r"(a + b) c", False), (r"\frac{a - b}{c}", False)],
)
def test_a_sign_outside_of_brackets_would_end_the_reach_of_a_sum(latex, opens):
    assert has_open_sign(tokenise(latex)) is opens


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(grad(p) @ h.T, id="h_t for h_{t-1}"),
        pytest.param(grad(h_prev) @ h_prev.T, id="gradient one step early"),
        pytest.param(grad(h) @ h_prev.T, id="slope forgotten"),
        pytest.param(h_prev @ grad(p).T, id="transposed"),
        pytest.param(grad(p) @ h_prev.T / 2, id="halved"),
    ],
)
def test_a_wrong_term_is_refused(wrong):
    with pytest.raises(ClaimError, match=r"line 1 \(T = 2\) is not what the oracle computes"):
        checked(shared(R, wrong))


def test_the_gradient_through_time_is_a_product_too():
    claim = depth("time", cell, state=(h_prev, h), factor=R.T @ diag(sigma.prime(p)), length="T")
    assert checked(claim).result == (
        r"\frac{\partial L}{\partial \mathbf{h}_0} = \prod_{t=1}^{T} "
        r"(\mathbf{R}^{\top} \operatorname{diag}(\sigma'(\mathbf{p}_t))) "
        r"\frac{\partial L}{\partial \mathbf{h}_T}"
    )


# ------------------------------------------------------------------- what cannot be said


@pytest.mark.parametrize(
    ("old", "new", "length", "message"),
    [
        (vector("G", n, label="k-1"), F, "N", "the old state G is not given in the step"),
        (F_prev, z, "N", "the new state z is not the last definition of the step"),
        (F_prev, F, "k", "the number of steps cannot be called 'k'"),
        (F_prev, F, "10", "the number of steps cannot be called '10'"),
        (b, F, "N", "the label of b does not fit the old state"),
        (F_prev, define("F", 2 * F_prev), "N", "the label of F does not fit the new state"),
    ],
)
def test_states_that_do_not_follow_one_another_are_refused(old, new, length, message):
    with pytest.raises(CalculusError, match=message):
        depth("wrong", block, state=(old, new), factor=FACTOR, length=length)


def test_a_step_to_another_shape_is_refused():
    y = define("y", W @ F_prev, symbol="F", label="k")
    step = Computation("narrow", definitions=(y,), forward=lambda F_prev, W: W @ F_prev)
    with pytest.raises(CalculusError, match="does not lead from the shape of F_prev to the same"):
        depth("wrong", step, state=(F_prev, y), factor=W.T, length="N")


def test_a_quantity_that_changes_without_saying_so_is_refused():
    hidden = define("q", U @ F_prev)
    after = define("H", sigma(hidden), symbol="F", label="k")
    step = Computation(
        "silent", definitions=(hidden, after), forward=lambda F_prev, U, sigma: sigma(U @ F_prev)
    )
    with pytest.raises(CalculusError, match="q changes from step to step with F_prev"):
        depth("wrong", step, state=(F_prev, after), factor=U.T, length="N")


def test_a_label_of_another_step_is_refused():
    late = matrix("A", n, n, label="k+1")
    after = define("H", late @ F_prev, symbol="F", label="k")
    step = Computation("late", definitions=(after,), forward=lambda F_prev, A: A @ F_prev)
    with pytest.raises(CalculusError, match="the label of A does not fit a step"):
        depth("wrong", step, state=(F_prev, after), factor=late.T, length="N")


def test_a_number_of_steps_that_prints_like_the_loss_is_refused():
    with pytest.raises(CalculusError, match="the letter L of a claim over all steps is the loss"):
        checked(through(FACTOR, length="L"))


def test_a_number_of_steps_that_prints_like_a_dimension_is_refused():
    with pytest.raises(CalculusError, match="the letter n of a claim over all steps is something"):
        checked(through(FACTOR, length="n"))


def test_a_factor_that_contains_a_gradient_is_refused():
    with pytest.raises(CalculusError, match="the factor contains the gradient in F"):
        checked(through(grad(F) @ ones(n).T))


def test_a_factor_of_another_shape_is_refused():
    with pytest.raises(ClaimError, match="another shape than it must") as caught:
        checked(through(W.T @ D))
    assert (caught.value.got, caught.value.wanted) == ("n x m", "n x n")


def test_a_sum_over_weights_that_are_not_shared_is_refused():
    with pytest.raises(CalculusError, match="x is not shared by all steps"):
        checked(shared(x, S.T @ grad(p)))


def test_a_term_with_the_gradient_in_what_all_steps_share_is_refused():
    with pytest.raises(CalculusError, match="contains the gradient in R, which all steps share"):
        checked(shared(R, grad(R)))


def test_a_missing_matrix_form_is_refused():
    with pytest.raises(CalculusError, match="what every step repeats has no matrix form"):
        shared(R, None)
