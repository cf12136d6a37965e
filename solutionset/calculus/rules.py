"""Rules: small functions from expression to expression with a name, a title and a hypothesis.

A derivation is the log of the rules applied; the title is what stands beside the printed line.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import sympy as sp

from solutionset.calculus.assumptions import Assumption, Property, flipped
from solutionset.calculus.contraction import contract, merged
from solutionset.calculus.definitions import Definition, Definitions
from solutionset.calculus.differentiate import differentiate
from solutionset.calculus.expressions import (
    Apply,
    Atom,
    Delta,
    Entry,
    Expr,
    Group,
    Powers,
    Term,
    as_expr,
    atom_indices,
    entry,
    map_atoms,
    rename_expr,
    single,
)
from solutionset.calculus.tensors import (
    ARGUMENT,
    CalculusError,
    Index,
    Inverted,
    Jacobian,
    Tensor,
)


@dataclass(frozen=True)
class Rule:
    """A named rewriting step; `assumption` is what must hold for it, None if nothing must."""

    name: str
    title: str
    explanation: str
    apply: Callable[[Expr], Expr]
    assumption: Assumption | None = None


def unfold_jacobian(definitions: Definitions, of: Tensor, wrt: Tensor) -> Rule:
    """Differentiate the definition of `of` in `wrt`, one level deep."""

    def change(atom: Atom) -> Expr | None:
        if isinstance(atom, Entry) and atom.leaf == Jacobian(of, wrt):
            definition = definitions[of]
            indices, at = atom.indices[: of.rank], atom.indices[of.rank :]
            # Differentiate at fresh names, so that a bound index of the caller meets no namesake.
            fresh = tuple(Index(f"@{k}", i.dim) for k, i in enumerate(at))
            derivative = differentiate(definition.body, wrt, fresh, definitions)
            names = dict(zip(definition.indices + fresh, indices + at, strict=True))
            return rename_expr(derivative, names)
        return None

    return Rule(
        "differentiate",
        "differentiate",
        f"the definition of {of.name}, differentiated term by term",
        lambda expr: map_atoms(expr, change),
    )


def rewrite(name: str, pattern: Expr, by: Expr, because: str) -> Rule:
    """Replace every atom that looks like `pattern` (one atom, free indices as blanks) by `by`.

    By the square of a name, a root of the pattern becomes the name itself, which therefore must not
    be negative: the check of the line decides that.
    """
    if len(pattern.terms) != 1 or len(pattern.terms[0].factors) != 1 or pattern.terms[0].bound:
        raise CalculusError(
            f"the pattern of rule {name} is not a single factor",
            wanted="one entry or one function of entries, such as exp(X[i, j])",
        )
    ((shape, exponent),) = pattern.terms[0].factors
    if exponent != 1 or pattern.terms[0].coefficient != 1:
        raise CalculusError(f"the pattern of rule {name} carries a power or a coefficient")
    if by.free - pattern.free:
        stranger = min(i.name for i in by.free - pattern.free)
        raise CalculusError(f"index {stranger} of rule {name} is not in its pattern")

    def change(atom: Atom) -> Expr | None:
        names = match(shape, atom)
        return None if names is None else rename_expr(by, names)

    return Rule(name, because, because, lambda expr: _roots_taken(map_atoms(expr, change)))


def _roots_taken(expr: Expr) -> Expr:
    """Multiply the exponents of each power of a power, as in (r^2)^{-3/2} = r^{-3}."""
    return Expr(
        merged(replace(term, factors=tuple(f for power in term.factors for f in _unfolded(*power))))
        for term in expr.terms
    )


def _unfolded(atom: Atom, exponent: sp.Expr) -> Powers:
    """The factors of a power of a product without a coefficient or a sum of its own."""
    if not isinstance(atom, Group) or len(atom.body.terms) != 1:
        return ((atom, exponent),)
    (term,) = atom.body.terms
    if term.coefficient != 1 or term.bound:
        return ((atom, exponent),)
    return tuple((inner, value * exponent) for inner, value in term.factors)


def match(pattern: Atom, atom: Atom) -> dict[Index, Index] | None:
    """Return the renaming that turns the pattern into the atom, or None."""
    holes, indices = atom_indices(pattern), atom_indices(atom)
    if type(pattern) is not type(atom) or len(holes) != len(indices):
        return None
    names: dict[Index, Index] = {}
    for hole, index in zip(holes, indices, strict=True):
        if hole.dim != index.dim or names.setdefault(hole, index) != index:
            return None
    match pattern, atom:
        case Entry(), Entry():
            return names if pattern.leaf == atom.leaf else None
        case Apply(), Apply():
            same = pattern.function == atom.function
            return names if same and rename_expr(pattern.argument, names) == atom.argument else None
        case Group(), Group():
            return names if rename_expr(pattern.body, names) == atom.body else None
        case _:
            return None


def sums_to_one(tensor: Tensor, axis: int, because: str) -> Rule:
    """Drop a factor that is summed alone over an axis along which the tensor sums to one."""
    return _assumed("sums_to_one", Assumption(tensor, Property.SUMS_TO_ONE, axis), because)


def orthonormal(tensor: Tensor, because: str) -> Rule:
    """Q^T Q = I for a matrix with orthonormal columns."""
    return _assumed("orthonormal", Assumption(tensor, Property.ORTHOGONAL), because)


def unit_norm(tensor: Tensor, because: str) -> Rule:
    """u^T u = 1 for a vector of norm one."""
    return _assumed("unit_norm", Assumption(tensor, Property.UNIT), because)


def symmetric(tensor: Tensor, because: str) -> Rule:
    """A^T -> A: exchange the indices of every entry of a symmetric matrix."""
    assumption = Assumption(tensor, Property.SYMMETRIC)
    return Rule(
        "symmetric", because, assumption.text, lambda expr: flipped(expr, tensor), assumption
    )


def _assumed(name: str, assumption: Assumption, because: str) -> Rule:
    return Rule(name, because, assumption.text, assumption.reduce, assumption)


def sums_to_zero(tensor: Tensor, axis: int, because: str) -> Rule:
    """Drop the terms in which a centred tensor is summed alone over the axis of its mean."""

    def vanishes(term: Term) -> bool:
        for atom, exponent in term.factors:
            if isinstance(atom, Entry) and atom.leaf == tensor and exponent == 1:
                index = atom.indices[axis]
                uses = [i for other, _ in term.factors for i in atom_indices(other) if i == index]
                if index in term.bound and len(uses) == 1:
                    return True
        return False

    return Rule(
        "sums_to_zero",
        because,
        f"{tensor.name} sums to zero along axis {axis}",
        lambda expr: Expr(term for term in expr.terms if not vanishes(term)),
    )


def cancel_inverse(tensor: Tensor, because: str) -> Rule:
    """A A^-1 = A^-1 A = I."""
    return Rule(
        "inverse",
        because,
        f"the inverse of {tensor.name} times {tensor.name} is the identity",
        lambda expr: contract(Expr(cancelled(term, tensor) for term in expr.terms)),
    )


def cancelled(term: Term, tensor: Tensor) -> Term:
    """Write a delta for every product of a matrix with its inverse, on either side, in a term."""
    entries = [(k, a) for k, (a, e) in enumerate(term.factors) if isinstance(a, Entry) and e == 1]
    plain = [(k, a.indices) for k, a in entries if a.leaf == tensor]
    inverse = [(k, a.indices) for k, a in entries if a.leaf == Inverted(tensor)]
    for k, one in plain:
        for other_place, other in inverse:
            for side in (0, 1):
                shared = one[side]
                rest = [f for p, f in enumerate(term.factors) if p not in (k, other_place)]
                loose = all(shared not in atom_indices(a) for a, _ in rest)
                if shared == other[1 - side] and shared in term.bound and loose:
                    delta = (Delta(one[1 - side], other[side]), sp.Integer(1))
                    bound = tuple(i for i in term.bound if i != shared)
                    return cancelled(Term(term.coefficient, (*rest, delta), bound), tensor)
    return term


def fold_slope(definition: Definition, slope: sp.Expr, because: str) -> Rule:
    """Write f'(z) through y = f(z), as in tanh' = 1 - y^2.

    `definition` is that of y, a single elementwise function; `slope` is an expression in
    `ARGUMENT`, which stands for y. SymPy proves it; raises `CalculusError` where it does not hold.
    """
    terms = definition.body.terms
    atom = terms[0].factors[0][0] if len(terms) == 1 and len(terms[0].factors) == 1 else None
    if not isinstance(atom, Apply) or atom.function.expression is None:
        raise CalculusError(f"{definition.tensor.name} is not a concrete function of something")
    body = atom.function.expression
    if sp.simplify(sp.diff(body, ARGUMENT) - slope.subs(ARGUMENT, body)) != 0:
        raise CalculusError(
            f"the slope of {atom.function.name} is not {slope}", got=str(sp.diff(body, ARGUMENT))
        )
    pattern = single(Apply(atom.function.prime, atom.argument))
    value = entry(definition.tensor, definition.indices)
    powers = sp.Poly(slope, ARGUMENT).terms()
    by = sum((value**k * c if k else as_expr(c) for (k,), c in powers), as_expr(0))
    return rewrite("fold_slope", pattern, by, because)
