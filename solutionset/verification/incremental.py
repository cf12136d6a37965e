"""The variants of one line of a derivation at one point, evaluated by what they change."""

import numpy as np
import sympy as sp

from solutionset.calculus.expressions import Expr, Term
from solutionset.calculus.tensors import Index
from solutionset.verification.contraction import contracted
from solutionset.verification.evaluate import Values, factor_value, index_value, term_value
from solutionset.verification.oracles import Array

_ONE = sp.Integer(1)

_Part = tuple[Array, tuple[Index, ...]]
"""An array with the index of each axis."""


class Line:
    """One line at one point. What a variant has in common with the line is the same object, so
    that the values of terms and factors are found again by identity."""

    def __init__(self, expr: Expr, indices: tuple[Index, ...], values: Values) -> None:
        self.expr = expr
        self.indices = indices
        self.values = values
        self._sizes = tuple(values.size(index.dim) for index in indices)
        self._known: dict[int, _Part] = {
            id(factor): factor_value(factor, values)
            for term in expr.terms
            for factor in term.factors
        }
        # Without their coefficients, for the variants that change nothing else.
        self._products = {
            id(term.factors): term_value(
                Term(_ONE, term.factors, term.bound), indices, values, self._known
            )
            for term in expr.terms
        }
        self._rests: dict[tuple[tuple[int, ...], tuple[Index, ...]], _Part] = {}
        self._terms = {id(term): self._term(term) for term in expr.terms}
        known = {key: (array, indices) for key, array in self._terms.items()}
        self._whole = index_value(expr, indices, values, known)

    def value(self, variant: Expr) -> Array:
        """The array of a variant, one axis for each index."""
        kept = {id(term) for term in variant.terms}
        array = self._whole
        for key, lost in self._terms.items():
            if key not in kept:
                array = array - lost
        for term in variant.terms:
            if id(term) not in self._terms:
                array = array + self._term(term)
        return np.asarray(array)

    def _term(self, term: Term) -> Array:
        product = self._products.get(id(term.factors))
        if product is None:
            product = self._product(term)
        return np.asarray(self.values.number(term.coefficient) * product)

    def _product(self, term: Term) -> Array:
        """The product of all factors, where one of them at most is not a factor of the line."""
        same = [factor for factor in term.factors if id(factor) in self._known]
        new = [factor for factor in term.factors if id(factor) not in self._known]
        if len(new) != 1 or len(same) < 2:
            return term_value(
                Term(_ONE, term.factors, term.bound), self.indices, self.values, self._known
            )
        part = factor_value(new[0], self.values)
        key = tuple(map(id, same)), part[1]
        if key not in self._rests:
            parts = [self._known[id(factor)] for factor in same]
            self._rests[key] = _contracted(parts, {*self.indices, *part[1]})
        array, axes = _contracted([self._rests[key], part], set(self.indices))
        order = [axes.index(index) for index in self.indices if index in axes]
        sizes = (n if i in axes else 1 for i, n in zip(self.indices, self._sizes, strict=True))
        return np.reshape(np.transpose(array, order), tuple(sizes))


def _contracted(parts: list[_Part], kept: set[Index]) -> _Part:
    """Multiply arrays and sum over every index that is not kept."""
    numbers: dict[Index, int] = {}
    labels = [tuple(numbers.setdefault(i, len(numbers)) for i in axes) for _, axes in parts]
    output = tuple(index for index in numbers if index in kept)
    array = contracted([array for array, _ in parts], labels, tuple(numbers[i] for i in output))
    return array, output
