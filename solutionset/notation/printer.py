"""Expressions to LaTeX, as on the board of a good lecturer.

Index expressions read: upstream gradient, fraction, tensors, then partial derivatives and deltas; one
sum sign a term. Matrix expressions read: products tight, entrywise products looser, sums loosest, and a
bracket only where that order needs one.
"""

from collections.abc import Iterable
from fractions import Fraction

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
from solutionset.calculus.matrix import (
    Add,
    Applied,
    Diag,
    Hadamard,
    Identity,
    Inverse,
    Mat,
    One,
    Ones,
    Power,
    Product,
    Scaled,
    ScalarTimes,
    Sym,
    Trace,
    Transposed,
)
from solutionset.calculus.tensors import CalculusError, Gradient, Index, Jacobian, Leaf, Tensor
from solutionset.notation.names import Naming, letter_latex

_POOL = "lmrstuvcdeghkabopqwxyz"
SUM, TIMES, TIGHT, ATOM = range(4)
"""How tightly a printed piece holds together; a looser one inside a tighter one gets brackets."""

Piece = tuple[str, int]


class Printer:
    """Prints expressions under one set's notation; `reserved` letters are never used as indices."""

    def __init__(self, naming: Naming, reserved: frozenset[str] = frozenset()) -> None:
        self.naming = naming
        self.reserved = reserved

    # ------------------------------------------------------------------------ index side

    def expr(self, expr: Expr) -> str:
        """Print an index expression."""
        return self._expr(expr, {})

    def _expr(self, expr: Expr, letters: dict[Index, str]) -> str:
        if not expr.terms:
            return "0"
        return join_signed(self._term(term, letters) for term in expr.terms)

    def _term(self, term: Term, letters: dict[Index, str]) -> tuple[bool, str]:
        negative, number = split_sign(term.coefficient)
        ordered = sorted(term.factors, key=lambda factor: _reading_rank(factor[0]))
        names = letters | self._letters(term, [atom for atom, _ in ordered], letters)
        front = [a for a in ordered if _reading_rank(a[0]) == 0]
        middle = [a for a in ordered if _reading_rank(a[0]) == 1]
        back = [a for a in ordered if _reading_rank(a[0]) >= 2]
        numerator, denominator = fraction_parts(number)
        above = [self._power(atom, e, names) for atom, e in middle if not _below(e)]
        below = [self._power(atom, -e, names) for atom, e in middle if _below(e)]
        lead = [] if numerator == "1" else [numerator]
        if below or denominator != "1":
            under = " ".join(([] if denominator == "1" else [denominator]) + below)
            body = [rf"\frac{{{' '.join(lead + above) or '1'}}}{{{under}}}"]
            lead = []
        else:
            body = above
        pieces = [self._power(a, e, names) for a, e in front] + body
        pieces += [self._power(a, e, names) for a, e in back]
        text = " ".join(pieces)
        if term.bound:
            over = ",".join(dict.fromkeys(names[i] for i in self._bound_order(term, ordered)))
            text = rf"\sum_{{{over}}} {text}"
        text = " ".join([*lead, text]).strip() if text else (lead[0] if lead else "1")
        return negative, text

    def _bound_order(
        self, term: Term, ordered: Iterable[tuple[Atom, sp.Expr]]
    ) -> tuple[Index, ...]:
        seen = dict.fromkeys(i for atom, _ in ordered for i in atom_indices(atom))
        return tuple(i for i in seen if i in term.bound)

    def _letters(
        self, term: Term, atoms: list[Atom], letters: dict[Index, str]
    ) -> dict[Index, str]:
        """A letter for each bound index, in reading order, avoiding those that mean something."""
        occurring = dict.fromkeys(i for atom in atoms for i in atom_indices(atom))
        used = {i.name for i in occurring if not i.bound} | set(letters.values()) | self.reserved
        chosen: dict[Index, str] = {}
        for index in occurring:
            if index not in term.bound:
                continue
            free = [c for c in index.dim.letters + _POOL if c not in used]
            if not free:
                raise CalculusError("no letter is left for another bound index")
            chosen[index] = free[0]
            used.add(free[0])
        return chosen

    def _power(self, atom: Atom, exponent: sp.Expr, names: dict[Index, str]) -> str:
        if isinstance(atom, Apply) and atom.function.name == "exp":
            inner = self._expr(atom.argument * exponent, names)
            return f"e^{{{inner}}}"
        text = self._atom(atom, names)
        if exponent == 1:
            return text
        raised = self.number(exponent)
        if isinstance(atom, Entry) and "^" not in text and not isinstance(atom.leaf, Gradient):
            paren = "(" in text
            return f"{text}^{{{raised}}}" if not paren else rf"{text}^{{{raised}}}"
        if isinstance(atom, Group):
            return f"{text}^{{{raised}}}"
        return rf"\left({text}\right)^{{{raised}}}"

    def _atom(self, atom: Atom, names: dict[Index, str]) -> str:
        match atom:
            case Entry():
                return self.entry(atom.leaf, tuple(names.get(i, i.name) for i in atom.indices))
            case Delta():
                pair = [names.get(i, i.name) for i in (atom.first, atom.second)]
                joined = "".join(pair) if all(len(i) == 1 for i in pair) else ",".join(pair)
                return rf"\delta_{{{joined}}}"
            case Apply():
                return f"{self.naming.function(atom.function)}({self._expr(atom.argument, names)})"
            case Group():
                return rf"({self._expr(atom.body, names)})"

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

    # ----------------------------------------------------------------------- matrix side

    def matrix(self, node: Mat) -> str:
        """Print a matrix expression."""
        return self._mat(node)[0]

    def _mat(self, node: Mat) -> Piece:
        match node:
            case Sym():
                return self.leaf(node.leaf)
            case Ones():
                return rf"\mathbf{{1}}_{{{node.dim.name}}}", ATOM
            case Identity():
                return rf"{self._identity}_{{{node.dim.name}}}", ATOM
            case One():
                return "1", ATOM
            case Transposed():
                return rf"{self._at(node.body, ATOM)}^{{\top}}", TIGHT
            case Inverse():
                return rf"{self._at(node.body, ATOM)}^{{-1}}", TIGHT
            case Product():
                return self._product(node), TIMES
            case Hadamard():
                return self._hadamard(node), TIMES
            case Add():
                return join_signed(self._signed(term) for term in node.terms), SUM
            case Scaled() | ScalarTimes():
                return self._multiple(node)
            case Applied() | Diag() | Trace():
                return self._call(node), ATOM
            case Power():
                return self._raised(node)
        raise CalculusError(f"{type(node).__name__} cannot be printed")

    @property
    def _identity(self) -> str:
        return r"\mathbf{I}" if self.naming.choice.bold == "all" else "I"

    def leaf(self, leaf: Leaf) -> Piece:
        """A whole tensor, a whole gradient or a whole Jacobian."""
        match leaf:
            case Tensor():
                return self.naming.whole(leaf), ATOM
            case Gradient():
                name = self.naming.whole(leaf.of)
                if self.naming.choice.gradient == "nabla":
                    return rf"\nabla_{{{name}}} {self.naming.loss}", TIMES
                return rf"\frac{{\partial {self.naming.loss}}}{{\partial {name}}}", TIGHT
            case Jacobian():
                of, wrt = self.naming.whole(leaf.of), self.naming.whole(leaf.wrt)
                if self.naming.choice.jacobian == "J":
                    return rf"J{of}({wrt})", TIGHT
                return rf"\frac{{\partial {of}}}{{\partial {wrt}}}", TIGHT

    def _at(self, node: Mat, level: int) -> str:
        text, holds = self._mat(node)
        return text if holds >= level else bracketed(text)

    def _product(self, node: Product) -> str:
        """A gradient written with nabla needs a bracket unless it comes last."""
        last = node.factors[-1]
        tail = self.matrix(last) if isinstance(last, Sym) else self._at(last, TIGHT)
        return " ".join([*(self._at(f, TIGHT) for f in node.factors[:-1]), tail])

    def _hadamard(self, node: Hadamard) -> str:
        sign = f" {self.naming.hadamard} "
        if node.is_scalar:
            return " ".join(self._at(f, TIGHT) for f in node.factors)
        parts = []
        for factor in node.factors:
            text, holds = self._mat(factor)
            tight = holds >= TIGHT or isinstance(factor, Product | Sym)
            parts.append(text if tight else bracketed(text))
        return sign.join(parts)

    def _signed(self, term: Mat) -> tuple[bool, str]:
        if isinstance(term, Scaled):
            negative, number = split_sign(term.coefficient)
            rest = term.body if number == 1 else Scaled(number, term.body)
            return negative, self._at(rest, TIMES)
        return False, self._at(term, TIMES)

    def _multiple(self, node: Scaled | ScalarTimes) -> Piece:
        if isinstance(node, Scaled):
            negative, number = split_sign(node.coefficient)
            front = "" if number == 1 else self.number(number)
            if number.is_Add:
                front = bracketed(front)
            body = self._factor(node.body)
            text = f"{front} {body}".strip()
            return (f"-{text}", SUM) if negative else (text, TIMES)
        if isinstance(node.scalar, Power) and _below(node.scalar.exponent):
            under = Power(node.scalar.body, -node.scalar.exponent)
            below = self._mat(under if under.exponent != 1 else under.body)[0]
            return rf"\frac{{1}}{{{below}}} {self._factor(node.body)}", TIMES
        scalar, holds = self._mat(node.scalar)
        whole = scalar if holds >= TIGHT else bracketed(scalar)
        return f"{whole} {self._factor(node.body)}", TIMES

    def _factor(self, node: Mat) -> str:
        """What follows a number: products and nested multiples need no bracket."""
        text, holds = self._mat(node)
        plain = holds >= TIGHT or isinstance(node, Product | ScalarTimes | Sym)
        return text if plain else bracketed(text)

    def _call(self, node: Applied | Diag | Trace) -> str:
        match node:
            case Applied():
                head = self.naming.function(node.function)
            case Diag():
                head = r"\operatorname{diag}"
            case Trace():
                head = r"\operatorname{tr}"
        inner = self._mat(node.body)[0]
        return f"{head}({inner})" if r"\frac" not in inner else rf"{head}\left({inner}\right)"

    def _raised(self, node: Power) -> Piece:
        base, exponent = self._at(node.body, ATOM), self.number(node.exponent)
        if node.is_scalar:
            return f"{base}^{{{exponent}}}", TIGHT
        return rf"{base}^{{\odot {exponent}}}", TIGHT

    # ------------------------------------------------------------------------- numbers

    def number(self, value: sp.Expr) -> str:
        """Print a number or an expression in parameters and dimension sizes."""
        return coefficient_latex(value)


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


def _below(exponent: sp.Expr) -> bool:
    return bool(exponent.is_Number and exponent < 0)


def bracketed(text: str) -> str:
    """Put round brackets, tall ones around a fraction or a sum sign."""
    tall = r"\frac" in text or r"\sum" in text
    return rf"\left({text}\right)" if tall else f"({text})"


def join_signed(terms: Iterable[tuple[bool, str]]) -> str:
    """Join terms with their signs: `a - b`, never `a + -b`."""
    text = ""
    for negative, term in terms:
        if text:
            text += f" - {term}" if negative else f" + {term}"
        else:
            text = f"-{term}" if negative else term
    return text


def split_sign(value: sp.Expr) -> tuple[bool, sp.Expr]:
    """Whether a coefficient starts with minus, and the coefficient without it."""
    value = sp.factor(value) if not value.is_Number and value.is_Add else value
    if value.could_extract_minus_sign() and not value.is_Add:
        return True, -value
    return False, value


def fraction_parts(value: sp.Expr) -> tuple[str, str]:
    """Numerator and denominator of a coefficient, printed."""
    numerator, denominator = sp.fraction(sp.together(value))
    return coefficient_latex(numerator), coefficient_latex(denominator)


def coefficient_latex(value: sp.Expr) -> str:
    """Print an exact coefficient: integers, fractions, parameters, their products and powers."""
    if value.is_Integer:
        return str(int(value))
    if value.is_Rational:
        ratio = Fraction(int(value.p), int(value.q))
        sign = "-" if ratio < 0 else ""
        return rf"{sign}\frac{{{abs(ratio.numerator)}}}{{{ratio.denominator}}}"
    if value.is_Symbol:
        return letter_latex(value.name)
    if value.is_Add:
        ordered = sorted(value.as_ordered_terms(), key=lambda t: t.could_extract_minus_sign())
        return join_signed((n, coefficient_latex(v)) for n, v in map(split_sign, ordered))
    numerator, denominator = sp.fraction(value)
    if denominator != 1:
        return rf"\frac{{{coefficient_latex(numerator)}}}{{{coefficient_latex(denominator)}}}"
    if value.is_Mul:
        return " ".join(_held(f) for f in sorted(value.args, key=_coefficient_rank))
    if value.is_Pow:
        return f"{_held(value.base)}^{{{coefficient_latex(value.exp)}}}"
    raise CalculusError(f"the coefficient {value} cannot be printed")


def _held(value: sp.Expr) -> str:
    text = coefficient_latex(value)
    return f"({text})" if value.is_Add else text


def _coefficient_rank(value: sp.Expr) -> tuple[int, str]:
    rank = 0 if value.is_Number else 2 if value.has(sp.Add) else 1
    return rank, str(value)
