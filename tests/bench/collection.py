"""All formulas of the bench, theme by theme, and how one is checked."""

from solutionset.model import CheckedClaim, NotationChoice
from solutionset.notation.names import Naming
from solutionset.verification.bench import Bench
from solutionset.verification.claims import Chain, Derived
from solutionset.verification.derived import check_derived
from solutionset.verification.relations import check_chain
from tests.bench import (
    attention,
    convolution,
    jacobians,
    kronecker,
    layers,
    normalisation,
    recurrent,
    scalars,
)
from tests.bench.formula import Formula, Stated

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
STATED: dict[str, tuple[Stated, ...]] = {"Kronecker products": kronecker.FORMULAS}
SEEDS = (0, 1, 2)


def bench_for(claim: Derived | Chain) -> Bench:
    """A bench with the names of one claim's computation."""
    return Bench("bench", Naming(NotationChoice()), (claim.computation,), SEEDS)


def checked(formula: Formula | Stated) -> CheckedClaim:
    """Derive a formula and check it; raises `ClaimError` if a line is false or a mutant lives."""
    claim = formula.claim()
    if isinstance(claim, Chain):
        return check_chain(claim, bench_for(claim), "")
    return check_derived(claim, bench_for(claim), "")
