"""The table docs/formulas.md, made from the bench: `python -m tests.bench.table` writes it."""

from math import ceil, log10
from pathlib import Path

from solutionset.model import CheckedClaim
from tests.bench.collection import STATED, THEMES, checked

PATH = Path(__file__).parents[2] / "docs" / "formulas.md"
FLOOR = -14
ALL = {**THEMES, **STATED}
HEAD = """# Formulas derived and checked by the bench

Made by `python -m tests.bench.table`; a test checks that it is current. Every line of every
derivation is read back from its LaTeX and compared with the derivative of plain NumPy code. *Error*
is the largest relative error, rounded up to a power of ten, and 1e{floor} at least. *Mutants* are
wrong variants of the lines that were refused, out of all that are neither ill-typed nor equal to
the original.
"""
COLUMNS = "\n| name | result | steps | error | mutants |\n|---|---|---|---|---|\n"


def row(claim: CheckedClaim) -> str:
    """One formula as a row of the table."""
    verdict, score = claim.verdict, claim.verdict.mutants
    power = max(FLOOR, ceil(log10(verdict.worst_error))) if verdict.worst_error else FLOOR
    judged = score.killed + score.survived
    formula = claim.result.replace("|", r"\vert ")
    return (
        f"| {claim.name} | ${formula}$ | {verdict.steps} | 1e{power} | {score.killed}/{judged} |\n"
    )


def table(claims: dict[str, CheckedClaim]) -> str:
    """The whole page; `claims` holds the checked claim of each formula by name."""
    page = HEAD.format(floor=FLOOR)
    for theme, formulas in ALL.items():
        page += f"\n## {theme}\n" + COLUMNS + "".join(row(claims[f.name]) for f in formulas)
    return page


if __name__ == "__main__":
    PATH.write_text(
        table({f.name: checked(f) for formulas in ALL.values() for f in formulas}),
        encoding="utf-8",
    )
