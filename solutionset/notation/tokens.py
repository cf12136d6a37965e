"""The tokens of our subset of LaTeX, and a cursor over them."""

import re
from collections.abc import Container
from functools import lru_cache

from solutionset.errors import ClaimError

_TOKEN = re.compile(r"\\[A-Za-z]+|\\[\\,;:! ]|[0-9]+|[A-Za-z]|[{}()\[\]^_+\-=,'&./*]|\s+")
_SPACING = {r"\left", r"\right", r"\,", r"\;", r"\:", r"\!", r"\ "}
_NUMERAL_FRACTION = re.compile(r"\{\d+\}\{\d+\}")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


class Unreadable(ClaimError):
    """LaTeX that the strict reader does not understand; such a formula is unchecked."""

    def __init__(self, message: str, latex: str, at: int) -> None:
        """Refuse the LaTeX at a token, counted from 0."""
        super().__init__(message, code="unreadable", got=latex)
        self.token = at


@lru_cache(maxsize=4096)
def tokenise(latex: str) -> tuple[str, ...]:
    """Split LaTeX into tokens, without blanks and without what only changes spacing.

    Raises `Unreadable` for a character outside the subset and for brackets that do not match.
    """
    tokens: list[str] = []
    brackets = _Brackets(latex)
    position = 0
    while position < len(latex):
        found = _TOKEN.match(latex, position)
        if found is None:
            raise Unreadable(f"unexpected character {latex[position]!r}", latex, position)
        token = found.group()
        brackets.meet(token)
        if not token.isspace() and token not in _SPACING:
            tokens.append(token)
        position = found.end()
    brackets.end()
    return tuple(tokens)


class _Brackets:
    """Sees to it that brackets match, in kind and in being tall: TeX refuses what does not."""

    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.open: list[tuple[str, bool]] = []
        self.tall = ""

    def meet(self, token: str) -> None:
        if token in _CLOSING:
            self.open.append((token, self.tall == r"\left"))
        elif token in _CLOSING.values():
            opening, tall = self.open.pop() if self.open else ("", False)
            if _CLOSING.get(opening) != token:
                raise Unreadable(f"'{token}' closes {opening or 'nothing'}", self.latex, 0)
            if tall != (self.tall == r"\right"):
                raise Unreadable(r"\left and \right do not match", self.latex, 0)
        self.tall = token

    def end(self) -> None:
        if self.open:
            raise Unreadable(f"'{self.open[-1][0]}' is never closed", self.latex, 0)


class Cursor:
    """A position in a row of tokens."""

    def __init__(self, latex: str) -> None:
        """Stand at the first token."""
        self.latex = latex
        self.tokens = tokenise(latex)
        self.at = 0

    @property
    def next(self) -> str:
        """The token that comes next; empty at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def starts(self, *tokens: str) -> bool:
        """Whether these tokens come next."""
        return self.tokens[self.at : self.at + len(tokens)] == tokens

    def take(self) -> str:
        """Consume one token."""
        token = self.next
        if not token:
            raise self.error("the formula ends too early")
        self.at += 1
        return token

    def accept(self, *tokens: str) -> bool:
        """Consume these tokens if they come next."""
        if self.starts(*tokens):
            self.at += len(tokens)
            return True
        return False

    def expect(self, token: str) -> None:
        """Consume this token or refuse."""
        if not self.accept(token):
            raise self.error(f"expected '{token}', found '{self.next}'")

    def another_factor(self, ends: Container[str]) -> bool:
        r"""Whether another factor follows; a number needs a `\cdot` before it to be read as one."""
        if self.accept(r"\cdot"):
            return True
        fraction = self.next == r"\frac" and self.tokens[self.at - 1].isdigit()
        numerals = "".join(self.tokens[self.at + 1 : self.at + 7])
        if self.next.isdigit() or (fraction and _NUMERAL_FRACTION.match(numerals)):
            raise self.error(r"a number inside a product needs \cdot before it")
        return self.next not in ends

    def group(self) -> tuple[str, ...]:
        """Consume a braced group, or a single token, and return the tokens inside.

        An unbraced number has one digit: TeX sets `x^10` as x to the power 1, followed by 0.
        """
        if not self.accept("{"):
            if len(self.next) > 1 and self.next.isdigit():
                raise self.error(f"'{self.next}' needs braces")
            return (self.take(),)
        depth, start = 1, self.at
        while depth:
            token = self.take()
            depth += (token == "{") - (token == "}")
        return self.tokens[start : self.at - 1]

    def end(self) -> None:
        """Refuse anything left over."""
        if self.next:
            raise self.error(f"'{self.next}' is left over")

    def error(self, message: str) -> Unreadable:
        """An error that names the place in the formula."""
        shown = " ".join(self.tokens[max(0, self.at - 3) : self.at + 3])
        return Unreadable(
            f"cannot read the printed formula near '{shown}': {message}", self.latex, self.at
        )
