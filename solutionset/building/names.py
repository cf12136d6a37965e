"""Strict names in templates: a misspelt one is an error, and what is used is remembered."""

from collections.abc import Iterable, Iterator, Mapping

from solutionset.building.settoml import nearest
from solutionset.errors import AuthorError


class Names:
    """Things that a template reaches as `claims.grad_V` or goes through with `for`.

    It has no public methods, since they would shadow the names of the things; `unused` asks it
    from outside. A name that is not there raises AuthorError with the nearest ones.
    """

    __slots__ = ("_items", "_kind", "_used")

    def __init__(self, kind: str, items: Mapping[str, object]) -> None:
        self._kind = kind
        self._items = dict(items)
        self._used: set[str] = set()

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):  # Python and Jinja2 probe for hooks
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> object:
        if name not in self._items:
            raise unknown(f"{self._kind} has no {name}", name, self._items)
        self._used.add(name)
        return self._items[name]

    def __iter__(self) -> Iterator[object]:
        self._used.update(self._items)
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __repr__(self) -> str:
        return f"{self._kind} with {', '.join(self._items) or 'nothing'}"


def unused(names: Names) -> tuple[str, ...]:
    """Return the names that were neither asked for nor gone through, in their order."""
    return tuple(name for name in names._items if name not in names._used)


def unknown(message: str, name: str, known: Iterable[str]) -> AuthorError:
    """Return the error for a name that is not among the known ones."""
    listed = tuple(known)
    return AuthorError(
        message,
        code="template",
        wanted=f"one of {', '.join(listed)}" if listed else "nothing: there are none",
        advice=nearest(name, listed),
    )
