"""The files of a new problem: a complete example, which an author changes piece by piece.

In the texts, @SET@ and @PROBLEM@ stand for the names.
"""

import re
import tomllib
from pathlib import Path

from solutionset.building.settoml import SLUG, SLUG_RULE, read_text
from solutionset.errors import AuthorError, Place, UsageError

SET_TOML = """\
title = "Homework 1"
course = "Course"
author = "Author"
date = "2025"
language = "en"
licence = "CC BY 4.0"
source = "The sheet that this set answers"
problems = ["@PROBLEM@"]
"""

MODULE = '''\
"""@PROBLEM@ of @SET@."""

from solutionset.authoring import Problem, Solution


def solve() -> Solution:
    """Derive and claim what the question asks for."""
    return Solution(claims=())


problem = Problem(title="Title", question="1", source="Sheet 1, question 1", solve=solve)
'''

TEMPLATE = """\
%% extends "problem.tex"
%% block question
What is asked for, in your own words.
%% endblock
%% block solution
The idea in a sentence.
%% endblock
"""

TEST = '''\
"""What is known about @SET@/@PROBLEM@ beside what its claims check."""
'''

_PROBLEMS = re.compile(r"(?m)^(\s*problems\s*=\s*\[)([^\]]*)")


def scaffold(target: str, root: Path) -> tuple[Path, ...]:
    """Write the files of the problem `target` = "set/problem", and list it in its set.

    Returns the files that were written or changed. Raises UsageError if the target is not a name
    for a problem, or if there is such a problem already.
    """
    set_slug, slug = _parts(target)
    toml = root / "problems" / set_slug / "set.toml"
    texts = {
        root / "problems" / set_slug / f"{slug}.py": MODULE,
        root / "templates" / set_slug / f"{slug}.tex": TEMPLATE,
        root / "tests" / "problems" / set_slug / f"test_{slug}.py": TEST,
    }
    for path in texts:
        if path.exists():
            raise UsageError(f"{path} exists already", code="exists", advice="choose another name")
    contents = {path: _filled(text, set_slug, slug) for path, text in texts.items()}
    contents[toml] = (
        _with_problem(toml, slug) if toml.exists() else _filled(SET_TOML, set_slug, slug)
    )
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tuple(contents)


def _parts(target: str) -> tuple[str, str]:
    names = target.split("/")
    if len(names) != 2 or not all(SLUG.match(name) for name in names):
        raise UsageError(
            f"{target} is no name for a problem",
            code="target",
            wanted=f"SET/PROBLEM, each of {SLUG_RULE}",
        )
    return names[0], names[1]


def _filled(text: str, set_slug: str, slug: str) -> str:
    return text.replace("@SET@", set_slug).replace("@PROBLEM@", slug)


def _with_problem(toml: Path, slug: str) -> str:
    """Return the text of a `set.toml` with one more problem at the end of its list."""
    text = read_text(toml)
    try:
        listed = tomllib.loads(text).get("problems", [])
        if slug in listed:
            return text
        head, opening, inside, tail = _PROBLEMS.split(text, maxsplit=1)
        grown = f"{head}{opening}{_with_item(inside, slug)}{tail}"
        if tomllib.loads(grown)["problems"] == [*listed, slug]:
            return grown
    except ValueError:  # broken TOML, or a list written in a way that the pattern does not know
        pass
    raise AuthorError(
        f"cannot add {slug} to the list of problems",
        code="set-toml",
        place=Place(toml),
        wanted='problems = ["first", "second"]',
    )


def _with_item(inside: str, slug: str) -> str:
    """Return the inside of a list with one more item, on a line of its own if the others are."""
    items = inside.rstrip()
    if not items:
        return f'"{slug}"'
    space = inside[: len(inside) - len(inside.lstrip())]
    return f'{items.rstrip(",")},{space or " "}"{slug}"{inside[len(items) :]}'
