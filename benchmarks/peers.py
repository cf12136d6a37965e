"""The same set made by this program, by PythonTeX and by a notebook through nbconvert.

    python benchmarks/peers.py [SET] [--jupyter PROGRAM]

Wall and CPU seconds of a cold build, of a build with nothing to do, and of one after a problem's
module has changed. PythonTeX, latexmk, and jupyter with nbconvert, ipykernel and what our engine
needs must be installed, as README.md says; nothing else needs them. The peers run the very stages
of our build (`equivalents/work.py`); what they leave out is the ledger and its pages.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
sys.path[:0] = [str(REPOSITORY), str(HERE)]

from equivalents import documents  # noqa: E402

from solutionset.building.find import find_set  # noqa: E402

LATEX = ("pdflatex", "-interaction=batchmode", "-halt-on-error", "main.tex")
LATEXMK = ("latexmk", "-pdf", "-silent", "-halt-on-error", "main.tex")
COMMENT = "\n# changed\n"


class Course:
    """A copy of one set, whose problems may be changed, and the folders in which it is made."""

    def __init__(self, folder: Path, set_slug: str, jupyter: str) -> None:
        self.folder = folder
        self.set_slug = set_slug
        self.jupyter = jupyter
        self.root = folder / "course"
        for part in ("problems", "templates"):
            source = REPOSITORY / part / set_slug
            shutil.copytree(source, self.root / part / set_slug)
        for frame in (REPOSITORY / "templates").glob("*.tex"):
            shutil.copy(frame, self.root / "templates")
        self.problems = tuple(one.slug for one in find_set(self.root, set_slug).problems)
        self.output = folder / "ours"

    def change(self) -> None:
        """Change the module of the first problem by a comment that says nothing."""
        module = self.root / "problems" / self.set_slug / f"{self.problems[0]}.py"
        module.write_text(module.read_text() + COMMENT)

    def ours(self) -> None:
        """Our own build."""
        run(REPOSITORY, sys.executable, "build.py", "--root", str(self.root), "--output",
            str(self.output), "--plain")  # fmt: skip

    def preamble(self) -> str:
        """All that stands before the text of our own document."""
        latex = (self.output / f"{self.set_slug}.tex").read_text()
        return latex.partition("\\begin{document}")[0]

    def pythontex(self, *, one: bool) -> Callable[[], None]:
        """Return how PythonTeX makes the document, in one session or in one a problem."""
        folder = self.folder / ("one-session" if one else "sessions")
        folder.mkdir()
        text = documents.pythontex(
            self.preamble(), self.root, self.set_slug, self.problems, folder, one=one
        )
        (folder / "main.tex").write_text(text)

        def make() -> None:
            if not (folder / "main.pytxcode").exists():
                run(folder, *LATEX)
            before = signature(folder)
            run(folder, "pythontex", "--interpreter", f"python:{sys.executable}", "main.tex")
            if signature(folder) != before:
                run(folder, *LATEXMK)

        return make

    def notebook(self) -> Callable[[], None]:
        """Return how nbconvert makes the document."""
        folder = self.folder / "notebook"
        template = folder / "templates" / "solutions"
        template.mkdir(parents=True)
        cells = (HERE / "equivalents" / "notebook.tex.j2").read_text()
        (template / "index.tex.j2").write_text(documents.notebook_template(self.preamble(), cells))
        (template / "conf.json").write_text('{"base_template": "base"}')
        text = documents.notebook(self.root, self.set_slug, self.problems, folder)
        (folder / "main.ipynb").write_text(text)

        def make() -> None:
            run(folder, self.jupyter, "nbconvert", "--execute", "--to", "latex",
                "--log-level=ERROR", "--template", "solutions",
                "--TemplateExporter.extra_template_basedirs=templates", "main.ipynb")  # fmt: skip
            run(folder, *LATEXMK)

        return make


def signature(folder: Path) -> list[tuple[str, bytes]]:
    """What PythonTeX wrote for LaTeX to read."""
    files = sorted(folder.glob("pythontex-files-main/*.stdout"))
    return [(file.name, file.read_bytes()) for file in files]


def run(folder: Path, *command: str) -> None:
    """Run a program that must succeed."""
    paths = os.pathsep.join((str(REPOSITORY), str(HERE / "equivalents")))
    environment = os.environ | {"PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def timed(action: Callable[[], None]) -> tuple[float, float]:
    """The wall and CPU seconds of an action, children included."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    action()
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Print a row for each program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set_slug", nargs="?", default="math5490_hw6", metavar="SET")
    parser.add_argument("--jupyter", default="jupyter")
    chosen = parser.parse_args()
    print(f"{'':28}{'cold':>14}{'nothing to do':>16}{'one changed':>14}   wall/CPU seconds")
    with tempfile.TemporaryDirectory() as folder:
        course = Course(Path(folder), chosen.set_slug, chosen.jupyter)
        for name, prepare in {
            "this program": lambda: course.ours,
            "PythonTeX, one session": lambda: course.pythontex(one=True),
            "PythonTeX, one a problem": lambda: course.pythontex(one=False),
            "nbconvert": course.notebook,
        }.items():
            make = prepare()
            cold, again = timed(make), timed(make)
            course.change()
            cells = "".join(f"{f'{w:.2f}/{c:.2f}':>15}" for w, c in (cold, again, timed(make)))
            print(f"{name:28}{cells}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
