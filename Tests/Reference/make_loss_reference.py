"""Writes what PyTorch computes in float64 for two networks with other losses than that of classes.

Usage: python make_loss_reference.py (needs torch, numpy and scikit-learn, and a Debian system for the text), in this
folder. It trains both networks, in seconds and seeded, and writes for each of them

    diabetes.npz, diabetes-mlp.pt   a table of 10 measurements of 442 patients and how far a disease went in a year
                                    (Efron et al. 2004, in scikit-learn): squared error
    license.npz, license-nplm.pt    characters of the GPL, version 3, and the ones that come next: cross-entropy of
                                    tokens; line ends and one whole sample do not count (-100)

and losses.json with the figures. Everything in it is independent of the engine: networks, losses and matrices are
written anew in PyTorch.
"""
import json
import pathlib

import numpy as np
import torch
from sklearn.datasets import load_diabetes
from torch.nn import functional as F

from risk import Risk, dense, lanczos, probe

FOLDER = pathlib.Path(__file__).resolve().parent
TEXT = pathlib.Path("/usr/share/common-licenses/GPL-3")
CONTEXT, WIDTH, LENGTH = 4, 6, 32
RADIUS = 0.1  # of the perturbation of SAM
GRID = [-1.0, -0.5, 0.0, 0.5, 1.0]  # coordinates of the surface
EDGES = [-18 + 30 * i / 125 for i in range(126)]  # of the histogram of ratios, in natural logarithms


class Perceptron(torch.nn.Module):
    def __init__(self, inputs, *units):
        super().__init__()
        for index, outputs in enumerate(units):
            setattr(self, f"fc{index + 1}", torch.nn.Linear(inputs, outputs))
            inputs = outputs
        self.count = len(units)

    def forward(self, x):
        for index in range(self.count):
            x = getattr(self, f"fc{index + 1}")(x if index == 0 else torch.relu(x))
        return x


class LanguageModel(Perceptron):
    """Bengio et al. 2003: every position reads the embeddings of its token and of those before it."""

    def __init__(self, vocabulary, *units):
        torch.nn.Module.__init__(self)
        self.embedding = torch.nn.Embedding(vocabulary, WIDTH)
        for index, (inputs, outputs) in enumerate(zip((CONTEXT * WIDTH,) + units, units)):
            setattr(self, f"fc{index + 1}", torch.nn.Linear(inputs, outputs))
        self.count = len(units)

    def forward(self, tokens):
        e = self.embedding(tokens)
        parts = [F.pad(e, (0, 0, k, 0))[:, : e.shape[1]] for k in range(CONTEXT)]
        return super().forward(torch.cat(parts, 2))


def diabetes():
    x, y = load_diabetes(return_X_y=True, scaled=False)
    x, y = (x - x.mean(0)) / x.std(0), (y - y.mean()) / y.std()
    order = np.random.default_rng(1).permutation(len(y))
    x, y = x[order].astype(np.float32), y[order].astype(np.float32)
    arrays = {"x_train": x[:342], "y_train": y[:342], "x_test": x[342:], "y_test": y[342:]}
    np.savez_compressed(FOLDER / "diabetes.npz", **arrays)
    return arrays


def license():
    text = TEXT.read_text()
    text = text[text.index("Preamble"):]
    letters = sorted(set(text))
    codes = np.array([letters.index(letter) for letter in text])
    arrays = {}
    for split, first, count in (("train", 0, 64), ("test", 20000, 16)):
        part = codes[first: first + count * LENGTH + 1]
        tokens, target = part[:-1].reshape(count, LENGTH), part[1:].reshape(count, LENGTH).copy()
        target[target == letters.index("\n")] = -100
        arrays["tokens_" + split], arrays["target_" + split] = tokens.astype(np.uint8), target.astype(np.int16)
    arrays["target_train"][5] = -100
    np.savez_compressed(FOLDER / "license.npz", **arrays)
    return arrays, len(letters)


def train(network, x, y, loss, epochs, rate):
    optimizer = torch.optim.Adam(network.parameters(), rate)
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            loss(network(x[rows]), y[rows]).backward()
            optimizer.step()


def mean_squared_error(z, y):
    return F.mse_loss(z, y.view(z.shape))


def cross_entropy(z, y):
    return F.cross_entropy(z.flatten(0, 1), y.flatten(), ignore_index=-100)


class ArrayRisk(Risk):
    """The mean loss of a network over arrays."""

    def __init__(self, network, x, y, loss):
        super().__init__(list(network.named_parameters()))
        self.network, self.x, self.y, self.loss = network, x, y, loss

    def outputs(self, w):
        return torch.func.functional_call(self.network, self.named(w), self.x)

    def value(self, w):
        return self.loss(self.outputs(w), self.y)

    def curved(self, z, tangent):
        if self.loss is mean_squared_error:
            return 2 * tangent / tangent.numel()
        p, counted = torch.softmax(z, 2), (self.y != -100).unsqueeze(2)
        return (p * tangent - p * (p * tangent).sum(2, keepdim=True)) * counted / counted.sum()

    def row_losses(self, w):
        """The losses of the rows that count; each of them has the same weight."""
        z = self.outputs(w)
        if self.loss is mean_squared_error:
            return (z - self.y.view(z.shape)).flatten() ** 2
        losses = F.cross_entropy(z.flatten(0, 1), self.y.flatten(), ignore_index=-100, reduction="none")
        return losses[self.y.flatten() != -100]

    def fisher_product(self, v):
        losses, slopes = torch.func.jvp(self.row_losses, (self.weights,), (v,))
        return torch.func.vjp(self.row_losses, self.weights)[1](slopes / len(losses))[0]

    def score(self, w):
        """R2, or the share of right tokens, and right rows."""
        z = self.outputs(w)
        if self.loss is mean_squared_error:
            return 1 - (self.value(w) / self.y.var(unbiased=False)).item(), 0, self.y.numel()
        counted = self.y != -100
        right = (z.argmax(2) == self.y)[counted].sum().item()
        return right / counted.sum().item(), right, counted.sum().item()


def figures(network, arrays, inputs, targets, loss, axes):
    def part(split):
        x, y = (torch.from_numpy(arrays[f"{name}_{split}"]) for name in (inputs, targets))
        return ArrayRisk(network, *(a.double() if a.is_floating_point() else a.long() for a in (x, y)), loss)

    risk = part("train")
    w = risk.weights
    result = {"parameters": len(w)}
    for split in ("train", "test"):
        score, right, rows = part(split).score(w)
        result[split] = {"samples": len(part(split).x), "rows": rows, "loss": part(split).value(w).item(),
                         "score": score, "correct": right}
    v = probe(len(w))
    g = risk.gradient(w)
    sam = risk.gradient(w + RADIUS * g / g.norm())
    ratios = ((sam - g).abs() / g.abs())[(g != 0) & (sam != g)].log().numpy()
    result["gradient"] = {"norm": g.norm().item(), "dot_probe": (g @ v).item(), "norms": risk.norms(g)}
    result["sam"] = {"rho": RADIUS, "norm": sam.norm().item(), "difference_norm": (sam - g).norm().item(),
                     "zero_gradients": (g == 0).sum().item(), "finite": len(ratios), "median": float(np.median(ratios)),
                     "counts": np.histogram(ratios, EDGES)[0].tolist()}
    products = {"hessian": risk.hessian_product, "gaussNewton": risk.gauss_newton_product, "fisher": risk.fisher_product}
    for name, product in products.items():
        p = product(v)
        result[name] = {"norm": p.norm().item(), "dot_probe": (p @ v).item(), "norms": risk.norms(p)}
        if len(w) < 1000:
            values, bounds = dense(product, len(w)), np.zeros(len(w))
        else:
            values, bounds = lanczos(product, len(w), steps=400)
        assert bounds[-5:].max() < 1e-9, bounds[-5:]
        result[name]["largest"] = values[::-1][:5].tolist()
        if name == "hessian":
            assert bounds[:2].max() < 1e-9, bounds[:2]
            result[name]["smallest"] = values[:2].tolist()
    # Directions of the norm of the weights: the probe, and the probe backwards.
    directions = [d * (w.norm() / d.norm()) for d in (v, v.flip(0))]
    np.savez_compressed(FOLDER / axes, x=directions[0].numpy().astype(np.float32), y=directions[1].numpy().astype(np.float32))
    directions = [d.float().double() for d in directions]
    points = [[w + 0.5 * (a * directions[0] + b * directions[1]) for a in GRID] for b in GRID]
    result["surface"] = {"coordinates": [0.5 * a for a in GRID],
                         "loss": [[risk.value(p).item() for p in row] for row in points],
                         "score": [[risk.score(p)[0] for p in row] for row in points]}
    return result


torch.manual_seed(1)
table = diabetes()
regression = Perceptron(10, 16, 16, 1)
train(regression, torch.from_numpy(table["x_train"]), torch.from_numpy(table["y_train"]), mean_squared_error, 30, 3e-3)
torch.save(regression.state_dict(), FOLDER / "diabetes-mlp.pt")
text, vocabulary = license()
language = LanguageModel(vocabulary, 24, vocabulary)
train(language, *(torch.from_numpy(text[name]).long() for name in ("tokens_train", "target_train")), cross_entropy, 40, 1e-2)
torch.save(language.state_dict(), FOLDER / "license-nplm.pt")
torch.set_default_dtype(torch.float64)
(FOLDER / "losses.json").write_text(json.dumps({
    "diabetes": figures(regression.double(), table, "x", "y", mean_squared_error, "diabetes-directions.npz"),
    "license": figures(language.double(), text, "tokens", "target", cross_entropy, "license-directions.npz"),
}, indent=1) + "\n")
