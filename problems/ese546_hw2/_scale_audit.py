"""What the sheet states in answer 3: the errata, and the audit of every sentence."""

from solutionset.authoring import AuditRow, Erratum

ERRATA = (
    Erratum(
        name="factors", question="003.3.a", where="3.a, last line",
        kind="ambiguous", claim="odd",
        sheet_says="By scale invariance the gradient at $\\lambda x$ is that at $x$ divided by "
        "$\\lambda$, for every $\\lambda$ but zero.",
        correct="Right for the factors under which the function is invariant, and the sheet does "
        "not print which these are: in its example all but zero. Functions of the direction, such "
        "as losses of weights in front of batch normalisation, are invariant under positive "
        "factors only, unless they are even.",
        evidence="A function of the direction and the factor minus one: the rule has the wrong "
        "sign.",
    ),
    Erratum(
        name="equation", question="003.3.a", where="3.a, before equation (2)",
        kind="notation", claim="chain_rule",
        sheet_says="Equation (3) is rewritten.",
        correct="It is equation (1), the difference quotient.",
        evidence="The change of variable is made in the difference quotient.",
    ),
    Erratum(
        name="point", question="003.3.b", where="3.b, last line of the derivative",
        kind="false", claim="middle_line",
        sheet_says="The derivative at zero contains the gradient at $x$, divided by the length.",
        correct="Divided by the length once more, it must be the gradient at $u$. The result "
        "below that line has it right.",
        evidence="With the gradient at $x$ the error is of first order, with that at $u$ of "
        "second.",
    ),
    Erratum(
        name="any", question="003.3.b", where="3.b, third remark", kind="ambiguous",
        claim="factors",
        sheet_says="Scale invariance holds for any factor.",
        correct="For any of those that the definition allows, also if they depend on $x$: so "
        "the remark is right, since one over the length is positive. Taken word for "
        "word it is not: never for zero, and for negative factors only if the function is even.",
        evidence="The theorem on the exact set of factors, and the function that is not even.",
    ),
    Erratum(
        name="reparametrised", question="003.3.b", where="3.b, fourth remark", kind="false",
        claim="tangential",
        sheet_says="In the formula that the chain rule gives, the last gradient is that of a "
        "reparametrised function, and not the gradient of the function itself at $u$.",
        correct="It is the gradient of the function itself at $u$. That the function equals itself "
        "after normalising is scale invariance, so the chain rule applies to the function itself. "
        "Another extension from the sphere may have another gradient at $u$, but differs along $u$ "
        "only, and the projection removes that. Only without invariance is the warning right.",
        evidence="The formula is checked with either gradient; for the squared length, which is "
        "not invariant, it fails.",
    ),
)

def _row(part, where, statement, verdict, claim="", reason=""):
    return AuditRow(f"003.3.{part}", f"3.{part}, {where}", statement, verdict, claim, reason)


AUDIT = (
    _row("a", "example", "The quotient of two coordinates is scale invariant.", "holds",
         "ratio_x1", "for every factor but zero, where the first coordinate is not zero"),
    _row("a", "example", "Its gradient is as printed.", "holds", "ratio_x1"),
    _row("a", "example", "Evaluated at a multiple it shows the relation.", "holds",
         "ratio_x2", "for negative factors too"),
    _row("a", "two readings", "The gradient at a multiple may be read as the gradient "
         "function evaluated there.", "holds", "scaling"),
    _row("a", "equation (1)", "Or as the limit of difference quotients there.", "holds",
         "chain_rule"),
    _row("a", "change of variable", "The quotient of increment and factor tends to zero "
         "with the increment.", "holds", "chain_rule", "the factor is fixed and not zero"),
    _row("a", "change of variable", "Equation (3) is rewritten.", "gap", "chain_rule",
         "equation (1) is"),
    _row("a", "equation (2)", "This brings out one over the factor.", "holds",
         "chain_rule"),
    _row("a", "last line", "By scale invariance the gradient at a multiple is the "
         "gradient divided by the factor.", "gap", "factors",
         "for the factors under which the function is invariant; which, is not printed"),
    _row("b", "equation (3)", "Divide by the length of the next point.", "holds",
         "growth", "it is never zero"),
    _row("b", "text", "For small rates the denominator is close to the old length.",
         "holds", "growth", "up to second order"),
    _row("b", "text", "The right side is its value at zero, plus the derivative times "
         "the rate, plus second order.", "holds", "any_step"),
    _row("b", "value at zero", "It is the old direction.", "holds", "any_step"),
    _row("b", "derivative", "First form, by the chain rule.", "holds", "any_step"),
    _row("b", "derivative", "Second form, with the gradient at the old point over the "
         "length.", "false", "middle_line", "the gradient at the direction belongs there"),
    _row("b", "result", "The direction moves by the rate over the squared length, times "
         "the projected gradient at the direction, up to second order.", "holds",
         "first_order"),
    _row("b", "first remark", "One may expand in the point instead of the rate.",
         "holds", "any_step", "the same computation"),
    _row("b", "second remark", "The matrix projects onto what is orthogonal to the "
         "direction.", "holds", "kernel", "which has one dimension less than the space"),
    _row("b", "third remark", "Part (a) applies although the factor depends on the "
         "point.", "holds", "at_direction", "it is a statement about each point"),
    _row("b", "third remark", "Invariance holds for any factor.", "gap",
         "factors", "for any that the definition allows; never for zero"),
    _row("b", "third remark", "First the gradient is taken, then it is evaluated.",
         "holds", "named"),
    _row("b", "third remark", "The example shows it with a factor that depends on the "
         "point.", "holds", "example_formula"),
    _row("b", "fourth remark", "The derivative of a composition has the inner "
         "derivative as a factor.", "holds", "chain_rule"),
    _row("b", "fourth remark", "A derivative in the new variable is that of the function "
         "after the inverse substitution.", "gap", "kernel",
         "normalising has no inverse, since it forgets the length"),
    _row("b", "fourth remark", "The displayed formula for the gradient.", "holds",
         "through_direction"),
    _row("b", "fourth remark", "The projection equals its square.", "holds",
         "idempotent"),
    _row("b", "fourth remark", "The last gradient of the formula is not that of the "
         "function at the direction.", "false", "tangential",
         "it is; the formula holds with that of any extension from the sphere, too"),
    _row("b", "remarks", "What many students claimed, and what was asked in the office "
         "hours.", "not-decidable", "", "no record of it is at hand"),
)
