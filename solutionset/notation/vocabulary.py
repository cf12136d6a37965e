"""The names that may occur in the formulas of one problem, as the reader looks them up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import sympy as sp

from solutionset.calculus.tensors import CalculusError, Dim, Elementwise, Tensor
from solutionset.notation.clashes import alike, refuse_clashes
from solutionset.notation.letters import letter_latex
from solutionset.notation.names import Naming
from solutionset.notation.tokens import Cursor, tokenise

Tokens = tuple[str, ...]
_T = TypeVar("_T")


@dataclass(frozen=True)
class Vocabulary:
    """Printed names and what they stand for; two things of one name are refused.

    `arguments` says of which tensor a defined one is written as a function, as in g(x + t u).
    """

    naming: Naming
    tensors: tuple[Tensor, ...]
    functions: tuple[Elementwise, ...]
    parameters: tuple[sp.Symbol, ...]
    dims: tuple[Dim, ...]
    arguments: Mapping[Tensor, Tensor] = field(default_factory=dict, compare=False)
    whole: dict[Tokens, Tensor] = field(init=False, compare=False)
    stems: dict[Tokens, tuple[Tensor, ...]] = field(init=False, compare=False)
    heads: dict[Tokens, Elementwise] = field(init=False, compare=False)
    numbers: dict[Tokens, sp.Symbol] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Build the look-up tables and refuse names that print alike."""
        put = object.__setattr__
        whole = _unique(
            ((tokenise(self.naming.whole(t)), t) for t in self.tensors), "two tensors print alike"
        )
        put(self, "whole", whole)
        stems: dict[Tokens, tuple[Tensor, ...]] = {}
        for tensor in self.tensors:
            stem = tokenise(self.naming.nucleus(tensor, bold=False).latex)
            stems[stem] = (*stems.get(stem, ()), tensor)
        put(self, "stems", stems)
        base = {Elementwise(f.name, f.symbol, f.label, 0, f.body) for f in self.functions}
        heads = ((tokenise(self.naming.function(f)), f) for f in sorted(base, key=_name))
        put(self, "heads", _unique(heads, "two functions print alike"))
        scalars = [(tokenise(letter_latex(p.name)), p) for p in self.parameters]
        scalars += [(tokenise(letter_latex(d.name)), d.size) for d in self.dims if d.name != "1"]
        put(self, "numbers", _unique(scalars, "two numbers print alike"))
        refuse_clashes(self)

    def match(self, table: Iterable[Tokens], cursor: Cursor) -> Tokens | None:
        """The longest of the printed names that comes next, or None."""
        found = [tokens for tokens in table if cursor.starts(*tokens)]
        return max(found, key=len, default=None)

    @property
    def index_letters_taken(self) -> frozenset[str]:
        """Single letters that mean something else, so that no index is printed with them."""
        names = [p.name for p in self.parameters] + [d.name for d in self.dims]
        names += [self.naming.nucleus(t, bold=False).letter for t in self.tensors]
        names += [f.printed_symbol for f in self.functions]
        names += [c for t in self.tensors for c in t.label]
        names += [c for f in self.functions for c in f.label]
        names += [self.naming.loss, "e"]
        return frozenset(name for name in names if len(name) == 1)


def _name(function: Elementwise) -> str:
    return function.name


def _unique(pairs: Iterable[tuple[Tokens, _T]], complaint: str) -> dict[Tokens, _T]:
    table: dict[Tokens, _T] = {}
    for tokens, thing in pairs:
        other = table.setdefault(tokens, thing)
        if other != thing:
            raise _alike(
                complaint, str(getattr(other, "name", other)), str(getattr(thing, "name", thing))
            )
    return table


def _alike(complaint: str, one: str, other: str) -> CalculusError:
    return alike(f"{complaint}: {one} and {other}")
