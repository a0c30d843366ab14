"""The PyTorch side of the comparison: times one kind of work and prints one JSON object.

surface   mean cross-entropy over the samples: eager NCHW (what loss-landscape does); also
          surface.compiled, torch.compile on channels-last, the fastest way known in PyTorch
gradient  mean gradient over the samples
hvp       one exact Hessian-vector product with the graph kept (what PyHessian does)
train     train.sgd and train.sam: one step on all samples as one batch, batch norm on batch statistics,
          learning rate 0.05, momentum 0.9, weight decay 5e-4, rho 0.1
"""
import argparse
import json
import resource
import time

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

import pytorch_transformers


class Block(nn.Module):
    def __init__(self, cin, cout, stride, project):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.pad, self.shortcut = cout // 4, None
        self.same = stride == 1 and cin == cout
        if not self.same and project:
            self.shortcut = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        if self.same:
            return torch.relu(y + x)
        if self.shortcut is not None:
            return torch.relu(y + self.shortcut(x))
        return torch.relu(y + F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.pad, self.pad)))


class ResNet(nn.Module):
    def __init__(self, widths, blocks, project):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False), nn.BatchNorm2d(widths[0])
        layers, cin = [], widths[0]
        for stage, cout in enumerate(widths):
            for b in range(blocks):
                layers.append(Block(cin, cout, 2 if b == 0 and stage > 0 else 1, project))
                cin = cout
        self.layers, self.linear = nn.Sequential(*layers), nn.Linear(cin, 10)

    def forward(self, x):
        return self.linear(self.layers(torch.relu(self.bn1(self.conv1(x)))).mean(dim=(2, 3)))


class Bottleneck(nn.Module):
    def __init__(self, cin, width, stride):
        super().__init__()
        cout = 4 * width
        self.conv1, self.bn1 = nn.Conv2d(cin, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, cout, 1, bias=False), nn.BatchNorm2d(cout)
        self.shortcut = nn.Sequential()
        if stride != 1 or cin != cout:
            self.shortcut = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = torch.relu(self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))))
        return torch.relu(self.bn3(self.conv3(y)) + self.shortcut(x))


class ResNet50(nn.Module):
    """ResNet-50 with a 3x3 stem."""

    def __init__(self):
        super().__init__()
        layers, cin = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU()], 64
        for stage, (width, blocks) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3))):
            for b in range(blocks):
                layers.append(Bottleneck(cin, width, 2 if b == 0 and stage > 0 else 1))
                cin = 4 * width
        self.layers, self.linear = nn.Sequential(*layers), nn.Linear(cin, 10)

    def forward(self, x):
        return self.linear(self.layers(x).mean(dim=(2, 3)))


def mlp():
    layers, inputs = [nn.Flatten()], 3072
    for _ in range(3):
        layers += [nn.Linear(inputs, 512), nn.ReLU()]
        inputs = 512
    return nn.Sequential(*layers, nn.Linear(512, 10))


def vgg16():
    """VGG-16 with batch norm and one linear layer, as for CIFAR."""
    layers, cin = [], 3
    for cout, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(count):
            layers += [nn.Conv2d(cin, cout, 3, padding=1), nn.BatchNorm2d(cout), nn.ReLU()]
            cin = cout
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 10))


NETWORKS = {
    "resnet20": lambda: ResNet((16, 32, 64), 3, False), "resnet32": lambda: ResNet((16, 32, 64), 5, False),
    "resnet18": lambda: ResNet((64, 128, 256, 512), 2, True), "resnet50": ResNet50, "vgg16-bn": vgg16,
    "mlp-512-512-512": mlp, **pytorch_transformers.NETWORKS}


def times(work, repeats):
    work()
    out = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        out.append(time.perf_counter() - start)
    return out


def training_step(net, x, y, rho):
    """One step of SGD, or of SAM where rho is given."""
    params = list(net.parameters())
    optimizer = torch.optim.SGD(params, lr=0.05, momentum=0.9, weight_decay=5e-4)

    def gradient():
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()

    def sgd():
        gradient()
        optimizer.step()

    def sam():
        gradient()
        with torch.no_grad():
            norm = torch.norm(torch.stack([p.grad.norm() for p in params]))
            steps = [p.grad * (rho / (norm + 1e-7)) for p in params]
            for p, e in zip(params, steps):
                p.add_(e)
        gradient()
        with torch.no_grad():
            for p, e in zip(params, steps):
                p.sub_(e)
        optimizer.step()

    return sgd if rho is None else sam


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", default="resnet20", choices=NETWORKS)
    parser.add_argument("--samples", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--work", default="surface,surface.compiled,gradient,hvp")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    net = NETWORKS[a.network]().eval()
    images = lambda n: (torch.randn(n, 3, 32, 32), torch.arange(n) % 10)
    x, y = pytorch_transformers.DATA.get(a.network, images)(a.samples)
    params = list(net.parameters())
    seconds = {}
    for kind in a.work.split(","):
        if kind == "surface":
            with torch.no_grad():
                seconds[kind] = times(lambda: F.cross_entropy(net(x), y).item(), a.repeats)
        elif kind == "surface.compiled":
            import copy
            fast = torch.compile(copy.deepcopy(net).to(memory_format=torch.channels_last))
            xc = x.contiguous(memory_format=torch.channels_last)
            with torch.no_grad():
                seconds[kind] = times(lambda: F.cross_entropy(fast(xc), y).item(), a.repeats)
        elif kind == "gradient":
            seconds[kind] = times(lambda: torch.autograd.grad(F.cross_entropy(net(x), y), params), a.repeats)
        elif kind == "hvp":
            v = [torch.randn_like(p) for p in params]
            # The fused kernels of attention have no second derivative.
            with sdpa_kernel(SDPBackend.MATH):
                g = torch.autograd.grad(F.cross_entropy(net(x), y), params, create_graph=True)
            seconds[kind] = times(lambda: torch.autograd.grad(g, params, v, retain_graph=True), a.repeats)
            del g
        elif kind in ("train.sgd", "train.sam"):
            net.train()
            seconds[kind] = times(training_step(net, x, y, 0.1 if kind == "train.sam" else None), a.repeats)
            net.eval()
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({"network": a.network, "samples": a.samples, "threads": a.threads,
                      "torch": torch.__version__, "seconds": seconds, "peak_rss_gib": rss}))


if __name__ == "__main__":
    main()
