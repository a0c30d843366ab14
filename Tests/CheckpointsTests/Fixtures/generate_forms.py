"""Makes the unusual forms of tensors in this folder: python3 generate_forms.py (PyTorch 2, safetensors).

Plain values are those of `state`; those of reparametrised weights are PyTorch's own.
"""

import pickle
import warnings
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils import parametrizations, prune

warnings.filterwarnings("ignore")
here = Path(__file__).parent


def state():
    """Two layers with the values 0, 0.25, ... and 1, 1.25, ..."""
    result = OrderedDict()
    result["first.weight"] = (torch.arange(6) * 0.25).reshape(2, 3)
    result["last.weight"] = (torch.arange(4) * 0.25 + 1).reshape(2, 2)
    return result


class Device:
    """A tensor as torch_xla pickles it: NumPy data and a call that moves them to the device."""

    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce__(self):
        return torch._utils._rebuild_device_tensor_from_numpy, (self.tensor.numpy(), torch.float32, "xla:0", False)


class Host:
    """A tensor as newer versions pickle it: that of the host, and the call."""

    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce__(self):
        return torch._utils._rebuild_device_tensor_from_cpu_tensor, (self.tensor, torch.float32, "xla:0", False)


class Named(torch.Tensor):
    """A subclass without data of its own."""


class Settings:
    """What a program of its own keeps beside the weights."""

    def __init__(self):
        self.lr = 0.5
        self.name = "tiny"
        self.inner = {"depth": 20, "mean": [0.5]}


plain = state()
torch.save({name: Device(tensor) for name, tensor in plain.items()}, here / "device-numpy.pt")
torch.save({name: Host(tensor) for name, tensor in plain.items()}, here / "device-host.pt")
(here / "tensors.pkl").write_bytes(pickle.dumps(plain, 4))
shared = OrderedDict(plain, tied=plain["last.weight"])
(here / "tensors-shared.pkl").write_bytes(pickle.dumps(shared, 2))
named = OrderedDict((name, tensor.as_subclass(Named)) for name, tensor in plain.items())
named["first.weight"].note = "with a state of its own"
torch.save(named, here / "subclass.pt")
parameter = nn.Parameter(plain["first.weight"])
parameter.note = 3
torch.save({"first.weight": parameter, "last.weight": nn.Parameter(plain["last.weight"])}, here / "parameters.pt")
torch.save({"settings": Settings(), "state_dict": plain, "test_acc": torch.tensor(0.75)}, here / "settings.pt")
torch.save({"settings": Settings(), "state_dict": plain}, here / "settings-legacy.pt", _use_new_zipfile_serialization=False)
(here / "list.pkl").write_bytes(pickle.dumps([tensor.numpy() for tensor in plain.values()], 4))

kinds = {
    "complex": torch.complex(plain["last.weight"], plain["last.weight"]),
    "sparse": plain["last.weight"].to_sparse(),
    "rows": plain["last.weight"].to_sparse_csr(),
    "quantised": torch.quantize_per_tensor(plain["last.weight"], 0.1, 0, torch.qint8),
    "meta": plain["last.weight"].to("meta"),
    "float8": plain["last.weight"].to(torch.float8_e4m3fn),
}
for kind, tensor in kinds.items():
    torch.save(OrderedDict(plain, odd=tensor), here / f"kind-{kind}.pt")
    if kind in ("complex", "sparse", "quantised"):
        torch.save(OrderedDict(plain, odd=tensor), here / f"kind-{kind}-legacy.pt", _use_new_zipfile_serialization=False)

torch.manual_seed(0)
old = nn.ModuleDict(
    {
        "norm": nn.utils.weight_norm(nn.Conv2d(2, 3, 2)),
        "norm_all": nn.utils.weight_norm(nn.Linear(3, 2), dim=None),
        "norm_last": nn.utils.weight_norm(nn.Linear(3, 2), dim=1),
        "spectral": nn.utils.spectral_norm(nn.Conv2d(2, 3, 2)),
        "spectral_transposed": nn.utils.spectral_norm(nn.ConvTranspose2d(2, 3, 2)),
        "pruned": nn.Linear(3, 2),
    }
)
prune.random_unstructured(old["pruned"], "weight", amount=0.5)
prune.random_unstructured(old["pruned"], "bias", amount=0.5)
new = nn.ModuleDict(
    {
        "norm": parametrizations.weight_norm(nn.Conv2d(2, 3, 2)),
        "norm_all": parametrizations.weight_norm(nn.Linear(3, 2), dim=None),
        "spectral": parametrizations.spectral_norm(nn.Conv2d(2, 3, 2)),
        "spectral_transposed": parametrizations.spectral_norm(nn.ConvTranspose2d(2, 3, 2)),
    }
)
for name, module in (("old", old), ("new", new)):
    module.eval()
    for layer in module.values():
        layer(torch.randn(2, 2, 4, 4) if not isinstance(layer, nn.Linear) else torch.randn(2, 3))
    expected = OrderedDict()
    for key, layer in module.items():
        expected[f"{key}.weight"] = layer.weight.detach().clone()
        expected[f"{key}.bias"] = layer.bias.detach().clone()
    torch.save(module.state_dict(), here / f"reparametrized-{name}.pt")
    save_file(expected, here / f"reparametrized-{name}.safetensors")
torch.save(old, here / "reparametrized-module.pt")
torch.save(parametrizations.orthogonal(nn.Linear(3, 3)).state_dict(), here / "orthogonal.pt")
save_file({"first.weight": plain["first.weight"], "last.weight": plain["last.weight"]}, here / "alias.safetensors",
          metadata={"format": "pt", "middle.weight": "last.weight"})
np.savez(here / "ordered.npz", *[np.full((1, 2), float(place), np.float32) for place in range(12)])
