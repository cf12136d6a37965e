"""The reader of matrix formulas; the result has passed the strict shape rules of the calculus."""

from dataclasses import replace

import sympy as sp

from solutionset.calculus.matrix import (
    Applied,
    Diag,
    Identity,
    Mat,
    Ones,
    Power,
    Product,
    Scaled,
    Sym,
    Transposed,
    add,
    hadamard,
    scalar_times,
    scaled,
    transposed,
)
from solutionset.calculus.nodes import (
    At,
    Head,
    Inverse,
    Kron,
    Literal,
    MatrixPower,
    Measure,
    Summed,
    Trace,
    Vec,
)
from solutionset.calculus.tensors import Dim, Gradient, Jacobian, Tensor
from solutionset.notation.clashes import alike
from solutionset.notation.coefficients import PI
from solutionset.notation.letters import letter_latex
from solutionset.notation.products import multiplied, number_power, plain, reciprocal
from solutionset.notation.reader import logarithm, read_number
from solutionset.notation.tokens import Cursor, tokenise
from solutionset.notation.vocabulary import Tokens, Vocabulary


def read_matrix(latex: str, vocabulary: Vocabulary) -> Mat:
    """Read a matrix formula; raises `Unreadable`, or `ShapeError` where shapes do not fit."""
    cursor = Cursor(latex)
    node = _MatrixReader(cursor, vocabulary).sum()
    cursor.end()
    return node


_ENDS = ("", "+", "-", ")", "}", "]", r"\rVert", r"\rvert")
_NORMS = {"": Measure.NORM, "F": Measure.FROBENIUS, "2": Measure.SPECTRAL}
_CALLED = {r"\det": Measure.DET, r"\rho": Measure.RADIUS, "O": Measure.ORDER}


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
        if self.cursor.next == r"\otimes":
            return scaled(sign, self._kronecker(factors[0]))
        while self.cursor.accept(self.names.hadamard):
            factors.append(self._product())
        self._one_kind(r"\otimes")
        return scaled(sign, hadamard(*factors) if len(factors) > 1 else factors[0])

    def _kronecker(self, left: Mat) -> Mat:
        while self.cursor.accept(r"\otimes"):
            left = Kron(left, self._product())
        self._one_kind(self.names.hadamard)
        return left

    def _one_kind(self, other: str) -> None:
        if self.cursor.next == other:
            raise self.cursor.error("two kinds of products need brackets")

    def _product(self) -> Mat:
        factors = [self._factor()]
        while self.cursor.another_factor((*_ENDS, self.names.hadamard, r"\otimes")):
            factors.append(self._factor())
        return multiplied(factors)

    def _factor(self) -> Mat | sp.Expr:
        base = self._atom()
        if not self.cursor.accept("^"):
            return base
        exponent = self.cursor.group()
        if isinstance(base, sp.Expr):
            return number_power(base, read_number(exponent, self.vocabulary), self.cursor)
        if exponent == (r"\top",):
            return transposed(base)
        if exponent == ("-", r"\top"):
            return Transposed(Inverse(base))
        if exponent[:1] == (self.names.hadamard,):
            return Power(base, read_number(exponent[1:], self.vocabulary))
        if base.is_scalar:
            return Power(base, read_number(exponent, self.vocabulary))
        if exponent == ("-", "1"):
            return Inverse(base)
        return MatrixPower(base, read_number(exponent, self.vocabulary))

    def _atom(self) -> Mat | sp.Expr:
        cursor = self.cursor
        if cursor.next.isdigit():
            return sp.Integer(cursor.take())
        if cursor.accept(r"\ln"):
            return logarithm(cursor)
        if cursor.accept("("):
            inner = self._bracket()
            cursor.expect(")")
            return inner
        if cursor.accept(r"\sum", "_"):
            return self._summed()
        if cursor.accept(r"\frac"):
            return self._fraction()
        if cursor.accept(r"\sqrt"):
            return self._root()
        if cursor.accept(r"\nabla", "_"):
            return self._nabla()
        if cursor.accept(r"\operatorname"):
            return self._operator()
        if cursor.accept(r"\begin"):
            return self._literal()
        if cursor.next in (r"\lVert", r"\lvert", r"\det", r"\rho", "O"):
            measured = self._measured()
            if measured is not None:
                return measured
        special = self._special()
        return self._named() if special is None else special

    def _bracket(self) -> Mat | sp.Expr:
        """A bracket holds a matrix formula or an expression in parameters alone."""
        return plain(self.sum())

    def _group(self) -> Mat | sp.Expr:
        """The same in braces."""
        self.cursor.expect("{")
        inner = self._bracket()
        self.cursor.expect("}")
        return inner

    def _summed(self) -> Mat:
        """A sum over a letter that means nothing else; it reaches to the end of the product."""
        cursor, vocabulary = self.cursor, self.vocabulary
        letter, sign, *first = cursor.group()
        if sign != "=" or not letter.isalpha():
            raise cursor.error("a sum over whole numbers begins with a letter and its first value")
        if (letter,) in vocabulary.numbers:
            raise alike(f"the letter {letter} of a sum and another number print alike")
        cursor.expect("^")
        last = read_number(cursor.group(), vocabulary)
        counter = sp.Symbol(letter, integer=True)
        inside = replace(vocabulary, parameters=(*vocabulary.parameters, counter))
        body = _MatrixReader(cursor, inside)._entrywise(1)
        return Summed(counter, read_number(tuple(first), vocabulary), last, body)

    def _root(self) -> Mat | sp.Expr:
        inner = self._group()
        if isinstance(inner, sp.Expr):
            return sp.sqrt(inner)
        if not inner.is_scalar:
            raise self.cursor.error("the square root of a matrix")
        return Power(inner, sp.Rational(1, 2))

    def _fraction(self) -> Mat | sp.Expr:
        cursor = self.cursor
        if cursor.accept("{", r"\partial"):
            return self._partial()
        above, below = self._group(), self._group()
        if isinstance(below, sp.Expr):
            inverse = number_power(below, sp.Integer(-1), cursor)
            return above * inverse if isinstance(above, sp.Expr) else scaled(inverse, above)
        if not below.is_scalar:
            raise cursor.error("division by a matrix")
        if isinstance(above, sp.Expr):
            return scaled(above, reciprocal(below))
        return scalar_times(reciprocal(below), above)

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

    def _measured(self) -> Mat | None:
        """A norm, modulus, determinant, spectral radius or order; None where a name begins so."""
        cursor = self.cursor
        tables = (self.vocabulary.whole, self.vocabulary.heads, self.vocabulary.numbers)
        if any(self.vocabulary.match(table, cursor) is not None for table in tables):
            return None
        opening = cursor.take()
        if opening in (r"\lVert", r"\lvert"):
            inner = self.sum()
            cursor.expect(opening.replace(r"\l", r"\r"))
            if opening == r"\lvert":
                return Head(Measure.ABS, inner)
            index = "".join(cursor.group()) if cursor.accept("_") else ""
            if index not in _NORMS:
                raise cursor.error(f"a norm with index '{index}' is not known")
            return Head(_NORMS[index], inner)
        cursor.expect("(")
        inner = self.sum()
        cursor.expect(")")
        return Head(_CALLED[opening], inner)

    def _operator(self) -> Mat:
        name = "".join(self.cursor.group())
        if name == "E":
            self.cursor.expect("[")
            inner = self.sum()
            self.cursor.expect("]")
            return Head(Measure.EXPECTATION, inner)
        self.cursor.expect("(")
        inner = self.sum()
        self.cursor.expect(")")
        if name == "diag":
            return Diag(inner)
        if name == "tr":
            return Trace(inner)
        if name == "vec":
            return Vec(inner)
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
                break
        if "".join(cursor.group()) != "pmatrix":
            raise cursor.error("the matrix does not end as it began")
        if len({len(row) for row in rows}) != 1:
            raise cursor.error("the rows of a matrix differ in length")
        return Literal(tuple(map(tuple, rows)))

    def _special(self) -> Mat | None:
        cursor = self.cursor
        if cursor.accept(r"\mathbf", "{", "1", "}", "_"):
            return self._ones()
        if cursor.accept(r"\mathbf", "{", "0", "}", "_"):
            return Scaled(sp.Integer(0), self._ones())
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
        return self._dim_of(self.cursor.group())

    def _dim_of(self, tokens: Tokens) -> Dim:
        for dim in self.vocabulary.dims:
            if tokenise(letter_latex(dim.name)) == tokens:
                return dim
        raise self.cursor.error(f"'{''.join(tokens)}' is no dimension of this problem")

    def _ones(self) -> Mat:
        r"""A column of ones, or with `\times` a matrix of them; zero times it is one of zeros."""
        size = self.cursor.group()
        if r"\times" not in size:
            return Ones(self._dim_of(size))
        at = size.index(r"\times")
        rows, cols = Ones(self._dim_of(size[:at])), Ones(self._dim_of(size[at + 1 :]))
        return Product((rows, Transposed(cols)))

    def _named(self) -> Mat | sp.Expr:
        cursor, vocabulary = self.cursor, self.vocabulary
        head = vocabulary.match(vocabulary.heads, cursor)
        whole = vocabulary.match(vocabulary.whole, cursor)
        number = vocabulary.match(vocabulary.numbers, cursor)
        longest = max((len(t) for t in (head, whole, number) if t is not None), default=0)
        if head is not None and len(head) == longest:
            return self._call(head)
        if whole is not None and len(whole) == longest:
            return self._evaluated(self._tensor())
        if number is not None:
            cursor.accept(*number)
            return vocabulary.numbers[number]
        if cursor.accept(PI):
            return sp.pi
        raise cursor.error(f"'{cursor.next}' is no name of this problem")

    def _evaluated(self, tensor: Tensor) -> Mat:
        """A tensor, or a tensor as a function of its argument followed by a bracket."""
        argument = self.vocabulary.arguments.get(tensor)
        if argument is None or not self.cursor.accept("("):
            return Sym(tensor)
        value = self.sum()
        self.cursor.expect(")")
        return At(Sym(tensor), Sym(argument), value)

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
            raise self.cursor.error(f"'{self.cursor.next}' is no tensor of this problem")
        self.cursor.accept(*name)
        return self.vocabulary.whole[name]
