"""Networks as people write them, for `export_zoo.py --code`: name -> (module, inputs).

The fixtures: export_zoo.py --code Fixtures code_zoo.py code.small code.tied code.einsum
"""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def images(channels=3, size=16, count=4):
    return (torch.randn(count, channels, size, size),)


class LeNet(nn.Module):
    def __init__(self):
        super(LeNet, self).__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(-1, self.num_flat_features(x))
        x = F.relu(self.fc1(x))
        x = F.dropout(x, 0.5, training=self.training)
        x = F.relu(self.fc2(x))
        return F.log_softmax(self.fc3(x), dim=1)

    def num_flat_features(self, x):
        size = x.size()[1:]
        num_features = 1
        for s in size:
            num_features *= s
        return num_features


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs * self.expansion:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)), inplace=True)
        out = self.bn2(self.conv2(out))
        out += self.shortcut(x)
        out = F.relu(out)
        return out


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.layer1 = nn.Sequential(BasicBlock(8, 8), BasicBlock(8, 8))
        self.layer2 = nn.Sequential(BasicBlock(8, 16, 2), BasicBlock(16, 16))
        self.linear = nn.Linear(16, 10)

    def forward(self, x):
        out = torch.relu(self.bn1(self.conv1(x)))
        out = self.layer2(self.layer1(out))
        out = F.adaptive_avg_pool2d(out, (1, 1))
        out = out.view(out.size(0), -1)
        return self.linear(out)


class PadShortcut(nn.Module):
    """Shortcut A of CIFAR's ResNets: every second pixel, zeros for the new channels."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.down = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.fc = nn.Linear(16 * 8 * 8, 5)

    def forward(self, x):
        x = torch.tanh(self.conv(x))
        y = self.down(x) + F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 4, 4), "constant", 0)
        return self.fc(torch.flatten(F.leaky_relu(y, 0.1), 1))


class Lists(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(6 + 4 * i, 4) for i in range(3)])
        self.heads = nn.ModuleDict({"a": nn.Linear(18, 3), "b": nn.Linear(18, 3)})
        self.scale = nn.Parameter(torch.full((3,), 0.7))
        self.activation = nn.ELU(0.5)

    def forward(self, x):
        features = [x]
        for i, layer in enumerate(self.layers):
            features.append(self.activation(layer(torch.cat(features, dim=1))))
        joined = torch.cat(features, 1)
        total = 0
        for name, head in self.heads.items():
            total = total + head(joined)
        return total * self.scale


class Attention(nn.Module):
    def __init__(self, size=16, heads=4):
        super().__init__()
        self.heads, self.size = heads, size
        self.qkv = nn.Linear(size, 3 * size)
        self.out = nn.Linear(size, size)
        self.norm = nn.LayerNorm(size)

    def forward(self, x):
        b, n, c = x.shape
        qkv = self.qkv(self.norm(x)).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        attention = (q @ k.transpose(-2, -1)) / math.sqrt(c // self.heads)
        mask = torch.tril(torch.ones(n, n)).bool()
        attention = attention.masked_fill(mask == 0, float("-inf")).softmax(dim=-1)
        return x + self.out((attention @ v).transpose(1, 2).reshape(b, n, c))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(20, 16)
        self.position = nn.Parameter(torch.randn(1, 8, 16))
        self.blocks = nn.Sequential(*[Attention() for _ in range(2)])
        self.head = nn.Linear(16, 20, bias=False)

    def forward(self, tokens):
        x = self.token(tokens) + self.position[:, : tokens.shape[1]]
        return self.head(self.blocks(x)).mean(1)


class Squeeze(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.SiLU(inplace=True), nn.AvgPool2d(2))
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 2, 1), nn.ReLU(), nn.Conv2d(2, 8, 1), nn.Hardsigmoid())
        self.norm = nn.GroupNorm(2, 8)
        self.fc = nn.Linear(8, 4)

    def forward(self, x, return_features: bool = False):
        x = self.stem(x)
        x = self.norm(x * self.gate(x))
        features = x.mean([2, 3])
        if return_features:
            return features, self.fc(features)
        return self.fc(features)


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.rnn = getattr(nn, kind)(5, 7, num_layers=2, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(14, 3)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.fc(out[:, -1, :])


class TwoInputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.image = nn.Sequential(nn.Conv2d(1, 4, 3), nn.MaxPool2d(2), nn.Flatten())
        self.number = nn.Linear(3, 4)
        self.fc = nn.Linear(4 * 3 * 3 + 4, 2)

    def forward(self, image, number):
        return self.fc(torch.cat([self.image(image), torch.sigmoid(self.number(number))], 1))


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Linear(6, 6, bias=False)
        self.decode = nn.Linear(6, 6, bias=False)
        self.decode.weight = self.encode.weight
        self.register_buffer("mean", torch.linspace(-1, 1, 6))
        self.frozen = nn.Parameter(torch.ones(6), requires_grad=False)

    def forward(self, x):
        return self.decode(torch.tanh(self.encode(x - self.mean) * self.frozen))


class Einsum(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 5, 4))

    def forward(self, x):
        return torch.einsum("bi,oij->boj", x, self.weight).sum(2)


class Encoder(nn.Module):
    def __init__(self, first):
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, 0.1, "gelu", batch_first=True, norm_first=first)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        return self.fc(self.encoder(x).mean(dim=1))


class Small(nn.Module):
    """For the fixtures: what most networks have, in few numbers."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3, padding=1)
        self.norm = nn.BatchNorm2d(2)
        self.layers = nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 8)])
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.conv(x))), 2)
        x = x.view(-1, self.features(x))
        for layer in self.layers:
            x = x + F.leaky_relu(layer(x), 0.1)
        return self.fc(F.dropout(x, 0.2, training=self.training))

    def features(self, x):
        count = 1
        for size in x.size()[1:]:
            count *= size
        return count


ZOO = {
    "code.small": lambda: (Small(), images(1, 4)),
    "code.lenet": lambda: (LeNet(), images(1, 28)),
    "code.resnet": lambda: (ResNet(), images()),
    "code.pad": lambda: (PadShortcut(), images()),
    "code.lists": lambda: (Lists(), (torch.randn(5, 6),)),
    "code.transformer": lambda: (Transformer(), (torch.randint(0, 20, (3, 8)),)),
    "code.squeeze": lambda: (Squeeze(), images()),
    "code.lstm": lambda: (Recurrent("LSTM"), (torch.randn(3, 6, 5),)),
    "code.gru": lambda: (Recurrent("GRU"), (torch.randn(3, 6, 5),)),
    "code.two": lambda: (TwoInputs(), (torch.randn(3, 1, 8, 8), torch.randn(3, 3))),
    "code.tied": lambda: (Tied(), (torch.randn(4, 6),)),
    "code.einsum": lambda: (Einsum(), (torch.randn(4, 5),)),
    "code.encoder": lambda: (Encoder(False), (torch.randn(3, 5, 8),)),
    "code.encoder_first": lambda: (Encoder(True), (torch.randn(3, 5, 8),)),
    "code.sequential": lambda: (
        nn.Sequential(
            nn.Conv2d(3, 8, 3, padding="same", padding_mode="reflect"), nn.BatchNorm2d(8), nn.LeakyReLU(0.2), nn.MaxPool2d(2),
            nn.Sequential(nn.Conv2d(8, 8, 3, groups=2), nn.Mish(), nn.Dropout2d(0.2)), nn.AdaptiveMaxPool2d(2), nn.Flatten(),
            nn.Linear(32, 16), nn.BatchNorm1d(16), nn.PReLU(), nn.Linear(16, 4), nn.LogSoftmax(dim=1)),
        images()),
}
