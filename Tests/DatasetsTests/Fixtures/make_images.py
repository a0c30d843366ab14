#!/usr/bin/env python3
"""Writes images/: small JPEG, PNG and Netpbm files of every kind, and what PIL and torchvision make of them.

expected.npz holds for each file NAME the array PIL's convert("RGB") gives, [height, width, 3]; under NAME/resize/crop that of
torchvision's Resize and CenterCrop; under NAME/top/left/height/width/size that of resized_crop, all bilinear and
antialiased. pip install pillow torchvision; the files of other encoders (16 bits, interlaced) are written here byte by byte.
"""
import pathlib
import struct
import zlib

import numpy
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

folder = pathlib.Path(__file__).resolve().parent / "images"
folder.mkdir(exist_ok=True)
random = numpy.random.default_rng(1)


def picture(width, height):
    """Smooth colours with some noise: edges of both kinds for the filters."""
    y, x = numpy.mgrid[0:height, 0:width]
    waves = [numpy.sin(x / 5 + k) * numpy.cos(y / (3 + k)) * 100 + 128 for k in range(3)]
    return numpy.clip(numpy.stack(waves, -1) + random.normal(0, 12, (height, width, 3)), 0, 255).astype("uint8")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, kind, rows, extra=b"", interlaced=0):
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
            + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 9)) + chunk(b"IEND", b""))


def adam7(pixels):
    """The rows of the seven passes of an interlaced file of bytes."""
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    return [row.tobytes() for top, left, down, across in passes for row in pixels[top::down, left::across] if row.size]


def packed(levels, bits):
    """Rows of levels with several in a byte, from the highest bits on."""
    rows = []
    for row in levels:
        text = "".join(format(v, f"0{bits}b") for v in row)
        text += "0" * (-len(text) % 8)
        rows.append(bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8)))
    return rows


small = picture(23, 17)
image = Image.fromarray(small)
grey = image.convert("L")
image.save(folder / "colour.jpg", quality=90, subsampling=0)
image.save(folder / "subsampled.jpg", quality=85, subsampling=2)
image.save(folder / "half.jpg", quality=85, subsampling=1)
image.save(folder / "progressive.jpg", quality=85, progressive=True)
image.save(folder / "restarts.jpg", quality=85, restart_marker_blocks=2)
image.save(folder / "rgb.jpg", quality=90, keep_rgb=True)
grey.save(folder / "grey.jpg", quality=90)
image.convert("CMYK").save(folder / "cmyk.jpg", quality=90)
exif = Image.Exif()
exif[0x0112] = 6
image.save(folder / "rotated.jpg", quality=85, exif=exif)
image.save(folder / "colour.png")
grey.save(folder / "grey.png")
image.quantize(40).save(folder / "palette.png")
image.quantize(3).save(folder / "palette2.png", bits=2)
image.quantize(9).save(folder / "palette-transparent.png", transparency=3)
alpha = Image.fromarray(random.integers(0, 256, (17, 23), dtype="uint8"))
both = image.copy()
both.putalpha(alpha)
both.save(folder / "alpha.png")
both.convert("LA").save(folder / "grey-alpha.png")
wide = random.integers(0, 1 << 16, (17, 23, 3)).astype(">u2")
(folder / "colour16.png").write_bytes(png(23, 17, 16, 2, [row.tobytes() for row in wide]))
levels = random.integers(0, 400, (17, 23)).astype(">u2")
(folder / "grey16.png").write_bytes(png(23, 17, 16, 0, [row.tobytes() for row in levels]))
(folder / "grey-alpha16.png").write_bytes(png(23, 17, 16, 4, [row.tobytes() for row in wide[..., :2]]))
for bits in (1, 2, 4):
    few = random.integers(0, 1 << bits, (17, 23))
    (folder / f"grey{bits}.png").write_bytes(png(23, 17, bits, 0, packed(few, bits)))
(folder / "interlaced.png").write_bytes(png(23, 17, 8, 2, adam7(small), interlaced=1))
(folder / "gamma.png").write_bytes(
    png(23, 17, 8, 2, [row.tobytes() for row in small], chunk(b"gAMA", struct.pack(">I", 100000))))
image.save(folder / "colour.ppm")
(folder / "grey.pgm").write_bytes(b"P5 # levels\n23\n17 255\n" + grey.tobytes())
Image.fromarray(picture(61, 40)).save(folder / "wide.png")
Image.fromarray(picture(40, 61)).save(folder / "high.png")
Image.fromarray(picture(5, 90)).save(folder / "narrow.png")

expected = {}
for path in sorted(path for path in folder.iterdir() if path.suffix != ".npz"):
    expected[path.name] = numpy.array(Image.open(path).convert("RGB"))
for name in ("colour.jpg", "wide.png", "high.png", "narrow.png"):
    opened = Image.open(folder / name).convert("RGB")
    for resize, crop in ((16, 14), (17, 13), (32, 28), (40, 37)):
        view = F.center_crop(F.resize(opened, resize, InterpolationMode.BILINEAR), crop)
        expected[f"{name}/{resize}/{crop}"] = numpy.array(view)
for top, left, height, width, size in ((0, 0, 40, 61, 12), (3, 7, 20, 15, 24), (11, 30, 1, 2, 8), (39, 60, 1, 1, 3)):
    view = F.resized_crop(Image.open(folder / "wide.png"), top, left, height, width, [size, size],
                          InterpolationMode.BILINEAR)
    expected[f"wide.png/{top}/{left}/{height}/{width}/{size}"] = numpy.array(view)
expected["grey:colour.png"] = numpy.array(image.convert("L"))
numpy.savez_compressed(folder / "expected.npz", **expected)
