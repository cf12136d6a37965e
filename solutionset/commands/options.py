"""The arguments of the command line -> options, or an error that names the nearest word."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from solutionset.building.settoml import nearest
from solutionset.building.targets import COMMANDS
from solutionset.building.workers import usable_cpus
from solutionset.errors import UsageError
from solutionset.model import View

_WITH_VALUE = ("--view", "--output", "--root", "--jobs", "--data")
_VIEWS = (*(str(view) for view in View), "all")
_DESCRIPTION = {
    "build": "Bring the PDFs of the targets up to date; prints one path a line.",
    "check": "Compare numbers with formulas, without TeX; writes nothing in the output folder.",
    "list": "Show sets, problems, questions and claims.",
    "why": "Show what a build would redo, and because of what; changes nothing.",
    "watch": "Build, and build again whenever a file changes.",
    "new": "Write the module, the template and the test of a new problem.",
}


@dataclass(frozen=True)
class Options:
    """What the command line says; options that a command does not have keep their defaults."""

    command: str
    root: Path
    output: Path
    targets: tuple[str, ...] = ()
    jobs: int = 1
    plain: bool = False
    views: tuple[View, ...] = (View.SOLUTIONS,)
    force: bool = False
    strict: bool = False
    data: Path | None = None
    seeds: tuple[int, ...] | None = None
    json: Path | None = None
    junit: Path | None = None
    as_json: bool = False
    profile: Path | None = None
    use_format: bool = True


def parse(arguments: list[str], root: Path) -> Options:
    """Return the options; `root` is the default of --root. Raises UsageError."""
    command, rest = _split_command(arguments)
    parser = _parser(command)
    known, unknown = parser.parse_known_intermixed_args(rest)
    if unknown:
        options = tuple(name for action in parser._actions for name in action.option_strings[-1:])
        raise UsageError(
            f"{command} does not take {unknown[0]}",
            code="usage",
            advice=nearest(unknown[0], options) or f"`python build.py {command} --help` lists them",
        )
    values = vars(known)
    chosen_root = Path(values.pop("root") or root).absolute()
    output = values.pop("output")
    targets = tuple(values.pop("targets", ()))
    return Options(
        command=command,
        targets=targets,
        root=chosen_root,
        output=Path(output).absolute() if output else chosen_root / "output",
        **values,
    )


def _split_command(arguments: list[str]) -> tuple[str, list[str]]:
    """Return the command and the other arguments; common options may stand before it."""
    position = 0
    while position < len(arguments) and arguments[position].startswith("-"):
        position += 2 if arguments[position] in _WITH_VALUE else 1
    if position < len(arguments) and arguments[position] in COMMANDS:
        return arguments[position], [*arguments[:position], *arguments[position + 1 :]]
    return "build", arguments


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are ours."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError instead of leaving the process."""
        raise UsageError(message, code="usage", advice=f"`{self.prog} --help` shows the usage")


def _parser(command: str) -> _Parser:
    parser = _Parser(
        prog="python build.py" if command == "build" else f"python build.py {command}",
        description=_DESCRIPTION[command],
        epilog=f"Commands: {', '.join(COMMANDS)}; without one, build.",
        allow_abbrev=False,
    )
    _ADDERS[command](parser)
    parser.add_argument("--root", metavar="DIR", help="the folder with problems/ and templates/")
    parser.add_argument("--output", metavar="DIR", help="where results go (default: ROOT/output)")
    parser.add_argument(
        "--jobs",
        type=_jobs,
        default=usable_cpus(),
        metavar="N",
        help="how many processes work at a time (default: one for each usable processor)",
    )
    parser.add_argument("--plain", action="store_true", help="no live display")
    parser.add_argument(
        "--view",
        dest="views",
        type=_views,
        default=(View.SOLUTIONS,),
        metavar="|".join(_VIEWS),
        help="which documents (default: solutions)",
    )
    return parser


def _add_build(parser: argparse.ArgumentParser) -> None:
    _add_targets(parser)
    parser.add_argument("--force", action="store_true", help="redo the targets though fresh")
    parser.add_argument("--strict", action="store_true", help="an unchecked claim is an error")
    parser.add_argument(
        "--profile", type=Path, metavar="FILE", help="write where the time went, as JSON"
    )
    _add_no_format(parser)
    _add_data(parser)


def _add_check(parser: argparse.ArgumentParser) -> None:
    _add_targets(parser)
    seeds = parser.add_mutually_exclusive_group()
    seeds.add_argument("--seeds", type=_seeds, metavar="N", help="check with the seeds 0 to N-1")
    seeds.add_argument("--seed", dest="seeds", type=_seed, metavar="K", help="with this seed only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write a report, also on failure")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="the same as JUnit XML")
    _add_data(parser)


def _add_why(parser: argparse.ArgumentParser) -> None:
    _add_targets(parser)
    _add_data(parser)
    parser.add_argument("--json", dest="as_json", action="store_true", help="for programs")


def _add_watch(parser: argparse.ArgumentParser) -> None:
    _add_targets(parser)
    _add_no_format(parser)
    _add_data(parser)


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", dest="as_json", action="store_true", help="for programs")


def _add_new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("targets", nargs=1, metavar="SET/PROBLEM")


_ADDERS = {
    "build": _add_build,
    "check": _add_check,
    "list": _add_list,
    "why": _add_why,
    "watch": _add_watch,
    "new": _add_new,
}


def _add_no_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-format",
        dest="use_format",
        action="store_false",
        help="let TeX read the preamble at every pass; the PDF is the same",
    )


def _add_targets(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help="a set, set/problem, or an unambiguous problem"
    )


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=_absolute, metavar="DIR", help="a folder of data, for problems that use it"
    )


def _absolute(text: str) -> Path:
    return Path(text).absolute()


def _views(text: str) -> tuple[View, ...]:
    if text == "all":
        return tuple(View)
    if text not in _VIEWS:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(_VIEWS)}")
    return (View(text),)


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes")
    return int(text)


def _seed(text: str) -> tuple[int, ...]:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no natural number")
    return (int(text),)


def _seeds(text: str) -> tuple[int, ...]:
    (number,) = _seed(text)
    if number == 0:
        raise argparse.ArgumentTypeError("at least one seed is needed")
    return tuple(range(number))
