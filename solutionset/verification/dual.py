"""Dual numbers over exact values: derivatives of a forward without rounding, by object arrays."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class Dual:
    """value + slope * epsilon with epsilon squared zero; both parts are exact SymPy numbers."""

    value: sp.Expr
    slope: sp.Expr

    def __add__(self, other: Dual | int | sp.Expr) -> Dual:
        """Add."""
        right = lift(other)
        return Dual(self.value + right.value, self.slope + right.slope)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        """Change the sign."""
        return Dual(-self.value, -self.slope)

    def __sub__(self, other: Dual | int | sp.Expr) -> Dual:
        """Subtract."""
        return self + -lift(other)

    def __rsub__(self, other: Dual | int | sp.Expr) -> Dual:
        """Subtract from a number."""
        return lift(other) + -self

    def __mul__(self, other: Dual | int | sp.Expr) -> Dual:
        """Multiply, by the product rule."""
        right = lift(other)
        return Dual(self.value * right.value, self.slope * right.value + self.value * right.slope)

    __rmul__ = __mul__

    def __truediv__(self, other: Dual | int | sp.Expr) -> Dual:
        """Divide."""
        return self * lift(other) ** -1

    def __rtruediv__(self, other: Dual | int | sp.Expr) -> Dual:
        """Divide a number by this."""
        return lift(other) * self**-1

    def __pow__(self, power: float | sp.Expr) -> Dual:
        """Raise to a constant power."""
        exponent = lift(power).value
        slope = exponent * self.value ** (exponent - 1) * self.slope
        return Dual(self.value**exponent, slope)

    def __gt__(self, other: Dual | int | sp.Expr) -> bool:
        """Compare values, for kinks such as max(x, 0)."""
        return bool(self.value > lift(other).value)

    def __lt__(self, other: Dual | int | sp.Expr) -> bool:
        """Compare values."""
        return bool(self.value < lift(other).value)

    def __ge__(self, other: Dual | int | sp.Expr) -> bool:
        """Compare values."""
        return bool(self.value >= lift(other).value)

    def __le__(self, other: Dual | int | sp.Expr) -> bool:
        """Compare values."""
        return bool(self.value <= lift(other).value)

    def exp(self) -> Dual:
        """The exponential; NumPy calls this on object arrays."""
        return Dual(sp.exp(self.value), sp.exp(self.value) * self.slope)

    def log(self) -> Dual:
        """The natural logarithm."""
        return Dual(sp.log(self.value), self.slope / self.value)

    def sqrt(self) -> Dual:
        """The square root."""
        return Dual(sp.sqrt(self.value), self.slope / (2 * sp.sqrt(self.value)))

    def tanh(self) -> Dual:
        """The hyperbolic tangent."""
        return Dual(sp.tanh(self.value), (1 - sp.tanh(self.value) ** 2) * self.slope)


def lift(value: Dual | float | sp.Expr) -> Dual:
    """A plain number as a dual number without slope; a float is the fraction that it stores, so
    that 0.5 is one half and 0.1 is seen not to be a tenth."""
    if isinstance(value, Dual):
        return value
    exact = sp.Rational(value) if isinstance(value, float) else sp.sympify(value)
    return Dual(exact, sp.Integer(0))


def apply_exact(
    expression: sp.Expr, derivative: sp.Expr, argument: sp.Symbol, at: Dual | sp.Expr
) -> Dual | sp.Expr:
    """A function of one variable at an exact number, or at a dual one by the chain rule."""
    if not isinstance(at, Dual):
        return sp.sympify(expression).subs(argument, at)
    slope = sp.sympify(derivative).subs(argument, at.value)
    return Dual(sp.sympify(expression).subs(argument, at.value), slope * at.slope)
