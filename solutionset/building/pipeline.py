"""The straight line from the folders to the PDFs: asks what is stale, and redoes only that."""

import os
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from solutionset.building import freshness
from solutionset.building.coverage import Coverage, checked_strings, coverage
from solutionset.building.faults import explain
from solutionset.building.find import find_set, frame_files, set_slugs, stray_templates
from solutionset.building.freshness import (
    CACHE,
    DATA,
    Digests,
    Record,
    read_record,
    write_record,
)
from solutionset.building.load import Observer
from solutionset.building.progress import Progress
from solutionset.building.record import write_ledger
from solutionset.building.stages import Stages
from solutionset.building.store import load_solution, save_solution
from solutionset.building.targets import Scope
from solutionset.errors import ClaimError, Failures, Place, SolutionSetError
from solutionset.model import (
    CheckedSolution,
    Document,
    Entry,
    IllustratedSolution,
    Overfull,
    Pdf,
    SetEntry,
    Standing,
    View,
)

SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class BuildRequest:
    """What the command line asks for; `whole` if it names no targets and means all sets."""

    root: Path
    output: Path
    scopes: tuple[Scope, ...]
    whole: bool
    views: tuple[View, ...] = (View.SOLUTIONS,)
    force: bool = False
    strict: bool = False
    data: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """The PDFs that are in order now, what went wrong elsewhere, and lines that stick out."""

    pdfs: tuple[Path, ...]
    errors: tuple[SolutionSetError, ...]
    overfull: tuple[Overfull, ...]


def build(request: BuildRequest, progress: Progress, stages: Stages) -> Outcome:
    """Bring the PDFs in scope up to date; the caller holds the lock.

    A set of which any problem fails publishes nothing: its last good PDF stays. The other sets are
    built all the same, and every error is returned.
    """
    builder = _Builder(request, progress, stages)
    pdfs: list[Path] = []
    errors: list[SolutionSetError] = []
    if request.whole:
        errors += stray_templates(request.root)
        _remove_deleted_sets(request)
    for slug in dict.fromkeys(scope.set_slug for scope in request.scopes):
        try:
            pdfs += builder.build_set(slug)
        except Exception as error:
            errors += explain(error, request.root)
            progress.done(slug, "failed")
    return Outcome(tuple(pdfs), tuple(errors), tuple(builder.overfull))


class _Builder:
    """One build: its request, and the contents of the files as it first saw them."""

    def __init__(self, request: BuildRequest, progress: Progress, stages: Stages) -> None:
        self.request = request
        self.progress = progress
        self.stages = stages
        self.overfull: list[Overfull] = []
        self.digests = Digests(str(request.root))
        self.cache = request.output / CACHE
        self.templates = request.root / "templates"
        data = str(request.data or "")
        self.problem_conditions = freshness.problem_conditions(SEEDS, data)
        self.document_conditions = freshness.document_conditions(data)
        self.observer = Observer(request.root, apart=(request.output,), data=request.data)
        self.sets_with_data: set[str] = set()  # those of which a problem depends on the user's data

    def build_set(self, slug: str) -> tuple[Path, ...]:
        """Return the PDFs of one set, after redoing what is stale; raises Failures."""
        entry = find_set(self.request.root, slug)
        inputs = self.digests.all_of(self._files_of(entry))  # as they are before any of the work
        forced = self._forced(entry)
        stale = [view for view in self.request.views if forced or self._is_stale(slug, view)]
        if stale or self.request.strict:
            illustrated, read = self._solutions(entry, forced)
            solutions = tuple(one.solution for one in illustrated)
            documents, included = self._documents(entry, illustrated)
            # every view has the same ledger, since it tells of the solutions whatever is printed
            covered = _coverage(documents[View.SOLUTIONS], solutions)
            if self.request.strict:
                _refuse_unchecked(entry, solutions, documents[View.SOLUTIONS], covered)
            for view in stale:
                pdf = self._publish(documents[view])
                ledger = self._ledger(entry, solutions, covered, pdf)
                self._record(documents[view], pdf, ledger, included | read | inputs)
            _remove_all_but(self.cache / "problems" / slug, (p.slug for p in entry.problems))
        return tuple(self._pdf(slug, view) for view in self.request.views)

    def _forced(self, entry: SetEntry) -> frozenset[str]:
        """Return the slugs of the problems that are to be redone although they may be fresh."""
        if not self.request.force:
            return frozenset()
        asked = {s.problem for s in self.request.scopes if s.set_slug == entry.slug}
        return frozenset(p.slug for p in entry.problems if "" in asked or p.slug in asked)

    def _files_of(self, entry: SetEntry) -> list[str]:
        """Return what a set's document is made from, folders for the names that they hold."""
        own = self.templates / entry.slug
        paths = [entry.folder, entry.toml, *(problem.module for problem in entry.problems)]
        paths += frame_files(self.templates)
        for folder in (self.templates, own):
            paths += [folder, *sorted(path for path in folder.iterdir() if path.is_file())]
        return [self._name(path) for path in paths]

    def _name(self, path: Path) -> str:
        """Return the name of a file in a record: that in the course, or an absolute one."""
        root = self.request.root
        return os.path.relpath(path, root) if path.is_relative_to(root) else str(path)

    def _is_stale(self, slug: str, view: View) -> bool:
        output = str(self.request.output)
        record = read_record(freshness.document_record(output, slug, view))
        if record is None:
            return True
        return bool(record.stale_because(self.document_conditions, self.digests, output))

    def _pdf(self, slug: str, view: View) -> Path:
        record = read_record(freshness.document_record(str(self.request.output), slug, view))
        assert record is not None, "a published document has a record"
        return self.request.output / next(iter(record.outputs))

    # ------------------------------------------------------------------------------ a problem

    def _solutions(
        self, entry: SetEntry, forced: frozenset[str]
    ) -> tuple[tuple[IllustratedSolution, ...], dict[str, str]]:
        """Return the solutions of a set and the contents of the files they were made from."""
        solutions: list[IllustratedSolution] = []
        inputs: dict[str, str] = {}
        errors: list[SolutionSetError] = []
        for problem in entry.problems:
            try:
                solution, record = self._solution(problem, entry, forced=problem.slug in forced)
            except Exception as error:
                errors += explain(error, self.request.root, Place(problem.module))
                self.progress.done(problem.name, "failed")
            else:
                solutions.append(solution)
                inputs |= record.inputs
                if DATA in record.conditions:
                    self.sets_with_data.add(entry.slug)
        if errors:
            raise Failures(tuple(errors))
        return tuple(solutions), inputs

    def _solution(
        self, problem: Entry, entry: SetEntry, *, forced: bool
    ) -> tuple[IllustratedSolution, Record]:
        """Return a checked and illustrated solution and its record, from the store if fresh."""
        folder = self.cache / "problems" / problem.set_slug / problem.slug
        record = read_record(str(folder / "record"))
        if record is not None and not forced:
            stale = record.stale_because(self.problem_conditions, self.digests, str(folder))
            if not stale:
                return load_solution(folder), record
        inputs = self.digests.all_of([self._name(problem.module), self._name(entry.toml)])
        began = time.time_ns()
        illustrated, read, takes_data = self._solve(problem, entry, folder)
        files = save_solution(illustrated, folder)
        inputs |= self._settled(read - inputs.keys(), began)
        outputs = Digests(str(folder)).all_of([os.path.relpath(file, folder) for file in files])
        conditions = _conditions(self.problem_conditions, takes_data=takes_data)
        record = Record(conditions, inputs, outputs)
        write_record(str(folder / "record"), record)
        self.progress.done(problem.name, counted(len(illustrated.solution.claims), "claim"))
        return illustrated, record

    def _solve(
        self, problem: Entry, entry: SetEntry, folder: Path
    ) -> tuple[IllustratedSolution, set[str], bool]:
        """Check and draw a problem; beside it the names of the files that were read for it, and
        whether it depends on the user's data."""
        self.progress.stage(problem.name, "solving and checking")
        with self.observer.watching() as read:
            loaded = self.stages.load(problem)
            checked = self.stages.check(loaded, problem, entry, SEEDS)
        self.progress.stage(problem.name, "drawing")
        # Not watched: removing a tree opens its folders by names that are not those of inputs.
        shutil.rmtree(folder, ignore_errors=True)
        figures = folder / "figures"
        figures.mkdir(parents=True)
        with self.observer.watching() as drawn_from:
            illustrated = self.stages.draw(checked, loaded, figures)
        return illustrated, read | drawn_from, loaded.data is not None

    def _settled(self, names: Iterable[str], began: int) -> dict[str, str]:
        """Return the contents of files read since `began`; "", always stale, if one changed since.

        Which file was read is known only afterwards, when it may no longer be what was read.
        """
        paths = {name: self.request.root / name for name in names}
        return {
            name: self.digests.of(name) if path.exists() and path.stat().st_mtime_ns < began else ""
            for name, path in paths.items()
        }

    # ----------------------------------------------------------------------------- a document

    def _documents(
        self, entry: SetEntry, illustrated: tuple[IllustratedSolution, ...]
    ) -> tuple[dict[View, Document], dict[str, str]]:
        """Return the documents wanted of a set, and the contents of the templates they read."""
        views = dict.fromkeys((*self.request.views, View.SOLUTIONS))
        began = time.time_ns()
        with self.observer.watching() as read:
            documents = {view: self._document(entry, illustrated, view) for view in views}
        return documents, self._settled(read, began)

    def _document(
        self, entry: SetEntry, illustrated: tuple[IllustratedSolution, ...], view: View
    ) -> Document:
        self.progress.stage(f"{entry.slug} ({view})", "rendering")
        fragments = []
        errors: list[SolutionSetError] = []
        for problem, one in zip(entry.problems, illustrated, strict=True):
            try:
                fragments.append(self.stages.render(one, problem, entry, view, self.templates))
            except Exception as error:
                errors += explain(error, self.request.root, Place(problem.template))
        if errors:
            raise Failures(tuple(errors))
        return self.stages.assemble(tuple(fragments), illustrated, entry, view, self.templates)

    def _publish(self, document: Document) -> Pdf:
        name = f"{document.set_slug} ({document.view})"
        self.progress.stage(name, "TeX")
        pdf = self.stages.typeset(document, self.request.output, self.cache)
        self.overfull += pdf.overfull
        self.progress.done(name, counted(pdf.pages, "page"))
        return pdf

    def _ledger(
        self,
        entry: SetEntry,
        solutions: tuple[CheckedSolution, ...],
        covered: Coverage,
        pdf: Pdf,
    ) -> Path:
        path = self.request.output / f"{entry.slug}.json"
        write_ledger(path, entry.slug, solutions, covered, pdf.tex_version)
        return path

    def _record(self, document: Document, pdf: Pdf, ledger: Path, inputs: dict[str, str]) -> None:
        output = str(self.request.output)
        files = [self.request.output / name for name, _ in document.figures]
        names = [os.path.relpath(path, output) for path in (pdf.path, pdf.tex, ledger, *files)]
        takes_data = document.set_slug in self.sets_with_data
        conditions = _conditions(self.document_conditions, takes_data=takes_data)
        record = Record(conditions, inputs, Digests(output).all_of(names))
        write_record(freshness.document_record(output, document.set_slug, document.view), record)


def _conditions(conditions: dict[str, str], *, takes_data: bool) -> dict[str, str]:
    return {word: what for word, what in conditions.items() if takes_data or word != DATA}


def counted(number: int, what: str) -> str:
    """Return "1 page", "2 pages"."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _coverage(document: Document, solutions: tuple[CheckedSolution, ...]) -> Coverage:
    checked = frozenset[str]().union(*map(checked_strings, solutions))
    return coverage(document.latex, checked)


def _refuse_unchecked(
    entry: SetEntry,
    solutions: tuple[CheckedSolution, ...],
    document: Document,
    covered: Coverage,
) -> None:
    """Raise Failures for every claim that is unchecked and every formula that no claim covers."""
    wanted = "nothing unchecked, because of --strict"
    errors = [
        ClaimError(
            f"the claim {problem.name}/{claim.name} is unchecked",
            code="unchecked",
            place=Place(problem.module),
            got=claim.verdict.note,
            wanted=wanted,
        )
        for problem, solution in zip(entry.problems, solutions, strict=True)
        for claim in solution.claims
        if claim.verdict.standing is Standing.UNCHECKED
    ]
    for line, latex in covered.unchecked:
        origin = document.origins[line - 1]
        place = Place(Path(origin.path), origin.line)
        message = "this formula is covered by no claim"
        errors.append(ClaimError(message, code="unchecked", place=place, got=latex, wanted=wanted))
    if errors:
        raise Failures(tuple(errors))


def _remove_deleted_sets(request: BuildRequest) -> None:
    """Remove what earlier builds made of sets that are there no longer."""
    cache = request.output / CACHE
    sets = set_slugs(request.root)
    for slug in freshness.subfolders(str(cache / "documents")):
        if slug not in sets:
            for file in (cache / "documents" / slug).glob("*.record"):
                record = read_record(str(file))
                for name in record.outputs if record is not None else ():
                    (request.output / name).unlink(missing_ok=True)
            figures = request.output / f"{slug}-figures"
            if figures.is_dir() and not any(figures.iterdir()):
                figures.rmdir()
    _remove_all_but(cache / "documents", sets)
    _remove_all_but(cache / "problems", sets)


def _remove_all_but(folder: Path, kept: Iterable[str]) -> None:
    for name in set(freshness.subfolders(str(folder))) - set(kept):
        shutil.rmtree(folder / name)
