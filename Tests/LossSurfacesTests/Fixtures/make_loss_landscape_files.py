"""Makes the files of this folder as loss-landscape (Li et al. 2018) would: python3 make_loss_landscape_files.py
(h5py 3.16, Python 3.11).

`surface` repeats what plot_surface.py and scheduler.py do: points are numbered as np.meshgrid numbers them, and
an array of shape (xs, ys) is filled in that order, which mixes up rows and columns of a grid that is no square.
"""

from pathlib import Path

import h5py
import numpy as np

here = Path(__file__).parent


def loss_at(x, y):
    return 0.5 + x + 10 * y * y


def surface(name, xs, ys, left_out=(), **others):
    with h5py.File(here / name, "w") as f:
        f["dir_file"] = "weights/net.pt_weights_xignore=biasbn_xnorm=filter.h5"
        f["xcoordinates"] = xs
        if ys is not None:
            f["ycoordinates"] = ys
        shape = xs.shape if ys is None else (len(xs), len(ys))
        losses, accuracies = -np.ones(shape), -np.ones(shape)
        mesh = np.meshgrid(xs, [0.0] if ys is None else ys)
        for index, (x, y) in enumerate(zip(mesh[0].ravel(), mesh[1].ravel())):
            if index in left_out:
                continue
            losses.ravel()[index] = loss_at(x, y)
            accuracies.ravel()[index] = 100 - 10 * index / losses.size
        f["train_loss"], f["train_acc"] = losses, accuracies
        for key, values in others.items():
            f[key] = values


xs, ys = np.linspace(-1, 1, 5), np.linspace(-0.5, 0.5, 3)
surface("surface.h5", xs, np.linspace(-1, 1, 5))
surface("rectangle.h5", xs, ys, left_out=(3, 14), test_loss=-np.ones((5, 3)), test_acc=-np.ones((5, 3)))
surface("line.h5", xs, None, test_loss=np.array([4, 3, np.nan, 3, 4.0]), test_acc=np.arange(5.0))
with h5py.File(here / "unfinished.h5", "w") as f:
    f["xcoordinates"], f["train_loss"], f["train_acc"] = xs, -np.ones(5), -np.ones(5)

# A network of two filters [1, 3, 3] and of 3 outputs over 8 numbers, with biases.
shapes = [(2, 1, 3, 3), (2,), (3, 8), (3,)]
with h5py.File(here / "directions.h5", "w") as f:
    for group, sign in (("xdirection", 1), ("ydirection", -1)):
        place = f.create_group(group)
        start = 0
        for index, shape in enumerate(shapes):
            size = int(np.prod(shape))
            place.create_dataset(
                str(index), data=sign * np.arange(start, start + size, dtype="f4").reshape(shape))
            start += size
