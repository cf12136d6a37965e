"""Reads the pages of the documentation: their sections, their code, the files that they show."""

import re
from dataclasses import dataclass

_HEADING = re.compile(r"^(#{2,3}) (.+)$", re.MULTILINE)
_FENCED = r"```{language}\n(.*?)^```$"
_FILE = re.compile(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Section:
    """The text below a heading, and the heading of the level above it."""

    parent: str
    title: str
    text: str

    def code(self, language: str) -> str:
        """Return the code in one language, all blocks of it joined."""
        return "".join(blocks(self.text, language))


def sections(page: str) -> tuple[Section, ...]:
    """Return the sections of the third level."""
    found, parent = [], ""
    pieces = _HEADING.split(page)[1:]
    for level, title, text in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        if level == "##":
            parent = title
        else:
            found.append(Section(parent, title, text))
    return tuple(found)


def blocks(page: str, language: str) -> tuple[str, ...]:
    """Return the blocks of code in one language."""
    pattern = _FENCED.format(language=language)
    return tuple(re.findall(pattern, page, re.MULTILINE | re.DOTALL))


def files_in(page: str) -> dict[str, str]:
    """Return the files that a page shows, each below a line with its path."""
    return dict(_FILE.findall(page))
