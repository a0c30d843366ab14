"""Writes DigitsData.swift: the 8x8 digits as scikit-learn distributes them, compressed.

Usage: python make_digits.py > ../../../Sources/Datasets/Digits/DigitsData.swift
Needs scikit-learn.

Contents before gzip: 1,797 images of 64 bytes (0...16), row by row, then 1,797 label bytes.
"""
import base64
import hashlib
import zlib

import numpy as np
from sklearn.datasets import load_digits

WIDTH = 100
digits = load_digits()
images = digits.images.astype(np.uint8)
assert images.shape == (1797, 8, 8) and (images == digits.images).all() and images.max() == 16
contents = images.tobytes() + digits.target.astype(np.uint8).tobytes()
# Z_FILTERED suits pixels best; 16 + 15 asks for a gzip wrapper.
compressor = zlib.compressobj(9, zlib.DEFLATED, 16 + 15, 8, zlib.Z_FILTERED)
text = base64.b64encode(compressor.compress(contents) + compressor.flush()).decode()
print(f'''// Written by make_digits.py; do not edit.

/// SHA-256 of the expanded digits.
let digitsDigest = "{hashlib.sha256(contents).hexdigest()}"

/// Base64 of gzip of the digits: 1,797 images of 64 bytes, then 1,797 labels.
let digitsBase64 = """''')
for start in range(0, len(text), WIDTH - 2):
    print("  " + text[start:start + WIDTH - 2])
print('  """')
