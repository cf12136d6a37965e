r"""What a template may hold: prose and names, no arithmetic and no relation typed by hand.

Three looks at a template: its statements (the parse tree of Jinja2), its text with a placeholder
for every `\VAR{...}`, and its strings. The rules on text and strings hold for the templates of
problems only, since the frame and its macros are what defines the page.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from jinja2 import Environment, meta, nodes
from jinja2.exceptions import TemplateSyntaxError

from solutionset.building.contents import digest_bytes, digest_path, read_sealed, write_sealed
from solutionset.building.escape import refuse_unsettable
from solutionset.building.find import FRAME, template_file
from solutionset.building.mathtext import (
    CONVENTIONS,
    PLACEHOLDER,
    Segment,
    segments,
    states_relation,
    tokens_of,
)
from solutionset.building.names import unknown
from solutionset.building.settoml import nearest
from solutionset.building.templating import make_environment, read_template
from solutionset.errors import AuthorError, Place

_ARITHMETIC = (
    *(nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow),
    *(nodes.Neg, nodes.Pos, nodes.Concat),
)
_REFUSED = frozenset(
    {r"\usepackage", r"\RequirePackage", r"\documentclass", r"\input", r"\include", r"\openin"}
    | {r"\openout", r"\read", r"\write", r"\immediate", r"\catcode", r"\def", r"\edef", r"\gdef"}
    | {r"\xdef", r"\let", r"\futurelet", r"\csname", r"\expandafter", r"\makeatletter", r"\special"}
    | {r"\newcommand", r"\renewcommand", r"\providecommand", r"\newenvironment", r"\ensuremath"}
    | {r"\global", r"\scantokens", CONVENTIONS}
)
# Behind a number a percent sign is meant to be read, and TeX takes what follows for a comment.
_HIDING = re.compile(r"\d(?:\s|~|\\,)*%\s*\S")
# Names that Jinja2 itself defines inside blocks, macros and loops.
_GIVEN = frozenset({"super", "self", "caller", "loop", "varargs", "kwargs"})
_REFERRING = (nodes.Extends, nodes.FromImport, nodes.Import, nodes.Include)
# What may stand outside the blocks of a template that extends another: the rest is never printed.
_SILENT = (
    *(nodes.Extends, nodes.Import, nodes.FromImport, nodes.Block, nodes.Macro),
    *(nodes.Assign, nodes.AssignBlock),
)


def lint(
    environment: Environment, folder: Path, name: str, kept: Path | None = None
) -> tuple[AuthorError, ...]:
    """Return everything wrong with a template and those it refers to, in order of their lines.

    Nothing wrong with the same texts is remembered in the folder `kept`. Raises AuthorError for a
    template that is missing, not in UTF-8 or cannot be parsed.
    """
    if kept is None:
        return _lint(environment, folder, name)[0]
    identity = digest_bytes(repr((str(folder), name, sorted(environment.globals))).encode())
    record = str(kept / f"{identity}.lint")
    (texts,) = read_sealed(record) or ({},)
    if texts and all(digest_path(path) == key for path, key in texts.items()):
        return ()
    errors, paths = _lint(environment, folder, name)
    if not errors:
        write_sealed(record, ({str(path): digest_path(str(path)) for path in paths},))
    return errors


def _lint(
    environment: Environment, folder: Path, name: str
) -> tuple[tuple[AuthorError, ...], list[Path]]:
    bare = environment.overlay()
    bare.extensions = {}  # no line marks in the text
    looked_at: dict[str, _Template] = {}
    waiting = [name]
    while waiting:
        template = _Template(bare, folder, waiting.pop())
        looked_at[template.name] = template
        waiting += [other for other in template.references(folder) if other not in looked_at]
    errors = [error for template in looked_at.values() for error in template.errors(looked_at)]
    once = {str(error): error for error in errors}  # a sum of three is two sums
    paths = [template.path for template in looked_at.values()]
    return tuple(sorted(once.values(), key=_by_place)), paths


def read_ahead(folder: Path) -> None:
    """Parse the templates of a folder now, so that `lint` need not in what is forked from here."""
    for path in sorted(folder.rglob("*.tex")):
        with suppress(AuthorError):
            name = path.relative_to(folder).as_posix()
            references = meta.find_referenced_templates(parsed(read_template(path), name, path)[0])
            for other in filter(None, references):
                borrowed = template_file(folder, other)
                parsed(read_template(borrowed), other, borrowed)


@cache
def parsed(source: str, name: str, path: Path) -> tuple[nodes.Template, frozenset[str]]:
    """Return the tree of a template, which is only read, and the names that it takes for given.

    Raises AuthorError at the line at which it cannot be read.
    """
    environment = make_environment(path.parent, {})
    environment.extensions = {}  # no line marks in the text
    try:
        tree = environment.parse(source, name, str(path))
        # The search works out constants in the tree it is given, so it gets one of its own.
        searched = environment.parse(source, name, str(path))
        return tree, frozenset(meta.find_undeclared_variables(searched) - _GIVEN)
    except TemplateSyntaxError as error:
        message = error.message or "the template cannot be read"
        raise AuthorError(message, code="template", place=Place(path, error.lineno)) from error


class _Template:
    """One template as text and as a tree, with the rules that it has to keep."""

    def __init__(self, environment: Environment, folder: Path, name: str) -> None:
        self.name = name
        self.path = template_file(folder, name)
        self.environment = environment
        self.source = read_template(self.path)
        self.tree, names = parsed(self.source, name, self.path)
        self.undeclared = names.difference(environment.globals)

    def references(self, folder: Path) -> list[str]:
        """Return the names of the templates that it refers to; raises AuthorError if one is not."""
        found = []
        for node in self.tree.find_all(_REFERRING):
            for name in meta.find_referenced_templates(nodes.Template([node])):
                if name and not template_file(folder, name).is_file():
                    raise self.place(_missing(folder, name), node.lineno)
                found += [name] if name else []
        return found

    def errors(self, templates: dict[str, "_Template"]) -> Iterator[AuthorError]:
        yield from self.computed()
        yield from self.misspelt_names(templates)
        yield from self.misspelt_imports(templates)
        if "/" in self.name:  # the folder of a set
            yield from self.hidden_names()
            yield from self.never_printed(templates)
            yield from self.refused_source()
            yield from self.refused_text()
            yield from self.typed_formulas()

    def computed(self) -> Iterator[AuthorError]:
        for node in self.tree.find_all(_ARITHMETIC):
            yield self.error("a template does not compute", node.lineno, advice=_COMPUTE)
        for comparison in self.tree.find_all(nodes.Compare):
            if not _compares_words(comparison):
                message = 'a template compares with words only, as in view == "questions"'
                yield self.error(message, comparison.lineno, advice=_COMPUTE)

    def misspelt_names(self, templates: dict[str, "_Template"]) -> Iterator[AuthorError]:
        own = {name for one in (self, *self.ancestors(templates)) for name, _ in one.top_level()}
        for name in sorted(self.undeclared - own):
            line = next(n.lineno for n in self.tree.find_all(nodes.Name) if n.name == name)
            error = unknown(f"there is no {name}", name, (*self.environment.globals, *sorted(own)))
            yield self.place(error, line)

    def hidden_names(self) -> Iterator[AuthorError]:
        for name, line in self.top_level():
            if name in self.environment.globals:
                advice = "give it another name, with `import ... as`"
                yield self.error(f"this hides the {name} of the problem", line, advice=advice)

    def misspelt_imports(self, templates: dict[str, "_Template"]) -> Iterator[AuthorError]:
        for node in self.tree.find_all(nodes.FromImport):
            if not isinstance(node.template, nodes.Const):
                continue
            known = templates[node.template.value].exports()
            for item in node.names:
                name = item if isinstance(item, str) else item[0]
                if name not in known:
                    error = unknown(f"{node.template.value} has no {name}", name, known)
                    yield self.place(error, node.lineno)

    def exports(self) -> tuple[str, ...]:
        return tuple(node.name for node in self.tree.body if isinstance(node, nodes.Macro))

    def top_level(self) -> Iterator[tuple[str, int]]:
        """Yield the names that the template itself gives to its blocks, each with its line."""
        for node in self.tree.body:
            if isinstance(node, nodes.Macro):
                yield node.name, node.lineno
            elif isinstance(node, nodes.Import):
                yield node.target, node.lineno
            elif isinstance(node, nodes.FromImport):
                for name in node.names:
                    yield name if isinstance(name, str) else name[1], node.lineno
            elif isinstance(node, (nodes.Assign, nodes.AssignBlock)):
                yield from ((name.name, node.lineno) for name in _names(node.target))

    def never_printed(self, templates: dict[str, "_Template"]) -> Iterator[AuthorError]:
        parents = [node.template for node in self.tree.find_all(nodes.Extends)]
        if not parents:
            advice = 'begin with %% extends "problem.tex"'
            yield self.error("the template extends no other", 1, advice=advice)
            return
        for node in self.tree.body:
            for line in _printed_lines(node):
                advice = "move it into a block"
                yield self.error(
                    "what stands outside the blocks is not printed", line, advice=advice
                )
        known = tuple(
            block.name
            for parent in self.ancestors(templates)
            for block in parent.tree.find_all(nodes.Block)
        )
        for block in self.tree.find_all(nodes.Block):
            if block.name not in known:
                message = f"a block {block.name} is never printed"
                yield self.place(unknown(message, block.name, known), block.lineno)

    def ancestors(self, templates: dict[str, "_Template"]) -> Iterator["_Template"]:
        for node in self.tree.find_all(nodes.Extends):
            if isinstance(node.template, nodes.Const):
                parent = templates[node.template.value]
                yield parent
                yield from parent.ancestors(templates)

    def refused_source(self) -> Iterator[AuthorError]:
        for number, line in enumerate(self.source.split("\n"), start=1):
            if re.search(r"\\VAR\{[-+]", line):
                message = r"Jinja2 takes the sign after \VAR{ for its own and does not print it"
                yield self.error(message, number, advice="let the value have its sign")
            if r"\%#" in line:
                message = r"Jinja2 takes what follows \% here for a comment"
                yield self.error(message, number, advice=r"write \%\#")

    def refused_text(self) -> Iterator[AuthorError]:
        text = self.text()
        for token in tokens_of(text):
            if token.text in _REFUSED or token.text.startswith(r"\pdf"):
                message = f"{token.text} has no place in the template of a problem"
                advice = "own macros stand in set.toml, all else in style.tex"
                yield self.error(message, token.line, advice=advice)
        for number, line in enumerate(text.split("\n"), start=1):
            if _HIDING.search(line):
                message = "the percent sign behind a number hides the rest of its line"
                yield self.error(message, number, advice=r"write \%")
            try:
                refuse_unsettable(line.replace(PLACEHOLDER, ""))
            except AuthorError as error:
                yield self.place(error, number)

    def typed_formulas(self) -> Iterator[AuthorError]:
        found = list(segments(self.text()))
        for constant in self.tree.find_all(nodes.Const):
            if isinstance(constant.value, str):
                found += segments(constant.value, constant.lineno)
        for segment in found:
            if segment.displayed or states_relation(segment.latex):
                yield self.typed(segment)

    def typed(self, segment: Segment) -> AuthorError:
        what = "displayed formula" if segment.displayed else "relation"
        return AuthorError(
            f"a {what} is typed by hand, so that nothing checks it",
            code="template",
            place=Place(self.path, segment.line),
            got=segment.latex.strip().replace(PLACEHOLDER, r"\VAR{...}"),
            advice="make it a claim or a definition, and print that",
        )

    def text(self) -> str:
        """Return the text alone, on its own lines, with a placeholder for each printed value."""
        lines = [""] * (self.source.count("\n") + 1)
        for number, kind, value in self.environment.lex(self.source):
            if kind == "variable_begin":
                lines[number - 1] += PLACEHOLDER
            elif kind == "data":
                for offset, piece in enumerate(value.split("\n")):
                    if piece:
                        lines[number - 1 + offset] += piece
        return "\n".join(lines)

    def error(self, message: str, line: int, *, advice: str) -> AuthorError:
        return self.place(AuthorError(message, code="template", advice=advice), line)

    def place(self, error: AuthorError, line: int) -> AuthorError:
        error.at(Place(self.path, line))
        return error


_COMPUTE = "compute in the problem's module, and print the value"


def _missing(folder: Path, name: str) -> AuthorError:
    own = {path.relative_to(folder) for path in folder.rglob("*.tex")}
    known = own | {path.relative_to(FRAME) for path in FRAME.glob("*.tex")}
    stems = tuple(sorted(str(path.with_suffix("")) for path in known))  # all end alike
    return AuthorError(
        f"the template {name} does not exist",
        code="template-missing",
        wanted=str(folder / name),
        advice=nearest(name.removesuffix(".tex"), stems) or f"create {folder / name}",
    )


def _compares_words(comparison: nodes.Compare) -> bool:
    """Say whether a comparison is with a string, or asks for a string among others."""
    return all(
        operand.op in {"eq", "ne", "in", "notin"}
        and (_is_word(operand.expr) or _is_word(comparison.expr) or _are_words(operand.expr))
        for operand in comparison.ops
    )


def _is_word(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, str)


def _are_words(node: nodes.Expr) -> bool:
    return isinstance(node, (nodes.Tuple, nodes.List)) and all(map(_is_word, node.items))


def _names(target: nodes.Node) -> Iterator[nodes.Name]:
    """Yield the names that are set: one, or those of a tuple."""
    if isinstance(target, nodes.Name):
        yield target
    yield from target.find_all(nodes.Name)


def _printed_lines(node: nodes.Node) -> Iterator[int]:
    """Yield the lines on which a statement outside the blocks would print something."""
    if isinstance(node, nodes.Output):
        for child in node.nodes:
            if not isinstance(child, nodes.TemplateData):
                yield child.lineno
                continue
            filled = [t for t in tokens_of(child.data, child.lineno) if not t.text.isspace()]
            yield from (token.line for token in filled[:1])
    elif not isinstance(node, _SILENT):
        yield node.lineno


def _by_place(error: AuthorError) -> tuple[str, int]:
    assert error.place is not None
    return str(error.place.path), error.place.line
