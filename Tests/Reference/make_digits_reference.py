"""Writes digits.json: what PyTorch computes in float64 for two small networks on the embedded digits.

Usage: python make_digits_reference.py (needs torch and numpy), in this folder.

The networks were trained by `trainer train --data digits` with the options in TRAININGS, few epochs, so that loss and
derivatives are not near zero. Everything here is independent of the engine: tensors are read from the safetensors
files, images from the base64 text in DigitsData.swift, networks are written anew in PyTorch.
"""
import base64
import gzip
import json
import pathlib
import re

import numpy as np
import torch
from torch.nn import functional as F

from risk import Risk, dense, lanczos, probe

TRAININGS = {
    "mlp": "--architecture mlp-16 --epochs 8 --learning-rate 0.05",
    "resnet": "--architecture resnet8-w8 --epochs 2 --learning-rate 0.05",
}
FOLDER = pathlib.Path(__file__).resolve().parent
SAMPLES = 128  # of the derivatives, the first of the training split
RADIUS = 0.1  # of the perturbation of SAM
LINE = [-0.5, -0.25, 0.0, 0.25, 0.5]  # steps along the probe, scaled to the norm of the weights
ADAMW = {"lr": 0.01, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.1}
torch.set_default_dtype(torch.float64)


def digits():
    """Images [n, 1, 8, 8] in 0 ... 1 and labels; the first 1,437 are the training split."""
    source = (FOLDER / "../../Sources/Datasets/Digits/DigitsData.swift").read_text()
    text = re.search(r'digitsBase64 = """(.*?)"""', source, re.S).group(1)
    contents = gzip.decompress(base64.b64decode("".join(text.split())))
    pixels = np.frombuffer(contents[: 1797 * 64], np.uint8).reshape(-1, 1, 8, 8)
    labels = np.frombuffer(contents[1797 * 64:], np.uint8)
    # Pixels become float32 before they are normalised, as in the engine.
    return torch.from_numpy((pixels / 16).astype(np.float64)), torch.from_numpy(labels.astype(np.int64))


def read(path):
    """Tensors in float64, in the order of the file's data, and metadata."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8: 8 + size])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"][0]):
        if name.startswith("training."):
            continue
        assert entry["dtype"] == "F32", name
        first, last = (8 + size + offset for offset in entry["data_offsets"])
        array = np.frombuffer(data[first:last], np.float32).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(array.astype(np.float64))
    return tensors, metadata


def mlp(x, t):
    return F.linear(torch.relu(F.linear(x.flatten(1), t["fc1.weight"], t["fc1.bias"])), t["fc2.weight"], t["fc2.bias"])


def resnet(x, t):
    """ResNet-8 with zero-padded shortcuts (He et al. 2015, section 4.2), batch norm on running statistics."""
    def norm(x, name):
        return F.batch_norm(x, t[name + ".running_mean"], t[name + ".running_var"], t[name + ".weight"],
                            t[name + ".bias"], False, 0.0, 1e-5)

    x = torch.relu(norm(F.conv2d(x, t["conv1.weight"], padding=1), "bn1"))
    for stage in (1, 2, 3):
        name, stride = f"layer{stage}.0.", 1 if stage == 1 else 2
        y = torch.relu(norm(F.conv2d(x, t[name + "conv1.weight"], stride=stride, padding=1), name + "bn1"))
        y = norm(F.conv2d(y, t[name + "conv2.weight"], padding=1), name + "bn2")
        if stage > 1:
            pad = y.shape[1] // 4
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, pad, pad))
        x = torch.relu(y + x)
    return F.linear(x.mean((2, 3)), t["linear.weight"], t["linear.bias"])


class DigitsRisk(Risk):
    """Mean cross-entropy of a network over images with labels."""

    def __init__(self, network, tensors, images, labels):
        super().__init__([(name, x) for name, x in tensors.items() if ".running_" not in name])
        self.network, self.images, self.labels = network, images, labels
        self.state = {name: x for name, x in tensors.items() if ".running_" in name}

    def outputs(self, w):
        return self.network(self.images, self.named(w) | self.state)

    def value(self, w):
        return F.cross_entropy(self.outputs(w), self.labels)

    def curved(self, z, tangent):
        p = torch.softmax(z, 1)
        return (p * tangent - p * (p * tangent).sum(1, keepdim=True)) / len(z)

    def sample_gradients(self):
        result = []
        for n in range(len(self.labels)):
            one = DigitsRisk.__new__(DigitsRisk)
            one.__dict__ = self.__dict__ | {"images": self.images[n:n + 1], "labels": self.labels[n:n + 1]}
            result.append(one.gradient(self.weights))
        return torch.stack(result)


def adamw_steps(risk, images, labels, radius):
    """Losses of five steps of AdamW, each over the next SAMPLES images, and where they end; SAM where the radius is not 0."""
    w = risk.weights.clone()
    optimizer = torch.optim.AdamW([w], **ADAMW)
    losses = []
    for step in range(5):
        risk.images, risk.labels = (x[SAMPLES * step: SAMPLES * (step + 1)] for x in (images, labels))
        losses.append(risk.value(w).item())
        g = risk.gradient(w)
        w.grad = risk.gradient(w + radius * g / g.norm()) if radius > 0 else g
        optimizer.step()
    state = optimizer.state[w]
    return {"losses": losses, "distance": (w - risk.weights).norm().item(), "weights_dot_probe": (w @ probe(len(w)).to(w.dtype)).item(),
            "mean_norm": state["exp_avg"].norm().item(), "square_norm": state["exp_avg_sq"].norm().item()}


def figures(name, network):
    tensors, metadata = read(FOLDER / f"digits-{name}.ckpt")
    mean, std = (float(re.search(key + r"=([-+.e0-9]+)", metadata["normalization"]).group(1)) for key in ("mean", "std"))
    images, labels = digits()
    images = (images - mean) / std
    result = {"training": TRAININGS[name]}
    for split, part in (("train", slice(0, 1437)), ("test", slice(1437, None))):
        risk = DigitsRisk(network, tensors, images[part], labels[part])
        right = (risk.outputs(risk.weights).argmax(1) == risk.labels).sum().item()
        result[split] = {"samples": len(risk.labels), "loss": risk.value(risk.weights).item(), "correct": right}
    risk = DigitsRisk(network, tensors, images[:SAMPLES], labels[:SAMPLES])
    w = risk.weights
    v = probe(len(w))
    g = risk.gradient(w)
    hv, gv = risk.hessian_product(v), risk.gauss_newton_product(v)
    sam = risk.gradient(w + RADIUS * g / g.norm())
    single = risk.sample_gradients()
    fv = single.T @ (single @ v) / SAMPLES
    result["derivatives"] = {
        "samples": SAMPLES, "loss": risk.value(w).item(), "gradient_norm": g.norm().item(),
        "gradient_dot_probe": (g @ v).item(), "gradient_norms": risk.norms(g),
        "sam": {"rho": RADIUS, "gradient_norm": sam.norm().item(), "difference_norm": (sam - g).norm().item()},
    }
    for key, product in (("hessian", hv), ("gauss-newton", gv), ("fisher", fv)):
        result["derivatives"][key] = {
            "norm": product.norm().item(), "dot_probe": (product @ v).item(), "norms": risk.norms(product)}
    result["derivatives"]["fisher"]["trace"] = (single ** 2).sum().item() / SAMPLES
    scale = w.norm() / v.norm()
    result["line"] = {"steps": LINE, "loss": [risk.value(w + a * scale * v).item() for a in LINE]}
    if name == "mlp":
        result["adamw"] = {
            "rate": ADAMW["lr"], "beta1": ADAMW["betas"][0], "beta2": ADAMW["betas"][1], "epsilon": ADAMW["eps"],
            "weight_decay": ADAMW["weight_decay"], "rho": RADIUS}
        for key, radius in (("plain", 0.0), ("sam", RADIUS)):
            result["adamw"][key] = adamw_steps(DigitsRisk(network, tensors, images, labels), images, labels, radius)
    if len(w) < 3000:
        values = dense(risk.hessian_product, len(w))
        gauss_newton = dense(risk.gauss_newton_product, len(w))
        result["eigenvalues"] = {
            "trace": values.sum(), "gauss-newton": gauss_newton[::-1][:5].tolist(),
            "fisher": (torch.linalg.svdvals(single)[:5] ** 2 / SAMPLES).tolist()}
        bounds = 0 * values
    else:
        values, bounds = lanczos(risk.hessian_product, len(w), steps=300)
        result["eigenvalues"] = {}
    assert max(bounds[-10:].max(), bounds[:2].max()) < 1e-9, (bounds[-10:], bounds[:2])
    result["eigenvalues"] |= {"largest": values[::-1][:10].tolist(), "smallest": values[:2].tolist()}
    return result


(FOLDER / "digits.json").write_text(json.dumps({"mlp": figures("mlp", mlp), "resnet": figures("resnet", resnet)}, indent=1) + "\n")
