"""Elimination of indices: factors that stand at a row and a column meet until few are left.

Nodes over the same indices merge entrywise, a bound index shared by two becomes a product, one that
stands alone a product with ones.
"""

from dataclasses import dataclass

from solutionset.calculus.matrix import (
    Applied,
    Diag,
    Identity,
    Mat,
    Ones,
    Sym,
    hadamard,
    product,
    transposed,
)
from solutionset.calculus.nodes import Trace
from solutionset.calculus.tensors import Gradient, Index
from solutionset.calculus.trees import walk


@dataclass(frozen=True)
class Node:
    """A matrix expression standing at a row and a column index; None for a dimension of one."""

    mat: Mat
    row: Index | None
    col: Index | None

    @property
    def indices(self) -> tuple[Index, ...]:
        """The indices it carries, row first."""
        return tuple(i for i in (self.row, self.col) if i is not None)

    @property
    def flipped(self) -> "Node":
        """The transpose at exchanged indices."""
        return Node(transposed(self.mat), self.col, self.row)

    def with_row(self, row: Index | None) -> Mat:
        """The matrix oriented so that this index counts its rows."""
        return self.mat if self.row == row else transposed(self.mat)


def _uses(nodes: list[Node], index: Index) -> list[Node]:
    return [node for node in nodes if index in node.indices]


def _without(nodes: list[Node], gone: tuple[Node, ...], new: Node) -> list[Node]:
    """Replace nodes by one that stands where the first of them stood."""
    position = min(position_of(nodes, node) for node in gone)
    rest = [node for node in nodes if not any(node is g for g in gone)]
    return [*rest[:position], new, *rest[position:]]


def position_of(nodes: list[Node], node: Node) -> int:
    """Where this very node stands."""
    return next(k for k, other in enumerate(nodes) if other is node)


def merge(nodes: list[Node], bound: set[Index]) -> list[Node] | None:
    """Multiply entrywise two nodes over the same indices, unless they are a pair to be summed."""
    for k, one in enumerate(nodes):
        for other in nodes[k + 1 :]:
            if not one.indices or set(one.indices) != set(other.indices):
                continue
            if len(one.indices) != len(other.indices):
                continue  # a diagonal entry B_kk beside x_k
            if _only_pair(nodes, bound, one):
                continue
            mat = hadamard(*upstream_first(one.mat, other.with_row(one.row)))
            return _without(nodes, (one, other), Node(mat, one.row, one.col))
    return None


def upstream_first(*mats: Mat) -> list[Mat]:
    """The factors of an entrywise product as they are written: gradients of the loss first."""
    return sorted(mats, key=lambda m: 0 if has_upstream(m) else 2 if isinstance(m, Applied) else 1)


def has_upstream(mat: Mat) -> bool:
    """Whether a gradient of the loss occurs in it."""
    return any(isinstance(n, Sym) and isinstance(n.leaf, Gradient) for n in walk(mat))


def _only_pair(nodes: list[Node], bound: set[Index], one: Node) -> bool:
    return all(i in bound and len(_uses(nodes, i)) == 2 for i in one.indices)


def eliminate(nodes: list[Node], bound: set[Index]) -> list[Node] | None:
    """Sum out one bound index: first those next to a vector, then products of matrices."""
    live = sorted((i for i in bound if _uses(nodes, i)), key=lambda i: (len(i.name), i.name))
    for vectors_only in (True, False):
        for index in live:
            users = _uses(nodes, index)
            if len(users) > 2 or (vectors_only and all(n.col is not None for n in users)):
                continue
            new = _summed(users, index)
            if new is not None:
                return _without(nodes, tuple(users), new)
    return None


def _summed(users: list[Node], index: Index) -> Node | None:
    if len(users) == 1:
        (node,) = users
        if node.row == node.col:
            return Node(Trace(node.mat), None, None)
        left = node if node.col == index or node.col is None else node.flipped
        if left.col is None:
            return Node(product(transposed(Ones(index.dim)), left.mat), None, None)
        return _column(Node(product(left.mat, Ones(index.dim)), left.row, None))
    one, other = users
    if one.row == one.col or other.row == other.col:
        return None
    if set(one.indices) == set(other.indices) and len(one.indices) == 2:
        left = one if one.row == index else one.flipped
        return Node(Trace(product(transposed(left.mat), other.with_row(left.row))), None, None)
    return _multiplied(one, other, index)


def _multiplied(one: Node, other: Node, index: Index) -> Node:
    """The product over a shared index; a vector ends up as a column."""
    if one.col is None and other.col is None:
        if has_upstream(other.mat) and not has_upstream(one.mat):
            one, other = other, one
        return Node(product(transposed(one.mat), other.mat), None, None)
    if one.col is None:
        one, other = other, one
    left = one if one.col == index else one.flipped
    right = other if other.row == index else other.flipped
    return _column(Node(product(left.mat, right.mat), left.row, right.col))


def _column(node: Node) -> Node:
    return node.flipped if node.row is None and node.col is not None else node


def scale(nodes: list[Node], bound: set[Index]) -> list[Node] | None:
    """A vector on a bound index that three nodes share scales one of the matrices."""
    for node in nodes:
        if node.row is None or node.col is not None or node.row not in bound:
            continue
        for other in _uses(nodes, node.row):
            if other is not node and other.col is not None and other.row != other.col:
                left = other if other.col == node.row else other.flipped
                scaled_mat = product(left.mat, Diag(node.mat))
                return _without(nodes, (node, other), Node(scaled_mat, left.row, left.col))
    return None


def main_diagonal(nodes: list[Node]) -> list[Node] | None:
    """A diagonal entry B_kk, whose sum is no trace: the column of all of them, (B o I) 1."""
    for node in nodes:
        if node.row is not None and node.row == node.col:
            column = product(hadamard(node.mat, Identity(node.row.dim)), Ones(node.row.dim))
            return _without(nodes, (node,), Node(column, node.row, None))
    return None
