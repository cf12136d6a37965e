"""Whether what was made earlier still stands: conditions, inputs and outputs, all by content.

A problem has a record of its check and one of its figures, a document one of its rendering and one
of its PDF; so each stage is redone only for a reason of its own. A build with nothing to do ends
here or earlier, hence no import that it does not need.
"""

import os

from solutionset.building.conditions import DATA, Conditions
from solutionset.building.contents import (
    ABSENT,
    CACHE,
    VARIABLE,
    Digests,
    Memory,
    read_sealed,
    time_on_disk,
    write_sealed,
)
from solutionset.building.stamp import Stamp, circumstances, read_stamp, write_stamp

CHECKED, DRAWN, RENDERED, TYPESET = "checked", "drawn", "rendered", "typeset"


class Record:
    """What was made (`outputs`), from which files (`inputs`, `parts`), under which `conditions`.

    The first three map file names to content keys: inputs relative to the root, parts (which other
    stages made) and outputs relative to the output folder. `conditions` maps words such as "engine"
    or "sympy" to what held when the record was made.
    """

    def __init__(
        self,
        conditions: dict[str, str],
        inputs: dict[str, str],
        parts: dict[str, str],
        outputs: dict[str, str],
    ) -> None:
        self.conditions = conditions
        self.inputs = inputs
        self.parts = parts
        self.outputs = outputs

    def changes(self, conditions: dict[str, str], inputs: Digests, outputs: Digests) -> list[str]:
        """Return what has changed since, a few words each; nothing while the record is fresh."""
        return [
            *_changed_conditions(self.conditions, conditions),
            *(
                _change(name, digest, inputs.of(name))
                for name, digest in self.inputs.items()
                if not digest or inputs.of(name) != digest
            ),
            *(
                f"{_owner(name)} changed"
                for name, digest in self.parts.items()
                if outputs.of(name) != digest
            ),
            *(
                f"the output {name} {'is missing' if outputs.of(name) == ABSENT else 'was altered'}"
                for name, digest in self.outputs.items()
                if not digest or outputs.of(name) != digest
            ),
        ]


def _changed_conditions(before: dict[str, str], now: dict[str, str]) -> list[str]:
    changed = [word for word in sorted(before | now) if before.get(word) != now.get(word)]
    if DATA not in before and DATA in changed:
        changed.remove(DATA)  # nothing in it depends on the user's data
    return [_changed_condition(word, before.get(word), now.get(word)) for word in changed]


def _changed_condition(word: str, before: str | None, now: str | None) -> str:
    """Say how a condition changed; versions are told, keys and stamps would mean nothing."""
    if before is None or now is None:
        return f"{word} was {'removed' if now is None else 'added'}"
    versions = all(text[0].isdigit() and len(text) < 20 for text in (before, now) if text)
    return f"{word} changed from {before} to {now}" if versions else f"{word} changed"


def _change(name: str, before: str, now: str) -> str:
    if name[0] == VARIABLE:
        return f"the variable {name[1:]} changed"
    if not before:
        return f"{name} changed while it was read"
    if now == ABSENT:
        return f"{name} is gone"
    return f"{name} is new" if before == ABSENT else f"{name} changed"


def _owner(part: str) -> str:
    """Return the name of the problem whose stored results hold a part."""
    return "/".join(part.split("/")[2:4])


def read_record(path: str) -> Record | None:
    """Return the record stored at `path`, or None if there is none, or it is damaged."""
    values = read_sealed(path)
    return None if values is None else Record(*values)


def write_record(path: str, record: Record) -> None:
    """Store the record at `path`, whole or not at all."""
    write_sealed(path, (record.conditions, record.inputs, record.parts, record.outputs))


# -------------------------------------------------------------------- the folders of a course


def subfolders(path: str) -> list[str]:
    """Return the names of the folders in `path` that are not private, sorted."""
    if not os.path.isdir(path):
        return []
    with os.scandir(path) as entries:
        return sorted(e.name for e in entries if e.name[0] not in "._" and e.is_dir())


def problem_folder(output: str, name: str) -> str:
    """Return where the results of a problem, "set/problem", are kept."""
    return os.path.join(output, CACHE, "problems", name)


def document_record(output: str, set_slug: str, view: str, stage: str) -> str:
    """Return where the record of a stage of a set's document is kept."""
    return os.path.join(output, CACHE, "documents", set_slug, f"{view}.{stage}.record")


# ----------------------------------------------------------------------------- nothing to do


def fresh_documents(root: str, output: str, view: str) -> list[str]:
    """Return the PDFs of all sets if every stage of all of them is fresh, else an empty list.

    If they are, the answer is stamped, so that the next build need not ask again.
    """
    memory = Memory(time_on_disk(os.path.join(output, CACHE)), read_stamp(output).seen)
    inputs, outputs = Digests(root, memory), Digests(output, memory)
    conditions = Conditions(inputs)
    slugs = subfolders(os.path.join(root, "problems"))
    for folder in ("problems", "templates"):
        inputs.of(folder)
    if set(subfolders(os.path.join(root, "templates"))) - set(slugs):
        return []
    if subfolders(os.path.join(output, CACHE, "documents")) != slugs:
        return []
    pdfs = []
    for slug in slugs:
        pdf = _fresh_document(slug, view, conditions, inputs, outputs)
        if not pdf:
            return []
        pdfs.append(os.path.join(output, pdf))
    write_stamp(output, Stamp(circumstances(root), pdfs, memory.seen))
    return pdfs


def _fresh_document(
    slug: str, view: str, conditions: Conditions, inputs: Digests, outputs: Digests
) -> str:
    """Return the PDF of a set, relative to the output folder; "" if any stage of it is stale."""
    rendered = read_record(document_record(outputs.root, slug, view, RENDERED))
    typeset = read_record(document_record(outputs.root, slug, view, TYPESET))
    if rendered is None or typeset is None:
        return ""
    # set.toml is an input of the rendering, so that while that is fresh its notation is the same
    notation = rendered.conditions["notation"]
    stages: list[tuple[Record | None, dict[str, str]]] = [
        (rendered, conditions.of_rendering(notation)),
        (typeset, conditions.of_typesetting(typeset.conditions["document"])),
    ]
    for problem in sorted({_owner(part) for part in rendered.parts}):
        folder = problem_folder(outputs.root, problem)
        stages += [
            (read_record(f"{folder}/{CHECKED}.record"), conditions.of_checking(notation)),
            (read_record(f"{folder}/{DRAWN}.record"), conditions.of_drawing()),
        ]
    if any(record is None or record.changes(now, inputs, outputs) for record, now in stages):
        return ""
    return next(iter(typeset.outputs))
