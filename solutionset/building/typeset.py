"""From a document to its published PDF.

A run never touches what is in the output folder: it happens in a job folder of its own, and only
when everything is as it should be are the files moved into place, the PDF last.
"""

import dataclasses
import functools
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from solutionset.building import formats, sandbox, texlog
from solutionset.building.formats import Format
from solutionset.building.pdfwords import phrases_in
from solutionset.building.release import drop_stale_figures, release
from solutionset.building.sandbox import DEFAULT_LIMITS, Limits
from solutionset.building.texerrors import origin_of, place_of, tex_error, tex_errors
from solutionset.errors import EnvironmentFault, Failures, Place, SolutionSetError, TexError
from solutionset.model import Document, Overfull, Pdf

MOST_PASSES = 4

_NO_NOTES = (".tex", ".pdf", ".log", ".fls")
_OPTIONS = (
    "-interaction=nonstopmode",
    "-file-line-error",
    "-no-shell-escape",
    "-recorder",
)
# Where a run writes no PDF, it comes to no limit on files before it is asked where it is.
_LOOKING = Limits(cpu_seconds=2, wall_seconds=10.0)


@dataclass(frozen=True)
class _Job:
    """One document on its way through TeX."""

    document: Document
    program: Path
    folder: Path
    limits: Limits
    format: Format

    def file(self, suffix: str) -> Path:
        return self.folder / f"{self.document.name}{suffix}"

    @property
    def source(self) -> str:
        """The file that TeX reads; its lines are those of the document."""
        return f"{self.document.name}{'.body.tex' if self.format.file else '.tex'}"

    def notes(self) -> list[Path]:
        """What one pass hands to the next: the .aux and whatever else LaTeX writes for itself."""
        files = sorted(self.folder.glob(f"{self.document.name}.*"))
        return [path for path in files if path.suffix not in _NO_NOTES]

    def error(self, problem: texlog.Problem) -> TexError:
        return tex_error(self.document, problem, source=self.source, job=self.folder)


class _FormatRefused(Exception):
    """TeX gave neither a PDF nor an error of the document when it started from a format."""


def typeset(
    document: Document,
    output: Path,
    *,
    cache: Path,
    limits: Limits = DEFAULT_LIMITS,
    use_format: bool = True,
) -> Pdf:
    """Typeset `document` and publish its PDF, its `.tex` and its figures in `output`.

    `cache/tex/<name>` keeps what the passes learn from one another, so that an edit that moves no
    label takes one pass; `cache/formats` keeps the preamble as TeX has read it, unless that is
    not wished. Two runs of one document at a time would disturb each other: the caller holds the
    lock. On any error the published files stay as they were.

    Raises:
        TexError: TeX is missing, ran into a limit, refused the document, or its result is not fit
            to publish; several of these come as `Failures`. The job folder is kept.
        EnvironmentFault: a file or folder cannot be written.
    """
    program = sandbox.find_tex()
    _refuse_primitives(document)
    kept = cache / "tex" / document.name
    with _writing(kept):
        made = Format()
        if use_format:
            made = formats.provide(document.latex, cache, program, limits)
        job = _Job(document, program, (kept / "job").resolve(), limits, made)
        job, log, passes = _run(job, kept)
    _reject_unfit(job, log)
    inputs = _installed_inputs(job)
    with _writing(output):
        release(document, job.folder, output)
        drop_stale_figures(document, output)
    with _writing(kept):
        _keep_notes(job, kept)
    return Pdf(
        path=output / f"{document.name}.pdf",
        tex=output / f"{document.name}.tex",
        pages=log.pages,
        passes=passes,
        overfull=tuple(_overfull(document, box) for box in log.overfull),
        tex_version=tex_version(),
        remarks=(job.format.remark,) if job.format.remark else (),
        inputs=inputs,
    )


@functools.cache
def tex_version() -> str:
    """Return the first line of `pdflatex --version`; raise `TexError` where it is missing."""
    asked = subprocess.run(
        [sandbox.find_tex(), "--version"], capture_output=True, text=True, check=True
    )
    return asked.stdout.splitlines()[0]


def ask_tex() -> None:
    """Find out now what every run wants to know of the TeX system, if there is one."""
    with suppress(TexError):
        program = sandbox.find_tex()
        sandbox.tex_trees(program)
        sandbox.bubblewrap_works(program)
        tex_version()


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turn what the file system refuses into an error that names the path."""
    try:
        yield
    except OSError as error:
        raise EnvironmentFault(
            f"cannot write {error.filename2 or error.filename or folder}: {error.strerror}",
            code="output",
            place=Place(folder),
            advice="make room or give write permission, or choose another folder with --output",
        ) from error


# ------------------------------------------------------------------------------------- running


def _run(job: _Job, kept: Path) -> tuple[_Job, texlog.TexLog, int]:
    """Typeset, without the format if TeX cannot use it; return the job that worked."""
    _prepare(job, kept)
    try:
        log, passes = _settle(job, kept)
    except _FormatRefused:
        formats.discard(job.format)
        remark = "the format of the preamble was damaged; it is made anew by the next run"
        job = dataclasses.replace(job, format=Format(remark=remark))
        _prepare(job, kept)
        log, passes = _settle(job, kept)
    return job, log, passes


def _prepare(job: _Job, kept: Path) -> None:
    """Make the job folder anew, with everything that the document needs and nothing else."""
    document = job.document
    shutil.rmtree(job.folder, ignore_errors=True)
    job.folder.mkdir(parents=True)
    job.file(".tex").write_bytes(document.latex.encode())
    if job.format.file:
        body = formats.without_preamble(document.latex)
        (job.folder / job.source).write_bytes(body.encode())
    for name, source in document.figures:
        if not source.is_file():
            raise TexError(f"the figure {name} has not been drawn", code="tex", got=f"no {source}")
        target = job.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    for note in _kept_notes(job, kept):
        shutil.copyfile(note, job.folder / note.name)


def _kept_notes(job: _Job, kept: Path) -> list[Path]:
    return sorted(path for path in kept.glob(f"{job.document.name}.*") if path.is_file())


def _settle(job: _Job, kept: Path) -> tuple[texlog.TexLog, int]:
    """Repeat passes until their notes to one another settle; return the last log and their number.

    An error is only believed without the notes of an earlier build, as these may use a macro that
    the document has no longer.
    """
    inherited = job.notes()
    before = _fingerprint(job)
    for passes in range(1, MOST_PASSES + 1):
        log = _pass(job)
        if log.errors and inherited:
            for note in (*_kept_notes(job, kept), *job.notes()):
                note.unlink()
            log, more = _settle(job, kept)
            return log, passes + more
        if log.errors:
            found = tex_errors(job.document, log.errors, source=job.source, job=job.folder)
            _raise_all(found)
        after = _fingerprint(job)
        if after == before:
            return log, passes
        before = after
    raise TexError(
        f"references and page numbers still change after {MOST_PASSES} passes",
        code="tex",
        place=Place(job.file(".log")),
        advice="look for text that moves the label it refers to",
    )


def _pass(job: _Job) -> texlog.TexLog:
    """Run pdfLaTeX once; raise `TexError` when it stops without naming a TeX error."""
    finished = _run_tex(job, job.limits)
    if sandbox.disk_is_full(finished, job.folder):
        raise EnvironmentFault("the disk is full", code="output", place=Place(job.folder))
    log = _read_log(job)
    if finished.stopped_by:
        raise _stopped(job, finished.stopped_by, log)
    if not log.errors and (finished.status != 0 or not job.file(".pdf").exists()):
        if job.format.file:
            raise _FormatRefused
        raise TexError(
            "TeX gave no PDF and named no error",
            code="tex",
            got=finished.said.strip()[-600:] or f"exit status {finished.status}",
            details=(f"the job is kept in {job.folder}",),
        )
    return log


def _run_tex(job: _Job, limits: Limits, *options: str) -> sandbox.Finished:
    # 3 makes a glyph that the font does not have an error with a line; the format's 2 is a remark.
    start = rf"\tracinglostchars=3 {job.format.start}\input{{{job.source}}}"
    arguments = (*_OPTIONS, *options, f"-jobname={job.document.name}", start)
    return sandbox.run_confined(
        job.program, arguments, job.folder, limits, start_from=job.format.file
    )


def _read_log(job: _Job) -> texlog.TexLog:
    written = job.file(".log")
    return texlog.parse(written.read_text("utf-8", "replace") if written.exists() else "")


def _stopped(job: _Job, limit: str, log: texlog.TexLog) -> TexError:
    """Say at which line TeX was when it had used too much, by running once more if need be."""
    if texlog.interruption(log) is None:
        _run_tex(job, _LOOKING, "-draftmode")
        log = _read_log(job)
    problem = texlog.interruption(log)
    found = job.error(problem) if problem else None
    return TexError(
        f"TeX was stopped: it used more than {limit}",
        code="tex-limit",
        place=found.place if found else None,
        got=found.got if found else "",
        advice="look for a macro that calls itself without end",
        details=(f"the job is kept in {job.folder}",),
    )


def _fingerprint(job: _Job) -> str:
    """Return a hash of all that one pass hands to the next."""
    known = hashlib.sha256()
    for path in job.notes():
        content = path.read_bytes()
        known.update(f"{path.suffix} {len(content)} ".encode() + content)
    return known.hexdigest()


def _keep_notes(job: _Job, kept: Path) -> None:
    """Keep the notes of a good run for the next one, and remove the job folder."""
    for old in _kept_notes(job, kept):
        old.unlink()
    for note in job.notes():
        note.replace(kept / note.name)
    shutil.rmtree(job.folder)


# -------------------------------------------------------------------------------------- judging


def _refuse_primitives(document: Document) -> None:
    _raise_all(
        [
            TexError(
                f"{name} may not be used in a document: it reaches beyond it",
                code="tex-input",
                place=place_of(document, line),
                advice="name figures in the problem's module and let the template print them",
            )
            for line, name in sandbox.forbidden(document.latex)
        ]
    )


def _installed_inputs(job: _Job) -> tuple[str, ...]:
    """Return the files outside the course that made the PDF: those of TeX, and their lists.

    The record of a run that starts from a format has not what the preamble read; the format has.
    """
    recorded = job.file(".fls").read_text("utf-8", "replace").splitlines()
    read = {job.folder / line[6:] for line in recorded if line[:6] == "INPUT "}
    if job.format.file is None:
        read |= {tree / "ls-R" for tree in sandbox.tex_trees(job.program)}
        read |= {*sandbox.tex_settings(job.program)}
    else:
        known = json.loads(job.format.file.with_suffix(".json").read_text("utf-8"))
        read |= {Path(name) for name, *_ in known["files"]}
    made_here = (job.folder, job.format.file or job.folder)
    return tuple(
        sorted(
            os.path.normpath(path)
            for path in read
            if not any(path.is_relative_to(place) for place in made_here)
        )
    )


def _reject_unfit(job: _Job, log: texlog.TexLog) -> None:
    """Raise for each reason not to publish a run that came to its end."""
    errors: list[SolutionSetError] = [job.error(problem) for problem in log.defects]
    text = job.file(".log").read_text("utf-8", "replace")
    recorded = job.file(".fls").read_text("utf-8", "replace")
    kept = (f"the job is kept in {job.folder}",)
    errors += [
        TexError(
            f"the document reads {name}, which is neither its own nor TeX's",
            code="tex-input",
            advice="let the problem's module draw the figure or give the value",
            details=kept,
        )
        for name in sandbox.foreign_inputs(
            recorded, text, job.folder, job.program, started_from=job.format.file
        )
    ]
    pdf = job.file(".pdf").read_bytes()
    errors += [
        TexError(f"the PDF holds {what}, which is not published", code="tex-pdf", details=kept)
        for what in sandbox.unsafe_content(pdf)
    ]
    errors += [
        TexError(
            f"the PDF holds “{phrase}”, which belongs to the solutions", code="leak", details=kept
        )
        for phrase in phrases_in(pdf, job.document.secrets)
    ]
    _raise_all(errors)


def _raise_all(errors: list[SolutionSetError] | list[TexError]) -> None:
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise Failures(tuple(errors))


def _overfull(document: Document, box: texlog.Box) -> Overfull:
    line = texlog.blame_box(box, document.latex.split("\n"))
    return Overfull(box.points, origin_of(document, line), box.text or f"an {box.kind}")
