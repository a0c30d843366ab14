"""Makes the whole modules of this folder: python3 generate_modules.py (PyTorch 2).

Parameters and buffers are filled by `fill`, one after the other, so that the tests know their values.
"""

import functools
import pickle
from collections import OrderedDict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

here = Path(__file__).parent


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)
        self.skip = None
        self.owner = []

    def forward(self, x):
        return self.fc(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            OrderedDict(
                conv=nn.Conv2d(1, 4, (3, 1), stride=2, padding=1, bias=False),
                norm=nn.BatchNorm2d(4, eps=1e-3, momentum=0.2),
                act=nn.LeakyReLU(0.2, inplace=True),
                pool=nn.AvgPool2d(2),
            )
        )
        self.head = Head()
        self.register_module("nothing", None)
        self.register_buffer("grid", torch.zeros(2), persistent=False)
        self.register_buffer("shift", torch.zeros(2))
        self.scale = nn.Parameter(torch.zeros(()))
        self.activation = torch.tanh
        self.output = F.log_softmax
        self.norm_layer = functools.partial(nn.BatchNorm2d, eps=1e-3)
        self.mean = torch.tensor([0.5, 0.25])
        self.options = {"depth": 3}
        self.size = torch.Size([2, 3])
        self.kind = nn.Conv2d
        self.head.owner.append(self)

    def forward(self, x):
        x = self.features(x).flatten(1)
        return self.output(self.head(self.activation(x)), dim=1)


def filled(module):
    """start, start + 0.25, ... in each floating-point tensor; start is the place in the state dict."""
    for start, tensor in enumerate(module.state_dict().values()):
        if tensor.is_floating_point():
            tensor.copy_((torch.arange(tensor.numel()) * 0.25 + start).reshape(tensor.shape))
        else:
            tensor.fill_(start)
    return module.eval()


net = filled(Net())
torch.save(net, here / "net.pt")
torch.save(net, here / "net-legacy.pt", _use_new_zipfile_serialization=False)
torch.save({"epoch": 7, "model": nn.DataParallel(net), "acc": 0.5}, here / "net-state.pth")
torch.save(torch.compile(net), here / "net-compiled.pt")
for protocol in (0, 4):
    (here / f"net-{protocol}.pkl").write_bytes(pickle.dumps(net, protocol))
print(list(net.state_dict()))
