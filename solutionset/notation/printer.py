"""Expressions to LaTeX, as on the board of a good lecturer.

Matrix expressions read: products tight, entrywise products looser, sums loosest, and a bracket only
where that order needs one. Numbers and scalars stand in front.
"""

import re

import sympy as sp

from solutionset.calculus.matrix import (
    Add,
    Applied,
    Diag,
    Hadamard,
    Identity,
    Mat,
    One,
    Ones,
    Power,
    Product,
    ScalarTimes,
    Scaled,
    Sym,
    Transposed,
)
from solutionset.calculus.nodes import (
    At,
    Head,
    Inverse,
    Kron,
    Literal,
    MatrixPower,
    Measure,
    Summed,
    Trace,
    Vec,
    is_sized,
)
from solutionset.calculus.tensors import (
    ONE,
    CalculusError,
    Determinant,
    Gradient,
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
from solutionset.notation.index_printer import IndexPrinter, is_below
from solutionset.notation.letters import letter_latex

SUM, TIMES, TIGHT, ATOM = range(4)
"""How tightly a printed piece holds together; a looser one inside a tighter one gets brackets."""

_ONE_OVER = r"\frac{1}{"
"""How one over a scalar begins; a number in front of it is written above the bar instead."""

_UNIT = sp.Integer(1)

Piece = tuple[str, int]

MEASURES: dict[Measure, tuple[str, str]] = {
    Measure.NORM: (r"\lVert", r"\rVert"),
    Measure.FROBENIUS: (r"\lVert", r"\rVert_F"),
    Measure.SPECTRAL: (r"\lVert", r"\rVert_2"),
    Measure.ABS: (r"\lvert", r"\rvert"),
    Measure.DET: (r"\det(", ")"),
    Measure.RADIUS: (r"\rho(", ")"),
    Measure.EXPECTATION: (r"\operatorname{E}[", "]"),
    Measure.ORDER: ("O(", ")"),
}
"""What stands before and after the body of each measure."""


class Printer(IndexPrinter):
    """Prints index and matrix expressions under one set's notation."""

    def matrix(self, node: Mat) -> str:
        """Print a matrix expression."""
        return self._mat(node)[0]

    def _mat(self, node: Mat) -> Piece:
        match node:
            case Sym():
                return self.leaf(node.leaf)
            case Ones():
                return rf"\mathbf{{1}}_{{{letter_latex(node.dim.name)}}}", ATOM
            case Identity():
                return rf"{self._identity}_{{{letter_latex(node.dim.name)}}}", ATOM
            case One():
                return "1", ATOM
            case Transposed(body=Inverse(body=body)) | Inverse(body=Transposed(body=body)):
                return rf"{self._at(body, ATOM)}^{{-\top}}", TIGHT
            case Transposed():
                return rf"{self._at(node.body, ATOM)}^{{\top}}", TIGHT
            case MatrixPower():
                return rf"{self._at(node.body, ATOM)}^{{{coefficient_latex(node.exponent)}}}", TIGHT
            case Inverse():
                return rf"{self._at(node.body, ATOM)}^{{-1}}", TIGHT
            case Product(factors=(Ones(), Transposed(body=Ones()))):
                return rf"\mathbf{{1}}_{{{_size(node)}}}", ATOM
            case Product():
                return self._product(node), TIMES
            case Hadamard() | ScalarTimes() if node.is_scalar or isinstance(node, ScalarTimes):
                return self._scalars(node), TIMES
            case Hadamard():
                return self._hadamard(node), TIMES
            case Kron():
                return rf"{self._at(node.left, TIGHT)} \otimes {self._at(node.right, TIGHT)}", TIMES
            case Summed():
                start = f"{letter_latex(node.letter.name)}={coefficient_latex(node.first)}"
                head = rf"\sum_{{{start}}}^{{{coefficient_latex(node.last)}}}"
                return f"{head} {self._at(node.body, TIMES)}", SUM
            case Add():
                return join_signed(self._signed(term) for term in node.terms), SUM
            case Scaled(coefficient=sp.Integer(p=0)) if _is_plain(node):
                return rf"\mathbf{{0}}_{{{_size(node)}}}" if _size(node) else "0", ATOM
            case Scaled():
                return self._multiple(node)
            case Applied() | Diag() | Trace() | Vec():
                return self._call(node), ATOM
            case Power():
                return self._raised(node)
            case Head():
                return self._measure(node), ATOM
            case At():
                return self._mat(node.of)[0] + bracketed(self._mat(node.value)[0]), ATOM
            case Literal():
                return literal_latex(node), ATOM
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
            case Inverted() | Determinant() | Powered():
                raise TypeError(f"{leaf.name} is an expression, not a symbol")

    def _at(self, node: Mat, level: int) -> str:
        text, holds = self._mat(node)
        return text if holds >= level else bracketed(text)

    def _product(self, node: Product) -> str:
        """A gradient written with nabla needs a bracket unless it comes last."""
        last = node.factors[-1]
        tail = self.matrix(last) if isinstance(last, Sym) else self._at(last, TIGHT)
        return juxtaposed([*(self._at(f, TIGHT) for f in node.factors[:-1]), tail])

    def _hadamard(self, node: Hadamard) -> str:
        sign = f" {self.naming.hadamard} "
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

    def _multiple(self, node: Scaled) -> Piece:
        negative, number = split_sign(node.coefficient)
        front = "" if number == 1 else factor_latex(number)
        if isinstance(node.body, One):
            return (f"-{front or 1}", SUM) if negative else (front or "1", TIGHT)
        if _divides(number) and _is_fraction(node.body):
            text = self._scalars(node.body, number)
            return (f"-{text}", SUM) if negative else (text, TIMES)
        factor = self._factor(node.body)
        if isinstance(number, sp.Integer | sp.Symbol) and factor.startswith(_ONE_OVER):
            text = rf"\frac{{{front or 1}}}{{{factor.removeprefix(_ONE_OVER)}"
        else:
            text = juxtaposed([front, factor])
        return (f"-{text}", SUM) if negative else (text, TIMES)

    def _scalars(self, node: Mat, number: sp.Expr = _UNIT) -> str:
        """Scalars, in front of a matrix or alone; negative powers go under a fraction bar, where
        the `number` in front of them joins them."""
        scalars: list[Mat] = []
        while isinstance(node, ScalarTimes):
            scalars.append(node.scalar)
            node = node.body
        if node.is_scalar:
            scalars.append(node)
        flat = [f for s in scalars for f in (s.factors if isinstance(s, Hadamard) else (s,))]
        below = [f for f in flat if isinstance(f, Power) and is_below(f.exponent)]
        above = [f for f in flat if f not in below and not isinstance(f, One)]
        front = self._scalar_product(above)
        if below:
            top, bottom = fraction_parts(number)
            under = self._side_of([_reciprocal(power) for power in below], bottom)
            over = self._side_of(above, top) if above else coefficient_latex(top)
            front = rf"\frac{{{over}}}{{{under}}}"
        return juxtaposed([front, "" if node.is_scalar else self._factor(node)]) or "1"

    def _side_of(self, factors: list[Mat], number: sp.Expr) -> str:
        """One side of a fraction bar, where a single factor needs no brackets."""
        if number == 1 and len(factors) == 1:
            return self.matrix(factors[0])
        lead = "" if number == 1 else factor_latex(number)
        return juxtaposed([lead, self._scalar_product(factors)])

    def _scalar_product(self, factors: list[Mat]) -> str:
        return juxtaposed(self._at(factor, TIGHT) for factor in factors)

    def _factor(self, node: Mat) -> str:
        """What follows a number: products and nested multiples need no bracket."""
        text, holds = self._mat(node)
        product = isinstance(node, Product | ScalarTimes | Sym)
        plain = holds >= TIGHT or product or (isinstance(node, Hadamard) and node.is_scalar)
        return text if plain else bracketed(text)

    def _call(self, node: Applied | Diag | Trace | Vec) -> str:
        match node:
            case Applied():
                head = self.naming.function(node.function)
            case Diag():
                head = r"\operatorname{diag}"
            case Trace():
                head = r"\operatorname{tr}"
            case Vec():
                head = r"\operatorname{vec}"
        return head + bracketed(self._mat(node.body)[0])

    def _measure(self, node: Head) -> str:
        return measured(node.measure, self._mat(node.body)[0])

    def _raised(self, node: Power) -> Piece:
        if not node.is_scalar:
            raised = f"{self.naming.hadamard} {exponent_latex(node.exponent)}"
            return f"{self._at(node.body, ATOM)}^{{{raised}}}", TIGHT
        if is_below(node.exponent):
            return rf"\frac{{1}}{{{self._mat(_reciprocal(node))[0]}}}", TIGHT
        if is_half(node.exponent):
            return rf"\sqrt{{{self._mat(node.body)[0]}}}", TIGHT
        return f"{self._at(node.body, ATOM)}^{{{exponent_latex(node.exponent)}}}", TIGHT


def measured(measure: Measure, inner: str) -> str:
    """A measure of something already printed; its brackets grow with what is tall."""
    before, after = MEASURES[measure]
    if r"\frac" in inner or r"\begin" in inner:
        before = re.sub(r"(\\lVert|\\lvert|\(|\[)$", r"\\left\1", before)
        after = rf"\right{after}"
    return f"{before} {inner} {after}"


def _divides(number: sp.Expr) -> bool:
    """Whether a number in front of a fraction has a denominator that can go below its bar."""
    return bool(fraction_parts(number)[1] != 1)


def _is_fraction(node: Mat) -> bool:
    """Whether scalars in front of a matrix, or a scalar itself, are printed with a bar."""
    while isinstance(node, ScalarTimes):
        if _is_fraction(node.scalar):
            return True
        node = node.body
    parts = node.factors if isinstance(node, Hadamard) else (node,)
    return node.is_scalar and any(isinstance(p, Power) and is_below(p.exponent) for p in parts)


def _reciprocal(power: Power) -> Mat:
    return power.body if power.exponent == -1 else Power(power.body, -power.exponent)


def literal_latex(node: Literal) -> str:
    """A matrix of exact numbers; a single one without a matrix around it."""
    if node.is_scalar:
        text = coefficient_latex(node.rows[0][0])
        return f"({text})" if text.startswith("-") else text
    body = r" \\ ".join(" & ".join(map(coefficient_latex, row)) for row in node.rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def _size(node: Mat) -> str:
    """The dimensions below a column or matrix of ones or zeros; empty for a number."""
    return r" \times ".join(letter_latex(dim.name) for dim in node.shape if dim != ONE)


def _is_plain(node: Mat) -> bool:
    """Whether it is a number, a column or a matrix over named dimensions, and no row."""
    rows, cols = node.shape
    named = not any(dim.factors or is_sized(dim) for dim in (rows, cols))
    return named and (rows != ONE or cols == ONE)
