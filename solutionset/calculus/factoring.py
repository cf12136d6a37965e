"""Taking common factors out of a sum of matrices, as one would on the board."""

import sympy as sp

from solutionset.calculus.matrix import (
    Add,
    Hadamard,
    Mat,
    Ones,
    Product,
    ScalarTimes,
    Scaled,
    Transposed,
    add,
    hadamard,
    product,
    scalar_times,
    scaled,
)


def factored(node: Mat) -> Mat:
    """Take out a common number, a common scalar, entrywise, left or right factor."""
    if not isinstance(node, Add):
        return node
    for attempt in (_number, _scalar, _entrywise, _left, _right):
        found = attempt(node.terms)
        if found is not None:
            return found
    return node


def _split(term: Mat) -> tuple[sp.Expr, Mat]:
    return (term.coefficient, term.body) if isinstance(term, Scaled) else (sp.Integer(1), term)


def _number(terms: tuple[Mat, ...]) -> Mat | None:
    """(2 X - 2 Y) becomes 2 (X - Y); a sign alone is not worth a bracket."""
    first = _split(terms[0])[0]
    if first in (1, -1):
        return None
    ratios = [sp.cancel(_split(term)[0] / first) for term in terms]
    if any(ratio not in (1, -1) for ratio in ratios):
        return None
    rest = [scaled(r, _split(t)[1]) for r, t in zip(ratios, terms, strict=True)]
    return scaled(first, factored(add(*rest)))


def _scalar(terms: tuple[Mat, ...]) -> Mat | None:
    """g X - g Y becomes g (X - Y) for a scalar g."""
    parts = [_split(term) for term in terms]
    lists = [_scalars(body) for _, body in parts]
    common = next((f for f in lists[0][0] if all(f in others for others, _ in lists[1:])), None)
    if common is None:
        return None
    rest: list[Mat] = []
    for (coefficient, _), (scalars, body) in zip(parts, lists, strict=True):
        scalars.remove(common)
        for scalar in reversed(scalars):
            body = scalar_times(scalar, body)
        rest.append(scaled(coefficient, body))
    return scalar_times(common, factored(add(*rest)))


def _scalars(body: Mat) -> tuple[list[Mat], Mat]:
    """The scalars in front of a matrix, and the matrix."""
    scalars: list[Mat] = []
    while isinstance(body, ScalarTimes):
        one = body.scalar
        scalars += one.factors if isinstance(one, Hadamard) else (one,)
        body = body.body
    return scalars, body


def _entrywise(terms: tuple[Mat, ...]) -> Mat | None:
    """X * Y - X * Z becomes X * (Y - Z), and X - X * Z becomes X * (1 - Z) for a column X."""
    parts = [_split(term) for term in terms]
    lists = [list(b.factors) if isinstance(b, Hadamard) else [b] for _, b in parts]
    common = next((f for f in lists[0] if all(f in others for others in lists[1:])), None)
    if common is None or all(len(factors) == 1 for factors in lists):
        return None
    rest: list[Mat] = []
    for (coefficient, _), factors in zip(parts, lists, strict=True):
        left = list(factors)
        left.remove(common)
        rest.append(scaled(coefficient, hadamard(*left) if left else _ones_like(common)))
    inner = factored(add(*rest))
    return hadamard(common, inner)


def _ones_like(mat: Mat) -> Mat:
    rows, cols = mat.shape
    return Ones(rows) if mat.is_vector else Product((Ones(rows), Transposed(Ones(cols))))


def _chain(term: Mat) -> tuple[Mat, ...]:
    return term.factors if isinstance(term, Product) else (term,)


def _left(terms: tuple[Mat, ...]) -> Mat | None:
    return _outer(terms, first=True)


def _right(terms: tuple[Mat, ...]) -> Mat | None:
    return _outer(terms, first=False)


def _outer(terms: tuple[Mat, ...], *, first: bool) -> Mat | None:
    """A B + A C becomes A (B + C); a bare A is left alone, since A (B + I) reads worse."""
    parts = [_split(term) for term in terms]
    chains = [_chain(body) for _, body in parts]
    if any(len(chain) < 2 for chain in chains):
        return None
    ends = {chain[0] if first else chain[-1] for chain in chains}
    if len(ends) != 1:
        return None
    (common,) = ends
    inner = factored(
        add(
            *(
                scaled(coefficient, product(*(chain[1:] if first else chain[:-1])))
                for (coefficient, _), chain in zip(parts, chains, strict=True)
            )
        )
    )
    return product(common, inner) if first else product(inner, common)
