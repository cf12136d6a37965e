"""A build with nothing to do: answered from what the last one looked at, and never wrongly."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from course import MODULE, write, write_set
from test_pipeline import run

from solutionset.building import contents, stamp
from solutionset.building.contents import Memory
from solutionset.building.stamp import Stamp, nothing_to_do, read_stamp, write_stamp
from solutionset.model import View


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course that has been built."""
    write_set(tmp_path, "hw", resnet=MODULE, jacobians=MODULE)
    write_set(tmp_path, "dl", softmax=MODULE)
    run(tmp_path)
    return tmp_path


def answer(root: Path) -> list[str]:
    """What a build without arguments would print; nothing if it has to look closer."""
    return [os.path.basename(pdf) for pdf in nothing_to_do(str(root), str(root / "output"))]


def settle(root: Path) -> None:
    """Let all files be old enough for their signatures to be trusted."""
    output = str(root / "output")
    old = read_stamp(output)
    memory = Memory(2**62, {})
    for path in old.seen:
        memory.of(path)
    write_stamp(output, Stamp(old.circumstances, old.answer, memory.seen))


ALL = ["dl.pdf", "hw.pdf"]


@pytest.mark.parametrize("settled", [False, True])
def test_after_a_build_there_is_nothing_to_do(root: Path, settled: bool) -> None:
    if settled:
        settle(root)
    assert answer(root) == ALL


def test_once_files_are_old_enough_they_are_not_read(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(root)
    monkeypatch.setattr(contents, "digest_path", lambda path: "read")
    assert answer(root) == ALL


def test_a_new_date_alone_is_looked_into_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(root)
    os.utime(root / "problems/hw/resnet.py", (0, 0))
    monkeypatch.setattr(stamp, "time_on_disk", lambda folder: 2**62)
    assert answer(root) == ALL
    assert read_stamp(str(root / "output")).doubtful() == []


CHANGES = [
    lambda root: write(root / "problems/hw/resnet.py", "claims = []"),
    lambda root: write(root / "problems/hw/resnet.py", MODULE.replace("gradient", "jacobian")),
    lambda root: write(root / "problems/hw/extra.py", ""),
    lambda root: write(root / "problems/hw/set.toml", ""),
    lambda root: (root / "problems/new").mkdir(),
    lambda root: (root / "templates/new").mkdir(),
    lambda root: write(root / "templates/hw/resnet.tex", "prose of RESNET"),
    lambda root: write(root / "templates/document.tex", "FRAME"),
    lambda root: write(root / "templates/macros.tex", "a frame of its own"),
    lambda root: (root / "templates/hw/resnet.tex").unlink(),
    lambda root: (root / "output/hw.pdf").unlink(),
    lambda root: write(root / "output/hw.pdf", "%PDF FRAME"),
    lambda root: write(root / "output/hw.tex", ""),
    lambda root: write(root / "output/hw.json", ""),
    lambda root: write(root / "output/hw-figures/resnet-plot.pdf", ""),
    lambda root: os.rename(root / "problems/dl", root / "gone"),
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("settled", [False, True])
def test_whatever_changes_there_is_something_to_do(
    root: Path, change: Callable[[Path], None], settled: bool
) -> None:
    if settled:
        settle(root)
    change(root)
    assert answer(root) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("sys.version", "4.0"), ("sys.path", [*sys.path, "/else/site-packages"])],
)
def test_another_interpreter_or_environment_looks_closer(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    monkeypatch.setattr(name, value)
    assert answer(root) == []


def test_another_tex_looks_closer(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(root))
    assert answer(root) == []


@pytest.mark.parametrize("position", [0, 31, 32, 100, -1])
def test_a_stamp_edited_by_hand_is_no_stamp(root: Path, position: int) -> None:
    file = root / "output/.cache/stamp"
    data = bytearray(file.read_bytes())
    data[position] ^= 1
    file.write_bytes(data)
    assert answer(root) == []


def test_a_stamp_that_was_copied_with_its_course_is_none_for_the_copy(root: Path) -> None:
    copy = root / "copy"
    copy.mkdir()
    for part in ("problems", "templates", "output"):
        os.rename(root / part, copy / part)
    assert answer(copy) == []
    assert run(copy)[1] == []
    assert answer(copy) == ALL


def test_a_build_that_failed_leaves_no_answer(root: Path) -> None:
    write(root / "problems/hw/resnet.py", 'claims = ["false"]')
    run(root)
    assert answer(root) == []


def test_a_build_of_one_set_or_one_view_says_nothing_of_the_rest(tmp_path: Path) -> None:
    write_set(tmp_path, "hw", resnet=MODULE)
    run(tmp_path, "hw")
    run(tmp_path, views=(View.KEY,))
    assert answer(tmp_path) == []


def test_an_output_folder_that_cannot_be_written_still_answers(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str, data: bytes) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(contents, "write_whole", refuse)
    assert answer(root) == ALL
