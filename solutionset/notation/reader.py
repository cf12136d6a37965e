"""A strict reader of our own LaTeX: printed formulas back to expressions.

It takes the very string that goes into the document, and accepts what the printer prints and
little else. What it does not know is `Unreadable`, and an unreadable formula is unchecked. Index
letters get their dimensions from the tensors they stand on; a formula whose indices do not fit is
refused as a type error.
"""

import sympy as sp

from solutionset.calculus.expressions import Expr
from solutionset.calculus.tensors import (
    CalculusError,
    Determinant,
    Elementwise,
    Gradient,
    Index,
    Inverted,
    Jacobian,
    Leaf,
    Powered,
    Tensor,
)
from solutionset.notation.coefficients import PI
from solutionset.notation.letters import is_index
from solutionset.notation.names import index_latex, joined
from solutionset.notation.syntax import (
    Builder,
    Call,
    Node,
    Number,
    Pair,
    Place,
    Plus,
    Power,
    Sum,
    Times,
    reciprocal,
)
from solutionset.notation.tokens import Cursor, Unreadable, tokenise
from solutionset.notation.vocabulary import Tokens, Vocabulary

_ENDS = ("", "+", "-", ")", "}")


def read_index(latex: str, vocabulary: Vocabulary, free: tuple[Index, ...]) -> Expr:
    """Read an index expression whose free indices are those given.

    Raises `Unreadable` for anything outside the subset, and for a letter without a dimension.
    """
    cursor = Cursor(latex)
    node = _IndexReader(cursor, vocabulary).sum()
    cursor.end()
    try:
        return Builder(latex).build(node, {index_latex(index.name): index for index in free})
    except CalculusError as error:
        told = ", ".join(filter(None, (error.message, error.got)))
        raise Unreadable(f"the printed formula is ill-typed: {told}", latex, 0) from error


def logarithm(cursor: Cursor) -> sp.Expr:
    """The logarithm of a whole number, an argument at which sigmoids are rational."""
    if not cursor.next.isdigit():
        raise cursor.error("a number has to follow the logarithm")
    return sp.log(sp.Integer(cursor.take()))


class _IndexReader:
    """Recursive descent over sums, products, powers and atoms."""

    def __init__(self, cursor: Cursor, vocabulary: Vocabulary) -> None:
        self.cursor = cursor
        self.vocabulary = vocabulary

    def sum(self) -> Node:
        cursor = self.cursor
        sign = -1 if cursor.accept("-") else 1
        terms = [(sign, self.term())]
        while cursor.next in ("+", "-"):
            terms.append((1 if cursor.take() == "+" else -1, self.term()))
        return terms[0][1] if terms == [(1, terms[0][1])] else Plus(tuple(terms))

    def term(self) -> Node:
        factors = [self.factor()]
        while self.cursor.another_factor(_ENDS):
            factors.append(self.factor())
        return factors[0] if len(factors) == 1 else Times(tuple(factors))

    def factor(self) -> Node:
        if self.cursor.accept(r"\sum"):
            self.cursor.expect("_")
            letters = self._letters(self.cursor.group(), together=False)
            return Sum(letters, self.term())
        base = self.atom()
        if not self.cursor.accept("^"):
            return base
        return Power(base, read_number(self.cursor.group(), self.vocabulary))

    def atom(self) -> Node:
        cursor = self.cursor
        if cursor.next.isdigit():
            return Number(sp.Integer(cursor.take()))
        if cursor.accept(r"\ln"):
            return Number(logarithm(cursor))
        if cursor.next == "(":
            return self._powered() or self._bracket()
        if cursor.accept(r"\sqrt"):
            return Power(self._group(), sp.Rational(1, 2))
        exponential = self._exponential
        if exponential is not None and cursor.accept("e", "^"):
            return Call(exponential, self._group())
        if cursor.accept(r"\frac"):
            return self._fraction()
        if cursor.accept(r"\delta", "_"):
            pair = self._letters(cursor.group(), together=True)
            if len(pair) != 2:
                raise cursor.error("a Kronecker delta has two indices")
            return Pair((pair[0], pair[1]))
        if cursor.accept(r"\det", "("):
            name = self.vocabulary.match(self.vocabulary.whole, cursor)
            if name is None:
                raise cursor.error("expected the name of a matrix after det")
            cursor.accept(*name)
            cursor.expect(")")
            return Place(Determinant(self.vocabulary.whole[name]), ())
        return self._named()

    @property
    def _exponential(self) -> Elementwise | None:
        """The exponential, if it occurs in this problem."""
        return next((f for f in self.vocabulary.heads.values() if f.name == "exp"), None)

    def _bracket(self) -> Node:
        self.cursor.expect("(")
        inner = self.sum()
        self.cursor.expect(")")
        return inner

    def _group(self) -> Node:
        self.cursor.expect("{")
        inner = self.sum()
        self.cursor.expect("}")
        return inner

    def _powered(self) -> Node | None:
        """An entry of the inverse of a matrix or of another power of it, if one comes next."""
        cursor, naming = self.cursor, self.vocabulary.naming
        for tensor in self.vocabulary.tensors:
            name = ("(", *tokenise(naming.entry(tensor, ())), "^")
            if tensor.rank != 2 or not cursor.accept(*name):
                continue
            exponent = cursor.group()
            cursor.expect(")")
            leaf: Leaf = Inverted(tensor)
            if exponent != ("-", "1"):
                leaf = Powered(tensor, read_number(exponent, self.vocabulary))
            if naming.choice.entries == "parenthesis":
                return Place(leaf, self._arguments())
            cursor.expect("_")
            return Place(leaf, self._letters(cursor.group(), together=True))
        return None

    def _indexed(self, stem: Tokens) -> bool:
        """Whether a name is followed by what only an entry has."""
        after = self.cursor.tokens[self.cursor.at + len(stem) :][:1]
        return after == ("_",)

    def _fraction(self) -> Node:
        cursor = self.cursor
        if cursor.accept("{", r"\partial"):
            return self._partial()
        return Times((self._group(), reciprocal(self._group())))

    def _partial(self) -> Node:
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
            return Place(Gradient(_tensor(wrt)), wrt.letters)
        return Place(Jacobian(_tensor(of), _tensor(wrt)), of.letters + wrt.letters)

    def _named(self) -> Node:
        cursor, vocabulary = self.cursor, self.vocabulary
        head = vocabulary.match(vocabulary.heads, cursor)
        stem = vocabulary.match(vocabulary.stems, cursor)
        if head is not None and (stem is None or len(head) >= len(stem)):
            cursor.accept(*head)
            function = vocabulary.heads[head]
            while cursor.accept("'"):
                function = function.prime
            return Call(function, self._bracket())
        number = vocabulary.match(vocabulary.numbers, cursor)
        if stem is not None and (number is None or self._indexed(stem)):
            return self._entry()
        if number is None and cursor.accept(PI):
            return Number(sp.pi)
        if number is None:
            raise cursor.error(f"'{cursor.next}' is no name of this problem")
        cursor.accept(*number)
        return Number(vocabulary.numbers[number])

    def _entry(self) -> Place:
        cursor, vocabulary = self.cursor, self.vocabulary
        stem = vocabulary.match(vocabulary.stems, cursor)
        if stem is None:
            raise cursor.error(f"'{cursor.next}' is no tensor of this problem")
        cursor.accept(*stem)
        below = cursor.group() if cursor.accept("_") else None
        if vocabulary.naming.choice.entries == "parenthesis":
            return self._parenthesised(stem, below)
        fits = [
            Place(tensor, letters)
            for tensor in vocabulary.stems[stem]
            if (letters := _subscripted(tensor, below)) is not None
        ]
        if len(fits) != 1:
            shown = "".join(below or ("none",))
            raise cursor.error(f"{len(fits)} tensors fit the subscript '{shown}'")
        return fits[0]

    def _parenthesised(self, stem: Tokens, label: Tokens | None) -> Place:
        same = [t for t in self.vocabulary.stems[stem] if _label(t) == label]
        letters = self._arguments() if any(t.rank for t in same) else ()
        fits = [t for t in same if t.rank == len(letters)]
        if len(fits) != 1:
            raise self.cursor.error(f"{len(fits)} tensors fit {len(letters)} indices")
        return Place(fits[0], letters)

    def _arguments(self) -> Tokens:
        """Indices in round brackets."""
        cursor = self.cursor
        cursor.expect("(")
        start = cursor.at
        while cursor.next != ")":
            cursor.take()
        letters = self._letters(cursor.tokens[start : cursor.at], together=False)
        cursor.expect(")")
        return letters

    def _letters(self, tokens: Tokens, *, together: bool) -> Tokens:
        letters = index_letters(tokens, together=together)
        if letters is None:
            raise self.cursor.error(f"'{''.join(tokens)}' is no list of indices")
        return letters


def _tensor(node: Place) -> Tensor:
    if not isinstance(node.leaf, Tensor):
        raise TypeError(f"{node.leaf.name} is no tensor")
    return node.leaf


def index_letters(tokens: Tokens, *, together: bool) -> Tokens | None:
    """The letters of indices printed side by side or with commas; None for anything else."""
    letters = tuple(token for token in tokens if token != ",")
    printed = tokenise(joined(letters) if together else ",".join(letters))
    return letters if letters and all(map(is_index, letters)) and printed == tokens else None


def _label(tensor: Tensor) -> Tokens | None:
    return tokenise(tensor.label) if tensor.label else None


def _subscripted(tensor: Tensor, below: Tokens | None) -> Tokens | None:
    """The index letters in a subscript of this tensor, or None if it is not one of its."""
    label = _label(tensor)
    if tensor.rank == 0 or below is None:
        return () if tensor.rank == 0 and below == label else None
    if label is not None:
        if below[: len(label) + 1] != (*label, ","):
            return None
        below = below[len(label) + 1 :]
    letters = index_letters(below, together=True)
    return letters if letters is not None and len(letters) == tensor.rank else None


def read_number(tokens: Tokens, vocabulary: Vocabulary) -> sp.Expr:
    """Read an exact number: an exponent such as 2, -1, 1/2 or t, or an entry of a matrix."""
    digits = [token for token in tokens if token.isdigit()]
    if len(digits) == 2 and tokens[-3:] == (digits[0], "/", digits[1]) and len(tokens) < 5:
        sign = {(): 1, ("-",): -1}.get(tokens[:-3])
        if sign is not None and int(digits[1]):
            return sp.Rational(sign * int(digits[0]), int(digits[1]))
    cursor = Cursor(" ".join(tokens))
    node = _IndexReader(cursor, vocabulary).sum()
    cursor.end()
    built = Builder(cursor.latex).build(node, {})
    if any(term.factors for term in built.terms):
        raise cursor.error("an exponent must be a number")
    return sp.Add(*(term.coefficient for term in built.terms))
