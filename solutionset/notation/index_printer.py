"""Index expressions to LaTeX: what the lines of a derivation are made of.

A term reads: coefficient, one sum sign, upstream gradient, fraction, tensors, and at the end
partial derivatives and deltas.
"""

from collections.abc import Iterable

import sympy as sp

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
from solutionset.calculus.tensors import (
    CalculusError,
    Determinant,
    Gradient,
    Index,
    Inverted,
    Jacobian,
    Leaf,
    Powered,
    Tensor,
)
from solutionset.notation.coefficients import (
    bracketed,
    coefficient_latex,
    exponent_latex,
    factor_latex,
    fraction_parts,
    is_half,
    join_signed,
    juxtaposed,
    split_sign,
)
from solutionset.notation.letters import letter_latex
from solutionset.notation.names import Naming, index_latex, joined

_POOL = "lmrstuvcdeghkabopqwxyz"

Letters = dict[Index, str]
Power = tuple[Atom, sp.Expr]


class IndexPrinter:
    """Prints index expressions; no index that is summed over gets one of the `reserved` letters."""

    def __init__(self, naming: Naming, reserved: frozenset[str] = frozenset()) -> None:
        """Print under this naming."""
        self.naming = naming
        self.reserved = reserved

    def expr(self, expr: Expr, free: tuple[Index, ...] = ()) -> str:
        """Print an index expression; no sum takes the letter of an index of `free` or of `expr`.

        Raises `CalculusError` where an index has the letter of a number that stands beside it.
        """
        letters = {index: index_latex(index.name) for index in (*free, *expr.free)}
        numbers = {letter_latex(name) for name in _numbers(expr)}
        for index, letter in letters.items():
            if letter in numbers:
                raise CalculusError(
                    f"index {index.name} and the number {index.name} print alike",
                    advice=f"give dimension {index.dim.name} other index letters: "
                    f"dim({index.dim.name!r}, 'ij'), and index(...) another name",
                )
        return self._expr(expr, letters)

    def _expr(self, expr: Expr, letters: Letters) -> str:
        if not expr.terms:
            return "0"
        return join_signed(self._term(term, letters) for term in expr.terms)

    def _term(self, term: Term, letters: Letters) -> tuple[bool, str]:
        negative, number = split_sign(term.coefficient)
        ordered = sorted(term.factors, key=lambda factor: _reading_rank(factor[0]))
        names = letters | self._letters(term, ordered, letters)
        front = [f for f in ordered if _reading_rank(f[0]) == 0]
        middle = [f for f in ordered if _reading_rank(f[0]) == 1]
        back = [f for f in ordered if _reading_rank(f[0]) >= 2]
        above = [f for f in middle if not is_below(f[1])]
        below = [(atom, -e) for atom, e in middle if is_below(e)]
        # A number joins a fraction of tensors, but stays outside a sum.
        merged = bool(below) and not term.bound
        top, bottom = fraction_parts(number) if merged else (sp.Integer(1), sp.Integer(1))
        outside = "" if merged or number == 1 else factor_latex(number)
        body = self._side(sp.Integer(1), above, names) if above else ""
        if below:
            over, under = self._side(top, above, names), self._side(bottom, below, names)
            body = rf"\frac{{{over}}}{{{under}}}"
        text = juxtaposed([*self._powers(front, names), body, *self._powers(back, names)])
        if term.bound:
            text = rf"\sum_{{{','.join(self._summed(term, ordered, names))}}} {text}"
        return negative, juxtaposed([outside, text]) or "1"

    def _side(self, number: sp.Expr, factors: list[Power], names: Letters) -> str:
        """One side of a fraction; a sum that stands there alone needs no brackets."""
        if not factors:
            return coefficient_latex(number)
        atom, exponent = factors[0]
        if number == 1 and exponent == 1 and len(factors) == 1 and isinstance(atom, Group):
            return self._expr(atom.body, names)
        lead = "" if number == 1 else factor_latex(number)
        return juxtaposed([lead, *self._powers(factors, names)])

    def _powers(self, factors: list[Power], names: Letters) -> list[str]:
        return [self._power(atom, exponent, names) for atom, exponent in factors]

    def _summed(self, term: Term, ordered: list[Power], names: Letters) -> Iterable[str]:
        """The letters summed over, in reading order."""
        seen = dict.fromkeys(i for atom, _ in ordered for i in atom_indices(atom))
        return (names[i] for i in seen if i in term.bound)

    def _letters(self, term: Term, ordered: list[Power], letters: Letters) -> Letters:
        """A letter for each bound index, in reading order, avoiding those that mean something."""
        occurring = dict.fromkeys(i for atom, _ in ordered for i in atom_indices(atom))
        used = set(letters.values()) | self.reserved
        chosen: Letters = {}
        for index in occurring:
            if index not in term.bound:
                continue
            free = [c for c in index.dim.letters + _POOL if c not in used]
            if not free:
                raise CalculusError("no letter is left for another bound index")
            chosen[index] = free[0]
            used.add(free[0])
        return chosen

    def _power(self, atom: Atom, exponent: sp.Expr, names: Letters) -> str:
        if isinstance(atom, Apply) and atom.function.name == "exp":
            return f"e^{{{self._expr(atom.argument * exponent, names)}}}"
        if is_half(exponent):
            inner = self._expr(atom.body, names) if isinstance(atom, Group) else None
            return rf"\sqrt{{{inner or self._atom(atom, names)}}}"
        text = self._atom(atom, names)
        if exponent == 1:
            return text
        base = bracketed(text) if isinstance(atom, Entry) and _is_composed(atom.leaf) else text
        return f"{base}^{{{exponent_latex(exponent)}}}"

    def _atom(self, atom: Atom, names: Letters) -> str:
        match atom:
            case Entry():
                return self.entry(atom.leaf, tuple(names[i] for i in atom.indices))
            case Delta():
                pair = (names[atom.first], names[atom.second])
                return rf"\delta_{{{joined(pair)}}}"
            case Apply():
                head = self.naming.function(atom.function)
                return head + bracketed(self._expr(atom.argument, names))
            case Group():
                return bracketed(self._expr(atom.body, names))

    def entry(self, leaf: Leaf, indices: tuple[str, ...]) -> str:
        """One entry of a tensor, or the partial derivative that an entry of a gradient is."""
        match leaf:
            case Tensor():
                return self.naming.entry(leaf, indices)
            case Gradient():
                below = self.naming.entry(leaf.of, indices)
                return rf"\frac{{\partial {self.naming.loss}}}{{\partial {below}}}"
            case Jacobian():
                above = self.naming.entry(leaf.of, indices[: leaf.of.rank])
                below = self.naming.entry(leaf.wrt, indices[leaf.of.rank :])
                return rf"\frac{{\partial {above}}}{{\partial {below}}}"
            case Inverted():
                # Without the bracket it would look like the inverse of an entry.
                return self.naming.at(f"({self.naming.inverse(leaf.of)})", indices)
            case Powered():
                power = self.naming.power(leaf.of, exponent_latex(leaf.exponent))
                return self.naming.at(f"({power})", indices)
            case Determinant():
                return rf"\det({self.naming.whole(leaf.of)})"


def is_below(exponent: sp.Expr) -> bool:
    """Whether a power belongs under a fraction bar."""
    return bool(exponent.is_Number and exponent < 0)


def _is_composed(leaf: Leaf) -> bool:
    return isinstance(leaf, Gradient | Jacobian | Inverted | Powered)


def _reading_rank(atom: Atom) -> int:
    match atom:
        case Entry(leaf=Gradient()):
            return 0
        case Entry(leaf=Jacobian()):
            return 2
        case Delta():
            return 3
        case _:
            return 1


def _numbers(expr: Expr) -> frozenset[str]:
    """The names of the parameters and sizes in coefficients and exponents, inner ones included."""
    found: set[str] = set()
    for term in expr.terms:
        values = [term.coefficient, *(exponent for _, exponent in term.factors)]
        found |= {symbol.name for value in values for symbol in value.free_symbols}
        for atom, _ in term.factors:
            if isinstance(atom, Apply):
                found |= _numbers(atom.argument)
            elif isinstance(atom, Group):
                found |= _numbers(atom.body)
    return frozenset(found)
