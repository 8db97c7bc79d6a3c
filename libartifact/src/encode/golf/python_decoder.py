# Decoder of .golf files in Python and NumPy, for submissions: docs/FORMAT.md, sections 2 and 2.5.
#
# golf-pack --emit-decoder writes what an artifact needs of this file, made small: without comments and the parts
# between "#if WHAT" and "#end" whose WHAT it does not have, and with short names for those that end in "_".
# Trusts the artifact: no checksum is looked at.
import operator
import zlib
from collections import defaultdict
import numpy as np


def varint_(bytes_):
    low_ = next(bytes_)
    return low_ if low_ < 128 else low_ - 128 + 128 * varint_(bytes_)


# Logarithm and exponential in integers, of whole arrays.
def log2_(value_):
    exponent_ = np.frexp(value_)[1] - 1
    mantissa_ = np.ldexp(value_ * 1.0, 31 - exponent_).astype("Q")
    result_ = exponent_.astype("q")
    for i_ in range(16):
        mantissa_ = mantissa_ * mantissa_ >> np.uint64(31)
        carry_ = mantissa_ >> np.uint64(32)
        mantissa_ >>= carry_
        result_ = 2 * result_ + carry_.astype("q")
    return result_


def exp2_(exponent_):
    product_ = 0 * exponent_ + (1 << 31)
    for i_ in range(16):
        root_ = int(2 ** (31 - 0.5 ** (i_ + 1)) + 0.5)
        product_ = np.where(exponent_ >> 15 - i_ & 1, product_ * root_ >> 31, product_)
    return product_ >> np.minimum(exponent_ >> 16, 63)


# Inverse of each scale.
inverse_ = exp2_(851968 + 4096 * np.arange(177)).astype("i")


# Distribution function of a shape at -8192 ... 8192.
def shape_table_(shape_):
    alpha_ = np.array([5983, 25283, 46341, 76262, 92682, 107266, 112727, 116836])[shape_]
    beta_ = (2, 3, 4, 6, 8, 12, 16, 32)[shape_]
    ratio_ = log2_(64 * np.arange(8192) + 32) - log2_(alpha_)
    sums_ = np.append(0, np.cumsum(exp2_(exp2_(np.maximum(983040 - (ratio_ * beta_ >> 2) - 34655, 0)))))
    above_ = np.minimum(sums_ * 65535 // (2 * sums_[-1]), 32767)
    return np.append(32767 - above_[::-1], 32768 + above_[1:]).astype("I")


#if search
# Values in 1/32 of scales.
def level_values_(values_, logs_, base_):
    return np.clip(values_ * inverse_.take(logs_ + base_, mode="clip") >> 10, -1023, 1023)


#end
# Arrays of the members (dtype, shape) of a stream.
def stream_(bytes_, members_):
    head_ = iter(bytes_)
    next(head_)
    lanes_ = 1 << next(head_)
    side_size_ = 4
    for dtype_, shape_ in members_:
        side_size_ += varint_(head_)
        if dtype_.itemsize * np.prod(shape_) and dtype_.itemsize < 2:
            varint_(head_)
    rest_ = bytes_[-operator.length_hint(head_) :]
    side_ = iter(rest_[:side_size_])
    rest_ = rest_[side_size_:]
    states_ = np.frombuffer(rest_[: 4 * lanes_], "I").copy()
    words_ = np.frombuffer(rest_[4 * lanes_ :], "H")
    word_at_ = 0
    low_ = code_ = 0
    high_ = 2**32 - 1
    for i_ in range(4):
        code_ = code_ << 8 | next(side_)

    # An adaptive bit: cell = [probability, times seen].
    def bit_(cell_):
        nonlocal low_, high_, code_
        p_, n_ = cell_
        cut_ = low_ + ((high_ - low_) * (32 if p_ < 32 else 65504 if p_ > 65504 else p_) >> 16)
        if code_ > cut_:
            low_ = cut_ + 1
            bit_value_ = 0
            cell_[0] = p_ + (-p_ * (131072 // (2 * n_ + 3)) >> 16)
        else:
            high_ = cut_
            bit_value_ = 1
            cell_[0] = p_ + ((65535 - p_) * (131072 // (2 * n_ + 3)) >> 16)
        if n_ < 60:
            cell_[1] = n_ + 1
        while low_ >> 24 == high_ >> 24:
            low_ = low_ << 8 & 0xFFFFFFFF
            high_ = high_ << 8 & 0xFFFFFFFF | 255
            code_ = code_ << 8 & 0xFFFFFFFF | next(side_)
        return bit_value_

    def cells_():
        return defaultdict(lambda: [32768, 0])

    def raw_(count_):
        number_ = 0
        for i_ in range(count_):
            number_ = 2 * number_ + bit_([32768, 0])
        return number_

    # Drifting numbers; rows may be all zeros instead: 127.
    def offsets_(count_, has_zero_):
        model_ = cells_()
        context_ = average_ = zero_ = halving_ = 0
        numbers_ = []
        for i_ in range(count_):
            number_ = 127
            if has_zero_:
                zero_ = bit_(model_[3 + zero_])
            if not zero_:
                number_ = expected_ = min(max(average_ + 8 >> 4, -100), 100)
                if bit_(model_[context_]):
                    rises_ = expected_ < 100 and (expected_ < -99 or bit_(model_[5 + context_]))
                    step_ = 1
                    room_ = 100 - expected_ if rises_ else 100 + expected_
                    while step_ < room_ and bit_(model_[7 + min(step_, 24)]):
                        step_ += 1
                    number_ += step_ if rises_ else -step_
                context_ = min(abs(number_ - expected_), 2)
                average_ += 16 * number_ - average_ >> halving_
                halving_ = 2
            numbers_.append(number_)
        return np.array(numbers_)

    # A word, last byte first. Bits: three of a byte in context, five by their place.
    def word_(model_, last_):
        context_ = word_value_ = 0
        for k_ in range(last_, -1, -1):
            node_ = 1
            for i_ in range(7, -1, -1):
                node_ = 2 * node_ + bit_(model_[k_, context_, node_] if k_ == last_ or i_ > 4 else model_[k_, i_])
            word_value_ = 256 * word_value_ + node_ - 256
            context_ = node_ & 3 if k_ == last_ else 0
        return word_value_

    word_models_ = defaultdict(cells_)
    scale_average_ = 8192
    usual_ = 128
    norms_ = []
    #if search
    planes_ = []
    memories_ = {}
    #end
    arrays_ = []
    for dtype_, shape_ in members_:
        width_ = dtype_.itemsize
        size_ = int(np.prod(shape_))
        next_norms_ = []
        if width_ > 1:
            numbers_ = []
            scale_count_ = 0
            for i_ in range(size_):
                if width_ == 2 and size_ == len(norms_):
                    fine_bits_ = max(usual_.bit_length() - 3, 0)
                    node_ = 1
                    for k_ in range(8):
                        node_ = 2 * node_ + bit_(word_models_[0][node_])
                    number_ = (node_ - 384 << fine_bits_) + raw_(fine_bits_) if node_ < 511 else (raw_(16) ^ 32768)
                    number_ -= 32768 * (node_ > 510)
                    numbers_.append(scale_average_ - norms_[i_] + number_ & 65535)
                    #if search
                    planes_[-1][1][i_] += numbers_[i_] & 32767
                    #end
                    scale_count_ = min(scale_count_ + 1, 32)
                    scale_average_ += int(number_ / scale_count_)
                    if scale_count_ > 1:
                        usual_ += int((abs(number_) - usual_) / scale_count_)
                else:
                    numbers_.append(word_(word_models_[width_], width_ - 1))
            data_ = b"".join(number_.to_bytes(width_, "little") for number_ in numbers_)
            array_ = np.frombuffer(data_, dtype_)
        elif size_:
            lowest_ = raw_(8) - 128
            highest_ = raw_(8) - 128
            natural_rows_ = rows_ = shape_[0] if shape_[1:] else size_
            columns_ = size_ // rows_
            if lowest_ == highest_:
                array_ = np.full(size_, lowest_, "b")
            else:
                transposed_ = raw_(1)
                if transposed_:
                    rows_, columns_ = columns_, rows_
                below_ = shape_table_(raw_(3))
                edge_ = 32 * raw_(4)
                base_ = raw_(8)
                block_log_ = raw_(4)
                row_step_ = raw_(2)
                column_step_ = raw_(2)
                kind_ = raw_(2)
                has_references_ = 0
                if kind_:
                    prior_ = raw_(16)
                    patience_ = raw_(2) + 1
                    has_references_ = raw_(1)
                    memory_ = raw_(2)
                given_ = 0
                #if search
                forgetting_ = raw_(2) if kind_ and memory_ else 0
                hints_ = 0
                if kind_ > 2:
                    # Rows of the companion, and what they say of the scales of these.
                    companion_, companion_logs_ = planes_[-raw_(4)]
                    companion_transposed_ = raw_(1)
                    if companion_transposed_:
                        companion_ = companion_.T
                    group_ = raw_(10) + 1
                    level_ = raw_(8)
                    hint_gain_ = raw_(4) - 8
                    repeats_ = group_ * (rows_ // len(companion_))
                    row_ = np.arange(rows_)
                    row_ = row_ // repeats_ * group_ + row_ % group_
                    companion_ = companion_.astype(int)
                    given_ = companion_.shape[1]
                    level_logs_ = log2_((companion_**2).sum(1) + 1) - log2_(np.int64(given_))
                    companion_ = level_values_(companion_.T, level_logs_ >> 13, 48)[:, row_]
                    if hint_gain_ and not companion_transposed_ and row_step_:
                        hints_ = np.array(companion_logs_)
                        hints_ = hint_gain_ * (hints_ - hints_.sum() // len(hints_))[row_] >> 8
                        hints_ = np.clip(hints_ >> row_step_, -24, 24)
                #end
                row_logs_ = offsets_(rows_, lowest_ <= 0 <= highest_) if row_step_ else np.zeros(rows_, int)
                is_zero_ = row_logs_ == 127
                #if search
                row_logs_ += hints_
                #end
                row_logs_ = base_ + np.where(is_zero_, 0, row_logs_ << row_step_)
                column_logs_ = offsets_(columns_, 0) << column_step_ if column_step_ else np.zeros(columns_, int)
                block_rows_ = 1 << block_log_
                shared_ = 65535 - highest_ + lowest_

                # Distribution function below values; `inverses_`: of their scales.
                def below_shape_(values_, means_, inverses_):
                    return below_.take((16 * values_ - 8 - means_) * inverses_ + 4194304 >> 9, mode="clip")

                # Where the intervals of values begin.
                def begins_(values_, means_, inverses_, edges_, floor_, gain_):
                    begin_ = ((below_shape_(values_, means_, inverses_) - floor_) * gain_ >> 16).astype("i")
                    begin_ += values_ - lowest_ + edges_
                    return np.where(values_ > highest_, 65536, begin_ * (values_ > lowest_))

                def advance_(rows_here_, slots_, begin_, sizes_):
                    nonlocal word_at_
                    states_here_ = sizes_ * (states_[:rows_here_] >> 16) + slots_ - begin_
                    short_ = np.flatnonzero(states_here_ < 65536)
                    states_here_[short_] = states_here_[short_] << 16 | words_[word_at_ : word_at_ + len(short_)]
                    states_[:rows_here_] = states_here_
                    word_at_ += len(short_)

                # Sums of products to means.
                def round_(sums_here_, bits_):
                    sums_here_ = (sums_here_ + (1 << bits_ - 1)).astype("q").astype("i") >> bits_
                    return np.minimum(np.maximum(sums_here_, -2048), 2047)

                array_ = np.empty((columns_, rows_), "b")
                if not kind_ and edge_ < 480:
                    # A table over scale and slot; the last scale is that of rows of zeros.
                    least_ = min(max(row_logs_.min() + column_logs_.min(), 0), 176)
                    greatest_ = min(max(row_logs_.max() + column_logs_.max(), 0), 176)
                    scales_ = np.arange(least_, greatest_ + 1)
                    values_ = np.arange(lowest_, highest_ + 2)
                    table_ = np.tile(values_, (len(scales_), 1))
                    table_ = begins_(table_, 0, inverse_[scales_][:, None], edge_, 0, shared_ - 2 * edge_)
                    table_ = np.vstack([table_, np.where(values_ > 0, 65536, 0)])
                    sizes_ = np.diff(table_).ravel()
                    values_ = np.tile(values_[:-1].astype("b"), len(table_))
                    places_ = np.repeat(np.arange(len(sizes_)).astype("H"), sizes_)
                    begin_ = table_[:, :-1].ravel().astype("I")
                    sizes_ = sizes_.astype("I")
                    for first_ in range(0, rows_, block_rows_):
                        block_ = slice(first_, first_ + block_rows_)
                        logs_ = np.clip(column_logs_[:, None] + row_logs_[block_], 0, 176) - least_
                        logs_[:, is_zero_[block_]] = len(scales_)
                        logs_ <<= 16
                        count_ = logs_.shape[1]
                        for column_ in range(columns_):
                            slots_ = states_[:count_] & 65535
                            place_ = places_[logs_[column_] | slots_]
                            advance_(count_, slots_, begin_[place_], sizes_[place_])
                            array_[column_, block_] = values_[place_]
                #if prediction
                else:
                    block_count_ = (rows_ - 1 >> block_log_) + 1
                    block_logs_ = offsets_(block_count_, 0) if kind_ else np.zeros(block_count_, int)
                    #if search
                    reference_rows_ = np.zeros((rows_, 3), int)
                    gains_ = np.zeros((rows_, 3), int)
                    model_ = cells_()
                    for row_ in range(rows_ * has_references_):
                        earlier_ = row_ >> block_log_ << block_log_
                        for i_ in range(3):
                            if not (earlier_ and bit_(model_[i_])):
                                break
                            reference_rows_[row_, i_] = raw_((earlier_ - 1).bit_length())
                            node_ = 1
                            for k_ in range(5):
                                node_ = 2 * node_ + bit_(model_[2 + node_])
                            gains_[row_, i_] = node_ - 48
                    left_ = np.zeros((columns_, rows_), "h")
                    #end
                    predicted_logs_ = np.zeros(columns_, int)
                    all_ = factors_ = given_ + columns_
                    products_ = np.zeros((all_, all_))
                    seen_ = learnt_ = 0
                    #if search
                    if given_:
                        factors_ = given_
                    if kind_ and memory_ in memories_ and memories_[memory_][:2] == (given_, columns_):
                        products_, seen_ = memories_[memory_][2:]
                        products_ = products_ - np.floor(np.ldexp(products_, -forgetting_)) * (forgetting_ > 0)
                        seen_ -= (seen_ >> forgetting_) * (forgetting_ > 0)
                    peaked_columns_ = np.zeros(columns_, bool)
                    #end
                    weights_ = 0 * products_
                    shift_ = 14
                    #if search
                    if kind_ == 2:
                        shift_ = 10
                    #end
                    around_ = np.arange(-1, 3)[:, None]
                    spread_ = np.arange(lowest_, highest_ + 2)
                    for first_ in range(0, rows_, block_rows_):
                        if seen_ > learnt_ and seen_ - learnt_ >= max(all_, learnt_) >> patience_:
                            learnt_ = seen_
                            diagonal_ = products_.diagonal().astype("q")
                            bits_ = 26 - int(max((diagonal_ + diagonal_ * prior_ // seen_).max(), 1)).bit_length()
                            scaled_ = np.floor(np.ldexp(products_, bits_)).astype("q")
                            #if search
                            if kind_ == 2:
                                scaled_ = scaled_[::-1, ::-1]
                            #end
                            weights_ = 0 * products_
                            parts_ = np.zeros((2, all_, all_))
                            pivots_ = np.ones(all_, int)
                            for j_ in range(all_):
                                fixed_ = scaled_[j_:, j_].copy()
                                fixed_[0] = prior_value_ = min(fixed_[0] + fixed_[0] * prior_ // seen_, 2**27 - 1)
                                steps_ = min(j_, factors_)
                                row_ = weights_[j_, :steps_]
                                explained_ = (parts_[:, j_:, :steps_] @ row_).astype("q").astype("i")
                                explained_ = np.dot([4096, 1], explained_)
                                fixed_ = np.clip(fixed_ - (explained_ >> 14), 1 - 2**27, 2**27 - 1)
                                pivots_[j_] = max(fixed_[0], prior_value_ >> 8, 1)
                                #if search
                                if j_ >= factors_:
                                    continue
                                #end
                                parts_[:, j_:, j_] = fixed_ >> 12, fixed_ & 4095
                                weights_[j_:, j_] = np.clip(np.trunc(fixed_ * 16384 / pivots_[j_]), -32767, 32767)
                            weights_ = np.tril(weights_, -1)
                            pivot_logs_ = log2_(pivots_) - (bits_ << 16)
                            logs_ = pivot_logs_ - log2_(np.int64(seen_ + prior_))
                            #if search
                            if kind_ == 2:
                                weights_ = -weights_[::-1, ::-1].T
                                mean_ = log2_(1 + diagonal_.sum()) - log2_(np.int64(all_ * seen_))
                                logs_ = log2_(np.int64(max(prior_, 1))) + 2 * mean_ - pivot_logs_[::-1]
                            #end
                            predicted_logs_ = np.clip(logs_ + 4096 >> 13, -48, 128)
                            #if search
                            if given_:
                                predicted_logs_ = predicted_logs_[given_:] - 80
                            #end
                        block_ = slice(first_, first_ + block_rows_)
                        own_logs_ = row_logs_[block_] + block_logs_[first_ >> block_log_]
                        zero_here_ = np.flatnonzero(is_zero_[block_])
                        count_ = len(own_logs_)
                        numbers_ = np.arange(count_)
                        logs_ = own_logs_ + (predicted_logs_ + column_logs_)[:, None]
                        block_inverses_ = inverse_.take(logs_, mode="clip")
                        # Where a value lies without prediction, in a middling row: to guess from.
                        middle_ = int(np.median(block_inverses_[columns_ // 2]))
                        begin_ = begins_(spread_, 0, middle_, edge_ % 480, 0, shared_ - 2 * (edge_ % 480))
                        guess_ = (np.interp(np.arange(65536), begin_, spread_) - 0.5) * middle_
                        edges_ = edge_
                        floor_ = 0
                        #if search
                        peaked_ = numbers_ < 0
                        #end
                        inputs_ = np.empty((columns_, count_))
                        block_values_ = np.empty((columns_, count_))
                        #if search
                        if given_:
                            own_scales_ = np.clip(level_ + row_logs_[block_] - base_, 0, 176)
                            companion_values_ = companion_[:, block_]
                            inputs_ = companion_values_ * 1.0
                            for k_ in range(given_ * (learnt_ > 0)):
                                inputs_[k_] -= round_(weights_[k_, :k_] @ inputs_[:k_], 14)
                            followed_ = round_(weights_[given_:, :given_] @ inputs_, 14)
                            followed_ = followed_ * exp2_(1572864 - 4096 * own_scales_) + 1024 >> 11
                            followed_ = np.clip(followed_, -2048, 2047)
                        #end
                        for column_ in range(columns_):
                            linear_ = np.zeros(count_)
                            if learnt_ and not given_:
                                panel_ = column_ & -32
                                if column_ == panel_:
                                    sums_ = weights_[panel_ : panel_ + 32, :panel_] @ inputs_[:panel_]
                                linear_ = weights_[column_, panel_:column_] @ inputs_[panel_:column_]
                                linear_ += sums_[column_ - panel_]
                            means_ = linear_ = round_(linear_, shift_)
                            #if search
                            if given_:
                                means_ = followed_[column_]
                            if has_references_:
                                taken_ = (gains_[block_] * left_[column_][reference_rows_[block_]]).sum(1)
                                means_ = np.minimum(np.maximum(linear_ + (taken_ + 8 >> 4), -2048), 2047)
                            #end
                            inverses_ = block_inverses_[column_]
                            slots_ = states_[:count_] & 65535
                            #if search
                            if edge_ > 479:
                                edges_ = np.where(peaked_, 0, 32768 // (columns_ - column_ + 1))
                                if transposed_:
                                    edges_ = (~peaked_columns_[column_] & 1) * 32768 // (rows_ - first_ + 1)
                                    edges_ += 0 * numbers_
                            #end
                            gain_ = shared_ - 2 * edges_
                            #if search
                            if edge_ > 479:
                                floor_ = below_shape_(lowest_, means_, inverses_)
                                range_ = below_shape_(highest_ + 1, means_, inverses_) - floor_
                                gain_ = (gain_ << 16) // np.maximum(range_, 1)
                            #end
                            # Four intervals around a guess; where none of the inner three is it, all intervals.
                            values_ = np.floor(means_ / 16 + guess_[slots_] / inverses_ + 0.5).astype("i")
                            values_ = np.minimum(np.maximum(values_, lowest_), highest_)
                            begin_ = begins_(values_ + around_, means_, inverses_, edges_, floor_, gain_)
                            place_ = (begin_ <= slots_).sum(0)
                            missed_ = np.flatnonzero(place_ & 3 == 0)
                            place_[missed_] = 1
                            values_ += place_ - 2
                            sizes_ = begin_[place_, numbers_]
                            begin_ = begin_[place_ - 1, numbers_]
                            if len(missed_):
                                known_ = np.broadcast_arrays(means_, inverses_, edges_, floor_, gain_)
                                table_ = begins_(spread_[:, None], *(part_[missed_] for part_ in known_))
                                place_ = (table_ <= slots_[missed_]).sum(0)
                                values_[missed_] = place_ - 1 + lowest_
                                sizes_[missed_] = table_[place_, numbers_[: len(missed_)]]
                                begin_[missed_] = table_[place_ - 1, numbers_[: len(missed_)]]
                            sizes_ -= begin_
                            values_[zero_here_] = begin_[zero_here_] = 0
                            sizes_[zero_here_] = 65536
                            advance_(count_, slots_, begin_.astype("I"), sizes_.astype("I"))
                            array_[column_, block_] = block_values_[column_] = values_
                            #if search
                            peaks_ = (values_ == lowest_) | (values_ == highest_)
                            peaked_ |= peaks_
                            peaked_columns_[column_] |= peaks_.any()
                            if given_:
                                block_values_[column_] = level_values_(values_, own_scales_, 0)
                                continue
                            #end
                            inputs_[column_] = 16 * values_ - linear_
                            #if search
                            left_[column_, block_] = inputs_[column_]
                            if kind_ > 1:
                                inputs_[column_] = values_
                            #end
                        #if search
                        if given_:
                            block_values_ = np.vstack([companion_values_, block_values_])
                        #end
                        if kind_:
                            products_ += block_values_ @ block_values_.T
                            seen_ += count_
                #end
                #if search
                if kind_ and memory_:
                    memories_[memory_] = given_, columns_, products_, seen_
                #end
                if not transposed_:
                    array_ = array_.T
            squares_ = (array_.reshape(natural_rows_, -1).astype("i") ** 2).sum(1)
            next_norms_ = np.where(squares_, log2_(np.maximum(squares_, 1)) >> 7, 0).tolist()
            #if search
            planes_.append((array_.reshape(natural_rows_, -1), next_norms_[:]))
            #end
            array_ = np.ascontiguousarray(array_).view(dtype_)
        else:
            array_ = np.empty(0, dtype_)
        norms_ = next_norms_
        arrays_.append(array_.reshape(shape_))
    return arrays_


