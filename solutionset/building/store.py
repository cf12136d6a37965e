"""Checked solutions and their figures on disk: frozen dataclasses as JSON, read back strictly."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from solutionset.building.freshness import write_whole
from solutionset.model import IllustratedSolution

SOLUTION_FILE = "solution.json"


class Damaged(ValueError):
    """Stored text does not describe a value of the wanted type."""


def save_solution(illustrated: IllustratedSolution, folder: Path) -> tuple[Path, ...]:
    """Write an illustrated solution, whose figures lie in `folder`; return its files.

    The figures are named relative to the folder, so that a copied project finds them.
    """
    figures = tuple(
        replace(figure, file=figure.file.relative_to(folder)) for figure in illustrated.figures
    )
    file = folder / SOLUTION_FILE
    text = json.dumps(encode(replace(illustrated, figures=figures)), indent=1, sort_keys=True)
    write_whole(str(file), text.encode())
    return (file, *(figure.file for figure in illustrated.figures))


def load_solution(folder: Path) -> IllustratedSolution:
    """Return what `save_solution` wrote to the folder; raises Damaged."""
    try:
        data = json.loads((folder / SOLUTION_FILE).read_text(encoding="utf-8"))
    except ValueError as error:
        raise Damaged(str(error)) from error
    illustrated = decode(IllustratedSolution, data)
    assert isinstance(illustrated, IllustratedSolution)
    figures = tuple(replace(f, file=folder / f.file) for f in illustrated.figures)
    return replace(illustrated, figures=figures)


def encode(value: object) -> object:
    """Return a value of plain JSON types; raises TypeError for what `decode` could not restore."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return value.as_posix()
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"cannot store a {type(value).__name__}")


def decode(kind: Any, data: object) -> object:
    """Return the value of type `kind` that `encode` turned into `data`; raises Damaged."""
    if get_origin(kind) is tuple:
        return _decode_tuple(get_args(kind), data)
    if isinstance(kind, UnionType):
        (inner,) = (arm for arm in get_args(kind) if arm is not type(None))
        return None if data is None else decode(inner, data)
    if is_dataclass(kind):
        return _decode_dataclass(kind, data)
    if issubclass(kind, Enum | Path) and isinstance(data, str):
        return kind(data)
    if isinstance(data, kind) or (kind is float and isinstance(data, int)):
        return data
    raise Damaged(f"{data!r:.40} is no {kind.__name__}")


def _decode_tuple(kinds: tuple[Any, ...], data: object) -> tuple[object, ...]:
    if not isinstance(data, list):
        raise Damaged(f"{data!r:.40} is no list")
    if kinds[1:] == (...,):
        return tuple(decode(kinds[0], item) for item in data)
    if len(kinds) != len(data):
        raise Damaged(f"{len(data)} values where {len(kinds)} belong")
    return tuple(decode(kind, item) for kind, item in zip(kinds, data, strict=True))


def _decode_dataclass(kind: Any, data: object) -> object:
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    if not isinstance(data, Mapping) or sorted(data) != sorted(names):
        raise Damaged(f"{data!r:.40} is no {kind.__name__}")
    return kind(**{name: decode(hints[name], data[name]) for name in names})
