"""Checked solutions and their figures on disk: frozen dataclasses as JSON, read back strictly."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache, lru_cache
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from solutionset.building.contents import write_whole
from solutionset.model import CheckedSolution, DrawnFigure, IllustratedSolution

_SOLUTION = "checked.json"
_FIGURES = "drawn.json"
_Plain = TypeVar("_Plain")


class Damaged(ValueError):
    """Stored text does not describe a value of the wanted type."""


def save_solution(checked: CheckedSolution, folder: Path) -> tuple[Path, ...]:
    """Write a checked solution; return its file."""
    save(checked, folder / _SOLUTION)
    return (folder / _SOLUTION,)


def save_figures(figures: tuple[DrawnFigure, ...], folder: Path) -> tuple[Path, ...]:
    """Write which figures, whose files lie in `folder`, there are; return all files.

    They are named relative to the folder, so that a copied project finds them.
    """
    index = tuple((figure.plan.name, figure.file.relative_to(folder)) for figure in figures)
    write_whole(str(folder / _FIGURES), _text(index))
    return (folder / _FIGURES, *(figure.file for figure in figures))


def load_solution(folder: Path) -> CheckedSolution:
    """Return what `save_solution` wrote to the folder; raises Damaged."""
    return restore(CheckedSolution, folder / _SOLUTION)


def load_illustrated(folder: Path) -> IllustratedSolution:
    """Return a checked solution with the figures that were drawn for it; raises Damaged."""
    checked = load_solution(folder)
    index = decode(tuple[tuple[str, Path], ...], _parsed((folder / _FIGURES).read_text("utf-8")))
    assert isinstance(index, tuple)
    files = dict(index)
    if sorted(files) != sorted(plan.name for plan in checked.figures):
        raise Damaged(f"other figures than those promised are in {folder}")
    figures = (DrawnFigure(plan, folder / files[plan.name]) for plan in checked.figures)
    return IllustratedSolution(checked, tuple(figures))


def save(value: object, file: Path) -> None:
    """Write a frozen dataclass of plain values."""
    write_whole(str(file), _text(value))


def restore(kind: type[_Plain], file: Path) -> _Plain:
    """Return the value of type `kind` that `save` wrote; raises Damaged."""
    wanted: Any = kind
    value = _restored(wanted, file.read_text(encoding="utf-8"))
    assert isinstance(value, kind)
    return value


@lru_cache(maxsize=256)
def _restored(kind: Any, text: str) -> object:
    return decode(kind, _parsed(text))


def _text(value: object) -> bytes:
    return json.dumps(encode(value), indent=1, sort_keys=True).encode()


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Damaged(str(error)) from error


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
    hints = _hints(kind)
    names = list(hints)
    if not isinstance(data, Mapping) or sorted(data) != sorted(names):
        raise Damaged(f"{data!r:.40} is no {kind.__name__}")
    return kind(**{name: decode(hints[name], data[name]) for name in names})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}
