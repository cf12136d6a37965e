"""TARGETs of the command line -> the sets, problems and claims that they mean."""

from dataclasses import dataclass
from pathlib import Path

from solutionset.building.find import problem_slugs, set_slugs
from solutionset.building.settoml import nearest
from solutionset.errors import UsageError

COMMANDS = ("build", "check", "list", "why", "watch", "new")
_SHOWN = 30


@dataclass(frozen=True)
class Scope:
    """A set, or one problem of it, or one claim of that; an empty name means all of them."""

    set_slug: str
    problem: str = ""
    claim: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.set_slug, self.problem, self.claim) if part)


def resolve(targets: tuple[str, ...], root: Path) -> tuple[Scope, ...]:
    """Return what the targets mean, in their order; all sets if there are none.

    Whether a claim exists is not known before its module is loaded. Raises UsageError, with the
    candidates, for a target that fits nothing or more than one thing.
    """
    catalogue = {slug: problem_slugs(root, slug) for slug in set_slugs(root)}
    if not catalogue:
        raise UsageError(
            f"there are no sets in {root / 'problems'}",
            code="target",
            advice="python build.py new my_set/my_problem",
        )
    if not targets:
        return tuple(Scope(slug) for slug in catalogue)
    return tuple(dict.fromkeys(_resolve(target, catalogue) for target in targets))


def _resolve(target: str, catalogue: dict[str, tuple[str, ...]]) -> Scope:
    first, *rest = target.rstrip("/").split("/")
    if not rest:
        return _resolve_bare(first, catalogue)
    if first not in catalogue:
        raise _unknown(target, _everything(catalogue))
    if rest[0] not in catalogue[first] or len(rest) > 2:
        raise _unknown(target, tuple(f"{first}/{problem}" for problem in catalogue[first]))
    return Scope(first, *rest)


def _resolve_bare(name: str, catalogue: dict[str, tuple[str, ...]]) -> Scope:
    scopes = [Scope(name)] if name in catalogue else []
    scopes += [Scope(slug, name) for slug, problems in catalogue.items() if name in problems]
    if not scopes:
        bare = tuple(problem for problems in catalogue.values() for problem in problems)
        raise _unknown(name, (*_everything(catalogue), *dict.fromkeys(bare), *COMMANDS))
    if len(scopes) > 1:
        raise UsageError(
            f"the target {name} is ambiguous",
            code="target",
            got=name,
            wanted=" or ".join(map(str, scopes)),
        )
    return scopes[0]


def _everything(catalogue: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    problems = (f"{slug}/{problem}" for slug, names in catalogue.items() for problem in names)
    return (*catalogue, *problems)


def _unknown(target: str, candidates: tuple[str, ...]) -> UsageError:
    shown = [*candidates[:_SHOWN], "..."] if len(candidates) > _SHOWN else candidates
    return UsageError(
        f"nothing is called {target}",
        code="target",
        got=target,
        wanted=f"one of {', '.join(shown)}",
        advice=nearest(target, candidates),
    )
