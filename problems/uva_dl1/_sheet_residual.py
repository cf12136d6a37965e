"""What sheet 002 states in questions 2.b to 2.d, statement by statement, and its errata."""

from solutionset.authoring import AuditRow, Erratum

RESIDUAL_ERRATA = (
    Erratum(
        name="block_missing", question="002.2.b", where="2, first line",
        sheet_says="The set-up of question 2 consists of the word Let, so the block is nowhere "
        "defined.",
        correct="We read it as the answers to 2.b do: two linear layers, an activation between "
        "them, and the input added to their output.",
        kind="missing",
        evidence="With this block the remarks on shapes make sense, and the gradient follows.",
        claim="whole",
    ),
    Erratum(
        name="one_name", question="002.2.b", where="2.b, question",
        sheet_says="The widths of both layers are called $N_1$.",
        correct="The two widths are $N_1$ and $N_2$, as in the answer.",
        kind="notation",
        evidence="Only the second width is bound by the input; the first is free.",
        claim="parameters",
    ),
    Erratum(
        name="rows", question="002.2.b", where="2.b, first and third sentence",
        sheet_says="The first layer must have $F$ rows, and the second the shape of the input.",
        correct="In the convention of (2) the first weights have $F$ columns; the output of the "
        "second layer has the shape of the input, its weights do not.",
        kind="ambiguous",
        evidence="The shapes of all four parameters are listed and counted.",
        claim="parameters",
    ),
    Erratum(
        name="width", question="002.2.b", where="2.b, last sentence",
        sheet_says="The width $N_2$ is the number of samples times the number of features.",
        correct="The width $N_2$ is the number of features, $F$: a width counts neurons, and the "
        "samples are rows.",
        kind="false",
        evidence="With the printed width the branch has $S$ times as many entries as the input.",
        claim="fit",
    ),
    Erratum(
        name="upstream", question="002.2.c", where="2.c, question",
        sheet_says="How the connection changes the gradient in the input is asked without saying "
        "what stays the same.",
        correct="At the same gradient in the output one term is added, and so we read it. In a "
        "whole network the gradient in the output changes too, since the output does.",
        kind="ambiguous",
        evidence="On numbers the difference is neither upstream gradient.",
        claim="upstream",
    ),
    Erratum(
        name="unit_derivative", question="002.2.c", where="2.c, second sentence",
        sheet_says="The derivative of the identity is 1.",
        correct="The derivative of the identity of a matrix has four indices: a delta for the "
        "samples times one for the features. Neither the number 1 nor a unit matrix is it.",
        kind="notation",
        evidence="The deltas are the first term of the derivative of the output, entry by entry.",
        claim="entries",
    ),
    Erratum(
        name="added_identity", question="002.2.c", where="2.c, text, (20) and (21)",
        sheet_says="The additional term is the derivative of the connection: a unit matrix is "
        "added to the gradient in the output times the weights.",
        correct="The additional term is the gradient in the output, which that derivative hands "
        "on.",
        kind="false",
        evidence="The shapes fit only for as many samples as features. Then the formula is off on "
        "numbers, and ten times the loss does not get ten times the gradient.",
        claim="printed",
    ),
    Erratum(
        name="one_matrix", question="002.2.c", where="2.c, (20) and (21)",
        sheet_says="The branch contributes the gradient in the output times one matrix.",
        correct="The branch has two layers and an activation: it contributes two matrices, and the "
        "slopes between them.",
        kind="false",
        evidence="Derived above; with one linear layer the one matrix would do.",
        claim="whole",
    ),
    Erratum(
        name="less_likely", question="002.2.d", where="2.d, first point",
        sheet_says="With connections the gradient is far less likely to vanish.",
        correct="A gradient that is not zero at the output cannot become zero if all branches have "
        "Jacobians of norm below one, and at least a fixed share of it is left at any large depth "
        "$K$ if these norms are at most $a/K$. In general the path past the branches keeps its "
        "share, but the others can cancel it.",
        kind="gap",
        evidence="A ReLU block with weights plus and minus one whose gradient is exactly zero, "
        "where the branch alone keeps all norms.",
        claim="vanish",
    ),
    Erratum(
        name="small_numbers", question="002.2.d", where="2.d, first point",
        sheet_says="The chain rule multiplies small numbers, so the gradient shrinks on its way "
        "back.",
        correct="The gradient must shrink if the factors have norms below one. Otherwise it may "
        "keep its norm, or grow.",
        kind="gap",
        evidence="Plain layers that keep every norm, and plain layers through which it grows.",
        claim="not_small",
    ),
    Erratum(
        name="error_propagation", question="002.2.d", where="2.d, second point",
        sheet_says="Connections reduce the propagation of errors.",
        correct="Connections pass on the output of the layer before unchanged, with all its "
        "errors; what becomes of these depends on the branches.",
        kind="gap",
        evidence="Ten plain blocks that shrink an error more than a thousandfold, and with "
        "connections enlarge it more than fiftyfold.",
        claim="errors",
    ),
    Erratum(
        name="more_complex", question="002.2.d", where="2.d, second point",
        sheet_says="With connections the network can learn more complex functions.",
        correct="At equal widths neither kind of block need be able to do all that the other "
        "can. With two more hidden units for each input plain ReLU blocks contain the residual "
        "ones.",
        kind="gap",
        evidence="One input and one hidden ReLU unit: the identity is of one kind only, and so is "
        "a constant.",
        claim="neither",
    ),
    Erratum(
        name="smoother", question="002.2.d", where="2.d, third point",
        sheet_says="Since gradients vanish less and the problem is modelled better, the loss "
        "surface is smoother.",
        correct="That a surface is smoother is an observation on some networks; these reasons do "
        "not imply it.",
        kind="gap",
        evidence="Linear residual blocks have the loss surface of plain layers, moved by the "
        "identity. At the same small weights its curvature is far larger.",
        claim="smoother",
    ),
)


def _row(question, where, statement, verdict, claim, reason=""):
    return AuditRow(f"002.{question}", f"{question}, {where}", statement, verdict, claim, reason)


RESIDUAL_AUDIT = (
    AuditRow("002.2.b", "2, first line", "The set-up of the residual block.", "not-decidable", "",
             "it breaks off after its first word"),
    _row("2.b", "question", "The two widths are called by one name.", "gap", "parameters",
         "notation"),
    _row("2.b", "question", "The residual connection places constraints on the widths.", "holds",
         "fit", "on the second"),
    _row("2.b", "first sentence", "The first layer has as many rows as the input has features.",
         "gap", "parameters", "ambiguous: columns in the convention of (2); it comes from the "
         "input and not from the connection"),
    _row("2.b", "first sentence", "The input is an $S \\times F$ matrix.", "holds", "whole"),
    _row("2.b", "second sentence", "The width of the first layer is arbitrary.", "holds",
         "parameters"),
    _row("2.b", "second sentence, bracket", "It must be compatible with the activation.", "holds",
         "grad_U", "no restriction: one that acts entry by entry is compatible with every width"),
    _row("2.b", "third sentence", "The second layer has exactly the shape of the input.", "gap",
         "parameters", "ambiguous: true of its output, not of its weights"),
    _row("2.b", "third sentence", "That is needed for the sum with the input.", "holds", "fit"),
    _row("2.b", "fourth sentence", "The second width is samples times features.", "false", "fit"),
    _row("2.c", "question", "The connection changes the gradient in the input.", "gap", "upstream",
         "ambiguous: by one term if the upstream gradient is the same"),
    _row("2.c", "first sentence", "The gradient has one additional term.", "holds", "whole"),
    _row("2.c", "first sentence", "That term is the derivative of the connection.", "false",
         "printed", "it is the upstream gradient, handed on by that derivative"),
    _row("2.c", "second sentence", "The connection is the identity.", "holds", "entries"),
    _row("2.c", "second sentence", "Its derivative is 1.", "gap", "entries",
         "notation: two deltas"),
    _row("2.c", "third sentence", "The gradient is a sum of two terms, one from the branch and one "
         "from the connection.", "holds", "whole"),
    _row("2.c", "third sentence", "The first term is the gradient in the output.", "false",
         "whole", "that is the second; the first is the gradient pulled back through the branch"),
    _row("2.c", "third sentence", "The second term is the derivative of the connection in the "
         "input.", "false", "printed"),
    _row("2.c", "(20)", "Gradient in the output times weights plus derivative of the input in "
         "itself.", "false", "printed", "not proportional to the loss"),
    _row("2.c", "(20) to (21)", "The derivative of the input in itself is a unit matrix.", "false",
         "entries", "it has four indices"),
    _row("2.c", "(21)", "Gradient in the output times weights plus a unit matrix.", "false",
         "printed"),
    _row("2.c", "(20) and (21)", "One matrix stands for the whole branch.", "false", "whole"),
    _row("2.d", "question", "The answer to 2.c improves the stability of deep networks.", "gap",
         "band", "where the norms of all branches together stay small; not in general"),
    _row("2.d", "first point", "The gradient has an alternative path through the network.", "holds",
         "paths"),
    _row("2.d", "first point", "It is far less likely to vanish.", "gap", "vanish",
         "proved only for small branches"),
    _row("2.d", "first point", "The chain rule multiplies small numbers.", "gap", "not_small",
         "depends on the weights"),
    _row("2.d", "first point", "So the gradient becomes smaller on its way back.", "gap",
         "not_small", "if the norms are below one"),
    _row("2.d", "first point", "Adding the input keeps a path backwards that does not vanish.",
         "holds", "paths", "its share is the gradient at the output; the sum can vanish"),
    _row("2.d", "second point, heading", "Connections reduce the propagation of errors.", "gap",
         "errors"),
    _row("2.d", "second point", "The network can learn more complex functions.", "gap", "neither"),
    _row("2.d", "second point", "It is not limited to passing on the erroneous output of the layer "
         "before.", "gap", "errors", "no definite content; the connection passes that output on"),
    _row("2.d", "second point", "It can learn more low-level features or process them to "
         "high-level ones.", "not-decidable", "", "no measure of the level of a feature is given"),
    _row("2.d", "third point", "Gradients do not vanish as easily.", "gap", "vanish",
         "as in the first point"),
    _row("2.d", "third point", "So there are fewer sharp edges in the loss surface.", "gap",
         "smoother", "large gradients do not make a surface smooth"),
    _row("2.d", "third point", "Low-level and high-level features are both passed on.",
         "not-decidable", "", "no measure of the level of a feature is given"),
    _row("2.d", "third point", "So the problem is modelled better.", "gap", "neither",
         "plain blocks can do what residual ones of equal width cannot, and conversely"),
    _row("2.d", "third point", "That smooths the loss surface.", "gap", "smoother",
         "the surface is the same, moved, where the blocks are linear"),
)
