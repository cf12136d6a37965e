"""What sheet 002 states in question 5.a, and its errata."""

from solutionset.authoring import AuditRow, Erratum

HESSIAN_ERRATA = (
    Erratum(
        name="positive", question="002.5.a", where="5.a, question and heading",
        sheet_says="The Hessian at a local minimum has only positive eigenvalues.",
        correct="At an interior local minimum where the function is twice differentiable, the "
        "Hessian has no negative eigenvalues; any of them may be zero.",
        kind="false",
        evidence="A fourth power, whose only eigenvalue at its minimum is zero.",
        claim="flat",
    ),
    Erratum(
        name="hypotheses", question="002.5.a", where="5.a, question",
        sheet_says="Nothing is assumed of the function and of the point.",
        correct="The point must be in the interior of the domain, and the gradient must be "
        "differentiable there. That the second partial derivatives exist is not enough.",
        kind="gap",
        evidence="A strict minimum whose symmetric matrix of second partial derivatives has the "
        "eigenvalue $-3$.",
        claim="negative",
    ),
    Erratum(
        name="unanswered", question="002.5.a", where="5.a, answer",
        sheet_says="There is no answer.",
        correct="The statement that holds, with its hypotheses, is stated and proved here.",
        kind="missing",
        evidence="Its proof is one expansion along a line.",
        claim="main",
    ),
)


def _row(where, statement, verdict, claim, reason=""):
    return AuditRow("002.5.a", f"5.a, {where}", statement, verdict, claim, reason)


HESSIAN_AUDIT = (
    _row("heading", "The Hessian at a local minimum has positive eigenvalues.", "false", "flat"),
    _row("question", "A function has a Hessian at its local minimum.", "gap", "negative",
         "hypotheses missing: it must be twice differentiable there"),
    _row("question", "A local minimum, wherever it lies.", "gap", "boundary",
         "hypothesis missing: interior point"),
    _row("question", "The eigenvalues have a sign.", "holds", "symmetric",
         "they are real, since a second derivative is symmetric"),
    _row("question", "None of them is negative.", "holds", "main", "the part that is true"),
    _row("question", "None of them is zero.", "false", "trough", "nor is this rare in networks"),
    _row("answer", "(no answer)", "gap", "main", "missing"),
)
