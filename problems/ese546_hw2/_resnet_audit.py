"""What sheet 003 states in question 1, statement by statement, and its errata."""

import _resnet_tables as tables

from solutionset.authoring import AuditRow, Erratum

ORDER, MODES, COUNTS, BIASES, GROUPS = "003.1.a", "003.1.b", "003.1.c", "003.1.d", "003.1.e"

STEM = tables.right_part("conv1")
TOTAL = tables.PRINTED_GROUP_TOTAL
LAST, LIKE_IT = "layer4.1.conv2", "layer4.1.conv1"

ERRATA = (
    Erratum(
        name="promises",
        question=ORDER,
        where="1.a, second to fourth sentence",
        sheet_says="Normalisation before the activation makes the inputs of the activation "
        "normalised, and saturation unlikely; after it, it gives the inputs of all layers one "
        "scale.",
        correct="In training mode and up to $\\epsilon$, as long as every scale is one and every "
        "shift zero. Both are trained, and eight of the seventeen ReLUs read a sum.",
        kind="gap",
        evidence="A channel of variance four is left with the mean square 16/25; with the scale "
        "ten a sigmoid passes back less than a ten thousandth, one deviation from the mean.",
        claim="not_normalised",
    ),
    Erratum(
        name="idle_bias",
        question=ORDER,
        where="1.a, bias of a convolution",
        sheet_says="Since batch normalisation stands before the ReLU, a bias of the convolution "
        "has no effect.",
        correct="It has none in training mode, and because normalisation reads the convolution "
        "directly. In evaluation mode it acts unless the running mean contains it.",
        kind="gap",
        evidence="With fixed statistics the output moves with the bias, and the gradient in it is "
        "a sum that does not cancel.",
        claim="bias_acts",
    ),
    Erratum(
        name="dropout_rule",
        question=MODES,
        where="1.b, dropout",
        sheet_says="In evaluation mode dropout scales the activations by $1-p$.",
        correct="Right for classical dropout, if $p$ is the probability of dropping, which the "
        "sheet does not say. Wrong for the dropout layer of PyTorch, whose train and evaluation "
        "modes the sheet goes on to name: it divides by $1-p$ in training and does nothing in "
        "evaluation.",
        kind="ambiguous",
        evidence="Trained as in PyTorch and scaled as on the sheet, a unit of mean six comes out "
        "as four.",
        claim="scaled_twice",
    ),
    Erratum(
        name="figure",
        question=COUNTS,
        where="1.c, figure 1",
        sheet_says="A diagram of the network, which our copy does not contain.",
        correct="The figure in part (a), drawn from the list of layers.",
        kind="missing",
        evidence="What feeds what is data here, and counted.",
        claim="wiring",
    ),
    Erratum(
        name="stem",
        question=COUNTS,
        where="1.c, table, 7x7",
        sheet_says="The parts of the table make up the network, the first with "
        f"{tables.PRINTED_PARTS['conv1']} parameters.",
        correct=f"With {STEM}, counted as the other cells are. What is printed is right for the "
        "convolution alone; its batch normalisation, which all other cells include, is in no "
        "part.",
        kind="false",
        evidence="No one of five conventions gives this cell together with the others; the "
        f"sheet's own list has {tables.PRINTED_LAYERS['conv1']}.",
        claim="parts",
    ),
    Erratum(
        name="stage_four",
        question=COUNTS,
        where="1.c, table, stage 4",
        sheet_says=f"The fourth stage has {tables.PRINTED_PARTS['layer4']} parameters.",
        correct=f"{tables.right_part('layer4')}.",
        kind="false",
        evidence="Counted and by a closed form; none of five conventions gives the printed number.",
        claim="parts",
    ),
    Erratum(
        name="total",
        question=COUNTS,
        where="1.c, table, total",
        sheet_says=f"The network has {tables.PRINTED_TOTAL} parameters.",
        correct=f"{TOTAL}, as the sheet says itself in part (e). Two digits are exchanged.",
        kind="false",
        evidence="The list and the closed form agree; the sheet's own cells do not add up to its "
        "total either.",
        claim="printed_sums",
    ),
    Erratum(
        name="eighteen",
        question=COUNTS,
        where="1.c, list",
        sheet_says="The list gives the parameters of the 18 layers.",
        correct=f"It has {len(tables.PRINTED_LAYERS)} entries: 17 convolutions, 3 on shortcuts, "
        "and the classifier. The eighteen of the name leave out the three on shortcuts.",
        kind="false",
        evidence="The entries are counted.",
        claim="wiring",
    ),
    Erratum(
        name="last_convolution",
        question=COUNTS,
        where="1.c, list, layer4-1-conv2",
        sheet_says=f"The last convolution has {tables.PRINTED_LAYERS[LAST]} parameters.",
        correct=f"{tables.PRINTED_LAYERS[LIKE_IT]}, as the two like it. A zero is missing.",
        kind="false",
        evidence="Counted, and by a closed form.",
        claim="layers",
    ),
    Erratum(
        name="increase",
        question=BIASES,
        where="1.d, first and second sentence",
        sheet_says="When $b$ is subtracted from the inputs the bias increases by $b$, which weight "
        "decay penalises.",
        correct="It changes by $W b$, which may have another size than $b$, and either sign. Decay "
        "disturbs the fit, but does not always oppose the change.",
        kind="false",
        evidence="On three points the bias goes from 1 to 5/2 under a shift of 3; 4 would be wrong "
        "by 3/2 in every prediction. Under a shift of minus two it goes from 1 to 0.",
        claim="sheet_rule",
    ),
    Erratum(
        name="invariant",
        question=BIASES,
        where="1.d, invariance",
        sheet_says="Leaving biases out of the penalty makes the network invariant to shifts.",
        correct="It makes the minimum and the predictions of training invariant, not the trained "
        "network, and not with zero padding. In ResNet-18 no convolution has a bias.",
        kind="gap",
        evidence="With zero padding a shift of the input is no constant at the border.",
        claim="padding",
    ),
)


def _listed(*names, label="", verdict="holds"):
    """Layers of the sheet's list for which it prints one number."""
    (count,) = {tables.PRINTED_LAYERS[name] for name in names}
    shown = label or " and ".join(name.replace(".", "-") for name in names)
    each = ", each" if len(names) > 1 else ""
    return AuditRow(COUNTS, "1.c, list", f"{shown}{each}: {count} parameters.", verdict, "layers")


def _part(label, part, verdict, reason=""):
    return AuditRow(COUNTS, f"1.c, table 1, {label}",
                    f"{tables.PRINTED_PARTS[part]} parameters.", verdict, "parts", reason)


def _group(label, number, reason=""):
    return AuditRow(GROUPS, "1.e, table", f"{label}: {number}.", "holds", "groups", reason)


AUDIT = (
    AuditRow(
        ORDER,
        "1.a, first sentence",
        "The code has ReLU after batch normalisation.",
        "holds",
        "wiring",
        "In nine of seventeen places; the others read sums. The code is not on the "
        "sheet; the well-known implementation is meant.",
    ),
    AuditRow(
        ORDER,
        "1.a, second sentence",
        "Normalisation first makes the activation's inputs normalised.",
        "gap",
        "not_normalised",
    ),
    AuditRow(
        ORDER,
        "1.a, third sentence",
        "So activations are unlikely to be saturated.",
        "gap",
        "saturated",
    ),
    AuditRow(
        ORDER,
        "1.a, third sentence, bracket",
        "Sigmoid and tanh saturate.",
        "holds",
        "saturated",
        "Their slopes tend to zero; how often is a question of experience.",
    ),
    AuditRow(
        ORDER,
        "1.a, fourth sentence",
        "The other order is reasonable too: inputs of each layer have one scale.",
        "gap",
        "square_left",
    ),
    AuditRow(
        ORDER,
        "1.a, fifth sentence",
        "A bias before batch normalisation has no effect.",
        "gap",
        "bias_acts",
        "True in training mode.",
    ),
    AuditRow(
        MODES,
        "1.b, first sentence",
        "Both layers differ between training and test.",
        "holds",
        "both_modes",
    ),
    AuditRow(
        MODES,
        "1.b, second sentence",
        "Batch normalisation uses running statistics in test mode.",
        "holds",
        "updated",
    ),
    AuditRow(
        MODES,
        "1.b, second sentence, words",
        "The mean and variance are not the batch mean; running average.",
        "holds",
        "updated",
        "The variance is not that of the batch either; the average gives old batches ever "
        "smaller weights.",
    ),
    AuditRow(
        MODES,
        "1.b, third sentence",
        "Dropout scales by $1-p$ in test mode.",
        "gap",
        "scaled_twice",
        "Classical dropout does, PyTorch's does not.",
    ),
    AuditRow(
        MODES,
        "1.b, third sentence, bracket",
        "Dropout samples what to zero in training.",
        "holds",
        "classical_mean",
    ),
    AuditRow(
        MODES,
        "1.b, fourth sentence",
        "The first homework uses neither layer.",
        "not-decidable",
        "",
        "That homework is not at hand.",
    ),
    AuditRow(
        MODES,
        "1.b, fourth sentence",
        "A network with neither works alike in both modes.",
        "holds",
        "",
        "If no other layer depends on the mode.",
    ),
    AuditRow(
        MODES,
        "1.b, fifth sentence",
        "Other networks have to switch modes.",
        "holds",
        "both_modes",
        "Those that contain one of the two layers.",
    ),
    AuditRow(
        COUNTS,
        "1.c, figure 1",
        "A diagram of the network.",
        "not-decidable",
        "wiring",
        "Missing in our copy.",
    ),
    AuditRow(
        COUNTS,
        "1.c, table 1, headings",
        "Basic blocks 1 to 4.",
        "gap",
        "wiring",
        "Loose words: they are the four stages, of two basic blocks each.",
    ),
    _part("7x7", "conv1", "gap",
          "Right without batch normalisation, which the other cells include."),
    _part("block 1", "layer1", "holds"),
    _part("block 2", "layer2", "holds"),
    _part("block 3", "layer3", "holds"),
    _part("block 4", "layer4", "false"),
    _part("FC", "fc", "holds"),
    AuditRow(COUNTS, "1.c, table 1, total", f"{tables.PRINTED_TOTAL} parameters.", "false",
             "parts"),
    AuditRow(
        COUNTS,
        "1.c, table 1, convention",
        "The cells are of one kind.",
        "false",
        "parts",
        "The first leaves its batch normalisation out, the others do not.",
    ),
    AuditRow(COUNTS, "1.c, list, heading", "The list is of 18 layers.", "false", "wiring",
             "It has 21 entries, with the shortcuts."),
    _listed("conv1"),
    _listed("layer1.0.conv1", "layer1.0.conv2", "layer1.1.conv1", "layer1.1.conv2",
            label="layer1, four convolutions"),
    _listed("layer2.0.conv1"),
    _listed("layer2.0.conv2"),
    _listed("layer2.0.downsample"),
    _listed("layer2.1.conv1", "layer2.1.conv2"),
    _listed("layer3.0.conv1"),
    _listed("layer3.0.conv2"),
    _listed("layer3.0.downsample"),
    _listed("layer3.1.conv1", "layer3.1.conv2"),
    _listed("layer4.0.conv1"),
    _listed("layer4.0.conv2"),
    _listed("layer4.0.downsample"),
    _listed(LIKE_IT),
    _listed(LAST, verdict="false"),
    _listed("fc"),
    AuditRow(
        BIASES,
        "1.d, first sentence",
        "Subtracting a vector is a linear transformation.",
        "gap",
        "shift_invariance",
        "Loose words: it is affine, and linear only for the shift zero.",
    ),
    AuditRow(
        BIASES, "1.d, first sentence", "The bias increases by the vector.", "false", "sheet_rule"
    ),
    AuditRow(BIASES, "1.d, second sentence", "Weight decay penalises this.", "gap", "free_fits",
             "It disturbs the fit, but a bias may also become smaller."),
    AuditRow(
        BIASES,
        "1.d, third sentence",
        "Such shifts are common for images: one scale, unknown bias.",
        "not-decidable",
        "",
        "A remark on data, none of which is at hand.",
    ),
    AuditRow(
        BIASES,
        "1.d, fourth sentence",
        "Free biases make the network invariant.",
        "gap",
        "padding",
        "The minimum and the predictions of training are.",
    ),
    AuditRow(
        GROUPS,
        "1.e, code",
        "The tests sort every parameter into one of three groups.",
        "holds",
        "groups",
    ),
    AuditRow(GROUPS, "1.e, code", "The shortcuts need a case of their own.", "holds", "groups"),
    AuditRow(
        GROUPS,
        "1.e, code",
        "The lists hold names and numbers.",
        "holds",
        "optimiser_groups",
        "Enough to count; an optimiser has to be given the tensors.",
    ),
    _group("Batch normalisation", tables.PRINTED_GROUPS["norm"]),
    _group("Biases", tables.PRINTED_GROUPS["bias"], "Outside of batch normalisation."),
    _group("The rest", tables.PRINTED_GROUPS["rest"]),
    _group("Total", tables.PRINTED_GROUP_TOTAL),
)
