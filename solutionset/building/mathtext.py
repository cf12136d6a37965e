r"""Where mathematics stands in LaTeX, and which of it states a relation.

This is no reader of formulas: it only finds them, independently of the code that printed them. It
knows `$`, `$$`, `\(`, `\[`, the displays of amsmath and the commands of `style.tex` that set their
arguments in math mode. Comments are left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

RELATIONS = frozenset(
    {"=", "<", ">", r"\le", r"\ge", r"\leq", r"\geq", r"\ne", r"\neq", r"\lt", r"\gt"}
    | {r"\approx", r"\equiv", r"\propto", r"\sim", r"\simeq", r"\cong", r"\ll", r"\gg"}
    | {r"\leqslant", r"\geqslant", r"\lesssim", r"\gtrsim", r"\coloneqq", r"\eqqcolon", r"\asymp"}
    | {r"\doteq", r"\triangleq", r"\eqsim", r"\approxeq", r"\nless", r"\ngtr", r"\nleq"}
    | {r"\prec", r"\succ", r"\preceq", r"\succeq", r"\ngeq", r"\lneq", r"\gneq"}
    | {"≤", "≥", "≠", "≈", "≡", "∝", r"\char", r"\symbol"}
)
# Of the commands of the style: how many arguments are mathematics, and what stands between them.
COMMANDS: dict[str, tuple[int, str]] = {
    r"\ssline": (3, ""),
    r"\ssresult": (1, ""),
    r"\ssdefinition": (1, ""),
    r"\ssvalue": (2, "="),
    r"\sswrong": (1, ""),
}
# The conventions of notation define signs and assert nothing.
CONVENTIONS = r"\begin{ssnotation}"
TEXTS = frozenset({r"\text", r"\textrm", r"\textit", r"\textbf", r"\mbox", r"\intertext"})
PLACEHOLDER = "\ue010"  # stands for a printed value while a template is looked at

_ENVIRONMENTS = ("equation", "align", "gather", "multline", "displaymath", "flalign", "alignat")
_CLOSERS = {
    "$": "$",
    "$$": "$$",
    r"\(": r"\)",
    r"\[": r"\]",
    r"\begin{eqnarray}": r"\end{eqnarray}",
    r"\begin{eqnarray*}": r"\end{eqnarray*}",
    r"\begin{math}": r"\end{math}",
    **{rf"\begin{{{name}}}": rf"\end{{{name}}}" for name in _ENVIRONMENTS},
    **{rf"\begin{{{name}*}}": rf"\end{{{name}*}}" for name in _ENVIRONMENTS},
}
_INLINE = frozenset({"$", r"\(", r"\begin{math}"})
_TOKEN = re.compile(
    r"\\(?:begin|end)\s*\{[^{}]*\}|\\(?:[A-Za-z@]+|.|\n)|%[^\n]*\n?[ \t]*|\$\$?|\s+|.", re.DOTALL
)
_SPACED = re.compile(r"(?<=[a-z])\s+(?=\{)")
_INDEX = re.compile(r"(?:[A-Za-z]|\\[a-z]+)(?:_(?:\w|\{\w+\}))?\Z")
_BOUND = re.compile(rf"(?:\w|\\[a-z]+|[+\-'{PLACEHOLDER}]|\{{[^{{}}]*\}})+\Z")
_DOTS = frozenset({r"\dots", r"\ldots", r"\cdots", "...", ".."})


class Token(NamedTuple):
    """A command, a sign or a run of spaces, and the line it begins on."""

    text: str
    line: int


@dataclass(frozen=True)
class Segment:
    """A piece of mathematics, the line it begins on, and whether it is displayed."""

    latex: str
    line: int
    displayed: bool


def tokens_of(text: str, line: int = 1) -> list[Token]:
    """Return the tokens of LaTeX without its comments; `text` begins on `line`."""
    tokens = []
    for word in _TOKEN.findall(text):
        if len(word) == 1:  # most are: a glance has to do
            if word != "%":
                tokens.append(Token(word, line))
            line += word == "\n"
            continue
        if word[0] != "%":
            spaced = word[-1] == "}"  # as in `\begin {align}`
            tokens.append(Token(_SPACED.sub("", word) if spaced else word, line))
        line += word.count("\n")
    return tokens


def join(tokens: list[Token]) -> str:
    """Return tokens as LaTeX again."""
    return "".join(token.text for token in tokens)


def segments(text: str, line: int = 1) -> tuple[Segment, ...]:
    """Return all mathematics in LaTeX whose first line is `line`, in order."""
    return tuple(_find(tokens_of(text, line)))


@cache
def states_relation(latex: str) -> bool:
    r"""Say whether mathematics relates quantities: `a = b`, but not `k = 1, \dots, L`.

    What stands in a subscript or superscript is an index and no statement; `\text` is text.
    """
    return any(token.text in RELATIONS for token in _without_scripts(latex)) and not _is_range(
        latex
    )


def skip_spaces(tokens: list[Token], at: int) -> int:
    """Return the index of the first token from `at` on that is no space."""
    while at < len(tokens) and tokens[at].text.isspace():
        at += 1
    return at


def group_end(tokens: list[Token], at: int) -> int:
    """Return the index after the group or single token at `at`, spaces before it skipped."""
    at = skip_spaces(tokens, at)
    depth = 0
    while at < len(tokens):
        depth += {"{": 1, "}": -1}.get(tokens[at].text, 0)
        at += 1
        if depth <= 0:
            return at
    return at


def _find(tokens: list[Token]) -> Iterator[Segment]:
    at = 0
    while at < len(tokens):
        word, line = tokens[at]
        if word in _CLOSERS:
            end = _closing(tokens, at + 1, _CLOSERS[word])
            inside = tokens[at + 1 : end]
            yield Segment(join(inside), line, displayed=word not in _INLINE)
            yield from _in_texts(inside)
            at = end + 1
        elif word in COMMANDS:
            arguments, at = _arguments(tokens, at + 1, COMMANDS[word][0])
            joined = COMMANDS[word][1].join(join(argument) for argument in arguments)
            yield Segment(joined, line, displayed=True)
        elif word == CONVENTIONS:
            at = _closing(tokens, at, CONVENTIONS.replace("begin", "end")) + 1
        else:
            at += 1


def _closing(tokens: list[Token], at: int, closer: str) -> int:
    """Return the index of the closer; text within mathematics may hold dollars of its own."""
    while at < len(tokens) and tokens[at].text != closer:
        at = group_end(tokens, at + 1) if tokens[at].text in TEXTS else at + 1
    return at


def _in_texts(tokens: list[Token]) -> Iterator[Segment]:
    """Find the mathematics in the text that stands in mathematics."""
    for at, token in enumerate(tokens):
        if token.text in TEXTS:
            yield from _find(tokens[at + 1 : group_end(tokens, at + 1)])


def _arguments(tokens: list[Token], at: int, count: int) -> tuple[list[list[Token]], int]:
    """Return the next groups without their braces, and the index after them."""
    arguments = []
    for _ in range(count):
        start = skip_spaces(tokens, at)
        at = group_end(tokens, start)
        group = tokens[start:at]
        braced = bool(group) and group[0].text == "{"
        arguments.append(group[1:-1] if braced else group)
    return arguments, at


def _without_scripts(latex: str) -> list[Token]:
    """Return the tokens of mathematics without its indices, exponents and texts."""
    tokens, kept = tokens_of(latex), []
    at = 0
    while at < len(tokens):
        if tokens[at].text in {"_", "^", *TEXTS}:
            at = group_end(tokens, at + 1)
        else:
            kept.append(tokens[at])
            at += 1
    return kept


def _is_range(latex: str) -> bool:
    """Say whether mathematics only lists the values of an index."""
    signs = [token.text for token in tokens_of(latex) if token.text in RELATIONS]
    if signs != ["="]:
        return False
    index, values = re.sub(r"\\[,;:! ]|\s+", "", latex).split("=")
    bounds = values.split(",") if "," in values else values.replace("...", "..").partition("..")
    dots = sum(bound in _DOTS for bound in bounds)
    return (
        all(_INDEX.match(name) for name in index.split(","))
        and dots == 1
        and len(bounds) >= 3
        and all(bound in _DOTS or _BOUND.match(bound) for bound in bounds)
    )
