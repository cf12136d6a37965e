"""One pass of TeX from the dumped preamble, and an edit under `watch`, against bare pdflatex.

    python benchmarks/tex.py [passes] [count] [memory] [watch] [--rounds N] [--sets SET ...]

Works on a copy of this repository, as benchmarks/builds.py, whose remarks on CPU times hold here.
Every ratio is the median over pairs that were measured in turn. Exit status 1 if a goal is missed.
"""

import argparse
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from builds import PDFLATEX, PYTHON, Bench, Cost, Ratio, cost, sets_of

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from solutionset.building import formats, sandbox

WARM = 3  # passes after which references have settled
SHORT, SHORT_GOAL = 15, 0.70  # pages, ratio
MIDDLE, MIDDLE_GOAL = 45, 0.80
PATIENCE = 60.0


def passes(bench: Bench) -> list[Ratio]:
    """One warm pass, CPU and wall, of every document of every set."""
    bench.build("--view", "all")
    ratios = []
    for tex in sorted((bench.root / "output").glob("*.tex")):
        folder = bench.folder / "passes" / tex.stem
        plain, dumped = _folder(tex, folder / "plain"), _folder(tex, folder / "own")
        latex = tex.read_text("utf-8")
        (dumped / tex.name).write_text(formats.without_preamble(latex), "utf-8")
        made = _format(bench, latex)
        for _ in range(WARM):
            _bare(plain, tex.name)
            _ours(dumped, tex.name, made)
        cpu, wall = bench.medians(
            lambda p=plain, d=dumped, n=tex.name, m=made: _ratio(_ours(d, n, m), _bare(p, n))
        )
        pages = _pages(plain / f"{tex.stem}.log")
        goal = SHORT_GOAL if pages <= SHORT else MIDDLE_GOAL if pages <= MIDDLE else 1.0
        ratios.append(Ratio(f"{tex.stem}, {pages} pages: a pass / bare pdflatex, CPU", cpu, goal))
        ratios.append(Ratio("the same, wall", wall, 1.0))
    return ratios


def _folder(tex: Path, folder: Path) -> Path:
    shutil.copytree(tex.parent, folder, ignore=shutil.ignore_patterns(".cache", "*.pdf.json"))
    return folder


def _format(bench: Bench, latex: str) -> formats.Format:
    cache = bench.folder / "formats"
    made = formats.provide(latex, cache, sandbox.find_tex(), sandbox.DEFAULT_LIMITS)
    if made.file is None:
        sys.exit(made.remark or "the document has no mark for a format")
    return made


def _bare(folder: Path, name: str) -> Cost:
    return cost((*PDFLATEX, name), folder, dict(os.environ))


def _ours(folder: Path, name: str, made: formats.Format) -> Cost:
    command, settings = _command(folder, name, made)
    return cost(command, folder, settings)


def _command(
    folder: Path, name: str, made: formats.Format
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the command of a pass, but for bubblewrap, and its environment."""
    assert made.file is not None
    program = sandbox.find_tex()
    settings = sandbox.environment(program, folder) | {"TEXFORMATS": str(made.file.parent)}
    options = ("-interaction=nonstopmode", "-file-line-error", "-no-shell-escape", "-recorder")
    start = rf"\tracinglostchars=3 {made.start}\input{{{name}}}"
    jobname = f"-jobname={Path(name).stem}"
    return (str(program), f"-fmt={made.file.stem}", *options, jobname, start), settings


def _ratio(mine: Cost, base: Cost) -> tuple[float, float]:
    return mine.cpu / base.cpu, mine.wall / base.wall


def _pages(log: Path) -> int:
    written = re.search(r"Output written on .*? \((\d+) page", log.read_text("utf-8", "replace"))
    return int(written[1]) if written else 0


def count(bench: Bench) -> list[Ratio]:
    """Passes of a cold build, and of an edit that moves no label."""
    shutil.rmtree(bench.root / "output", ignore_errors=True)
    ratios = []
    for slug, number in _said_passes(bench).items():
        ratios.append(Ratio(f"{slug}: passes of a cold build", number, 3))
    for slug in sets_of(bench.root):
        with _Edited(bench, slug) as edited:
            edited.turn()
            number = _said_passes(bench)[slug]
            ratios.append(Ratio(f"{slug}: passes after an edit that moves no label", number, 1))
    return ratios


def _said_passes(bench: Bench) -> dict[str, int]:
    command = [PYTHON, "build.py", "--plain"]
    done = subprocess.run(
        command, cwd=bench.root, env=bench.environment, capture_output=True, text=True, check=True
    )
    found = re.findall(r"^(\w+) \(solutions\): \d+ pages?, (\d+) pass", done.stderr, re.MULTILINE)
    return {slug: int(number) for slug, number in found}


def memory(bench: Bench) -> list[Ratio]:
    """The most that a pass holds, of all documents of all sets."""
    bench.build("--view", "all")
    most = 0
    for tex in sorted((bench.root / "output").glob("*.tex")):
        folder = _folder(tex, bench.folder / "memory" / tex.stem)
        latex = tex.read_text("utf-8")
        (folder / tex.name).write_text(formats.without_preamble(latex), "utf-8")
        command, settings = _command(folder, tex.name, _format(bench, latex))
        process = subprocess.Popen(command, cwd=folder, env=settings, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{command}: exit status {process.returncode}")
        most = max(most, used.ru_maxrss * 1024)
    return [Ratio("memory of the largest pass, MB", most / 10**6, 80)]


class _Edited:
    """A template in which a word of the solution is turned round and back: no label moves."""

    def __init__(self, bench: Bench, slug: str) -> None:
        for template in sorted((bench.root / "templates" / slug).glob("[a-z]*.tex")):
            text = template.read_text("utf-8")
            begin = text.find("%% block solution")
            word = re.compile(r"^[A-Z][a-z ,]+\b(the) [a-z ,]+", re.MULTILINE).search(text, begin)
            if begin >= 0 and word:
                break
        else:
            sys.exit(f"no template of {slug} has a sentence to edit")
        self.template, self.text = template, text
        at = word.start(1)
        self.texts = [f"{text[:at]}{turned}{text[at + 3 :]}" for turned in ("hte", "the")]

    def __enter__(self) -> "_Edited":
        return self

    def __exit__(self, *error: object) -> None:
        self.template.write_text(self.text, "utf-8")

    def turn(self) -> None:
        """Save the template with the word turned round."""
        self.template.write_text(self.texts[0], "utf-8")
        self.texts.reverse()


def watch(bench: Bench) -> list[Ratio]:
    """From the save of a template to the new PDF, wall."""
    bench.build()
    command = [PYTHON, "build.py", "watch", "--plain"]
    ratios = []
    with subprocess.Popen(
        command, cwd=bench.root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        try:
            _wait_for(process, b"watching")
            for slug in sets_of(bench.root):
                ratios.append(_watched(bench, slug, process))
        finally:
            process.kill()
    return ratios


def _watched(bench: Bench, slug: str, process: subprocess.Popen[bytes]) -> Ratio:
    pdf = bench.root / "output" / f"{slug}.pdf"
    plain = _folder(bench, pdf.with_suffix(".tex"), bench.folder / "watch" / slug)
    for _ in range(WARM):
        _bare(plain, f"{slug}.tex")

    with _Edited(bench, slug) as edited:

        def pair() -> tuple[float, ...]:
            base = _bare(plain, f"{slug}.tex").wall
            before, began = pdf.stat().st_ino, time.monotonic()
            edited.turn()
            while pdf.stat().st_ino == before:
                if time.monotonic() - began > PATIENCE:
                    sys.exit(f"no new PDF of {slug}")
                time.sleep(0.001)
            seconds = time.monotonic() - began
            _wait_for(process, b"done in")
            return seconds / base, seconds

        pair()  # the first edit may find old notes
        ratio, seconds = (
            median(column) for column in zip(*[pair() for _ in range(bench.rounds)], strict=True)
        )
    _wait_for(process, b"done in")  # with the text as it was
    pages = _pages(plain / f"{slug}.log")
    what = f"{slug}, {pages} pages: edit to PDF ({seconds:.2f} s) / one bare pass, wall"
    return Ratio(what, ratio, 1.2)


def _wait_for(process: subprocess.Popen[bytes], words: bytes) -> None:
    assert process.stderr is not None
    said, deadline = b"", time.monotonic() + PATIENCE
    while words not in said:
        ready, _, _ = select.select([process.stderr], [], [], deadline - time.monotonic())
        more = os.read(process.stderr.fileno(), 1 << 16) if ready else b""
        if not more:
            sys.exit(f"waited in vain for {words.decode()} after: {said.decode()}")
        said += more


PARTS = {part.__name__: part for part in (passes, count, memory, watch)}


def main() -> int:
    """Print the ratios; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--sets", nargs="+", default=[], help="only these (default: all)")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    options = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.rounds, options.sets)
        for name in options.parts or PARTS:
            for ratio in PARTS[name](bench):
                missed |= ratio.value > ratio.goal
                print(f"| {ratio.what} | {ratio.value:.2f} | {ratio.goal:g} |", flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
