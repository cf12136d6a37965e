"""What a worker does for one set: render its documents, typeset those that changed, record."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from solutionset.building.contents import CACHE, Digests, digest_bytes
from solutionset.building.fragments import Renderer
from solutionset.building.freshness import (
    RENDERED,
    TYPESET,
    Record,
    document_record,
    read_record,
    write_record,
)
from solutionset.building.observe import merged
from solutionset.building.plan import DocumentPlan, SetPlan, Survey, notation_key
from solutionset.building.record import write_ledger
from solutionset.building.solving import Tell
from solutionset.building.stages import Stages
from solutionset.building.store import restore, save
from solutionset.errors import ClaimError, Failures, Place
from solutionset.model import (
    CheckedSolution,
    Document,
    Pdf,
    SetEntry,
    Standing,
    View,
)

_NOTHING_UNCHECKED = "nothing unchecked, because of --strict"


@dataclass(frozen=True)
class SetWork:
    """One set of which something is stale; its problems are all fresh by now."""

    plan: SetPlan
    survey: Survey
    strict: bool

    @property
    def entry(self) -> SetEntry:
        """The set."""
        return self.plan.entry


@dataclass(frozen=True)
class Published:
    """A document that is in order now; `passes` is 0 where the old PDF still stands."""

    view: View
    pdf: Pdf
    passes: int


@dataclass(frozen=True)
class PublishedSet:
    """The documents of a set, and what makes them a draft: an error for each under --strict."""

    documents: tuple[Published, ...]
    unchecked: tuple[ClaimError, ...]


def publish_set(work: SetWork, stages: Stages, tell: Tell) -> PublishedSet:
    """Render the stale documents of a set, and typeset those whose pages changed.

    Raises Failures, or what the stages raise; the published files stay as they were.
    """
    stale = [plan for plan in work.plan.documents if plan.stale]
    tell(f"{work.entry.slug} ({', '.join(plan.view for plan in stale) or 'strict'})", "rendering")
    renderer = Renderer(work.plan, work.survey, stages)
    illustrated = renderer.solutions()
    solutions = tuple(one.solution for one in illustrated)
    wanted = dict.fromkeys((*(plan.view for plan in stale), View.SOLUTIONS))
    documents = {view: renderer.document(illustrated, view) for view in wanted}
    # every view has the same ledger, since it tells of the solutions whatever is printed
    covered = documents[View.SOLUTIONS].coverage
    unchecked = _unchecked(work.entry, solutions, documents[View.SOLUTIONS])
    if work.strict and unchecked:
        raise Failures(unchecked)
    published = []
    for plan in stale:
        one = _typeset(work, stages, documents[plan.view], tell)
        ledger = work.survey.output / f"{work.entry.slug}.json"
        write_ledger(ledger, work.entry.slug, solutions, covered, one.pdf.tex_version)
        _record_rendering(work, plan, renderer, ledger)
        published.append(one)
    return PublishedSet(tuple(published), unchecked)


# -------------------------------------------------------------------------------- checking


def _unchecked(
    entry: SetEntry,
    solutions: tuple[CheckedSolution, ...],
    document: Document,
) -> tuple[ClaimError, ...]:
    """Return an error for every claim that is unchecked and every formula that none covers."""
    errors = [
        ClaimError(
            f"the claim {problem.name}/{claim.name} is unchecked",
            code="unchecked",
            place=Place(problem.module),
            got=claim.verdict.note,
            wanted=_NOTHING_UNCHECKED,
        )
        for problem, solution in zip(entry.problems, solutions, strict=True)
        for claim in solution.claims
        if claim.verdict.standing is Standing.UNCHECKED
    ]
    for line, latex in document.coverage.unchecked:
        origin = document.origins[line - 1]
        place = Place(Path(origin.path), origin.line)
        errors.append(
            ClaimError(
                "this formula is covered by no claim",
                code="unchecked",
                place=place,
                got=latex,
                wanted=_NOTHING_UNCHECKED,
            )
        )
    return tuple(errors)


# ------------------------------------------------------------------------------ typesetting


def _typeset(work: SetWork, stages: Stages, document: Document, tell: Tell) -> Published:
    """Typeset a document, unless its LaTeX, its figures and TeX are those of its PDF."""
    output = work.survey.output
    conditions = work.survey.conditions.of_typesetting(_key(document))
    path = document_record(str(output), document.set_slug, document.view, TYPESET)
    notes = Path(path).with_name(f"{document.view}.pdf.json")
    record = read_record(path)
    if record and not record.changes(conditions, work.survey.inputs, Digests(str(output))):
        stored = restore(Pdf, notes)
        pdf = replace(stored, path=output / stored.path, tex=output / stored.tex)
        return Published(document.view, pdf, 0)
    tell(f"{document.set_slug} ({document.view})", "TeX")
    pdf = stages.typeset(document, output, output / CACHE)
    relative = replace(pdf, path=pdf.path.relative_to(output), tex=pdf.tex.relative_to(output))
    save(relative, notes)
    files = [str(relative.path), str(relative.tex), *(name for name, _ in document.figures)]
    files.append(os.path.relpath(notes, output))
    outputs = Digests(str(output)).all_of(files)
    inputs = work.survey.inputs.all_of(list(pdf.inputs))
    write_record(path, Record(conditions, inputs, {}, outputs))
    return Published(document.view, pdf, pdf.passes)


def _key(document: Document) -> str:
    """Return the key of all that a PDF shows."""
    figures = (f"{name} {Digests('').of(str(file))}" for name, file in document.figures)
    return digest_bytes("\n".join((*figures, document.latex)).encode())


def _record_rendering(work: SetWork, plan: DocumentPlan, renderer: Renderer, ledger: Path) -> None:
    output = str(work.survey.output)
    conditions = work.survey.conditions.of_rendering(notation_key(work.entry.config.notation))
    outputs = Digests(output).all_of([os.path.relpath(ledger, output)])
    inputs = merged(work.plan.inputs, renderer.inputs)
    record = Record(conditions, inputs, renderer.parts, outputs)
    write_record(document_record(output, work.entry.slug, plan.view, RENDERED), record)
