"""Measured numbers in print, and read back: a value, the digits it is good for, its unit."""

import re
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from numbers import Integral

from solutionset.errors import AuthorError
from solutionset.notation.tokens import Unreadable

_UNIT = re.compile(r"%|[A-Za-z]+(/[A-Za-z]+)?")
_PRINTED = re.compile(
    r"(?P<sign>-?)(?P<whole>\d{1,3}(?:\\,\d{3})*|\d{4})(?:\.(?P<decimals>\d+))?"
    r"(?: \\times 10\^\{(?P<exponent>-?\d+)\})?(?:\\,(?P<unit>\\%|\\mathrm\{[A-Za-z/]+\}))?"
)
_POWER = re.compile(r"\A10\^")
"""A power of ten is printed without the factor one."""
_SMALLEST_FIXED = -3
"""Numbers below 10^-3 are printed with a power of ten."""


@dataclass(frozen=True)
class Quantity:
    """A measured number; a float is printed with `digits` significant digits, an int exactly.

    Rounding is half to even on the exact value, trailing zeros are kept, and no digit is printed
    that was not asked for. Raises `AuthorError` for NaN, infinity, digits outside 1 to 17, and for
    a unit that is neither letters, nor a quotient of two such, nor a per cent sign.
    """

    value: float
    digits: int
    unit: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be printed."""
        if isinstance(self.value, bool) or not isfinite(self.value):
            raise AuthorError(
                f"{self.value} cannot be printed", code="number", wanted="a finite number"
            )
        if not 1 <= self.digits <= 17:
            raise AuthorError(
                f"{self.value} with {self.digits} digits", code="number", wanted="1 to 17 digits"
            )
        if self.unit and not _UNIT.fullmatch(self.unit):
            raise AuthorError(
                f"unit {self.unit!r} cannot be printed", code="number", wanted="as in %, s or MB/s"
            )

    @property
    def latex(self) -> str:
        """The number in math mode, with its unit."""
        return _number(self.value, self.digits) + _unit(self.unit)


def _number(value: float, digits: int) -> str:
    if isinstance(value, Integral):
        return _grouped(str(int(value)))
    if value == 0:
        return "0"
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    exponent = int(power)
    if _SMALLEST_FIXED <= exponent < digits:
        whole, dot, decimals = f"{value:.{digits - 1 - exponent}f}".partition(".")
        return _grouped(whole) + dot + decimals
    power = rf"10^{{{exponent}}}"
    return power if mantissa == "1" else rf"{mantissa} \times {power}"


def _grouped(whole: str) -> str:
    """Thin spaces between groups of three, from five digits on."""
    sign = "-" if whole.startswith("-") else ""
    digits = whole.removeprefix("-")
    return sign + (f"{int(digits):,}".replace(",", r"\,") if len(digits) > 4 else digits)


def _unit(unit: str) -> str:
    if not unit:
        return ""
    return r"\,\%" if unit == "%" else rf"\,\mathrm{{{unit}}}"


@dataclass(frozen=True)
class Reading:
    """A printed number: its value, half a unit of its last digit, and its unit as printed."""

    value: Fraction
    half_unit: Fraction
    unit: str


def read_quantity(latex: str) -> Reading:
    """Read a printed number back, exactly; raises `Unreadable` for any other LaTeX."""
    found = _PRINTED.fullmatch(_POWER.sub(r"1 \\times 10^", latex))
    if found is None:
        raise Unreadable(f"'{latex}' is no printed number", latex, 0)
    whole = found["whole"].replace(r"\,", "")
    decimals = found["decimals"] or ""
    last = Fraction(10) ** (int(found["exponent"] or 0) - len(decimals))
    value = int(found["sign"] + whole + decimals) * last
    unit = (found["unit"] or "").removeprefix(r"\mathrm{").removesuffix("}").replace("\\", "")
    return Reading(value, last / 2, unit)


def reads_back(quantity: Quantity) -> bool:
    """Whether what is printed lies within half a unit of its last digit; an int must be met."""
    reading = read_quantity(quantity.latex)
    error = abs(reading.value - Fraction(quantity.value))
    allowed = 0 if isinstance(quantity.value, Integral) else reading.half_unit
    return error <= allowed and reading.unit == quantity.unit
