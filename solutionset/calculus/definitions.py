"""Definitions: what a named tensor stands for, kept folded until a rule unfolds it."""

from collections.abc import Iterable
from dataclasses import dataclass

from solutionset.calculus.assumptions import Assumption
from solutionset.calculus.expressions import (
    Apply,
    Atom,
    Entry,
    Expr,
    Group,
    rename_expr,
)
from solutionset.calculus.tensors import (
    CalculusError,
    Determinant,
    Index,
    Inverted,
    Powered,
    Tensor,
)


@dataclass(frozen=True)
class Definition:
    """`tensor[indices] := body`, for all values of the indices."""

    tensor: Tensor
    indices: tuple[Index, ...]
    body: Expr

    def __post_init__(self) -> None:
        """Refuse a free index that stands on one side only, and repeated indices."""
        left, right = frozenset(self.indices), self.body.free
        if len(left) != len(self.indices):
            raise CalculusError(f"the definition of {self.tensor.name} repeats an index")
        for index in sorted(left ^ right, key=lambda i: i.name):
            side = "left" if index in left else "right"
            raise CalculusError(
                f"index {index.name} stands only on the {side} of the definition of "
                f"{self.tensor.name}",
                wanted="the same free indices on both sides",
            )

    def at(self, indices: tuple[Index, ...]) -> Expr:
        """The body with other indices in place of the definition's own."""
        return rename_expr(self.body, dict(zip(self.indices, indices, strict=True)))


class Definitions:
    """The definitions of one computation, in an order in which each uses only earlier ones.

    `assumptions` are the properties of given tensors under which equality is decided; `loss` is the
    last tensor if it is the loss itself, so that its gradient is one.
    """

    def __init__(
        self,
        definitions: Iterable[Definition],
        assumptions: tuple[Assumption, ...] = (),
        loss: Tensor | None = None,
    ) -> None:
        self.ordered = tuple(definitions)
        self.assumptions = assumptions
        self.loss = loss
        self.fixed: frozenset[Tensor] = frozenset()
        self._by_tensor: dict[Tensor, Definition] = {}
        self._depends: dict[Tensor, frozenset[Tensor]] = {}
        for definition in self.ordered:
            self._admit(definition)

    def _admit(self, definition: Definition) -> None:
        tensor = definition.tensor
        if tensor in self._by_tensor:
            raise CalculusError(f"{tensor.name} is defined twice")
        used = tensors_in(definition.body)
        if tensor in used:
            raise CalculusError(f"{tensor.name} is defined by itself")
        later = next(
            (
                d.tensor
                for d in self.ordered
                if d.tensor in used and d.tensor not in self._by_tensor
            ),
            None,
        )
        if later is not None:
            raise CalculusError(
                f"{tensor.name} uses {later.name}, which is defined after it",
                advice=f"list the definition of {later.name} first",
            )
        self._by_tensor[tensor] = definition
        indirect = (self._depends.get(u, frozenset()) for u in used)
        self._depends[tensor] = used.union(*indirect)

    def __contains__(self, tensor: object) -> bool:
        """Whether the tensor is defined here (and not given)."""
        return tensor in self._by_tensor

    def __getitem__(self, tensor: Tensor) -> Definition:
        """The definition of a tensor."""
        try:
            return self._by_tensor[tensor]
        except KeyError:
            known = ", ".join(d.tensor.name for d in self.ordered)
            raise CalculusError(f"{tensor.name} is not defined", wanted=f"one of {known}") from None

    def depends(self, tensor: Tensor, on: Tensor) -> bool:
        """Whether a change of `on` can change `tensor` (through any chain of definitions)."""
        return on in self._depends.get(tensor, frozenset())

    def moves(self, tensor: Tensor, wrt: Tensor) -> bool:
        """Whether the tensor changes with `wrt` where it stands in a body; a held one does not."""
        return tensor not in self.fixed and self.depends(tensor, wrt)

    def holding(self, fixed: Iterable[Tensor]) -> "Definitions":
        """The same definitions, where nothing acts through the `fixed` tensors."""
        held = Definitions(self.ordered, self.assumptions, self.loss)
        held.fixed = still = frozenset(fixed)
        for definition in self.ordered:
            used = tensors_in(definition.body)
            indirect = (held._depends.get(u, frozenset()) for u in used - still)
            held._depends[definition.tensor] = used.union(*indirect)
        return held

    def acts_through(self, tensor: Tensor, wrt: Tensor, others: Iterable[Tensor]) -> bool:
        """Whether `wrt` also changes `tensor` through one of the others."""
        return any(
            self.depends(tensor, other) and self.depends(other, wrt)
            for other in others
            if other != tensor
        )

    def ways_past(self, through: Iterable[Tensor], wrt: Tensor) -> tuple[Tensor, ...]:
        """The defined tensors that use `wrt` itself and act on the last one past `through`."""
        fixed = frozenset(through)
        held, last = self.holding(fixed), self.ordered[-1].tensor
        return tuple(
            d.tensor
            for d in self.ordered
            if wrt in tensors_in(d.body)
            and d.tensor not in fixed
            and last not in fixed
            and (d.tensor == last or held.depends(last, d.tensor))
        )

    def under(self, assumption: Assumption) -> "Definitions":
        """The same definitions under one more assumption."""
        return Definitions(self.ordered, (*self.assumptions, assumption), self.loss)

    def without(self, tensor: Tensor) -> "Definitions":
        """The same definitions, with nothing assumed of one tensor."""
        kept = tuple(a for a in self.assumptions if a.tensor != tensor)
        return Definitions(self.ordered, kept, self.loss) if kept != self.assumptions else self

    def position(self, tensor: Tensor) -> int:
        """Where a tensor stands in the order of definition."""
        return next(k for k, d in enumerate(self.ordered) if d.tensor == tensor)

    @property
    def given(self) -> tuple[Tensor, ...]:
        """The tensors that are used but not defined, in the order of first use."""
        seen: dict[Tensor, None] = {}
        for definition in self.ordered:
            for tensor in sorted_tensors(definition.body):
                if tensor not in self._by_tensor:
                    seen.setdefault(tensor)
        return tuple(seen)


def sorted_tensors(expr: Expr) -> tuple[Tensor, ...]:
    """The plain tensors of an expression in the order of first occurrence."""
    seen: dict[Tensor, None] = {}
    for term in expr.terms:
        for atom, _ in term.factors:
            for tensor in _atom_tensors(atom):
                seen.setdefault(tensor)
    return tuple(seen)


def tensors_in(expr: Expr) -> frozenset[Tensor]:
    """The plain tensors that occur in an expression."""
    return frozenset(sorted_tensors(expr))


def _atom_tensors(atom: Atom) -> tuple[Tensor, ...]:
    match atom:
        case (
            Entry(leaf=Tensor() as tensor)
            | Entry(leaf=Inverted(of=tensor))
            | Entry(leaf=Determinant(of=tensor))
            | Entry(leaf=Powered(of=tensor))
        ):
            return (tensor,)
        case Apply():
            return sorted_tensors(atom.argument)
        case Group():
            return sorted_tensors(atom.body)
        case _:
            return ()
