"""The graph convolution: its code on a graph small enough for paper, and what must be refused."""

import numpy as np
import pytest
from author import checked
from taught import module_of

from solutionset.authoring import chain, grad
from solutionset.errors import ClaimError

taught = module_of("math5467_hw4", "graph_convolution")


def test_each_node_gets_the_weighted_features_of_the_nodes_it_listens_to():
    # Node 1 listens to node 2 alone, node 2 to both.
    graph, features = np.array([[0, 1], [1, 1]]), np.array([[1, 2, 0], [3, -1, 1]])
    weights = np.array([[1, 0], [0, 1], [2, -1]])
    found = taught.forward(graph, features, weights, lambda z: z**2)
    # The second node has (3, -1, 1), times the weights (5, -2); both together (4, 1, 1), or (6, 0).
    assert found["Z"].tolist() == [[5, -2], [6, 0]]
    assert found["H"].tolist() == [[25, 4], [36, 0]]


def test_the_formula_for_undirected_graphs_is_refused_on_a_directed_one():
    bracket = grad(taught.H) * taught.sigma.prime(taught.Z)
    with pytest.raises(ClaimError, match=r"line 1 \(symmetry assumed\)"):
        checked(
            chain(
                "wrong",
                taught.layer,
                grad(taught.H_prev),
                (taught.A @ bracket @ taught.W.T, "symmetry assumed"),
            )
        )


def test_one_layer_hands_the_gradient_of_the_middle_node_to_its_four_neighbours_alone():
    norms = taught.gradient_norms(taught.grid(loops=False), 1, np.random.default_rng(5))
    assert np.argwhere(norms).tolist() == [[3, 4], [4, 3], [4, 5], [5, 4]]


def test_the_columns_of_a_matrix_are_stacked_from_left_to_right():
    stacked = taught.stacked(taught.sp.Matrix([[1, 3], [2, 4]]))
    assert [int(row[0]) for row in stacked.rows] == [1, 2, 3, 4]
