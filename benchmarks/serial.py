"""The work of a build but for TeX, one problem after another in one process: the measure of builds.

    python benchmarks/serial.py ROOT OUTPUT [draw|check] [SET/PROBLEM ...]

Prints a line of JSON: the wall time of each problem, of the imports, and the CPU time of it all.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def main(root: Path, output: Path, work: str, wanted: list[str]) -> None:
    """Solve, check and, if `work` says so, draw; nothing is stored."""
    began = time.monotonic()
    from solutionset.building.find import find
    from solutionset.building.stages import Stages

    stages = Stages()
    stages.prepare()
    seconds = {"imports": time.monotonic() - began}
    for entry in find(root):
        for problem in entry.problems:
            if wanted and problem.name not in wanted:
                continue
            began = time.monotonic()
            solved = stages.solve(stages.load(problem))
            checked = stages.check(solved, problem, entry, (0, 1, 2))
            if work == "draw":
                folder = output / problem.name
                folder.mkdir(parents=True, exist_ok=True)
                stages.draw(checked, solved, folder)
            seconds[problem.name] = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"seconds": seconds, "cpu": used.ru_utime + used.ru_stime}))


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]), sys.argv[3], sys.argv[4:])
