r"""Jinja2 as LaTeX: `\VAR{...}`, `%%` statements, `%#` comments; strict, marked, located.

The environment knows nothing of problems. Templates are read from one folder; every error that
Jinja2 raises becomes an AuthorError at the line of the template.
"""

import re
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from jinja2 import BaseLoader, BytecodeCache, Environment, StrictUndefined
from jinja2.bccache import Bucket
from jinja2.exceptions import TemplateError
from jinja2.ext import Extension

from solutionset.building.contents import read_sealed, write_sealed
from solutionset.building.escape import Tex, to_tex
from solutionset.building.find import FRAME, template_file
from solutionset.building.linemap import LineMarks
from solutionset.building.names import unknown
from solutionset.building.settoml import read_text
from solutionset.errors import AuthorError, Place, SolutionSetError

_COMMENT_LINE = re.compile(r"^[ \t]*%#.*$", re.MULTILINE)
# What a template may raise while it runs; all of it is the doing of whoever wrote the template.
_RUNNING = (TemplateError, TypeError, ValueError, LookupError, AttributeError, RecursionError)


class Missing(StrictUndefined):
    """A name that is not there: any use of it is an error that lists what is."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        message = super()._undefined_message
        names = [name for name in dir(self._undefined_obj) if not name.startswith("_")]
        if not isinstance(self._undefined_name, str) or not names:
            return message
        error = unknown(message, self._undefined_name, names)
        return f"{error.message}; {error.advice or error.wanted}"

    def __tex__(self) -> str:
        """Raise, since there is nothing to print."""
        return str(self)


class TexLoader(BaseLoader):
    """Reads templates from a folder, or the engine's; a missing one is an AuthorError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Return the text of a template, its path, and no test of freshness."""
        path = template_file(self.folder, template)
        return read_template(path), str(path), None


class WholeLineComments(Extension):
    """Lets a line that is all comment leave no blank line, which TeX would take for a paragraph."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the source with such lines as block comments, which take their line's end."""
        return _COMMENT_LINE.sub(r"\\COMMENT{}", source)


class TexEnvironment(Environment):
    """Jinja2 with escape by default: what macros, blocks and includes make stays LaTeX."""

    concat = staticmethod(lambda pieces: Tex("".join(pieces)))


class _Compiled(BytecodeCache):
    """Keeps compiled templates in a folder that belongs to one version of the engine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code of a template, if it was made from the same text."""
        found = read_sealed(str(self.folder / bucket.key))
        if found is not None and found[0] == bucket.checksum:
            bucket.code = found[1]

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        write_sealed(str(self.folder / bucket.key), (bucket.checksum, bucket.code))


def make_environment(
    folder: Path, names: Mapping[str, object], kept: Path | None = None
) -> TexEnvironment:
    """Return the environment of a folder of templates; `kept` is where compiled ones are kept.

    The names are seen by every template, macros too. There is no filter but `length`, no test but
    `none` and no function: those of Jinja2 compute, make HTML, or let a name be missing.
    """
    environment = TexEnvironment(
        variable_start_string=r"\VAR{",
        variable_end_string="}",
        block_start_string=r"\BLOCK{",
        block_end_string="}",
        comment_start_string=r"\COMMENT{",
        comment_end_string="}",
        line_statement_prefix="%%",
        line_comment_prefix="%#",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=Missing,
        finalize=to_tex,
        autoescape=False,
        extensions=[WholeLineComments, LineMarks],
        loader=TexLoader(folder),
        bytecode_cache=None if kept is None else _Compiled(kept),
    )
    environment.filters = {"length": len}
    environment.tests = {"none": _is_none}
    environment.globals = dict(names)
    return environment


def read_template(path: Path) -> str:
    """Return the text of a template, or raise AuthorError naming the file to create."""
    if not path.is_file():
        raise AuthorError(
            f"the template {path.name} does not exist",
            code="template-missing",
            place=Place(path),
            advice=f"create {path}",
        )
    return read_text(path).replace("\r\n", "\n")


def run_template(environment: Environment, name: str, folder: Path) -> str:
    """Return what a template prints, marks included; raises AuthorError at its line."""
    try:
        return environment.get_template(name).render()
    except SolutionSetError as error:
        _locate(error, error, name, folder)
        raise
    except _RUNNING as error:
        located = AuthorError(str(error), code="template")
        _locate(located, error, name, folder)
        raise located from error


def _locate(error: SolutionSetError, raised: BaseException, name: str, folder: Path) -> None:
    """Give an error its last line in the template `name`; the macro it arose in is a detail."""
    frames = traceback.extract_tb(raised.__traceback__)
    folders = (folder, FRAME)
    inside = [f for f in frames if any(Path(f.filename).is_relative_to(one) for one in folders)]
    own = [frame for frame in inside if Path(frame.filename) == folder / name]
    if not inside:
        error.at(Place(folder / name))
        return
    closest = (own or inside)[-1]
    if error.place is None and inside[-1] is not closest:
        error.details += (f"inside {inside[-1].filename}:{inside[-1].lineno}",)
    error.at(Place(Path(closest.filename), closest.lineno or 0))


def _is_none(value: object) -> bool:
    return value is None
