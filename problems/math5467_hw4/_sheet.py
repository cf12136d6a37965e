"""What the sheet states in question 1: the errata, and the audit of every sentence."""

from solutionset.authoring import AuditRow, Erratum

ERRATA = (
    Erratum(
        name="decay", question="000.1", where="introduction", kind="false",
        claim="no_decay",
        sheet_says="If the eigenvalues are less than one, the product decays to zero "
        "exponentially.",
        correct="It does if the spectral norms of all matrices have a common bound below one.",
        evidence="Two matrices with all eigenvalues one half whose alternating product grows by "
        "more than 4 with every pair.",
    ),
    Erratum(
        name="growth", question="000.1", where="introduction", kind="gap",
        claim="no_growth",
        sheet_says="If the eigenvalues are larger than one in magnitude, the product blows up "
        "exponentially.",
        correct="The norm of the product does, if all eigenvalues keep a common distance from one. "
        "The output for a given input need not.",
        evidence="Two matrices with all eigenvalues 2 and an input that two layers return "
        "unchanged.",
    ),
    Erratum(
        name="exponentially", question="000.1", where="introduction", kind="gap",
        claim="slowly",
        sheet_says="Decay below one is exponential.",
        correct="It is when all factors keep a common distance from one.",
        evidence="Factors below one whose product never falls below one half.",
    ),
    Erratum(
        name="one_notion", question="000.1", where="introduction", kind="ambiguous",
        claim="not_the_norm",
        sheet_says="The spectral norm and the eigenvalues are used as one notion.",
        correct="The spectral norm is the largest singular value. For symmetric matrices it is the "
        "largest modulus of an eigenvalue, for others it may be larger.",
        evidence="A matrix with spectral norm 5 and no eigenvalue but zero.",
    ),
    Erratum(
        name="solved", question="000.1", where="introduction", kind="gap",
        claim="not_solved",
        sheet_says="The residual architecture solves this problem.",
        correct="It bounds from above what a block can do to the gradient, by one plus the size of "
        "its branch. Large branches can still make gradients blow up, and a branch may cancel the "
        "identity.",
        evidence="Linear blocks of width one.",
    ),
    Erratum(
        name="not_worse", question="000.1", where="introduction", kind="gap",
        claim="deeper_is_worse",
        sheet_says="Since blocks can be skipped, a deeper network should not perform worse.",
        correct="The least possible training loss is not larger than that of the shallower "
        "residual network of the same width. What gradient descent reaches, and the error on new "
        "data, may be worse.",
        evidence="A block that moves away from the target in one step, while the network without "
        "it stays where it is; a block that fits noise.",
    ),
    Erratum(
        name="differentiable", question="000.1", where="equation (1)", kind="gap",
        claim="kink",
        sheet_says="The activations are arbitrary.",
        correct="The activations have to be differentiable at every entry of the pre-activation.",
        evidence="A block with two units that is twice the identity; at zero the formula gives 1 "
        "or 3.",
    ),
)

# Where, what the sheet states, the verdict, the claim that decides it, and a remark.
AUDIT = (
    AuditRow(
        "000.1", "introduction",
        "Deeper plain networks often perform worse.",
        "not-decidable", "",
        "an observation on experiments, none of which is given",
    ),
    AuditRow(
        "000.1", "introduction",
        "The main reason is that gradients vanish or blow up.",
        "not-decidable", "",
        "a statement about causes in experiments",
    ),
    AuditRow(
        "000.1", "introduction",
        "Without activation and bias the network is the product of its matrices.",
        "holds", "plain_product",
    ),
    AuditRow(
        "000.1", "introduction",
        "The product is very sensitive to the spectral norms.",
        "holds", "sensitive",
    ),
    AuditRow(
        "000.1", "introduction",
        "Eigenvalues larger than one in magnitude make the product blow up.",
        "gap", "no_growth",
        "holds for the norm of the product, with one gap for all",
    ),
    AuditRow(
        "000.1", "introduction",
        "Eigenvalues less than one make it decay to zero.",
        "false", "no_decay",
    ),
    AuditRow(
        "000.1", "introduction",
        "Growth and decay are exponential.",
        "gap", "slowly",
        "only with one gap for all layers",
    ),
    AuditRow(
        "000.1", "introduction",
        "Spectral norms and eigenvalues are spoken of as one thing.",
        "gap", "not_the_norm",
        "the largest modulus of an eigenvalue is the spectral norm if the matrix is normal, and "
        "may be smaller otherwise",
    ),
    AuditRow(
        "000.1", "introduction",
        "The residual architecture solves the problem.",
        "gap", "not_solved",
        "it bounds the change a block can make",
    ),
    AuditRow(
        "000.1", "equation (1)",
        "This is the architecture of the cited paper.",
        "gap", "",
        "the paper applies an activation after the addition as well, and uses convolutions",
    ),
    AuditRow(
        "000.1", "introduction",
        "Each layer learns the residual, and is skipped by setting output to input.",
        "holds", "skip",
    ),
    AuditRow(
        "000.1", "introduction",
        "Thus a deeper residual network should not perform worse.",
        "gap", "deeper_is_worse",
        "true of the least training loss, against the shallower residual network of that width; "
        "not of what training reaches, nor of new data",
    ),
    AuditRow(
        "000.1", "introduction",
        "The architecture resembles a discretised differential equation.",
        "holds", "block",
        "it is Euler's method with step one",
    ),
    AuditRow(
        "000.1", "introduction",
        "This has been used to explain the stability of ResNet.",
        "not-decidable", "",
        "a statement about literature; see the example on Euler's method",
    ),
    AuditRow(
        "000.1", "question",
        "Each layer has two weight matrices and a bias.",
        "holds", "grad_W1",
    ),
    AuditRow(
        "000.1", "question",
        "Back-propagation gives the gradients in both weight matrices and the bias.",
        "holds", "grad_W2",
        "by way of the gradients in the states, from the last block to the first",
    ),
    AuditRow(
        "000.1", "question",
        "All layers may be assumed to have the same number of hidden units.",
        "holds", "grad_W1",
        "an assumption; the width inside a block is free",
    ),
    AuditRow(
        "000.1", "question",
        "The derivation follows a theorem of the notes.",
        "not-decidable", "",
        "the notes are not at hand",
    ),
)
