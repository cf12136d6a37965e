"""What PythonTeX and the notebook run for one problem: the same stages as our own build."""

import shutil
from pathlib import Path

from solutionset.building.conditions import SEEDS
from solutionset.building.context import figure_path
from solutionset.building.find import find_set
from solutionset.building.stages import Stages
from solutionset.model import View


def fragment(root: str, set_slug: str, problem: str, folder: str) -> str:
    """Solve, check, draw and render one problem; its figures go where its LaTeX names them.

    `folder` is where the document is typeset.
    """
    stages = Stages()
    entry = find_set(Path(root), set_slug)
    (chosen,) = (one for one in entry.problems if one.slug == problem)
    solved = stages.solve(stages.load(chosen))
    checked = stages.check(solved, chosen, entry, SEEDS)
    drawn = Path(folder) / "drawn" / problem
    drawn.mkdir(parents=True, exist_ok=True)
    illustrated = stages.draw(checked, solved, drawn)
    for figure in illustrated.figures:
        target = Path(folder) / figure_path(chosen, figure)
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(figure.file, target)
    templates, kept = Path(root) / "templates", Path(folder) / "compiled"
    return stages.render(illustrated, chosen, entry, View.SOLUTIONS, templates, kept).latex
