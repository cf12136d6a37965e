"""What has no place in a matrix formula, refused with what to write instead."""

import sympy as sp

from solutionset.calculus.tensors import CalculusError

_INSTEAD = {
    "Parameter": "write number(p) or p.symbol for a parameter p",
    "Dim": "write number(n.size) or n.size for the size of n",
    "Expr": "write the tensor itself; entries such as x[i] belong into define_entry",
}
"""What to write for a stranger in a formula."""


def exact_number(value: object) -> sp.Expr:
    """An exact number; raises `CalculusError` for a rounded one and for what is no number."""
    if isinstance(value, float | sp.Float):
        raise CalculusError(f"{value} is a rounded number", wanted="an int or an exact Rational")
    if not isinstance(value, int | sp.Expr):
        raise CalculusError(
            f"a {type(value).__name__} in a matrix formula",
            wanted="a matrix formula or an exact number",
            advice=_INSTEAD.get(type(value).__name__, ""),
        )
    return sp.sympify(value)


def foreign(name: str) -> CalculusError:
    """The error of a function that knows no formulas."""
    return CalculusError(
        f"{name} of a formula",
        wanted="exp, log or tanh of solutionset.authoring, norm(...), or a function that "
        "elementwise(...) makes",
    )
