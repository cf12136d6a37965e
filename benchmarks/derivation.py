"""Times of the bench of formulas as ratios in one run, and its memory.

    python benchmarks/derivation.py

Deriving a formula is measured against importing SymPy in a fresh process, checking it with all its
mutants against its own derivation (drawing the points is shared by all claims of a problem and
shown apart). All times are CPU times; of several repetitions the median counts. Exit status 1 if a
goal is missed.
"""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from solutionset.verification.derived import check_derived
from tests.bench.collection import FORMULAS, bench_for
from tests.bench.formula import Formula

DERIVATION_GOAL = 1.0
CHECK_GOAL = 20.0
MEMORY_GOAL_MB = 300
IMPORT = "import time; t = time.process_time(); import sympy; print(time.process_time() - t)"


def cpu_time(action: Callable[[], object], times: int) -> float:
    """The median CPU time of several runs, in seconds."""
    durations = []
    for _ in range(times):
        start = time.process_time()
        action()
        durations.append(time.process_time() - start)
    return statistics.median(durations)


def import_time() -> float:
    """The median CPU time to import SymPy in a fresh process, in seconds."""
    command = [sys.executable, "-c", IMPORT]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(5)]
    return statistics.median(float(run.stdout) for run in runs)


def measured(formula: Formula) -> tuple[float, float, float]:
    """CPU seconds to derive a formula, to draw its points, and to check it."""
    derivation = cpu_time(formula.claim, 9)
    claim = formula.claim()
    bench = bench_for(claim)
    points = cpu_time(lambda: bench.points(claim.computation), 1)
    return derivation, points, cpu_time(lambda: check_derived(claim, bench, ""), 5)


def main() -> int:
    """Print the table and say whether the goals are met."""
    reference = import_time()
    missed: list[str] = []
    print(f"importing SymPy takes {1000 * reference:.0f} ms\n")
    print(f"{'formula':24}{'derive':>10}{'/import':>9}{'points':>10}{'check':>10}{'/derive':>9}")
    for formula in FORMULAS:
        derivation, points, check = measured(formula)
        ratios = derivation / reference, check / derivation
        print(
            f"{formula.name:24}{1000 * derivation:8.1f}ms{ratios[0]:9.3f}"
            f"{1000 * points:8.0f}ms{1000 * check:8.0f}ms{ratios[1]:9.1f}"
        )
        if ratios[0] >= DERIVATION_GOAL or ratios[1] >= CHECK_GOAL:
            missed.append(formula.name)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory {memory:.0f} MB, goal {MEMORY_GOAL_MB} MB")
    print(f"goals missed by: {', '.join(missed) or 'none'}")
    return 1 if missed or memory >= MEMORY_GOAL_MB else 0


if __name__ == "__main__":
    sys.exit(main())
