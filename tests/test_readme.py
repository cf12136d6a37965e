"""The README tells no tales: its commands exist, its code is what `build.py new` writes."""

import re
import shlex
from pathlib import Path

import pytest
from pages import blocks, files_in

from solutionset.building.scaffold import scaffold
from solutionset.building.targets import resolve
from solutionset.commands.options import parse
from solutionset.commands.run import INTERRUPTED, UNREAD
from solutionset.errors import SolutionSetError, UsageError

REPOSITORY = Path(__file__).parent.parent
TEXT = (REPOSITORY / "README.md").read_text(encoding="utf-8")
PAGES = [*sorted((REPOSITORY / "docs").glob("*.md")), REPOSITORY / "README.md"]
COMMANDS = [
    line.split("#")[0].strip() for block in blocks(TEXT, "sh") for line in block.splitlines()
]
BUILDS = [line.partition("build.py")[2] for line in COMMANDS if "build.py" in line]


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("make")])
def test_a_make_command_is_a_target_of_the_makefile(command: str) -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    target = command.removeprefix("make").strip()
    wanted = rf"^{target}:" if target else r"^\.DEFAULT_GOAL := pdf$"
    assert re.search(wanted, makefile, re.MULTILINE)


@pytest.mark.parametrize("line", BUILDS)
def test_a_command_line_is_understood_and_its_targets_exist(line: str) -> None:
    options = parse(shlex.split(line), REPOSITORY)
    if options.command != "new":
        assert resolve(options.targets, REPOSITORY)


def test_a_command_line_that_does_not_exist_would_be_refused() -> None:
    with pytest.raises(UsageError):
        parse(["check", "--frobnicate"], REPOSITORY)


def test_the_first_problem_is_the_one_that_new_writes(tmp_path: Path) -> None:
    scaffold("hw1/linear", tmp_path)
    shown = files_in(TEXT)
    assert list(shown) == ["problems/hw1/linear.py", "templates/hw1/linear.tex"]
    assert shown == {name: (tmp_path / name).read_text(encoding="utf-8") for name in shown}


def test_the_exit_codes_are_those_of_the_errors() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)}
    raised = {kind.exit_code for kind in SolutionSetError.__subclasses__()}
    assert told == raised | {0, INTERRUPTED, UNREAD}


def test_the_map_names_every_folder_that_is_there() -> None:
    folders = re.findall(r"^\| `(\w+)/` \|", TEXT, re.MULTILINE)
    assert "problems" in folders
    missing = [f for f in folders if f != "output" and not (REPOSITORY / f).is_dir()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_links_lead_to_files(page: Path) -> None:
    targets = re.findall(r"\]\(([^):#]+)\)", page.read_text(encoding="utf-8"))
    assert [t for t in targets if not (page.parent / t).exists()] == []


def test_the_picture_is_small() -> None:
    picture = (REPOSITORY / "docs" / "page.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 150_000


def test_the_map_of_the_engine_names_what_is_there() -> None:
    text = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:\w+/)?\w+\.py|\w+/)(?:: (\w+))?`", text)
    assert ("building/find.py", "find_set") in named
    assert [
        f"{path}: {name}".removesuffix(": ") for path, name in named if not there(path, name)
    ] == []


def there(path: str, name: str) -> bool:
    """Say whether a file of the engine, or of the repository, exists and defines a name."""
    file = next(
        (f for f in (REPOSITORY / "solutionset" / path, REPOSITORY / path) if f.exists()), None
    )
    if file is None or not name:
        return file is not None
    defined = rf"^(def|class) {name}\b"
    return re.search(defined, file.read_text(encoding="utf-8"), re.MULTILINE) is not None
