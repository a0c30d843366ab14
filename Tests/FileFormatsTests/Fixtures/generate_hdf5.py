"""Makes arrays.h5 of this folder: python3 generate_hdf5.py (h5py 3.16, Python 3.11)."""

from pathlib import Path

import h5py
import numpy as np

with h5py.File(Path(__file__).parent / "arrays.h5", "w") as f:
    f["float32"] = np.array([[1, 2, 3], [4, 5, 6]], "<f4")
    f["float64-big"] = np.array([0.5, np.nan, np.inf, -1e300], ">f8")
    f["int32"] = np.array([-1, 2], "<i4")
    f["int64-big"] = np.array([-(2**40), 7], ">i8")
    f["scalar"] = np.float64(2.5)
    f["empty"] = np.zeros((0, 3))
    f["null"] = h5py.Empty("f8")
    f["int16"] = np.array([1], "<i2")
    f["text"] = "naïve"
    f["fixed"] = np.bytes_("fixed")
    f["texts"] = ["a", "b"]
    f.create_dataset("chunked", data=np.arange(12.0).reshape(3, 4), chunks=(2, 2))
    f.create_dataset("compressed", data=np.zeros(10000), compression="gzip")
    f.create_dataset("announced", shape=(1 << 40,), dtype="f8", chunks=(1 << 10,))
    f.create_dataset("chunks", shape=(4,), dtype="f8", chunks=(1 << 24,), maxshape=(None,))
    f.create_dataset("outside", shape=(2,), dtype="f8", external=[("/etc/passwd", 0, 16)])
    f["group/0"] = np.array([1.0])
    f["group/1"] = np.array([2.0, 3.0])
    f["soft"] = h5py.SoftLink("/float32")
    layout = h5py.VirtualLayout(shape=(2,), dtype="f8")
    layout[:] = h5py.VirtualSource("other.h5", "x", shape=(2,))
    f.create_virtual_dataset("virtual", layout)
    f["strange/elsewhere"] = h5py.ExternalLink("other.h5", "/x")
    f["strange/here"] = np.array([1.0])

# The newest form: headers, groups and arrays of version 2 and later.
with h5py.File(Path(__file__).parent / "latest.h5", "w", libver="latest") as f:
    f["float64"] = np.array([[1.5, -2.5]])
    f["text"] = "latest"
    f["group/0"] = np.array([3], "<f4")
    for k in range(20):
        f[f"many/{k}"] = k
