"""Writes the small CIFAR batches in pickles that DatasetsTests reads.

Usage: python make_pickles.py   (needs NumPy)

Pixel j of image i is (31 i + 7 j) mod 256; labels count up, modulo the number of classes.
python2/  protocol 2 as Python 2 and NumPy 1 wrote the original files, opcode by opcode
python3/  protocol 4 as today's Python and NumPy write the same dictionaries
"""
import pathlib
import pickle
import struct

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent


def images(first, count):
    i, j = np.arange(first, first + count)[:, None], np.arange(3072)[None]
    return ((31 * i + 7 * j) % 256).astype(np.uint8)


def python2(value):
    """Opcodes of one value; str is Python 2's byte string."""
    if isinstance(value, dict):
        items = b"".join(python2(k) + python2(v) for k, v in value.items())
        return b"}q\x01(" + items + b"u"
    if isinstance(value, list):
        return b"](" + b"".join(map(python2, value)) + b"e"
    if isinstance(value, int):
        return b"K" + bytes([value]) if value < 256 else b"M" + struct.pack("<H", value)
    if isinstance(value, str):
        return b"U" + bytes([len(value)]) + value.encode()
    raw = value.tobytes()
    shape = b"".join(map(python2, value.shape)) + b"\x86"
    dtype = (b"cnumpy\ndtype\n" + python2("u1") + b"K\x00K\x01\x87R(K\x03" + python2("|") + b"NNN"
             + b"J\xff\xff\xff\xff" * 2 + b"K\x00tb")
    return (b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + python2("b")
            + b"\x87R(K\x01" + shape + dtype + b"\x89T" + struct.pack("<i", len(raw)) + raw + b"tb")


def write(folder, name, dictionary):
    old, new = HERE / folder / "python2" / name, HERE / folder / "python3" / name
    for path in (old, new):
        path.parent.mkdir(parents=True, exist_ok=True)
    old.write_bytes(b"\x80\x02" + python2(dictionary) + b".")
    new.write_bytes(pickle.dumps({k.encode(): v for k, v in dictionary.items()}, protocol=4))
    assert repr(pickle.loads(old.read_bytes(), encoding="latin1")) == repr(dictionary)


def batch(first, count, title):
    return {"batch_label": title, "labels": [(first + i) % 10 for i in range(count)],
            "data": images(first, count), "filenames": [f"{first + i}.png" for i in range(count)]}


write("cifar10-pickles", "data_batch_1", batch(0, 3, "training batch 1 of 5"))
write("cifar10-pickles", "data_batch_2", batch(3, 2, "training batch 2 of 5"))
write("cifar10-pickles", "test_batch", batch(5, 2, "testing batch 1 of 1"))
write("cifar10-pickles", "batches.meta", {
    "num_cases_per_batch": 3, "label_names": [f"class {i}" for i in range(10)], "num_vis": 3072})
for name, first, count in (("train", 0, 3), ("test", 3, 2)):
    write("cifar100-pickles", name, {
        "data": images(first, count), "batch_label": name,
        "fine_labels": [(11 * (first + i)) % 100 for i in range(count)],
        "coarse_labels": [(3 * (first + i)) % 20 for i in range(count)]})
write("cifar100-pickles", "meta", {
    "fine_label_names": [f"fine {i}" for i in range(100)],
    "coarse_label_names": [f"coarse {i}" for i in range(20)]})
