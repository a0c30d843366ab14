"""The transformers of the comparison in PyTorch: the same networks as TransformerNetworks.swift."""
import torch
from torch import nn
from torch.nn import functional as F


class TransformerBlock(nn.Module):
    def __init__(self, width, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        x = x + self.out(mixed.transpose(1, 2).reshape(n, t, d))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class VisionTransformer(nn.Module):
    """ViT-Tiny: 12 blocks of width 192 with 3 heads, patches of 16 of images of 224."""

    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 192, 16, 16)
        self.token, self.position = nn.Parameter(torch.zeros(1, 1, 192)), nn.Parameter(0.02 * torch.randn(1, 197, 192))
        self.blocks = nn.Sequential(*(TransformerBlock(192, 3, False) for _ in range(12)))
        self.norm, self.head = nn.LayerNorm(192), nn.Linear(192, 10)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.position
        return self.head(self.norm(self.blocks(x))[:, 0])


class LanguageTransformer(nn.Module):
    """Logits of the next token with classes on axis 1, where cross-entropy wants them; the tables of tokens and outputs are one."""

    def __init__(self, width, depth, heads, vocabulary, positions):
        super().__init__()
        self.token, self.position = nn.Embedding(vocabulary, width), nn.Embedding(positions, width)
        self.blocks = nn.Sequential(*(TransformerBlock(width, heads, True) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, std=0.02)
        self.head.weight = self.token.weight

    def forward(self, ids):
        x = self.token(ids) + self.position(torch.arange(ids.shape[1]))
        return self.head(self.norm(self.blocks(x))).transpose(1, 2)


def tokens(samples, vocabulary, length):
    ids = torch.randint(vocabulary, (samples, length + 1))
    return ids[:, :-1], ids[:, 1:]


NETWORKS = {
    "vit-tiny": VisionTransformer, "gpt-mini": lambda: LanguageTransformer(384, 6, 6, 256, 256),
    "gpt2-small": lambda: LanguageTransformer(768, 12, 12, 50257, 1024)}
DATA = {
    "vit-tiny": lambda n: (torch.randn(n, 3, 224, 224), torch.arange(n) % 10),
    "gpt-mini": lambda n: tokens(n, 256, 256), "gpt2-small": lambda n: tokens(n, 50257, 128)}
