"""Derivations of gradients and Jacobians: the log of applied rules is what is printed.

A derivation is staged: the gradient in a variable goes through the named quantity that follows it
(dL/dz first, then dL/dW through z), as a lecturer would.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from solutionset.calculus.assumptions import Assumption, oriented
from solutionset.calculus.contraction import contract
from solutionset.calculus.definitions import (
    Definition,
    Definitions,
    sorted_tensors,
    tensors_in,
)
from solutionset.calculus.expressions import (
    MULTIPLIED_OUT,
    Apply,
    Atom,
    Entry,
    Expr,
    Term,
    as_expr,
    entry,
    map_atoms,
    single,
    splice,
    sum_over,
)
from solutionset.calculus.normal import equivalent, normal_form
from solutionset.calculus.normalisers import named
from solutionset.calculus.rules import Rule, unfold_jacobian
from solutionset.calculus.tensors import (
    CalculusError,
    Dim,
    Gradient,
    Index,
    Inverted,
    Jacobian,
    Tensor,
)

_FREE_LETTERS = "ijpquv"


@dataclass(frozen=True)
class Step:
    """One line of a derivation: the rule that was applied and what came out."""

    rule: str
    because: str
    expr: Expr
    about: tuple[Tensor, ...] = ()
    assumption: Assumption | None = None


@dataclass(frozen=True)
class Derivation:
    """`left` (an entry of a gradient or a Jacobian) and the lines that it equals."""

    left: Expr
    indices: tuple[Index, ...]
    steps: tuple[Step, ...]

    @property
    def final(self) -> Expr:
        """The last line."""
        return self.steps[-1].expr


def free_indices(dims: Sequence[Dim], taken: Sequence[Index] = ()) -> tuple[Index, ...]:
    """Letters for free indices: the dimension's own first, then i, j, p, q."""
    used = {index.name for index in taken}
    chosen: list[Index] = []
    for dim in dims:
        letters = [c for c in dim.letters + _FREE_LETTERS if c not in used]
        if not letters:
            raise CalculusError(f"no index letter is left for dimension {dim.name}")
        used.add(letters[0])
        chosen.append(Index(letters[0], dim))
    return tuple(chosen)


def derive_gradient(
    definitions: Definitions,
    through: tuple[Tensor, ...],
    wrt: Tensor,
    rules: tuple[Rule, ...] = (),
    loss: Tensor | None = None,
) -> Derivation:
    """Derive dL/d(wrt), entry by entry, from the gradients in the tensors of `through`.

    Each path from `wrt` to the loss is counted once: a quantity of `through` is differentiated with
    the others held. If `through` is the `loss` itself, its own gradient, 1, is left out. Raises
    `CalculusError` if something in `through` does not depend on `wrt`.
    """
    indices = free_indices(wrt.dims)
    everything, definitions = definitions, definitions.holding(through)
    start = _chain_rule(definitions, through, wrt, indices, loss)
    if through == (loss,):
        folded = Step("", "", entry(Jacobian(through[0], wrt), indices))
        steps = _unfold(definitions, wrt, [folded], rules)[1:]
        return Derivation(entry(Gradient(wrt), indices), indices, tuple(steps))
    first = Step("chain_rule", "chain rule through", start, through)
    if any(everything.acts_through(tensor, wrt, through) for tensor in through):
        # A partial derivative with the others held has no symbol of its own: start without it.
        unfolded = _differentiated(definitions, wrt, start)[-1].expr
        first = Step("chain_rule", "chain rule, the others held, through", unfolded, through)
    steps = _unfold(definitions, wrt, [first], rules)
    return Derivation(entry(Gradient(wrt), indices), indices, tuple(steps))


def _chain_rule(
    held: Definitions,
    through: tuple[Tensor, ...],
    wrt: Tensor,
    indices: tuple[Index, ...],
    loss: Tensor | None,
) -> Expr:
    """The gradient times the derivative in wrt[indices], summed over all entries of `through`; that
    of the loss in itself is one."""
    total = as_expr(0)
    for tensor in through:
        if not held.depends(tensor, wrt):
            raise CalculusError(
                f"{tensor.name} does not depend on {wrt.name}"
                + (" unless through the others of `of`" if len(through) > 1 else ""),
                advice=f"name in `of` a quantity through which {wrt.name} acts on the loss",
            )
        over = tuple(Index(f"'{k}", dim) for k, dim in enumerate(tensor.dims))
        upstream = as_expr(1) if tensor == loss else entry(Gradient(tensor), over)
        product = upstream * entry(Jacobian(tensor, wrt), over + indices)
        total = total + (sum_over(over, product) if over else product)
    return total


def derive_jacobian(
    definitions: Definitions, of: Tensor, wrt: Tensor, rules: tuple[Rule, ...] = ()
) -> Derivation:
    """Derive d(of)/d(wrt), entry by entry; rows are the entries of `of`."""
    if not definitions.depends(of, wrt):
        raise CalculusError(f"{of.name} does not depend on {wrt.name}")
    rows = free_indices(of.dims)
    columns = free_indices(wrt.dims, rows)
    left = entry(Jacobian(of, wrt), rows + columns)
    steps = _unfold(definitions, wrt, [Step("", "", left)], rules)[1:]
    return Derivation(left, rows + columns, tuple(steps))


def _unfold(
    definitions: Definitions, wrt: Tensor, steps: list[Step], rules: tuple[Rule, ...]
) -> list[Step]:
    """Differentiate folded quantities, latest first, then contract, then apply the rules given."""
    steps = [*steps, *_differentiated(definitions, wrt, steps[-1].expr)]
    expr = steps[-1].expr
    for rule in (_CONTRACT, *rules):
        changed = rule.apply(expr)
        if changed != expr:
            expr = changed
            steps.append(Step(rule.name, rule.title, expr, (), rule.assumption))
        elif rule is not _CONTRACT:
            raise CalculusError(
                f"rule {rule.name} changes nothing here", advice="take it out of `rules`"
            )
    return steps


def _differentiated(definitions: Definitions, wrt: Tensor, expr: Expr) -> list[Step]:
    """One step for each folded quantity that depends on `wrt`, latest first."""
    steps: list[Step] = []
    while (of := _latest_folded(expr, definitions, wrt)) is not None:
        rule = unfold_jacobian(definitions, of, wrt)
        expr = rule.apply(expr)
        steps.append(Step(rule.name, rule.title, expr, (of,)))
    return steps


_CONTRACT = Rule("contract", "sum out the deltas", "a Kronecker delta picks one term", contract)


def _latest_folded(expr: Expr, definitions: Definitions, wrt: Tensor) -> Tensor | None:
    folded = {
        atom.leaf.of
        for term in expr.terms
        for atom, _ in term.factors
        if isinstance(atom, Entry) and isinstance(atom.leaf, Jacobian) and atom.leaf.wrt == wrt
    }
    return max(folded, key=definitions.position, default=None)


def resolved(expr: Expr, definitions: Definitions) -> Expr:
    """Write every derivative out: gradients through the last definition, Jacobians unfolded. The
    gradient in the loss itself is one.

    Two expressions that are equal by the definitions, such as W and dz/dx for z = W x, become equal
    by normal form. Defined tensors are written out too, so that a diagonal matrix equals its
    transpose and centred entries sum to zero.
    """
    root = definitions.ordered[-1].tensor

    def through_root(atom: Atom) -> Expr | None:
        if not (isinstance(atom, Entry) and isinstance(atom.leaf, Gradient)):
            return None
        of = atom.leaf.of
        if of == definitions.loss:
            return as_expr(1)
        if of == root or not definitions.depends(root, of):
            return None
        over = tuple(Index(f"'r{k}", dim) for k, dim in enumerate(root.dims))
        upstream = as_expr(1) if root == definitions.loss else entry(Gradient(root), over)
        product = upstream * entry(Jacobian(root, of), over + atom.indices)
        return sum_over(over, product) if over else product

    expr = _without_jacobians(map_atoms(contract(expr), through_root), definitions)
    for definition in reversed(definitions.ordered):
        if definition.tensor in tensors_in(expr):
            expr = _written_out(contract(expr), definition)
    expr = named(contract(expr), definitions)
    expr = Expr(map(_once, contract(expr).terms))
    expr = oriented(map_atoms(expr, _mirrored), *_symmetric_inverses(expr, definitions))
    for assumption in definitions.assumptions:
        expr = assumption.reduce(expr)
    return expr


def _once(term: Term) -> Term:
    """The slope of a rectifier to any power is that slope."""
    factors = tuple(
        (atom, sp.Integer(1))
        if isinstance(atom, Apply) and atom.function.binary and exponent.is_positive
        else (atom, exponent)
        for atom, exponent in term.factors
    )
    return Term(term.coefficient, factors, term.bound)


def _symmetric_inverses(expr: Expr, definitions: Definitions) -> tuple[Inverted, ...]:
    """The inverses in it of defined matrices that are symmetric by their definition, as A A^T."""
    inverses = {
        atom.leaf: atom.leaf.of
        for term in expr.terms
        for atom, _ in term.factors
        if isinstance(atom, Entry) and isinstance(atom.leaf, Inverted)
    }
    return tuple(leaf for leaf, of in inverses.items() if _is_symmetric(of, definitions))


def _is_symmetric(matrix: Tensor, definitions: Definitions) -> bool:
    if matrix not in definitions:
        return False
    row, col = (Index(letter, dim) for letter, dim in zip("ij", matrix.dims, strict=True))
    body, mirrored = (
        resolved(definitions[matrix].at(indices), definitions)
        for indices in ((row, col), (col, row))
    )
    return equivalent(body, mirrored)


def written_out(expr: Expr, definitions: Definitions, given: Tensor) -> Expr:
    """Write out every defined tensor that depends on a given one, and keep all others folded.

    Raises `CalculusError` where one stands inside a function or a power and cannot be written out.
    """
    for definition in reversed(definitions.ordered):
        if definitions.depends(definition.tensor, given):
            expr = _written_out(contract(expr), definition)
    expr = contract(expr)
    hidden = [t.name for t in sorted_tensors(expr) if definitions.depends(t, given)]
    if hidden:
        raise CalculusError(f"{hidden[0]} stands inside a function or a power")
    return expr


def unfolded(expr: Expr, definitions: Definitions) -> Expr:
    """Write the Jacobians out, and nothing else: equal in value, and often enough to compare."""
    return map_atoms(contract(_without_jacobians(expr, definitions)), _mirrored)


def _without_jacobians(expr: Expr, definitions: Definitions) -> Expr:
    while (pair := _some_jacobian(expr, definitions)) is not None:
        expr = unfold_jacobian(definitions, *pair).apply(expr)
    return expr


def _written_out(expr: Expr, definition: Definition) -> Expr:
    """Put the body of a definition in place of the tensor; a sum only where it stands to a power
    that can be multiplied out."""
    sums = any(term.bound for term in definition.body.terms)
    total = as_expr(0)
    for term in expr.terms:
        places = {
            k: definition.at(atom.indices) ** exponent
            for k, (atom, exponent) in enumerate(term.factors)
            if isinstance(atom, Entry)
            and atom.leaf == definition.tensor
            and (not sums or exponent in MULTIPLIED_OUT)
        }
        total = total + splice(term, places)
    return total


def _mirrored(atom: Atom) -> Expr | None:
    """An even or odd function of -x by that of x."""
    if not isinstance(atom, Apply):
        return None
    leading = normal_form(atom.argument).terms[:1]
    negative = bool(leading) and leading[0].coefficient.could_extract_minus_sign()
    if not negative or atom.function.parity == 0:
        return None
    return single(Apply(atom.function, -atom.argument)) * atom.function.parity


def _some_jacobian(expr: Expr, definitions: Definitions) -> tuple[Tensor, Tensor] | None:
    found = {
        (atom.leaf.of, atom.leaf.wrt)
        for term in expr.terms
        for atom, _ in term.factors
        if isinstance(atom, Entry)
        and isinstance(atom.leaf, Jacobian)
        and atom.leaf.of in definitions
    }
    return max(found, key=lambda pair: definitions.position(pair[0]), default=None)
