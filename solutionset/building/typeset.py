"""From a document to its published PDF.

A run never touches what is in the output folder: it happens in a job folder of its own, and only
when everything is as it should be are the files moved into place, the PDF last.
"""

import difflib
import functools
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from solutionset.building import sandbox, texlog
from solutionset.building.sandbox import DEFAULT_LIMITS, Limits
from solutionset.errors import EnvironmentFault, Failures, Place, SolutionSetError, TexError
from solutionset.model import Document, Origin, Overfull, Pdf

MOST_PASSES = 4

_AUXILIARY = (".aux", ".toc", ".out")
_OPTIONS = (
    "-interaction=nonstopmode",
    "-halt-on-error",
    "-file-line-error",
    "-no-shell-escape",
    "-recorder",
)
_COMMAND = re.compile(r"\\[A-Za-z@]+")
_ENVIRONMENT = re.compile(r"\\begin\{(.+?)\}")
_LABEL = re.compile(r"\\label\{(.+?)\}")
_COMMON_COMMANDS = r"""
\alpha \beta \gamma \delta \epsilon \varepsilon \zeta \eta \theta \vartheta \iota \kappa \lambda \mu
\nu \xi \pi \rho \sigma \tau \upsilon \phi \varphi \chi \psi \omega \Gamma \Delta \Theta \Lambda \Xi
\Pi \Sigma \Phi \Psi \Omega \partial \nabla \infty \ell \hbar \emptyset \sum \prod \int \oint \lim
\min \max \sup \inf \exp \log \ln \sin \cos \tan \tanh \det \dim \ker \arg \Pr \operatorname \frac
\dfrac \tfrac \sqrt \binom \left \right \big \Big \bigl \bigr \biggl \biggr \lvert \rvert \lVert
\rVert \langle \rangle \lfloor \rfloor \lceil \rceil \cdot \cdots \ldots \dots \vdots \ddots \times
\otimes \oplus \odot \circ \pm \mp \div \le \leq \ge \geq \ne \neq \ll \gg \approx \equiv \sim
\simeq \propto \in \notin \subset \subseteq \cup \cap \setminus \forall \exists \neg \land \lor \to
\mapsto \rightarrow \leftarrow \Rightarrow \Leftarrow \Leftrightarrow \implies \iff \top \perp
\mathbf \mathbb \mathcal \mathrm \mathit \mathsf \boldsymbol \hat \widehat \tilde \widetilde \bar
\overline \underline \vec \dot \ddot \overset \underset \underbrace \overbrace \text \textbf
\textit \emph \texttt \textsc \textsf \begin \end \item \label \ref \eqref \pageref \cite \footnote
\section \subsection \subsubsection \paragraph \caption \includegraphics \centering \quad \qquad
\href \url \newline \noindent \medskip \bigskip \smallskip \hspace \vspace \tag \notag \intertext
"""
_COMMON_ENVIRONMENTS = """
document itemize enumerate description equation equation* align align* alignat alignat* gather
gather* multline multline* split aligned gathered cases matrix pmatrix bmatrix vmatrix array tabular
tabularx figure table center quote flalign flalign* minipage verbatim
"""


@dataclass(frozen=True)
class _Job:
    """One document on its way through TeX."""

    document: Document
    program: Path
    folder: Path
    limits: Limits

    def file(self, suffix: str) -> Path:
        return self.folder / f"{self.document.name}{suffix}"


def typeset(
    document: Document, output: Path, *, cache: Path, limits: Limits = DEFAULT_LIMITS
) -> Pdf:
    """Typeset `document` and publish its PDF, its `.tex` and its figures in `output`.

    `cache/tex/<name>` keeps what the passes learn from one another, so that an edit that moves no
    label takes one pass. Two runs of one document at a time would disturb each other: the caller
    holds the lock. On any error the published files stay as they were.

    Raises:
        TexError: TeX is missing, ran into a limit, refused the document, or its result is not fit
            to publish; several of these come as `Failures`. The job folder is kept.
        EnvironmentFault: a file or folder cannot be written.
    """
    program = sandbox.find_tex()
    _refuse_primitives(document)
    kept = cache / "tex" / document.name
    with _writing(kept):
        job = _prepare(document, program, kept, limits)
        log, passes = _settle(job, kept)
    _reject_unfit(job, log)
    with _writing(output):
        _publish(job, output)
        _drop_stale_figures(document, output)
    with _writing(kept):
        _keep_auxiliaries(job, kept)
    return Pdf(
        path=output / f"{document.name}.pdf",
        tex=output / f"{document.name}.tex",
        pages=log.pages,
        passes=passes,
        overfull=tuple(_overfull(document, box) for box in log.overfull),
        tex_version=tex_version(),
    )


@functools.cache
def tex_version() -> str:
    """Return the first line of `pdflatex --version`; raise `TexError` where it is missing."""
    asked = subprocess.run(
        [sandbox.find_tex(), "--version"], capture_output=True, text=True, check=True
    )
    return asked.stdout.splitlines()[0]


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


def _prepare(document: Document, program: Path, kept: Path, limits: Limits) -> _Job:
    """Make the job folder anew, with everything that the document needs and nothing else."""
    job = _Job(document, program, (kept / "job").resolve(), limits)
    shutil.rmtree(job.folder, ignore_errors=True)
    job.folder.mkdir(parents=True)
    job.file(".tex").write_bytes(document.latex.encode())
    for name, source in document.figures:
        if not source.is_file():
            raise TexError(f"the figure {name} has not been drawn", code="tex", got=f"no {source}")
        target = job.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    for suffix in _AUXILIARY:
        if (kept / job.file(suffix).name).is_file():
            shutil.copyfile(kept / job.file(suffix).name, job.file(suffix))
    return job


def _settle(job: _Job, kept: Path) -> tuple[texlog.TexLog, int]:
    """Repeat passes until their notes to one another settle; return the last log and their number.

    An error is only believed without the notes of an earlier build, as these may use a macro that
    the document has no longer.
    """
    before = _fingerprint(job)
    inherited = any(job.file(suffix).exists() for suffix in _AUXILIARY)
    for passes in range(1, MOST_PASSES + 1):
        log = _pass(job)
        if log.errors and inherited:
            for suffix in _AUXILIARY:
                (kept / job.file(suffix).name).unlink(missing_ok=True)
                job.file(suffix).unlink(missing_ok=True)
            log, more = _settle(job, kept)
            return log, passes + more
        if log.errors:
            _raise_all([_tex_error(job, problem) for problem in log.errors])
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
    # 3 makes a glyph that the font does not have an error with a line; the format's 2 is a remark.
    start = rf"\tracinglostchars=3 \input{{{job.document.name}.tex}}"
    arguments = (*_OPTIONS, f"-jobname={job.document.name}", start)
    finished = sandbox.run_confined(job.program, arguments, job.folder, job.limits)
    if finished.stopped_by:
        raise TexError(
            f"TeX was stopped: it used more than {finished.stopped_by}",
            code="tex-limit",
            advice="look for a macro that calls itself without end",
            details=(f"the job is kept in {job.folder}",),
        )
    if "No space left on device" in finished.said or "fwrite() failed" in finished.said:
        raise EnvironmentFault("the disk is full", code="output", place=Place(job.folder))
    written = job.file(".log")
    log = texlog.parse(written.read_text("utf-8", "replace") if written.exists() else "")
    if not log.errors and (finished.status != 0 or not job.file(".pdf").exists()):
        raise TexError(
            "TeX gave no PDF and named no error",
            code="tex",
            got=finished.said.strip()[-600:] or f"exit status {finished.status}",
            details=(f"the job is kept in {job.folder}",),
        )
    return log


def _fingerprint(job: _Job) -> str:
    """Return a hash of all that one pass hands to the next."""
    known = hashlib.sha256()
    for suffix in _AUXILIARY:
        path = job.file(suffix)
        content = path.read_bytes() if path.exists() else b""
        known.update(f"{suffix} {len(content)} ".encode() + content)
    return known.hexdigest()


def _keep_auxiliaries(job: _Job, kept: Path) -> None:
    """Keep the notes of a good run for the next one, and remove the job folder."""
    for suffix in _AUXILIARY:
        if job.file(suffix).exists():
            job.file(suffix).replace(kept / job.file(suffix).name)
    shutil.rmtree(job.folder)


# -------------------------------------------------------------------------------------- judging


def _refuse_primitives(document: Document) -> None:
    _raise_all(
        [
            TexError(
                f"{name} may not be used in a document: it reaches beyond it",
                code="tex-input",
                place=_place(document, line),
                advice="name figures in the problem's module and let the template print them",
            )
            for line, name in sandbox.forbidden(document.latex)
        ]
    )


def _reject_unfit(job: _Job, log: texlog.TexLog) -> None:
    """Raise for each reason not to publish a run that came to its end."""
    errors: list[SolutionSetError] = [_tex_error(job, problem) for problem in log.defects]
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
        for name in sandbox.foreign_inputs(recorded, text, job.folder, job.program)
    ]
    errors += [
        TexError(f"the PDF holds {what}, which is not published", code="tex-pdf", details=kept)
        for what in sandbox.unsafe_content(job.file(".pdf").read_bytes())
    ]
    _raise_all(errors)


def _raise_all(errors: list[SolutionSetError] | list[TexError]) -> None:
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise Failures(tuple(errors))


def _tex_error(job: _Job, problem: texlog.Problem) -> TexError:
    """Say at the author's place what TeX said somewhere else."""
    document = job.document
    lines = document.latex.split("\n")
    if problem.file and problem.file != job.file(".tex").name:
        problem = texlog.Problem(problem.message, tail=problem.tail, command=problem.command)
    line = texlog.blame(problem, lines)
    got = lines[line - 1].strip() if line else problem.tail
    message = re.sub(
        r"on input line (\d+)",
        lambda match: f"at {_place(document, int(match[1])) or 'an unknown place'}",
        problem.message,
    )
    return TexError(
        f"undefined command {problem.command}" if problem.command else message,
        code="tex",
        place=_place(document, line),
        got=got,
        advice=_advice(problem, document.latex),
        details=(f"the job is kept in {job.folder}",),
    )


def _advice(problem: texlog.Problem, latex: str) -> str:
    """Suggest the nearest name of what is misspelt, or the package of what is not installed."""
    environment = re.match(r"Environment (\S+) undefined", problem.message)
    reference = re.match(r"reference `(.+)' is undefined", problem.message)
    if problem.command:
        known = {*_COMMAND.findall(latex), *_COMMON_COMMANDS.split()}
        return _nearest(problem.command, known)
    if environment:
        known = {*_ENVIRONMENT.findall(latex), *_COMMON_ENVIRONMENTS.split()}
        return _nearest(environment[1], known)
    if reference:
        return _nearest(reference[1], set(_LABEL.findall(latex)))
    if re.match(r"File `.+\.(?:sty|cls|def|tfm)' not found", problem.message):
        return sandbox.INSTALL_TEX
    return ""


def _nearest(name: str, known: set[str]) -> str:
    """Return "did you mean ...", or nothing where no known name comes near; case counts little."""
    folded = {candidate.lower(): candidate for candidate in sorted(known - {name})}
    near = difflib.get_close_matches(name.lower(), folded, n=1)
    return f"did you mean {folded[near[0]]}" if near else ""


def _place(document: Document, line: int) -> Place | None:
    origin = _origin(document, line)
    return Place(Path(origin.path), origin.line) if origin else None


def _origin(document: Document, line: int) -> Origin | None:
    return document.origins[line - 1] if 1 <= line <= len(document.origins) else None


def _overfull(document: Document, box: texlog.Box) -> Overfull:
    line = texlog.blame_box(box, document.latex.split("\n"))
    return Overfull(box.points, _origin(document, line), box.text or f"an {box.kind}")


# ------------------------------------------------------------------------------------ publishing


def _publish(job: _Job, output: Path) -> None:
    """Write everything beside its place first, then move it there: the PDF last."""
    names = [name for name, _ in job.document.figures]
    names += [f"{job.document.name}.tex", f"{job.document.name}.pdf"]
    targets = [output / name for name in names]
    staged = [target.with_name(f".{target.name}.part") for target in targets]
    try:
        for name, temporary in zip(names, staged, strict=True):
            _stage(job.folder / name, temporary)
        for temporary, target in zip(staged, targets, strict=True):
            os.replace(temporary, target)
    finally:
        for temporary in staged:
            temporary.unlink(missing_ok=True)


def _stage(source: Path, temporary: Path) -> None:
    """Copy a file so that it is safely on the disk before it takes its name."""
    temporary.parent.mkdir(parents=True, exist_ok=True)
    with temporary.open("wb") as file:
        file.write(source.read_bytes())
        file.flush()
        os.fsync(file.fileno())


def _drop_stale_figures(document: Document, output: Path) -> None:
    """Remove the figures of the set that no `.tex` of it names, whichever view that is."""
    texts = [path.read_text("utf-8") for path in sorted(output.glob(f"{document.set_slug}*.tex"))]
    folder = output / f"{document.set_slug}-figures"
    for figure in sorted(folder.glob("*.*")):
        if not any(f"{folder.name}/{figure.stem}" in text for text in texts):
            figure.unlink()
