"""What sheet 004 states, statement by statement, and its errata."""

from solutionset.authoring import AuditRow, Erratum

RESIDUAL_ERRATA = (
    Erratum(
        name="figure", question="004.1.b", where="figure 1",
        sheet_says="The block is defined by a figure, which the sheet does not contain.",
        correct="Reading A below: two linear layers with an activation between them, and the input "
        "added at the end.",
        kind="missing",
        evidence="Five other readings give other Jacobians, on one instance all different.",
        claim="after_sum",
    ),
    Erratum(
        name="will", question="004.1", where="introduction",
        sheet_says="By the chain rule early layers get gradients that are exponentially small or "
        "large.",
        correct="They may, and under the usual random weights they do; they need not.",
        kind="gap",
        evidence="A rotation keeps every norm at any depth, without activation or connection.",
        claim="orthogonal",
    ),
    Erratum(
        name="norms_below_one", question="004.1.a", where="first sentence",
        sheet_says="Gradients vanish because factors of norm below one are multiplied.",
        correct="They do if one bound below one holds for all factors. Factors below one alone are "
        "not enough, and they are not needed.",
        kind="gap",
        evidence="The factors $3/4$, $8/9$, $15/16$ and so on have products above one half. Two "
        "layers of norm two have the product zero.",
        claim="stays",
    ),
    Erratum(
        name="relu_preferable", question="004.1.a", where="question on ReLU",
        sheet_says="The largest slope of the sigmoid is to show why ReLU is preferable.",
        correct="It does for active units at weights of moderate size. Inactive ones lose the "
        "gradient under ReLU, and large weights can make up for the slope of the sigmoid.",
        kind="gap",
        evidence="At minus one the slope of the sigmoid is larger; with weight 8 and bias $-4$ a "
        "sigmoid layer can double the gradient.",
        claim="rectifier",
    ),
    Erratum(
        name="preserves", question="004.1.c", where="question on norms",
        sheet_says="A residual connection preserves gradient norms better.",
        correct="For branches of norm below one half always, for random weights of mean zero as "
        "long as the branch is small in mean square; not in general.",
        kind="gap",
        evidence="A branch that is minus the identity: the plain block keeps the norm, the "
        "residual one loses the gradient.",
        claim="fails",
    ),
    Erratum(
        name="numerically", question="004.1.c", where="question on norms",
        sheet_says="The answer is to be seen numerically, but there are no numbers.",
        correct="The experiment below, with weights, widths and depths stated.",
        kind="missing",
        evidence="What is seen depends on the scale of the weights.",
        claim="measured",
    ),
    Erratum(
        name="downstream", question="004.1", where="introduction",
        sheet_says="Earlier layers are called downstream.",
        correct="Downstream of the gradient, that is upstream of the data.",
        kind="notation",
        evidence="The gradient in the input of a block is computed from that in its output.",
        claim="backward",
    ),
)

RESIDUAL_AUDIT = (
    AuditRow("004.1", "introduction", "Deep networks tend to have vanishing or exploding "
             "gradients.", "holds", "measured", "For random weights away from one critical scale."),
    AuditRow("004.1", "introduction", "Early layers get exponentially small or large gradients.",
             "gap", "orthogonal", "Often, not always."),
    AuditRow("004.1", "introduction", "Clipping resolves exploding gradients.", "holds", "clipped",
             "The norm is bounded at any depth, and the direction is kept."),
    AuditRow("004.1.a", "first sentence", "Products of factors of norm below one vanish.", "gap",
             "stays", "True with a common bound below one, and not the only way."),
    AuditRow("004.1.a", "second sentence", "Saturation of the sigmoid is one reason.", "holds",
             "saturation", "Far from zero the slope is close to zero; it is below one quarter "
             "everywhere."),
    AuditRow("004.1.a", "formula", "The sigmoid.", "holds", "sigmoid", "A definition."),
    AuditRow("004.1.a", "question", "ReLU is preferable.", "gap", "rectifier"),
    AuditRow("004.1.b", "text", "A connection past a block is a common remedy.", "holds", "",
             "A remark on practice."),
    AuditRow("004.1.b", "text", "An affine layer with zero bias is linear.", "holds", "linear"),
    AuditRow("004.1.b", "figure", "The block.", "not-decidable", "after_sum",
             "The figure is missing."),
    AuditRow("004.1.c", "question", "The gradient of the output in the input.", "holds", "block",
             "It is a Jacobian; rows are outputs here."),
    AuditRow("004.1.c", "question", "The connection preserves norms better.", "gap", "fails"),
)

DROPOUT_ERRATA = (
    Erratum(
        name="asserted", question="004.2.0", where="(4)",
        sheet_says="The expectation (2) equals the loss (4); no proof is given.",
        correct="It is true for every $p$, and proved below.",
        kind="missing",
        evidence="Derived from the moments of a mask, enumerated over all masks, and sampled.",
        claim="printed",
    ),
    Erratum(
        name="tildes", question="004.2", where="(2), (4) and (5)",
        sheet_says="One tilde marks the weights learned with dropout and the changed variable of "
        "part (b); all five losses have one name.",
        correct="Two different vectors. The changed variable is $\\mathbf{v}$ here, the losses "
        "carry the number of their equation.",
        kind="notation",
        evidence="On the example the two differ.",
        claim="two_tildes",
    ),
    Erratum(
        name="strength", question="004.2.b", where="(5)",
        sheet_says="The ridge problem has a strength that (3) does not contain.",
        correct="With (3) as printed it is one. For any other strength the data are multiplied by "
        "its square root.",
        kind="ambiguous",
        evidence="Both changes of variables leave the loss (3) unchanged.",
        claim="any_strength",
    ),
)

DROPOUT_AUDIT = (
    AuditRow("004.2", "(1), (3)", "Least squares, and least squares with a Tikhonov penalty.",
             "holds", "", "Definitions; the shapes are not stated on the sheet."),
    AuditRow("004.2", "description of dropout", "Each feature is kept with probability $p$.",
             "holds", "printed", "Keep, not drop; the identity (4) agrees with this."),
    AuditRow("004.2", "sentence before (2)", "Dropout in stochastic descent makes (2) the loss.",
             "holds", "unbiased", "Each step has the gradient of the loss in the mean."),
    AuditRow("004.2.0", "(4)", "The expectation (2) equals the loss (4).", "holds", "printed"),
    AuditRow("004.2.0", "text after (4)", "The entries of the diagonal matrix are column norms.",
             "holds", "square", "Their squares enter."),
    AuditRow("004.2.a", "question", "A transformation turns the weights into a solution of (3).",
             "holds", "rescaling", "If $p$ is not zero."),
    AuditRow("004.2.a", "hint", "An adjustment of the weights at inference can be made in training "
             "instead, as PyTorch does.", "holds", "adjusted",
             "That PyTorch does is from its documentation; its $p$ is that of dropping."),
    AuditRow("004.2.b", "question", "A change of variables turns (3) into ridge regression.",
             "holds", "changed"),
    AuditRow("004.2.b", "(5)", "A strength appears that (3) does not have.", "gap", "any_strength"),
    AuditRow("004.2.c", "question", "The diagonal matrix is invertible.", "holds",
             "zero_column", "A hypothesis: it means that no column is zero."),
    AuditRow("004.2.c", "question", "Dropout and batch normalisation are related.", "holds",
             "normalised_loss", "Exactly so for centred columns."),
    AuditRow("004.2.c", "question", "Something can be said of the norms of the changed columns.",
             "holds", "equal_columns", "They are all equal."),
)
