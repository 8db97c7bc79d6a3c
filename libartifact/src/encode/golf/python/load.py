# The container's part of the Python decoder: tensor table and encodings (docs/FORMAT.md, sections 1 and 2).
import zlib
from collections import defaultdict

import numpy as np

from features import BF16, GRID, TRELLIS
from side import varint
from tensors import stream


def read_sections(file):
    at = 20 + 28 * file[10] + 28 * 256 * file[11]
    sections = []
    for size in np.frombuffer(file[12 : at - 8], "I").reshape(-1, 7)[:, 1].tolist():
        sections.append(file[at : at + size])
        at += size
    return sections


def read_table(table):
    """For each tensor its name, original dtype, parts (dtype, shape, stream) and grid (encoding, step, offsets)."""
    name = b""
    tensors = []
    for _ in range(varint(table)):
        name = name[: varint(table)] + bytes(next(table) for _ in range(varint(table)))
        encoding, original, stored = next(table), next(table), next(table)
        grid = 0
        shape = [varint(table) for _ in range(varint(table))]
        parts = [(stored, shape, varint(table))]
        if encoding:
            next(table)
            stored = next(table)
            scales = shape[:1] if encoding < 2 else []
            at = varint(table)
            if GRID and encoding > 2:
                step = np.frombuffer(bytes(next(table) for _ in range(4)), "f")
                grid = encoding, step, next(table)
                scales = [sum(size for k, size in enumerate(shape[:2]) if grid[2] >> k & 1)]
            parts.append((stored, scales, at))
        tensors.append((name.decode(), original, parts, grid))
    return tensors


def trellis(array, by_level, by_value):
    """Twice the integers plus the trellis's low bit."""
    states = np.zeros(array.shape[1], int)
    doubled = np.zeros(array.shape)
    for i, row in enumerate(array):
        low = states & 1
        doubled[i] = 2.0 * row + low
        states = states >> 1 ^ low * by_level ^ (row & 1) * by_value
    return doubled


def on_grid(array, offsets, grid):
    encoding, steps, kinds = grid
    factors = np.round(2 ** (np.arange(8) / 8) * 2**23).astype("f")[offsets & 7]
    factors = np.ldexp(factors, offsets.astype("i") // 8 - 23)
    if kinds & 1:
        steps = (factors[: len(array)] * steps)[:, None]
    if kinds & 2:
        steps = steps * factors[-array.shape[1] :]
    if TRELLIS and encoding > 3:
        array = trellis(array, *((6, 1), (33, 10), (166, 121))[encoding - 4])
    return array.astype("f") * steps


def rounded_to_bf16(array):
    bits = array.astype("f").view("I")
    return (bits + 32767 + (bits >> 16 & 1) & 0xFFFF0000).astype("I").view("f")


def dequantized(arrays, grid):
    array = arrays[0]
    if GRID and grid:
        return on_grid(array, arrays[1], grid)
    if arrays[1:]:
        scale = arrays[1].astype("f")
        return array.astype("f") * (scale[:, None] if scale.shape else scale)
    return array


def load(path):
    """The tensors of an artifact by name, in their original dtypes, bfloat16 as float32."""
    sections = read_sections(open(path, "rb").read())
    dtypes = "?BbHhIiQqeHfd"
    tensors = read_table(iter(zlib.decompress(sections[1])))
    parts_of = defaultdict(list)
    for _, _, parts, _ in tensors:
        for dtype, shape, at in parts:
            parts_of[at].append((np.dtype(dtypes[dtype]), shape))
    streams = {at: iter(stream(sections[2 + at], parts_of[at])) for at in parts_of}
    state = {}
    for name, original, parts, grid in tensors:
        arrays = []
        for dtype, _, at in parts:
            array = next(streams[at])
            if BF16 and dtype == 10:
                array = (array.astype("I") << 16).view("f")
            arrays.append(array)
        array = dequantized(arrays, grid)
        if BF16 and original == 10:
            array = rounded_to_bf16(array)
            original = 11
        state[name] = array.astype(dtypes[original])
    return state
