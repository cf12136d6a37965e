"""What `build.py new` writes is a problem that checks, builds and passes its test as it stands."""

import subprocess
import sys
from pathlib import Path

import pytest

from solutionset.building.find import FRAME
from solutionset.cli import main

REPOSITORY = Path(__file__).parent.parent
Captured = pytest.CaptureFixture[str]


def run(root: Path, line: str, capsys: Captured) -> tuple[int, str, str]:
    """Run one command line on a course; return the exit code, stdout, stderr."""
    code = main(line.split(), str(root))
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def course(tmp_path: Path, capsys: Captured) -> Path:
    """A course of one new problem, with no templates but its own."""
    assert run(tmp_path, "new hw1/linear", capsys)[0] == 0
    return tmp_path


def test_a_new_problem_is_verified(course: Path, capsys: Captured) -> None:
    code, out, err = run(course, "check --plain", capsys)
    assert (code, [line.partition(":")[0] for line in out.splitlines()]) == (
        0,
        ["hw1/linear/grad_x", "hw1/linear/grad_W", "hw1/linear/grad_b"],
    ), err


def test_a_new_problem_builds_with_every_formula_checked(course: Path, capsys: Captured) -> None:
    code, out, err = run(course, "build --strict --plain", capsys)
    assert (code, out) == (0, f"{course}/output/hw1.pdf\n"), err
    assert (course / "output" / "hw1.pdf").read_bytes().startswith(b"%PDF")
    assert "warning" not in err


def test_a_new_problem_passes_its_test(course: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(course / "tests")],
        cwd=course,
        env={"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_a_wrong_sign_in_a_new_problem_is_refused(course: Path, capsys: Captured) -> None:
    module = course / "problems" / "hw1" / "linear.py"
    module.write_text(
        module.read_text(encoding="utf-8").replace("return W @ x + b", "return W @ x - b"),
        encoding="utf-8",
    )
    code, out, err = run(course, "check --plain", capsys)
    assert (code, out) == (1, "")
    assert "the definition of y and forward disagree" in err


# ---------------------------------------------------------------- the frame of a course elsewhere


def test_a_course_may_bring_its_own_macros(course: Path, capsys: Captured) -> None:
    macros = (FRAME / "macros.tex").read_text(encoding="utf-8")
    own = macros.replace(r"\sspart{\VAR{title}}", r"\sspart{Part: \VAR{title}}")
    (course / "templates" / "macros.tex").write_text(own, encoding="utf-8")
    assert run(course, "build --plain", capsys)[0] == 0
    assert "Part: Pitfalls" in (course / "output" / "hw1.tex").read_text(encoding="utf-8")


def test_a_document_is_stale_when_the_frame_it_borrows_changes(
    course: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent = tmp_path / "_lent"
    lent.mkdir()
    for file in FRAME.glob("*.tex"):
        (lent / file.name).write_bytes(file.read_bytes())
    for module in ("find", "templating"):
        monkeypatch.setattr(f"solutionset.building.{module}.FRAME", lent)
    assert run(course, "build --plain", capsys)[0] == 0
    assert "rendering" not in run(course, "build --plain", capsys)[2]
    with (lent / "macros.tex").open("a", encoding="utf-8") as file:
        file.write("%# one more line\n")
    assert "rendering" in run(course, "build --plain", capsys)[2]


def test_an_error_in_the_frame_of_the_engine_is_told_at_the_line_of_the_problem(
    course: Path, capsys: Captured
) -> None:
    template = course / "templates" / "hw1" / "linear.tex"
    text = template.read_text(encoding="utf-8")
    template.write_text(
        text.replace("definition(definitions.y)", "definition(claims.grad_x)"), encoding="utf-8"
    )
    code, _, err = run(course, "build --plain", capsys)
    assert code == 3
    assert f"{template}:6: error[template]: CheckedClaim grad_x has no formula" in err
