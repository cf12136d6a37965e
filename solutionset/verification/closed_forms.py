"""Wrong variants of a closed form in named sizes, which a table of counts must tell apart."""

from collections.abc import Iterator

import sympy as sp


def closed_form_variants(form: sp.Expr, letters: frozenset[sp.Symbol]) -> tuple[sp.Expr, ...]:
    """Each form that differs from this one by one slip: a sum for a product or the reverse, a part
    left out, a number off by one, another of the letters. Forms that are equal are left out."""
    slips = dict.fromkeys(_slips(form, letters))
    return tuple(wrong for wrong in slips if sp.expand(wrong - form) != 0)


def _slips(form: sp.Expr, letters: frozenset[sp.Symbol]) -> Iterator[sp.Expr]:
    if form.is_Integer:
        yield form + 1
        yield form - 1
    elif form.is_Symbol:
        yield from sorted(letters - {form}, key=str)
    if form.is_Add or form.is_Mul:
        yield (sp.Mul if form.is_Add else sp.Add)(*form.args)
        yield from (_without(form, at) for at in range(len(form.args)))
    for at, part in enumerate(form.args):
        for wrong in _slips(part, letters):
            yield form.func(*form.args[:at], wrong, *form.args[at + 1 :])


def _without(form: sp.Expr, at: int) -> sp.Expr:
    return form.func(*form.args[:at], *form.args[at + 1 :])
