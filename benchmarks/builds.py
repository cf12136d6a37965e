"""What builds cost, as ratios to what cannot be avoided, each pair taken in one run.

    python benchmarks/builds.py [nothing] [many] [cold] [problem] [text] [check] [--rounds N]
                                [--sets SET ...]

Works on a copy of this repository. CPU times are those of the process and all its children; TeX is
run without bubblewrap, as the time of a process in a name space of its own is not handed back.
Exit status 1 if a goal is missed.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

REPOSITORY = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
TEX_PROGRAMS = ("pdflatex", "pdftex", "kpsewhich")
LATEXMK = ("latexmk", "-pdf", "-interaction=nonstopmode", "-halt-on-error", "-silent")
PDFLATEX = ("pdflatex", "-interaction=nonstopmode", "-halt-on-error")


@dataclass(frozen=True)
class Cost:
    """Seconds of CPU and of wall time."""

    cpu: float
    wall: float

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.cpu + other.cpu, self.wall + other.wall)


@dataclass(frozen=True)
class Ratio:
    """One measured ratio and its goal."""

    what: str
    value: float
    goal: float


def cost(command: tuple[object, ...], folder: Path, environment: dict[str, str]) -> Cost:
    """Run a command, which must succeed, and return what it cost."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,
    )
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{command}: {done.stdout.decode()}{done.stderr.decode()}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, wall)


class Bench:
    """A copy of the repository to build in."""

    def __init__(self, folder: Path, rounds: int, sets: list[str]) -> None:
        self.folder = folder
        self.rounds = rounds
        self.root = folder / "course"
        for part in ("build.py", "solutionset", "problems", "templates"):
            source = REPOSITORY / part
            copy = shutil.copytree if source.is_dir() else shutil.copy
            self.root.mkdir(exist_ok=True)
            copy(source, self.root / part)
        for slug in sets_of(self.root):
            if sets and slug not in sets:
                shutil.rmtree(self.root / "problems" / slug)
                shutil.rmtree(self.root / "templates" / slug)
        self.environment = os.environ | {"PATH": str(self._programs())}

    def _programs(self) -> Path:
        """Return a folder with TeX and nothing else."""
        programs = self.folder / "programs"
        programs.mkdir()
        for name in TEX_PROGRAMS:
            found = shutil.which(name)
            if found is None:
                sys.exit(f"{name} is not installed")
            (programs / name).symlink_to(found)
        return programs

    def build(self, *arguments: object, root: Path | None = None) -> Cost:
        """Build in the copy."""
        command = (PYTHON, "build.py", *arguments)
        return cost(command, root or self.root, self.environment)

    def serial(self, work: str, *problems: str) -> tuple[Cost, dict[str, float]]:
        """Run the baseline script; return its cost and the seconds of each problem."""
        script = REPOSITORY / "benchmarks/serial.py"
        command = (PYTHON, script, self.root, self.folder / "serial", work, *problems)
        began = time.monotonic()
        done = subprocess.run(
            [str(p) for p in command], env=self.environment, capture_output=True, check=True
        )
        table = json.loads(done.stdout.splitlines()[-1])
        return Cost(table["cpu"], time.monotonic() - began), table["seconds"]

    def tex(self, slug: str, program: tuple[str, ...], *, clean: bool) -> Cost:
        """Run a TeX program on the published `.tex` of a set, in a folder of its own."""
        folder = self.folder / f"tex-{slug}"
        if clean:
            shutil.rmtree(folder, ignore_errors=True)
        output = self.root / "output"
        for name in (f"{slug}.tex", f"{slug}-figures"):
            if (output / name).is_dir():
                shutil.copytree(output / name, folder / name, dirs_exist_ok=True)
            elif (output / name).exists():
                folder.mkdir(exist_ok=True)
                shutil.copy(output / name, folder / name)
        return cost((*program, f"{slug}.tex"), folder, dict(os.environ))

    def medians(self, pair: Callable[[], tuple[float, ...]]) -> tuple[float, ...]:
        """Return the medians of the ratios that `pair` measures once a round."""
        pairs = [pair() for _ in range(self.rounds)]
        return tuple(median(column) for column in zip(*pairs, strict=True))


def sets_of(root: Path) -> list[str]:
    """Return the sets of a course."""
    return sorted(path.parent.name for path in (root / "problems").glob("*/set.toml"))


def _nothing(bench: Bench, root: Path) -> float:
    bench.build(root=root)
    time.sleep(2.5)
    bench.build(root=root)

    def pair() -> float:
        floor = cost((PYTHON, "-c", "pass"), root, bench.environment)
        return bench.build(root=root).cpu / floor.cpu

    return median(pair() for _ in range(max(bench.rounds, 21)))


def nothing(bench: Bench) -> list[Ratio]:
    """Nothing to do, the sets of the repository."""
    return [Ratio("nothing to do / python -c pass", _nothing(bench, bench.root), 1.5)]


def many(bench: Bench) -> list[Ratio]:
    """Nothing to do with 300 problems in 30 sets."""
    root = bench.folder / "many"
    root.mkdir()
    for part in ("build.py", "solutionset", "templates"):
        source = bench.root / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, root / part)
    for folder in (root / "templates").iterdir():
        if folder.is_dir() and not folder.name.startswith("_"):
            shutil.rmtree(folder)
    for number in range(300):
        bench.build("new", f"set{number // 10}/problem{number % 10}", root=root)
    return [Ratio("nothing to do, 300 problems / python -c pass", _nothing(bench, root), 2.5)]


def cold(bench: Bench) -> list[Ratio]:
    """A cold build of everything against serial work and latexmk."""
    bench.build()

    def pair() -> tuple[float, ...]:
        base, _ = bench.serial("draw")
        for slug in sets_of(bench.root):
            base += bench.tex(slug, LATEXMK, clean=True)
        shutil.rmtree(bench.root / "output")
        mine = bench.build()
        return mine.cpu / base.cpu, mine.wall / base.wall

    cpu, wall = bench.medians(pair)
    profile = bench.folder / "profile.json"
    bench.build("--force", "--profile", profile)
    memory = json.loads(profile.read_text())["memory_mb"]
    return [
        Ratio("cold build / serial work + latexmk, CPU", cpu, 1.25),
        Ratio("the same, wall", wall, 0.85),
        Ratio("memory of the largest process, MB", memory, 300),
    ]


def problem(bench: Bench) -> list[Ratio]:
    """One problem changed so that its pages change, in a fresh process."""
    bench.build()
    ratios = []
    for module in sorted((bench.root / "problems").glob("*/[a-z]*.py")):
        name, slug = f"{module.parent.name}/{module.stem}", module.parent.name
        text = module.read_text("utf-8")
        at = text.index('title="') + len('title="')
        counter = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 2)
        bench.tex(slug, LATEXMK, clean=True)

        def pair(text=text, at=at, counter=counter, module=module, name=name, slug=slug):
            base, _ = bench.serial("draw", name)
            base += bench.tex(slug, PDFLATEX, clean=False)
            module.write_text(f"{text[:at]}{next(counter)} {text[at:]}", "utf-8")
            mine = bench.build()
            return mine.cpu / base.cpu, mine.wall / base.wall

        ratios.append(bench.medians(pair))
        module.write_text(text, "utf-8")
        bench.build()
    cpu, wall = (median(column) for column in zip(*ratios, strict=True))
    return [
        Ratio("one problem changed / its serial work + one pass, CPU", cpu, 1.15),
        Ratio("the same, wall", wall, 1.15),
    ]


def text(bench: Bench) -> list[Ratio]:
    """A sentence added to a template."""
    bench.build()
    ratios = []
    for template in sorted((bench.root / "templates").glob("*/[a-z]*.tex")):
        slug, before = template.parent.name, template.read_text("utf-8")
        if slug not in sets_of(bench.root):
            continue
        head, end, tail = before.rpartition("%% endblock")
        counter = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 2)
        bench.tex(slug, LATEXMK, clean=True)

        def pair(parts=(head, end, tail), counter=counter, template=template, slug=slug):
            base = cost((PYTHON, "-c", "import jinja2"), bench.root, bench.environment)
            base += bench.tex(slug, PDFLATEX, clean=False)
            head, end, tail = parts
            template.write_text(f"{head}The letter {next(counter)}.\n{end}{tail}", "utf-8")
            mine = bench.build()
            return mine.cpu / base.cpu, mine.wall / base.wall

        ratios.append(bench.medians(pair))
        template.write_text(before, "utf-8")
        bench.build()
    cpu, wall = (median(column) for column in zip(*ratios, strict=True))
    return [
        Ratio("text edited / import jinja2 + one pass, CPU", cpu, 1.5),
        Ratio("the same, wall", wall, 1.5),
    ]


def check(bench: Bench) -> list[Ratio]:
    """`check` of all sets against the sum of its problems one after another."""

    def pair() -> tuple[float, ...]:
        _, seconds = bench.serial("check")
        return (bench.build("check").wall / sum(seconds.values()),)

    return [Ratio("check / serial sum of its problems, wall", bench.medians(pair)[0], 0.6)]


Part = Callable[[Bench], list[Ratio]]
PARTS = {part.__name__: part for part in (nothing, many, cold, problem, text, check)}


def run(parts: dict[str, Part], description: str | None, rounds: int) -> int:
    """Print the ratios of the parts that the command line names; return the exit status."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--sets", nargs="+", default=[], help="only these (default: all)")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(parts))
    options = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.rounds, options.sets)
        for name in options.parts or parts:
            for ratio in parts[name](bench):
                missed |= ratio.value > ratio.goal
                print(f"| {ratio.what} | {ratio.value:.2f} | {ratio.goal:g} |", flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(run(PARTS, __doc__, rounds=5))
