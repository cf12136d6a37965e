"""A strict reader of our own LaTeX: printed formulas back to expressions.

It takes the very string that goes into the document. Whatever it does not know is `Unreadable`, and an
unreadable formula is unchecked. Index letters get their dimensions from the tensors they stand on, so
a formula whose indices do not fit is refused as a type error.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from solutionset.calculus.expressions import Apply, Expr, as_expr, delta, entry, single, sum_over
from solutionset.calculus.tensors import (
    Dim,
    Elementwise,
    Gradient,
    Index,
    Jacobian,
    Leaf,
    Tensor,
)
from solutionset.notation.tokens import Cursor, Unreadable
from solutionset.notation.vocabulary import Tokens, Vocabulary


@dataclass(frozen=True)
class _Number:
    value: sp.Expr


@dataclass(frozen=True)
class _Entry:
    leaf: Leaf
    letters: tuple[str, ...]


@dataclass(frozen=True)
class _Delta:
    letters: tuple[str, str]


@dataclass(frozen=True)
class _Call:
    function: Elementwise
    argument: "_Node"


@dataclass(frozen=True)
class _Sum:
    letters: tuple[str, ...]
    body: "_Node"


@dataclass(frozen=True)
class _Times:
    factors: tuple["_Node", ...]


@dataclass(frozen=True)
class _Plus:
    terms: tuple[tuple[int, "_Node"], ...]


@dataclass(frozen=True)
class _Power:
    base: "_Node"
    exponent: sp.Expr


_Node = _Number | _Entry | _Delta | _Call | _Sum | _Times | _Plus | _Power


def read_index(latex: str, vocabulary: Vocabulary, free: tuple[Index, ...]) -> Expr:
    """Read an index expression whose free indices are those given.

    Raises `Unreadable` for anything that is not in the subset, and for a letter without a dimension.
    """
    cursor = Cursor(latex)
    reader = _IndexReader(cursor, vocabulary)
    node = reader.sum()
    cursor.end()
    return _Builder(cursor).build(node, {index.name: index for index in free})


class _IndexReader:
    """Recursive descent over sums, products, powers and atoms."""

    def __init__(self, cursor: Cursor, vocabulary: Vocabulary) -> None:
        self.cursor = cursor
        self.vocabulary = vocabulary

    def sum(self) -> _Node:
        cursor = self.cursor
        sign = -1 if cursor.accept("-") else 1
        terms = [(sign, self.term())]
        while cursor.next in ("+", "-"):
            terms.append((1 if cursor.take() == "+" else -1, self.term()))
        return terms[0][1] if terms == [(1, terms[0][1])] else _Plus(tuple(terms))

    def term(self) -> _Node:
        factors = [self.factor()]
        while self.cursor.next not in ("", "+", "-", ")", "}"):
            factors.append(self.factor())
        return factors[0] if len(factors) == 1 else _Times(tuple(factors))

    def factor(self) -> _Node:
        if self.cursor.accept(r"\sum"):
            self.cursor.expect("_")
            letters = _letters(self.cursor.group())
            return _Sum(letters, self.term())
        base = self.atom()
        if not self.cursor.accept("^"):
            return base
        return _Power(base, read_number(self.cursor.group(), self.vocabulary))

    def atom(self) -> _Node:
        cursor = self.cursor
        if cursor.next.isdigit():
            return _Number(sp.Integer(cursor.take()))
        if cursor.accept("("):
            inner = self.sum()
            cursor.expect(")")
            return inner
        if cursor.starts("e", "^"):
            cursor.accept("e", "^")
            return self._exponential()
        if cursor.accept(r"\frac"):
            return self._fraction()
        if cursor.starts(r"\delta", "_"):
            cursor.accept(r"\delta", "_")
            first, second = _letters(cursor.group())
            return _Delta((first, second))
        return self._named()

    def _exponential(self) -> _Node:
        self.cursor.expect("{")
        inner = self.sum()
        self.cursor.expect("}")
        exponential = next(
            (f for f in self.vocabulary.heads.values() if f.name == "exp"), None
        )
        if exponential is None:
            raise self.cursor.error("no exponential function occurs in this problem")
        return _Call(exponential, inner)

    def _fraction(self) -> _Node:
        cursor = self.cursor
        if cursor.starts("{", r"\partial"):
            cursor.accept("{", r"\partial")
            return self._partial()
        cursor.expect("{")
        above = self.sum()
        cursor.expect("}")
        cursor.expect("{")
        below = self.sum()
        cursor.expect("}")
        return _Times((above, _Power(below, sp.Integer(-1))))

    def _partial(self) -> _Node:
        cursor = self.cursor
        loss = Cursor(self.vocabulary.naming.loss).tokens
        if cursor.accept(*loss, "}"):
            of = None
        else:
            of = self._entry()
            cursor.expect("}")
        cursor.expect("{")
        cursor.expect(r"\partial")
        wrt = self._entry()
        cursor.expect("}")
        if of is None:
            return _Entry(Gradient(_tensor(wrt)), wrt.letters)
        return _Entry(Jacobian(_tensor(of), _tensor(wrt)), of.letters + wrt.letters)

    def _named(self) -> _Node:
        cursor, vocabulary = self.cursor, self.vocabulary
        head = vocabulary.match(vocabulary.heads, cursor)
        stem = vocabulary.match(vocabulary.stems, cursor)
        if head is not None and (stem is None or len(head) >= len(stem)):
            cursor.accept(*head)
            function = vocabulary.heads[head]
            while cursor.accept("'"):
                function = function.prime
            cursor.expect("(")
            argument = self.sum()
            cursor.expect(")")
            return _Call(function, argument)
        if stem is not None:
            return self._entry()
        number = vocabulary.match(vocabulary.numbers, cursor)
        if number is None:
            raise cursor.error(f"{cursor.next!r} is no name of this problem")
        cursor.accept(*number)
        return _Number(vocabulary.numbers[number])

    def _entry(self) -> _Entry:
        cursor, vocabulary = self.cursor, self.vocabulary
        stem = vocabulary.match(vocabulary.stems, cursor)
        if stem is None:
            raise cursor.error(f"{cursor.next!r} is no tensor of this problem")
        cursor.accept(*stem)
        below = cursor.group() if cursor.accept("_") else ()
        if vocabulary.naming.choice.entries == "parenthesis":
            return self._parenthesised(stem, below)
        fits = [e for t in vocabulary.stems[stem] for e in _subscripted(t, below)]
        if len(fits) != 1:
            raise cursor.error(f"{len(fits)} tensors fit the subscript {''.join(below)!r}")
        return fits[0]

    def _parenthesised(self, stem: Tokens, label: Tokens) -> _Entry:
        cursor = self.cursor
        letters: tuple[str, ...] = ()
        candidates = [t for t in self.vocabulary.stems[stem] if t.label == "".join(label)]
        if any(t.rank for t in candidates) and cursor.accept("("):
            names = [cursor.take()]
            while cursor.accept(","):
                names.append(cursor.take())
            cursor.expect(")")
            letters = tuple(names)
        fits = [t for t in candidates if t.rank == len(letters)]
        if len(fits) != 1:
            raise cursor.error(f"{len(fits)} tensors fit {len(letters)} indices")
        return _Entry(fits[0], letters)


def _tensor(node: _Entry) -> Tensor:
    if not isinstance(node.leaf, Tensor):
        raise TypeError(f"{node.leaf.name} is no tensor")
    return node.leaf


def _letters(tokens: Tokens) -> tuple[str, ...]:
    return tuple(token for token in tokens if token != ",")


def _subscripted(tensor: Leaf, below: Tokens) -> list[_Entry]:
    """The entry of this tensor that a subscript denotes, if it denotes one."""
    text = "".join(below)
    label = getattr(tensor, "label", "")
    if label:
        if text == label:
            rest = ""
        elif text.startswith(f"{label},"):
            rest = text[len(label) + 1 :]
        else:
            return []
    else:
        rest = text
    letters = tuple(rest.split(",")) if "," in rest else tuple(rest)
    return [_Entry(tensor, letters)] if len(letters) == len(tensor.dims) else []


class _Builder:
    """Turns the tree that was read into an expression, giving every letter its dimension."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor

    def build(self, node: _Node, scope: dict[str, Index]) -> Expr:
        match node:
            case _Number():
                return as_expr(node.value)
            case _Entry():
                return entry(node.leaf, tuple(self._index(c, scope) for c in node.letters))
            case _Delta():
                first, second = (self._index(c, scope) for c in node.letters)
                return delta(first, second)
            case _Call():
                return single(Apply(node.function, self.build(node.argument, scope)))
            case _Sum():
                return self._sum(node, scope)
            case _Times():
                result = as_expr(1)
                for factor in node.factors:
                    result = result * self.build(factor, scope)
                return result
            case _Plus():
                return sum((self.build(t, scope) * sign for sign, t in node.terms), as_expr(0))
            case _Power():
                return self.build(node.base, scope) ** node.exponent

    def _sum(self, node: _Sum, scope: dict[str, Index]) -> Expr:
        inner = dict(scope)
        for letter in node.letters:
            if letter in scope:
                raise self._error(f"index {letter} is summed over and free at once")
        known = {letter: self._dim(letter, node.body, scope) for letter in node.letters}
        inner |= {letter: Index(letter, dim) for letter, dim in known.items()}
        body = self.build(node.body, inner)
        return sum_over(tuple(inner[letter] for letter in node.letters), body)

    def _dim(self, letter: str, body: _Node, scope: dict[str, Index]) -> Dim:
        dims = set(_dims_of(letter, body, scope))
        if len(dims) != 1:
            names = ", ".join(sorted(d.name for d in dims)) or "none"
            raise self._error(f"index {letter} needs one dimension, found {names}")
        return dims.pop()

    def _index(self, letter: str, scope: dict[str, Index]) -> Index:
        if letter not in scope:
            raise self._error(f"index {letter} is neither free nor summed over")
        return scope[letter]

    def _error(self, message: str) -> Unreadable:
        return Unreadable(message, self.cursor.latex, 0)


def _dims_of(letter: str, node: _Node, scope: dict[str, Index]) -> Iterator[Dim]:
    match node:
        case _Entry():
            for name, dim in zip(node.letters, node.leaf.dims, strict=True):
                if name == letter:
                    yield dim
        case _Delta():
            if letter in node.letters:
                other = node.letters[1 - node.letters.index(letter)]
                if other in scope:
                    yield scope[other].dim
        case _Call():
            yield from _dims_of(letter, node.argument, scope)
        case _Sum():
            if letter not in node.letters:
                yield from _dims_of(letter, node.body, scope)
        case _Times():
            for factor in node.factors:
                yield from _dims_of(letter, factor, scope)
        case _Plus():
            for _, term in node.terms:
                yield from _dims_of(letter, term, scope)
        case _Power():
            yield from _dims_of(letter, node.base, scope)
        case _Number():
            return


def read_number(tokens: Tokens, vocabulary: Vocabulary) -> sp.Expr:
    """Read an exact number: an exponent such as 2, -1, \\frac{1}{2} or t."""
    cursor = Cursor(" ".join(tokens))
    reader = _IndexReader(cursor, vocabulary)
    node = reader.sum()
    cursor.end()
    built = _Builder(cursor).build(node, {})
    if any(term.factors for term in built.terms):
        raise cursor.error("an exponent must be a number")
    return sp.Add(*(term.coefficient for term in built.terms))
