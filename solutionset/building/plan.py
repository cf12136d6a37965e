"""What a build would redo, and why: the stages of each problem and of each document that are stale.

`build` carries a plan out, `why` prints it. Nothing heavy is imported to make one.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from solutionset.building.conditions import Conditions
from solutionset.building.contents import Digests, Memory, digest_bytes
from solutionset.building.find import find_set, frame_files
from solutionset.building.freshness import (
    CHECKED,
    DRAWN,
    RENDERED,
    TYPESET,
    Record,
    document_record,
    problem_folder,
    read_record,
)
from solutionset.building.stamp import read_stamp
from solutionset.building.targets import Scope
from solutionset.model import Entry, NotationChoice, SetEntry, View

_NEVER = ("there is no record of it",)


@dataclass(frozen=True)
class ProblemPlan:
    """Why the check of a problem is to be redone, and why its figures; empty where they are not."""

    entry: Entry
    check: tuple[str, ...]
    draw: tuple[str, ...]

    @property
    def stale(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.check or self.draw)


@dataclass(frozen=True)
class DocumentPlan:
    """Why a document is to be rendered, and why typeset.

    Pages that turn out the same when rendered again are not typeset again.
    """

    view: View
    render: tuple[str, ...]
    typeset: tuple[str, ...]

    @property
    def stale(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.render or self.typeset)


@dataclass(frozen=True)
class SetPlan:
    """What is to be done for one set, and the files of it as they were before any of the work."""

    entry: SetEntry
    problems: tuple[ProblemPlan, ...]
    documents: tuple[DocumentPlan, ...]
    inputs: dict[str, str]


@dataclass(frozen=True)
class Stale:
    """One line of `why`: a problem, or a document as "set (view)", its stages, and the reasons."""

    name: str
    stages: tuple[str, ...]
    because: tuple[str, ...]


class Survey:
    """How things stand in a course and its output folder, as first seen."""

    def __init__(self, root: Path, output: Path, data: Path | None = None) -> None:
        self.root = root
        self.output = output
        memory = Memory(0, read_stamp(str(output)).seen)
        self.inputs = Digests(str(root), memory)
        self.outputs = Digests(str(output), memory)
        self.conditions = Conditions(self.inputs, str(data or ""))

    def plan(self, slug: str, views: tuple[View, ...], forced: tuple[Scope, ...] = ()) -> SetPlan:
        """Return the plan of one set; raises Failures if its folders contradict themselves.

        What stands in the scopes `forced` is redone although it may be fresh.
        """
        folder = self.root / "problems" / slug
        self.inputs.all_of([self._name(folder), self._name(folder / "set.toml")])  # before reading
        entry = find_set(self.root, slug)
        problems = tuple(self._problem(problem, entry, forced) for problem in entry.problems)
        stale = tuple(f"{p.entry.name} is redone" for p in problems if p.stale)
        documents = tuple(
            self._document(slug, view, stale, notation_key(entry.config.notation)) for view in views
        )
        inputs = self.inputs.all_of(self._files_of(entry))
        return SetPlan(entry, problems, documents, inputs)

    def _problem(self, entry: Entry, config: SetEntry, forced: tuple[Scope, ...]) -> ProblemPlan:
        if any(s.set_slug == entry.set_slug and s.problem in ("", entry.slug) for s in forced):
            return ProblemPlan(entry, ("--force",), ("--force",))
        folder = problem_folder(str(self.output), entry.name)
        checking = self.conditions.of_checking(notation_key(config.config.notation))
        checked = self._changes(f"{folder}/{CHECKED}.record", checking)
        drawn = self._changes(f"{folder}/{DRAWN}.record", self.conditions.of_drawing())
        return ProblemPlan(entry, checked, drawn)

    def _document(
        self, slug: str, view: View, stale: tuple[str, ...], notation: str
    ) -> DocumentPlan:
        output = str(self.output)
        rendering = self.conditions.of_rendering(notation)
        render = self._changes(document_record(output, slug, view, RENDERED), rendering)
        typeset = self._typesetting(document_record(output, slug, view, TYPESET))
        return DocumentPlan(view, render + stale, typeset)

    def _typesetting(self, path: str) -> tuple[str, ...]:
        record = read_record(path)
        if record is None:
            return _NEVER
        return self._changes_of(
            record, self.conditions.of_typesetting(record.conditions["document"])
        )

    def _changes(self, path: str, conditions: dict[str, str]) -> tuple[str, ...]:
        record = read_record(path)
        return _NEVER if record is None else self._changes_of(record, conditions)

    def _changes_of(self, record: Record, conditions: dict[str, str]) -> tuple[str, ...]:
        return tuple(record.changes(conditions, self.inputs, self.outputs))

    def _files_of(self, entry: SetEntry) -> list[str]:
        """Return what a set's document is made from, folders for the names that they hold."""
        templates = self.root / "templates"
        own = templates / entry.slug
        paths = [entry.folder, entry.toml, own, *frame_files(templates)]
        for folder in (templates, own):
            paths += sorted(path for path in folder.iterdir() if path.is_file())
        paths += [templates / path.name for path in frame_files(templates)]  # absent as yet
        return [self._name(path) for path in paths]

    def _name(self, path: Path) -> str:
        """Return the name of a file in a record: that in the course, or an absolute one."""
        inside = path.is_relative_to(self.root)
        return os.path.relpath(path, self.root) if inside else str(path)


def notation_key(notation: NotationChoice) -> str:
    """Return the key of how a set writes its formulas."""
    return digest_bytes(repr(notation).encode())


def stale_stages(plan: SetPlan) -> list[Stale]:
    """Return what is to be done for a set, one line for each thing and reason."""
    rows = []
    for problem in plan.problems:
        name, check, draw = problem.entry.name, problem.check, problem.draw
        if check == draw:
            rows.append(Stale(name, ("solve", "check", "draw"), check))
        else:
            rows.append(Stale(name, ("solve", "check"), check))
            rows.append(Stale(name, ("solve", "draw"), draw))
    for document in plan.documents:
        name = f"{plan.entry.slug} ({document.view})"
        if document.render:
            because = tuple(dict.fromkeys(document.render + document.typeset))
            rows.append(Stale(name, ("render", "typeset"), because))
        else:
            rows.append(Stale(name, ("typeset",), document.typeset))
    return [row for row in rows if row.because]
