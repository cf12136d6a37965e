r"""The line map: which line of which template gave each line of the generated LaTeX.

A Jinja2 extension puts marks of private-use characters into what a template prints: one before
every line of its text, and a pair around every `\VAR{...}` and every call block. They are taken out
again after rendering. Inside a pair the author's line is still known, so that what a macro prints
is led back to the line that called it.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from solutionset.model import Origin

# A line of text, the start of a pair, the end of a pair; the end of a mark.
_LINE, _OPEN, _CLOSE, _END = "\ue000", "\ue001", "\ue002", "\ue003"
_PIECE = re.compile(
    f"([{_LINE}{_OPEN}])([^{_END}]*):([0-9]+){_END}|{_CLOSE}|\n|[^{_LINE}-{_END}\n]+"
)
_MARK = re.compile(f"[{_LINE}{_OPEN}][^{_END}]*{_END}|{_CLOSE}")
_NOWHERE = Origin("", 0)


class LineMarks(Extension):
    """Marks each line of text, each expression and each call with its template and line."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """Return the tokens with marks among them, as text."""
        path = stream.filename or ""
        tokens = list(stream)
        keyword = ""
        for token, after in zip(tokens, [*tokens[1:], None], strict=True):
            if token.type == "block_begin" and after is not None:
                keyword = after.value
            if _starts("call", token, keyword):
                yield Token(token.lineno, "data", _mark(_OPEN, path, token.lineno))
            yield _marked(token, path)
            if _ends("endcall", token, keyword):
                yield Token(token.lineno, "data", _CLOSE)


def split_marks(text: str, templates: Path) -> tuple[str, tuple[Origin, ...]]:
    """Return marked text without its marks, and the origin of each of its lines.

    Paths are relative to the folder that holds the folder of the templates. The text has no blank
    line at either end, never two together, and ends with one newline.
    """
    lines, origins = [""], [_NOWHERE]
    for piece, origin in _walk(text, templates):
        new = origins[-1] == _NOWHERE
        if piece == "\n" or piece.strip():
            closer = _authored(origin, templates) and not _authored(origins[-1], templates)
            if new or closer:
                origins[-1] = origin
        if piece == "\n":
            lines.append("")
            origins.append(_NOWHERE)
        else:
            lines[-1] += piece
    kept = _kept(lines)
    latex = "".join(f"{lines[number]}\n" for number in kept)
    root = f"{templates.parent}/"
    sources = (origins[number] for number in kept)
    return latex, tuple(Origin(source.path.removeprefix(root), source.line) for source in sources)


def without_marks(text: str) -> str:
    """Return marked text as `split_marks` does, where nobody asks for the origins."""
    lines = _MARK.sub("", text).split("\n")
    return "".join(f"{lines[number]}\n" for number in _kept(lines))


def _kept(lines: list[str]) -> list[int]:
    """Return which lines stay: those with something in them, and one blank line below each."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    return sorted({*filled, *(number + 1 for number in filled[:-1])})


def with_marks(latex: str, origins: tuple[Origin, ...], root: Path) -> str:
    """Return LaTeX in which each line is marked with its origin; `split_marks` undoes it.

    The paths of the origins are relative to `root`.
    """
    lines = latex.removesuffix("\n").split("\n")
    marks = (_mark(_LINE, str(root / origin.path), origin.line) for origin in origins)
    return "\n".join(mark + line for mark, line in zip(marks, lines, strict=True))


def _starts(statement: str, token: Token, keyword: str) -> bool:
    in_block = token.type == "block_begin" and keyword == statement
    return token.type == "variable_begin" or in_block


def _ends(statement: str, token: Token, keyword: str) -> bool:
    in_block = token.type == "block_end" and keyword == statement
    return token.type == "variable_end" or in_block


def _mark(kind: str, path: str, line: int) -> str:
    return f"{kind}{path}:{line}{_END}"


def _marked(token: Token, path: str) -> Token:
    """Mark the lines of a piece of text; blank ones stay, as Jinja2 may ask for nothing else."""
    if token.type != "data":
        return token
    marked = (
        _mark(_LINE, path, line) + text if text.strip() else text
        for line, text in enumerate(token.value.split("\n"), start=token.lineno)
    )
    return Token(token.lineno, "data", "\n".join(marked))


def _walk(text: str, templates: Path) -> Iterator[tuple[str, Origin]]:
    """Yield runs of text and single newlines, each with its origin.

    The stack holds the line that is being printed, below it the lines that called it. Of these the
    innermost in a set's own template is the author's; failing that, it is the innermost of all.
    """
    stack = [_NOWHERE]
    authors: list[Origin | None] = [None]  # of each line of the stack, the author's it belongs to
    for match in _PIECE.finditer(text):
        kind, path, line = match.groups()
        if kind is not None:
            stack[-1] = Origin(path, int(line))
            caller = authors[-2] if len(authors) > 1 else None
            authors[-1] = stack[-1] if _authored(stack[-1], templates) else caller
        if kind == _OPEN:
            stack.append(stack[-1])
            authors.append(authors[-1])
        elif match[0] == _CLOSE:
            stack.pop()
            authors.pop()
        elif kind is None:
            yield match[0], authors[-1] or stack[-1]


def _authored(origin: Origin, templates: Path) -> bool:
    """Say whether a line stands in a template of a set, which lies in a folder of its own."""
    return _in_a_set(origin.path, str(templates))


@cache
def _in_a_set(path: str, templates: str) -> bool:
    prefix = f"{templates}/"
    return path.startswith(prefix) and "/" in path.removeprefix(prefix)
