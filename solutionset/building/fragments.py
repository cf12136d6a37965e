"""Documents from stored solutions; the fragments of problems that did not change are kept."""

from pathlib import Path

from solutionset.building.contents import CACHE, Digests, digest_bytes
from solutionset.building.faults import explain
from solutionset.building.freshness import (
    CHECKED,
    DRAWN,
    Record,
    problem_folder,
    read_record,
    write_record,
)
from solutionset.building.observe import Observer, merged
from solutionset.building.plan import SetPlan, Survey, notation_key
from solutionset.building.prune import remove_all_but
from solutionset.building.stages import Stages
from solutionset.building.store import load_illustrated, restore, save
from solutionset.errors import Failures, Place, SolutionSetError
from solutionset.model import Document, Entry, Fragment, IllustratedSolution, View


class Renderer:
    """Renders the documents of one set; `inputs` are the contents of what it has read for them."""

    def __init__(self, plan: SetPlan, survey: Survey, stages: Stages) -> None:
        self.entry = plan.entry
        self.survey = survey
        self.stages = stages
        self.inputs: dict[str, str] = {}
        self.parts: dict[str, str] = {}
        self._templates = survey.root / "templates"
        own = f"templates/{plan.entry.slug}"
        # what every fragment depends on: set.toml, the frame, and that the course has no other
        self._shared = {n: key for n, key in plan.inputs.items() if not n.startswith(own)}
        notation = notation_key(plan.entry.config.notation)
        places = {"root": str(survey.root), "output": str(survey.output)}
        self._conditions = survey.conditions.of_rendering(notation) | places
        self._kept = survey.output / CACHE / "templates" / _engine(self._conditions)
        remove_all_but(self._kept.parent, (self._kept.name,))
        self._observer = Observer(survey.root, apart=(survey.output,))

    def solutions(self) -> tuple[IllustratedSolution, ...]:
        """Return the stored solutions of the set; `parts` are the files that hold them."""
        found = []
        for problem in self.entry.problems:
            self.parts |= self._parts_of(problem)
            found.append(load_illustrated(self._folder(problem)))
        return tuple(found)

    def document(self, illustrated: tuple[IllustratedSolution, ...], view: View) -> Document:
        """Return one document; raises Failures with what is wrong in any template."""
        fragments = []
        errors: list[SolutionSetError] = []
        for problem, one in zip(self.entry.problems, illustrated, strict=True):
            try:
                fragments.append(self._fragment(problem, one, view))
            except Exception as error:
                errors += explain(error, self.survey.root, Place(problem.template))
        if errors:
            raise Failures(tuple(errors))
        with self._observer.watching() as read:
            document = self.stages.assemble(
                tuple(fragments), illustrated, self.entry, view, self._templates, self._kept
            )
        self.inputs = merged(self.inputs, read.inputs(str(self.survey.root)))
        return document

    def _fragment(self, problem: Entry, one: IllustratedSolution, view: View) -> Fragment:
        """Return the fragment of a problem, as stored if nothing that shapes it has changed."""
        folder, output = self._folder(problem), str(self.survey.output)
        file, path = folder / f"{view}.fragment.json", str(folder / f"{view}.fragment.record")
        parts = self._parts_of(problem)
        record = read_record(path)
        if record is not None and record.parts == parts:
            now = Digests(str(self.survey.root)), Digests(output)
            if not record.changes(self._conditions, *now):
                self.inputs = merged(self.inputs, record.inputs)
                return restore(Fragment, file)
        with self._observer.watching() as read:
            fragment = self.stages.render(
                one, problem, self.entry, view, self._templates, self._kept
            )
        inputs = merged(self._shared, read.inputs(str(self.survey.root)))
        save(fragment, file)
        outputs = Digests(output).all_of([str(file.relative_to(output))])
        write_record(path, Record(self._conditions, inputs, parts, outputs))
        self.inputs = merged(self.inputs, inputs)
        return fragment

    def _folder(self, problem: Entry) -> Path:
        return Path(problem_folder(str(self.survey.output), problem.name))

    def _parts_of(self, problem: Entry) -> dict[str, str]:
        """Return the content keys of what is stored of a problem."""
        found: dict[str, str] = {}
        for stage in (CHECKED, DRAWN):
            record = read_record(str(self._folder(problem) / f"{stage}.record"))
            assert record is not None, "a problem that did not fail has records"
            found |= record.outputs
        return found


def _engine(conditions: dict[str, str]) -> str:
    """Return a name for what compiled templates depend on beside their texts."""
    words = sorted({*conditions} - {"notation"})
    return digest_bytes(repr([(word, conditions[word]) for word in words]).encode())
