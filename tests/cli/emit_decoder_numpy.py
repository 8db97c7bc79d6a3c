# make FILE: a checkpoint for every path through the decoder. tie FILE: one with a tied head. compare DECODER ARTIFACT CHECKPOINT [per_layer]: their
# tensors.
import importlib.util
import json
import struct
import sys

import numpy as np

DTYPES = {"F64": "d", "F32": "f", "F16": "e", "BF16": "H", "I64": "q", "U8": "B", "BOOL": "?"}


def write(path, tensors):
    header, data = {}, b""
    for name, (dtype, array) in tensors.items():
        raw = array.astype(DTYPES[dtype]).tobytes()
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    tensors = {}
    for name, row in json.loads(data[8:start]).items():
        if name == "__metadata__":
            continue
        begin, end = row["data_offsets"]
        array = np.frombuffer(data[start + begin : start + end], DTYPES[row["dtype"]]).reshape(row["shape"])
        tensors[name] = (array.astype("I") << 16).view("f") if row["dtype"] == "BF16" else array
    return tensors


def make(path):
    random = np.random.RandomState(1)
    spread = lambda rows, columns: np.exp(random.randn(rows, 1) / 3 + random.randn(columns) / 3)
    plain = random.randn(200, 70) * spread(200, 70)
    plain[40:50] = 0
    alike = random.randn(700, 3) @ random.randn(3, 40) + random.randn(700, 40) / 8
    alike[5] = alike[300] = 0
    signs = np.array([[1]])
    for _ in range(7):
        signs = np.block([[signs, signs], [signs, -signs]])
    avoiding = signs @ np.diag(random.choice([-1, 1], 128)) @ signs / 128.0
    twins = random.randn(96, 64)
    twins = np.concatenate([twins, twins + random.randn(96, 64) / 10])
    bf16 = lambda array: array.astype("f").view("I") >> 16
    tensors = {"int8.alike": ("F32", alike), "int6.avoiding": ("F32", avoiding), "int7.twins": ("F32", twins)}
    for bits in range(4, 9):
        tensors[f"int{bits}.plain"] = ("F32", plain)
        tensors[f"int{bits}.wide"] = ("F32", plain.T)
    tensors["int8.vector"] = ("F32", plain[0])
    tensors["int6.cube"] = ("F32", random.randn(6, 8, 10))
    tensors["int5.from_bf16"] = ("BF16", bf16(plain))
    tensors["int6.from_fp16"] = ("F16", plain)
    tensors["int4.zero"] = ("F32", 0 * plain)
    tensors["fp16.vector"] = ("F32", plain[1])
    tensors["fp16.from_bf16"] = ("BF16", bf16(plain[2]))
    tensors["fp16.as_many_as_rows"] = ("F32", random.randn(len(plain)))
    tensors["bf16.vector"] = ("F32", plain[3])
    tensors["bf16.from_bf16"] = ("BF16", bf16(plain[4]))
    tensors["fp32.vector"] = ("F32", plain[5])
    tensors["fp32.scalar"] = ("F32", np.array(1.5))
    tensors["fp32.empty"] = ("F32", np.zeros((0, 3)))
    tensors["kept.counts"] = ("I64", np.arange(-5, 50))
    tensors["kept.bytes"] = ("U8", np.arange(256))
    tensors["kept.flags"] = ("BOOL", np.arange(20) % 3 == 0)
    write(path, tensors)


def tie(path):
    table = np.random.RandomState(1).randn(64, 32)
    write(path, {"tok_emb.weight": ("BF16", table.astype("f").view("I") >> 16), "b.weight": ("F32", table[:9])} | {
        "lm_head.weight": ("BF16", table.astype("f").view("I") >> 16)
    })


def compare(decoder, artifact, checkpoint, *per_layer):
    spec = importlib.util.spec_from_file_location("decoder", decoder)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found, expected = module.load(artifact, *map(bool, per_layer)), read(checkpoint)
    same = lambda a, b: a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    wrong = [name for name in expected if name not in found or not same(found[name], expected[name])]
    wrong += [name for name in found if name not in expected]
    print(f"{len(expected)} tensors, " + ("bit for bit" if not wrong else f"different: {wrong}"))


if sys.argv[1] == "make":
    make(sys.argv[2])
elif sys.argv[1] == "tie":
    tie(sys.argv[2])
else:
    compare(*sys.argv[2:])
