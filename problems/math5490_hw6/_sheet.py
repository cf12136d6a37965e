"""What the sheet states in question 2: the errata, and the audit of every sentence."""

from solutionset.authoring import AuditRow, Erratum

ERRATA = (
    Erratum(
        name="decay", question="001.2", where="introduction", kind="false",
        claim="no_decay",
        sheet_says="If the eigenvalues of the weights are below one in magnitude, the product of "
        "the layers decays exponentially.",
        correct="It decays if all spectral norms are at most some number below one. For symmetric "
        "matrices these are the largest moduli of the eigenvalues; and if all layers have one and "
        "the same matrix, eigenvalues below one are enough.",
        evidence="Two matrices with all eigenvalues zero whose alternating product doubles with "
        "every layer.",
    ),
    Erratum(
        name="growth", question="001.2", where="introduction", kind="gap",
        claim="no_growth",
        sheet_says="If the eigenvalues are above one in magnitude, the product blows up "
        "exponentially.",
        correct="The norm of the product blows up if all eigenvalues of all layers keep a common "
        "distance from one. The output for a given input need not.",
        evidence="Two matrices with all eigenvalues 2 and an input that is halved by every two "
        "layers.",
    ),
    Erratum(
        name="gap", question="001.2", where="introduction", kind="gap",
        claim="not_exponential",
        sheet_says="Above one means exponential growth, below one exponential decay.",
        correct="Growth and decay are exponential if all layers keep a common distance from one.",
        evidence="Factors that tend to one: one product grows linearly, the other stays above one "
        "half.",
    ),
    Erratum(
        name="solved", question="001.2", where="introduction", kind="gap",
        claim="not_solved",
        sheet_says="The residual architecture solves the problem.",
        correct="The identity bounds the gradient from both sides when the branches are small. "
        "Large branches can make it grow or vanish.",
        evidence="Linear residual blocks that double the gradient, and one that makes it zero.",
    ),
    Erratum(
        name="not_worse", question="001.2", where="introduction", kind="gap",
        claim="deeper_is_worse",
        sheet_says="Since blocks can be skipped, a deeper residual network should not perform "
        "worse.",
        correct="The least possible training loss is not larger than that of the shallower "
        "residual network of the same width. What gradient descent reaches, and the error on new "
        "data, may be worse.",
        evidence="One exact step of gradient descent that improves one block and worsens two; a "
        "block that fits noise.",
    ),
    Erratum(
        name="index", question="001.2", where="second displayed equation", kind="notation",
        claim="index",
        sheet_says="The gradient in the outer weights has an activation without its layer index.",
        correct="The activation there is that of the same block.",
        evidence="With the activation of another block the numbers of the worked instance change.",
    ),
    Erratum(
        name="slopes", question="001.2", where="first and third displayed equation", kind="missing",
        claim="grad_z",
        sheet_says="A matrix D with a layer index is used, but only question 1 defines one, "
        "without index.",
        correct="It is the diagonal matrix of the slopes of the block's activation at its "
        "pre-activation.",
        evidence="With this reading all five equations hold.",
    ),
)

# Where, what the sheet states, the verdict, the claim that decides it, and a remark.
AUDIT = (
    AuditRow(
        "001.2", "introduction",
        "Deeper plain networks often perform worse than shallower ones.",
        "not-decidable", "",
        "an observation on experiments, none of which the sheet gives",
    ),
    AuditRow(
        "001.2", "introduction",
        "The main reason is that gradients vanish or blow up.",
        "not-decidable", "",
        "a statement about causes; normalised plain networks are a known case against it",
    ),
    AuditRow(
        "001.2", "introduction",
        "With the identity as activation and without biases the network is the product of its "
        "matrices.",
        "holds", "plain_product",
    ),
    AuditRow(
        "001.2", "introduction",
        "The product is very sensitive to the spectral norms.",
        "holds", "sensitive",
        "bounded above and below by products of norms",
    ),
    AuditRow(
        "001.2", "introduction",
        "Eigenvalues larger than one in magnitude make it blow up exponentially.",
        "gap", "no_growth",
        "as a statement about the output; for the norm of the product it holds if all eigenvalues "
        "are meant, with one gap for all",
    ),
    AuditRow(
        "001.2", "introduction",
        "Eigenvalues less than one make it decay exponentially.",
        "false", "no_decay",
    ),
    AuditRow(
        "001.2", "introduction",
        "Spectral norms and eigenvalues are spoken of as one thing.",
        "gap", "no_decay",
        "for square matrices; the largest modulus of an eigenvalue is the spectral norm if the "
        "matrix is normal, and may be smaller otherwise",
    ),
    AuditRow(
        "001.2", "introduction",
        "The residual architecture solves the problem.",
        "gap", "not_solved",
        "only with a bound on the branches",
    ),
    AuditRow(
        "001.2", "introduction",
        "Each block learns the residual.",
        "holds", "block",
    ),
    AuditRow(
        "001.2", "introduction",
        "A block is skipped easily.",
        "holds", "skip",
        "by zero outer weights",
    ),
    AuditRow(
        "001.2", "introduction",
        "Thus a deeper residual network should not perform worse.",
        "gap", "deeper_is_worse",
        "true of the least training loss, against the shallower residual network of that width; "
        "not of what training reaches, nor of new data",
    ),
    AuditRow(
        "001.2", "introduction",
        "All layers must have the same dimension.",
        "holds", "block",
        "the states are the layers here; the hidden width of a block is free",
    ),
    AuditRow(
        "001.2", "equations",
        "Gradient in the input of the block.",
        "holds", "hint",
    ),
    AuditRow(
        "001.2", "equations",
        "Gradient in the outer weights.",
        "holds", "index",
        "with the index of the block at the activation",
    ),
    AuditRow(
        "001.2", "equations",
        "Gradient in the pre-activation.",
        "holds", "grad_z",
        "with the matrix of slopes defined, and the block input held fixed",
    ),
    AuditRow(
        "001.2", "equations",
        "Gradient in the inner weights.",
        "holds", "grad_W",
    ),
    AuditRow(
        "001.2", "equations",
        "Gradient in the bias.",
        "holds", "grad_b",
    ),
    AuditRow(
        "001.2", "equations",
        "The argument follows a theorem of the course notes.",
        "not-decidable", "",
        "the notes are not at hand",
    ),
    AuditRow(
        "001.2", "hint",
        "The loss as a function of the block's input is the loss as a function of its output, "
        "after the block.",
        "holds", "hint",
        "with all parameters held fixed",
    ),
    AuditRow(
        "001.2", "hint",
        "The chain rule then gives the first identity.",
        "holds", "hint",
    ),
    AuditRow(
        "001.2", "instructions",
        "Function templates for Python code are given in each problem.",
        "not-decidable", "",
        "the sheet at hand has none",
    ),
)
