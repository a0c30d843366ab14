"""Logits of small networks, computed with NumPy alone: the golden values of ForwardTests.swift.

An implementation of its own, written after the PyTorch definitions that each architecture names.
Every tensor is filled by a formula from its name, so no weights need to be stored.
Run: python3 Tests/Fixtures/forward_reference.py
"""
import numpy as np


def fill(name, shape):
    """sin(0.37 (i^2 mod 10007) + phase) with a phase from the letters of the name."""
    i = np.arange(int(np.prod(shape)), dtype=np.int64)
    phase = float(sum(name.encode()) % 997)
    return np.sin(0.37 * ((i * i) % 10007) + phase).reshape(shape)


def conv(x, name, channels, kernel, stride=1, padding=0, bias=False):
    shape = (channels, x.shape[1], kernel, kernel)
    w = fill(name + ".weight", shape) * 2 / np.sqrt(np.prod(shape[1:]))
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    h = (x.shape[2] - kernel) // stride + 1
    v = (x.shape[3] - kernel) // stride + 1
    y = 0
    for r in range(kernel):
        for s in range(kernel):
            part = x[:, :, r:r + stride * (h - 1) + 1:stride, s:s + stride * (v - 1) + 1:stride]
            y = y + np.einsum("nchw,oc->nohw", part, w[:, :, r, s])
    return y + 0.2 * fill(name + ".bias", (channels,))[:, None, None] if bias else y


def bn(x, name):
    c = (x.shape[1],)
    gamma, beta = 1 + 0.3 * fill(name + ".weight", c), 0.2 * fill(name + ".bias", c)
    mean, var = 0.2 * fill(name + ".running_mean", c), 1 + 0.5 * fill(name + ".running_var", c)
    y = (x.transpose(0, 2, 3, 1) - mean) / np.sqrt(var + 1e-5) * gamma + beta
    return y.transpose(0, 3, 1, 2)


def linear(x, name, outputs):
    w = fill(name + ".weight", (outputs, x.shape[1])) * 2 / np.sqrt(x.shape[1])
    return x @ w.T + 0.2 * fill(name + ".bias", (outputs,))


def relu(x):
    return np.maximum(x, 0)


def max_pool(x, size, stride, padding=0):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)),
               constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    return windows[:, :, ::stride, ::stride].max(axis=(4, 5))


def flatten(x):
    return x.reshape(len(x), -1)


def mlp(x):
    x = relu(linear(flatten(x), "fc1", 6))
    return linear(relu(linear(x, "fc2", 5)), "fc3", 3)


def lenet(x):
    x = max_pool(relu(conv(x, "conv1", 6, 5, bias=True)), 2, 2)
    x = max_pool(relu(conv(x, "conv2", 16, 5, bias=True)), 2, 2)
    x = relu(linear(flatten(x), "fc1", 120))
    return linear(relu(linear(x, "fc2", 84)), "fc3", 3)


def vgg11(x):
    index = 0
    for c in (64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"):
        if c == "M":
            x, index = max_pool(x, 2, 2), index + 1
            continue
        x = conv(x, f"features.{index}", c, 3, padding=1, bias=True)
        x, index = relu(bn(x, f"features.{index + 1}")), index + 3
    return linear(flatten(x), "classifier", 3)


def residual(x, name, planes, stride, expansion, option):
    if expansion == 1:
        y = relu(bn(conv(x, name + ".conv1", planes, 3, stride, 1), name + ".bn1"))
        y = bn(conv(y, name + ".conv2", planes, 3, 1, 1), name + ".bn2")
    else:
        y = relu(bn(conv(x, name + ".conv1", planes, 1), name + ".bn1"))
        y = relu(bn(conv(y, name + ".conv2", planes, 3, stride, 1), name + ".bn2"))
        y = bn(conv(y, name + ".conv3", 4 * planes, 1), name + ".bn3")
    if option == "none":
        return relu(y)
    if stride != 1 or x.shape[1] != planes * expansion:
        if option == "A":
            x = np.pad(x[:, :, ::2, ::2], ((0, 0), (planes // 4, planes // 4), (0, 0), (0, 0)))
        else:
            x = bn(conv(x, f"{name}.{option}.0", planes * expansion, 1, stride),
                   f"{name}.{option}.1")
    return relu(y + x)


def resnet(x, blocks, width, expansion, option, imagenet=False):
    if imagenet:
        x = max_pool(relu(bn(conv(x, "conv1", width, 7, 2, 3), "bn1")), 3, 2, 1)
    else:
        x = relu(bn(conv(x, "conv1", width, 3, 1, 1), "bn1"))
    for stage, count in enumerate(blocks):
        for b in range(count):
            x = residual(x, f"layer{stage + 1}.{b}", width * 2 ** stage,
                         2 if stage and not b else 1, expansion, option)
    return linear(x.mean(axis=(2, 3)), "fc" if imagenet else "linear", 3)


def wide_block(x, name, planes, stride):
    if x.shape[1] != planes:
        x = relu(bn(x, name + ".bn1"))
        y, x = x, conv(x, name + ".convShortcut", planes, 1, stride)
    else:
        y = relu(bn(x, name + ".bn1"))
    y = relu(bn(conv(y, name + ".conv1", planes, 3, stride, 1), name + ".bn2"))
    return x + conv(y, name + ".conv2", planes, 3, 1, 1)


def wide_resnet(x, depth, width):
    x = conv(x, "conv1", 16, 3, 1, 1)
    for stage in range(3):
        for b in range((depth - 4) // 6):
            x = wide_block(x, f"block{stage + 1}.layer.{b}", 16 * width * 2 ** stage,
                           2 if stage and not b else 1)
    return linear(relu(bn(x, "bn1")).mean(axis=(2, 3)), "fc", 3)


NETWORKS = {
    ("mlp-6-5", 8): mlp,
    ("lenet", 32): lenet,
    ("vgg11-bn", 32): vgg11,
    ("resnet8-w4", 9): lambda x: resnet(x, [1, 1, 1], 4, 1, "A"),
    ("resnet14-noshort-w4", 8): lambda x: resnet(x, [2, 2, 2], 4, 1, "none"),
    ("resnet8-b-w4", 9): lambda x: resnet(x, [1, 1, 1], 4, 1, "shortcut"),
    ("resnet18-w4", 16): lambda x: resnet(x, [2, 2, 2, 2], 4, 1, "shortcut"),
    ("resnet34-w2", 16): lambda x: resnet(x, [3, 4, 6, 3], 2, 1, "shortcut"),
    ("resnet50-w2", 16): lambda x: resnet(x, [3, 4, 6, 3], 2, 4, "shortcut"),
    ("resnet18-imagenet-w4", 40): lambda x: resnet(x, [2, 2, 2, 2], 4, 1, "downsample", True),
    ("resnet50-imagenet-w2", 40): lambda x: resnet(x, [3, 4, 6, 3], 2, 4, "downsample", True),
    ("wideresnet-10-2", 9): lambda x: wide_resnet(x, 10, 2),
    ("wideresnet-16-1", 8): lambda x: wide_resnet(x, 16, 1),
}

for (name, extent), network in NETWORKS.items():
    logits = network(fill("images", (2, 3, extent, extent)))
    print(f'("{name}", {extent}, [{", ".join(repr(float(v)) for v in logits.ravel())}]),')
