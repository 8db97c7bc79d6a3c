"""A decoder of codec golf, written from docs/FORMAT.md alone, in plain Python: decode.py NAME.json...

It follows the page's pseudo-code name by name, so that a test of the vectors is a test of the page. It is slow.
"""
import json
import sys

MASK = 2**32 - 1
ROOT = [1518500250, 1805811301, 1969251188, 2056437387, 2101467502, 2124350982, 2135885998, 2141676973]
ROOT += [2144578345, 2146030505, 2146756953, 2147120270, 2147301951, 2147392798, 2147438222, 2147460935]
ALPHA = [5983, 25283, 46341, 76262, 92682, 107266, 112727, 116836]
BETA4 = [2, 3, 4, 6, 8, 12, 16, 32]


def clamp(v, a, b):
    return min(max(v, a), b)


def toward_zero(a, b):
    return a // b if (a >= 0) == (b > 0) else -(-a // b)


def signed(v):
    v &= MASK
    return v - 2**32 if v >> 31 else v


# 5.2 Constants
def log2_16(v):
    e = v.bit_length() - 1
    m = v << (31 - e) if e <= 31 else v >> (e - 31)
    result = e << 16
    for bit in range(15, -1, -1):
        m = (m * m) >> 31
        if m >= 2**32:
            m >>= 1
            result |= 1 << bit
    return result


def exp2_31(x):
    if x >> 16 > 31:
        return 0
    p = 2**31
    for i in range(16):
        if (x >> (15 - i)) & 1:
            p = (p * ROOT[i]) >> 31
    return p >> (x >> 16)


INVERSE = [exp2_31(13 * 65536 + 4096 * s) for s in range(177)]
SIGMA = [exp2_31(24 * 65536 - 4096 * s) for s in range(177)]
TABLES = {}


def distribution(shape):
    if shape not in TABLES:
        d = []
        for i in range(8192):
            e = ((log2_16(64 * i + 32) - log2_16(ALPHA[shape])) * BETA4[shape] >> 2) + 34655
            d.append(0 if e >= 15 * 65536 else exp2_31(exp2_31(15 * 65536 - e)))
        whole = 2 * sum(d)
        f = {}
        total = 0
        for k in range(8193):
            a = min(total * 65535 // whole, 32767)
            if k > 0:
                f[k] = 32768 + a
            f[-k] = 32767 - a
            total += d[k] if k < 8192 else 0
        TABLES[shape] = f
    return TABLES[shape]


# 5.3 Side information
class Cell:
    def __init__(self):
        self.p, self.n = 32768, 0


class Side:
    def __init__(self, data):
        self.data, self.at = data, 4
        self.low, self.high = 0, MASK
        self.code = int.from_bytes(data[:4], "big")

    def decode(self, p):
        cut = self.low + ((self.high - self.low) * p >> 16)
        if self.code <= cut:
            bit, self.high = 1, cut
        else:
            bit, self.low = 0, cut + 1
        while self.low >> 24 == self.high >> 24:
            self.low = self.low << 8 & MASK
            self.high = self.high << 8 & MASK | 255
            self.code = self.code << 8 & MASK | self.data[self.at]
            self.at += 1
        return bit

    def raw(self, n):
        v = 0
        for _ in range(n):
            v = 2 * v + self.decode(32768)
        return v

    def bit(self, cell):
        bit = self.decode(clamp(cell.p, 32, 65504))
        cell.p += (((65535 if bit else 0) - cell.p) * (131072 // (2 * cell.n + 3))) >> 16
        cell.n = min(cell.n + 1, 60)
        return bit

    def tree(self, cells, n):
        node = 1
        for _ in range(n):
            node = 2 * node + self.bit(cells[node])
        return node - 2**n


class Drifting:
    def __init__(self):
        self.average, self.context, self.first = 0, 0, True
        self.differs, self.greater, self.more = [[Cell() for _ in range(n)] for n in (3, 3, 25)]

    def decode(self, side):
        e = v = clamp((self.average + 8) >> 4, -100, 100)
        if side.bit(self.differs[self.context]):
            rises = 1 if e == -100 else 0 if e == 100 else side.bit(self.greater[self.context])
            room = 100 - e if rises else e + 100
            steps = 1
            while steps < room and side.bit(self.more[min(steps, 24)]):
                steps += 1
            v = e + steps if rises else e - steps
        self.context = min(abs(v - e), 2)
        self.average += (16 * v - self.average) >> (0 if self.first else 2)
        self.first = False
        return v


# 5.4 Words
class Words:
    def __init__(self):
        self.models = {}
        self.coarse = [Cell() for _ in range(256)]
        self.average, self.usual = 8192, 128

    def word(self, side, w):
        if w not in self.models:
            first = [[[Cell() for _ in range(8)] for _ in range(4)] for _ in range(w)]
            self.models[w] = [Cell() for _ in range(256)], first, [[Cell() for _ in range(5)] for _ in range(w)]
        top, first, rest = self.models[w]
        byte = [0] * w
        byte[w - 1] = side.tree(top, 8)
        for k in range(w - 2, -1, -1):
            c = byte[w - 1] & 3 if k == w - 2 else 0
            node = 1
            for i in range(7, -1, -1):
                node = 2 * node + side.bit(first[k][c][node] if i >= 5 else rest[k][i])
            byte[k] = node - 256
        return bytes(byte)

    def row_scales(self, side, norms):
        n, words = 0, []
        for g in norms:
            f = max(0, self.usual.bit_length() - 3)
            b = side.tree(self.coarse, 8)
            if b < 255:
                d = ((b - 128) << f) + side.raw(f)
            else:
                d = side.raw(16)
                d -= 65536 if d >= 32768 else 0
            words.append((self.average - g + d) % 65536)
            n = min(n + 1, 32)
            self.average += toward_zero(d, n)
            if n > 1:
                self.usual += toward_zero(abs(d) - self.usual, n)
        return words


# 5.5 The model of an int8 tensor
class Int8:
    def __init__(self, side, method, shape, history):
        size = 1
        for dimension in shape:
            size *= dimension
        self.rows = self.natural_rows = shape[0] if len(shape) > 1 else size
        self.columns = size // self.rows
        self.lowest, self.highest = side.raw(8) - 128, side.raw(8) - 128
        self.constant = self.lowest == self.highest
        self.predicted_rows = None
        if self.constant:
            return
        self.transposed = side.raw(1)
        if self.transposed:
            self.rows, self.columns = self.columns, self.rows
        self.shape, self.escape_mass, self.base, self.block_log = side.raw(3), side.raw(4), side.raw(8), side.raw(4)
        self.row_step, self.column_step, self.prediction = side.raw(2), side.raw(2), side.raw(2)
        self.has_row_matches = self.slot = self.decay = self.reversed = 0
        if self.prediction:
            self.prior, self.refit_shift = side.raw(16), side.raw(2) + 1
            self.has_row_matches, self.slot = side.raw(1), side.raw(2)
            if self.slot:
                self.decay = side.raw(2)
            if method == 2 and self.prediction < 3:
                self.reversed = side.raw(1)
        if self.prediction == 3:
            back, reference_transposed = side.raw(4), side.raw(1)
            self.group, self.normalization, scale_gain = side.raw(10) + 1, side.raw(8), side.raw(4) - 8
            self.use_reference(history[-back], reference_transposed, scale_gain)
        blocks = ((self.rows - 1) >> self.block_log) + 1
        self.row_offset, self.zero_rows = [0] * self.rows, [False] * self.rows
        if self.row_step:
            self.read_row_offsets(side)
        drifting = Drifting()
        self.column_offset = [drifting.decode(side) if self.column_step else 0 for _ in range(self.columns)]
        drifting = Drifting()
        self.block_offset = [drifting.decode(side) if self.prediction else 0 for _ in range(blocks)]
        self.matches = [[] for _ in range(self.rows)]
        if self.has_row_matches:
            self.read_row_matches(side)

    def read_row_offsets(self, side):
        zero_cells, was_zero, drifting = [Cell(), Cell()], 0, Drifting()
        for r in range(self.rows):
            if self.lowest <= 0 <= self.highest:
                was_zero = side.bit(zero_cells[was_zero])
                if was_zero:
                    self.zero_rows[r] = True
                    continue
            predicted = self.predicted_rows[r] if self.predicted_rows else 0
            self.row_offset[r] = drifting.decode(side) + predicted

    # 6.3
    def read_row_matches(self, side):
        another, gain = [Cell() for _ in range(3)], [Cell() for _ in range(32)]
        for r in range(self.rows):
            earlier = (r >> self.block_log) << self.block_log
            for i in range(3):
                if earlier == 0 or side.bit(another[i]) == 0:
                    break
                row = side.raw((earlier - 1).bit_length())
                self.matches[r].append((row, side.tree(gain, 5) - 16))

    # 6.4
    def use_reference(self, tensor, transposed, scale_gain):
        matrix = tensor["rows"]
        if transposed:
            matrix = [list(column) for column in zip(*matrix)]
        count, g = len(matrix), len(matrix[0])
        repeats = self.group * (self.rows // count)
        where = [r // repeats * self.group + r % self.group for r in range(self.rows)]
        normalized = []
        for row in matrix:
            squares = 1 + sum(v * v for v in row)
            s = clamp(48 + ((log2_16(squares) - log2_16(g)) >> 13), 0, 176)
            normalized.append([clamp(v * INVERSE[s] >> 10, -1023, 1023) for v in row])
        self.given = [normalized[where[r]] for r in range(self.rows)]
        if scale_gain and self.row_step and not transposed:
            h = tensor["logs"]
            average = sum(h) // len(h)
            self.predicted_rows = [
                clamp((scale_gain * (h[where[r]] - average) >> 8) >> self.row_step, -24, 24) for r in range(self.rows)
            ]

    def row_part(self, r):
        return self.row_offset[r] << self.row_step if self.row_step else 0


# 6.1 Weights
def fit(P, n, prior, inverse, given):
    C = len(P)
    order = list(range(C))[::-1] if inverse else list(range(C))
    factors = given or C
    largest = max([1] + [P[i][i] for i in range(C)])
    largest += largest // n * prior + largest % n * prior // n
    t = 26 - largest.bit_length()
    scaled = lambda v: v << t if t >= 0 else v >> -t
    pair = lambda i, j: P[max(order[i], order[j])][min(order[i], order[j])]
    M = 2**27 - 1
    v, w, scales = [[0] * C for _ in range(C)], [[0] * C for _ in range(C)], [0] * C

    def left(i, j, a):
        ks = range(min(j, factors))
        high = signed(sum((v[i][k] >> 12) * w[j][k] for k in ks))
        low = signed(sum((v[i][k] & 4095) * w[j][k] for k in ks))
        return clamp(a - ((4096 * high + low) >> 14), -M, M)

    for j in range(C):
        own = scaled(pair(j, j))
        own = min(own + own * prior // n, M)
        v[j][j] = left(j, j, own)
        D = max(v[j][j], own >> 8, 1)
        if j < factors:
            for i in range(j + 1, C):
                v[i][j] = left(i, j, scaled(pair(i, j)))
                w[i][j] = clamp(toward_zero(v[i][j] << 14, D), -32767, 32767)
        if inverse:
            V = log2_16(max(prior, 1)) - (log2_16(D) - 65536 * t)
            V += 2 * (log2_16(1 + sum(P[i][i] for i in range(C))) - log2_16(C * n))
        else:
            V = log2_16(D) - 65536 * t - log2_16(n + prior)
        scales[order[j]] = clamp((V + 4096) >> 13, -48, 128)
    if inverse:
        W = [[-w[C - 1 - k][C - 1 - c] if k < c else 0 for k in range(C)] for c in range(C)]
    else:
        W = w
    return W, scales


# 5.6 Values, 6.2 Means
def decode_values(t, lanes, slots):
    F = distribution(t.shape)
    given = len(t.given[0]) if t.prediction == 3 else 0
    C = given + t.columns
    n, P = 0, [[0] * C for _ in range(C)]
    if t.slot and t.slot in slots and slots[t.slot][0] == (given, t.columns):
        _, n, P = slots[t.slot]
        P = [row[:] for row in P]
        if t.decay:
            n -= n >> t.decay
            P = [[p - (p >> t.decay) for p in row] for row in P]
    n_fit, W, scales = 0, None, [0] * t.columns
    values = [[0] * t.columns for _ in range(t.rows)]
    left = [[0] * t.columns for _ in range(t.rows)]
    extreme_columns = [False] * t.columns

    def refit_if_due():
        nonlocal n_fit, W, scales
        if t.prediction and n > 0 and n - n_fit >= max(C, n_fit) >> t.refit_shift:
            n_fit = n
            W, scales = fit(P, n, t.prior, t.prediction == 2, given)
            if given:
                scales = [s - 80 for s in scales[given:]]

    def linear(W, x, k_end, c, shift):
        total = signed(sum(W[c][k] * x[k] for k in range(k_end)) + (1 << (shift - 1)))
        return clamp(total >> shift, -2048, 2047)

    refit_if_due()
    for b in range(0, t.rows, 1 << t.block_log):
        block = range(b, min(b + (1 << t.block_log), t.rows))
        x = {}
        own_scale = {r: clamp(t.normalization + t.row_part(r), 0, 176) if given else 0 for r in block}
        for r in block:
            x[r] = []
            for k in range(given):
                x[r].append(t.given[r][k] - (linear(W, x[r], k, k, 14) if W else 0))
        extreme_rows = {r: False for r in block}
        was_extreme = extreme_columns[:]
        for c in range(t.columns):
            for r in block:
                m = lin = 0
                if W and given:
                    l = linear(W, x[r], given, given + c, 14)
                    m = clamp((l * SIGMA[own_scale[r]] + 1024) >> 11, -2048, 2047)
                elif W:
                    m = lin = linear(W, x[r], c, c, 10 if t.prediction == 2 else 14)
                if t.has_row_matches:
                    taken = sum(gain * left[row][c] for row, gain in t.matches[r])
                    m = clamp(lin + ((taken + 8) >> 4), -2048, 2047)
                value = 0
                if not t.zero_rows[r]:
                    column_part = t.column_offset[c] << t.column_step if t.column_step else 0
                    s = t.base + t.row_part(r) + column_part + t.block_offset[b >> t.block_log] + scales[c]
                    if t.escape_mass < 15:
                        e = 32 * t.escape_mass
                    elif t.transposed:
                        e = 0 if was_extreme[c] else 32768 // (t.rows - b + 1)
                    else:
                        e = 0 if extreme_rows[r] else 32768 // (t.columns - c + 1)
                    value = decode_value(t, F, lanes, r - b, m, clamp(s, 0, 176), e)
                values[r][c] = value
                left[r][c] = 16 * value - lin
                if not given:
                    x[r].append(value if t.prediction == 2 else left[r][c])
                if value in (t.lowest, t.highest):
                    extreme_rows[r] = extreme_columns[c] = True
        if t.prediction:
            for r in block:
                row = values[r]
                if given:
                    row = t.given[r] + [clamp(v * INVERSE[own_scale[r]] >> 10, -1023, 1023) for v in row]
                n += 1
                for i in range(C):
                    for j in range(min(i, given - 1) + 1 if given else i + 1):
                        P[i][j] += row[i] * row[j]
                    if given and i >= given:
                        P[i][i] += row[i] * row[i]
            refit_if_due()
    if t.slot:
        slots[t.slot] = (given, t.columns), n, P
    return values


def decode_value(t, F, lanes, lane, m, s, e):
    T = lambda q: F[clamp((16 * q - 8 - m) * INVERSE[s] >> 9, -8192, 8192)]
    H = 65536 - (t.highest - t.lowest + 1) - 2 * e
    T0, G = 0, H
    if t.escape_mass == 15:
        T0 = T(t.lowest)
        G = (H << 16) // max(T(t.highest + 1) - T0, 1)

    def B(q):
        if q <= t.lowest:
            return 0
        return 65536 if q > t.highest else q - t.lowest + e + ((T(q) - T0) * G >> 16)

    x = lanes["states"][lane]
    slot = x & 65535
    q = t.lowest
    while B(q + 1) <= slot:
        q += 1
    x = (B(q + 1) - B(q)) * (x >> 16) + slot - B(q)
    if x < lanes["floor"]:
        x = x << 16 | lanes["words"].pop(0)
        lanes["read"] += 1
    lanes["states"][lane] = x
    return q


# 5.1 Frame
def decode_stream(data, tensors):
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    method, lane_log = varint(), varint()
    assert method in (1, 2)
    state_bytes, floor = (4, 2**16) if method == 1 else (5, 2**24)
    is_int8 = [size == 1 and all(shape) for shape, size in tensors]
    sizes = [(varint(), varint() if int8 else 0) for int8 in is_int8]
    side_bytes = sum(size for size, _ in sizes) + 4
    side = Side(data[at : at + side_bytes])
    at += side_bytes
    lanes = {"floor": floor, "states": [], "words": [], "read": 0}
    if any(is_int8):
        end = at + (state_bytes << lane_log)
        starts = range(at, end, state_bytes)
        lanes["states"] = [int.from_bytes(data[i : i + state_bytes], "little") for i in starts]
        lanes["words"] = [int.from_bytes(data[i : i + 2], "little") for i in range(end, len(data), 2)]
    words, history, slots, norms, decoded = Words(), [], {}, None, []
    for (shape, size), int8, (side_size, word_count) in zip(tensors, is_int8, sizes):
        side_before, words_before, next_norms = side.at, lanes["read"], None
        count = 1
        for dimension in shape:
            count *= dimension
        if int8:
            t = Int8(side, method, shape, history)
            if t.constant:
                rows = [[t.lowest] * t.columns for _ in range(t.rows)]
            else:
                rows = decode_values(t, lanes, slots)
                if t.reversed:
                    rows = rows[::-1]
                if t.transposed:
                    rows = [list(column) for column in zip(*rows)]
            squares = [sum(v * v for v in row) for row in rows]
            next_norms = [log2_16(s) >> 7 if s else 0 for s in squares]
            history.append({"rows": rows, "logs": next_norms[:]})
            decoded.append(bytes(v & 255 for row in rows for v in row))
        elif size == 2 and norms is not None and count == len(norms):
            scales = words.row_scales(side, norms)
            history[-1]["logs"] = [g + (scale & 32767) for g, scale in zip(norms, scales)]
            decoded.append(b"".join(scale.to_bytes(2, "little") for scale in scales))
        else:
            decoded.append(b"".join(words.word(side, size) for _ in range(count)))
        norms = next_norms
        assert side.at - side_before == side_size and lanes["read"] - words_before == word_count, "wrong size"
    assert side.at == side_bytes and side.code == side.low, "wrong end"
    assert not lanes["words"] and all(x == floor for x in lanes["states"]), "wrong last states"
    return decoded


for path in sys.argv[1:]:
    with open(path) as file:
        vector = json.load(file)
    tensors = [(row["shape"], row["element_bytes"]) for row in vector["tensors"]]
    found = decode_stream(bytes.fromhex(vector["stream"]), tensors)
    same = all(row.get("decoded", data.hex()) == data.hex() for row, data in zip(vector["tensors"], found))
    print(f"{path.rsplit('/', 1)[-1]}: {len(found)} tensors, " + ("right" if same else "wrong"))
