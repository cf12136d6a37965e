"""ResNet-18 as a tree of PyTorch modules, to count it by another route where PyTorch is installed.

Written from the architecture, not from the list of layers. Nothing is computed: the tensors are of
the kind that has a shape and no numbers.
"""

from importlib import import_module


def network(nn):
    """The module tree, with the names of the well-known implementation."""

    class Block(nn.Module):
        def __init__(self, inputs, outputs, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(outputs)
            self.relu = nn.ReLU()
            self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(outputs)
            self.downsample = None
            if stride > 1:
                project = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
                self.downsample = nn.Sequential(project, nn.BatchNorm2d(outputs))

        def forward(self, x):
            branch = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
            return self.relu(branch + (x if self.downsample is None else self.downsample(x)))

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
            self.bn1 = nn.BatchNorm2d(64)
            self.relu = nn.ReLU()
            self.maxpool = nn.MaxPool2d(3, 2, 1)
            self.layer1 = nn.Sequential(Block(64, 64, 1), Block(64, 64, 1))
            self.layer2 = nn.Sequential(Block(64, 128, 2), Block(128, 128, 1))
            self.layer3 = nn.Sequential(Block(128, 256, 2), Block(256, 256, 1))
            self.layer4 = nn.Sequential(Block(256, 512, 2), Block(512, 512, 1))
            self.avgpool = nn.AdaptiveAvgPool2d(1)
            self.fc = nn.Linear(512, 1000)

        def forward(self, x):
            x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
            x = self.avgpool(self.layer4(self.layer3(self.layer2(self.layer1(x)))))
            return self.fc(x.flatten(1))

    return Network()


def _built():
    torch = import_module("torch")
    with torch.device("meta"):
        return torch, network(torch.nn)


def layer_counts():
    """By layer: side of its map for an image of 224, weights, numbers of its norm, both."""
    torch, net = _built()
    sizes = {}
    modules = dict(net.named_modules())
    for name, module in modules.items():
        module.register_forward_hook(
            lambda _, __, out, name=name: sizes.__setitem__(name, out.shape[-1] if out.dim() == 4
                                                            else 1))
    net(torch.zeros(1, 3, 224, 224, device="meta"))
    found = {}
    for name, module in modules.items():
        if not isinstance(module, torch.nn.Conv2d | torch.nn.Linear | torch.nn.MaxPool2d):
            continue
        own = _numbers(module)
        norm = _numbers(modules[_norm_after(name)]) if isinstance(module, torch.nn.Conv2d) else 0
        label = name.removesuffix(".0") if name.endswith("downsample.0") else name
        found[label.replace(".", "-")] = (sizes[name], own, norm, own + norm)
    return found


def _norm_after(name):
    if name.endswith("downsample.0"):
        return name.removesuffix("0") + "1"
    return name.replace("conv", "bn")


def _numbers(module):
    return sum(tensor.numel() for tensor in module.parameters())


def group_counts():
    """By group: tensors and numbers, sorted by the modules they belong to and not by name."""
    torch, net = _built()
    found = {"batch normalisation": [], "biases": [], "the rest": []}
    for module in net.modules():
        for role, tensor in module.named_parameters(recurse=False):
            if isinstance(module, torch.nn.BatchNorm2d):
                found["batch normalisation"].append(tensor.numel())
            else:
                found["biases" if role == "bias" else "the rest"].append(tensor.numel())
    return {group: (len(sizes), sum(sizes)) for group, sizes in found.items()}
