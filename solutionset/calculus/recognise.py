"""From index expressions to matrix form: eliminate bound indices until one matrix is left.

Each factor of a term becomes a node with a row and a column index. Nodes over the same indices
merge entrywise, a bound index shared by two nodes becomes a product, one that stands alone becomes
a product with ones. What cannot be eliminated raises `NoMatrixForm` with the stuck indices. The
result is expanded again and compared in normal form, so a wrong recognition cannot leave this
module.
"""

from collections.abc import Iterable
from enum import StrEnum
from itertools import count

import sympy as sp

from solutionset.calculus.assumptions import Assumption, Property
from solutionset.calculus.contraction import contract
from solutionset.calculus.elimination import (
    Node,
    eliminate,
    main_diagonal,
    merge,
    position_of,
    scale,
    upstream_first,
)
from solutionset.calculus.expressions import (
    Apply,
    Atom,
    Delta,
    Entry,
    Expr,
    Group,
    Term,
    atom_indices,
)
from solutionset.calculus.factoring import factored
from solutionset.calculus.indexing import to_index
from solutionset.calculus.matrix import (
    Applied,
    Diag,
    Hadamard,
    Identity,
    Mat,
    One,
    Ones,
    Power,
    Product,
    ShapeError,
    Sym,
    add,
    hadamard,
    product,
    scalar_times,
    scaled,
    transposed,
)
from solutionset.calculus.nodes import Head, Inverse, MatrixPower, Measure
from solutionset.calculus.normal import equivalent
from solutionset.calculus.tensors import (
    CalculusError,
    Determinant,
    Index,
    Inverted,
    Leaf,
    Powered,
)
from solutionset.calculus.trees import substitute


class NoMatrixForm(CalculusError):
    """The expression has no form in products, transposes and entrywise products."""


class Style(StrEnum):
    """How a vector that scales rows or columns is written."""

    HADAMARD = "hadamard"
    DIAG = "diag"


def matrix_form(
    expr: Expr, row: Index | None, col: Index | None, style: Style = Style.HADAMARD
) -> Mat:
    """Return the matrix whose entry (row, col) is the expression.

    Raises `NoMatrixForm` where there is none, with the indices that could not be eliminated.
    """
    expr = contract(expr)
    if not expr.terms:
        raise NoMatrixForm("the expression is zero", advice="check what depends on what")
    ordered = sorted(expr.terms, key=lambda term: term.coefficient.could_extract_minus_sign())
    mats = [_term_form(term, row, col, style) for term in ordered]
    result = factored(add(*mats)) if len(mats) > 1 else mats[0]
    if not equivalent(contract(to_index(result, row, col)), expr):
        raise NoMatrixForm("the matrix form found does not expand to the expression again")
    return result


def _term_form(term: Term, row: Index | None, col: Index | None, style: Style) -> Mat:
    nodes: list[Node] = []
    coefficient = term.coefficient
    for atom, exponent in term.factors:
        nodes.append(_node(atom, exponent, style))
    bound = set(term.bound)
    if style is Style.DIAG:
        nodes = _split_diagonals(nodes, bound)
    while True:
        step = merge(nodes, bound) or eliminate(nodes, bound) or scale(nodes, bound)
        step = step or main_diagonal(nodes)
        if step is None:
            break
        nodes = step
    return scaled(coefficient, _assemble(nodes, bound, row, col, style))


# ---------------------------------------------------------------------------------- nodes


def _node(atom: Atom, exponent: sp.Expr, style: Style) -> Node:
    base: Mat
    match atom:
        case Entry():
            indices = atom.indices
            base = _matrix_of(atom.leaf)
            if len(indices) > 2:
                stuck = ", ".join(i.name for i in indices)
                raise NoMatrixForm(f"{atom.leaf.name} has {len(indices)} axes", got=stuck)
            _ = base.shape
        case Delta():
            return Node(Identity(atom.first.dim), atom.first, atom.second)
        case Apply():
            indices = _distinct(atom)
            base = Applied(atom.function, _inner(atom.argument, indices, style))
        case Group():
            indices = _distinct(atom)
            base = _inner(atom.body, indices, style)
    mat = base if exponent == 1 else Power(base, exponent)
    padded = (*indices, None, None)
    return Node(mat, padded[0], padded[1])


def _matrix_of(leaf: Leaf) -> Mat:
    match leaf:
        case Inverted():
            return Inverse(Sym(leaf.of))
        case Determinant():
            return Head(Measure.DET, Sym(leaf.of))
        case Powered():
            return MatrixPower(Sym(leaf.of), leaf.exponent)
        case _:
            return Sym(leaf)


def _distinct(atom: Atom) -> tuple[Index, ...]:
    indices = tuple(dict.fromkeys(atom_indices(atom)))
    if len(indices) > 2:
        names = ", ".join(i.name for i in indices)
        raise NoMatrixForm("a function of three indices has no matrix form", got=names)
    return indices


def _inner(expr: Expr, indices: tuple[Index, ...], style: Style) -> Mat:
    """The form of what a function is applied to, in which no sum may stand, so no diagonal."""
    for term in expr.terms:
        for atom, _ in term.factors:
            if isinstance(atom, Entry) and len(set(atom.indices)) < len(atom.indices):
                raise _stuck([atom.indices[0].name])
    padded = (*indices, None, None)
    return matrix_form(expr, padded[0], padded[1], style)


def _split_diagonals(nodes: list[Node], bound: set[Index]) -> list[Node]:
    """Write a function of a vector that scales an index as a diagonal matrix on that index."""
    numbers = count()
    result = list(nodes)
    for position in range(len(result)):
        node = result[position]
        index = node.row
        if index is None or node.col is not None or not _is_function(node.mat):
            continue
        others = [n for n in result if n is not node and index in n.indices]
        if any(isinstance(other.mat, Identity) for other in others):
            continue
        # The diagonal needs a second place for its index: another node beyond the first, or the
        # output if the index is free.
        if len(others) < (2 if index in bound else 1):
            continue
        twin = Index(f"%{next(numbers)}", index.dim)
        moved = others[-1] if index in bound else None
        result[position] = Node(Diag(node.mat), index, twin)
        for other in [moved] if moved is not None else others:
            result[position_of(result, other)] = _renamed(other, index, twin)
        bound.add(twin)
    return result


def _renamed(node: Node, old: Index, new: Index) -> Node:
    row = new if node.row == old else node.row
    return Node(node.mat, row, new if node.col == old else node.col)


def _is_function(mat: Mat) -> bool:
    return any(isinstance(part, Applied | Power) for part in (mat,))


# ----------------------------------------------------------------------------------- assembly


def _assemble(
    nodes: list[Node], bound: set[Index], row: Index | None, col: Index | None, style: Style
) -> Mat:
    stuck = sorted(
        {
            i.name
            for n in nodes
            for i in n.indices
            if i in bound or i not in (row, col) or (n.row == n.col and n.col is not None)
        }
    )
    if stuck:
        raise _stuck(stuck)
    scalars = [n.mat for n in nodes if not n.indices]
    rows = [n.mat for n in nodes if n.indices == (row,) and row is not None]
    cols = [n.mat for n in nodes if n.indices == (col,) and col is not None]
    full = [n.with_row(row) for n in nodes if len(n.indices) == 2]
    body = _body(rows, cols, full, row, col, style)
    for scalar in scalars:
        body = scalar_times(scalar, body)
    return body


def _stuck(names: list[str]) -> NoMatrixForm:
    return NoMatrixForm(
        "no matrix form exists",
        got=f"stuck at the indices {', '.join(names)}",
        advice="keep the index form, or name an intermediate quantity with define(...)",
    )


def _body(
    rows: list[Mat],
    cols: list[Mat],
    full: list[Mat],
    row: Index | None,
    col: Index | None,
    style: Style,
) -> Mat:
    if row is None and col is None:
        return One()
    if row is not None and col is None:
        return hadamard(*rows) if rows else Ones(row.dim)
    if row is None or col is None:
        raise ShapeError("a row of its own", advice="ask for the column and transpose it")
    if (rows or cols) and len(full) == 1 and isinstance(full[0], Identity):
        return _diagonal(hadamard(*rows, *cols))
    if full and style is Style.DIAG:
        left = [Diag(hadamard(*rows))] if rows else []
        right = [Diag(hadamard(*cols))] if cols else []
        return product(*left, hadamard(*full), *right)
    if full and not rows and not cols:
        return hadamard(*full)
    outer = product(
        hadamard(*rows) if rows else Ones(row.dim),
        transposed(hadamard(*cols) if cols else Ones(col.dim)),
    )
    return hadamard(*upstream_first(*full), outer) if full else outer


def _diagonal(column: Mat) -> Mat:
    """The diagonal matrix with this column; of the diagonal of B it is B o I."""
    match column:
        case Product(factors=(Hadamard(factors=(_, Identity())) as masked, Ones())):
            return masked
    return Diag(column)


def gradient_form(
    expr: Expr,
    indices: tuple[Index, ...],
    style: Style,
    assumptions: Iterable[Assumption] = (),
    *,
    as_row: bool = False,
) -> Mat:
    """The matrix form of an expression with zero, one or two free indices.

    One index is that of a column, or with `as_row` of a row, as in the Jacobian of a number. A
    matrix that is assumed symmetric is written without its transpose.
    """
    if len(indices) > 2:
        names = ", ".join(i.name for i in indices)
        raise NoMatrixForm(f"{len(indices)} free indices", got=names)
    row, col, *_ = (*indices, None, None)
    form = matrix_form(expr, row, col, style)
    if as_row:
        form = transposed(form)
    for assumption in assumptions:
        if assumption.holds is Property.SYMMETRIC:
            matrix = Sym(assumption.tensor)
            form = substitute(form, transposed(matrix), matrix)
            form = substitute(form, transposed(Inverse(matrix)), Inverse(matrix))
    return form
