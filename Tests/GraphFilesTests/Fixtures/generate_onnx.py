"""Makes the ONNX fixtures of this folder: python3 generate_onnx.py (PyTorch 2.15, onnx 1.23, onnxscript).

`small.onnx` is written by hand and has every form of tensor, attribute and function; the other files
are what PyTorch's exporters write for one network.
"""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

here = Path(__file__).parent


def fill(*shape, start=0.0):
    """start, start + 0.25, start + 0.5, ... in C order."""
    return (np.arange(np.prod(shape, dtype=int)) * 0.25 + start).reshape(shape).astype(np.float32)


def external(name, offset, length, *shape):
    tensor = TensorProto(name=name, dims=shape, data_type=TensorProto.FLOAT)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "small.onnx.data"), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=str(value))
    return tensor


def small():
    typed = [
        helper.make_tensor("conv.weight", TensorProto.FLOAT, (2, 1, 1, 1), [1, 1.25]),
        helper.make_tensor("norm.bias", TensorProto.FLOAT16, (2,), np.array([0.5, -2], np.float16)),
        helper.make_tensor("norm.scale", TensorProto.DOUBLE, (2,), [1, 3]),
        helper.make_tensor("norm.var", TensorProto.BFLOAT16, (2,), [1, 2]),
        helper.make_tensor("flag", TensorProto.BOOL, (2,), [True, False]),
        helper.make_tensor("ends", TensorProto.INT64, (2,), [2**63 - 1, -(2**63)]),
        helper.make_tensor("bytes", TensorProto.UINT8, (2,), [200, 3]),
        helper.make_tensor("shorts", TensorProto.INT16, (2,), [-5, 6]),
        helper.make_tensor("words", TensorProto.UINT32, (1,), [2**32 - 1]),
        helper.make_tensor("lowest", TensorProto.FLOAT, (), [0.0]),
    ]
    raw = [numpy_helper.from_array(fill(2, start=-1), "norm.mean"), numpy_helper.from_array(fill(2, start=4), "table")]
    stored = typed + raw + [external("fc.weight", 8, 16, 2, 2), external("fc.bias", 0, 8, 2)]
    shift = helper.make_function(
        "own", "Shift", ["a", "b"], ["c", "a2"],
        [
            helper.make_node("Constant", [], ["k"], value_float=2.0),
            helper.make_node("LeakyRelu", ["a"], ["r"]),
            helper.make_node("Mul", ["r", "k"], ["m"]),
            helper.make_node("Add", ["m", "b"], ["c"]),
            helper.make_node("Neg", ["b"], ["a2"]),
        ],
        [helper.make_opsetid("", 17)], ["alpha"],
    )
    reference = shift.node[1].attribute.add(name="alpha", type=onnx.AttributeProto.FLOAT, ref_attr_name="alpha")
    assert reference.ref_attr_name
    twice = helper.make_function(
        "own", "Twice", ["x", "y"], ["z", "x"],
        [
            helper.make_node("Shift", ["x", "y"], ["k"], domain="own", alpha=0.5),
            helper.make_node("Shift", ["k", "y"], ["z"], domain="own"),
        ],
        [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)],
    )
    branch = helper.make_graph([helper.make_node("Identity", ["m"], ["o"])], "b", [], [])
    nodes = [
        helper.make_node("Conv", ["x", "conv.weight"], ["y"], name="/conv/Conv", kernel_shape=[1, 1], auto_pad="VALID"),
        helper.make_node("BatchNormalization", ["y", "norm.scale", "norm.bias", "norm.mean", "norm.var"], ["z"], epsilon=1e-6),
        helper.make_node("Clip", ["z", "lowest"], ["c"]),
        helper.make_node("Constant", [], ["axes"], value_ints=[2, 3]),
        helper.make_node("Constant", [], ["one"], value=helper.make_tensor("", TensorProto.INT32, (1,), [1])),
        helper.make_node("ReduceMean", ["c"], ["m"], axes=[2, 3], keepdims=0),
        helper.make_node("Twice", ["m", "fc.bias"], ["t", "same"], name="/blocks/blocks.0/Twice", domain="own"),
        helper.make_node("Gemm", ["t", "fc.weight", "", ], ["g"]),
        helper.make_node("Identity", ["table"], ["renamed"]),
        helper.make_node("Mul", ["g", "renamed"], ["h"]),
        helper.make_node("Odd", ["h"], ["output"], domain="com.other", body=branch, text="a"),
    ]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 1, 3, 3])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 2])], stored,
        value_info=[helper.make_tensor_value_info("m", TensorProto.FLOAT, ["batch", 2])],
    )
    model = helper.make_model(
        graph, functions=[shift, twice], producer_name="hand",
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("own", 1)], ir_version=8,
    )
    (here / "small.onnx.data").write_bytes(np.concatenate([fill(2, start=8), fill(4, start=5)]).tobytes())
    (here / "small.onnx").write_bytes(model.SerializeToString())


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3, bias=False)
        self.norm = nn.BatchNorm2d(2)
        self.second = nn.BatchNorm1d(2)
        self.fc = nn.Linear(2, 2)
        self.offset = nn.Parameter(torch.ones(2))
        self.register_buffer("frequency", torch.full((2,), 0.5))

    def forward(self, x):
        y = torch.relu(self.norm(self.conv(x))).mean((2, 3))
        y = self.second(y) + self.offset
        return self.fc(y + self.frequency.cos()) @ self.fc.weight.abs()


def export(name, **options):
    torch.manual_seed(0)
    torch.onnx.export(Net().eval(), (torch.ones(1, 1, 4, 4),), here / name, external_data=False, **options)
    model = onnx.load(here / name)
    packages = str(Path(torch.__file__).parent.parent)
    for node in model.graph.node:
        # Only these are read; the traces name folders of this machine.
        kept = [p for p in node.metadata_props if p.key.endswith(("name_scopes", "stack_trace", "fx_node", "rule_name"))]
        texts = [(p.key, p.value.replace(str(here) + "/", "").replace(packages, "/site-packages")) for p in kept]
        del node.metadata_props[:]
        for key, value in texts:
            node.metadata_props.add(key=key, value=value)
    for value in list(model.graph.value_info) + list(model.graph.input) + list(model.graph.output):
        del value.metadata_props[:]
    for tensor in model.graph.initializer:
        del tensor.metadata_props[:]
    (here / name).write_bytes(model.SerializeToString())


small()
export("plain.onnx", dynamo=True, optimize=False)
export("folded.onnx", dynamo=True)
export("traced.onnx", dynamo=False, opset_version=17, do_constant_folding=False)
export("traced-folded.onnx", dynamo=False, opset_version=17)
