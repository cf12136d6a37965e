"""All formulas of the bench, theme by theme, and how one is checked."""

from solutionset.model import CheckedClaim, NotationChoice
from solutionset.notation.names import Naming
from solutionset.verification.bench import Bench
from solutionset.verification.claims import Derived
from solutionset.verification.derived import check_derived
from tests.bench import (
    attention,
    convolution,
    jacobians,
    layers,
    normalisation,
    recurrent,
    scalars,
)
from tests.bench.formula import Formula

THEMES: dict[str, tuple[Formula, ...]] = {
    "Layers": layers.FORMULAS,
    "Recurrent networks": recurrent.FORMULAS,
    "Attention": attention.FORMULAS,
    "Jacobians": jacobians.FORMULAS,
    "Scalars, inverses, determinants": scalars.FORMULAS,
    "Normalisation": normalisation.FORMULAS,
    "Convolution": convolution.FORMULAS,
}
FORMULAS: tuple[Formula, ...] = tuple(f for theme in THEMES.values() for f in theme)
SEEDS = (0, 1, 2)


def bench_for(claim: Derived) -> Bench:
    """A bench with the names of one claim's computation."""
    return Bench("bench", Naming(NotationChoice()), (claim.computation,), SEEDS)


def checked(formula: Formula) -> CheckedClaim:
    """Derive a formula and check it; raises `ClaimError` if a line is false or a mutant lives."""
    claim = formula.claim()
    return check_derived(claim, bench_for(claim), "")
