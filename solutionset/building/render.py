"""render and assemble: checked solutions -> LaTeX of a problem -> LaTeX of a whole set.

What a template prints comes from the records of `context.py` through the strict printer of
`escape.py`; each line of the result knows the line of the template it comes from.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from solutionset import __version__
from solutionset.building import leaks
from solutionset.building.answers import answers
from solutionset.building.context import Context, figure_path, problem_context, record
from solutionset.building.conventions import conventions
from solutionset.building.coverage import checked_strings, coverage
from solutionset.building.escape import Prose, Tex, to_tex
from solutionset.building.find import template_file
from solutionset.building.linemap import split_marks, with_marks, without_marks
from solutionset.building.lint import lint
from solutionset.building.mathtext import states_relation
from solutionset.building.names import Names
from solutionset.building.settoml import REQUIRED_TEXTS, line_of_key, read_text
from solutionset.building.templating import (
    TexEnvironment,
    make_environment,
    read_template,
    run_template,
)
from solutionset.errors import AuthorError, Failures, Place
from solutionset.model import (
    Coverage,
    Document,
    Entry,
    Fragment,
    IllustratedSolution,
    Origin,
    SetConfig,
    SetEntry,
    Standing,
    View,
)

_FRAME = "document.tex"
_SUFFIXES = {View.QUESTIONS: "-questions", View.SOLUTIONS: "", View.KEY: "-key"}
_DRAWING = r"\begin{tikzpicture}"
_MACRO_NAME = re.compile(r"[A-Za-z]+\Z")
_UNCOUNTED = Coverage(displayed=0, checked=0, unchecked=())


def render(
    illustrated: IllustratedSolution,
    entry: Entry,
    config: SetConfig,
    view: View,
    templates: Path,
    kept: Path | None = None,
) -> Fragment:
    """Return the LaTeX of one problem in one view; `kept` is a folder for compiled templates.

    Raises AuthorError, or Failures with several, at the line of the template: it is missing, breaks
    a rule of `lint.py`, prints what cannot be printed, or leaves out what has to be in.
    """
    name = f"{entry.set_slug}/{entry.slug}.tex"
    answered = answers(templates, name) if view is View.KEY else frozenset[str]()
    context = problem_context(illustrated, entry, config, view, answered)
    environment = _environment(name, context.names, templates, kept)
    latex, origins = split_marks(run_template(environment, name, templates), templates)
    if view is View.SOLUTIONS:
        _refuse_unused(context, templates / name)
    shown = (figure for figure in illustrated.figures if figure_path(entry, figure) in latex)
    return Fragment(entry.name, view, latex, origins, tuple(shown))


def assemble(
    fragments: tuple[Fragment, ...],
    solutions: tuple[IllustratedSolution, ...],
    set_entry: SetEntry,
    view: View,
    templates: Path,
    kept: Path | None = None,
) -> Document:
    """Return the LaTeX of a set in one view; it has the fragments in the order of the problems.

    The document says how many of its own formulas are checked, so it is printed twice: once to
    count them, once with the count. Raises AuthorError at the line of a template or of `set.toml`,
    and TexError where a view would show what belongs to the solutions.
    """
    names = _frame(fragments, solutions, set_entry, view, templates)
    checked = frozenset[str]().union(*(checked_strings(one.solution) for one in solutions))
    uncounted = _counts(_UNCOUNTED, solutions, "")
    environment = _environment(_FRAME, names | uncounted, templates, kept)
    counted = without_marks(run_template(environment, _FRAME, templates))
    identity = hashlib.sha256(counted.encode()).hexdigest()[:32]
    covered = coverage(counted, checked)
    environment.globals.update(_counts(covered, solutions, identity))
    latex, origins = split_marks(run_template(environment, _FRAME, templates), templates)
    if covered.unchecked:  # the stamp on a draft may have moved their lines
        covered = coverage(latex, checked)
    secrets = _secrets(fragments, solutions, set_entry, view, templates)
    leaks.refuse_told_secrets(latex, origins, secrets, view)
    entries = {entry.name: entry for entry in set_entry.problems}
    return Document(
        name=f"{set_entry.slug}{_SUFFIXES[view]}",
        set_slug=set_entry.slug,
        view=view,
        latex=latex,
        origins=origins,
        figures=tuple(
            (figure_path(entries[fragment.entry], figure), figure.file)
            for fragment in fragments
            for figure in fragment.figures
        ),
        coverage=covered,
        secrets=secrets,
    )


def _secrets(
    fragments: tuple[Fragment, ...],
    solutions: tuple[IllustratedSolution, ...],
    set_entry: SetEntry,
    view: View,
    templates: Path,
) -> tuple[str, ...]:
    """Return what the document may not say, after a look at where its lines come from."""
    if view is View.SOLUTIONS:
        return ()
    leaks.refuse_hidden_lines(fragments, set_entry, view, templates)
    return leaks.secrets(fragments, solutions, set_entry, view, templates)


def _environment(
    name: str, names: Mapping[str, object], templates: Path, kept: Path | None
) -> TexEnvironment:
    """Return an environment for the template `name`, which keeps every rule of `lint.py`."""
    environment = make_environment(templates, names, kept)
    errors = lint(environment, templates, name, kept)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise Failures(errors)
    return environment


def _refuse_unused(context: Context, template: Path) -> None:
    names = context.unused()
    if names:
        raise AuthorError(
            f"the solution does not use {', '.join(names)}",
            code="template",
            place=Place(template),
            wanted="each claim, figure, pitfall, erratum and instance somewhere in the solution",
            advice="print it, or take it out of the problem's module",
        )


def _frame(
    fragments: tuple[Fragment, ...],
    solutions: tuple[IllustratedSolution, ...],
    set_entry: SetEntry,
    view: View,
    templates: Path,
) -> dict[str, object]:
    """Return what `document.tex` sees, but for the counts."""
    slugs = {entry.name: entry.slug for entry in set_entry.problems}
    config = record(set_entry.config)
    introduction = Prose(set_entry.config.introduction)
    for key in REQUIRED_TEXTS:
        _printed(key, config[key], set_entry)
    _printed("introduction", introduction, set_entry)
    return {
        "config": config,
        "view": view.value,
        "style": _style(templates),
        "tikz": any(_DRAWING in fragment.latex for fragment in fragments),
        "set_macros": _macros(set_entry),
        "introduction": introduction,
        "notation_notes": conventions(set_entry.config.notation),
        "problems": tuple(
            _part(slugs[fragment.entry], one, fragment, templates.parent)
            for fragment, one in zip(fragments, solutions, strict=True)
        ),
        "versions": (f"solutionset {__version__}",),
    }


def _printed(key: str, value: object, set_entry: SetEntry) -> None:
    """Refuse what cannot be printed at the line of `set.toml`, not at that of the frame."""
    try:
        to_tex(value)
    except AuthorError as error:
        line = line_of_key(read_text(set_entry.toml), key)
        raise error.at(Place(set_entry.toml, line)) from error


def _part(slug: str, illustrated: IllustratedSolution, fragment: Fragment, root: Path) -> Names:
    latex = Tex(with_marks(fragment.latex, fragment.origins, root))
    parts = {"slug": slug, "problem": record(illustrated.solution), "fragment": latex}
    return Names(f"problem {slug}", parts)


def _counts(
    formulas: Coverage, solutions: tuple[IllustratedSolution, ...], identity: str
) -> dict[str, object]:
    standings = [claim.verdict.standing for one in solutions for claim in one.solution.claims]
    unchecked = standings.count(Standing.UNCHECKED)
    return {
        "trailer_id": identity,
        "draft": bool(formulas.unchecked or unchecked),
        "claims_checked": len(standings) - unchecked,
        "formulas_displayed": formulas.displayed,
        "formulas_checked": formulas.checked,
    }


def _style(templates: Path) -> Tex:
    path = template_file(templates, "style.tex")
    text = read_template(path).removesuffix("\n")
    lines = range(1, text.count("\n") + 2)
    return Tex(with_marks(text, tuple(Origin(str(path), line) for line in lines), Path()))


def _macros(set_entry: SetEntry) -> Tex:
    """Return the definitions of a set's own macros; `#1` in one makes it take an argument."""
    lines = []
    for name, body in set_entry.config.macros:
        if not _MACRO_NAME.match(name):
            raise AuthorError(
                f"{name!r} cannot name a macro",
                code="set-toml",
                place=Place(set_entry.toml),
                wanted="letters only, without the backslash",
            )
        if states_relation(body):
            raise AuthorError(
                f"the macro {name} holds a relation, so that nothing checks it",
                code="set-toml",
                place=Place(set_entry.toml),
                got=body,
                advice="make it a claim or a definition, and print that",
            )
        count = max((int(digit) for digit in re.findall(r"#([1-9])", body)), default=0)
        arguments = f"[{count}]" if count else ""
        lines.append(rf"\newcommand{{\{name}}}{arguments}{{{body}}}")
    origins = (Origin(str(set_entry.toml), 0),) * len(lines)
    return Tex(with_marks("\n".join(lines), origins, Path())) if lines else Tex()
