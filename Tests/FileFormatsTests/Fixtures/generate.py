"""Makes the fixtures of this folder: python3 generate.py (NumPy 2, Python 3.11)."""

import io
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np

here = Path(__file__).parent


def values(protocol):
    shared = [1, 2]
    result = OrderedDict()
    result["none"] = None
    result["flags"] = [True, False]
    result["integers"] = [0, 1, 255, 256, 65535, 65536, -1, -129, 2**40, -(2**40), 2**63 - 1]
    result["floats"] = (0.5, -1e300)
    result["text"] = "na\u00efve \U0001f600 it's\n"
    result["bytes"] = b"\x00\xff\n"
    result["shared"] = (shared, shared)
    result["set"] = {7}
    result["frozen"] = frozenset([8])
    result["nested"] = {"a": {"b": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4))}}
    result[5] = "integer key"
    if protocol >= 2:
        result["big"] = 2**70
    return result


for protocol in range(6):
    (here / f"values-{protocol}.pkl").write_bytes(pickle.dumps(values(protocol), protocol))

image = np.arange(12, dtype=np.uint8).reshape(2, 6)
for protocol in range(2, 6):
    batch = {
        b"data": image,
        b"labels": [3, 1],
        b"filenames": [b"a.png", b"b.png"],
        b"fortran": np.asfortranarray(np.arange(6, dtype="<f4").reshape(2, 3)),
        b"big endian": np.arange(3, dtype=">i4"),
        b"scalar": np.float64(0.25),
    }
    (here / f"batch-{protocol}.pkl").write_bytes(pickle.dumps(batch, protocol))

arrays = {
    "matrix": np.arange(6, dtype="<f4").reshape(2, 3) / 4,
    "fortran": np.asfortranarray(np.arange(24, dtype="<f8").reshape(2, 3, 4)),
    "bigendian": np.arange(5, dtype=">i4") - 2,
    "flags": np.array([True, False, True]),
    "half": np.array([0.5, -2.0, np.inf], dtype="<f2"),
    "scalar": np.array(3, dtype="<i8"),
    "empty": np.zeros((0, 4), dtype="<f4"),
    "bytes": np.array([[1, 255]], dtype=np.uint8),
    "text": np.array(["ab"]),
}
np.savez(here / "stored.npz", **arrays)
np.savez_compressed(here / "deflated.npz", **arrays)
with open(here / "version2.npy", "wb") as file:
    np.lib.format.write_array(file, arrays["matrix"], version=(2, 0))


class Pipe(io.RawIOBase):
    """A stream that cannot seek, so that zipfile writes data descriptors."""

    def __init__(self):
        self.data = b""

    def writable(self):
        return True

    def write(self, data):
        self.data += bytes(data)
        return len(data)


pipe = Pipe()
with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("one.txt", b"one " * 50)
    archive.writestr("two.txt", b"two")
(here / "streamed.zip").write_bytes(pipe.data)

with zipfile.ZipFile(here / "zip64.zip", "w") as archive:
    with archive.open("one.txt", "w", force_zip64=True) as entry:
        entry.write(b"one")
