"""Exact numbers in print: coefficients and exponents in parameters and dimension sizes.

Also the small rules of layout that every printed formula follows: signs, brackets, products.
"""

import re
from collections.abc import Iterable

import sympy as sp

from solutionset.calculus.tensors import CalculusError
from solutionset.notation.letters import letter_latex

_NUMERAL = re.compile(r"\d")
_NUMERAL_FRACTION = re.compile(r"\\frac\{\d+\}\{\d+\}")
_AFTER_NUMERAL = re.compile(r"(\d|\\frac\{\d+\}\{\d+\})$")
PI = r"\pi"
"""The circle constant; in a problem where something else is called so, it is read as that."""
_HALF = sp.Rational(1, 2)


def bracketed(text: str) -> str:
    """Put round brackets, tall ones around what is taller than a line."""
    tall = any(command in text for command in (r"\frac", r"\sum", r"\begin"))
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


def juxtaposed(pieces: Iterable[str]) -> str:
    r"""Set factors side by side; a `\cdot` keeps `2 3` from reading 23, and 2 1/2 from 2.5."""
    text = ""
    for piece in filter(None, pieces):
        mixed = _AFTER_NUMERAL.search(text) and _NUMERAL_FRACTION.match(piece)
        sign = r" \cdot " if _NUMERAL.match(piece) or mixed else " "
        text += sign + piece if text else piece
    return text


def split_sign(value: sp.Expr) -> tuple[bool, sp.Expr]:
    """Whether a coefficient starts with minus, and the coefficient without it."""
    value = sp.factor(value) if not value.is_Number and value.is_Add else value
    if value.could_extract_minus_sign() and not value.is_Add:
        return True, -value
    return False, value


def fraction_parts(value: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Numerator and denominator of a coefficient."""
    numerator, denominator = sp.fraction(sp.together(value))
    return numerator, denominator


def coefficient_latex(value: sp.Expr) -> str:
    """Print an exact coefficient: integers, fractions, parameters, their products and powers."""
    negative, size = split_sign(value)
    if negative:
        return f"-{factor_latex(size)}"
    if size.is_Integer:
        return str(int(size))
    if size.is_Symbol:
        return letter_latex(size.name)
    if size is sp.pi:
        return PI
    if isinstance(size, sp.log) and size.args[0].is_Integer:
        return rf"\ln {int(size.args[0])}"
    if size.is_Add:
        ordered = sorted(size.as_ordered_terms(), key=lambda t: t.could_extract_minus_sign())
        return join_signed((n, factor_latex(v)) for n, v in map(split_sign, ordered))
    numerator, denominator = sp.fraction(size)
    if denominator != 1:
        return rf"\frac{{{coefficient_latex(numerator)}}}{{{coefficient_latex(denominator)}}}"
    if size.is_Mul:
        return juxtaposed(map(factor_latex, sorted(size.args, key=_reading_rank)))
    if size.is_Pow:
        return _power_latex(size.base, size.exp)
    raise CalculusError(f"the coefficient {value} cannot be printed")


def factor_latex(value: sp.Expr) -> str:
    """Print a coefficient as a factor of a product: a sum or a negative number gets brackets."""
    text = coefficient_latex(value)
    return bracketed(text) if value.is_Add or text.startswith("-") else text


def exponent_latex(value: sp.Expr) -> str:
    """Print an exponent; a fraction is set on one line, as in x^{1/2}."""
    if value.is_Rational and not value.is_Integer:
        return f"{int(value.p)}/{int(value.q)}"
    return coefficient_latex(value)


def is_half(exponent: sp.Expr) -> bool:
    """Whether a power is a square root."""
    return bool(exponent == _HALF)


def _power_latex(base: sp.Expr, exponent: sp.Expr) -> str:
    text = coefficient_latex(base)
    if is_half(exponent):
        return rf"\sqrt{{{text}}}"
    plain = base.is_Symbol or base is sp.pi or (base.is_Integer and base >= 0)
    return f"{text if plain else bracketed(text)}^{{{exponent_latex(exponent)}}}"


def _reading_rank(value: sp.Expr) -> tuple[int, str]:
    """Numbers first, then powers of numbers, letters, and sums last."""
    rank = 0 if value.is_Number else 1 if value.is_number else 3 if value.has(sp.Add) else 2
    return rank, str(value)
