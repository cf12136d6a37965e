"""The tokens of our subset of LaTeX, and a cursor over them."""

import re

from solutionset.errors import ClaimError

_TOKEN = re.compile(r"\\[A-Za-z]+|\\[\\,;:! ]|[0-9]+|[A-Za-z]|[{}()\[\]^_+\-=,'&.]|\s+")
_SPACING = {r"\left", r"\right", r"\,", r"\;", r"\:", r"\!", r"\ "}


class Unreadable(ClaimError):
    """LaTeX that the strict reader does not understand; such a formula is unchecked."""

    def __init__(self, message: str, latex: str, at: int) -> None:
        super().__init__(message, code="unreadable", got=latex)
        self.at = at


def tokenise(latex: str) -> tuple[str, ...]:
    """Split LaTeX into tokens, without blanks and without what only changes spacing."""
    tokens: list[str] = []
    position = 0
    while position < len(latex):
        found = _TOKEN.match(latex, position)
        if found is None:
            raise Unreadable(f"unexpected character {latex[position]!r}", latex, position)
        token = found.group()
        if not token.isspace() and token not in _SPACING:
            tokens.append(token)
        position = found.end()
    return tuple(tokens)


class Cursor:
    """A position in a row of tokens."""

    def __init__(self, latex: str) -> None:
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
            raise self.error(f"expected {token!r}, found {self.next!r}")

    def group(self) -> tuple[str, ...]:
        """Consume a braced group, or a single token, and return the tokens inside."""
        if not self.accept("{"):
            return (self.take(),)
        depth, start = 1, self.at
        while depth:
            token = self.take()
            depth += (token == "{") - (token == "}")
        return self.tokens[start : self.at - 1]

    def end(self) -> None:
        """Refuse anything left over."""
        if self.next:
            raise self.error(f"{self.next!r} is left over")

    def error(self, message: str) -> Unreadable:
        """An error that names the place in the formula."""
        shown = " ".join(self.tokens[max(0, self.at - 3) : self.at + 3])
        return Unreadable(f"cannot read the printed formula near '{shown}': {message}",
                          self.latex, self.at)
