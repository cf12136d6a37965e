"""GitHub Actions shows errors beside the author's lines."""

from pathlib import Path

import pytest
from course import MODULE, Workshop, write, write_set

from solutionset.cli import main
from solutionset.commands import annotations, build, checking
from solutionset.errors import AuthorError, Place

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with quick stages, in a folder of the repository that is checked out."""
    root = tmp_path / "courses" / "algebra"
    write_set(root, "hw", resnet=MODULE)
    for module in (build, checking):
        monkeypatch.setattr(module, "stages_with", lambda data, **options: Workshop().stages)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    return root


def commands(captured: Captured) -> list[str]:
    return [line for line in captured.readouterr().err.splitlines() if line.startswith("::")]


@pytest.mark.parametrize("command", ["build", "check"])
def test_a_false_claim_is_annotated_at_its_line_as_the_repository_knows_it(
    root: Path, capsys: Captured, command: str
) -> None:
    write(root / "problems/hw/resnet.py", 'claims = ["false"]')
    assert main([command], str(root)) == 1
    assert commands(capsys) == [
        "::error title=solutionset,file=courses/algebra/problems/hw/resnet.py,line=1,col=1"
        "::error[claim]: the claim false does not hold"
    ]


def test_a_path_that_is_relative_to_the_course_is_found_in_the_repository(
    root: Path, capsys: Captured
) -> None:
    write(root / "templates/hw/resnet.tex", r"\broken")
    assert main(["build"], str(root)) == 4
    (annotation,) = commands(capsys)
    assert annotation.startswith(
        "::error title=solutionset,file=courses/algebra/templates/hw/resnet.tex,line=1,col=1::"
    )


def test_outside_of_github_actions_nothing_is_annotated(
    root: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS")
    write(root / "problems/hw/resnet.py", 'claims = ["false"]')
    assert main(["check"], str(root)) == 1
    assert commands(capsys) == []


def test_signs_that_would_end_a_property_or_the_line_are_escaped() -> None:
    error = AuthorError(
        "100% of a, b:\r\nc", code="template", place=Place(Path("/repository/a,b:c%.tex"), 3)
    )
    environment = {"GITHUB_WORKSPACE": "/repository"}
    assert annotations.error(error, Path("/repository"), environment) == (
        "::error title=solutionset,file=a%2Cb%3Ac%25.tex,line=3,col=1"
        "::error[template]: 100%25 of a, b:%0D%0Ac"
    )


def test_an_error_without_a_place_is_annotated_without_a_file() -> None:
    error = AuthorError("no place", code="find")
    assert annotations.error(error, Path("/x"), {}) == (
        "::error title=solutionset::error[find]: no place"
    )
