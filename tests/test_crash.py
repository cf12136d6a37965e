"""Whatever happens to a build, what is published is good and the next build makes it right."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from course import MODULE, Workshop, write, write_set
from test_pipeline import module, run

from solutionset.building import freshness, stamp
from solutionset.building.stamp import nothing_to_do, read_stamp
from solutionset.cli import main

TESTS = Path(__file__).parent
# Slow enough to be hit anywhere: each file is written in two halves.
BUILD = """
import sys, time
from pathlib import Path
sys.path[:0] = [sys.argv[1], str(Path(sys.argv[1]).parent)]
from solutionset.building import contents
write_whole = contents.write_whole
def slowly(path, data):
    time.sleep(0.002)
    write_whole(path, data)
    time.sleep(0.002)
contents.write_whole = slowly
from test_pipeline import run
from solutionset.building.record import locked
root = Path(sys.argv[2])
print("begun", flush=True)
with locked(root / "output", patience=5):
    run(root, jobs=2)
"""
SECONDS = 0.25


def published(root: Path) -> dict[str, bytes]:
    """All files in the output folder but the cache."""
    paths = [path for path in (root / "output").rglob("*") if path.is_file()]
    return {
        str(path.relative_to(root / "output")): path.read_bytes()
        for path in paths
        if ".cache" not in path.parts
    }


def write_version(root: Path, number: int) -> None:
    write(module(root), f"claims = {['gradient', 'hessian'][: number + 1]}")
    write(root / "templates/hw/jacobians.tex", f"prose {number}")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course with a set of two problems."""
    write_set(tmp_path, "hw", resnet=MODULE, jacobians=MODULE)
    return tmp_path


@pytest.mark.parametrize("seed", range(12))
def test_after_a_kill_at_any_moment_the_next_build_makes_what_a_clean_one_makes(
    root: Path, tmp_path: Path, seed: int
) -> None:
    clean = []
    for number in (0, 1):
        write_version(root, number)
        run(root)
        clean.append(published(root))
        (root / "output").rename(root / f"clean{number}")
    write_version(root, seed % 2)
    run(root)
    write_version(root, 1 - seed % 2)
    moments = random.Random(seed)
    command = [sys.executable, "-c", BUILD, str(TESTS), str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        time.sleep(moments.uniform(0, SECONDS))
        (os.killpg if seed % 4 < 2 else os.kill)(process.pid, signal.SIGKILL)
    assert published(root)["hw.pdf"] in [tree["hw.pdf"] for tree in clean]
    finished = subprocess.run(command, capture_output=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert published(root) == clean[1 - seed % 2]


def test_unfinished_files_of_a_killed_build_are_removed(root: Path) -> None:
    for name in (
        *("hw.json.123.new", ".hw.pdf.solutions.part", ".hw-key.tex.key.part"),
        "hw-figures/.resnet-plot.pdf.solutions.part",
        *(".cache/stamp.9.new", ".cache/problems/hw/resnet/checked.record.9.new"),
    ):
        write(root / "output" / name, "half")
    run(root)
    left = [*(root / "output").rglob("*.new"), *(root / "output").rglob("*.part")]
    assert left == []


def test_files_of_others_in_the_output_folder_stay(root: Path) -> None:
    others = [root / "output" / name for name in (".film.part", "work/a.1.new", "work/.a.pdf.part")]
    for path in others:
        write(path, "half")
    run(root)
    assert all(path.is_file() for path in others)


def test_a_limit_on_file_size_leaves_the_last_good_files_and_no_others(root: Path) -> None:
    run(root)
    before = published(root)
    write(module(root), f"claims = {['long' * 100] * 30}")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        outcome, _ = run(root)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [error.exit_code for error in outcome.errors] == [5]
    assert published(root) == before
    assert run(root)[0].errors == ()


@pytest.mark.parametrize("stage", ["check", "draw", "assemble", "typeset"])
def test_a_file_edited_during_the_build_is_in_the_next_build(
    root: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    real = getattr(Workshop, stage)

    def edited_meanwhile(self: Workshop, *arguments: object) -> object:
        done = real(self, *arguments)
        write(root / "templates/hw/jacobians.tex", "prose after")
        write(module(root), "claims = ['after']")
        return done

    with monkeypatch.context() as during:
        during.setattr(Workshop, stage, edited_meanwhile)
        run(root)
    run(root)
    last = published(root)
    assert b"prose after" in last["hw.tex"]
    assert b"/after" in last["hw.json"]
    assert run(root)[1] == []


@pytest.mark.parametrize("back", [0, 3600, 10**8])
def test_a_clock_set_back_makes_no_change_go_unnoticed(
    root: Path, monkeypatch: pytest.MonkeyPatch, back: int
) -> None:
    folders = str(root), str(root / "output")
    with monkeypatch.context() as ahead:  # so that files just written seem long settled
        for user in (freshness, stamp):
            ahead.setattr(user, "time_on_disk", lambda folder: time.time_ns() + 10**18)
        run(root)
        remembered = read_stamp(folders[1]).seen[str(module(root))]
    before = module(root).stat()
    assert remembered[0][0] == before.st_mtime_ns
    assert nothing_to_do(*folders) == [str(root / "output/hw.pdf")]
    with module(root).open("r+", encoding="utf-8") as file:  # the same inode, the same size
        file.write(MODULE.replace("gradient", "jacobian"))
    os.utime(module(root), ns=(before.st_atime_ns, before.st_mtime_ns - back * 10**9))
    assert nothing_to_do(*folders) == []
    assert "check hw/resnet" in run(root)[1]
    assert b"/jacobian" in published(root)["hw.json"]


def test_files_dated_in_the_future_are_neither_stale_for_that_nor_fresh_when_they_change(
    root: Path,
) -> None:
    run(root)
    files = [path for path in root.rglob("*") if path.is_file()]
    future = time.time_ns() + 10**18
    for path in files:
        os.utime(path, ns=(future, future))
    assert run(root)[1] == []
    write(module(root), MODULE.replace("gradient", "jacobian"))
    assert "check hw/resnet" in run(root)[1]


def test_a_file_in_the_way_of_the_output_folder_is_named(
    root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(root / "output", "the notes of the author")
    assert main(["build", "--plain"], str(root)) == 5
    assert str(root / "output") in capfd.readouterr().err
    assert (root / "output").read_text(encoding="utf-8") == "the notes of the author"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_output_folder_that_is_read_only_is_named_and_left_as_it_was(
    root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run(root)
    before = published(root)
    write(module(root), 'claims = ["hessian"]')
    folders = [root / "output", *(p for p in (root / "output").rglob("*") if p.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    try:
        assert main(["build", "--plain"], str(root)) == 5
    finally:
        for folder in folders:
            folder.chmod(0o700)
    assert str(root / "output") in capfd.readouterr().err
    assert published(root) == before
