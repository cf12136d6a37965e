"""What the tests of claims share: a problem made on the spot, checked as the build would."""

from pathlib import Path

from solutionset.authoring import Problem, Solution
from solutionset.model import CheckedClaim, CheckedSolution, Entry, NotationChoice, SetConfig
from solutionset.verification.checking import check

CONFIG = SetConfig(
    title="Test",
    course="Test",
    author="Test",
    date="2026",
    language="en",
    licence="CC0",
    source="Test",
    problems=("problem",),
    notation=NotationChoice(),
)
ENTRY = Entry("set", "problem", Path("problem.py"), Path("problem.tex"))


def checked_solution(solution: Solution, seeds: tuple[int, ...] = (0, 1, 2)) -> CheckedSolution:
    """Check a whole solution."""
    problem = Problem(title="Test", question="1", source="Test", solve=lambda: solution)
    return check(problem, ENTRY, CONFIG, seeds)


def checked(*claims: object, seeds: tuple[int, ...] = (0, 1, 2)) -> CheckedClaim:
    """Check claims and return the last of them."""
    return checked_solution(Solution(claims=tuple(claims)), seeds).claims[-1]  # type: ignore[arg-type]
