"""What sheet 002 states in questions 1 and 2.a, statement by statement, and its errata."""

from solutionset.authoring import AuditRow, Erratum

LINEAR_ERRATA = (
    Erratum(
        name="rows_of_Y", question="002.1.b", where="1.b, explanation after (10)",
        sheet_says="Equation (10) sums the rows of the output, and entry $j$ of the bias is the "
        "sum of the entries in position $j$ of these rows.",
        correct="It sums the rows of the gradient in the output, and what comes out is the "
        "gradient in the bias, not the bias.",
        kind="false",
        evidence="On the worked instance the sum of the rows of the output, the bias and the "
        "gradient in the bias are three different vectors.",
        claim="three_vectors",
    ),
    Erratum(
        name="set_up", question="002.1", where="1.a to 1.c, before (1)",
        sheet_says="The equations begin without saying what $S$, $M$ and $N$ count, or how the "
        "matrix $\\mathbf{B}$ is made of the bias.",
        correct="They count samples, inputs and outputs, and each row of $\\mathbf{B}$ is the "
        "bias.",
        kind="missing",
        evidence="Only so is (8) the derivative of the output in the bias.",
        claim="Y_in_b",
    ),
    Erratum(
        name="index_set", question="002.1.b", where="1.b, explanation after (10)",
        sheet_says="The sum runs over the rows $s \\in S$, while $S$ is a number in all shapes.",
        correct="It runs over $s = 1, \\dots, S$.",
        kind="notation",
        evidence="The sum over the samples is the product with $S$ ones.",
        claim="row",
    ),
)


def _row(question, where, statement, verdict, claim, reason=""):
    return AuditRow(f"002.{question}", f"{question}, {where}", statement, verdict, claim, reason)


LINEAR_AUDIT = (
    _row("1.a", "(1)", "The gradient in a weight is the sum over all outputs of gradient in the "
         "output times derivative of the output.", "holds", "grad_W",
         "the loss is taken to be differentiable in the output"),
    _row("1.a", "(2)", "Differentiating the output term by term touches the weights only.",
         "holds", "Y_in_W", "the input does not depend on the weights"),
    _row("1.a", "(3), first form", "The derivative is a sum over $m$ with two deltas, and the bias "
         "contributes nothing.", "holds", "Y_in_W"),
    _row("1.a", "(3), second form", "The sum leaves the input entry $(s, j)$ and one delta.",
         "holds", "Y_in_W"),
    _row("1.a", "(4)", "Put into (1), one sum over the samples remains.", "holds", "grad_W"),
    _row("1.a", "(5), formula", "The gradient in the weights is the transposed gradient in the "
         "output times the input.", "holds", "grad_W"),
    _row("1.a", "(5), shape", "It is an $N \\times M$ matrix.", "holds", "grad_W",
         "this is how one learns that the weights are"),
    _row("1.b", "(6)", "The chain rule for an entry of the bias.", "holds", "grad_b"),
    _row("1.b", "(7)", "Derivative of the output in the bias, term by term.", "holds", "Y_in_b"),
    _row("1.b", "(8)", "The product has derivative zero, the bias one delta.", "holds", "Y_in_b",
         "the delta needs that every sample gets the same bias"),
    _row("1.b", "(9)", "One sum over the samples remains.", "holds", "grad_b"),
    _row("1.b", "(10), formula", "The gradient in the bias is the sum of the rows of the gradient "
         "in the output.", "holds", "row"),
    _row("1.b", "(10), shape", "It is a $1 \\times N$ row.", "holds", "row"),
    _row("1.b", "after (10)", "The sum runs over $s \\in S$.", "gap", "row",
         "notation: $S$ is a number"),
    _row("1.b", "after (10)", "The rows of the output are summed.", "false", "three_vectors",
         "those of its gradient are"),
    _row("1.b", "after (10)", "Entry $j$ of the bias is the sum of the entries in position $j$ of "
         "these rows.", "false", "three_vectors", "the entry of the gradient in the bias is"),
    _row("1.c", "(11)", "The chain rule for an entry of the input.", "holds", "grad_X"),
    _row("1.c", "(12)", "Derivative of the output in the input, term by term.", "holds", "Y_in_X"),
    _row("1.c", "(13), first form", "The derivative is a sum over $m$ with two deltas, and the "
         "bias contributes nothing.", "holds", "Y_in_X"),
    _row("1.c", "(13), second form", "The sum leaves one delta and the weight $(n, j)$.", "holds",
         "Y_in_X"),
    _row("1.c", "(14)", "One sum over the outputs remains.", "holds", "grad_X"),
    _row("1.c", "(15), formula", "The gradient in the input is the gradient in the output times "
         "the weights.", "holds", "grad_X"),
    _row("1.c", "(15), shape", "It is an $S \\times M$ matrix.", "holds", "grad_X"),
)

ACTIVATION_ERRATA = (
    Erratum(
        name="lost_slope", question="002.1.d", where="1.d, (18)",
        sheet_says="The derivative of the activation of one entry in another is a product of two "
        "deltas, so the gradient in the input is that in the output.",
        correct="It is the slope times these deltas, and the gradient is multiplied by the slope "
        "entry by entry. (18) holds only at entries with slope one or upstream gradient zero.",
        kind="false",
        evidence="On the second worked instance three of the six entries come out wrong.",
        claim="lost_slope",
    ),
    Erratum(
        name="therefore", question="002.1.d", where="1.d, from (18) to (19)",
        sheet_says="The formula with the slopes is presented as a consequence of (18).",
        correct="The formula is right, but (18) contradicts it. It follows from (17) by the "
        "derivation above.",
        kind="gap",
        evidence="The slope enters when the output is differentiated.",
        claim="grad_X",
    ),
    Erratum(
        name="differentiable", question="002.1.d", where="1.d, text, third sentence",
        sheet_says="The derivative of the activation is taken without saying where it exists.",
        correct="It must be differentiable at each entry of the input. ReLU is not at zero, where "
        "a program puts a slope by convention.",
        kind="gap",
        evidence="A difference of two ReLUs whose derivative the chain rule misses for the usual "
        "choice.",
        claim="no_slope_is_safe",
    ),
)

ACTIVATION_AUDIT = (
    _row("1.d", "(16)", "The chain rule for an entry of the input.", "holds", "grad_X",
         "where the activation is differentiable"),
    _row("1.d", "(17)", "An output entry is the activation of the input entry at the same place.",
         "holds", "grad_X", "the definition of the module"),
    _row("1.d", "(18), first form", "The derivative of the activation is two deltas.", "false",
         "Y_in_X", "the slope is missing"),
    _row("1.d", "(18), second form", "The gradient in the input is that in the output.", "false",
         "lost_slope"),
    _row("1.d", "(19), formula", "The gradient in the input is that in the output times the "
         "slopes, entry by entry.", "holds", "grad_X"),
    _row("1.d", "from (18) to (19)", "(19) follows from (18).", "gap", "lost_slope",
         "the formula is right, but (18) contradicts it"),
    _row("1.d", "(19), shape", "It is an $S \\times M$ matrix.", "holds", "grad_X"),
    _row("1.d", "text, first sentence", "The derivative vanishes except at the entry one "
         "differentiates in, hence two deltas.", "holds", "Y_in_X",
         "this explains the deltas, not the missing slope"),
    _row("1.d", "text, second sentence", "That is what an elementwise function makes one expect.",
         "holds", "Y_in_X"),
    _row("1.d", "text, third sentence", "The gradient is the Hadamard product of the gradient in "
         "the output and the elementwise derivative at the input.", "holds", "grad_X",
         "contradicts (18)"),
    _row("1.d", "text, third sentence", "The activation has a derivative at each entry of the "
         "input.", "gap", "no_slope_is_safe", "taken for granted; ReLU has none at zero"),
    _row("1.d", "text, last sentence", "The shapes of input and output are compatible.", "holds",
         "grad_X", "they are equal, since the function acts entry by entry"),
)

SOFTMAX_ERRATA = (
    Erratum(
        name="set_up", question="002.2", where="2, first line",
        sheet_says="The set-up of question 2 consists of the word Let.",
        correct="For 2.a: softmax of each row of a batch of logits, and the mean cross-entropy "
        "with given targets, as stated above.",
        kind="missing",
        evidence="Which gradient is right depends on it: another mean has another factor.",
        claim="general",
    ),
    Erratum(
        name="blank", question="002.2.a", where="2.a",
        sheet_says="In place of the answer on softmax stands a word of no meaning.",
        correct="The gradients of both modules and of the merged one are derived here.",
        kind="missing",
        evidence="The merged gradient for any targets, and the condition for its short form.",
        claim="condition",
    ),
)

SOFTMAX_AUDIT = (
    _row("2", "first line", "The set-up of the question.", "not-decidable", "",
         "it breaks off after its first word"),
    _row("2.a", "answer", "The answer on softmax.", "not-decidable", "",
         "it is a joke and states nothing"),
)
