# Values of int8 tensors, from interleaved rANS lanes (docs/FORMAT.md, "Values").
import numpy as np

from integers import INVERSE


def lane_reader(data, lanes):
    """Functions over the lanes' states: the slots of the first lanes, and the step after values were found there."""
    states = np.frombuffer(data, "B", 5 * lanes).reshape(lanes, 5) @ 256 ** np.arange(5)
    words = np.frombuffer(data[5 * lanes :], "H")
    at = 0

    def slots(count):
        return states[:count] & 65535

    def advance(slots_here, begin, sizes):
        nonlocal at
        count = len(slots_here)
        states_here = sizes * (states[:count] >> 16) + slots_here - begin
        short = np.flatnonzero(states_here < 1 << 24)
        states_here[short] = states_here[short] << 16 | words[at : at + len(short)]
        states[:count] = states_here
        at += len(short)

    return slots, advance


def distribution(below, lowest, highest):
    """Functions that give the distribution function below values, and where the intervals of values begin; and the
    probability that the values share."""

    def below_shape(values, means, inverses):
        return below.take((16 * values - 8 - means) * inverses + 4194304 >> 9, mode="clip")

    def begins(values, means, inverses, escape, floor, gain):
        begin = ((below_shape(values, means, inverses) - floor) * gain >> 16).astype("i")
        begin += values - lowest + escape
        return np.where(values > highest, 65536, begin * (values > lowest))

    return below_shape, begins, 65535 - highest + lowest


def decode_by_table(lanes, below, lowest, highest, escape, row_logs, column_logs, is_zero, block_log):
    """Values that are not predicted, [columns, rows]: a table over scale and slot; its last scale is that of rows of
    zeros."""
    slots, advance = lanes
    least = min(max(row_logs.min() + column_logs.min(), 0), 176)
    greatest = min(max(row_logs.max() + column_logs.max(), 0), 176)
    scales = np.arange(least, greatest + 1)
    values = np.arange(lowest, highest + 2)
    _, begins, share = distribution(below, lowest, highest)
    table = begins(np.tile(values, (len(scales), 1)), 0, INVERSE[scales][:, None], escape, 0, share - 2 * escape)
    table = np.vstack([table, np.where(values > 0, 65536, 0)])
    sizes = np.diff(table).ravel()
    values = np.tile(values[:-1].astype("b"), len(table))
    places = np.repeat(np.arange(len(sizes)).astype("H"), sizes)
    begin = table[:, :-1].ravel()
    array = np.empty((len(column_logs), len(row_logs)), "b")
    for first in range(0, len(row_logs), 1 << block_log):
        block = slice(first, first + (1 << block_log))
        logs = np.clip(column_logs[:, None] + row_logs[block], 0, 176) - least
        logs[:, is_zero[block]] = len(scales)
        logs <<= 16
        for column, logs_here in enumerate(logs):
            slots_here = slots(len(logs_here))
            place = places[logs_here | slots_here]
            advance(slots_here, begin[place], sizes[place])
            array[column, block] = values[place]
    return array


def find_intervals(begins, spread, guess, slots_here, means, inverses, escape, floor, gain):
    """Values in whose intervals the slots lie, and the intervals' begins and sizes. Looks at four intervals around a
    guess, and where none of the inner three is it, at all intervals."""
    numbers = np.arange(len(slots_here))
    values = np.floor(means / 16 + guess[slots_here] / inverses + 0.5).astype("i")
    values = np.minimum(np.maximum(values, spread[0]), spread[-2])
    begin = begins(values + np.arange(-1, 3)[:, None], means, inverses, escape, floor, gain)
    place = (begin <= slots_here).sum(0)
    missed = np.flatnonzero(place & 3 == 0)
    place[missed] = 1
    values += place - 2
    ends = begin[place, numbers]
    begin = begin[place - 1, numbers]
    if len(missed):
        known = np.broadcast_arrays(means, inverses, escape, floor, gain)
        table = begins(spread[:, None], *(part[missed] for part in known))
        place = (table <= slots_here[missed]).sum(0)
        values[missed] = place - 1 + spread[0]
        ends[missed] = table[place, numbers[: len(missed)]]
        begin[missed] = table[place - 1, numbers[: len(missed)]]
    return values, begin, ends - begin
