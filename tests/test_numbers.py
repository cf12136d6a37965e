r"""Measured numbers in print: a table of (value, digits, LaTeX), read back to the last digit."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutionset.errors import AuthorError
from solutionset.notation.numbers import Quantity, read_quantity, reads_back
from solutionset.notation.tokens import Unreadable


@pytest.mark.parametrize(
    ("value", "digits", "latex"),
    [
        (0.5, 1, "0.5"),
        (0.5, 3, "0.500"),
        (97.25, 3, "97.2"),
        (97.75, 3, "97.8"),
        (2.5, 1, "2"),
        (3.5, 1, "4"),
        (-2.5, 1, "-2"),
        (9.996, 3, "10.0"),
        (9.996, 4, "9.996"),
        (0.0015, 2, "0.0015"),
        (0.00015, 2, r"1.5 \times 10^{-4}"),
        (1e-15, 1, "10^{-15}"),
        (1e-15, 2, r"1.0 \times 10^{-15}"),
        (2e-15, 1, r"2 \times 10^{-15}"),
        (0.00099996, 2, "0.0010"),
        (123.4, 3, "123"),
        (123.4, 2, r"1.2 \times 10^{2}"),
        (12345.678, 7, r"12\,345.68"),
        (12345.678, 3, r"1.23 \times 10^{4}"),
        (6.02214076e23, 4, r"6.022 \times 10^{23}"),
        (-0.0, 3, "0"),
        (0.0, 3, "0"),
    ],
)
def test_a_float_is_printed_with_its_digits_and_no_more(
    value: float, digits: int, latex: str
) -> None:
    quantity = Quantity(value, digits)
    assert quantity.latex == latex
    assert reads_back(quantity)


@pytest.mark.parametrize(
    ("value", "latex"),
    [
        (0, "0"),
        (-7, "-7"),
        (1234, "1234"),
        (12345, r"12\,345"),
        (11689512, r"11\,689\,512"),
        (-11689512, r"-11\,689\,512"),
        (np.int64(11689512), r"11\,689\,512"),
    ],
)
def test_an_int_is_printed_exactly(value: int, latex: str) -> None:
    assert Quantity(value, 1).latex == latex
    assert reads_back(Quantity(value, 1))


@pytest.mark.parametrize(
    ("unit", "latex"),
    [("s", r"1.5\,\mathrm{s}"), ("%", r"1.5\,\%"), ("MB/s", r"1.5\,\mathrm{MB/s}")],
)
def test_a_unit_follows_after_a_thin_space(unit: str, latex: str) -> None:
    assert Quantity(1.5, 2, unit).latex == latex
    assert reads_back(Quantity(1.5, 2, unit))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True])
def test_what_is_no_finite_number_is_refused(value: float) -> None:
    with pytest.raises(AuthorError, match="cannot be printed"):
        Quantity(value, 3)


@pytest.mark.parametrize("digits", [0, -1, 18])
def test_a_digit_count_out_of_range_is_refused(digits: int) -> None:
    with pytest.raises(AuthorError, match="1 to 17 digits"):
        Quantity(1.5, digits)


@pytest.mark.parametrize("unit", [r"\input", "m s", "/s", "%%"])
def test_a_unit_that_cannot_be_printed_is_refused(unit: str) -> None:
    with pytest.raises(AuthorError, match="cannot be printed"):
        Quantity(1.5, 2, unit)


@pytest.mark.parametrize(
    "latex",
    ["", "1,5", "1.", ".5", r"1\,23", "12345", r"1 \times 10^5", "1e5", "+1", "1.5 s", "- 1"],
)
def test_what_is_not_printed_so_is_not_read(latex: str) -> None:
    with pytest.raises(Unreadable, match="is no printed number"):
        read_quantity(latex)


def test_a_printed_number_carries_half_a_unit_of_its_last_digit() -> None:
    reading = read_quantity(r"-1.50 \times 10^{-3}")
    assert (reading.value, reading.half_unit) == (Fraction(-3, 2000), Fraction(1, 200000))


@settings(derandomize=True, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 17))
def test_every_float_is_read_back_within_half_a_unit(value: float, digits: int) -> None:
    assert reads_back(Quantity(value, digits))


@settings(derandomize=True, deadline=None)
@given(st.integers())
def test_every_int_is_read_back_exactly(value: int) -> None:
    assert reads_back(Quantity(value, 1))
