r"""Which formulas of a finished document were checked, counted from its `.tex` alone.

The scan knows nothing of templates or claims: it lists every displayed formula, line by line, and
every inline relation between `\begin{document}` and the end. A formula is covered when its
normalised LaTeX is among the normalised strings that were checked. Three things make the two
comparable:

- a display is cut into its lines at `\\`, a line into its formulas at `\quad`; reasons, tags,
  labels and frames are taken off; a line that begins with `+` or `-` belongs to the one above;
- a chain `a = b = c` is covered when `a = b` is, and `= c` is as a line that continues another;
- white space, alignment, and a full stop or comma at the end do not count.

Nothing else is ignored, so that an unknown construction shows as unchecked and never as covered.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise

from solutionset.building.mathtext import (
    RELATIONS,
    TEXTS,
    Segment,
    Token,
    group_end,
    join,
    segments,
    skip_spaces,
    states_relation,
    tokens_of,
)
from solutionset.model import CheckedInstance, CheckedLine, CheckedSolution, Coverage, Standing

_SPACES = frozenset({r"\,", r"\;", r"\:", r"\!", r"\>", r"\ ", r"\medspace", r"\thinspace"})
_IGNORED = _SPACES | {
    *("~", r"\displaystyle", r"\notag", r"\nonumber", r"\nobreak", r"\allowbreak"),
    *(rf"\{edge}{{{name}}}" for edge in ("begin", "end") for name in ("split", "aligned")),
}
_WIDE = frozenset({r"\quad", r"\qquad"})
_NOTES = frozenset({r"\tag", r"\label", r"\intertext", r"\ssbecause", r"\sswhy"})
_FRAMES = frozenset({r"\boxed", r"\ssboxed"})
_ENDS_IN_NAME = re.compile(r"\\[A-Za-z]+\Z")
_START = r"\begin{document}"
# Where no mathematics is open: each problem can be looked at by itself, and only when it changes.
_PARTS = re.compile(r"^(?=\\ss(?:problem|appendix)\{|\\begin\{ssledger\})", re.MULTILINE)
_MATH = re.compile(r"(?<!\\)\$([^$]+)(?<!\\)\$")


def coverage(tex: str, checked: frozenset[str]) -> Coverage:
    """Compare the formulas of a `.tex` with the strings that were checked (in any spacing)."""
    known = frozenset(normalise_math(latex) for latex in checked)
    formulas = scan_relations(tex)
    unchecked = tuple((f.line, f.latex) for f in formulas if not _covered(f.latex, known))
    return Coverage(len(formulas), len(formulas) - len(unchecked), unchecked)


def scan_relations(tex: str) -> tuple[Segment, ...]:
    """Return each line of each display and each inline relation of a `.tex`, with its line."""
    head, start, body = tex.partition(_START)
    if not start:
        head, body = "", tex
    line = head.count("\n") + 1
    formulas: list[Segment] = []
    for part in _PARTS.split(body):
        formulas += (replace(f, line=line + f.line) for f in _relations_in(part))
        line += part.count("\n")
    return tuple(formulas)


@cache
def _relations_in(part: str) -> tuple[Segment, ...]:
    """Return the formulas of one problem of a document, with lines counted from 0 there."""
    return tuple(
        formula
        for segment in segments(part, 0)
        for formula in (_lines(segment) if segment.displayed else _relation(segment))
    )


def checked_strings(solution: CheckedSolution) -> frozenset[str]:
    """Return every formula of a solution that a check has decided, the refuted ones included.

    Refuted are the wrong formulas of pitfalls, and what the sheet says where a claim decides it.
    """
    claims = [c for c in solution.claims if c.verdict.standing is not Standing.UNCHECKED]
    strings = {claim.result for claim in claims}
    strings |= {_joined(line) for claim in claims for line in claim.lines}
    for definition in solution.definitions:
        if definition.verdict.standing is Standing.UNCHECKED:
            continue
        strings |= {definition.formula, definition.entry_formula}
    for instance in solution.instances:
        strings |= _of_instance(instance)
    strings |= {pitfall.wrong for pitfall in solution.pitfalls}
    # What is said to be right has to be the formula of a claim itself.
    quoted = [row.statement for row in solution.audit if row.claim and row.verdict != "holds"]
    quoted += [erratum.sheet_says for erratum in solution.errata if erratum.claim]
    strings |= {latex for text in quoted for latex in _MATH.findall(text)}
    return frozenset(string for string in strings if string)


@cache
def normalise_math(latex: str) -> str:
    """Return LaTeX without what does not count: spacing, alignment, frames, the mark at the end."""
    tokens = [
        token
        for token, depth in _with_depth(_unframed(tokens_of(latex)))
        if not (token.text.isspace() or token.text in _IGNORED)
        and not (depth == 0 and token.text in {"&", r"\\"})
    ]
    while tokens and tokens[-1].text in {",", ".", ";"}:
        tokens.pop()
    words = [token.text for token in tokens]
    for at in range(len(words) - 1, 0, -1):
        if _ENDS_IN_NAME.search(words[at - 1]) and words[at][0].isalpha():
            words[at] = f" {words[at]}"
    return "".join(words)


def _lines(display: Segment) -> Iterator[Segment]:
    """Cut a display into its lines, each joined with those that continue it."""
    joined: list[list[Token]] = []
    for whole in _cut(tokens_of(display.latex, display.line), frozenset({r"\\"})):
        row = _without_indent(whole)
        latex = join(row)
        if joined and latex[:1] in {"+", "-"} and not states_relation(latex):
            joined[-1] += row
        elif _formulas(latex):
            joined.append(row)
    for row in joined:
        yield Segment(join(row).strip(), row[0].line, displayed=True)


def _without_indent(row: list[Token]) -> list[Token]:
    at = 0
    while at < len(row) and (row[at].text.isspace() or row[at].text in {"&", *_WIDE, *_SPACES}):
        at += 1
    return row[at:]


def _relation(segment: Segment) -> Iterator[Segment]:
    if states_relation(segment.latex):
        yield Segment(segment.latex.strip(), segment.line, displayed=False)


def _covered(latex: str, known: frozenset[str]) -> bool:
    return all(formula in known or _is_chain(formula, known) for formula in _formulas(latex))


def _is_chain(latex: str, known: frozenset[str]) -> bool:
    """Say whether a chain of relations is made of covered links, the first with its left side."""
    tokens = tokens_of(latex)
    signs = [
        at
        for at, (token, depth) in enumerate(_with_depth(tokens))
        if depth == 0 and token.text in RELATIONS
    ]
    edges = [0, *signs[1:], len(tokens)]
    links = [join(tokens[start:end]) for start, end in pairwise(edges)]
    return len(links) > 1 and all(normalise_math(link) in known for link in links)


@cache
@cache
def _formulas(latex: str) -> tuple[str, ...]:
    """Return the formulas of a line, normalised: cut at wide spaces, without notes and texts."""
    pieces = _cut(_without_notes(tokens_of(latex)), _WIDE)
    cells = (_cut(piece, frozenset({"&"})) for piece in pieces)
    formulas = ("".join(join(cell) for cell in row if not _is_text(cell)) for row in cells)
    return tuple(normal for formula in formulas if (normal := normalise_math(formula)))


def _without_notes(tokens: list[Token]) -> list[Token]:
    at = 0
    while at < len(tokens):
        if tokens[at].text in _NOTES:
            tokens = tokens[:at] + tokens[group_end(tokens, at + 1) :]
        else:
            at += 1
    return tokens


def _is_text(tokens: list[Token]) -> bool:
    """Say whether a piece is text alone, such as `\\text{for all } `."""
    filled = [token for token in tokens if not token.text.isspace()]
    return bool(filled) and filled[0].text in TEXTS and group_end(filled, 1) == len(filled)


def _cut(tokens: list[Token], at: frozenset[str]) -> list[list[Token]]:
    """Cut at signs that stand in no group and no environment."""
    pieces: list[list[Token]] = [[]]
    for token, depth in _with_depth(tokens):
        if depth == 0 and token.text in at:
            pieces.append([])
        else:
            pieces[-1].append(token)
    return pieces


def _with_depth(tokens: list[Token]) -> Iterator[tuple[Token, int]]:
    """Yield each token with the number of groups and environments it stands in."""
    depth = 0
    for token in tokens:
        word = token.text
        if len(word) > 1 and word in _IGNORED:
            yield token, depth
            continue
        depth -= word == "}" or word[:5] == r"\end{"
        yield token, depth
        depth += word == "{" or word[:7] == r"\begin{"


def _unframed(tokens: list[Token]) -> list[Token]:
    """Take off the frames around formulas, with their braces."""
    at = 0
    while at < len(tokens):
        if tokens[at].text in _FRAMES:
            start = skip_spaces(tokens, at + 1)
            end = group_end(tokens, start)
            braced = end - start > 1
            inside = tokens[start + 1 : end - 1] if braced else tokens[start:end]
            tokens = tokens[:at] + inside + tokens[end:]
        else:
            at += 1
    return tokens


def _joined(line: CheckedLine) -> str:
    return f"{line.left} {line.relation} {line.right}"


def _of_instance(instance: CheckedInstance) -> set[str]:
    lines = {_joined(line) for _, line in instance.lines}
    return lines | {f"{symbol} = {value}" for symbol, value in instance.values}
