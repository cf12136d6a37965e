r"""Proof that a view without solutions shows none: looked for in its LaTeX and in its PDF.

Formulas are not compared, as several questions print their answer. Two looks are taken instead:

1. The line map says where each line of a fragment comes from. None may come from a block of the
   template that this view does not print.
2. What the view may not say in words (the prose of those blocks, reasons, pitfalls, captions and
   alternative texts) may stand neither in the document nor in the strings of its PDF, such as
   bookmarks. Words that a question or the frame says too are no secret.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from solutionset.building.find import template_file
from solutionset.building.templating import read_template
from solutionset.errors import Failures, Place, TexError
from solutionset.model import (
    CheckedClaim,
    CheckedSolution,
    DrawnFigure,
    Fragment,
    IllustratedSolution,
    Origin,
    SetEntry,
    View,
)

_HIDDEN_BLOCKS = frozenset({"errata", "solution"})
_BLOCK = re.compile(r"(?:^[ \t]*%%|\\BLOCK\{)-?\s*(?:block\s+(\w+)|(endblock)\b)", re.MULTILINE)
# Some words in a row: enough of them that they do not come together by chance.
_PHRASE = re.compile(r"[A-Za-z]+(?:(?:, | |-)[A-Za-z']+){3,}")
_SHORTEST = 24


def refuse_hidden_lines(
    fragments: tuple[Fragment, ...], set_entry: SetEntry, view: View, templates: Path
) -> None:
    """Raise TexError, or Failures with several, for lines of blocks that are not printed."""
    errors = []
    entries = {entry.name: entry for entry in set_entry.problems}
    for fragment in fragments:
        name = f"{set_entry.slug}/{entries[fragment.entry].slug}.tex"
        hidden = hidden_lines(read_template(templates / name))
        path = f"{templates.name}/{name}"
        for origin in dict.fromkeys(fragment.origins):
            if origin.path == path and origin.line in hidden:
                errors.append(_leak(view, "this line", origin))
    _raise_all(errors)


def hidden_lines(template: str) -> frozenset[int]:
    """Return the numbers of the lines in blocks that only the solutions print."""
    open_blocks: list[tuple[str, int]] = []
    found: set[int] = set()
    for match in _BLOCK.finditer(template):
        line = template.count("\n", 0, match.start(match.lastindex or 0)) + 1
        if match[1]:
            open_blocks.append((match[1], line))
        elif open_blocks:
            name, first = open_blocks.pop()
            found |= set(range(first + 1, line + 1)) if name in _HIDDEN_BLOCKS else set()
    return frozenset(found)


def secrets(
    fragments: tuple[Fragment, ...],
    solutions: tuple[IllustratedSolution, ...],
    set_entry: SetEntry,
    view: View,
    templates: Path,
) -> tuple[str, ...]:
    """Return the phrases that may stand nowhere in this view of a set, or in its PDF."""
    told: list[str] = []
    for problem, one, fragment in zip(set_entry.problems, solutions, fragments, strict=True):
        source = read_template(templates / set_entry.slug / f"{problem.slug}.tex")
        rows = source.split("\n")
        told += (rows[number - 1] for number in sorted(hidden_lines(source)))
        shown = {figure.plan.name for figure in fragment.figures}
        told += _words_of(one.solution, view)
        told += _words_of_figures(f for f in one.figures if f.plan.name not in shown)
    open_words = _normal("\n".join(_open_words(fragments, solutions, set_entry, templates)))
    phrases = (match[0] for text in told for match in _PHRASE.finditer(_normal(text)))
    return tuple(
        phrase
        for phrase in dict.fromkeys(phrases)
        if len(phrase) >= _SHORTEST and phrase not in open_words
    )


def refuse_told_secrets(
    latex: str, origins: tuple[Origin, ...], phrases: tuple[str, ...], view: View
) -> None:
    """Raise TexError, or Failures with several, for what a document says and may not."""
    rows = [_normal(row) for row in latex.split("\n")]
    _raise_all(
        [
            _leak(view, f"“{phrase}”", origins[number])
            for phrase in phrases
            for number, row in enumerate(rows)
            if phrase in row
        ]
    )


def _normal(text: str) -> str:
    return re.sub(r"[ \t~]+", " ", text)


def _words_of(solution: CheckedSolution, view: View) -> Iterator[str]:
    """Yield what the solution says in words beside its template."""
    for claim in solution.claims:
        yield from _words_of_claim(claim, view)
    for instance in solution.instances:
        yield from (line.because for _, line in instance.lines)
    for pitfall in solution.pitfalls:
        yield from (pitfall.text, pitfall.consequence)
    for erratum in solution.errata:
        yield from (erratum.sheet_says, erratum.correct, erratum.evidence)
    for row in solution.audit:
        yield from (row.statement, row.reason)
    yield from solution.prose


def _words_of_claim(claim: CheckedClaim, view: View) -> Iterator[str]:
    if view is View.QUESTIONS:  # the key names its claims, and states them
        yield from (claim.title, claim.statement)
    yield from (line.because for line in claim.lines)
    yield from (hypothesis.text for hypothesis in claim.verdict.hypotheses)
    yield claim.verdict.note


def _words_of_figures(figures: Iterator[DrawnFigure]) -> Iterator[str]:
    for figure in figures:
        yield from (figure.plan.alt, figure.plan.caption)


def _open_words(
    fragments: tuple[Fragment, ...],
    solutions: tuple[IllustratedSolution, ...],
    set_entry: SetEntry,
    templates: Path,
) -> Iterator[str]:
    """Yield what a view may say: its fragments, the frame, set.toml, names of problems."""
    yield from (fragment.latex for fragment in fragments)
    for name in ("document.tex", "problem.tex", "style.tex"):
        yield read_template(template_file(templates, name))
    yield set_entry.toml.read_text("utf-8")
    for one in solutions:
        yield from (one.solution.title, one.solution.source)


def _leak(view: View, what: str, origin: Origin) -> TexError:
    return TexError(
        f"the {view} would show {what}, which belongs to the solutions",
        code="leak",
        place=Place(Path(origin.path), origin.line) if origin.path else None,
        wanted="nothing of the blocks `errata` and `solution`, and none of their words",
        advice="look at what `problem.tex` and `document.tex` print in this view",
    )


def _raise_all(errors: list[TexError]) -> None:
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise Failures(tuple(errors))
