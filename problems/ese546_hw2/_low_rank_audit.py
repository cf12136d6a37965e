"""What the sheet states in answer 2: the errata, and the audit of every sentence."""

from solutionset.authoring import AuditRow, Erratum

ERRATA = (
    Erratum(
        name="bilinear", question="003.2.a", where="2.a, answer", kind="gap",
        claim="convex_example",
        sheet_says="The objective contains products of unknowns, and hence is not convex.",
        correct="It is not convex, whatever $X$ is, but for another reason: a chord that runs "
        "below its midpoint.",
        evidence="A sum of squares of linear functions that contains a product of unknowns and is "
        "convex.",
    ),
    Erratum(
        name="squares", question="003.2.b", where="2.b, second displayed formula",
        kind="false", claim="no_squares",
        sheet_says="The inner products of a row with the right singular vectors add up to the "
        "squared length of the row.",
        correct="The squares of these inner products do.",
        evidence="A row of length 5 whose only inner product is 5; the squared length is 25.",
    ),
    Erratum(
        name="lower", question="003.2.b", where="2.b, last sentence", kind="gap",
        claim="lower_bound",
        sheet_says="The value found for the truncated factors is the minimum.",
        correct="It is. That no other pair does better needs a proof, which is missing: to want "
        "small singular values in the residual only restates the problem.",
        evidence="The lower bound is proved above, and attained.",
    ),
    Erratum(
        name="zero", question="003.2.c", where="2.c, second sentence", kind="false",
        claim="zero_factor",
        sheet_says="One factor may be multiplied by any real number, the other by its inverse.",
        correct="By any real number but zero, which has no inverse.",
        evidence="A left factor zero leaves 98 instead of 1 in the example.",
    ),
    Erratum(
        name="orthogonal", question="003.2.c", where="2.c, third sentence",
        kind="false", claim="same_pair",
        sheet_says="In general, any orthogonal matrix between the factors gives a different "
        "solution.",
        correct="Any gives a solution. The identity gives the same one, and if the rank of $X$ is "
        "below $r$ others may too. In general it is any invertible matrix; of the numbers of the "
        "sentence before, only plus and minus one are orthogonal.",
        evidence="Below, a reflection that leaves both factors as they are; above, a minimiser "
        "whose left factor is longer than all that orthogonal matrices reach.",
    ),
    Erratum(
        name="more", question="003.2.c", where="2.c", kind="missing", claim="two_best",
        sheet_says="Only one best product is considered.",
        correct="With singular values that are tied across the cut there are several best "
        "products, and with a rank below $r$ several orbits for one product.",
        evidence="Two rank-one products at the same distance from the identity.",
    ),
)

def _row(part, where, statement, verdict, claim="", reason=""):
    return AuditRow(f"003.2.{part}", f"2.{part}, {where}", statement, verdict, claim, reason)


AUDIT = (
    _row("a", "answer", "The objective is not convex.", "holds", "not_convex",
         "for every matrix, not only for some"),
    _row("a", "answer", "It is not convex because it is bilinear.", "gap",
         "convex_example", "a bilinear term alone proves nothing"),
    _row("a", "answer", "The product has entries that are sums of products of one entry "
         "of each factor.", "holds", "along_line"),
    _row("b", "first formula", "The squared Frobenius norm is the sum of the squared "
         "singular values, and of the squared entries.", "holds", "frobenius"),
    _row("b", "reason", "The right singular vectors span all rows.", "holds", "parseval",
         "those of positive singular values are an orthonormal basis of the row space"),
    _row("b", "reason", "There are $r$ singular vectors.", "gap", "frobenius",
         "loose notation: the letter is the rank here and the width afterwards"),
    _row("b", "second formula", "The inner products of a row with the singular vectors "
         "add up to its squared length.", "false", "no_squares", "their squares do"),
    _row("b", "reason", "Summed over the rows this gives the first formula.", "gap",
         "parseval", "with squares, and since the image of a right singular vector has the "
         "singular value as its length"),
    _row("b", "idea", "The residual must have singular values as small as possible.",
         "gap", "lower_bound", "this restates the goal"),
    _row("b", "factors", "$X$ has a singular value decomposition.", "holds", "",
         "a known theorem, for every matrix; used here as it is there, and not proved"),
    _row("b", "factors", "The factors are the first $r$ singular vectors, each times the "
         "root of its singular value.", "holds", "product",
         "for $r$ up to the smaller side of $X$, else padded with zeros"),
    _row("b", "factors", "The matrix between them consists of the top singular values.",
         "holds", "product", "on its diagonal"),
    _row("b", "third formula", "Their error is the sum of the other squared singular "
         "values.", "holds", "value"),
    _row("b", "last sentence", "This is the least value.", "gap", "lower_bound",
         "true, but not proved there"),
    _row("c", "first sentence", "The minimiser is not unique.", "holds", "same_product"),
    _row("c", "second sentence", "One factor may be multiplied by any real number, the "
         "other by its inverse.", "false", "zero_factor", "not by zero"),
    _row("c", "third sentence", "An orthogonal matrix between the factors keeps the "
         "objective.", "holds", "same_product"),
    _row("c", "third sentence", "It gives a different solution.", "false", "same_pair",
         "not the identity, and not always when the rank is below $r$"),
    _row("c", "third sentence", "That is the general case.", "gap", "shear",
         "all invertible matrices are"),
    _row("c", "fourth sentence", "Permutations of columns and rows are among them.",
         "holds", "same_product", "they are orthogonal"),
    _row("c", "fifth sentence", "The global minimum has one value and infinitely many "
         "minimisers.", "holds", "orbit",
         "for the zero matrix by another argument, and for width one by scaling only"),
    _row("c", "last sentence", "The problem is a linear auto-encoder.", "gap",
         "no_encoder", "loose words: the values agree, the sets of minimisers need not"),
    _row("c", "last sentence", "Networks are full of such symmetries; think of two "
         "layers of rectified units.", "holds", "relu",
         "there only permutations and positive scalings of units"),
)
