"""Writes a small GPT over characters, untrained, and a text for it: `gpt.pt2` and `text.npz` in a folder.

    export.py FOLDER            # needs torch and numpy, and Debian's packages fortunes-min and fortunes

The text is that of the fortune files, in the order of their names. Characters outside of printable ASCII are left out. Nine tenths of
its rows are for training, whole rows at a time, so that no row of the test is seen.
"""
import math, pathlib, sys
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

CONTEXT, WIDTH, LAYERS, HEADS = 64, 128, 5, 4
ALPHABET = "\n" + "".join(map(chr, range(32, 127)))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention, self.projection = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.expand, self.contract = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        n, t, _ = x.shape
        q, k, v = (p.view(n, t, HEADS, -1).transpose(1, 2) for p in self.attention(self.norm1(x)).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.projection(y.transpose(1, 2).reshape(n, t, WIDTH))
        return x + self.contract(F.gelu(self.expand(self.norm2(x))))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.token, self.position = nn.Embedding(len(ALPHABET), WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.blocks, self.norm = nn.ModuleList(Block() for _ in range(LAYERS)), nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, len(ALPHABET), bias=False)
        for name, p in self.named_parameters():
            if p.dim() > 1:
                nn.init.normal_(p, 0, 0.02 / (math.sqrt(2 * LAYERS) if "projection" in name or "contract" in name else 1))

    def forward(self, ids):
        x = self.token(ids) + self.position(torch.arange(ids.shape[1], device=ids.device))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    files = sorted(f for f in pathlib.Path("/usr/share/games/fortunes").iterdir() if f.suffix == "" and f.is_file())
    text = "".join(f.read_text(errors="ignore") for f in files)
    place = {c: i for i, c in enumerate(ALPHABET)}
    codes = np.array([place[c] for c in text if c in place], dtype=np.int64)
    rows = codes[: len(codes) // CONTEXT * CONTEXT].reshape(-1, CONTEXT)
    rows = rows[np.random.default_rng(0).permutation(len(rows))]
    test = len(rows) // 10
    np.savez(folder / "text.npz", ids_train=rows[test:], ids_test=rows[:test])
    torch.manual_seed(0)
    model = GPT().eval()
    torch.export.save(torch.export.export(model, (torch.from_numpy(rows[:1]),)), folder / "gpt.pt2")
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {rows.size} characters of {len(files)} files, {test} of {len(rows)} rows for the test")


main()
