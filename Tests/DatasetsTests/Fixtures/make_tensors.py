#!/usr/bin/env python3
"""Writes tensors/: images and labels as torchvision stored MNIST once it had been processed, in both formats of torch.save.

Pixel j of image i is (31 i + 7 j) mod 256, label i is 3 i mod 10, as in the tests.
"""
import pathlib

import torch

folder = pathlib.Path(__file__).resolve().parent / "tensors"
folder.mkdir(exist_ok=True)


def images(first, count):
    values = [[(31 * i + 7 * j) % 256 for j in range(20)] for i in range(first, first + count)]
    return torch.tensor(values, dtype=torch.uint8).reshape(count, 4, 5)


def labels(first, count):
    return torch.tensor([3 * i % 10 for i in range(first, first + count)])


torch.save((images(0, 6), labels(0, 6)), folder / "training.pt", _use_new_zipfile_serialization=False)
torch.save((images(6, 3), labels(6, 3)), folder / "test.pt")
torch.save({"data": images(0, 6), "targets": labels(0, 6)}, folder / "dictionary.pt")
torch.save({"layer.weight": torch.ones(2, 3)}, folder / "network.pt")
