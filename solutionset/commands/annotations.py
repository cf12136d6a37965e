"""Errors as GitHub Actions shows them: beside the author's line in the changes under review."""

import os
from collections.abc import Mapping
from pathlib import Path

from solutionset.errors import Place, SolutionSetError

_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY = (*_DATA, (":", "%3A"), (",", "%2C"))


def wanted(environment: Mapping[str, str]) -> bool:
    """Say whether this runs in GitHub Actions."""
    return environment.get("GITHUB_ACTIONS") == "true"


def error(one: SolutionSetError, root: Path, environment: Mapping[str, str]) -> str:
    """Return the workflow command that shows an error; `root` is that of relative paths."""
    message = str(one)
    if one.place is not None:  # said by the properties
        message = message.removeprefix(f"{one.place}: ")
    return _command("error", one.place, message, root, environment)


def warning(place: Place | None, message: str, root: Path, environment: Mapping[str, str]) -> str:
    """Return the workflow command that shows a warning."""
    return _command("warning", place, message, root, environment)


def _command(
    kind: str, place: Place | None, message: str, root: Path, environment: Mapping[str, str]
) -> str:
    properties = {"title": "solutionset"}
    if place is not None:
        workspace = environment.get("GITHUB_WORKSPACE", str(root))
        properties["file"] = _within(workspace, root / place.path)
        if place.line:  # which column is not known: all of the line is meant
            properties |= {"line": str(place.line), "col": "1"}
    listed = ",".join(f"{name}={_escaped(text, _PROPERTY)}" for name, text in properties.items())
    return f"::{kind} {listed}::{_escaped(message, _DATA)}"


def _within(workspace: str, path: Path) -> str:
    """Return a path as the repository knows it, if it lies in there."""
    return os.path.relpath(path, workspace) if path.is_relative_to(workspace) else str(path)


def _escaped(text: str, signs: tuple[tuple[str, str], ...]) -> str:
    for sign, code in signs:
        text = text.replace(sign, code)
    return text
