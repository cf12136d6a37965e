"""Measured numbers in print: a value, the digits it is good for, and its rounding."""

from dataclasses import dataclass

from solutionset.errors import AuthorError


@dataclass(frozen=True)
class Quantity:
    """A measured number, printed with `digits` significant digits."""

    value: float
    digits: int
    unit: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be printed."""
        if self.value != self.value or self.value in (float("inf"), float("-inf")):
            raise AuthorError(
                f"{self.value} cannot be printed", code="number", wanted="a finite number"
            )

    @property
    def latex(self) -> str:
        """The number in math mode, rounded half to even, trailing zeros kept."""
        if isinstance(self.value, int):
            return f"{self.value:,}".replace(",", r"\,")
        text = f"{self.value:.{self.digits - 1}e}"
        mantissa, exponent = text.split("e")
        if -3 <= int(exponent) <= 4:
            places = max(0, self.digits - 1 - int(exponent))
            return f"{self.value:.{places}f}"
        return rf"{mantissa} \times 10^{{{int(exponent)}}}"
