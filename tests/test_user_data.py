"""Data that a user has and the course does not: --data DIR, what may depend on it, and how."""

from collections.abc import Callable
from hashlib import md5
from pathlib import Path

import pytest
from course import MODULE, AuthorsProblem, Silence, Workshop, write, write_set

from solutionset.building.load import load, run_module
from solutionset.building.pipeline import BuildRequest, build
from solutionset.building.targets import resolve
from solutionset.cli import main
from solutionset.commands.options import parse
from solutionset.errors import AuthorError, UsageError
from solutionset.model import Entry
from solutionset.verification.problem import Data

TAKES_DATA = """\
claims = ["gradient"]

def problem(data):
    if data.folder is not None:
        data.read("images", digest="md5:900150983cd24fb0d6963f7d28e17f72", limit=3)
"""
REAL = """\
from solutionset.authoring import Problem

def problem(data):
    return Problem(title=f"with {data.folder}", question="1", source="1", solve=lambda: None)
"""


def entry_of(root: Path, text: str) -> Entry:
    module = root / "problems" / "hw" / "mlp.py"
    write(module, text)
    return Entry("hw", "mlp", module, root / "templates" / "hw" / "mlp.tex")


class DataWorkshop(Workshop):
    """Quick stages that hand a folder to those modules that take one."""

    def __init__(self, folder: Path | None) -> None:
        super().__init__()
        self.folder = folder

    def load(self, entry: Entry) -> AuthorsProblem:
        module = run_module(entry)
        loaded = super().load(entry)
        if not hasattr(module, "problem"):
            return loaded
        data = Data(self.folder)
        module.problem(data)
        return AuthorsProblem(loaded.module, loaded.solve, data=data)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a user has, outside the course."""
    write(tmp_path / "mine" / "images", "abc")
    return tmp_path / "mine"


@pytest.fixture
def run(tmp_path: Path) -> Callable[[Path | None], list[str]]:
    """Build as a new process would, with a folder of data or without; return what was checked."""
    root = tmp_path / "course"
    write_set(root, "hw", mlp=TAKES_DATA, resnet=MODULE)
    write_set(root, "dl", softmax=MODULE)

    def run(data: Path | None) -> list[str]:
        workshop = DataWorkshop(data)
        request = BuildRequest(root, root / "output", resolve((), root), True, jobs=1, data=data)
        outcome = build(request, Silence(), lambda moment: None, workshop.stages)
        assert outcome.errors == ()
        return [call for call in workshop.calls if call.split()[0] in ("check", "typeset")]

    return run


Run = Callable[[Path | None], list[str]]


# ------------------------------------------------------------------------------ a function


def test_a_problem_that_is_a_function_is_called_with_the_users_folder(tmp_path: Path) -> None:
    entry = entry_of(tmp_path, REAL)
    assert load(entry, Path("mine")).title == "with mine"
    assert load(entry).title == "with None"


def test_a_problem_that_takes_data_says_so(tmp_path: Path) -> None:
    assert load(entry_of(tmp_path, REAL), Path("mine")).data == Data(Path("mine"))


def test_an_error_in_the_function_names_the_authors_line(tmp_path: Path) -> None:
    entry = entry_of(
        tmp_path, "import solutionset.authoring\n\ndef problem(data):\n    return 1 / 0\n"
    )
    with pytest.raises(AuthorError, match=r"mlp.py:4: error\[python\]: ZeroDivisionError"):
        load(entry)


# ------------------------------------------------------------------------------ freshness


def test_a_folder_makes_those_problems_stale_that_take_data_and_no_other(
    run: Run, folder: Path
) -> None:
    assert run(None) == [
        *("check dl/softmax", "typeset dl", "check hw/mlp", "check hw/resnet", "typeset hw")
    ]
    # The pages come out the same, so that they are not typeset again.
    assert run(folder) == ["check hw/mlp"]
    assert run(folder) == []
    assert run(None) == ["check hw/mlp"]
    assert run(None) == []


def test_a_changed_file_of_the_user_makes_its_problem_stale(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(folder)
    (folder / "images").write_text("abd")
    monkeypatch.setattr(Data, "read", lambda self, name, **_: (self.folder / name).read_bytes())
    assert run(folder) == ["check hw/mlp"]


# ----------------------------------------------------------------------------- the reading


def test_a_file_with_its_published_digest_is_read(folder: Path) -> None:
    digest = f"md5:{md5(b'abc').hexdigest()}"
    assert Data(folder).read("images", digest=digest, limit=3) == b"abc"


@pytest.mark.parametrize(
    ("name", "digest", "limit", "message"),
    [
        ("labels", "md5:0", 3, "there is no .*labels"),
        ("images", "md5:0", 3, "images is not the published file\n.*got    md5 9001509"),
        ("images", "md5:900150983cd24fb0d6963f7d28e17f72", 2, "images is too large"),
    ],
)
def test_any_other_file_is_refused(
    folder: Path, name: str, digest: str, limit: int, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        Data(folder).read(name, digest=digest, limit=limit)


# ------------------------------------------------------------------------ the command line


@pytest.mark.parametrize("line", ["--data mine hw", "build --data mine", "check hw --data mine"])
def test_build_and_check_take_a_folder(
    line: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    assert parse(line.split(), folder.parent).data == folder


def test_a_folder_that_is_not_there_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_set(tmp_path, "hw", mlp=MODULE)
    assert main(["check", "--data", str(tmp_path / "nowhere")], str(tmp_path)) == 2
    assert "error[data]: --data: there is no folder" in capsys.readouterr().err
