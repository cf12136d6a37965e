"""A world of names for random formulas, the formulas themselves, and numbers for them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from solutionset.calculus import matrix as mat
from solutionset.calculus import nodes
from solutionset.calculus.expressions import Apply, Expr, as_expr, delta, entry, single, sum_over
from solutionset.calculus.matrix import Mat, Shape, Sym
from solutionset.calculus.nodes import Measure
from solutionset.calculus.tensors import (
    EXP,
    LOG,
    ONE,
    TANH,
    Determinant,
    Dim,
    Elementwise,
    Gradient,
    Index,
    Inverted,
    Jacobian,
    Leaf,
    Tensor,
)
from solutionset.model import CHOICES, NotationChoice
from solutionset.notation.names import Naming
from solutionset.notation.vocabulary import Vocabulary
from solutionset.verification.evaluate import Values
from solutionset.verification.functions import numeric
from solutionset.verification.oracles import Array

N, M, P, S = Dim("n", "ij"), Dim("m", "lr"), Dim("hid"), Dim("S", "st")
DIMS = (N, M, P, S)
A = Tensor("A", (N, N))
TENSORS = (
    Tensor("r", ()),
    Tensor("c", (), label="k-1"),
    Tensor("x", (N,)),
    Tensor("tilde_w", (N,)),
    Tensor("F_prev", (N,), "F", "k-1"),
    Tensor("F", (N,), label="k"),
    Tensor("b", (M,), label="k"),
    Tensor("zeta", (M,)),
    Tensor("best", (M,), "hat_y", "*"),
    Tensor("cal_Z", (P,), label="1"),
    Tensor("W", (M, N), label="k"),
    Tensor("V", (N, M)),
    A,
    Tensor("Gamma", (P, M)),
    Tensor("cal_X", (M, M)),
    Tensor("Keys", (S, N)),
    Tensor("K", (N, M, P)),
    Tensor("bar_K", (M, M, N), label="t"),
)
FUNCTIONS = (
    Elementwise("sigma", label="k"),
    Elementwise("h"),
    Elementwise("softplus"),
    EXP,
    LOG,
    TANH,
)
LAMBDA, RATE, Q, T = map(sp.Symbol, ("lambda", "rate", "q", "tau"))
COEFFICIENTS = tuple(
    map(
        sp.sympify,
        (
            1,
            -1,
            2,
            -3,
            12,
            sp.Rational(1, 2),
            sp.Rational(-3, 4),
            LAMBDA,
            -LAMBDA,
            1 - LAMBDA,
            LAMBDA - 1,
            1 / S.size,
            -2 / S.size,
            (1 - Q) / S.size,
            LAMBDA * (1 - Q),
            Q**2 - Q,
            -(LAMBDA**2) / 2,
            sp.sqrt(2),
            1 / sp.sqrt(S.size),
            2 * 3**T,
            (-2 * Q) ** 3,
            Q**-T,
            LAMBDA * Q / (1 + Q),
            S.size * (N.size - 1),
            1 / (LAMBDA + Q) ** 2,
            RATE / 10,
            sp.Rational(1, 3) * (LAMBDA + Q),
            P.size / 2,
        ),
    )
)
EXPONENTS = tuple(
    map(sp.sympify, (2, 3, -1, -2, sp.Rational(1, 2), sp.Rational(-1, 2), sp.Rational(3, 2), T, -T))
)


def vocabulary(choice: NotationChoice) -> Vocabulary:
    """All names of this world under a notation."""
    return Vocabulary(Naming(choice), TENSORS, FUNCTIONS, (LAMBDA, RATE, Q, T), DIMS)


def notations() -> st.SearchStrategy[NotationChoice]:
    """Every choice of notation."""
    chosen = {name: st.sampled_from(values) for name, values in CHOICES.items() if values}
    return st.builds(NotationChoice, loss=st.sampled_from(("L", "ell", "cal_L")), **chosen)


# ------------------------------------------------------------------------ index expressions


@dataclass
class Letters:
    """The indices in reach while an expression is drawn."""

    known: list[Index]
    sums: bool = True
    count: list[int] = field(default_factory=lambda: [0])

    def over(self, draw: st.DrawFn, dim: Dim) -> Index:
        """An index over a dimension: one in reach, or a new one to be summed over."""
        fits = [index for index in self.known if index.dim == dim]
        if fits and (not self.sums or draw(st.booleans())):
            return draw(st.sampled_from(fits))
        self.count[0] += 1
        index = Index(f"new{self.count[0]}", dim)
        self.known.append(index)
        return index


FREE = (Index("i", N), Index("j", M), Index("alpha", P), Index("v", S))


@st.composite
def index_expressions(draw: st.DrawFn) -> tuple[Expr, tuple[Index, ...]]:
    """A sum of up to three terms with the given free indices."""
    free = tuple(index for index in FREE if draw(st.booleans()))
    return sum((_term(draw, free) for _ in range(draw(st.integers(1, 3)))), as_expr(0)), free


def _term(draw: st.DrawFn, free: tuple[Index, ...]) -> Expr:
    letters = Letters(list(free))
    product = as_expr(1)
    for _ in range(draw(st.integers(0, 4))):
        product = product * _factor(draw, letters)
    for index in letters.known[len(free) :]:
        product = _summed(index, product)
    return product * draw(st.sampled_from(COEFFICIENTS))


def _summed(index: Index, product: Expr) -> Expr:
    inside = Expr(term for term in product.terms if index in term.free)
    outside = Expr(term for term in product.terms if index not in term.free)
    return (sum_over(index, inside) if inside.terms else inside) + outside * index.dim.size


def _factor(draw: st.DrawFn, letters: Letters) -> Expr:
    kind = draw(st.sampled_from(("entry", "entry", "power", "leaf", "delta", "call", "group")))
    match kind:
        case "entry":
            return _entry(draw, letters, draw(st.sampled_from(TENSORS)))
        case "power":
            base = _entry(draw, letters, draw(st.sampled_from(TENSORS)))
            return base ** draw(st.sampled_from(EXPONENTS))
        case "leaf":
            return _entry(draw, letters, _leaf(draw))
        case "delta":
            dim = draw(st.sampled_from(DIMS))
            # One of the two stands on a tensor too, or nothing would say what it ranges over.
            owner = draw(st.sampled_from([t for t in TENSORS if dim in t.dims]))
            first = letters.over(draw, dim)
            indices = [letters.over(draw, d) for d in owner.dims]
            indices[owner.dims.index(dim)] = first
            return entry(owner, indices) * delta(first, letters.over(draw, dim))
        case "call":
            call = single(Apply(draw(st.sampled_from(FUNCTIONS)), _inner(draw, letters)))
            order = draw(st.integers(0, 2))
            return call if order == 0 else _primed(call, order)
        case _:
            group = _inner(draw, letters)
            return group ** draw(st.sampled_from(EXPONENTS[2:])) if len(group.terms) > 1 else group


def _primed(call: Expr, order: int) -> Expr:
    (((atom, _),),) = (term.factors for term in call.terms)
    assert isinstance(atom, Apply)
    function = atom.function
    for _ in range(order):
        function = function.prime
    return single(Apply(function, atom.argument))


def _inner(draw: st.DrawFn, letters: Letters) -> Expr:
    """What may stand inside a function or a group: no sum of its own."""
    first = _entry(draw, letters, draw(st.sampled_from(TENSORS)))
    inside = Letters(letters.known, sums=False)
    fits = [t for t in TENSORS if all(any(i.dim == d for i in inside.known) for d in t.dims)]
    second = _entry(draw, inside, draw(st.sampled_from(fits)))
    number = draw(st.sampled_from(COEFFICIENTS))
    forms = (first, first * second, number * first + second, 1 + first * first)
    return draw(st.sampled_from(forms))


def _entry(draw: st.DrawFn, letters: Letters, leaf: Leaf) -> Expr:
    return entry(leaf, tuple(letters.over(draw, dim) for dim in leaf.dims))


def _leaf(draw: st.DrawFn) -> Leaf:
    one, other = draw(st.sampled_from(TENSORS)), draw(st.sampled_from(TENSORS))
    return draw(st.sampled_from((Gradient(one), Jacobian(one, other), Inverted(A), Determinant(A))))


# ----------------------------------------------------------------------- matrix expressions


@st.composite
def matrices(draw: st.DrawFn) -> Mat:
    """A well-typed matrix expression, mostly a few levels deep."""
    dims = (ONE, *DIMS)
    shape = (draw(st.sampled_from(dims)), draw(st.sampled_from(dims)))
    return _matrix(draw, shape, draw(st.integers(0, 4)))


def _matrix(draw: st.DrawFn, shape: Shape, depth: int) -> Mat:
    if depth == 0:
        return draw(st.sampled_from(_symbols(shape)))
    rows, cols = shape
    builders: list[Callable[[], Mat]] = [
        lambda: draw(st.sampled_from(_symbols(shape))),
        lambda: mat.transposed(_matrix(draw, (cols, rows), depth - 1)),
        lambda: _product(draw, shape, depth),
        lambda: _product(draw, shape, depth),
        lambda: mat.add(_matrix(draw, shape, depth - 1), _matrix(draw, shape, depth - 1)),
        lambda: _matrix(draw, shape, depth - 1) - _matrix(draw, shape, depth - 1),
        lambda: mat.hadamard(_matrix(draw, shape, depth - 1), _matrix(draw, shape, depth - 1)),
        lambda: mat.scaled(draw(st.sampled_from(COEFFICIENTS)), _matrix(draw, shape, depth - 1)),
        lambda: mat.scalar_times(
            _matrix(draw, (ONE, ONE), depth - 1), _matrix(draw, shape, depth - 1)
        ),
        lambda: _matrix(draw, shape, depth - 1) / _matrix(draw, (ONE, ONE), depth - 1),
        lambda: mat.Applied(draw(st.sampled_from(FUNCTIONS)), _matrix(draw, shape, depth - 1)),
        lambda: _matrix(draw, shape, depth - 1) ** draw(st.sampled_from(EXPONENTS)),
    ]
    if rows == cols != ONE:
        builders.append(lambda: mat.Diag(_matrix(draw, (rows, ONE), depth - 1)))
        builders.append(lambda: nodes.Inverse(_matrix(draw, shape, depth - 1)))
        builders.append(lambda: nodes.MatrixPower(_matrix(draw, shape, depth - 1), sp.Integer(3)))
    if shape == (ONE, ONE):
        square = draw(st.sampled_from(DIMS))
        builders.append(lambda: nodes.Trace(_matrix(draw, (square, square), depth - 1)))
        builders.append(lambda: _measured(draw, square, depth))
        builders.append(lambda: _matrix(draw, shape, depth - 1) + _number(draw))
    return draw(st.sampled_from(builders))()


def _number(draw: st.DrawFn) -> Mat:
    return mat.scaled(draw(st.sampled_from(COEFFICIENTS)), mat.One())


def _product(draw: st.DrawFn, shape: Shape, depth: int) -> Mat:
    inner = draw(st.sampled_from((ONE, *DIMS)))
    left, right = (shape[0], inner), (inner, shape[1])
    # Numbers are multiplied entry by entry; the calculus never makes a matrix product of them.
    times = mat.hadamard if left == right == (ONE, ONE) else mat.product
    return times(_matrix(draw, left, depth - 1), _matrix(draw, right, depth - 1))


def _measured(draw: st.DrawFn, dim: Dim, depth: int) -> Mat:
    measures = (Measure.NORM, Measure.FROBENIUS, Measure.SPECTRAL, Measure.DET)
    measure = draw(st.sampled_from(measures))
    shape = (dim, ONE) if measure is Measure.NORM else (dim, dim)
    return nodes.Head(measure, _matrix(draw, shape, depth - 1))


def _symbols(shape: Shape) -> list[Mat]:
    rows, cols = shape
    found: list[Mat] = 3 * [Sym(t) for t in TENSORS if t.rank <= 2]
    found += [Sym(Gradient(t)) for t in TENSORS if t.rank <= 2]
    vectors = [t for t in TENSORS if t.rank <= 1]
    found += [Sym(Jacobian(of, wrt)) for of in vectors for wrt in vectors]
    if cols == ONE and rows != ONE:
        found.append(mat.Ones(rows))
    if rows == cols:
        found.append(mat.Identity(rows) if rows != ONE else Sym(TENSORS[0]))
    fits = [symbol for symbol in found if symbol.shape == shape]
    return fits or [_ones(shape)]


def _ones(shape: Shape) -> Mat:
    rows, cols = (mat.One() if dim == ONE else mat.Ones(dim) for dim in shape)
    return mat.transposed(cols) if shape[0] == ONE else mat.Product((rows, mat.transposed(cols)))


# ------------------------------------------------------------------------------------ numbers


class Drawn:
    """Positive numbers for every name, so that all powers exist; equal names get equal numbers."""

    def __init__(self, sizes: dict[Dim, int]) -> None:
        self.sizes = sizes | {ONE: 1}

    def leaf(self, leaf: Leaf) -> Array:
        """The value of a tensor, gradient, Jacobian, inverse or determinant."""
        if isinstance(leaf, Inverted):
            return np.asarray(np.linalg.inv(self.leaf(leaf.of)))
        if isinstance(leaf, Determinant):
            return np.asarray(np.linalg.det(self.leaf(leaf.of)))
        rng = np.random.default_rng(crc32(f"{type(leaf).__name__} {leaf.name}".encode()))
        return rng.uniform(0.5, 1.5, tuple(self.size(dim) for dim in leaf.dims))

    def size(self, dim: Dim) -> int:
        """The size of a dimension."""
        return self.sizes[dim]

    def number(self, value: sp.Expr) -> float:
        """The value of a coefficient."""
        known = {"lambda": 0.3, "rate": 1.7, "q": 0.45, "tau": 2.5}
        known |= {dim.name: self.size(dim) for dim in DIMS}
        return float(value.subs({s: known[s.name] for s in value.free_symbols}))

    def function(self, function: Elementwise) -> Callable[[Array], Array]:
        """An elementwise function as code."""
        return numeric(function)

    def moved(self, tensor: Leaf, value: Array) -> Values:
        """Nothing is evaluated elsewhere here."""
        raise TypeError(f"{tensor.name} is moved")


VALUES = Drawn({N: 2, M: 3, P: 4, S: 5})
