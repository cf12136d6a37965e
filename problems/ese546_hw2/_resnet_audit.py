"""What sheet 003 states in question 1, statement by statement, and its errata."""

from solutionset.authoring import AuditRow, Erratum

ORDER, MODES, COUNTS, BIASES, GROUPS = "003.1.a", "003.1.b", "003.1.c", "003.1.d", "003.1.e"

ERRATA = (
    Erratum(
        name="normalised", question=ORDER, where="1.a, normalised inputs",
        sheet_says="Batch normalisation before the activation makes the inputs of the activation "
        "normalised.",
        correct="In training mode, with scale one, shift zero and no $\\epsilon$. The scale and "
        "the shift are trained; and eight of the seventeen ReLUs read a sum.",
        kind="gap",
        evidence="A channel of variance four is left with the mean square 16/25.",
        claim="not_normalised",
    ),
    Erratum(
        name="saturated", question=ORDER, where="1.a, saturation",
        sheet_says="So activations are unlikely to be saturated.",
        correct="With scale one and shift zero at most a fraction $k^{-2}$ of a batch lies at "
        "distance $k$ or beyond. With another scale nothing is promised.",
        kind="gap",
        evidence="With scale ten a sigmoid passes back less than a ten thousandth, one deviation "
        "from the mean.",
        claim="saturated",
    ),
    Erratum(
        name="idle_bias", question=ORDER, where="1.a, bias of a convolution",
        sheet_says="Since batch normalisation stands before the ReLU, a bias of the convolution "
        "has no effect.",
        correct="It has none in training mode, and because normalisation reads the convolution "
        "directly. In evaluation mode it acts unless the running mean contains it.",
        kind="gap",
        evidence="With fixed statistics the gradient in the bias is a sum that does not cancel.",
        claim="use_bias",
    ),
    Erratum(
        name="same_scale", question=ORDER, where="1.a, the other order",
        sheet_says="With normalisation after the activation the inputs of every layer have one "
        "scale.",
        correct="Until the scales are trained, and up to $\\epsilon$.",
        kind="gap",
        evidence="The output is the normalised channel times a trained scale.",
        claim="square_left",
    ),
    Erratum(
        name="running", question=MODES, where="1.b, running average",
        sheet_says="The mean and the variance of evaluation mode are not the batch mean but a "
        "running average over batches.",
        correct="Neither mean nor variance of the batch. The average gives old batches "
        "exponentially small weights and contains its starting value; the variance that enters "
        "is the unbiased one.",
        kind="notation",
        evidence="One update leaves the part $1-\\alpha$ of the old difference.",
        claim="updated",
    ),
    Erratum(
        name="dropout_rule", question=MODES, where="1.b, dropout",
        sheet_says="In evaluation mode dropout scales by $1-p$.",
        correct="Classical dropout does. The dropout of PyTorch, whose two modes the sheet names, "
        "divides by $1-p$ in training and does nothing in evaluation.",
        kind="ambiguous",
        evidence="Trained as in PyTorch and scaled as on the sheet, a unit of mean six comes out "
        "as four.",
        claim="scaled_twice",
    ),
    Erratum(
        name="figure", question=COUNTS, where="1.c, figure 1",
        sheet_says="A diagram of the network, which our copy does not contain.",
        correct="The list of layers below; what feeds what is counted from it.",
        kind="missing",
        evidence="List and wiring as data, with a PyTorch tree as second opinion.",
        claim="wiring",
    ),
    Erratum(
        name="stem", question=COUNTS, where="1.c, table, 7x7",
        sheet_says="The first part has 9408 parameters.",
        correct="Without its batch normalisation. Counted as the other cells are, it has 9536.",
        kind="ambiguous",
        evidence="Five conventions, cell by cell; the sheet's own list has 9536.",
        claim="parts",
    ),
    Erratum(
        name="stage_four", question=COUNTS, where="1.c, table, stage 4",
        sheet_says="The fourth stage has 8393688 parameters.",
        correct="8393728.",
        kind="false",
        evidence="Counted and by a closed form; none of five conventions gives the printed number.",
        claim="parts",
    ),
    Erratum(
        name="total", question=COUNTS, where="1.c, table, total",
        sheet_says="The network has 11698512 parameters.",
        correct="11689512, as the sheet says itself in part (e). Two digits are exchanged.",
        kind="false",
        evidence="The list, the closed form and PyTorch agree; the sheet's own cells do not add "
        "up to its total either.",
        claim="printed_sums",
    ),
    Erratum(
        name="stages", question=COUNTS, where="1.c, table, headings",
        sheet_says="The parts are called basic blocks 1 to 4.",
        correct="They are the four stages, of two basic blocks each.",
        kind="notation",
        evidence="The network has eight sums, one a block.",
        claim="wiring",
    ),
    Erratum(
        name="eighteen", question=COUNTS, where="1.c, list",
        sheet_says="The list gives the parameters of the 18 layers.",
        correct="It has 21 entries: 17 convolutions, 3 on shortcuts, and the classifier. Those on "
        "shortcuts are not counted in the name.",
        kind="false",
        evidence="The entries are counted.",
        claim="wiring",
    ),
    Erratum(
        name="last_convolution", question=COUNTS, where="1.c, list, layer4-1-conv2",
        sheet_says="The last convolution has 236032 parameters.",
        correct="2360320, as the two like it. A zero is missing.",
        kind="false",
        evidence="Counted, by a closed form, and by PyTorch.",
        claim="layers",
    ),
    Erratum(
        name="affine", question=BIASES, where="1.d, transformation",
        sheet_says="Subtracting a vector from the input is a linear transformation.",
        correct="It is affine.",
        kind="notation",
        evidence="It adds a constant to the output of the first layer.",
        claim="shift_invariance",
    ),
    Erratum(
        name="increase", question=BIASES, where="1.d, increase of the bias",
        sheet_says="For inputs shifted by $b$ the bias increases by $b$.",
        correct="By $W b$, which may have another size.",
        kind="false",
        evidence="On three points the bias goes from 1 to 5/2 under a shift of 3; 4 would be wrong "
        "by 3/2 in every prediction.",
        claim="sheet_rule",
    ),
    Erratum(
        name="penalised", question=BIASES, where="1.d, penalty",
        sheet_says="Weight decay penalises this change.",
        correct="It changes the minimum in general, but not always against the shift: a bias may "
        "become smaller.",
        kind="gap",
        evidence="Under a shift of minus two the bias goes from 1 to 0.",
        claim="free_fits",
    ),
    Erratum(
        name="invariant", question=BIASES, where="1.d, invariance",
        sheet_says="Leaving biases out of the penalty makes the network invariant to shifts.",
        correct="It makes the minimum and the predictions of training invariant, not the trained "
        "network, and not with zero padding. In ResNet-18 no convolution has a bias.",
        kind="gap",
        evidence="With zero padding a shift of the input is no constant at the border.",
        claim="padding",
    ),
    Erratum(
        name="no_tensors", question=GROUPS, where="1.e, code",
        sheet_says="The three lists hold names and numbers.",
        correct="An optimiser needs the tensors themselves, and a strength of decay for each "
        "group.",
        kind="gap",
        evidence="The step of decay acts on tensors; the groups here are disjoint and complete.",
        claim="one_step",
    ),
)


def _listed(names, count):
    return AuditRow(COUNTS, "list", f"{names}: {count} parameters.", "holds", "layers")


AUDIT = (
    AuditRow(ORDER, "first sentence", "The code has ReLU after batch normalisation.", "holds",
             "wiring", "In nine of seventeen places; the others are sums. The code is not on the "
             "sheet; the well-known implementation is meant."),
    AuditRow(ORDER, "second sentence", "Normalisation first makes the activation's inputs "
             "normalised.", "gap", "not_normalised"),
    AuditRow(ORDER, "third sentence", "So activations are unlikely to be saturated.", "gap",
             "saturated"),
    AuditRow(ORDER, "third sentence, bracket", "Sigmoid and tanh saturate.", "holds", "slope",
             "Their slopes tend to zero; how often is a question of experience."),
    AuditRow(ORDER, "fourth sentence", "The other order is reasonable too: inputs of each layer "
             "have one scale.", "gap", "square_left"),
    AuditRow(ORDER, "fifth sentence", "A bias before batch normalisation has no effect.", "gap",
             "use_bias", "True in training mode."),
    AuditRow(MODES, "first sentence", "Both layers differ between training and test.", "holds",
             "both_modes"),
    AuditRow(MODES, "second sentence", "Batch normalisation uses running statistics in test mode.",
             "holds", "updated"),
    AuditRow(MODES, "second sentence, words", "The mean and variance are not the batch mean; "
             "running average.", "gap", "updated", "Imprecise words."),
    AuditRow(MODES, "third sentence", "Dropout scales by $1-p$ in test mode.", "gap",
             "scaled_twice", "Classical dropout does, PyTorch's does not."),
    AuditRow(MODES, "third sentence, bracket", "Dropout samples what to zero in training.", "holds",
             "classical_mean"),
    AuditRow(MODES, "fourth sentence", "The first homework uses neither layer.", "not-decidable",
             "", "That homework is not at hand."),
    AuditRow(MODES, "fourth sentence", "A network with neither works alike in both modes.", "holds",
             "", "If no other layer depends on the mode."),
    AuditRow(MODES, "fifth sentence", "Other networks have to switch modes.", "holds",
             "both_modes", "Those that contain one of the two layers."),
    AuditRow(COUNTS, "figure 1", "A diagram of the network.", "not-decidable", "wiring",
             "Missing in our copy."),
    AuditRow(COUNTS, "table 1, headings", "Basic blocks 1 to 4.", "gap", "wiring",
             "Stages of two blocks each."),
    AuditRow(COUNTS, "table 1, 7x7", "9408 parameters.", "gap", "parts",
             "Right without batch normalisation, which the other cells include."),
    AuditRow(COUNTS, "table 1, block 1", "147968 parameters.", "holds", "parts"),
    AuditRow(COUNTS, "table 1, block 2", "525568 parameters.", "holds", "parts"),
    AuditRow(COUNTS, "table 1, block 3", "2099712 parameters.", "holds", "parts"),
    AuditRow(COUNTS, "table 1, block 4", "8393688 parameters.", "false", "parts"),
    AuditRow(COUNTS, "table 1, FC", "513000 parameters.", "holds", "parts"),
    AuditRow(COUNTS, "table 1, total", "11698512 parameters.", "false", "parts"),
    AuditRow(COUNTS, "table 1, convention", "The cells are of one kind.", "false", "printed_sums",
             "The first leaves its batch normalisation out."),
    AuditRow(COUNTS, "list, heading", "The list is of 18 layers.", "false", "wiring"),
    _listed("conv1", 9536),
    _listed("layer1, four convolutions, each", 36992),
    _listed("layer2-0-conv1", 73984),
    _listed("layer2-0-conv2", 147712),
    _listed("layer2-0-downsample", 8448),
    _listed("layer2-1-conv1 and layer2-1-conv2, each", 147712),
    _listed("layer3-0-conv1", 295424),
    _listed("layer3-0-conv2", 590336),
    _listed("layer3-0-downsample", 33280),
    _listed("layer3-1-conv1 and layer3-1-conv2, each", 590336),
    _listed("layer4-0-conv1", 1180672),
    _listed("layer4-0-conv2", 2360320),
    _listed("layer4-0-downsample", 132096),
    _listed("layer4-1-conv1", 2360320),
    AuditRow(COUNTS, "list", "layer4-1-conv2: 236032 parameters.", "false", "layers"),
    _listed("fc", 513000),
    AuditRow(BIASES, "first sentence", "Subtracting a vector is a linear transformation.", "gap",
             "shift_invariance", "Affine."),
    AuditRow(BIASES, "first sentence", "The bias increases by the vector.", "false", "sheet_rule"),
    AuditRow(BIASES, "second sentence", "Weight decay penalises this.", "gap", "free_fits"),
    AuditRow(BIASES, "third sentence", "Such shifts are common for images: one scale, unknown "
             "bias.", "not-decidable", "", "A remark on data, none of which is at hand."),
    AuditRow(BIASES, "fourth sentence", "Free biases make the network invariant.", "gap",
             "padding", "The minimum and the predictions of training are."),
    AuditRow(GROUPS, "code", "The tests sort every parameter into one of three groups.", "holds",
             "groups"),
    AuditRow(GROUPS, "code", "The shortcuts need a case of their own.", "holds", "groups"),
    AuditRow(GROUPS, "code", "The lists hold names and numbers.", "gap", "one_step",
             "No optimiser can be given these."),
    AuditRow(GROUPS, "table", "Batch normalisation: 9600.", "holds", "groups"),
    AuditRow(GROUPS, "table", "Biases: 1000.", "holds", "groups",
             "Outside of batch normalisation."),
    AuditRow(GROUPS, "table", "The rest: 11678912.", "holds", "groups"),
    AuditRow(GROUPS, "table", "Total: 11689512.", "holds", "groups"),
)
