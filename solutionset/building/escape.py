r"""What a value means in print: LaTeX passes, text is escaped, anything unclear is refused.

A `str` is text and is escaped; a `Tex` is LaTeX already. Every method of `str` gives back a plain
`str`, so that a changed `Tex` loses its mark and is escaped: it fails closed.
"""

import re
import unicodedata

from solutionset.errors import AuthorError
from solutionset.model import Formula

_REPLACEMENTS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "\t": " ",
    "\n": " ",
    "\u00a0": "~",
}
_TABLE = str.maketrans(_REPLACEMENTS)

# What pdfLaTeX sets with the T1 and TS1 encodings: Latin letters and listed signs.
_SETTABLE = re.compile(
    "[\t\n -~\u00a0-\u00ac\u00ae-\u00b7\u00b9-\u0125\u0128-\u0137\u0139-\u013e\u0141-\u0148"
    "\u014a-\u0165\u0168-\u017e\u01cd-\u01d4\u01e6-\u01eb\u0218-\u021b\u1e9e"
    "\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2116\u2122]*"
)
_AROUND = 30  # characters before and behind one that cannot be set, by which it is found
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_DOLLAR = re.compile(r"(?<!\\)\$")


class Tex(str):
    """LaTeX already: printed as it is."""

    __slots__ = ()


class Prose(str):
    r"""An author's words with inline mathematics between dollars; `\$` is a dollar."""

    __slots__ = ()

    def __tex__(self) -> str:
        """Return the words escaped and the mathematics as it is."""
        pieces = _DOLLAR.split(self)
        if len(pieces) % 2 == 0:
            raise AuthorError(
                "a dollar that opens mathematics is never closed",
                code="template",
                got=str(self),
                advice=r"close it, or write \$ for the currency",
            )
        words = (escape(piece.replace(r"\$", "$")) for piece in pieces[::2])
        formulas = [f"${piece}$" for piece in pieces[1::2]]
        return "".join(part for pair in zip(words, [*formulas, ""], strict=True) for part in pair)


def to_tex(value: object) -> Tex:
    """Return LaTeX for one printed value; raises AuthorError for what has no clear meaning."""
    if type(value) is Tex:
        return value
    hook = getattr(type(value), "__tex__", None)
    if hook is not None:
        return Tex(hook(value))
    if isinstance(value, Formula):
        return Tex(value.latex)
    if isinstance(value, str):
        return Tex(escape(str(value)))
    if isinstance(value, int) and not isinstance(value, bool):
        return Tex(int(value))
    raise _refusal(value)


def escape(text: str) -> str:
    """Return text as LaTeX that prints it; raises AuthorError for what pdfLaTeX cannot set."""
    if _PRIVATE.search(text):
        raise AuthorError(
            "LaTeX was changed after it had been made, so that it would be printed as text",
            code="template",
            advice="print what a macro gives as it is, with no filter and no ~",
        )
    composed = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    refuse_unsettable(composed)
    return composed.translate(_TABLE)


def refuse_unsettable(text: str) -> None:
    """Raise AuthorError at the first character that pdfLaTeX cannot set."""
    end = _SETTABLE.match(text)
    if end is None or end.end() == len(text):
        return
    at = end.end()
    sign, around = text[at], text[max(0, at - _AROUND) : at + _AROUND]
    name = unicodedata.name(sign, "a control character")
    shown = f" {sign}" if sign.isprintable() else ""
    raise AuthorError(
        f"pdfLaTeX cannot set the character U+{ord(sign):04X}{shown} ({name})",
        code="template",
        got="".join(c if c.isprintable() else " " for c in around).strip(),
        advice="spell it in Latin letters, or print a formula where it is a symbol",
    )


def _refusal(value: object) -> AuthorError:
    kind = type(value).__name__
    if isinstance(value, bool):
        advice = "choose the words with %% if"
    elif isinstance(value, float):
        advice = "print a value of the problem, which states how many digits it has"
    elif value is None:
        advice = "ask with %% if whether there is a value"
    elif isinstance(value, (tuple, list, dict, set, frozenset)):
        advice = "go through its items with %% for"
    else:
        advice = "print one of its fields"
    return AuthorError(
        f"a value of type {kind} cannot be printed",
        code="template",
        got=repr(value)[:200],
        wanted="a formula, a text, an int or the result of a macro",
        advice=advice,
    )
