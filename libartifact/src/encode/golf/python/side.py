# Side information: one range-coded run of bits (docs/FORMAT.md, "Side information").
from collections import defaultdict

import numpy as np


def varint(data):
    low = next(data)
    return low if low < 128 else low - 128 + 128 * varint(data)


def bit_reader(data):
    """A function that decodes a bit with an adaptive probability, a cell [probability, times seen]."""
    low = code = 0
    high = 2**32 - 1
    for _ in range(4):
        code = code << 8 | next(data)

    def bit(cell):
        nonlocal low, high, code
        p, n = cell
        cut = low + ((high - low) * (32 if p < 32 else 65504 if p > 65504 else p) >> 16)
        if code > cut:
            low = cut + 1
            value = 0
            cell[0] = p + (-p * (131072 // (2 * n + 3)) >> 16)
        else:
            high = cut
            value = 1
            cell[0] = p + ((65535 - p) * (131072 // (2 * n + 3)) >> 16)
        if n < 60:
            cell[1] = n + 1
        while low >> 24 == high >> 24:
            low = low << 8 & 0xFFFFFFFF
            high = high << 8 & 0xFFFFFFFF | 255
            code = code << 8 & 0xFFFFFFFF | next(data)
        return value

    return bit


def cells():
    return defaultdict(lambda: [32768, 0])


def raw(bit, count):
    number = 0
    for _ in range(count):
        number = 2 * number + bit([32768, 0])
    return number


def tree(bit, model, first, count):
    """Bits, the first most significant, each with a cell chosen by those before it; 1 stands before them."""
    node = 1
    for _ in range(count):
        node = 2 * node + bit(model[first + node])
    return node


def drifting(bit, count, has_zero):
    """Numbers in [−100, 100] around a slowly moving average; rows may be all zeros instead, which is 127."""
    model = cells()
    context = average = zero = shift = 0
    numbers = []
    for _ in range(count):
        number = 127
        if has_zero:
            zero = bit(model[3 + zero])
        if not zero:
            number = expected = min(max(average + 8 >> 4, -100), 100)
            if bit(model[context]):
                rises = expected < 100 and (expected < -99 or bit(model[5 + context]))
                step = 1
                room = 100 - expected if rises else 100 + expected
                while step < room and bit(model[7 + min(step, 24)]):
                    step += 1
                number += step if rises else -step
            context = min(abs(number - expected), 2)
            average += 16 * number - average >> shift
            shift = 2
        numbers.append(number)
    return np.array(numbers)


def word(bit, model, last):
    """A word of last + 1 bytes, the last byte first. A byte has three bits in context and five by their place."""
    context = value = 0
    for k in range(last, -1, -1):
        node = 1
        for i in range(7, -1, -1):
            node = 2 * node + bit(model[k, context, node] if k == last or i > 4 else model[k, i])
        value = 256 * value + node - 256
        context = node & 3 if k == last else 0
    return value


def row_scale_reader(bit):
    """A function that decodes the float16 scales of an int8 tensor's rows from the norms of these rows."""
    model = cells()
    average = 8192
    usual = 128

    def row_scales(norms):
        nonlocal average, usual
        count = 0
        numbers = []
        for norm in norms:
            fine = max(usual.bit_length() - 3, 0)
            node = tree(bit, model, 0, 8)
            number = (node - 384 << fine) + raw(bit, fine) if node < 511 else (raw(bit, 16) ^ 32768) - 32768
            numbers.append(average - norm + number & 65535)
            count = min(count + 1, 32)
            average += int(number / count)
            if count > 1:
                usual += int((abs(number) - usual) / count)
        return numbers

    return row_scales
