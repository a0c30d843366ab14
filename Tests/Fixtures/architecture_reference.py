"""Names, sizes and logits of the networks that public model zoos hold: writes architectures.json.

    architecture_reference.py [NAME...]

torchvision and timm are what they are. The networks of kuangliu/pytorch-cifar come from the package
`pytorch-lightning-cifar` (pip install --no-deps), which has the same modules. lucidrains' mixers come from
`mlp-mixer-pytorch`, vision transformers from `vit-pytorch`, whose versions 0.16.13, 1.0.0, 1.4.0 and 1.26.11 lie in
folders of these names in VIT_PYTORCH (pip install --no-deps --target $VIT_PYTORCH/1.4.0 vit-pytorch==1.4.0). Those of
chenyaofo/pytorch-cifar-models, huyvnphan/PyTorch_CIFAR10, bearpaw/pytorch-classification and
weiaicunzai/pytorch-cifar100 are written here after their sources, from torchvision's parts where they are.

Every tensor is filled by a formula from its name, so no weights need to be stored. For each network: the
extent of the images, numbers of weights, of parameter tensors and of running statistics, a digest of
names and shapes in order, and the logits of two images with three classes in float64. With NAMES only these
are computed again.
"""
import importlib.util, json, os, pathlib, sys, types, warnings
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

warnings.filterwarnings("ignore")
lightning = types.ModuleType("pytorch_lightning")
lightning.LightningModule = type(
    "LightningModule", (nn.Module,), {"save_hyperparameters": lambda self: None})
metrics = types.ModuleType("torchmetrics")
functional = types.ModuleType("torchmetrics.functional")
functional.accuracy = None
sys.modules.update({
    "pytorch_lightning": lightning, "torchmetrics": metrics, "torchmetrics.functional": functional})
import pytorch_lightning_cifar.models as kuangliu
import timm
import torchvision.models as vision

PERIOD = 10007
OUTPUT = pathlib.Path(__file__).parent / "architectures.json"


def wave(name):
    """sin(0.37 (i^2 mod 10007) + phase) with a phase from the letters of the name; it has a period."""
    i = np.arange(PERIOD, dtype=np.int64)
    return np.sin(0.37 * ((i * i) % PERIOD) + float(sum(name.encode()) % 997))


def fill(name, shape, positive=False):
    count, fan = int(np.prod(shape)), int(np.prod(shape[1:]))
    x = np.tile(wave(name), count // PERIOD + 1)[:count].reshape(shape)
    if name.endswith("running_mean"):
        return 0.2 * x
    if name.endswith("running_var"):
        return 1 + 0.5 * x
    if len(shape) >= 2 and fan > 1:
        return 1.5 / np.sqrt(fan) * x
    if name.endswith("bias"):
        return 0.2 * (abs(x) if positive else x)
    return 1 + 0.3 * x


def digest(lines):
    """FNV-1a, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in "".join(line + "\n" for line in lines).encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def measure(name, make, extent):
    # A ReLU stands behind SqueezeNet's logits: with biases of both signs they could all be zero.
    positive = name.startswith("squeezenet")
    torch.manual_seed(0)
    module = make().eval().double()
    state = module.state_dict()
    names = [n for n in state if not n.endswith("num_batches_tracked")]
    buffers = [n for n in names if n.endswith(("running_mean", "running_var"))]
    names = [n for n in names if n not in set(buffers)]
    with torch.no_grad():
        for name in names + buffers:
            state[name].copy_(torch.from_numpy(fill(name, tuple(state[name].shape), positive)))
        images = torch.from_numpy(fill("images", (2 * 3 * extent * extent, 1)) - 1).reshape(2, 3, extent, extent)
        logits = module(images / 0.3)
    lines = [f"{n} {list(state[n].shape)}".replace(", ", ",") for n in names + buffers]
    return {
        "extent": extent, "weights": sum(state[n].numel() for n in names), "parameters": len(names),
        "buffers": len(buffers), "digest": digest(lines), "logits": logits.flatten().tolist()}


def classes(module, *path):
    """The module with its last layer, at a path of attributes, replaced by one of three outputs."""
    parent = module
    for part in path[:-1]:
        parent = getattr(parent, part)
    last = getattr(parent, path[-1])
    setattr(parent, path[-1], nn.Linear(last.in_features, 3))
    return module


# ---- kuangliu/pytorch-cifar


def pytorch_cifar(name, last="linear"):
    return lambda: classes(getattr(kuangliu, name)(), last)


def shufflenet(name):
    """Numbers of channels that are whole, as in later versions."""
    def make():
        usual = nn.Conv2d.__init__, nn.BatchNorm2d.__init__
        whole = lambda values: [int(v) if isinstance(v, float) else v for v in values]
        def convolution(self, *args, **options):
            options["groups"] = int(options.get("groups", 1))
            usual[0](self, *whole(args), **options)
        nn.Conv2d.__init__ = convolution
        nn.BatchNorm2d.__init__ = lambda self, *args: usual[1](self, *whole(args))
        try:
            return classes(getattr(kuangliu, name)(), "linear")
        finally:
            nn.Conv2d.__init__, nn.BatchNorm2d.__init__ = usual
    return make


# ---- parts of the networks that are written here


class Residual(nn.Module):
    """A sum of branches, with a function behind it; branches are attributes in their order."""

    def __init__(self, after=None, **branches):
        super().__init__()
        for name, branch in branches.items():
            self.add_module(name, branch)
        self.names, self.after = [n for n in branches], after

    def forward(self, x):
        total = sum(getattr(self, n)(x) for n in self.names)
        return self.after(total) if self.after else total


class Concatenation(Residual):
    def forward(self, x):
        return torch.cat([getattr(self, n)(x) for n in self.names], 1)


class Gated(nn.Module):
    """Squeeze-and-excitation block of pytorch-cifar100."""

    def __init__(self, residual, shortcut, excitation, shortcut_first):
        super().__init__()
        self.residual = residual
        if shortcut_first:
            self.shortcut = shortcut
        self.excitation = excitation
        self.shortcut = shortcut

    def forward(self, x):
        y = self.residual(x)
        return F.relu(y * self.excitation(y.mean((2, 3)))[:, :, None, None] + self.shortcut(x))


class Skip(nn.Module):
    """What follows an optional identity: only where shapes allow."""

    def __init__(self, keeps, **parts):
        super().__init__()
        self.keeps = keeps
        for name, part in parts.items():
            self.add_module(name, part)
        self.part = list(parts)[0]

    def forward(self, x):
        y = getattr(self, self.part)(x)
        return x + y if self.keeps else y


def modules(*parts, **named):
    sequence = nn.Sequential(*parts)
    for name, part in named.items():
        sequence.add_module(name, part)
    return sequence


def convolution(inputs, outputs, kernel, stride=1, groups=1, bias=False, padding=None):
    return nn.Conv2d(
        inputs, outputs, kernel, stride, kernel // 2 if padding is None else padding, groups=groups,
        bias=bias)


def unit(inputs, outputs, kernel, stride=1, groups=1, bias=False, act=nn.ReLU, padding=None):
    parts = [convolution(inputs, outputs, kernel, stride, groups, bias, padding), nn.BatchNorm2d(outputs)]
    return parts + ([act()] if act else [])


class Head(nn.Module):
    """Global average."""

    def forward(self, x):
        return x.mean((2, 3))


class Named(nn.Module):
    """Named parts one behind the other; `average` stands between two of them."""

    def __init__(self, **parts):
        super().__init__()
        for name, part in parts.items():
            self.add_module(name, part)
        self.order = list(parts)

    def forward(self, x):
        for name in self.order:
            x = getattr(self, name)(x)
        return x


def stages(block, counts, channels, inputs, expansion, first_stride=1):
    for stage, count in enumerate(counts):
        blocks = []
        for place in range(count):
            stride = 1 if place else (first_stride if stage == 0 else 2)
            blocks.append(block(inputs, channels << stage, stride))
            inputs = (channels << stage) * expansion
        yield nn.Sequential(*blocks), inputs


DEPTHS = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3]}

# ---- chenyaofo/pytorch-cifar-models and bearpaw/pytorch-classification


def cifar_resnet(counts, bottleneck):
    from torchvision.models.resnet import BasicBlock, Bottleneck
    kind = Bottleneck if bottleneck else BasicBlock
    def block(inputs, channels, stride):
        outputs = channels * kind.expansion
        changes = stride != 1 or inputs != outputs
        return kind(inputs, channels, stride, nn.Sequential(*unit(inputs, outputs, 1, stride, act=None)) if changes else None)
    def make():
        parts = {"conv1": convolution(3, 16, 3), "bn1": nn.BatchNorm2d(16), "relu": nn.ReLU()}
        for k, (stage, outputs) in enumerate(stages(block, counts, 16, 16, kind.expansion)):
            parts[f"layer{k + 1}"] = stage
        return Named(**parts, average=Head(), fc=nn.Linear(outputs, 3))
    return make


def small_vgg(name, hidden, bias=True):
    def make():
        net = getattr(vision, name)(weights=None, num_classes=3)
        net.avgpool = nn.Identity()
        net.classifier = nn.Sequential(
            nn.Linear(512, hidden), nn.ReLU(), nn.Dropout(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(),
            nn.Linear(hidden, 3))
        return net
    return make


def small_mobilenet(width):
    def make():
        settings = [[1, 16, 1, 1], [6, 24, 2, 1], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]]
        net = vision.MobileNetV2(num_classes=3, width_mult=width, inverted_residual_setting=settings)
        net.features[0][0].stride = (1, 1)
        return net
    return make


def small_shufflenet(name):
    def make():
        net = getattr(vision, name)(weights=None, num_classes=3)
        net.conv1[0].stride = (1, 1)
        net.maxpool = nn.Identity()
        return net
    return make


def repvgg(widths):
    def branch(inputs, outputs, kernel, stride):
        return modules(conv=convolution(inputs, outputs, kernel, stride), bn=nn.BatchNorm2d(outputs))
    def block(inputs, outputs, stride):
        parts = {"rbr_identity": nn.BatchNorm2d(inputs)} if stride == 1 and inputs == outputs else {}
        return Residual(
            F.relu, **parts, rbr_dense=branch(inputs, outputs, 3, stride), rbr_1x1=branch(inputs, outputs, 1, stride))
    def make():
        parts, inputs = {"stage0": block(3, widths[0], 1)}, widths[0]
        for stage, count in enumerate([2, 4, 14, 1]):
            blocks = []
            for place in range(count):
                blocks.append(block(inputs, widths[stage + 1], 2 if stage and not place else 1))
                inputs = widths[stage + 1]
            parts[f"stage{stage + 1}"] = nn.Sequential(*blocks)
        return Named(**parts, gap=Head(), linear=nn.Linear(inputs, 3))
    return make


class PreBlock(nn.Module):
    """Pre-activation block of pytorch-classification."""

    def __init__(self, inputs, channels, stride, bottleneck):
        super().__init__()
        sizes = [(channels, 1, 1), (channels, 3, stride), (4 * channels, 1, 1)] if bottleneck else [
            (channels, 3, stride), (channels, 3, 1)]
        here = inputs
        for k, (outputs, kernel, step) in enumerate(sizes):
            self.add_module(f"bn{k + 1}", nn.BatchNorm2d(here))
            self.add_module(f"conv{k + 1}", convolution(here, outputs, kernel, step))
            here = outputs
        self.count = len(sizes)
        self.downsample = nn.Sequential(convolution(inputs, here, 1, stride)) if stride != 1 or inputs != here else None

    def forward(self, x):
        y = x
        for k in range(self.count):
            y = getattr(self, f"conv{k + 1}")(F.relu(getattr(self, f"bn{k + 1}")(y)))
        return y + (self.downsample(x) if self.downsample else x)


def preresnet(count, bottleneck):
    def make():
        parts = {"conv1": convolution(3, 16, 3)}
        block = lambda inputs, channels, stride: PreBlock(inputs, channels, stride, bottleneck)
        for k, (stage, outputs) in enumerate(stages(block, [count] * 3, 16, 16, 4 if bottleneck else 1)):
            parts[f"layer{k + 1}"] = stage
        return Named(**parts, bn=nn.BatchNorm2d(outputs), relu=nn.ReLU(), average=Head(), fc=nn.Linear(outputs, 3))
    return make


class DenseBlock(nn.Module):
    def __init__(self, inputs, growth):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), convolution(inputs, 4 * growth, 1)
        self.bn2, self.conv2 = nn.BatchNorm2d(4 * growth), convolution(4 * growth, growth, 3)

    def forward(self, x):
        return torch.cat([x, self.conv2(F.relu(self.bn2(self.conv1(F.relu(self.bn1(x))))))], 1)


def small_densenet(depth, growth):
    def make():
        channels = 2 * growth
        parts = {"conv1": convolution(3, channels, 3)}
        for k in range(3):
            blocks = []
            for _ in range((depth - 4) // 6):
                blocks.append(DenseBlock(channels, growth))
                channels += growth
            parts[f"dense{k + 1}"] = nn.Sequential(*blocks)
            if k < 2:
                parts[f"trans{k + 1}"] = modules(
                    bn1=nn.BatchNorm2d(channels), relu=nn.ReLU(), conv1=convolution(channels, channels // 2, 1),
                    pool=nn.AvgPool2d(2))
                channels //= 2
        return Named(**parts, bn=nn.BatchNorm2d(channels), relu=nn.ReLU(), average=Head(), fc=nn.Linear(channels, 3))
    return make


# ---- huyvnphan/PyTorch_CIFAR10


def small_stem(name, path):
    def make():
        net = getattr(vision, name)(weights=None, num_classes=3)
        parent = net
        for part in path[:-1]:
            parent = getattr(parent, part)
        setattr(parent, path[-1], convolution(3, getattr(parent, path[-1]).out_channels, 3))
        return net
    return make


class Small(nn.Module):
    """torchvision's network without what stands between the stem and the first mixed block."""

    def __init__(self, net, first, prefix, pool):
        super().__init__()
        from torchvision.models.googlenet import BasicConv2d
        self.add_module(first, BasicConv2d(3, 192, kernel_size=3, stride=1, padding=1))
        self.order = [first]
        for name, part in net.named_children():
            if name.startswith(prefix) or name in ("maxpool3", "maxpool4"):
                self.add_module(name, nn.MaxPool2d(3, 2, 1) if name.startswith("maxpool") else part)
                self.order.append(name)
        self.fc = net.fc

    def forward(self, x):
        for name in self.order:
            x = getattr(self, name)(x)
        return self.fc(x.mean((2, 3)))


# ---- weiaicunzai/pytorch-cifar100


def cifar100_resnet(depth):
    def block(inputs, channels, stride):
        if depth < 50:
            outputs = channels
            body = unit(inputs, channels, 3, stride) + unit(channels, channels, 3, act=None)
        else:
            outputs = 4 * channels
            body = unit(inputs, channels, 1) + unit(channels, channels, 3, stride) + unit(channels, outputs, 1, act=None)
        changes = stride != 1 or inputs != outputs
        return Residual(
            F.relu, residual_function=nn.Sequential(*body),
            shortcut=nn.Sequential(*unit(inputs, outputs, 1, stride, act=None)) if changes else nn.Sequential())
    def make():
        parts = {"conv1": nn.Sequential(*unit(3, 64, 3))}
        for k, (stage, outputs) in enumerate(stages(block, DEPTHS[depth], 64, 64, 4 if depth >= 50 else 1)):
            parts[f"conv{k + 2}_x"] = stage
        return Named(**parts, average=Head(), fc=nn.Linear(outputs, 3))
    return make


def cifar100_seresnet(depth):
    bottleneck = depth >= 50
    def block(inputs, channels, stride):
        outputs = 4 * channels if bottleneck else channels
        body = (
            unit(inputs, channels, 1, bias=True) + unit(channels, channels, 3, stride, bias=True) + unit(channels, outputs, 1, bias=True)
            if bottleneck else unit(inputs, channels, 3, stride, bias=True) + unit(channels, outputs, 3, bias=True))
        changes = stride != 1 or inputs != outputs
        shortcut = nn.Sequential(*unit(inputs, outputs, 1, stride, bias=True, act=None)) if changes else nn.Sequential()
        gate = nn.Sequential(nn.Linear(outputs, outputs // 16), nn.ReLU(), nn.Linear(outputs // 16, outputs), nn.Sigmoid())
        return Gated(nn.Sequential(*body), shortcut, gate, not bottleneck)
    def make():
        parts = {"pre": nn.Sequential(*unit(3, 64, 3, bias=True))}
        for k, (stage, outputs) in enumerate(stages(block, DEPTHS[depth], 64, 64, 4 if bottleneck else 1)):
            parts[f"stage{k + 1}"] = stage
        return Named(**parts, average=Head(), linear=nn.Linear(outputs, 3))
    return make


def pre(inputs, outputs, kernel, stride=1):
    return [nn.BatchNorm2d(inputs), nn.ReLU(), convolution(inputs, outputs, kernel, stride, bias=True)]


def cifar100_preactresnet(depth):
    bottleneck = depth >= 50
    def block(inputs, channels, stride):
        outputs = 4 * channels if bottleneck else channels
        body = (
            pre(inputs, channels, 1, stride) + pre(channels, channels, 3) + pre(channels, outputs, 1)
            if bottleneck else pre(inputs, channels, 3, stride) + pre(channels, channels, 3))
        changes = stride != 1 or inputs != outputs
        return Residual(
            residual=nn.Sequential(*body),
            shortcut=convolution(inputs, outputs, 1, stride, bias=True) if changes else nn.Sequential())
    def make():
        parts = {"pre": nn.Sequential(*unit(3, 64, 3, bias=True))}
        for k, (stage, outputs) in enumerate(stages(block, DEPTHS[depth], 64, 64, 4 if bottleneck else 1)):
            parts[f"stage{k + 1}"] = stage
        return Named(**parts, average=Head(), linear=nn.Linear(outputs, 3))
    return make


def cifar100_wideresnet(depth, width):
    def block(inputs, channels, stride):
        body = pre(inputs, channels, 3, stride) + pre(channels, channels, 3)
        body.insert(5, nn.Dropout())
        changes = stride != 1 or inputs != channels
        return Residual(
            residual=nn.Sequential(*body),
            shortcut=nn.Sequential(*([convolution(inputs, channels, 1, stride, bias=True)] if changes else [])))
    def make():
        parts = {"init_conv": convolution(3, 16, 3, bias=True)}
        for k, (stage, outputs) in enumerate(stages(block, [(depth - 4) // 6] * 3, 16 * width, 16, 1)):
            parts[f"conv{k + 2}"] = stage
        return Named(**parts, bn=nn.BatchNorm2d(outputs), relu=nn.ReLU(), average=Head(), linear=nn.Linear(outputs, 3))
    return make


def cifar100_densenet(counts, growth):
    def layer(inputs):
        body = nn.Sequential(
            nn.BatchNorm2d(inputs), nn.ReLU(), convolution(inputs, 4 * growth, 1), nn.BatchNorm2d(4 * growth), nn.ReLU(),
            convolution(4 * growth, growth, 3))
        return Concatenation(same=nn.Identity(), bottle_neck=body)
    def make():
        channels, features = 2 * growth, nn.Sequential()
        for k, count in enumerate(counts):
            block = nn.Sequential()
            for place in range(count):
                block.add_module(f"bottle_neck_layer_{place}", layer(channels))
                channels += growth
            last = k == len(counts) - 1
            features.add_module(f"dense_block{k}" if last else f"dense_block_layer_{k}", block)
            if not last:
                half = channels // 2
                features.add_module(f"transition_layer_{k}", modules(
                    down_sample=nn.Sequential(nn.BatchNorm2d(channels), convolution(channels, half, 1), nn.AvgPool2d(2))))
                channels = half
        features.add_module("bn", nn.BatchNorm2d(channels))
        features.add_module("relu", nn.ReLU())
        return Named(conv1=convolution(3, 2 * growth, 3), features=features, average=Head(), linear=nn.Linear(channels, 3))
    return make


def cifar100_googlenet():
    def mixed(inputs, a, b1, b2, c1, c2, d):
        part = lambda *sizes: sum([unit(i, o, k, bias=True) for i, o, k in sizes], [])
        return Concatenation(
            b1=nn.Sequential(*part((inputs, a, 1))), b2=nn.Sequential(*part((inputs, b1, 1), (b1, b2, 3))),
            b3=nn.Sequential(*part((inputs, c1, 1), (c1, c2, 3), (c2, c2, 3))),
            b4=nn.Sequential(nn.MaxPool2d(3, 1, 1), *part((inputs, d, 1))))
    return Named(
        prelayer=nn.Sequential(*(unit(3, 64, 3) + unit(64, 64, 3) + unit(64, 192, 3))), pool1=nn.MaxPool2d(3, 2, 1),
        a3=mixed(192, 64, 96, 128, 16, 32, 32), b3=mixed(256, 128, 128, 192, 32, 96, 64), pool2=nn.MaxPool2d(3, 2, 1),
        a4=mixed(480, 192, 96, 208, 16, 48, 64), b4=mixed(512, 160, 112, 224, 24, 64, 64),
        c4=mixed(512, 128, 128, 256, 24, 64, 64), d4=mixed(512, 112, 144, 288, 32, 64, 64),
        e4=mixed(528, 256, 160, 320, 32, 128, 128), pool3=nn.MaxPool2d(3, 2, 1),
        a5=mixed(832, 256, 160, 320, 32, 128, 128), b5=mixed(832, 384, 192, 384, 48, 128, 128), average=Head(),
        linear=nn.Linear(1024, 3))


def cifar100_mobilenet():
    def separable(inputs, outputs, stride=1):
        return modules(
            depthwise=nn.Sequential(*unit(inputs, inputs, 3, stride, inputs)),
            pointwise=nn.Sequential(*unit(inputs, outputs, 1, bias=True)))
    def group(inputs, outputs, count):
        return nn.Sequential(*[separable(outputs if k else inputs, outputs, 1 if k else 2) for k in range(count)])
    return Named(
        stem=nn.Sequential(modules(conv=convolution(3, 32, 3), bn=nn.BatchNorm2d(32), relu=nn.ReLU()), separable(32, 64)),
        conv1=group(64, 128, 2), conv2=group(128, 256, 2), conv3=group(256, 512, 6), conv4=group(512, 1024, 2),
        average=Head(), fc=nn.Linear(1024, 3))


def cifar100_mobilenetv2():
    def block(inputs, outputs, stride, t):
        inner = inputs * t
        return Skip(stride == 1 and inputs == outputs, residual=nn.Sequential(*(
            unit(inputs, inner, 1, bias=True, act=nn.ReLU6) + unit(inner, inner, 3, stride, inner, True, nn.ReLU6)
            + unit(inner, outputs, 1, bias=True, act=None))))
    def group(count, inputs, outputs, stride):
        return nn.Sequential(*[block(outputs if k else inputs, outputs, 1 if k else stride, 6) for k in range(count)])
    return Named(
        pre=nn.Sequential(*unit(3, 32, 1, bias=True, act=nn.ReLU6, padding=1)), stage1=block(32, 16, 1, 1),
        stage2=group(2, 16, 24, 2), stage3=group(3, 24, 32, 2), stage4=group(4, 32, 64, 2), stage5=group(3, 64, 96, 1),
        stage6=group(3, 96, 160, 1), stage7=block(160, 320, 1, 6),
        conv1=nn.Sequential(*unit(320, 1280, 1, bias=True, act=nn.ReLU6)), pool=nn.AdaptiveAvgPool2d(1),
        conv2=convolution(1280, 3, 1, bias=True), flat=nn.Flatten())


class Shuffle(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        inner = inputs if stride > 1 else inputs // 2
        body = lambda: (
            unit(inner, inner, 1, bias=True) + unit(inner, inner, 3, stride, inner, True, None) + unit(inner, outputs // 2, 1, bias=True))
        carry = lambda: unit(inputs, inputs, 3, stride, inputs, True, None) + unit(inputs, outputs // 2, 1, bias=True)
        self.splits = stride == 1
        if stride > 1:
            self.residual, self.shortcut = nn.Sequential(*body()), nn.Sequential(*carry())
        else:
            self.shortcut, self.residual = nn.Sequential(), nn.Sequential(*body())

    def forward(self, x):
        a, b = x.chunk(2, 1) if self.splits else (x, x)
        return vision.shufflenetv2.channel_shuffle(torch.cat([self.shortcut(a), self.residual(b)], 1), 2)


def cifar100_shufflenetv2():
    parts, inputs = {"pre": nn.Sequential(*unit(3, 24, 3, bias=True, act=None))}, 24
    for k, (outputs, count) in enumerate([(116, 3), (232, 7), (464, 3)]):
        parts[f"stage{k + 2}"] = nn.Sequential(Shuffle(inputs, outputs, 2), *[Shuffle(outputs, outputs, 1) for _ in range(count)])
        inputs = outputs
    return Named(**parts, conv5=nn.Sequential(*unit(464, 1024, 1, bias=True)), average=Head(), fc=nn.Linear(1024, 3))


def cifar100_squeezenet():
    def fire(inputs, outputs, squeezed, keeps):
        body = modules(
            squeeze=nn.Sequential(*unit(inputs, squeezed, 1, bias=True)),
            expand=Concatenation(
                expand_1x1=nn.Sequential(*unit(squeezed, outputs // 2, 1, bias=True)),
                expand_3x3=nn.Sequential(*unit(squeezed, outputs // 2, 3, bias=True))))
        return Skip(keeps, body=body)
    net = Named(
        stem=nn.Sequential(*unit(3, 96, 3, bias=True), nn.MaxPool2d(2, 2)), fire2=fire(96, 128, 16, False),
        fire3=fire(128, 128, 16, True), fire4=fire(128, 256, 32, False), pool4=nn.MaxPool2d(2, 2),
        fire5=fire(256, 256, 32, True), fire6=fire(256, 384, 48, False), fire7=fire(384, 384, 48, True),
        fire8=fire(384, 512, 64, False), pool8=nn.MaxPool2d(2, 2), fire9=fire(512, 512, 64, False),
        conv10=convolution(512, 3, 1, bias=True), average=Head())
    # Names without the containers that this code needs.
    usual = net.state_dict
    net.state_dict = lambda: {n.replace("body.", "").replace("expand.expand", "expand"): v for n, v in usual().items()}
    return net


# ---- lucidrains, and the ConvMixer of its paper


def lucidrains(version, **options):
    def make():
        path = pathlib.Path(os.environ["VIT_PYTORCH"]) / version / "vit_pytorch" / "vit.py"
        spec = importlib.util.spec_from_file_location("vit_" + version.replace(".", "_"), path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.ViT(image_size=32, num_classes=3, **options)
    return make


def mixer():
    from mlp_mixer_pytorch import MLPMixer
    return MLPMixer(
        image_size=32, channels=3, patch_size=4, dim=48, depth=3, num_classes=3, expansion_factor=2,
        expansion_factor_token=0.5)


def convmixer(width, depth, kernel, patch, act=nn.GELU):
    class Plus(nn.Module):
        def __init__(self, fn):
            super().__init__()
            self.fn = fn

        def forward(self, x):
            return self.fn(x) + x
    part = lambda *convolution, **options: [nn.Conv2d(*convolution, **options), act(), nn.BatchNorm2d(width)]
    return lambda: nn.Sequential(
        *part(3, width, patch, stride=patch),
        *[nn.Sequential(Plus(nn.Sequential(*part(width, width, kernel, groups=width, padding="same"))), *part(width, width, 1))
          for _ in range(depth)], nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.Linear(width, 3))


# ---- recurrent layers over rows


def recurrent(kind, features, width, layers, bidirectional=False, end=None, **options):
    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            layer = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[kind]
            setattr(self, kind, layer(features, width, layers, batch_first=True, bidirectional=bidirectional, **options))
            steps = 3 * 32 * 32 // features if end == "all" else 1
            self.fc = nn.Linear(width * (2 if bidirectional else 1) * steps, 3)

        def forward(self, x):
            y, last = getattr(self, kind)(x.reshape(len(x), -1, features))
            last = last[0] if kind == "lstm" else last
            ends = {None: lambda: y[:, -1], "mean": lambda: y.mean(1), "all": lambda: y.flatten(1),
                    "ends": lambda: torch.cat([last[-2], last[-1]], 1)}
            return self.fc(ends[end]())
    return Recurrent


# ---- transformers of the usual layers, in PyTorch's own attention


class EncoderBlock(nn.Module):
    def __init__(self, width, heads, hidden, *options):
        super().__init__()
        self.heads, self.options = heads, options
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        attention, bias = nn.Module(), "nobias" not in options
        if "split" in options:
            for name in ["queries", "keys", "values"]:
                setattr(attention, name, nn.Linear(width, width, bias=bias))
        else:
            attention.projections = nn.Linear(width, 3 * width, bias=bias)
        if "nooutput" not in options:
            attention.output = nn.Linear(width, width)
        self.attention = attention
        self.linear1, self.linear2 = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def attend(self, x):
        a, (n, t, d) = self.attention, x.shape
        if "split" in self.options:
            parts = [layer(x).view(n, t, self.heads, -1).transpose(1, 2) for layer in (a.queries, a.keys, a.values)]
        elif "headwise" in self.options:
            parts = a.projections(x).view(n, t, self.heads, -1).transpose(1, 2).chunk(3, -1)
        else:
            parts = a.projections(x).view(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        scale = d**-0.5 if "widescale" in self.options else None
        y = F.scaled_dot_product_attention(*parts, scale=scale).transpose(1, 2).reshape(n, t, d)
        return y if "nooutput" in self.options else a.output(y)

    def feed(self, x):
        function = F.relu if "relu" in self.options else F.gelu
        y = self.linear2(function(self.linear1(x)))
        return function(y) if "twice" in self.options else y

    def forward(self, x):
        if "post" in self.options:
            x = self.norm1(x + self.attend(x))
            return self.norm2(x + self.feed(x))
        x = x + self.attend(self.norm1(x))
        return x + self.feed(self.norm2(x))


class Encoder(nn.Module):
    def __init__(self, patch, width, depth, heads, hidden, head, options):
        super().__init__()
        self.patch, self.options = patch, options
        count = (32 // patch) ** 2 + ("notoken" not in options)
        if "notoken" not in options:
            self.token = nn.Parameter(torch.zeros([1] * (2 - ("token2" in options) - 2 * ("token1" in options)) + [width]))
        if "nopositions" not in options:
            self.positions = nn.Parameter(torch.zeros([1] * ("positions2" not in options) + [count, width]))
        matrix = "rows" in options or "pixels" in options
        self.embedding = nn.Linear(3 * patch**2, width) if matrix else nn.Conv2d(3, width, patch, patch)
        self.layers = nn.Sequential(*[EncoderBlock(width, heads, hidden, *options) for _ in range(depth)])
        self.norm = nn.Identity() if "nonorm" in options else nn.LayerNorm(width)
        if head:
            self.hidden = nn.Linear(width, head)
        self.head = nn.Linear(head or width, 3)

    def forward(self, x):
        n, c, side, _ = x.shape
        if isinstance(self.embedding, nn.Linear):
            p, k = self.patch, side // self.patch
            x = x.view(n, c, k, p, k, p)
            x = x.permute(0, 2, 4, 3, 5, 1) if "pixels" in self.options else x.permute(0, 2, 4, 1, 3, 5)
            x = self.embedding(x.reshape(n, k * k, -1))
        else:
            x = self.embedding(x).flatten(2).transpose(1, 2)
        if "notoken" not in self.options:
            x = torch.cat([self.token.reshape(1, 1, -1).expand(n, -1, -1), x], 1)
        if "nopositions" not in self.options:
            x = x + self.positions
        x = self.layers(x)
        if "mean" in self.options:
            x = self.norm(x).mean(1)
        elif "meannorm" in self.options:
            x = self.norm(x.mean(1))
        else:
            x = self.norm(x)[:, 0]
        if hasattr(self, "hidden"):
            function = torch.relu if "headrelu" in self.options else F.gelu if "headgelu" in self.options else torch.tanh
            x = function(self.hidden(x))
        return self.head(x)


ENCODERS = [
    "h3-m48", "h4-m48-rows-notoken-positions2-split-nobias-post-relu-nonorm-mean", "h2-m24-head16-headwise-meannorm",
    "h4-m24-head24-pixels-token2-split-twice-widescale-headgelu", "h1-m24-head12-token1-nopositions-nooutput-headrelu",
]


def encoder(name):
    sizes = {"head": 0}
    options = []
    for part in name.split("-"):
        letters = part.rstrip("0123456789")
        if letters in ("h", "m", "head") and letters != part:
            sizes[letters] = int(part[len(letters):])
        else:
            options.append(part)
    return lambda: Encoder(8, 24, 2, sizes["h"], sizes["m"], sizes["head"], options)


# ---- the table


def build():
    table = {}
    def add(name, make, extent=32):
        table[name] = (make, extent)
    for name, last in [("LeNet", "fc3"), ("Vgg11", "classifier"), ("Vgg16", "classifier")]:
        add({"LeNet": "lenet"}.get(name, name.lower() + "-bn"), pytorch_cifar(name, last))
    for name in ["ResNet18", "ResNet50", "PreActResNet18", "PreActResNet34", "PreActResNet50", "PreActResNet101",
                 "PreActResNet152", "SENet18", "DenseNet121", "DenseNet161", "DenseNet169", "DenseNet201", "GoogLeNet",
                 "MobileNetV2", "DPN26", "DPN92", "DLA", "SimpleDLA", "EfficientNetB0"]:
        add(name.lower(), pytorch_cifar(name))
    add("mobilenet", pytorch_cifar("MobileNetV1"))
    add("densenet-cifar", pytorch_cifar("densenet_cifar"))
    for size in ["2x64d", "4x64d", "8x64d", "32x4d"]:
        add(f"resnext29-{size}", pytorch_cifar(f"ResNeXt29_{size}"))
    for name in ["RegNetX_200MF", "RegNetX_400MF", "RegNetY_400MF"]:
        add(name.lower().replace("_", "-"), pytorch_cifar(name))
    for groups in [2, 3]:
        add(f"shufflenetg{groups}", shufflenet(f"ShuffleNetV1_G{groups}"))
    for short, size in [("0-5", "0_5"), ("1", "1_0"), ("1-5", "1_5"), ("2", "2_0")]:
        add(f"shufflenetv2-{short}", pytorch_cifar(f"ShuffleNetV2_{size}"))

    for depth in [20, 32, 44, 56]:
        add(f"resnet{depth}-chenyaofo", cifar_resnet([(depth - 2) // 6] * 3, False))
    for size in [11, 13, 16, 19]:
        add(f"vgg{size}-bn-chenyaofo", small_vgg(f"vgg{size}_bn", 512))
        add(f"vgg{size}-bn-weiaicunzai", small_vgg(f"vgg{size}_bn", 4096))
    for size, width in [("0-5", 0.5), ("0-75", 0.75), ("1-0", 1.0), ("1-4", 1.4)]:
        add(f"mobilenetv2-x{size}-chenyaofo", small_mobilenet(width))
    for size in ["0_5", "1_0", "1_5", "2_0"]:
        add(f"shufflenetv2-x{size}-chenyaofo".replace("_", "-"), small_shufflenet(f"shufflenet_v2_x{size}"))
    for size, widths in [("a0", [48, 48, 96, 192, 1280]), ("a1", [64, 64, 128, 256, 1280]), ("a2", [64, 96, 192, 384, 1408])]:
        add(f"repvgg-{size}-chenyaofo", repvgg(widths))

    for depth in [29, 164]:
        add(f"resnet{depth}-bottleneck", cifar_resnet([(depth - 2) // 9] * 3, True))
        add(f"preresnet{depth}-bottleneck", preresnet((depth - 2) // 9, True))
    add("preresnet20", preresnet(3, False))
    for depth, growth in [(40, 12), (100, 12)]:
        add(f"densenet-{depth}-{growth}", small_densenet(depth, growth))

    for size in [18, 34, 50]:
        add(f"resnet{size}-huyvnphan", small_stem(f"resnet{size}", ["conv1"]))
    for size in [121, 161, 169]:
        add(f"densenet{size}-huyvnphan", small_stem(f"densenet{size}", ["features", "conv0"]))
    add("googlenet-huyvnphan", lambda: Small(vision.googlenet(weights=None, num_classes=3, aux_logits=False, init_weights=False), "conv1", "inception", 1))
    add("inception-v3-huyvnphan", lambda: Small(vision.inception_v3(weights=None, num_classes=3, aux_logits=False, init_weights=False), "Conv2d_1a_3x3", "Mixed", 0))

    for depth in DEPTHS:
        add(f"resnet{depth}-weiaicunzai", cifar100_resnet(depth))
        add(f"seresnet{depth}-weiaicunzai", cifar100_seresnet(depth))
        add(f"preactresnet{depth}-weiaicunzai", cifar100_preactresnet(depth))
    add("wideresnet-16-2-weiaicunzai", cifar100_wideresnet(16, 2))
    for size, counts, growth in [("121", [6, 12, 24, 16], 32), ("161", [6, 12, 36, 24], 48), ("169", [6, 12, 32, 32], 32),
                                 ("201", [6, 12, 48, 32], 32), ("-cifar", [6, 12, 24, 16], 12)]:
        add(f"densenet{size}-weiaicunzai", cifar100_densenet(counts, growth))
    for name, make in [("googlenet", cifar100_googlenet), ("mobilenet", cifar100_mobilenet), ("mobilenetv2", cifar100_mobilenetv2),
                       ("shufflenetv2", cifar100_shufflenetv2), ("squeezenet", cifar100_squeezenet)]:
        add(f"{name}-weiaicunzai", make)

    options = {"googlenet": dict(aux_logits=False, init_weights=False), "inception_v3": dict(aux_logits=False, init_weights=False)}
    extents = {"inception_v3": 96, "googlenet": 65, "squeezenet1_0": 66, "squeezenet1_1": 64, "vgg11": 32, "vgg16_bn": 224, "alexnet": 223}
    tv = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d",
          "wide_resnet50_2", "wide_resnet101_2", "densenet121", "densenet161", "densenet169", "densenet201", "googlenet",
          "inception_v3", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small", "mnasnet0_5", "mnasnet0_75", "mnasnet1_0",
          "mnasnet1_3", "shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "shufflenet_v2_x1_5", "shufflenet_v2_x2_0", "squeezenet1_0",
          "squeezenet1_1", "alexnet", "vgg11", "vgg16_bn", "convnext_tiny", "convnext_small", "convnext_base", "convnext_large"]
    tv += [f"efficientnet_b{k}" for k in range(8)]
    tv += [f"regnet_{k}_{s}" for k in "xy" for s in ["400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf"]]
    for name in tv:
        add(name.replace("_", "-") + "-imagenet",
            lambda name=name: getattr(vision, name)(weights=None, num_classes=3, **options.get(name, {})), extents.get(name, 64))
    for name in ["vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32"]:
        add(name.replace("_", "-") + "-imagenet",
            lambda name=name: getattr(vision, name)(weights=None, num_classes=3, image_size=64), 64)
    names = ["mobilenetv2_100", "mobilenetv3_large_100", "mobilenetv3_small_100", "convnext_tiny", "convnext_small",
             "convnext_base", "convnext_large"] + [f"efficientnet_b{k}" for k in range(8)]
    for name in names:
        add(name.replace("_", "-") + "-timm", lambda name=name: timm.create_model(name, num_classes=3), 64)
    names = [f"vit_{s}_patch{p}_224" for s, ps in [("tiny", [16]), ("small", [16, 32]), ("base", [16, 32]), ("large", [16, 32])] for p in ps]
    names += [f"mixer_{s}{p}_224" for s in "sbl" for p in [16, 32]]
    for name in names:
        add(name.replace("_", "-") + "-timm", lambda name=name: timm.create_model(name, num_classes=3, img_size=64), 64)
    size = dict(patch_size=4, dim=48, depth=3, dim_head=16, mlp_dim=96)
    for version, name in [("0.16.13", "v0"), ("1.0.0", "v1.0"), ("1.4.0", "v1.4"), ("1.26.11", "v1.26")]:
        add(f"vit-patch4-w48-d3-h2-k16-m96-lucidrains-{name}", lucidrains(version, heads=2, **size))
    add("vit-patch4-w48-d3-h2-k16-m96-lucidrains-v1.4-mean", lucidrains("1.4.0", heads=2, pool="mean", **size))
    add("vit-patch8-w16-d1-h1-k16-m24-lucidrains-v0",
        lucidrains("0.16.13", patch_size=8, dim=16, depth=1, heads=1, dim_head=16, mlp_dim=24))
    for name in ENCODERS:
        add("encoder-patch8-w24-d2-" + name, encoder(name))
    add("mixer-patch4-w48-d3-t96-m24-lucidrains", mixer)
    add("mixer-patch4-w48-d3-t24-m192-timm",
        lambda: timm.models.MlpMixer(num_classes=3, img_size=32, patch_size=4, num_blocks=3, embed_dim=48))
    add("lstm-f96-h8-l2", recurrent("lstm", 96, 8, 2))
    add("lstm-f96-h6-l2-bidirectional-ends", recurrent("lstm", 96, 6, 2, True, "ends"))
    add("lstm-f96-h6-l1-bidirectional", recurrent("lstm", 96, 6, 1, True))
    add("gru-f96-h8-l2-all", recurrent("gru", 96, 8, 2, end="all"))
    add("rnn-f96-h8-l2-mean", recurrent("rnn", 96, 8, 2, end="mean"))
    add("rnn-relu-f96-h8-l1", recurrent("rnn", 96, 8, 1, nonlinearity="relu"))
    add("convmixer-w24-d3-k5-p2", convmixer(24, 3, 5, 2))
    add("convmixer-w16-d2-k8-p1-relu", convmixer(16, 2, 8, 1, nn.ReLU))
    for act, end in [(nn.GELU, ""), (nn.ReLU, "-relu")]:
        add(f"convmixer-w24-d2-k7-p4{end}-timm", lambda act=act: timm.models.convmixer.ConvMixer(
            24, 2, kernel_size=7, patch_size=4, num_classes=3, act_layer=act))
    return table


def main():
    chosen = sys.argv[1:]
    known = json.loads(OUTPUT.read_text()) if chosen and OUTPUT.exists() else {}
    for name, (make, extent) in build().items():
        if not chosen or name in chosen:
            try:
                known[name] = measure(name, make, extent)
            except Exception as error:
                print(f"{name}: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}")
                continue
            print(name, known[name]["weights"], flush=True)
    OUTPUT.write_text("{\n" + ",\n".join(f'"{n}": {json.dumps(known[n])}' for n in sorted(known)) + "\n}\n")


if __name__ == "__main__":
    main()
