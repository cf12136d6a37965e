"""The straight line from the folders to the PDFs: plans what is stale, lets workers redo that."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from solutionset.building.contents import CACHE
from solutionset.building.faults import explain
from solutionset.building.find import stray_templates
from solutionset.building.freshness import (
    TYPESET,
    document_record,
    fresh_documents,
    read_record,
)
from solutionset.building.plan import SetPlan, Survey, notation_key
from solutionset.building.profile import Moment, moment
from solutionset.building.progress import Progress
from solutionset.building.prune import remove_all_but, remove_deleted_sets, remove_leftovers
from solutionset.building.publishing import PublishedSet, SetWork, publish_set
from solutionset.building.solving import ProblemWork, solve_problem
from solutionset.building.stages import Stages
from solutionset.building.targets import Scope
from solutionset.building.workers import Ended, Task, Workers, longest_first
from solutionset.errors import ClaimError, Place, SolutionSetError
from solutionset.model import Overfull, View


@dataclass(frozen=True)
class BuildRequest:
    """What the command line asks for; `whole` if it names no targets and means all sets."""

    root: Path
    output: Path
    scopes: tuple[Scope, ...]
    whole: bool
    jobs: int
    views: tuple[View, ...] = (View.SOLUTIONS,)
    force: bool = False
    strict: bool = False
    data: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """The PDFs that are in order now, what went wrong elsewhere, and what is remarkable.

    Remarkable are lines that stick out, and what makes a document a draft, as --strict would say.
    """

    pdfs: tuple[Path, ...]
    errors: tuple[SolutionSetError, ...]
    overfull: tuple[Overfull, ...]
    unchecked: tuple[ClaimError, ...] = ()


def build(
    request: BuildRequest, progress: Progress, hear: Callable[[Moment], None], stages: Stages
) -> Outcome:
    """Bring the PDFs in scope up to date; the caller holds the lock.

    A set of which any problem fails publishes nothing: its last good PDF stays. The other sets are
    built all the same, and every error is returned. `hear` is told of every stage of every process.
    """
    hear(moment("build", "planning"))
    remove_leftovers(request.output)
    strays: tuple[SolutionSetError, ...] = ()
    if request.whole:
        strays = stray_templates(request.root)
        remove_deleted_sets(request.root, request.output)
    builder = _Builder(request, progress, hear, stages)
    builder.run()
    outcome = builder.outcome()
    if request.whole and View.SOLUTIONS in request.views and not outcome.errors:
        # asks once more from scratch, so that the next build need not ask
        fresh_documents(str(request.root), str(request.output), View.SOLUTIONS)
    hear(moment("build", ""))
    return replace(outcome, errors=strays + outcome.errors)


@dataclass
class _Set:
    """A set on its way: its plan, the problems at work, what went wrong by problem."""

    plan: SetPlan | None
    waiting: set[str] = field(default_factory=set)
    errors: dict[str, tuple[SolutionSetError, ...]] = field(default_factory=dict)
    overfull: list[Overfull] = field(default_factory=list)
    unchecked: tuple[ClaimError, ...] = ()


class _Builder:
    """One build: its request, and how things stood when it began."""

    def __init__(
        self,
        request: BuildRequest,
        progress: Progress,
        hear: Callable[[Moment], None],
        stages: Stages,
    ) -> None:
        self.request = request
        self.progress = progress
        self.hear = hear
        self.stages = stages
        self.survey = Survey(request.root, request.output, request.data)
        slugs = dict.fromkeys(scope.set_slug for scope in request.scopes)
        self.sets = {slug: self._planned(slug) for slug in slugs}

    def _planned(self, slug: str) -> _Set:
        forced = self.request.scopes if self.request.force else ()
        try:
            plan = self.survey.plan(slug, self.request.views, forced)
        except Exception as error:
            self.progress.done(slug, "failed")
            return _Set(None, errors={slug: explain(error, self.request.root)})
        return _Set(plan, {p.entry.name for p in plan.problems if p.stale})

    def run(self) -> None:
        """Do all that is stale."""
        with Workers(self.request.jobs, self.request.root, self._heard) as workers:
            for one in self.sets.values():
                if one.plan is not None and not one.waiting:
                    self._publish(one.plan, workers)
            workers.start()  # these need nothing of what takes time to import
            problems = [task for one in self.sets.values() for task in self._problems(one)]
            if problems:
                self.hear(moment("build", "importing"))
                if len(problems) > 1:  # a single worker does that for itself
                    self.stages.prepare_documents()
                self.stages.prepare()
            self.hear(moment("build", ""))
            for task in longest_first(problems, self.request.jobs):
                workers.add(task)
            for ended in workers.ended():
                self._take(ended, workers)

    def _heard(self, now: Moment) -> None:
        self.hear(now)
        if now.stage:
            self.progress.stage(now.name, now.stage)

    def _problems(self, one: _Set) -> list[Task]:
        if one.plan is None:
            return []
        conditions = self.survey.conditions
        notation = notation_key(one.plan.entry.config.notation)
        works = [
            ProblemWork(
                root=self.request.root,
                output=self.request.output,
                plan=plan,
                set_entry=one.plan.entry,
                checking=conditions.of_checking(notation),
                drawing=conditions.of_drawing(),
            )
            for plan in one.plan.problems
            if plan.stale
        ]
        return [
            Task(
                work.plan.entry.name,
                partial(solve_problem, work, self.stages),
                Place(work.plan.entry.module),
            )
            for work in works
        ]

    def _publish(self, plan: SetPlan, workers: Workers) -> None:
        """Let a set be published, if there is anything to publish, before any more is solved."""
        if self.request.strict or any(document.stale for document in plan.documents):
            work = SetWork(plan, self.survey, self.request.strict)
            task = Task(plan.entry.slug, partial(publish_set, work, self.stages))
            workers.add(task, first=True)

    def _take(self, ended: Ended, workers: Workers) -> None:
        """Note how a task ended, and let its set be published once all its problems are in."""
        name = ended.task.name
        one = self.sets[name.partition("/")[0]]
        if ended.errors:
            one.errors[name] = ended.errors
            self.progress.done(name, "failed")
        elif name in one.waiting:
            self.progress.done(name, counted(ended.value, "claim"))
        else:
            self._published(name, one, ended.value)
        if name in one.waiting:
            one.waiting.remove(name)
            if one.plan is not None and not one.waiting and not one.errors:
                self._publish(one.plan, workers)

    def _published(self, slug: str, one: _Set, published: PublishedSet) -> None:
        assert one.plan is not None, "only what was planned is published"
        one.unchecked = published.unchecked
        for each in published.documents:
            pages = counted(each.pdf.pages, "page")
            passes = counted(each.passes, "pass") if each.passes else "unchanged"
            remarks = "".join(f"; {remark}" for remark in each.pdf.remarks if each.passes)
            self.progress.done(f"{slug} ({each.view})", f"{pages}, {passes}{remarks}")
            one.overfull += each.pdf.overfull
        problems = (problem.slug for problem in one.plan.entry.problems)
        remove_all_but(self.request.output / CACHE / "problems" / slug, problems)

    def outcome(self) -> Outcome:
        """Return what became of the sets, in their order and that of their problems."""
        pdfs: list[Path] = []
        errors: list[SolutionSetError] = []
        overfull: list[Overfull] = []
        unchecked: list[ClaimError] = []
        for slug, one in self.sets.items():
            overfull += one.overfull
            unchecked += one.unchecked
            problems = one.plan.problems if one.plan else ()
            for name in (*(problem.entry.name for problem in problems), slug):
                errors += one.errors.get(name, ())
            if not one.errors:
                pdfs += [self._pdf(slug, view) for view in self.request.views]
        return Outcome(tuple(pdfs), tuple(errors), tuple(overfull), tuple(unchecked))

    def _pdf(self, slug: str, view: View) -> Path:
        record = read_record(document_record(str(self.request.output), slug, view, TYPESET))
        assert record is not None, "a published document has a record"
        return self.request.output / next(iter(record.outputs))


def counted(number: int, what: str) -> str:
    """Return "1 page", "2 passes"."""
    ending = "es" if what.endswith("s") else "s"
    return f"{number} {what if number == 1 else what + ending}"
