"""The counts of ResNet-18: each cell from the list of layers, by a closed form, on the sheet."""

import _resnet_torch
import sympy as sp
from _resnet_layers import (
    bias_first,
    conv_biases,
    feeds,
    group_of,
    grouped,
    layers,
    map_sizes,
    named_parameters,
    norm_numbers,
    parameter_groups,
    stage_of,
    weights,
    wiring,
    without_downsample,
)

from solutionset.authoring import Cell, CountRow, Quoted, Recount, count, count_grid

w, C, K, H = sp.symbols("w C K H")
SIZES = {"w": 64, "C": 3, "K": 1000}
LISTED = layers()
PARTS = ("conv1", "layer1", "layer2", "layer3", "layer4", "fc")

# What the sheet prints: its list of layers, its table of parts, its table of groups.
PRINTED_LAYERS = {
    "conv1": 9536,
    "layer1.0.conv1": 36992, "layer1.0.conv2": 36992,
    "layer1.1.conv1": 36992, "layer1.1.conv2": 36992,
    "layer2.0.conv1": 73984, "layer2.0.conv2": 147712, "layer2.0.downsample": 8448,
    "layer2.1.conv1": 147712, "layer2.1.conv2": 147712,
    "layer3.0.conv1": 295424, "layer3.0.conv2": 590336, "layer3.0.downsample": 33280,
    "layer3.1.conv1": 590336, "layer3.1.conv2": 590336,
    "layer4.0.conv1": 1180672, "layer4.0.conv2": 2360320, "layer4.0.downsample": 132096,
    "layer4.1.conv1": 2360320, "layer4.1.conv2": 236032,
    "fc": 513000,
}
PRINTED_PARTS = {"conv1": 9408, "layer1": 147968, "layer2": 525568, "layer3": 2099712,
                 "layer4": 8393688, "fc": 513000}
PRINTED_TOTAL = 11698512
PRINTED_GROUPS = {"norm": 9600, "bias": 1000, "rest": 11678912}
PRINTED_GROUP_TOTAL = 11689512
OFF = {"layer4.1.conv2": -2124288, "conv1": -128, "layer4": -40}


# -------------------------------------------------------------------- closed forms of layers


def outputs_form(layer):
    """The channels a layer puts out, in the width."""
    if layer.kind == "linear":
        return K
    stage = stage_of(layer)
    return w * 2 ** (int(stage[-1]) - 1) if stage.startswith("layer") else w


def inputs_form(layer):
    if layer.name == "conv1":
        return C
    if layer.kind == "linear":
        return 8 * w
    narrow = layer.inputs != layer.outputs
    return outputs_form(layer) / 2 if narrow else outputs_form(layer)


def weights_form(layer):
    if layer.kind == "pool":
        return sp.Integer(0)
    pairs = inputs_form(layer) * outputs_form(layer)
    return pairs + K if layer.kind == "linear" else pairs * layer.kernel**2


def norm_form(layer):
    return 2 * outputs_form(layer) if layer.norm else sp.Integer(0)


def size_form(layer):
    """The side of the map: the image, halved by the stem, the pooling and three stages."""
    if layer.kind == "linear" or layer.name == "avgpool":
        return sp.Integer(1)
    part = stage_of(layer)
    return H / 2 ** {"conv1": 1, "maxpool": 2, "layer1": 2, "layer2": 3, "layer3": 4,
                     "layer4": 5}[part]


def cell(listed, form):
    return Cell(listed, sp.sympify(form), SIZES)


# ----------------------------------------------------------------------- layer by layer


def kernel_of(layer):
    if not layer.kernel:
        return "all" if layer.kind == "pool" else ""
    stride = f", step {layer.stride}" if layer.stride > 1 else ""
    return f"${layer.kernel} \\times {layer.kernel}${stride}"


def layer_row(layer, sizes):
    both = cell(weights(layer) + norm_numbers(layer), weights_form(layer) + norm_form(layer))
    printed = PRINTED_LAYERS.get(layer.name)
    off = OFF["layer4.1.conv2"] if layer.name == "layer4.1.conv2" else 0
    channels = "" if layer.kind == "pool" else f"${layer.inputs} \\to {layer.outputs}$"
    return (
        layer.name.replace(".", "-"), kernel_of(layer), channels,
        Cell(sizes[layer.name], size_form(layer), {"H": 224}),
        cell(weights(layer), weights_form(layer)), cell(norm_numbers(layer), norm_form(layer)),
        both, "" if printed is None else Quoted(printed, both, off),
    )


def layer_table():
    sizes = map_sizes(LISTED, 224)
    groups = {part: [] for part in ("conv1", "layer1", "layer2", "layer3", "layer4", "avgpool")}
    for layer in LISTED:
        part = {"maxpool": "conv1", "fc": "avgpool"}.get(stage_of(layer), stage_of(layer))
        groups[part].append(layer_row(layer, sizes))
    all_weights = cell(sum(map(weights, LISTED)), sum(map(weights_form, LISTED)))
    all_norms = cell(sum(map(norm_numbers, LISTED)), 150 * w)
    total = cell(sum(weights(x) + norm_numbers(x) for x in LISTED), TOTAL_FORM)
    return count_grid(
        "layers",
        ("Layer", "Window", "Channels", "Map", "Weights", "Norm", "Both", "Sheet"),
        *groups.values(),
        total=("all", "", "", "", all_weights, all_norms, total,
               Quoted(PRINTED_GROUP_TOTAL, total)),
        recount=Recount("torch", _resnet_torch.layer_counts),
        title="Layers of ResNet-18",
    )


# ------------------------------------------------------------ parts, by counting convention

TOTAL_FORM = 2724 * w**2 + (49 * C + 150) * w + K * (8 * w + 1)


def part_forms(part):
    """Weights, norms, biases that convolutions could have, and what the shortcuts hold."""
    if part == "conv1":
        return 49 * C * w, 2 * w, w, sp.Integer(0)
    if part == "fc":
        return K * (8 * w + 1), sp.Integer(0), sp.Integer(0), sp.Integer(0)
    if part == "layer1":
        return 36 * w**2, 8 * w, 4 * w, sp.Integer(0)
    out = w * 2 ** (int(part[-1]) - 1)
    return 32 * out**2, 10 * out, 5 * out, out**2 / 2 + 2 * out


def part_counts(part):
    inside = [layer for layer in LISTED if stage_of(layer) == part]
    shortcut = [layer for layer in inside if layer.name.endswith("downsample")]
    return (sum(map(weights, inside)), sum(map(norm_numbers, inside)),
            sum(map(conv_biases, inside)),
            sum(weights(x) + norm_numbers(x) for x in shortcut))


def conventions(numbers):
    """The five ways to count, from weights, norms, would-be biases and shortcuts."""
    plain, norms, biases, shortcuts = numbers
    return (plain + norms, plain, plain + biases, plain + norms + biases,
            plain + norms - shortcuts)


def right_part(part):
    """The parameters of a part, batch normalisation and shortcuts included."""
    return conventions(part_counts(part))[0]


def part_row(label, printed, off, counts, forms):
    cells = [cell(listed, form) for listed, form in zip(counts, forms, strict=True)]
    return (label, *cells, Quoted(printed, cells[0], off))


def summed(rows):
    return tuple(sum(column) for column in zip(*rows, strict=True))


def part_table():
    counts = {part: conventions(part_counts(part)) for part in PARTS}
    forms = {part: conventions(part_forms(part)) for part in PARTS}
    rows = [part_row(part, PRINTED_PARTS[part], OFF.get(part, 0), counts[part], forms[part])
            for part in PARTS]
    total = part_row("all", PRINTED_TOTAL, 9000, summed(counts.values()), summed(forms.values()))
    return count_grid(
        "parts",
        ("Part", "With norms", "Without", "Biases instead", "Both", "No shortcuts", "Sheet"),
        rows, total=total,
        title="Parameters of the parts by counting convention",
    )


def closed_table():
    """The closed form against the list for four networks."""
    def row(*sizes):
        listed = sum(weights(x) + norm_numbers(x) for x in layers(*sizes))
        found = Cell(listed, TOTAL_FORM, dict(zip("wCK", sizes, strict=True)))
        return (f"{sizes[0]}", *(f"{size}" for size in sizes[1:]), found)

    return count_grid("closed_form", ("Width", "Channels", "Classes", "Parameters"),
                      [row(64, 3, 1000), row(64, 3, 10), row(16, 1, 7), row(5, 2, 3)],
                      title="The closed form on other networks")


def printed_sums():
    """What the sheet's own numbers add up to, beside the right total."""
    right = cell(sum(weights(x) + norm_numbers(x) for x in LISTED), TOTAL_FORM)
    rows = [("its six parts", sum(PRINTED_PARTS.values())),
            ("its 21 layers", sum(PRINTED_LAYERS.values())),
            ("its three groups", sum(PRINTED_GROUPS.values()))]
    offs = (OFF["conv1"] + OFF["layer4"], OFF["layer4.1.conv2"], 0)
    return count_grid(
        "printed_sums", ("On the sheet", "Add up to", "Right"),
        [(label, Quoted(added, right, off), right)
         for (label, added), off in zip(rows, offs, strict=True)],
        title="Sums of what the sheet prints",
    )


def table_claims():
    return layer_table(), part_table(), closed_table(), printed_sums()


# --------------------------------------------------------------------------- sizes, wiring


def size_table():
    images = (224, 32, 96)
    sizes = {image: map_sizes(LISTED, image) for image in images}
    last = {"conv1": "conv1", "maxpool": "maxpool", "layer1": "layer1.1.conv2",
            "layer2": "layer2.1.conv2", "layer3": "layer3.1.conv2", "layer4": "layer4.1.conv2",
            "avgpool": "avgpool"}
    by_name = {layer.name: layer for layer in LISTED}
    rows = [
        (label, *(Cell(sizes[image][name], size_form(by_name[name]), {"H": image})
                  for image in images))
        for label, name in last.items()
    ]
    return count_grid("sizes", ("After", "Image 224", "Image 32", "Image 96"), rows,
                      title="Sides of the maps")


def wiring_counts():
    nodes = wiring(LISTED)
    kinds = [kind for _, kind, _ in nodes]
    B, S = sp.symbols("B S")
    sizes = {"B": 8, "S": 3}
    return count(
        "wiring",
        CountRow("batch normalisations", kinds.count("norm"), 1 + 2 * B + S, sizes),
        CountRow("of them read by a ReLU", feeds(nodes, "norm", "relu"), 1 + B, sizes),
        CountRow("of them read by a sum", feeds(nodes, "norm", "sum"), B + S, sizes),
        CountRow("ReLUs", kinds.count("relu"), 1 + 2 * B, sizes),
        CountRow("of them on a sum", feeds(nodes, "sum", "relu"), B, sizes),
        CountRow("convolutions on the long way", len(convolutions(shortcut=False)), 1 + 2 * B,
                 sizes),
        CountRow("convolutions on a shortcut", len(convolutions(shortcut=True)), S, sizes),
        CountRow("entries of the sheet's list", len(PRINTED_LAYERS), 2 + 2 * B + S, sizes),
        CountRow("layers that give the name", len(convolutions(shortcut=False)) + 1,
                 2 + 2 * B, sizes),
        title="What feeds what",
    )


def convolutions(*, shortcut):
    return [x for x in LISTED if x.kind == "conv" and x.name.endswith("downsample") == shortcut]


# -------------------------------------------------------------------------------- groups


def group_table():
    names = named_parameters(LISTED)
    right, short, swapped = (grouped(names, rule)
                             for rule in (group_of, without_downsample, bias_first))
    forms = {
        "norm": (150 * w, sp.Integer(40), 122 * w, 75 * w),
        "bias": (K, sp.Integer(1), 14 * w + K, 75 * w + K),
        "rest": (TOTAL_FORM - 150 * w - K, sp.Integer(21), TOTAL_FORM - 136 * w - K,
                 TOTAL_FORM - 150 * w - K),
    }
    labels = {"norm": "batch normalisation", "bias": "biases", "rest": "the rest"}
    rows = []
    for group, label in labels.items():
        numbers = (*right[group], short[group][0], swapped[group][0])
        found = [cell(n, form) for n, form in zip(numbers, forms[group], strict=True)]
        rows.append((label, found[1], found[0], Quoted(PRINTED_GROUPS[group], found[0]),
                     *found[2:]))
    total = cell(sum(right[group][0] for group in right), TOTAL_FORM)
    return count_grid(
        "groups",
        ("Group", "Tensors", "Numbers", "Sheet", "No shortcut case", "Bias first"),
        rows,
        total=("all", cell(len(names), 62), total, Quoted(PRINTED_GROUP_TOTAL, total), total,
               total),
        recount=Recount("torch", _resnet_torch.group_counts),
        title="Groups of parameters",
    )


def optimiser_groups():
    """What the optimiser is given: every tensor once, decayed or not."""
    B, S = sp.symbols("B S")
    sizes = {"B": 8, "S": 3}
    named = [(name, name) for name, _ in named_parameters(LISTED)]  # names stand for the tensors
    decayed, free = parameter_groups(named, 0.1)
    every = {tensor for group in (decayed, free) for tensor in group["params"]}
    return count(
        "optimiser_groups",
        CountRow("tensors that decay", len(decayed["params"]), 2 + 2 * B + S, sizes),
        CountRow("tensors that do not", len(free["params"]), 3 + 4 * B + 2 * S, sizes),
        CountRow("different tensors in both", len(every), 5 + 6 * B + 3 * S, sizes),
        title="Groups for the optimiser",
    )
