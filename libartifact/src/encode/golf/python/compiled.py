# Streams of codec golf by stream.c, compiled when this is loaded (docs/FORMAT.md, "Codec golf").
import ctypes
import os
import subprocess
import tempfile

import numpy as np

from side import varint
from source import SOURCE

FLAGS = "-O3 -march=native -fwrapv -shared -fPIC -w -xc - -o"
with tempfile.TemporaryDirectory() as folder:
    library = os.path.join(folder, "stream.so")
    subprocess.run([os.environ.get("CC", "cc"), *FLAGS.split(), library, "-lm"], input=SOURCE, check=True)
    golf_stream = ctypes.CDLL(library).golf_stream


def stream(data, tensors):
    """Arrays of the tensors (dtype, shape) of a stream."""
    sizes = [int(np.prod(shape)) for _, shape in tensors]
    shapes = []
    for (dtype, shape), size in zip(tensors, sizes):
        rows = shape[0] if shape[1:] else size
        shapes += dtype.itemsize, rows, size // max(rows, 1)
    joined = np.empty(sum(dtype.itemsize * size for (dtype, _), size in zip(tensors, sizes)), "B")
    golf_stream(data, len(tensors), np.array(shapes, "i").ctypes, joined.ctypes)
    arrays = []
    at = 0
    for (dtype, shape), size in zip(tensors, sizes):
        end = at + dtype.itemsize * size
        arrays.append(joined[at:end].view(dtype).reshape(shape))
        at = end
    return arrays
