"""watch: a real process that builds at every change, survives what authors write, and ends."""

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from solutionset.building import watching
from solutionset.cli import main

REPOSITORY = Path(__file__).parent.parent
PATIENCE = 120.0  # seconds, for a machine that has much else to do
Captured = pytest.CaptureFixture[str]


class Watcher:
    """`build.py watch` on a course, and what it has said so far."""

    def __init__(self, root: Path) -> None:
        self.said = ""
        self.process = subprocess.Popen(
            [sys.executable, str(REPOSITORY / "build.py"), "watch", "--root", str(root)],
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def until(self, pattern: str) -> str:
        """Wait until it has said something; return all that it said since it was asked last."""
        deadline = time.monotonic() + PATIENCE
        assert self.process.stdout is not None
        while not (match := re.search(pattern, self.said)):
            ready, _, _ = select.select([self.process.stdout], [], [], deadline - time.monotonic())
            data = os.read(self.process.stdout.fileno(), 1 << 16) if ready else b""
            assert data, f"waited in vain for {pattern!r} after:\n{self.said}"
            self.said += data.decode()
        told, self.said = self.said[: match.end()], self.said[match.end() :]
        return told

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def course(tmp_path: Path, capsys: Captured) -> Path:
    """A course of one new problem."""
    assert main(["new", "hw1/linear", "--root", str(tmp_path)], str(tmp_path)) == 0
    capsys.readouterr()
    return tmp_path


@pytest.fixture
def watcher(course: Path) -> Iterator[Watcher]:
    """A process that watches the course and has built it once."""
    if not watching.is_installed():
        pytest.skip("watchfiles is not installed")
    watcher = Watcher(course)
    with watcher.process:
        try:
            watcher.until(r"watching; Ctrl-C ends it\n")
            yield watcher
        finally:
            watcher.process.kill()


def text_of(pdf: Path) -> str:
    return subprocess.run(["pdftotext", pdf, "-"], capture_output=True, check=True).stdout.decode()


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text as editors do: write beside, then rename."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    beside = path.with_name(f".{path.name}.swp")
    beside.write_text(text.replace(old, new), encoding="utf-8")
    beside.replace(path)


def test_each_change_is_built_and_an_error_leaves_the_last_good_pdf(
    course: Path, watcher: Watcher
) -> None:
    template, pdf = course / "templates/hw1/linear.tex", course / "output/hw1.pdf"

    edit(template, "Find the gradients", "Seek the gradients")
    said = watcher.until(r"done in [\d.]+ s\n")
    assert "templates/hw1/linear.tex changed\n" in said
    assert "hw1 (solutions): 3 pages, 1 pass" in said
    assert "solving" not in said
    assert "\noutput/hw1.pdf\n" in said
    assert "Seek the gradients" in text_of(pdf)

    good = pdf.read_bytes()
    edit(template, "Seek", r"\Alpha Seek")
    said = watcher.until(r"failed after [\d.]+ s; the last good PDFs stay\n")
    assert "templates/hw1/linear.tex:7: error[tex]: undefined command \\Alpha" in said
    assert pdf.read_bytes() == good

    edit(template, r"\Alpha Seek", "Look for")
    watcher.until(r"done in [\d.]+ s\n")
    assert "Look for the gradients" in text_of(pdf)

    assert watcher.end() == 130
    assert "interrupted" in watcher.until("interrupted; what was finished is kept\n")


def test_what_a_module_does_to_its_process_is_gone_at_the_next_build(
    course: Path, watcher: Watcher
) -> None:
    module = course / "problems/hw1/linear.py"
    spoiling = "import os, sympy\nsympy.Symbol = None\nos.chdir('/')\n"
    edit(module, "problem = Problem", f"{spoiling}raise ValueError('spoilt')\nproblem = Problem")
    assert "ValueError: spoilt" in watcher.until("the last good PDFs stay\n")
    edit(module, f"{spoiling}raise ValueError('spoilt')\n", "")
    edit(module, "A linear layer", "One linear layer")
    said = watcher.until(r"done in [\d.]+ s\n")
    while "One linear layer" not in text_of(course / "output/hw1.pdf"):  # two saves, two builds
        said = watcher.until(r"done in [\d.]+ s\n")
    assert "error" not in said


def test_a_change_during_a_build_is_built_after_it(course: Path, watcher: Watcher) -> None:
    template = course / "templates/hw1/linear.tex"
    edit(template, "Find the gradients", "First the gradients")
    watcher.until("rendering\n")
    edit(template, "First the gradients", "Second the gradients")
    while "Second the gradients" not in text_of(course / "output/hw1.pdf"):
        watcher.until(r"done in [\d.]+ s\n")


def test_a_target_that_fits_nothing_ends_it_at_once(course: Path, capsys: Captured) -> None:
    assert main(["watch", "nosuch"], str(course)) == 2
    assert "nosuch" in capsys.readouterr().err


def test_without_watchfiles_the_error_says_what_to_install(
    course: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert main(["watch"], str(course)) == 5
    said = capsys.readouterr().err
    assert "error[package]: the package watchfiles, which `watch` needs, is not installed" in said
    assert "pip install watchfiles" in said


def test_the_folders_of_a_course_are_watched_but_not_its_results_or_hidden_ones(
    tmp_path: Path,
) -> None:
    for name in ("problems", "templates", "output", ".git", "__pycache__", "data"):
        (tmp_path / "course" / name).mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    root = tmp_path / "course"
    watched = watching.watched_folders(root, root / "output", tmp_path / "elsewhere")
    assert [path.name for path in watched] == [
        *("data", "problems", "templates"),
        *("templates", "solutionset", "elsewhere"),
    ]


def test_a_copy_of_the_process_leaves_no_trace_in_it() -> None:
    marks: list[int] = []

    def work() -> int:
        marks.append(1)
        return 7

    assert watching.in_a_copy(work) == 7
    assert marks == []
