# Linear prediction and the values that it predicts (docs/FORMAT.md, "Prediction").
import numpy as np

from features import SEARCH
from integers import INVERSE, exp2, log2
from side import cells, drifting, raw, tree
from values import distribution, find_intervals


def round_sums(sums, bits):
    """Sums of products, mod 2^32, as means."""
    sums = (sums + (1 << bits - 1)).astype("q").astype("i") >> bits
    return np.minimum(np.maximum(sums, -2048), 2047)


def factor(products, seen, prior, kind, given):
    """Weights of columns for later ones, strictly lower triangular, and the logarithms of the scales that they leave.
    With `given` columns of a reference tensor only these predict others."""
    diagonal = products.diagonal().astype("q")
    size = len(diagonal)
    factors = given or size
    bits = 26 - int(max((diagonal + diagonal * prior // seen).max(), 1)).bit_length()
    scaled = np.floor(np.ldexp(products, bits)).astype("q")
    if SEARCH and kind == 2:
        scaled = scaled[::-1, ::-1]
    weights = 0 * products
    parts = np.zeros((2, size, size))
    pivots = np.ones(size, int)
    for j in range(size):
        fixed = scaled[j:, j].copy()
        fixed[0] = with_prior = min(fixed[0] + fixed[0] * prior // seen, 2**27 - 1)
        panel = min(j & -64, factors)
        if j % 64 < 1:
            sums = parts[:, j:, :panel] @ weights[j : j + 64, :panel].T
        steps = min(j, factors)
        explained = sums[:, j % 64 :, j % 64] + parts[:, j:, panel:steps] @ weights[j, panel:steps]
        explained = explained.astype("q").astype("i")
        fixed = np.clip(fixed - (np.dot([4096, 1], explained) >> 14), 1 - 2**27, 2**27 - 1)
        pivots[j] = max(fixed[0], with_prior >> 8, 1)
        if j >= factors:
            continue
        parts[:, j:, j] = fixed >> 12, fixed & 4095
        weights[j:, j] = np.clip(np.trunc(fixed * 16384 / pivots[j]), -32767, 32767)
    weights = np.tril(weights, -1)
    pivot_logs = log2(pivots) - (bits << 16)
    logs = pivot_logs - log2(np.int64(seen + prior))
    if SEARCH and kind == 2:
        weights = -weights[::-1, ::-1].T
        mean = log2(1 + diagonal.sum()) - log2(np.int64(size * seen))
        logs = log2(np.int64(max(prior, 1))) + 2 * mean - pivot_logs[::-1]
    return weights, np.clip(logs + 4096 >> 13, -48, 128)


def linear_predictor(weights, kind, count):
    """Functions that predict a column of a block of `count` rows from those before it, and that take its values."""
    inputs = np.empty((len(weights), count))
    sums = 0

    def predict(column):
        nonlocal sums
        panel = column & -32
        if column == panel:
            sums = weights[panel : panel + 32, :panel] @ inputs[:panel]
        sum_here = weights[column, panel:column] @ inputs[panel:column] + sums[column - panel]
        return round_sums(sum_here, 10 if SEARCH and kind == 2 else 14)

    def observe(column, values, residuals):
        inputs[column] = values if SEARCH and kind > 1 else residuals

    return predict, observe


def row_matches(bit, rows, block_log):
    """For each row the rows that it refers to, [rows, 3], and their gains."""
    matched = np.zeros((rows, 3), int)
    gains = np.zeros((rows, 3), int)
    model = cells()
    for row in range(rows):
        earlier = row >> block_log << block_log
        for i in range(3):
            if not (earlier and bit(model[i])):
                break
            matched[row, i] = raw(bit, (earlier - 1).bit_length())
            gains[row, i] = tree(bit, model, 2, 5) - 48
    return matched, gains


def normalized(values, logs, base):
    """Values in 1/32 of scales."""
    return np.clip(values * INVERSE.take(logs + base, mode="clip") >> 10, -1023, 1023)


def read_reference(bit, rows, row_step, history):
    """The rows of the reference tensor for each row, [its columns, rows], normalized; the scale index by which the
    tensor's own rows are normalized; and the predicted row offsets."""
    values, logs = history[-raw(bit, 4)]
    transposed = raw(bit, 1)
    if transposed:
        values = values.T
    group = raw(bit, 10) + 1
    normalization = raw(bit, 8)
    gain = raw(bit, 4) - 8
    repeats = group * (rows // len(values))
    row = np.arange(rows)
    row = row // repeats * group + row % group
    values = values.astype(int)
    norms = log2((values**2).sum(1) + 1) - log2(np.int64(values.shape[1]))
    offsets = 0
    if gain and not transposed and row_step:
        logs = np.array(logs)
        offsets = np.clip((gain * (logs - logs.sum() // len(logs))[row] >> 8) >> row_step, -24, 24)
    return normalized(values.T, norms >> 13, 48)[:, row], normalization, offsets


def follow(weights, given_values, scales, has_weights):
    """Means of all columns of a block from the rows of the reference tensor."""
    given = len(given_values)
    inputs = given_values * 1.0
    for k in range(given * has_weights):
        inputs[k] -= round_sums(weights[k, :k] @ inputs[:k], 14)
    means = round_sums(weights[given:, :given] @ inputs, 14)
    return np.clip(means * exp2(1572864 - 4096 * scales) + 1024 >> 11, -2048, 2047)


def starting_statistics(statistics, slot, decay, given, columns):
    """Products of columns and the number of rows, carried from an earlier tensor if it had as many columns."""
    if slot and slot in statistics and statistics[slot][:2] == (given, columns):
        products, seen = statistics[slot][2:]
        if decay:
            products = products - np.floor(np.ldexp(products, -decay))
            seen -= seen >> decay
        return products, seen
    return np.zeros((given + columns,) * 2), 0


def decode_by_prediction(
    bit, transposed, base, prediction, lanes, below, lowest, highest, escape, row_logs, column_logs, is_zero, block_log
):
    """Values with a mean of their own each, or with absmax symbols, [columns, rows]."""
    slots, advance = lanes
    below_shape, begins, share = distribution(below, lowest, highest)
    kind, prior, refit_shift, has_matches, slot, decay, reference, statistics = prediction
    rows = len(row_logs)
    columns = len(column_logs)
    block_logs = drifting(bit, (rows - 1 >> block_log) + 1, 0) if kind else np.zeros(rows, int)
    spread = np.arange(lowest, highest + 2)
    array = np.empty((columns, rows), "b")
    given = fitted = 0
    if SEARCH:
        if reference:
            given = len(reference[0])
        if has_matches:
            matched, gains = row_matches(bit, rows, block_log)
        left = np.zeros((columns, rows), "h")
        extreme_columns = np.zeros(columns, bool)
        products, seen = starting_statistics(statistics, slot, decay, given, columns)
    else:
        products, seen = np.zeros((columns, columns)), 0
    weights = 0 * products
    predicted_logs = np.zeros(columns, int)
    for first in range(0, rows, 1 << block_log):
        if seen > fitted and seen - fitted >= max(given + columns, fitted) >> refit_shift:
            fitted = seen
            weights, predicted_logs = factor(products, seen, prior, kind, given)
            if SEARCH and given:
                predicted_logs = predicted_logs[given:] - 80
        block = slice(first, first + (1 << block_log))
        logs = row_logs[block] + block_logs[first >> block_log] + (predicted_logs + column_logs)[:, None]
        block_inverses = INVERSE.take(logs, mode="clip")
        count = logs.shape[1]
        zero_here = np.flatnonzero(is_zero[block])
        # Where a value lies without prediction, in a middling row: to guess from.
        middle = int(np.median(block_inverses[columns // 2]))
        begin = begins(spread, 0, middle, escape % 480, 0, share - 2 * (escape % 480))
        guess = (np.interp(np.arange(65536), begin, spread) - 0.5) * middle
        block_values = np.empty((columns, count))
        predict, observe = linear_predictor(weights, kind, count)
        floor = 0
        escape_here = escape
        gain = share - 2 * escape
        if SEARCH:
            has_extreme = np.zeros(count, bool)
            if given:
                scales = np.clip(reference[1] + row_logs[block] - base, 0, 176)
                followed = follow(weights, reference[0][:, block], scales, fitted > 0)
        for column in range(columns):
            linear = predict(column) if fitted and not given else np.zeros(count, "i")
            means = linear
            inverses = block_inverses[column]
            if SEARCH:
                if given:
                    means = followed[column]
                if has_matches:
                    taken = (gains[block] * left[column][matched[block]]).sum(1)
                    means = np.minimum(np.maximum(linear + (taken + 8 >> 4), -2048), 2047)
                if escape > 479:
                    escape_here = np.where(has_extreme, 0, 32768 // (columns - column + 1))
                    if transposed:
                        escape_here = np.full(count, (~extreme_columns[column] & 1) * 32768 // (rows - first + 1))
                    floor = below_shape(lowest, means, inverses)
                    room = below_shape(highest + 1, means, inverses) - floor
                    gain = (share - 2 * escape_here << 16) // np.maximum(room, 1)
            slots_here = slots(count)
            values, begin, sizes = find_intervals(
                begins, spread, guess, slots_here, means, inverses, escape_here, floor, gain
            )
            values[zero_here] = begin[zero_here] = 0
            sizes[zero_here] = 65536
            advance(slots_here, begin, sizes)
            array[column, block] = block_values[column] = values
            residuals = 16 * values - linear
            if SEARCH:
                extremes = (values == lowest) | (values == highest)
                has_extreme |= extremes
                extreme_columns[column] |= extremes.any()
                left[column, block] = residuals
                if given:
                    block_values[column] = normalized(values, scales, 0)
            if not given:
                observe(column, values, residuals)
        if SEARCH and given:
            block_values = np.vstack([reference[0][:, block], block_values])
        if kind:
            products += block_values @ block_values.T
            seen += count
    if SEARCH and slot:
        statistics[slot] = given, columns, products, seen
    return array
