"""The strict reader of `set.toml`: every key is known, every value has its kind, or it is an error.

Errors name the line of the key, which `tomllib` does not keep; the lines are found in the text.
"""

import difflib
import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from solutionset.errors import AuthorError, Failures, Place, SolutionSetError
from solutionset.model import CHOICES, NotationChoice, SetConfig

SLUG = re.compile(r"[a-z][a-z0-9_]*\Z")
SLUG_RULE = "small letters, digits and _, a letter first"
REQUIRED_TEXTS = ("title", "course", "author", "date", "language", "licence", "source")
_KEYS = tuple(field.name for field in fields(SetConfig))
_NOTATION_KEYS = tuple(field.name for field in fields(NotationChoice))
_KIND_NAMES: dict[type, str] = {
    str: "a text in quotes",
    bool: "true or false",
    list: "a list of texts in quotes",
    dict: "a table of texts in quotes",
}


def read_config(toml: Path) -> SetConfig:
    """Return what a `set.toml` says; raises Failures with each key that is wrong, at its line."""
    if not toml.is_file():
        missing = AuthorError(
            "the folder has no set.toml",
            code="find",
            place=Place(toml.parent),
            wanted=f"{toml} with the keys {', '.join((*REQUIRED_TEXTS, 'problems'))}",
        )
        raise Failures((missing,))
    try:
        text = read_text(toml)
        table = tomllib.loads(text)
    except AuthorError as error:
        raise Failures((error,)) from error
    except tomllib.TOMLDecodeError as error:
        raise Failures((_syntax_error(error, toml, text),)) from error
    return _Reader(toml, text, table).config()


def read_text(path: Path) -> str:
    """Return the text of an author's file; raises AuthorError at the first line not in UTF-8.

    The mark that some editors put before UTF-8 is no part of it.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise AuthorError(message, code="read", place=Place(path)) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AuthorError(
            "the file is not in UTF-8",
            code="encoding",
            place=Place(path, error.object.count(b"\n", 0, error.start) + 1),
            got=f"the byte 0x{error.object[error.start]:02x}",
            advice="save the file as UTF-8 in the editor",
        ) from error


def line_of_item(text: str, slug: str, nth: int = 0) -> int:
    """Return the line on which `slug` stands in the list `problems` for the nth time, from 0."""
    start = _after(text, r"^\s*problems\s*=")
    items = list(re.compile(rf"""(["']){re.escape(slug)}\1""").finditer(text, start))
    return text.count("\n", 0, items[nth].start()) + 1 if nth < len(items) else 0


def line_of_key(text: str, key: str, *, header: str = "") -> int:
    """Return the line of a key, under its table's header if it has one; 0 if not found."""
    start = _after(text, rf"^\s*\[\s*{header}\s*\]") if header else 0
    name = rf"""["']?{re.escape(key)}["']?"""
    pattern = re.compile(rf"^[ \t]*(\[+\s*{name}\s*[\].]|{name}\s*[=.])", re.MULTILINE)
    match = pattern.search(text, start) or pattern.search(text)
    return text.count("\n", 0, match.start()) + 1 if match else 0


def nearest(word: str, known: tuple[str, ...]) -> str:
    """Return advice that names the known words nearest to a misspelt one, "" if none is near."""
    close = difflib.get_close_matches(word, known, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(close)}?" if close else ""


def _after(text: str, pattern: str, start: int = 0) -> int:
    match = re.compile(pattern, re.MULTILINE).search(text, start)
    return match.end() if match else start


def _syntax_error(error: tomllib.TOMLDecodeError, toml: Path, text: str) -> AuthorError:
    numbered = re.search(r"line (\d+)", str(error))
    line = int(numbered[1]) if numbered else text.count("\n") + 1  # else it is the end of the file
    return AuthorError(str(error), code="set-toml", place=Place(toml, line))


T = TypeVar("T", str, bool, list[Any], dict[str, Any])


class _Reader:
    """Takes one parsed `set.toml` apart and remembers every complaint."""

    def __init__(self, toml: Path, text: str, table: dict[str, Any]) -> None:
        self.toml = toml
        self.text = text
        self.table = table
        self.errors: list[SolutionSetError] = []

    def config(self) -> SetConfig:
        self.refuse_unknown(self.table, _KEYS, header="")
        config = SetConfig(
            title=self.required_text("title"),
            course=self.required_text("course"),
            author=self.required_text("author"),
            date=self.required_text("date"),
            language=self.required_text("language"),
            licence=self.required_text("licence"),
            source=self.required_text("source"),
            problems=self.problems(),
            introduction=self.value("introduction", ""),
            macros=tuple(self.texts("macros").items()),
            marks=self.value("marks", True),
            notation=self.notation(),
        )
        if self.errors:
            raise Failures(tuple(self.errors))
        return config

    def required_text(self, key: str) -> str:
        if key not in self.table:
            self.complain(f"the key {key} is missing", 0, wanted=f'{key} = "..."')
            return ""
        text = self.value(key, "")
        if isinstance(self.table[key], str) and not text.strip():
            self.complain(f"the key {key} is empty", self.line_of_key(key))
        return text

    def problems(self) -> tuple[str, ...]:
        if "problems" not in self.table:
            self.complain("the key problems is missing", 0, wanted='problems = ["first", "second"]')
        slugs: list[Any] = self.value("problems", [])
        if not slugs and isinstance(self.table.get("problems"), list):
            self.complain(
                "the set has no problems",
                self.line_of_key("problems"),
                advice=f"python build.py new {self.toml.parent.name}/first_problem",
            )
        for position, slug in enumerate(slugs):
            earlier = slugs[:position].count(slug)
            line = line_of_item(self.text, str(slug), earlier) or self.line_of_key("problems")
            if not isinstance(slug, str) or not SLUG.match(slug):
                self.complain(f"{slug!r} cannot name a problem", line, wanted=SLUG_RULE)
            elif earlier:
                self.complain(f"the problem {slug} is listed twice", line)
        return tuple(str(slug) for slug in slugs)

    def notation(self) -> NotationChoice:
        choice = self.texts("notation")
        self.refuse_unknown(choice, _NOTATION_KEYS, header="notation")
        for key, allowed in CHOICES.items():
            if allowed and choice.get(key, allowed[0]) not in allowed:
                self.complain(
                    f"the key notation.{key} has a value that does not exist",
                    self.line_of_key(key, header="notation"),
                    got=choice[key],
                    wanted=f"one of {', '.join(allowed)}",
                    advice=nearest(choice[key], allowed),
                )
        return NotationChoice(**{key: choice[key] for key in _NOTATION_KEYS if key in choice})

    def texts(self, key: str) -> dict[str, str]:
        table: dict[str, Any] = self.value(key, {})
        for name, value in table.items():
            if not isinstance(value, str):
                self.complain(
                    f"the key {key}.{name} has a value of the wrong kind",
                    self.line_of_key(name, header=key),
                    got=str(value),
                    wanted=_KIND_NAMES[str],
                )
        return {name: value for name, value in table.items() if isinstance(value, str)}

    def value(self, key: str, default: T) -> T:
        """Return the value of a key, which must have the kind of its default."""
        value = self.table.get(key, default)
        if isinstance(value, type(default)):
            return value
        self.complain(
            f"the key {key} has a value of the wrong kind",
            self.line_of_key(key),
            got=str(value),
            wanted=_KIND_NAMES[type(default)],
        )
        return default

    def refuse_unknown(self, table: dict[str, Any], known: tuple[str, ...], *, header: str) -> None:
        for key in table:
            if key not in known:
                where = f" in [{header}]" if header else ""
                self.complain(
                    f"unknown key {key}{where}",
                    self.line_of_key(key, header=header),
                    wanted=f"one of {', '.join(known)}",
                    advice=nearest(key, known),
                )

    def line_of_key(self, key: str, *, header: str = "") -> int:
        return line_of_key(self.text, key, header=header)

    def complain(
        self, message: str, line: int, *, got: str = "", wanted: str = "", advice: str = ""
    ) -> None:
        self.errors.append(
            AuthorError(
                message,
                code="set-toml",
                place=Place(self.toml, line),
                got=got,
                wanted=wanted,
                advice=advice,
            )
        )
