"""TeX's log, read back: what went wrong, where, and which text of the document is to blame.

TeX names the line at which it noticed. amsmath reads a whole display before it typesets it, so its
errors stand at the ``\\end``; a brace that is missing is noticed pages later. The log also quotes
what TeX was reading, though, and `blame` looks for the line that this text comes from.

The log must have been written with long lines and ``-file-line-error``.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

OVERFULL_POINTS = 1.0

_ERROR = re.compile(
    r"^(?:(?P<file>[^\s:()][^:()]*\.\w+):(?P<line>\d+): |! |!(?=pdfTeX))(?P<message>\S.*)$"
)
_GIVES_UP = "Emergency stop."
_INTERRUPTED = "Interruption."
_LEVEL = re.compile(r"^(?P<what><argument>|l\.\d+|<[^>]*>|\\\S.*?->) ?(?P<text>.*?)\s*$")
_AT_LINE = re.compile(r"^l\.(\d+) ?", re.MULTILINE)
_ENDED = re.compile(r"(\\begin\{.*?\}) on input line (\d+) (ended by \\end\{.*?\})")
_UNDEFINED_COMMAND = "Undefined control sequence."
_REFERENCE = re.compile(
    r"^LaTeX Warning: (Reference|Citation) `(.+?)' on page .*?undefined(?: on input line (\d+))?\.",
    re.MULTILINE,
)
_LABEL = re.compile(r"^LaTeX Warning: Label `(.+?)' multiply defined\.", re.MULTILINE)
_LINK = re.compile(r"^pdfTeX warning \(dest\): name\{(.+?)\} has been referenced", re.MULTILINE)
_GLYPH = re.compile(r"^(Missing character: There is no (\S+).*? in font .*?)!", re.MULTILINE)
_FONT = re.compile(
    r"^LaTeX Font Warning: Font shape `((?!OM|U/)\w+/.+?)' undefined\n"
    r"\(Font\)\s+using `(.+?)' instead on input line (\d+)\.",
    re.MULTILINE,
)
_UNCLOSED = re.compile(
    r"^\(\\end occurred inside a group at level \d+\)\n\n### .*? entered at line (\d+)",
    re.MULTILINE,
)
_CONDITIONAL = re.compile(r"^\((\\end occurred when (.+?) on line (\d+) was incomplete)\)", re.M)
_BOX = re.compile(
    r"^Overfull (\\[hv]box) \(([\d.]+)pt too (?:wide|high)\) "
    r"(?:.*?at lines? (\d+)(?:--(\d+))?|has occurred while \\output is active)(.*\n?.*)",
    re.MULTILINE,
)
_FONT_CODE = re.compile(r"\\[A-Z]\w*/[^ ]+ ?")
_PAGES = re.compile(r"^Output written on .*? \((\d+) pages?,", re.MULTILINE)


@dataclass(frozen=True)
class Problem:
    """Something that makes a document unfit to publish.

    `file` and `line` are TeX's own ("" and 0 where it names none). `tail` is text that TeX had just
    read when it noticed, `head` is where an argument began that never ended; `command` is the
    undefined command.
    """

    message: str
    file: str = ""
    line: int = 0
    tail: str = ""
    head: str = ""
    command: str = ""


@dataclass(frozen=True)
class Box:
    """Material that sticks out by `points`; lines 0 where it arose as a page was put together."""

    points: float
    kind: str
    first: int
    last: int
    text: str


@dataclass(frozen=True)
class TexLog:
    """What one run reported: `errors` stop it, `defects` count once the references have settled."""

    errors: tuple[Problem, ...]
    defects: tuple[Problem, ...]
    overfull: tuple[Box, ...]
    pages: int


def parse(text: str) -> TexLog:
    """Read a whole log."""
    pages = _PAGES.search(text)
    return TexLog(
        errors=tuple(_errors(text.split("\n"))),
        defects=tuple(dict.fromkeys(_defects(text))),
        overfull=tuple(dict.fromkeys(_boxes(text))),
        pages=int(pages[1]) if pages else 0,
    )


def interruption(log: TexLog) -> Problem | None:
    """Return where TeX was when it was interrupted, if it was."""
    return next((error for error in log.errors if error.message == _INTERRUPTED), None)


def _errors(rows: list[str]) -> list[Problem]:
    found: list[Problem] = []
    for index, row in enumerate(rows):
        match = _ERROR.match(row)
        if match is None:
            continue
        end = next((i for i in range(index + 1, len(rows)) if _ERROR.match(rows[i])), len(rows))
        if match["message"] == _GIVES_UP and found:
            found[-1] = _with_line_of(found[-1], match, rows[index + 1 : end])
            continue
        runaway = rows[index - 1] if rows[index - 2 : index - 1] == ["Runaway argument?"] else ""
        found.append(_error(match, rows[index + 1 : end], runaway))
    return found


def _with_line_of(problem: Problem, match: re.Match[str], rows: list[str]) -> Problem:
    """A missing file is reported without a line; giving up for want of it has one."""
    if problem.line or not match["line"]:
        return problem
    return Problem(problem.message, match["file"], int(match["line"]), _context(rows).read)


def _error(match: re.Match[str], rows: list[str], runaway: str) -> Problem:
    """Make a problem of the row that names it and the `rows` up to the next error."""
    message, line = match["message"], int(match["line"] or 0)
    for row in rows:
        if not row.startswith("    ") or not row.strip():
            break
        message += " " + row.strip()
    if ended := _ENDED.search(message):
        # The author of the \begin may well have forgotten the \end, and so be in another file.
        message, line = f"{ended[1]} is {ended[3]} on input line {line}", int(ended[2])
    context = _context(rows)
    command = ""
    if message == _UNDEFINED_COMMAND:
        commands = re.findall(r"\\(?:[A-Za-z@]+|.)", context.innermost)
        command = commands[-1] if commands else ""
    return Problem(
        message=re.sub(r"^(?:LaTeX|Package \S+|Class \S+) Error: ", "", message),
        file=(match["file"] or "").removeprefix("./"),
        line=line,
        tail="" if ended else context.read,
        head=runaway,
        command=command,
    )


class _Context(NamedTuple):
    innermost: str
    read: str


def _context(rows: list[str]) -> _Context:
    """Return what TeX was reading: innermost, and the innermost that an author can have written."""
    stop = next((i for i, row in enumerate(rows) if _AT_LINE.match(row)), -1)
    levels = [match for row in rows[: stop + 1] if (match := _LEVEL.match(row))]
    texts = [match["text"].removeprefix("...").strip() for match in levels]
    written = (
        text
        for match, text in zip(levels, texts, strict=True)
        if match["what"] == "<argument>" or match["what"].startswith("l.")
    )
    return _Context(texts[0] if texts else "", next(written, ""))


def _defects(text: str) -> list[Problem]:
    found = [
        Problem(f"{kind.lower()} `{key}' is undefined", line=int(line or 0), tail=f"{{{key}}}")
        for kind, key, line in _REFERENCE.findall(text)
    ]
    found += [
        Problem(f"label `{key}' is defined twice", tail=f"\\label{{{key}}}")
        for key in _LABEL.findall(text)
    ]
    found += [
        Problem(f"the link to `{key}' leads nowhere", tail=f"{{{key}}}")
        for key in _LINK.findall(text)
    ]
    found += [Problem(message, tail=glyph) for message, glyph in _GLYPH.findall(text)]
    found += [
        Problem(f"there is no font {wanted}; TeX took {taken}", line=int(line))
        for wanted, taken, line in _FONT.findall(text)
    ]
    found += [
        Problem("a brace or \\begingroup opened here is never closed", line=int(line))
        for line in _UNCLOSED.findall(text)
    ]
    return found + [
        Problem(message, line=int(line), tail=command)
        for message, command, line in _CONDITIONAL.findall(text)
    ]


def _boxes(text: str) -> list[Box]:
    return [
        Box(
            points=float(points),
            kind=kind,
            first=int(first or 0),
            last=int(last or first or 0),
            text=_FONT_CODE.sub("", rest).replace("[]", "").strip(),
        )
        for kind, points, first, last, rest in _BOX.findall(text)
        if float(points) > OVERFULL_POINTS
    ]


# -------------------------------------------------------------------------- whose line is it


def blame(problem: Problem, lines: list[str]) -> int:
    """Return the number (from 1) of the line that causes `problem`, or 0 where nothing tells.

    `lines` are those of the document. `problem.line` must be 0 unless it counts in them.
    """
    if problem.head:
        at = _best(lines, 1, len(lines), head=problem.head)
        if at:
            return at
    if not problem.line:
        return _best(lines, 1, len(lines), tail=problem.tail or problem.command)
    last = min(problem.line, len(lines))
    while last > 1 and not lines[last - 1].strip():
        last -= 1
    first = _block_start(lines, last)
    return _best(lines, first, last, tail=problem.tail) or last


def blame_box(box: Box, lines: list[str]) -> int:
    """Return the line that sticks out: the one of the box's source that holds most of its end."""
    if not box.first:
        return 0
    last = min(box.last, len(lines))
    first = min(box.first, last)
    # A display is reported by the line that ends it, a paragraph by all of its lines.
    start = _block_start(lines, last) if first == last else first
    return _best(lines, start, last, tail=box.text) or first


def _block_start(lines: list[str], last: int) -> int:
    """Return the first line of the environment that ends at `last`, or of its paragraph."""
    ended = re.search(r"\\end\{(.+?)\}|\\\]", lines[last - 1])
    opening = "" if ended is None else f"\\begin{{{ended[1]}}}" if ended[1] else r"\["
    for number in range(last, 0, -1):
        line = lines[number - 1]
        if opening and opening in line:
            return number
        if not opening and not line.strip():
            return number + 1
    return 1


def _best(lines: list[str], first: int, last: int, *, tail: str = "", head: str = "") -> int:
    """Return the line from `first` to `last` that holds most of the end of `tail` (or start of
    `head`), the latest of equals; 0 where none holds three characters.

    TeX adds and drops spaces when it quotes, so they are left out on both sides.
    """
    wanted = re.sub(r"\s+", "", tail or head)
    best, best_size = 0, min(3, len(wanted)) - 1
    if not wanted:
        return 0
    for number in range(last, first - 1, -1):
        text = re.sub(r"\s+", "", lines[number - 1])
        size = best_size
        while size < len(wanted) and (wanted[: size + 1] if head else wanted[-size - 1 :]) in text:
            size += 1
        if size > best_size:
            best, best_size = number, size
    return best
