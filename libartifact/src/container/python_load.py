# The container's part of the Python decoder: it follows encode/golf/python_decoder.py in one file and calls its
# varint_() and stream_().
def load(path):
    file_ = open(path, "rb").read()
    sections_ = []
    at_ = 20 + 28 * file_[10] + 28 * 256 * file_[11]
    for size_ in np.frombuffer(file_[12 : at_ - 8], "I").reshape(-1, 7)[:, 1].tolist():
        sections_.append(file_[at_ : at_ + size_])
        at_ += size_
    table_ = iter(zlib.decompress(sections_[1]))
    members_ = defaultdict(list)
    name_ = b""
    tensors_ = []
    for i_ in range(varint_(table_)):
        name_ = name_[: varint_(table_)] + bytes(next(table_) for k_ in range(varint_(table_)))
        storage_, original_, kept_ = next(table_), next(table_), next(table_)
        grid_ = 0
        shape_ = [varint_(table_) for k_ in range(varint_(table_))]
        parts_ = [(kept_, shape_, varint_(table_))]
        if storage_:
            next(table_)
            kept_ = next(table_)
            parts_.append((kept_, shape_[:1] if storage_ < 2 else [], varint_(table_)))
            #if grid
            if storage_ > 2:
                step_ = np.frombuffer(bytes(next(table_) for k_ in range(4)), "f")
                grid_ = storage_, step_, next(table_)
                offsets_ = sum(size_ for k_, size_ in enumerate(shape_[:2]) if grid_[2] >> k_ & 1)
                parts_[1] = (kept_, [offsets_], parts_[1][2])
            #end
        tensors_.append((name_.decode(), original_, parts_, grid_))
        for dtype_, shape_, stream_at_ in parts_:
            members_[stream_at_].append((np.dtype("?BbHhIiQqeHfd"[dtype_]), shape_))
    streams_ = {k_: iter(stream_(sections_[2 + k_], members_[k_])) for k_ in members_}
    state_ = {}
    for name_, original_, parts_, grid_ in tensors_:
        arrays_ = []
        for dtype_, shape_, stream_at_ in parts_:
            array_ = next(streams_[stream_at_])
            #if bf16
            if dtype_ == 10:
                array_ = (array_.astype("I") << 16).view("f")
            #end
            arrays_.append(array_)
        array_ = arrays_[0]
        #if grid
        if grid_:
            storage_, steps_, kinds_ = grid_
            offsets_ = arrays_[1]
            factors_ = np.round(2 ** (np.arange(8) / 8) * 2**23).astype("f")[offsets_ & 7]
            factors_ = np.ldexp(factors_, offsets_.astype("i") // 8 - 23)
            if kinds_ & 1:
                steps_ = (factors_[: len(array_)] * steps_)[:, None]
            if kinds_ & 2:
                steps_ = steps_ * factors_[-array_.shape[1] :]
            #if trellis
            if storage_ > 3:
                states_ = np.zeros(array_.shape[1], int)
                levels_ = np.zeros(array_.shape)
                for i_, row_ in enumerate(array_):
                    levels_[i_] = 2.0 * row_ + (states_ & 1)
                    states_ = 2 * states_ + ((row_ ^ states_ >> 1 ^ states_ >> 2) & 1) & 7
                array_ = levels_
            #end
            array_ = array_.astype("f") * steps_
        #end
        if parts_[1:] and not grid_:
            scale_ = arrays_[1].astype("f")
            array_ = array_.astype("f") * (scale_[:, None] if shape_ else scale_)
        #if bf16
        if original_ == 10:
            bits_ = array_.astype("f").view("I")
            array_ = (bits_ + 32767 + (bits_ >> 16 & 1) & 0xFFFF0000).astype("I").view("f")
            original_ = 11
        #end
        state_[name_] = array_.astype("?BbHhIiQqeHfd"[original_])
    return state_
