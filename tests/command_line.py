"""One command line, run in a course whose stages are quick."""

from pathlib import Path

import pytest
from course import MODULE, Workshop, write, write_set

from solutionset.cli import main
from solutionset.commands import build, checking

REPOSITORY = Path(__file__).parent.parent
Captured = pytest.CaptureFixture[str]


def quick_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course in the current folder, and quick stages in place of the slow ones."""
    write_set(tmp_path, "hw", resnet=MODULE, jacobians=MODULE)
    write_set(tmp_path, "dl", softmax=MODULE)
    use(Workshop(), monkeypatch)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def use(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands work with the stages of a workshop."""
    for module in (build, checking):
        monkeypatch.setattr(module, "stages_with", lambda data, **options: workshop.stages)


def command(root: Path, line: str, capfd: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Run one command line; return the exit code, stdout, stderr."""
    code = main(line.split(), str(root))
    out, err = capfd.readouterr()
    return code, out, err


def fail(root: Path, name: str, text: str) -> None:
    """Give a problem of the course another text, such as one that is wrong."""
    write(root / "problems" / "hw" / f"{name}.py", text)
