"""The reader of matrix formulas; the result has passed the strict shape rules of the calculus."""

import sympy as sp

from solutionset.calculus.matrix import (
    Applied,
    Diag,
    Identity,
    Inverse,
    Literal,
    Mat,
    One,
    Ones,
    Power,
    Sym,
    Trace,
    add,
    hadamard,
    product,
    scalar_times,
    scaled,
    transposed,
)
from solutionset.calculus.tensors import Dim, Gradient, Jacobian, Tensor
from solutionset.notation.reader import read_number
from solutionset.notation.tokens import Cursor, tokenise
from solutionset.notation.vocabulary import Tokens, Vocabulary


def read_matrix(latex: str, vocabulary: Vocabulary) -> Mat:
    """Read a matrix formula; raises `Unreadable`, or `ShapeError` where shapes do not fit."""
    cursor = Cursor(latex)
    node = _MatrixReader(cursor, vocabulary).sum()
    cursor.end()
    return node


_ENDS = ("", "+", "-", ")", "}")


class _MatrixReader:
    """Recursive descent: sums of entrywise products of products of factors."""

    def __init__(self, cursor: Cursor, vocabulary: Vocabulary) -> None:
        self.cursor = cursor
        self.vocabulary = vocabulary
        self.names = vocabulary.naming

    def sum(self) -> Mat:
        cursor = self.cursor
        terms = [self._entrywise(-1 if cursor.accept("-") else 1)]
        while cursor.next in ("+", "-"):
            terms.append(self._entrywise(1 if cursor.take() == "+" else -1))
        return add(*terms)

    def _entrywise(self, sign: int) -> Mat:
        factors = [self._product()]
        while self.cursor.accept(self.names.hadamard):
            factors.append(self._product())
        return scaled(sign, hadamard(*factors) if len(factors) > 1 else factors[0])

    def _product(self) -> Mat:
        factors = [self._factor()]
        while self.cursor.next not in _ENDS and self.cursor.next != self.names.hadamard:
            factors.append(self._factor())
        return _multiplied(factors)

    def _factor(self) -> Mat | sp.Expr:
        base = self._atom()
        while self.cursor.accept("^"):
            exponent = self.cursor.group()
            if isinstance(base, sp.Expr):
                base = base ** read_number(exponent, self.vocabulary)
            elif exponent == (r"\top",):
                base = transposed(base)
            elif exponent[:1] == (r"\odot",):
                base = Power(base, read_number(exponent[1:], self.vocabulary))
            elif base.is_scalar:
                base = Power(base, read_number(exponent, self.vocabulary))
            elif exponent == ("-", "1"):
                base = Inverse(base)
            else:
                raise self.cursor.error("only transposes, inverses and entrywise powers are known")
        return base

    def _atom(self) -> Mat | sp.Expr:
        cursor = self.cursor
        if cursor.next.isdigit():
            return sp.Integer(cursor.take())
        if cursor.accept("("):
            inner = self._bracket()
            cursor.expect(")")
            return inner
        if cursor.accept(r"\frac"):
            return self._fraction()
        if cursor.accept(r"\nabla", "_"):
            return self._nabla()
        if cursor.accept(r"\operatorname"):
            return self._operator()
        if cursor.accept(r"\begin"):
            return self._literal()
        special = self._special()
        return self._named() if special is None else special

    def _bracket(self) -> Mat | sp.Expr:
        """A bracket holds a matrix formula or an expression in parameters alone."""
        start = self.cursor.at
        depth, end = 1, start
        tokens = self.cursor.tokens
        while depth and end < len(tokens):
            depth += (tokens[end] == "(") - (tokens[end] == ")")
            end += 1
        inside = tokens[start : end - 1]
        if self._all_numbers(inside):
            self.cursor.at = end - 1
            return read_number(inside, self.vocabulary)
        return self.sum()

    def _all_numbers(self, tokens: Tokens) -> bool:
        plain = {"+", "-", "(", ")", "{", "}", "^", r"\frac"}
        names = {t for name in self.vocabulary.numbers for t in name}
        return all(t in plain or t.isdigit() or t in names for t in tokens)

    def _fraction(self) -> Mat | sp.Expr:
        cursor = self.cursor
        if cursor.starts("{", r"\partial"):
            cursor.accept("{", r"\partial")
            return self._partial()
        above, below = self._side(), self._side()
        if isinstance(below, sp.Expr):
            return above / below if isinstance(above, sp.Expr) else scaled(1 / below, above)
        inverse = Power(below, sp.Integer(-1))
        if isinstance(below, Power):
            inverse = Power(below.body, -below.exponent)
        if not below.is_scalar:
            raise cursor.error("division by a matrix")
        if isinstance(above, sp.Expr):
            return scaled(above, inverse)
        return scalar_times(inverse, above)

    def _side(self) -> Mat | sp.Expr:
        """One side of a fraction: a number if it is one, a matrix formula otherwise."""
        start = self.cursor.at
        inside = self.cursor.group()
        if self._all_numbers(inside):
            return read_number(inside, self.vocabulary)
        self.cursor.at = start
        self.cursor.expect("{")
        node = self.sum()
        self.cursor.expect("}")
        return node

    def _partial(self) -> Mat:
        cursor = self.cursor
        loss = tokenise(self.names.loss)
        of = None if cursor.accept(*loss, "}") else self._tensor()
        if of is not None:
            cursor.expect("}")
        cursor.expect("{")
        cursor.expect(r"\partial")
        wrt = self._tensor()
        cursor.expect("}")
        return Sym(Gradient(wrt)) if of is None else Sym(Jacobian(of, wrt))

    def _nabla(self) -> Mat:
        self.cursor.expect("{")
        wrt = self._tensor()
        self.cursor.expect("}")
        if not self.cursor.accept(*tokenise(self.names.loss)):
            raise self.cursor.error("expected the loss after nabla")
        return Sym(Gradient(wrt))

    def _operator(self) -> Mat:
        name = "".join(self.cursor.group())
        self.cursor.expect("(")
        inner = self.sum()
        self.cursor.expect(")")
        if name == "diag":
            return Diag(inner)
        if name == "tr":
            return Trace(inner)
        raise self.cursor.error(f"unknown operator {name}")

    def _literal(self) -> Mat:
        """A matrix of exact numbers; every row has the same length."""
        cursor = self.cursor
        if "".join(cursor.group()) != "pmatrix":
            raise cursor.error("only pmatrix is known")
        rows: list[list[sp.Expr]] = [[]]
        cell: list[str] = []
        while True:
            token = cursor.take()
            if token in ("&", r"\\", r"\end"):
                rows[-1].append(read_number(tuple(cell), self.vocabulary))
                cell = []
            else:
                cell.append(token)
            if token == r"\\":
                rows.append([])
            if token == r"\end":
                cursor.group()
                break
        if len({len(row) for row in rows}) != 1:
            raise cursor.error("the rows of a matrix differ in length")
        return Literal(tuple(map(tuple, rows)))

    def _special(self) -> Mat | None:
        cursor = self.cursor
        if cursor.accept(r"\mathbf", "{", "1", "}", "_"):
            return Ones(self._dim())
        for identity in (("I", "_"), (r"\mathbf", "{", "I", "}", "_")):
            named = self.vocabulary.match(self.vocabulary.whole, cursor)
            if cursor.starts(*identity) and named is None:
                cursor.accept(*identity)
                return Identity(self._dim())
        if cursor.next == "J" and self.names.choice.jacobian == "J":
            cursor.take()
            of = self._tensor()
            cursor.expect("(")
            wrt = self._tensor()
            cursor.expect(")")
            return Sym(Jacobian(of, wrt))
        return None

    def _dim(self) -> Dim:
        name = "".join(self.cursor.group())
        found = next((d for d in self.vocabulary.dims if d.name == name), None)
        if found is None:
            raise self.cursor.error(f"{name} is no dimension of this problem")
        return found

    def _named(self) -> Mat | sp.Expr:
        cursor, vocabulary = self.cursor, self.vocabulary
        head = vocabulary.match(vocabulary.heads, cursor)
        whole = vocabulary.match(vocabulary.whole, cursor)
        number = vocabulary.match(vocabulary.numbers, cursor)
        longest = max((len(t) for t in (head, whole, number) if t is not None), default=0)
        if head is not None and len(head) == longest:
            return self._call(head)
        if whole is not None and len(whole) == longest:
            return Sym(self._tensor())
        if number is not None:
            cursor.accept(*number)
            return vocabulary.numbers[number]
        raise cursor.error(f"{cursor.next!r} is no name of this problem")

    def _call(self, head: Tokens) -> Mat:
        cursor = self.cursor
        cursor.accept(*head)
        function = self.vocabulary.heads[head]
        while cursor.accept("'"):
            function = function.prime
        cursor.expect("(")
        inner = self.sum()
        cursor.expect(")")
        return Applied(function, inner)

    def _tensor(self) -> Tensor:
        name = self.vocabulary.match(self.vocabulary.whole, self.cursor)
        if name is None:
            raise self.cursor.error(f"{self.cursor.next!r} is no tensor of this problem")
        self.cursor.accept(*name)
        return self.vocabulary.whole[name]


def _multiplied(factors: list[Mat | sp.Expr]) -> Mat:
    """Multiply what stands side by side: numbers and scalars in front, matrices in their order."""
    number: sp.Expr = sp.Integer(1)
    scalars: list[Mat] = []
    matrices: list[Mat] = []
    for factor in factors:
        if isinstance(factor, sp.Expr):
            number = number * factor
        elif factor.is_scalar:
            scalars.append(factor)
        else:
            matrices.append(factor)
    result: Mat = product(*matrices) if matrices else One()
    for scalar in scalars:
        result = scalar_times(scalar, result)
    return scaled(number, result)
