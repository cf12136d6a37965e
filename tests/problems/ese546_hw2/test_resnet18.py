"""ResNet-18: layers and modes on numbers for paper, and what must be refused."""

import inspect
from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec

import numpy as np
import pytest
from author import checked
from taught import ROOT, module_of

from solutionset.authoring import Quoted, chain, expectation, grad, ones
from solutionset.errors import ClaimError

taught = module_of("ese546_hw2", "resnet18")
norm, shift, tables = taught._resnet_norm, taught._resnet_shift, taught._resnet_tables
BATCH = np.array([0.0, 2, 3, 4, 6])


def normalised(**changes):
    given = {"x": BATCH, "a": 0.0, "gamma": 1.0, "beta": 0.0, "epsilon": 0.0, **changes}
    return norm.train_forward(**given)


# ------------------------------------------------------------------------------- both modes


def test_training_divides_the_deviations_from_the_mean_3_by_the_deviation_2():
    assert normalised()["normal"].tolist() == [-1.5, -0.5, 0, 0.5, 1.5]
    assert normalised(gamma=3.0, beta=1.0)["y"].tolist() == [-3.5, -0.5, 1, 2.5, 5.5]


def test_training_does_not_see_a_bias():
    assert normalised(a=7.0)["normal"].tolist() == [-1.5, -0.5, 0, 0.5, 1.5]


def test_evaluation_uses_the_running_mean_2_and_variance_9_and_sees_a_bias():
    given = {"x": BATCH, "r": 2.0, "t": 9.0, "gamma": 3.0, "beta": 0.0, "epsilon": 0.0}
    assert norm.use_forward(a=0.0, **given)["y_use"].tolist() == [-2, 0, 1, 2, 4]
    assert norm.use_forward(a=1.0, **given)["y_use"].tolist() == [-1, 1, 2, 3, 5]


def test_the_running_mean_goes_half_of_the_way_from_1_to_3():
    found = norm.update_forward(BATCH, 0.0, 1.0, 0.5)
    assert (found["r_next"], found["gap"]) == (2, -1)


def test_dropout_of_the_first_of_two_units_with_probability_one_third():
    third = Fraction(1, 3)
    found = taught.dropout_forward(np.array([6, 3]), np.array([1, 0]), third)
    assert found["classical"].tolist() == [0, 3]
    assert found["inverted"].tolist() == [0, Fraction(9, 2)]
    assert found["noise"].tolist() == [-6, Fraction(3, 2)]


def test_statistics_taken_for_constants_are_refused():
    with pytest.raises(ClaimError, match=r"line 1 \(constants\)"):
        checked(chain("wrong", norm.train, grad(norm.z), (grad(norm.normal) / norm.s, "constants")))


def test_classical_dropout_without_a_factor_in_evaluation_is_refused():
    with pytest.raises(ClaimError, match="not what the oracle computes"):
        checked(
            expectation(
                "wrong",
                taught.drops,
                taught.classical,
                1 * taught.h,
                mask=taught.D,
                probability=taught.p,
            )
        )


# --------------------------------------------------------------------------------- counting


def test_a_three_by_three_window_with_step_two_and_padding_one_has_four_places_on_eight():
    # It begins at -1, 1, 3 and 5.
    assert tables.map_sizes(tables.LISTED[:2], 16) == {"": 16, "conv1": 8, "maxpool": 4}


def test_the_first_convolution_has_64_windows_of_7_by_7_on_3_channels():
    first = tables.LISTED[0]
    assert tables.weights(first) == 64 * 3 * 49 == 9408
    assert tables.norm_numbers(first) == 128


def test_a_block_that_narrows_the_map_adds_its_shortcut():
    nodes = {name: sources for name, _, sources in tables.wiring(tables.LISTED)}
    assert nodes["layer1.0.sum"] == ("layer1.0.bn2", "maxpool")
    assert nodes["layer2.0.sum"] == ("layer2.0.bn2", "layer2.0.downsample.1")


def test_the_list_of_layers_makes_62_tensors_under_the_names_of_pytorch():
    names = [name for name, _ in tables.named_parameters(tables.LISTED)]
    assert len(names) == len(set(names)) == 62
    assert names[:3] == ["conv1.weight", "bn1.weight", "bn1.bias"]
    assert names[-2:] == ["fc.weight", "fc.bias"]


def test_the_printed_total_is_refused_as_right():
    table = tables.part_table()
    *cells, printed = table.total
    right = replace(table, total=(*cells, Quoted(printed.printed, printed.true)))
    with pytest.raises(ClaimError, match="for all is off by another number"):
        checked(right)


def test_a_tree_of_pytorch_modules_counts_the_same_where_it_is_installed():
    opinions = checked(tables.layer_table()).verdict.second_opinions
    assert opinions == (("torch",) if find_spec("torch") else ())


# ------------------------------------------------------------------------ biases and groups


def test_a_shift_moves_into_the_bias_as_weights_times_shift():
    weights, moved = np.array([[1, 2, 0], [0, 1, -1]]), np.array([1, 2, 3])
    found = taught.shift_forward(np.array([[1, 1, 1]]), weights, np.array([0, 0]), moved)
    assert found["X_b"].tolist() == [[0, -1, -2]]
    assert found["Z_b"].tolist() == found["Z"].tolist() == [[3, 0]]


def test_three_points_on_a_line_are_fitted_with_half_the_slope_at_every_shift():
    biases = [shift.fitted(moved, free=True).T.tolist()[0] for moved in (0, 3, -2)]
    half = Fraction(1, 2)
    assert biases == [[half, 1], [half, 5 * half], [half, 0]]


def test_a_bias_with_the_opposite_sign_is_refused():
    wrong = taught.X_b @ taught.W.T + ones(taught.n) @ (taught.c - taught.W @ taught.b).T
    with pytest.raises(ClaimError, match=r"line 1 \(sign\)"):
        checked(chain("wrong", taught.shifted, taught.Z_b, (wrong, "sign")))


def test_the_groups_hold_every_tensor_once_and_only_weights_decay():
    named = [(name, name) for name, _ in tables.named_parameters(tables.LISTED)]
    decayed, free = tables.parameter_groups(named, 0.1)
    assert (decayed["weight_decay"], free["weight_decay"]) == (0.1, 0.0)
    assert (len(decayed["params"]), len(free["params"])) == (21, 41)
    assert set(decayed["params"]).isdisjoint(free["params"])
    assert "fc.bias" in free["params"]
    assert "layer2.0.downsample.1.weight" in free["params"]
    assert "layer2.0.downsample.0.weight" in decayed["params"]


def test_the_code_in_the_document_is_the_code_that_is_tested():
    template = (ROOT / "templates" / "ese546_hw2" / "resnet18.tex").read_text(encoding="utf-8")
    shown = template.split("\\begin{verbatim}\n")[1].split("\\end{verbatim}")[0]
    sources = (tables.parameter_groups, tables.group_of)
    assert shown == "\n".join(inspect.getsource(one) for one in sources)
