"""Points: what data are drawn, and which mistakes of an author's `forward` are refused."""

from pathlib import Path

import numpy as np
import pytest
from author import checked

from solutionset.authoring import Computation, define, dim, elementwise, gradient, matrix, vector
from solutionset.calculus.tensors import Gradient
from solutionset.errors import AuthorError, ClaimError
from solutionset.verification.drawing import draw_points
from solutionset.verification.oracles import relative_error

n, m = dim("n"), dim("m")
x, W = vector("x", n), matrix("W", m, n)
sigma = elementwise("sigma")
z = define("z", W @ x)
y = define("y", sigma(z))


def right(W, x, sigma):
    return {"z": W @ x, "y": sigma(W @ x)}


def layer(forward):
    return Computation("layer", definitions=(z, y), forward=forward)


def claim(forward):
    return checked(gradient("dx", layer(forward), of=z, wrt=x))


def test_dimensions_get_distinct_sizes_of_at_least_two():
    for point in draw_points(layer(right), ("p",), tuple(range(8))):
        sizes = list(point.sizes.values())
        assert len(set(sizes)) == len(sizes)
        assert min(sizes) >= 2


def test_a_point_depends_on_its_name_and_seed_alone():
    first, second = (draw_points(layer(right), ("p",), (4,))[0] for _ in range(2))
    assert np.array_equal(first.given[W.leaf], second.given[W.leaf])
    other = draw_points(layer(right), ("q",), (4,))[0]
    assert not np.array_equal(first.given[W.leaf], other.given[W.leaf])


def test_the_upstream_gradient_is_random_and_not_all_ones():
    point = draw_points(layer(right), ("p",), (0,))[0]
    assert np.ptp(point.leaf(Gradient(y.leaf))) > 0.1


def test_both_routes_to_a_gradient_agree():
    point = draw_points(layer(right), ("p",), (0,))[0]
    by_forward, _ = point.oracle_gradient(x.leaf)
    assert relative_error(by_forward, point.gradient(x.leaf)) < 1e-14


def test_a_wrong_definition_is_seen_before_any_derivative():
    with pytest.raises(ClaimError, match="definition of z and forward disagree"):
        claim(lambda W, x, sigma: {"z": 2 * (W @ x), "y": sigma(2 * (W @ x))})


def test_a_forward_of_the_wrong_shape_is_refused_with_both_shapes():
    with pytest.raises(AuthorError, match="forward returns z in a wrong shape") as caught:
        claim(lambda W, x, sigma: {"z": (W @ x)[:, None], "y": sigma(W @ x)})
    assert caught.value.wanted.endswith("that is m")


def test_a_forward_that_returns_nan_is_refused():
    with pytest.raises(AuthorError, match="forward returns y with NaN or infinity"):
        claim(lambda W, x, sigma: {"z": W @ x, "y": np.nan * sigma(W @ x)})


def test_a_forward_that_returns_an_unknown_name_is_refused():
    with pytest.raises(AuthorError, match="'zz', which is not defined"):
        claim(lambda W, x, sigma: {"zz": W @ x, "y": sigma(W @ x)})


def test_a_forward_that_leaves_the_root_out_is_refused():
    with pytest.raises(AuthorError, match="forward does not return y"):
        claim(lambda W, x, sigma: {"z": W @ x})


def test_a_forward_that_raises_is_an_error_of_the_authors_file():
    with pytest.raises(AuthorError, match="forward of layer raises ValueError") as caught:
        claim(lambda W, x, sigma: sigma(x @ W))
    assert caught.value.place.path == Path(__file__)


def test_a_parameter_that_nothing_is_called_is_refused():
    with pytest.raises(AuthorError, match="a parameter 'V' that nothing here is called"):
        layer(lambda W, V, sigma: W)


def test_a_forward_that_does_not_take_a_given_tensor_is_refused():
    with pytest.raises(AuthorError, match="does not take x"):
        layer(lambda W, sigma: W)


def test_code_that_is_not_analytic_falls_back_to_differences_and_says_so():
    r = define("r", z.T @ z)
    length = Computation(
        "length", definitions=(z, r), loss=r, forward=lambda W, x: np.linalg.norm(W @ x) ** 2
    )
    verdict = checked(gradient("dx", length, of=z, wrt=x)).verdict
    assert verdict.oracle == "central-difference"
    assert verdict.tolerance == 1e-6


def test_an_analytic_forward_is_judged_by_the_complex_step():
    assert claim(right).verdict.oracle == "complex-step"
