"""Kills builds at random moments and compares what the next build makes with a clean build.

    python benchmarks/crashes.py [KILLS] [SEED]

The course is the example that `build.py new` writes, two problems of it, in three versions that
differ in a module and in a template. Each round changes the version, starts a build, kills it with
SIGKILL at a random moment (half of the time with all its workers, half of the time without), looks
at the PDF in place, and builds again. Exit status 1 if ever a PDF was not one of the good ones, or
a build after a kill made anything else than a clean one.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUILD = Path(__file__).resolve().parent.parent / "build.py"
VERSIONS = ("", "One.", "Two.")


def build(root: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start a build in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, BUILD, *arguments, "--root", root, "--plain"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: "subprocess.Popen[str]") -> None:
    """Wait for a build, which must succeed."""
    _, said = process.communicate()
    if process.returncode != 0:
        sys.exit(f"a build after a kill ended with {process.returncode}:\n{said}")


def outputs(root: Path, folder: str = "output") -> dict[str, bytes]:
    """Return the published files with their bytes, and the names of hidden leftovers."""
    top = root / folder
    paths = (path for path in top.rglob("*") if ".cache" not in path.parts and path.is_file())
    return {str(path.relative_to(top)): path.read_bytes() for path in paths}


def write_version(root: Path, number: int) -> None:
    """Write one version of the course."""
    for problem in ("one", "two"):
        for path in (root / f"problems/hw/{problem}.py", root / f"templates/hw/{problem}.tex"):
            original = path.with_name(f".{path.name}.original")
            if not original.exists():
                original.write_text(path.read_text("utf-8"), "utf-8")
            text = original.read_text("utf-8")
            if path.suffix == ".py":
                text += f"# {VERSIONS[number]}\n"
            else:
                head, end, tail = text.rpartition("%% endblock")
                text = f"{head}{VERSIONS[number]}\n{end}{tail}"
            path.write_text(text, "utf-8")


def main(kills: int, seed: int) -> int:
    """Run the rounds; return the exit status."""
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for problem in ("one", "two"):
            finish(build(root, "new", f"hw/{problem}"))
        clean = []
        for number in range(len(VERSIONS)):
            write_version(root, number)
            began = time.monotonic()
            finish(build(root, "--output", str(root / f"clean{number}")))
            duration = time.monotonic() - began
            clean.append(outputs(root, f"clean{number}"))
        good = {tree["hw.pdf"] for tree in clean}
        print(f"{len(good)} different PDFs; a clean build takes {duration:.1f} s")
        done = 0
        while done < kills:
            version = moments.randrange(len(VERSIONS))
            write_version(root, version)
            process = build(root)
            time.sleep(moments.uniform(0, duration))
            kill = os.killpg if moments.random() < 0.5 else os.kill
            if process.poll() is None:
                kill(process.pid, signal.SIGKILL)
                done += 1
            process.communicate()
            pdf = root / "output" / "hw.pdf"
            if pdf.exists() and pdf.read_bytes() not in good:
                print(f"kill {done}: a bad PDF is in place")
                return 1
            finish(build(root))
            if outputs(root) != clean[version]:
                names = {*outputs(root)} ^ {*clean[version]}
                print(f"kill {done}: not what a clean build makes {names or ''}")
                return 1
    print(f"{kills} kills of running builds: no bad PDF, all repaired")
    return 0


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(*(numbers + [200, 0][len(numbers) :])))
