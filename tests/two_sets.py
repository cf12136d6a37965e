"""A course of two sets with quick stages, and one build of it as a new process would make it."""

from pathlib import Path

from course import MODULE, Silence, Workshop, write_set

from solutionset.building.pipeline import BuildRequest, Outcome, build
from solutionset.building.targets import resolve
from solutionset.model import View


def two_sets(tmp_path: Path) -> Path:
    """A course: a set of two problems and a set of one."""
    write_set(tmp_path, "hw", resnet=MODULE, jacobians=MODULE)
    write_set(tmp_path, "dl", softmax=MODULE)
    return tmp_path


def run(
    root: Path,
    *targets: str,
    views: tuple[View, ...] = (View.SOLUTIONS,),
    force: bool = False,
    strict: bool = False,
    jobs: int = 1,
) -> tuple[Outcome, list[str]]:
    """Build as a new process would; return the outcome and what was done."""
    workshop = Workshop()
    request = BuildRequest(
        root, root / "output", resolve(targets, root), not targets, jobs, views, force, strict
    )
    outcome = build(request, Silence(), lambda moment: None, workshop.stages)
    return outcome, workshop.calls


def names(root: Path) -> list[str]:
    """The published files."""
    return sorted(path.name for path in (root / "output").iterdir() if path.name != ".cache")


def module(root: Path, name: str = "resnet") -> Path:
    return root / "problems" / "hw" / f"{name}.py"
