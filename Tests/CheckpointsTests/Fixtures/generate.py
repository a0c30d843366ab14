"""Makes the fixtures of this folder: python3 generate.py (PyTorch 2, NumPy 2, safetensors).

Every tensor is filled by `fill`, so that the tests know its values without a second file.
"""

import argparse
import os
import pickle
import sys
import tarfile
import types
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

here = Path(__file__).parent


def fill(shape, start=0.0, dtype=torch.float32):
    """start, start + 0.25, start + 0.5, ... in C order."""
    count = int(np.prod(shape))
    return (torch.arange(count, dtype=torch.float64) * 0.25 + start).reshape(shape).to(dtype)


def state(prefix=""):
    result = OrderedDict()
    result[prefix + "conv.weight"] = fill((2, 1, 2, 2))
    result[prefix + "bn.weight"] = fill((2,), 1.0)
    result[prefix + "bn.running_mean"] = fill((2,), -1.0)
    result[prefix + "bn.num_batches_tracked"] = torch.tensor(7)
    result[prefix + "fc.weight"] = fill((3, 2), 2.0)
    result._metadata = OrderedDict([("", {"version": 1})])
    return result


def save(name, value, legacy=False):
    torch.save(value, here / name, _use_new_zipfile_serialization=not legacy)


class Fake:
    """A class that pickles under another module's name."""


def fake_class(module, name):
    made = type(name, (Fake,), {"__module__": module})
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:end]), types.ModuleType(".".join(parts[:end])))
    setattr(sys.modules[module], name, made)
    return made


def object_of(module, name, **fields):
    value = fake_class(module, name)()
    value.__dict__.update(fields)
    return value


save("zip.pt", state())
save("legacy.pt", state(), legacy=True)

kinds = OrderedDict(
    (str(kind).removeprefix("torch."), fill((4,), dtype=kind))
    for kind in (
        torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.uint8, torch.int8,
        torch.int16, torch.int32, torch.int64, torch.uint16,
    )
)
kinds["bool"] = torch.tensor([True, False, True, True])
save("types.pt", kinds)
save_file(kinds, here / "types.safetensors", metadata={"format": "pt"})
kinds.pop("uint16")
save("types-legacy.pt", kinds, legacy=True)

base = fill((3, 4))
views = OrderedDict()
views["whole"] = base
views["transposed"] = base.t()
views["column"] = base[:, 1]
views["block"] = base[1:, 1:3]
views["expanded"] = fill((2, 1)).expand(2, 3)
views["scalar"] = base[2, 3]
views["empty"] = torch.zeros(0, 5)
views["parameter"] = torch.nn.Parameter(base[2])
save("views.pt", views)
save("views-legacy.pt", views, legacy=True)

save(
    "parallel.pt",
    {"epoch": 12, "best_prec1": np.float64(91.5), "best_acc1": torch.tensor(76.5), "arch": "tiny", "done": True,
     "state_dict": state("module."), "optimizer": {"state": {}, "param_groups": [{"lr": 0.1}]}},
)
save(
    "lightning.ckpt",
    {
        "epoch": 3,
        "global_step": 400,
        "pytorch-lightning_version": "2.2.0",
        "state_dict": state("model._orig_mod."),
        "callbacks": {
            "ModelCheckpoint": {
                "best": torch.tensor(0.5),
                "mode": object_of("pytorch_lightning.callbacks.mode", "Mode", value="min"),
            }
        },
        "hyper_parameters": argparse.Namespace(lr=0.1, path=Path("runs")),
        "optimizer_states": [{"state": {0: {"momentum_buffer": fill((2,))}}}],
    },
)
save("nested.t7", {"acc": 91.0, "epoch": 5, "net": {"params": state("module.")}})
save("two.pt", {"generator": state(), "discriminator": state()})
save("empty.pt", {"epoch": 1})
save("object.pt", {"state_dict": {**state(), "extra": argparse.Namespace(a=1)}})
save("custom.pt", object_of("models.resnet", "ResNet", depth=20))


class Attack:
    def __reduce__(self):
        return os.system, ("true",)


save("attack.pt", {"state_dict": state(), "callbacks": Attack()})
save("attack-legacy.pt", {"state_dict": state(), "callbacks": Attack()}, legacy=True)

arrays = {name: tensor.numpy() for name, tensor in state().items()}
(here / "arrays.pkl").write_bytes(pickle.dumps(arrays, 4))
np.savez(here / "arrays.npz", **arrays)
with tarfile.open(here / "old.tar", "w", format=tarfile.USTAR_FORMAT) as archive:
    archive.add(__file__, "storages")
data = bytearray((here / "old.tar").read_bytes()[:1024])
(here / "old.tar").write_bytes(data)
