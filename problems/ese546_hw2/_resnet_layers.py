"""ResNet-18 as data: its layers, what feeds what, the sizes of its maps, its parameter tensors."""

from dataclasses import dataclass
from math import prod

STAGES, BLOCKS = (1, 2, 3, 4), (0, 1)


@dataclass(frozen=True)
class Layer:
    """One layer; a convolution (`conv`) counts with the batch normalisation that follows it.

    `kernel`, `stride` and `padding` are those of each side, `after` is the layer whose output it
    takes ("" for the image). A kernel of zero covers the whole map.
    """

    name: str
    kind: str
    inputs: int
    outputs: int
    kernel: int
    stride: int
    padding: int
    after: str

    @property
    def weight_shape(self):
        return {"conv": (self.outputs, self.inputs, self.kernel, self.kernel),
                "linear": (self.outputs, self.inputs)}.get(self.kind, ())

    @property
    def norm(self):
        """The name of its batch normalisation in PyTorch's listing, "" for none."""
        if self.kind != "conv":
            return ""
        start, _, last = self.name.rpartition(".")
        return f"{start}.downsample.1" if last == "downsample" else self.name.replace("conv", "bn")


def layers(width=64, channels=3, classes=1000):
    """All layers in order; numbers that are not whole do as well, for counting."""
    stem = Layer("conv1", "conv", channels, width, 7, 2, 3, "")
    pool = Layer("maxpool", "pool", width, width, 3, 2, 1, "conv1")
    found, last, inputs = [stem, pool], "maxpool", width
    for stage in STAGES:
        outputs = width * 2 ** (stage - 1)
        for block in BLOCKS:
            stride = 2 if stage > 1 and block == 0 else 1
            found += _block(f"layer{stage}.{block}", inputs, outputs, stride, last)
            last, inputs = f"layer{stage}.{block}.conv2", outputs
    mean = Layer("avgpool", "pool", inputs, inputs, 0, 1, 0, last)
    return (*found, mean, Layer("fc", "linear", inputs, classes, 0, 1, 0, "avgpool"))


def _block(name, inputs, outputs, stride, last):
    first = Layer(f"{name}.conv1", "conv", inputs, outputs, 3, stride, 1, last)
    second = Layer(f"{name}.conv2", "conv", outputs, outputs, 3, 1, 1, first.name)
    if stride == 1:
        return [first, second]
    shortcut = Layer(f"{name}.downsample", "conv", inputs, outputs, 1, stride, 0, last)
    return [first, second, shortcut]


def stage_of(layer):
    """The part of the network: conv1, layer1 to layer4, or fc."""
    return layer.name.split(".")[0]


# ------------------------------------------------------------------------------- parameters


def tensors(layer):
    """Its parameter tensors as PyTorch lists them: pairs of a name and a shape."""
    if not layer.weight_shape:
        return ()
    base = layer.name + (".0" if layer.name.endswith("downsample") else "")
    weight = (f"{base}.weight", layer.weight_shape)
    if layer.kind == "linear":
        return (weight, (f"{base}.bias", (layer.outputs,)))
    return (weight, *((f"{layer.norm}.{role}", (layer.outputs,)) for role in ("weight", "bias")))


def named_parameters(listed):
    return tuple(pair for layer in listed for pair in tensors(layer))


def weights(layer):
    """Numbers in a layer without its batch normalisation; the classifier has a bias."""
    own = prod(layer.weight_shape) if layer.weight_shape else 0
    return own + (layer.outputs if layer.kind == "linear" else 0)


def norm_numbers(layer):
    return 2 * layer.outputs if layer.norm else 0


def conv_biases(layer):
    """What biases of the convolutions would add, if they had any."""
    return layer.outputs if layer.kind == "conv" else 0


# ------------------------------------------------------------------------------------ sizes


def positions(size, kernel, stride, padding):
    """How many places a window has along one side of a map, counted one by one."""
    return len(range(-padding, size + padding - kernel + 1, stride))


def map_sizes(listed, image):
    """The side of each layer's output map by the layer's name, for square images."""
    sizes = {"": image}
    for layer in listed:
        before = sizes[layer.after]
        kernel = layer.kernel or before
        sizes[layer.name] = positions(before, kernel, layer.stride, layer.padding)
    return sizes


# ----------------------------------------------------------------------------------- wiring


def wiring(listed):
    """Every operation with those that feed it: (name, operation, names of its sources)."""
    nodes, outputs = [], {"": ""}
    for layer in listed:
        if layer.kind == "conv":
            nodes += [(layer.name, "conv", (outputs[layer.after],)),
                      (layer.norm, "norm", (layer.name,))]
        else:
            nodes.append((layer.name, layer.kind, (outputs[layer.after],)))
        outputs[layer.name] = layer.name
        if layer.name.endswith("conv1"):
            nodes.append((f"{layer.name}.relu", "relu", (layer.norm,)))
            outputs[layer.name] = f"{layer.name}.relu"
        elif layer.name.endswith("conv2"):
            # The sum of a block; its shortcut, if it has a convolution, is listed next.
            outputs[layer.name] = f"{layer.name}.relu"
            block = layer.name.removesuffix(".conv2")
            shortcut = [s for s in listed if s.name == f"{block}.downsample"]
            start = next(s for s in listed if s.name == f"{block}.conv1").after
            past = shortcut[0].norm if shortcut else outputs[start]
            nodes += [(f"{block}.sum", "sum", (layer.norm, past)),
                      (f"{layer.name}.relu", "relu", (f"{block}.sum",))]
    return tuple(nodes)


def feeds(nodes, source, target):
    """How many operations of one kind feed one of another kind."""
    kinds = {name: kind for name, kind, _ in nodes}
    fed = {one for _, kind, sources in nodes if kind == target for one in sources}
    return sum(kinds.get(name) == source for name in fed)


# ----------------------------------------------------------------------------------- groups


def parameter_groups(named, decay):
    """Two groups for an optimiser; biases and batch normalisation do not decay."""
    decayed = [tensor for name, tensor in named if group_of(name) == "rest"]
    free = [tensor for name, tensor in named if group_of(name) != "rest"]
    return [{"params": decayed, "weight_decay": decay},
            {"params": free, "weight_decay": 0.0}]


def group_of(name):
    """The sheet's rule: batch normalisation first, then biases, then the rest."""
    if "bn" in name or "downsample.1" in name:
        return "norm"
    return "bias" if "bias" in name else "rest"


def without_downsample(name):
    """The rule of `group_of` without its case for the shortcuts."""
    return "norm" if "bn" in name else "bias" if "bias" in name else "rest"


def bias_first(name):
    """The rule of `group_of` with its first two cases exchanged."""
    if "bias" in name:
        return "bias"
    return "norm" if "bn" in name or "downsample.1" in name else "rest"


def grouped(named, rule):
    """Numbers and tensors of each group: {group: (numbers, tensors)}."""
    found = {"norm": [], "bias": [], "rest": []}
    for name, shape in named:
        found[rule(name)].append(prod(shape))
    return {group: (sum(sizes), len(sizes)) for group, sizes in found.items()}
