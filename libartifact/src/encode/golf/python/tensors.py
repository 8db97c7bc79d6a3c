# The tensors of a stream of codec golf (docs/FORMAT.md, "Codec golf"). Trusts the artifact: looks at no checksum.
import operator
from collections import defaultdict

import numpy as np

from features import PREDICTION, SEARCH
from integers import log2, shape_table
from prediction import decode_by_prediction, read_reference
from side import bit_reader, cells, drifting, raw, row_scale_reader, varint, word
from values import decode_by_table, lane_reader


def int8_tensor(bit, lanes, shape, history, statistics):
    """An int8 tensor as a matrix."""
    lowest = raw(bit, 8) - 128
    highest = raw(bit, 8) - 128
    size = int(np.prod(shape))
    rows = shape[0] if shape[1:] else size
    columns = size // rows
    if lowest == highest:
        return np.full((rows, columns), lowest, "b")
    transposed = raw(bit, 1)
    if transposed:
        rows, columns = columns, rows
    below = shape_table(raw(bit, 3))
    escape = 32 * raw(bit, 4)
    base = raw(bit, 8)
    block_log = raw(bit, 4)
    row_step = raw(bit, 2)
    column_step = raw(bit, 2)
    kind = raw(bit, 2)
    prior = refit_shift = has_matches = slot = decay = last_first = reference = predicted = 0
    if kind:
        prior = raw(bit, 16)
        refit_shift = raw(bit, 2) + 1
        has_matches = raw(bit, 1)
        slot = raw(bit, 2)
    if SEARCH and slot:
        decay = raw(bit, 2)
    if 0 < kind < 3:
        last_first = raw(bit, 1)
    if SEARCH and kind > 2:
        *reference, predicted = read_reference(bit, rows, row_step, history)
    row_logs = drifting(bit, rows, lowest <= 0 <= highest) if row_step else np.zeros(rows, int)
    is_zero = row_logs == 127
    row_logs = base + np.where(is_zero, 0, row_logs + predicted << row_step)
    column_logs = drifting(bit, columns, 0) << column_step if column_step else np.zeros(columns, int)
    values = lanes, below, lowest, highest, escape, row_logs, column_logs, is_zero, block_log
    if PREDICTION and (kind or escape > 479):
        prediction = kind, prior, refit_shift, has_matches, slot, decay, reference, statistics
        array = decode_by_prediction(bit, transposed, base, prediction, *values)
    else:
        array = decode_by_table(*values)
    if SEARCH and last_first:
        array = array[:, ::-1]
    return array if transposed else array.T


def row_norms(values):
    """Logarithms of the norms of a matrix's rows, in 1/1024."""
    squares = (values.astype("i") ** 2).sum(1)
    return np.where(squares, log2(np.maximum(squares, 1)) >> 7, 0).tolist()


def stream(data, tensors):
    """Arrays of the tensors (dtype, shape) of a stream."""
    head = iter(data)
    next(head)
    lanes = 1 << next(head)
    side_size = 4
    for dtype, shape in tensors:
        side_size += varint(head)
        if dtype.itemsize * np.prod(shape) and dtype.itemsize < 2:
            varint(head)
    rest = data[-operator.length_hint(head) :]
    bit = bit_reader(iter(rest[:side_size]))
    lanes = lane_reader(rest[side_size:], lanes)
    row_scales = row_scale_reader(bit)
    word_models = defaultdict(cells)
    history = []
    statistics = {}
    norms = []
    arrays = []
    for dtype, shape in tensors:
        width = dtype.itemsize
        size = int(np.prod(shape))
        next_norms = []
        array = np.empty(0, dtype)
        if width > 1:
            if width == 2 and size == len(norms):
                numbers = row_scales(norms)
                if SEARCH and size:
                    history[-1] = history[-1][0], [norm + (scale & 32767) for norm, scale in zip(norms, numbers)]
            else:
                numbers = [word(bit, word_models[width], width - 1) for _ in range(size)]
            array = np.frombuffer(b"".join(number.to_bytes(width, "little") for number in numbers), dtype)
        elif size:
            values = int8_tensor(bit, lanes, shape, history, statistics)
            next_norms = row_norms(values)
            if SEARCH:
                history.append((values, next_norms))
            array = np.ascontiguousarray(values).view(dtype)
        norms = next_norms
        arrays.append(array.reshape(shape))
    return arrays
