"""The same inputs give the same bytes: anywhere, under any hash seed, with any number of jobs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
FIGURE = '''

def numbers(rng):
    """Points of a parabola, and noise."""
    xs = np.linspace(0.0, 1.0, 20)
    return xs, xs**2 + 0.1 * rng.standard_normal(20)


def plot(axes, data):
    axes.plot(*data, label="a parabola")
    axes.set_xlabel("$x$")
    axes.set_ylabel("$x^2$")
    axes.legend()


'''


def build(root: Path, *arguments: str, **environment: str) -> None:
    """Run a command in a process of its own, with more in its environment."""
    done = subprocess.run(
        [sys.executable, REPOSITORY / "build.py", *arguments, "--root", root],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def course(root: Path) -> Path:
    """Two problems, one of them with a figure."""
    root.mkdir()
    for name in ("hw/first", "hw/second"):
        build(root, "new", name)
    module, template = root / "problems/hw/first.py", root / "templates/hw/first.tex"
    text = module.read_text("utf-8")
    text = text.replace("from solutionset", "import numpy as np\n\nfrom solutionset", 1)
    text = text.replace("    Computation,\n", "    Computation,\n    Figure,\n", 1)
    text = text.replace("\n\ndef solve", f"{FIGURE}def solve", 1)
    words = 'alt="points on a parabola", caption="A parabola."'
    figures = f'        figures=(Figure("parabola", plot, numbers, {words}),),\n'
    text = text.replace("        instances=(", f"{figures}        instances=(", 1)
    module.write_text(text, "utf-8")
    text = template.read_text("utf-8")
    text = text.replace(" import ", " import figure, ", 1)
    head, end, tail = text.rpartition("%% endblock")
    template.write_text(f"{head}\\VAR{{figure(figures.parabola)}}\n{end}{tail}", "utf-8")
    return root


def published(root: Path) -> dict[str, bytes]:
    """Every published file with its bytes."""
    top = root / "output"
    files = [path for path in top.rglob("*") if path.is_file() and ".cache" not in path.parts]
    return {str(path.relative_to(top)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one build makes."""
    root = course(tmp_path_factory.mktemp("one") / "course")
    build(root, "--jobs", "1", PYTHONHASHSEED="1", TZ="UTC")
    return published(root)


def test_a_build_publishes_pdf_tex_ledger_and_figures(first: dict[str, bytes]) -> None:
    assert sorted(first) == ["hw-figures/first-parabola.pdf", "hw.json", "hw.pdf", "hw.tex"]


def test_another_folder_hash_seed_time_zone_and_number_of_jobs_give_the_same_bytes(
    first: dict[str, bytes], tmp_path: Path
) -> None:
    root = course(tmp_path / "elsewhere with a longer name")
    taste = tmp_path / "matplotlibrc"
    taste.write_text("lines.linestyle: --\nsavefig.bbox: tight\ntimezone: Asia/Tokyo\n", "utf-8")
    build(
        root,
        *("--jobs", "2"),
        PYTHONHASHSEED="2",
        TZ="Asia/Tokyo",
        SOURCE_DATE_EPOCH="1",
        LC_ALL="C",
        OPENBLAS_NUM_THREADS="4",
        MPLBACKEND="qtagg",
        MATPLOTLIBRC=str(taste),
    )
    assert published(root) == first


def test_a_build_step_by_step_ends_at_the_same_bytes(
    first: dict[str, bytes], tmp_path: Path
) -> None:
    root = course(tmp_path / "course")
    module = root / "problems/hw/first.py"
    text = module.read_text("utf-8")
    module.write_text(text.replace("20", "30"), "utf-8")
    build(root)
    assert published(root) != first
    module.write_text(text, "utf-8")
    build(root)
    assert published(root) == first
