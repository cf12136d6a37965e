"""The PyTorch twin: with PyTorch it is run, without it the record stands in; what is refused."""

import json
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from author import checked
from taught import module_of

from solutionset.authoring import chain, trace
from solutionset.errors import ClaimError
from solutionset.model import Standing

taught = module_of("uva_dl1", "pytorch_mlp")
twin, differences = taught._twin, taught._differences
needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed")


def claim_of(recording):
    """The claim on the twin, with another recording."""
    claims = {claim.head.name: claim for claim in taught.solve().claims}
    return replace(claims["twin"], recording=recording)


@needs_torch
def test_pytorch_finds_what_is_recorded():
    verdict = checked(claim_of(taught.twin)).verdict
    assert verdict.standing is Standing.VERIFIED
    assert verdict.second_opinions == ("torch",)


@needs_torch
def test_pytorch_has_the_weights_a_row_for_each_output():
    import torch

    parameters = [np.arange(6.0).reshape(2, 3), np.ones(2), np.ones((4, 2)), np.zeros(4)]
    model = twin.model_of(torch, parameters, torch.float64)
    first, _, second = model
    assert first(torch.tensor([[1.0, 0, 0]], dtype=torch.float64)).tolist() == [[1, 4]]
    assert (first.in_features, first.out_features) == (3, 2)
    assert (second.in_features, second.out_features) == (2, 4)


@needs_torch
def test_a_wrong_gradient_leaves_pytorch_at_the_first_step(monkeypatch):
    import torch

    class Broken(twin.Network):
        def __init__(self, parameters):
            super().__init__(parameters, activation=taught._mistakes.SlopeDropped)

    monkeypatch.setitem(twin.side_by_side.__globals__, "Network", Broken)
    _, apart, _ = twin.side_by_side(torch, torch.float64)
    assert apart[0] > 1e-3


def test_without_pytorch_the_record_stands_in(monkeypatch):
    absent = replace(taught.twin, package="a_package_that_nobody_has")
    monkeypatch.setitem(taught.compare.__globals__, "twin", absent)
    assert checked(claim_of(absent)).verdict.standing is Standing.RECORDED


def test_the_record_belongs_to_the_code_weights_and_data_of_today():
    assert json.loads(taught.twin.file.read_text())["key"] == taught.twin.key


def test_a_record_of_other_weights_is_refused(monkeypatch):
    other = replace(taught.twin, data=lambda: [np.zeros(3)], package="a_package_that_nobody_has")
    monkeypatch.setitem(taught.compare.__globals__, "twin", other)
    with pytest.raises(ClaimError, match="the record belongs to other code, weights or data"):
        checked(claim_of(other))


def test_the_recorded_run_agrees_to_rounding_at_every_step():
    numbers = json.loads(taught.twin.file.read_text())["numbers"]
    assert [len(numbers[name]) for name in ("losses", "apart", "single_apart")] == [100] * 3
    assert max(numbers["apart"]) < 1e-13
    assert 1e-9 < max(numbers["single_apart"]) < 1e-5


def test_the_loss_in_one_equals_that_of_two_modules_on_numbers_for_paper():
    found = taught.loss_forward(np.log([[1.0, 2, 5], [3, 3, 2]]), np.array([[0, 0, 1], [1, 0, 0]]))
    assert found["ell"] == pytest.approx(np.log(64 / 15) / 2)
    assert found["G"][0] == pytest.approx(np.log([1 / 8, 1 / 4, 5 / 8]))


def test_a_loss_without_the_mean_is_refused():
    with pytest.raises(ClaimError, match="is not what the oracle computes"):
        checked(chain("wrong", taught.loss, taught.L, (-trace(taught.T.T @ taught.G), "a sum")))


def test_another_order_of_summation_is_rounding_and_other_batches_are_not():
    distances = differences.distances()
    assert distances["reversed"][0].max() < 1e-13
    assert distances["batches"][0].min() > 1e-3


def test_the_sheets_gap_in_standard_errors():
    # sqrt(0.4988 * 0.5012 + 0.4789 * 0.5211) per cent of a hundredth is 0.7068; 1.99 / 0.7068.
    measured = differences.two_seeds(None)
    assert measured["sheet_error"].value == pytest.approx(0.70679, abs=1e-5)
    assert measured["sheet_errors"].value == pytest.approx(2.8155, abs=1e-4)
