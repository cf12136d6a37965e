"""What TeX said, told to the author: the place in their file, and the nearest known name."""

import difflib
import re
from pathlib import Path

from solutionset.building import sandbox, texlog
from solutionset.errors import Place, TexError
from solutionset.model import Document, Origin

_COMMAND = re.compile(r"\\[A-Za-z@]+")
_ENVIRONMENT = re.compile(r"\\begin\{(.+?)\}")
_LABEL = re.compile(r"\\label\{(.+?)\}")
# TeX leaves these out and reads on as if nothing had been; what it says after others is its guess.
_HARMLESS = re.compile(r"Undefined control|Double su|Unicode character|Missing character")
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


def tex_errors(
    document: Document, problems: tuple[texlog.Problem, ...], *, source: str, job: Path
) -> list[TexError]:
    """Tell the errors of a run once each, up to the first after which TeX reads on confused."""
    told: dict[tuple[str, Place | None, str], TexError] = {}
    for problem in problems:
        error = tex_error(document, problem, source=source, job=job)
        told.setdefault((error.message, error.place, error.got), error)
        if not _HARMLESS.match(problem.message):
            break
    return list(told.values())


def tex_error(document: Document, problem: texlog.Problem, *, source: str, job: Path) -> TexError:
    """Say at the author's place what TeX said somewhere else.

    `source` names the file whose lines are those of the document; `job` is the folder to look into.
    """
    lines = document.latex.split("\n")
    if problem.file and problem.file != source:
        problem = texlog.Problem(problem.message, tail=problem.tail, command=problem.command)
    line = texlog.blame(problem, lines)
    got = lines[line - 1].strip() if line else problem.tail
    message = re.sub(
        r"on input line (\d+)",
        lambda match: f"at {place_of(document, int(match[1])) or 'an unknown place'}",
        problem.message,
    )
    return TexError(
        f"undefined command {problem.command}" if problem.command else message,
        code="tex",
        place=place_of(document, line),
        got=got,
        advice=_advice(problem, document.latex),
        details=(f"the job is kept in {job}",),
    )


def place_of(document: Document, line: int) -> Place | None:
    """Return where an author wrote a line of a document, if it was one."""
    origin = origin_of(document, line)
    return Place(Path(origin.path), origin.line) if origin else None


def origin_of(document: Document, line: int) -> Origin | None:
    """Return the origin of a line, counted from 1, or None if there is no such line."""
    return document.origins[line - 1] if 1 <= line <= len(document.origins) else None


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
