"""The constructors of claims that the calculus derives: gradients and Jacobians."""

from collections.abc import Sequence

from solutionset.authoring.symbols import plain
from solutionset.calculus import derivation as _derivation
from solutionset.calculus.matrix import Mat, Sym
from solutionset.calculus.recognise import Style, gradient_form
from solutionset.calculus.rules import Rule
from solutionset.calculus.tensors import CalculusError, Jacobian
from solutionset.calculus.trees import substitute
from solutionset.errors import here
from solutionset.verification.claims import (
    Derived,
    Head,
)
from solutionset.verification.computation import Computation

INDEX = "index"
"""The style of a result that is left in index form: no matrix form exists, or none is wanted."""


def gradient(
    name: str,
    computation: Computation,
    *,
    of: Sym | Sequence[Sym],
    wrt: Sym,
    title: str = "",
    style: str = "hadamard",
    rules: Sequence[Rule] = (),
    fold: Sequence[Sym] = (),
) -> Derived:
    """Derive dL/d(wrt) through the quantities `of`, and claim it.

    `rules` are applied in order after the deltas are summed out; `fold` names defined matrices
    whose bodies are to be replaced by their names in the matrix form.
    """
    place = here()
    through = (of,) if isinstance(of, Sym) else tuple(of)
    try:
        derived = _derivation.derive_gradient(
            computation.definitions,
            tuple(map(plain, through)),
            plain(wrt),
            tuple(rules),
            loss=computation.root if computation.loss else None,
        )
        form = _form(derived, style, fold)
    except CalculusError as error:
        raise error.at(place) from None
    head = Head(name, title, place)
    return Derived(head, "gradient", computation, None, plain(wrt), derived, form)


def jacobian(
    name: str,
    computation: Computation,
    *,
    of: Sym,
    wrt: Sym,
    title: str = "",
    style: str = "diag",
    rules: Sequence[Rule] = (),
    fold: Sequence[Sym] = (),
) -> Derived:
    """Derive d(of)/d(wrt), rows for the entries of `of`, and claim it."""
    place = here()
    try:
        derived = _derivation.derive_jacobian(
            computation.definitions, plain(of), plain(wrt), tuple(rules)
        )
        leaf = Jacobian(plain(of), plain(wrt))
        flat = len(leaf.of.dims) < 2 and len(leaf.wrt.dims) < 2
        form = _form(derived, style if flat else INDEX, fold, as_row=leaf.is_row)
    except CalculusError as error:
        raise error.at(place) from None
    head = Head(name, title, place)
    return Derived(head, "jacobian", computation, plain(of), plain(wrt), derived, form)


def _form(
    derived: _derivation.Derivation, style: str, fold: Sequence[Sym], *, as_row: bool = False
) -> Mat | None:
    if len(derived.indices) > 2 or style == INDEX:
        return None
    if style not in list(Style):
        raise CalculusError(f"style {style!r} does not exist", wanted=", ".join([*Style, INDEX]))
    assumed = tuple(step.assumption for step in derived.steps if step.assumption is not None)
    form = gradient_form(derived.final, derived.indices, Style(style), assumed, as_row=as_row)
    for name in fold:
        if name.body is None:
            raise CalculusError(f"{name.leaf.name} has no matrix body to fold")
        folded = substitute(form, name.body, name)
        if folded == form:
            raise CalculusError(f"the body of {name.leaf.name} does not occur in the result")
        form = folded
    return form
