"""The normal form: bound names do not matter, nothing is captured, nothing is factorial."""

import itertools

import numpy as np
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from solutionset.calculus.contraction import contract
from solutionset.calculus.expressions import (
    Delta,
    Entry,
    Expr,
    Term,
    as_expr,
    delta,
    entry,
    rename_expr,
    sum_over,
)
from solutionset.calculus.normal import canonical_term, equivalent, normal_form
from solutionset.calculus.tensors import Dim, Index, Tensor
from solutionset.verification.evaluate import index_value

N, M = Dim("N", "ij"), Dim("M", "lm")
SIZES = {N: 3, M: 2}
A, B = Tensor("A", (N, N)), Tensor("B", (N, M))
x, y = Tensor("x", (N,)), Tensor("y", (M,))
ONE = sp.Integer(1)


def cycle(tensor, names):
    """sum of tensor_ab tensor_bc ... tensor_za, the indices named in this order."""
    indices = [Index(str(k), N) for k in names]
    pairs = zip(indices, [*indices[1:], indices[0]], strict=True)
    return Term(ONE, tuple((Entry(tensor, pair), ONE) for pair in pairs), tuple(indices))


def edges(tensor, pairs, names):
    """sum of tensor_ab over the edges of a graph."""
    indices = {k: Index(str(name), N) for k, name in enumerate(names)}
    factors = tuple((Entry(tensor, (indices[a], indices[b])), ONE) for a, b in pairs)
    return Term(ONE, factors, tuple(indices.values()))


def test_a_cyclic_trace_of_ten_factors_does_not_depend_on_where_it_starts():
    start = canonical_term(cycle(A, range(10)))

    assert canonical_term(cycle(A, [*range(4, 10), *range(4)])) == start
    assert canonical_term(cycle(A, range(9, -1, -1))) == start
    assert canonical_term(cycle(Tensor("C", (N, N)), range(10))) != start


def test_ten_interchangeable_indices_are_renamed_without_trying_their_orders():
    forwards = Term(
        ONE,
        tuple((Entry(x, (Index(str(k), N),)), sp.Integer(k % 2 + 1)) for k in range(10)),
        tuple(Index(str(k), N) for k in range(10)),
    )
    backwards = Term(ONE, forwards.factors[::-1], forwards.bound[::-1])

    assert canonical_term(forwards) == canonical_term(backwards)


def test_two_pieces_that_share_no_index_may_stand_in_either_order():
    one = Expr((cycle(A, range(5)),))
    other = Expr((cycle(B_square, range(5)),))

    assert equivalent(one * other, other * one)
    assert not equivalent(one * other, one * one)


B_square = Tensor("D", (N, N))

OUTER = [(k, (k + 1) % 5) for k in range(5)]
PETERSEN = OUTER + [(k, k + 5) for k in range(5)] + [(5 + k, 5 + (k + 2) % 5) for k in range(5)]


def test_a_regular_structure_of_ten_indices_is_recognised_under_any_naming():
    both_ways = [*PETERSEN, *((b, a) for a, b in PETERSEN)]
    shuffled = [7, 2, 9, 4, 1, 0, 8, 3, 6, 5]

    usual = canonical_term(edges(A, both_ways, range(10)))
    assert canonical_term(edges(A, both_ways[::-1], shuffled)) == usual


def test_two_regular_graphs_that_look_alike_locally_are_told_apart():
    hexagon = [(k, (k + 1) % 6) for k in range(6)]
    triangles = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)]

    assert canonical_term(edges(A, hexagon, range(6))) != canonical_term(
        edges(A, triangles, range(6))
    )


def test_like_terms_with_other_names_meet_and_cancel():
    i, k, m = Index("i", N), Index("k", N), Index("m", N)
    left = sum_over(k, entry(A, (i, k)) * entry(x, (k,)))
    right = sum_over(m, entry(x, (m,)) * entry(A, (i, m)))

    assert normal_form(left - right).terms == ()
    assert normal_form(left + right) == normal_form(2 * left)


def test_a_sum_around_an_expression_with_a_bound_name_of_its_own_captures_nothing():
    outer = Index("0", N)
    inside = sum_over(Index("k", N), entry(A, (outer, Index("k", N))))

    (term,) = inside.terms

    assert outer in term.free
    assert outer not in term.bound


# ------------------------------------------------------------------ random expressions


class Numbers:
    """Arrays for the tensors above, as the evaluator asks for them."""

    def __init__(self):
        rng = np.random.default_rng(7)
        self.arrays = {t: rng.standard_normal([SIZES[d] for d in t.dims]) for t in (A, B, x, y)}

    def leaf(self, leaf):
        return self.arrays[leaf]

    def size(self, dim):
        return SIZES[dim]

    def number(self, value):
        return float(value.subs({dim.size: size for dim, size in SIZES.items()}))


NUMBERS = Numbers()
FREE = (Index("i", N), Index("l", M))
LETTERS = {N: [Index(c, N) for c in "ijk"], M: [Index(c, M) for c in "lmq"]}


@st.composite
def products(draw):
    """A product of entries and deltas, summed over some of its indices, with i and l left free."""
    result = as_expr(draw(st.integers(-3, 3).filter(bool)))
    result = result * entry(x, (FREE[0],)) * entry(y, (FREE[1],))
    for _ in range(draw(st.integers(1, 3))):
        tensor = draw(st.sampled_from([A, B, x, y, None]))
        if tensor is None:
            dim = draw(st.sampled_from([N, M]))
            pair = [draw(st.sampled_from(LETTERS[dim])) for _ in range(2)]
            result = result * delta(*pair)
        else:
            result = result * entry(
                tensor, [draw(st.sampled_from(LETTERS[dim])) for dim in tensor.dims]
            )
    over = sorted(result.free - set(FREE), key=lambda index: index.name)
    return sum_over(over, result) if over else result


expressions = st.lists(products(), min_size=1, max_size=2).map(lambda parts: sum(parts, as_expr(0)))


def value(expr):
    return index_value(expr, FREE, NUMBERS)


@settings(max_examples=150, deadline=None)
@given(expressions)
def test_the_normal_form_and_the_contraction_keep_the_value(expr):
    assert np.allclose(value(normal_form(expr)), value(expr))
    assert np.allclose(value(contract(expr)), value(expr))


@settings(max_examples=100, deadline=None)
@given(expressions, expressions)
def test_products_and_sums_commute_with_evaluation(left, right):
    assert np.allclose(value(left * right), value(left) * value(right))
    assert np.allclose(value(left + right), value(left) + value(right))
    assert np.allclose(value(left - right), value(left) - value(right))


@settings(max_examples=100, deadline=None)
@given(expressions)
def test_summing_over_a_free_index_commutes_with_evaluation(expr):
    summed = sum_over(FREE[1], expr)

    assert np.allclose(index_value(summed, FREE[:1], NUMBERS), value(expr).sum(axis=1))


@settings(max_examples=100, deadline=None)
@given(expressions)
def test_renaming_free_indices_moves_axes_and_changes_nothing_else(expr):
    swapped = rename_expr(expr, {FREE[0]: Index("0", N), FREE[1]: Index("1", M)})

    assert np.allclose(index_value(swapped, (Index("0", N), Index("1", M)), NUMBERS), value(expr))


@settings(max_examples=60, deadline=None)
@given(expressions, st.randoms(use_true_random=False))
def test_the_order_of_factors_and_terms_does_not_matter(expr, random):
    terms = []
    for term in expr.terms:
        factors = list(term.factors)
        random.shuffle(factors)
        terms.append(Term(term.coefficient, tuple(factors), term.bound))
    random.shuffle(terms)

    assert normal_form(Expr(terms)) == normal_form(expr)


def test_a_delta_with_two_free_indices_is_kept():
    i, j = Index("i", N), Index("j", N)
    product = delta(i, j) * entry(x, (j,))

    assert equivalent(contract(product), contract(delta(i, j) * entry(x, (i,))))
    assert any(isinstance(atom, Delta) for atom, _ in contract(product).terms[0].factors)


def test_a_sum_of_ones_counts_as_the_size_of_its_dimension():
    i, k = Index("i", N), Index("k", N)
    counted = contract(
        sum_over(k, delta(i, k)) * sum_over(Index("m", M), delta(Index("m", M), Index("m", M)))
    )

    assert counted.terms == (Term(M.size, ()),)


def test_every_order_of_four_bound_names_gives_one_normal_form():
    forms = {
        canonical_term(edges(A, [(0, 1), (1, 2), (1, 3)], order))
        for order in itertools.permutations(range(4))
    }

    assert len(forms) == 1


def test_the_root_of_a_square_is_not_the_number_itself():
    number = entry(x, (Index("i", N),))
    root = (number**2) ** sp.Rational(1, 2)
    assert not equivalent(root, number)
    assert equivalent((number ** sp.Rational(1, 2)) ** 2, number)
