"""find: the folders of a course -> its sets, each problem with its module and its template.

The folders are the wiring: one slug names a module, a template and a test. Whatever does not fit
together is an error at the line of `set.toml`, or at the file, that is at fault.
"""

from pathlib import Path

from solutionset.building.freshness import subfolders
from solutionset.building.settoml import (
    SLUG,
    SLUG_RULE,
    line_of_item,
    nearest,
    read_config,
    read_text,
)
from solutionset.errors import AuthorError, Failures, Place, SolutionSetError
from solutionset.model import Entry, SetConfig, SetEntry

# The frame, macros and style of this repository, for a course elsewhere that brings none.
FRAME = Path(__file__).resolve().parents[2] / "templates"


def find(root: Path) -> tuple[SetEntry, ...]:
    """Return every set of the course, sorted by slug.

    Raises Failures with everything that is wrong in any set.
    """
    errors: list[SolutionSetError] = [*stray_templates(root)]
    sets = []
    for slug in set_slugs(root):
        try:
            sets.append(find_set(root, slug))
        except Failures as failures:
            errors += failures.errors
    if errors:
        raise Failures(tuple(errors))
    return tuple(sets)


def find_set(root: Path, slug: str) -> SetEntry:
    """Return one set.

    Raises Failures with everything that is wrong with its folder, its `set.toml`, its templates.
    """
    folder = root / "problems" / slug
    toml = folder / "set.toml"
    if not SLUG.match(slug):
        message = f"{slug!r} cannot name a set"
        raise Failures((AuthorError(message, code="find", place=Place(folder), wanted=SLUG_RULE),))
    config = read_config(toml)
    errors = _misfits(root, slug, config)
    if errors:
        raise Failures(errors)
    entries = tuple(
        Entry(slug, name, folder / f"{name}.py", root / "templates" / slug / f"{name}.tex")
        for name in config.problems
    )
    return SetEntry(slug, folder, toml, config, entries)


def set_slugs(root: Path) -> tuple[str, ...]:
    """Return the names of the folders in `problems/`: they are sets, or meant to be."""
    return tuple(subfolders(str(root / "problems")))


def problem_slugs(root: Path, set_slug: str) -> tuple[str, ...]:
    """Return the names of a set's modules; those that begin with _ are not problems."""
    return _stems(root / "problems" / set_slug, "py")


def template_file(templates: Path, name: str) -> Path:
    """Return the file of a template: the course's own, or the engine's where it has no such frame.

    Only what stands outside the folders of the sets is shared.
    """
    own = templates / name
    shared = "/" not in name and not own.exists() and (FRAME / name).is_file()
    return FRAME / name if shared else own


def frame_files(templates: Path) -> tuple[Path, ...]:
    """Return the engine's own templates that stand in for ones which the course does not have."""
    files = (template_file(templates, path.name) for path in sorted(FRAME.glob("*.tex")))
    return tuple(file for file in files if file.parent != templates)


def stray_templates(root: Path) -> tuple[AuthorError, ...]:
    """Return an error for each folder of templates to which no set belongs."""
    sets = set_slugs(root)
    strays = [name for name in subfolders(str(root / "templates")) if name not in sets]
    return tuple(
        AuthorError(
            f"these are the templates of a set {name} that does not exist",
            code="find",
            place=Place(root / "templates" / name),
            wanted=f"the folder {root / 'problems' / name}",
            advice=nearest(name, sets) or "remove the folder, or begin its name with _",
        )
        for name in strays
    )


def _misfits(root: Path, slug: str, config: SetConfig) -> tuple[AuthorError, ...]:
    """Return an error for each module, template and item of the list that lacks a partner."""
    folder, templates = root / "problems" / slug, root / "templates" / slug
    listed = config.problems
    modules, prose = problem_slugs(root, slug), _stems(templates, "tex")
    errors = [_no_module(folder, name, modules) for name in listed if name not in modules]
    errors += [_not_listed(folder, name) for name in modules if name not in listed]
    errors += [
        AuthorError(
            f"the problem {name} has no template",
            code="find",
            place=Place(folder / f"{name}.py"),
            wanted=f"{templates / name}.tex",
            advice=nearest(name, tuple(p for p in prose if p not in modules)),
        )
        for name in modules
        if name not in prose
    ]
    errors += [
        AuthorError(
            f"the template {name} belongs to no problem",
            code="find",
            place=Place(templates / f"{name}.tex"),
            wanted=f"{folder / name}.py",
            advice=nearest(name, modules) or "remove the file, or begin its name with _",
        )
        for name in prose
        if name not in modules
    ]
    return tuple(errors)


def _no_module(folder: Path, name: str, modules: tuple[str, ...]) -> AuthorError:
    toml = folder / "set.toml"
    return AuthorError(
        f"the problem {name} has no module",
        code="find",
        place=Place(toml, line_of_item(read_text(toml), name)),
        wanted=f"{folder / name}.py",
        advice=nearest(name, modules) or f"python build.py new {folder.name}/{name}",
    )


def _not_listed(folder: Path, name: str) -> AuthorError:
    return AuthorError(
        f"the problem {name} is not listed in its set",
        code="find",
        place=Place(folder / f"{name}.py"),
        advice=f'write "{name}" into `problems` in {folder / "set.toml"}, '
        "or begin the file's name with _ if it is no problem",
    )


def _stems(folder: Path, suffix: str) -> tuple[str, ...]:
    """Return the sorted names, without suffix, of a folder's files that are not private."""
    if not folder.is_dir():
        return ()
    return tuple(
        sorted(
            path.stem
            for path in folder.glob(f"*.{suffix}")
            if path.name[0] not in "._" and path.is_file()
        )
    )
