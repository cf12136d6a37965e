"""Recurrent nets: their code on numbers for paper, and what must be refused."""

import numpy as np
import pytest
from author import checked
from taught import module_of

from solutionset.authoring import bound, chain, counterexample, grad, jac, relation
from solutionset.errors import ClaimError

taught = module_of("ese546_hw2", "recurrent")
linear, active, clipped, lstm = (
    taught._linear,
    taught._activations,
    taught._clipping,
    taught._lstm,
)


def square(u):
    return u**2


def zero(u):
    return 0 * u


def test_the_linear_net_multiplies_by_the_same_matrix_in_every_step():
    weights, start = np.array([[1, 1], [0, 2]]), np.array([2, 1])
    # (2, 1) -> (3, 2) -> (5, 4) -> (9, 8)
    assert linear.power_forward(weights, start, 3).tolist() == [9, 8]


def test_the_code_of_the_figure_finds_the_gradient_of_the_worked_example():
    weights, start, back = np.array([[1, 1], [0, 2]]), np.array([2, 1]), np.array([1, 0])
    assert linear.numeric_gradient(weights, start, back, 3).tolist() == [[10, 7], [9, 5]]


def test_a_step_with_an_activation_is_affine_and_then_entry_by_entry():
    found = active.step_forward(
        np.array([1, 2]),
        np.array([[1, -1], [0, 1]]),
        np.array([[1], [3]]),
        np.array([2]),
        np.array([0, -7]),
        square,
    )
    assert found["a"].tolist() == [1, 1]  # -1 + 2 + 0 and 2 + 6 - 7
    assert found["z"].tolist() == [1, 1]


def test_the_sigmoid_net_is_at_one_half_where_its_pre_activation_is_zero():
    found = active.sigmoid_forward(
        np.array([1, 1]),
        np.array([[1, -1], [3, 0]]),
        np.array([[0], [2]]),
        np.array([-1]),
        np.array([0, -1]),
    )
    assert found["a"].tolist() == [0, 0]  # 1 - 1 + 0 + 0 and 3 + 0 - 2 - 1
    assert found["sigmoid_state"].tolist() == [0.5, 0.5]


def test_two_steps_go_through_the_state_between_them():
    found = active.two_forward(np.array([1, 0]), np.array([[1, -1], [2, 0]]), square)
    assert (found["z1"].tolist(), found["a2"].tolist()) == ([1, 4], [-3, 2])
    assert found["z2"].tolist() == [9, 4]


def test_the_three_ways_to_limit_a_gradient():
    found = clipped.clip_forward(np.array([3.0, 4.0]), 1.0)
    assert found["by_norm"] == pytest.approx([0.6, 0.8])
    assert found["by_entry"].tolist() == [1, 1]
    assert clipped.clip_forward(np.array([3.0, 4.0]), 10.0)["by_norm"].tolist() == [3, 4]
    assert clipped.clip_forward(np.array([3.0, 4.0]), 10.0)["fixed_norm"].tolist() == [6, 8]


def cell_of_width_one(candidate, forget):
    """The weights of a cell in which only the candidate and the forget gate read the old states."""
    nothing = [np.zeros((1, 1)), np.zeros((1, 1)), np.zeros(1)]
    return [
        *[np.zeros((1, 1)), np.zeros((1, 1)), np.array([forget])],
        *nothing,
        *[np.array([[candidate]]), np.zeros((1, 1)), np.zeros(1)],
        *nothing,
    ]


def test_a_cell_forgets_adds_and_shows():
    weights = cell_of_width_one(2.0, 5.0)
    found = lstm.cell_forward(
        np.array([4.0]), np.array([3.0]), np.array([9.0]), *weights, lambda u: u / 10, lambda u: u
    )
    # The gates are 5/10 for forgetting and 0 for the others; the candidate is 2 times 3.
    assert (found["f_s"], found["i_s"], found["g_s"]) == (0.5, 0, 6)
    assert (found["c_s"], found["h_s"]) == (2, 0)


def test_the_exploding_cell_has_the_jacobian_of_the_text():
    weights = cell_of_width_one(6.0, 0.0)
    origin = (np.zeros(1), np.zeros(1))
    values = lstm.cell_forward(*origin, np.zeros(1), *weights, lstm.logistic, np.tanh)
    assert lstm.step_jacobian(weights, origin, values).tolist() == [[0.5, 3], [0.25, 1.5]]


def test_a_gradient_with_all_factors_on_one_side_is_refused():
    t, A, zt, z0 = linear.steps, linear.A, linear.zt, linear.z0
    one_sided = t * linear.power(A.T, t - 1) @ grad(zt) @ z0.T
    with pytest.raises(ClaimError, match=r"line 1 \(commuted\)"):
        checked(chain("wrong", linear.linear, grad(A), (one_sided, "commuted")))


def test_the_norm_of_the_sheet_is_refused_as_a_bound():
    left = linear.norm(grad(linear.A))
    start = linear.norm(linear.power(linear.A, linear.steps - 1) @ linear.z0)
    right = linear.number(linear.steps) * linear.norm(grad(linear.zt)) * start
    with pytest.raises(ClaimError, match="the bound does not hold"):
        checked(bound("wrong", linear.linear, left, right, tight={}))


def test_a_smaller_constant_than_one_quarter_is_refused_for_the_sigmoid():
    left = active.spectral_norm(active.jac(active.sigmoid_state, active.z_prev))
    right = active.sp.Rational(1, 5) * active.spectral_norm(active.W)
    quiet = dict.fromkeys((active.z_prev, active.x, active.b), active.nowhere)
    with pytest.raises(ClaimError, match="the bound does not hold"):
        checked(bound("wrong", active.sigmoid_step, left, right, tight=quiet))


def test_the_direct_path_alone_is_refused():
    alone = linear.diag(lstm.GATE_2["f"] * lstm.GATE_1["f"])
    with pytest.raises(ClaimError, match=r"line 1 \(direct\)"):
        checked(chain("wrong", lstm.two, jac(lstm.c_2, lstm.c_0), (alone, "direct")))


def test_a_relu_state_that_stays_would_be_refused():
    still = active.literal([1, 0])
    step = active.relu(active.literal([[2, 4], [-1, -2]]) @ still)
    with pytest.raises(ClaimError, match="is false"):
        checked(counterexample("wrong", relation(step, "=", still)))


def test_small_cells_are_ruled_by_the_direct_path_and_the_product_of_jacobians_is_exact():
    direct, other, error = lstm.path_norms(np.random.default_rng(5), 0.1, 0.0)
    assert np.all(direct > other)
    assert error < 1e-12
    assert np.all(direct < 0.2)  # six forget gates near one half, on three units


def test_a_cell_without_recurrent_weights_has_nothing_but_the_direct_path():
    weights = lstm.draw_weights(np.random.default_rng(2), 1.0, 0.0)
    for k in (0, 3, 6, 9):
        weights[k] = zero(weights[k])
    states = [np.ones(lstm.WIDTH), np.ones(lstm.WIDTH)]
    found, direct, _ = lstm.through_cells(weights, states, np.ones((3, lstm.INPUTS)))
    assert found[: lstm.WIDTH, : lstm.WIDTH] == pytest.approx(np.diag(direct))


def test_the_audit_says_that_questions_4_and_5_cannot_be_recovered():
    found = {row.question: row for row in taught.AUDIT if row.question in ("003.4", "003.5")}
    assert sorted(found) == ["003.4", "003.5"]
    assert all(row.verdict == "not-decidable" for row in found.values())
    assert all("cannot be recovered" in row.reason for row in found.values())
