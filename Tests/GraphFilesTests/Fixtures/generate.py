"""Makes the .pt2 fixtures of this folder: python3 generate.py (PyTorch 2.15).

`small.pt2` is what `torch.export.save` writes. The files of older versions have their layouts, written
here from the sources of those versions: no such version runs beside the new one.
"""

import io
import json
import re
import zipfile
from pathlib import Path

import torch
from torch import nn

here = Path(__file__).parent


def fill(*shape, start=0.0, dtype=torch.float32):
    """start, start + 0.25, start + 0.5, ... in C order."""
    count = torch.Size(shape).numel()
    return (torch.arange(count, dtype=torch.float64) * 0.25 + start).reshape(shape).to(dtype)


class Small(nn.Module):
    """Tied, frozen, transposed, strided and short-number parameters, both kinds of buffers, a constant."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 3)
        self.second = nn.Linear(3, 3, bias=False)
        with torch.no_grad():
            self.first.weight.copy_(fill(3, 3))
            self.first.bias.copy_(fill(3, start=1))
        self.second.weight = self.first.weight
        self.frozen = nn.Parameter(fill(3, start=2), requires_grad=False)
        self.transposed = nn.Parameter(fill(3, 2, start=3).t())
        self.strided = nn.Parameter(fill(6, 4, start=-1)[2:4, 1::2])
        self.short = nn.Parameter(fill(3, dtype=torch.bfloat16))
        self.unused = nn.Parameter(fill(2, start=9))
        self.register_buffer("mask", torch.tensor([True, False, True]))
        self.register_buffer("table", fill(3, start=5), persistent=False)
        self.constant = torch.tensor([1, -2, 2**63 - 1])

    def forward(self, x):
        with torch.no_grad():
            scale = (x * self.frozen).cumsum(-1)
        y = self.second(self.first(x)) * scale
        y = torch.where(self.mask, y + self.short, float("-inf")) * self.table
        z = y @ self.transposed.t() + self.strided.sum(0)
        return z, None, (y * self.constant, 3)


class Moving(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(2)

    def forward(self, x):
        return self.norm(x)


def anonymous(text):
    """Without the folders of this machine and the addresses of its graphs, so that runs are equal."""
    text = re.sub(r'(graph_id\\": )\d+', r"\g<1>0", text)
    packages = str(Path(torch.__file__).parent.parent)
    return text.replace(str(here) + "/", "").replace(packages, "/site-packages")


def save(program, name):
    buffer = io.BytesIO()
    torch.export.save(program, buffer)
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(here / name, "w") as archive:
        for entry in source.infolist():
            if entry.filename.endswith("serialization_id"):
                continue
            data = source.read(entry)
            if entry.filename.endswith("models/model.json"):
                data = anonymous(data.decode()).encode()
            archive.writestr(zipfile.ZipInfo(entry.filename), data)


def old(program, name, members):
    """An old layout: what `torch._export.serde` makes, without the fields that came later."""
    from torch._export.serde.serialize import serialize

    artifact = serialize(program)
    document = json.loads(artifact.exported_program)
    document["schema_version"] = {"major": 8, "minor": 2}
    document["torch_version"] = "2.6.0"
    del document["guards_code"]

    def strip(graph):
        for key in ("sym_float_values",):
            graph.pop(key, None)
        for node in graph["nodes"]:
            del node["is_hop_single_tensor_return"]
            node.pop("name", None)
            for argument in node["inputs"]:
                del argument["kind"]
                if "as_none" in argument["arg"]:
                    argument["arg"]["as_none"] = []
                if "as_graph" in argument["arg"]:
                    strip(argument["arg"]["as_graph"]["graph"])

    strip(document["graph_module"]["graph"])
    parts = {
        "program": anonymous(json.dumps(document)).encode(), "state": artifact.state_dict,
        "constants": artifact.constants,
    }
    with zipfile.ZipFile(here / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, part in members.items():
            archive.writestr(zipfile.ZipInfo(member), parts.get(part, part))


example = (fill(1, 3),)
torch.manual_seed(0)
program = torch.export.export(Small().eval(), example)
save(program, "small.pt2")
old(program, "small-2.6.pt2", {
    "serialized_exported_program.json": "program", "serialized_state_dict.pt": "state",
    "serialized_constants.pt": "constants", "version": b"8.2",
})
old(program, "small-2.8.pt2", {
    "small/archive_format": b"pt2", "small/models/model.json": "program",
    "small/data/weights/model.pt": "state", "small/data/constants/model.pt": "constants",
    "small/byteorder": b"little", "small/archive_version": b"0",
})
moving = torch.export.export(Moving().train(), (fill(2, 2),)).run_decompositions()
save(moving, "moving.pt2")
