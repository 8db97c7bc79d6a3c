"""Reads the dictionaries of the submissions' artifacts (.ptz, .pgrp) as numpy arrays without torch, and writes such a
dictionary as torch.save does."""
import collections
import io
import lzma
import os
import pickle
import struct
import subprocess
import sys
import types
import zipfile
import zlib

import brotli
import numpy as np
import zstandard

DTYPES = {"CharStorage": np.int8, "ByteStorage": np.uint8, "HalfStorage": np.float16, "FloatStorage": np.float32,
          "ShortStorage": np.int16, "IntStorage": np.int32, "LongStorage": np.int64, "BoolStorage": np.bool_}
GROUPS = ("_tok_emb.weight.q", "attn.c_k.weight.q", "attn.c_q.weight.q", "attn.c_v.weight.q", "attn.proj.weight.q",
          "mlp.fc.weight.q", "mlp.proj.weight.q")
SORTED = (0, 2, 5)


class Reader(pickle.Unpickler):
    def __init__(self, archive):
        names = archive.namelist()
        self.archive, self.root = archive, names[0].split("/")[0]
        super().__init__(io.BytesIO(archive.read(f"{self.root}/data.pkl")))

    def find_class(self, module, name):
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda values, at, shape, stride, *_: np.lib.stride_tricks.as_strided(
                values[at:], shape, [step * values.itemsize for step in stride]).copy()
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if module == "torch" and name in DTYPES:
            return DTYPES[name]
        raise ValueError(f"{module}.{name} in a dictionary")

    def persistent_load(self, place):
        return np.frombuffer(self.archive.read(f"{self.root}/data/{place[2]}"), place[1])


def read_dictionary(data):
    return Reader(zipfile.ZipFile(io.BytesIO(data))).load()


def unshuffled(data):
    if data[:4] != b"BSHF":
        return data
    stride, data = data[4], np.frombuffer(data[5:], np.uint8)
    result, at = np.empty_like(data), 0
    for first in range(stride):
        part = result[first::stride]
        part[:] = data[at:at + len(part)]
        at += len(part)
    return result.tobytes()


def decompressed(data):
    for magic, read in ((b"\x28\xb5\x2f\xfd", lambda d: zstandard.ZstdDecompressor().stream_reader(d).read()),
                        (b"\xfd7zXZ", lzma.decompress), (b"\x78", zlib.decompress), (b"PK", lambda d: d)):
        if data.startswith(magic):
            return unshuffled(read(data))
    return unshuffled(brotli.decompress(data))


def lrzip(data, *words):
    return subprocess.run(["lrzip", "-q", f"-N{os.nice(0)}", *words], input=data, check=True, capture_output=True).stdout


def matrices_of(blob, shapes, orders):
    at = 0
    for (rows, columns), order in zip(shapes, orders):
        matrix = np.frombuffer(blob, np.int8, rows * columns, at).reshape(columns, rows).T
        at += rows * columns
        result = np.empty((rows, columns), np.int8)
        result[order] = matrix
        yield result


def read_pgrp_1(data):
    sizes = struct.unpack_from("<9I", data, 8)
    streams, at = [], 44
    for size in sizes:
        streams.append(data[at:at + size])
        at += size
    rest = read_dictionary(brotli.decompress(streams[7]))
    orders = np.frombuffer(brotli.decompress(streams[8]), "<u2") if streams[8] else []
    tensors, at = dict(rest["r"]), 0
    for group, (key, stream) in enumerate(zip(GROUPS, streams)):
        shapes = rest["s"].get(key, [])
        own = []
        for rows, _ in shapes:
            own.append(orders[at:at + rows] if group in SORTED else np.arange(rows))
            at += rows if group in SORTED else 0
        for layer, matrix in enumerate(matrices_of(lrzip(stream, "-d") if shapes else b"", shapes, own)):
            tensors[key[1:] if group == 0 else f"blocks.{layer}.{key}"] = matrix
    return tensors, rest["m"]


def read_pgrp_2(data):
    count, at, keys, shapes, orders = struct.unpack_from("<I", data, 8)[0], 12, [], [], []
    for _ in range(count):
        size = struct.unpack_from("<H", data, at)[0]
        keys.append(data[at + 2:at + 2 + size].decode())
        at += 2 + size
        shapes.append(struct.unpack_from("<2I", data, at))
        orders.append(np.frombuffer(data, "<u2", shapes[-1][0], at + 8))
        at += 8 + 2 * shapes[-1][0]
    method, size = struct.unpack_from("<BI", data, at)
    blob, rest = data[at + 5:at + 5 + size], data[at + 9 + size:]
    rest = read_dictionary(unshuffled(brotli.decompress(rest)))
    blob = lrzip(blob, "-d") if method else brotli.decompress(blob)
    return {**rest["w"], **dict(zip(keys, matrices_of(blob, shapes, orders)))}, rest["m"]


def read_artifact(path):
    """{key: array} and {name: tag}, of gptq dictionaries and of those with "w" and "m" otherwise."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] == b"PGRP":
        return (read_pgrp_1 if struct.unpack_from("<I", data, 4)[0] == 9 else read_pgrp_2)(data)
    dictionary = read_dictionary(decompressed(data))
    return dictionary["w"], dictionary["m"]


class Stored:
    """An array that pickles as a torch tensor."""

    def __init__(self, key, values):
        self.key, self.values = key, values


class Writer(pickle.Pickler):
    def persistent_id(self, thing):
        return thing if isinstance(thing, tuple) and thing[:1] == ("storage",) else None

    def reducer_override(self, thing):
        if not isinstance(thing, Stored):
            return NotImplemented
        values = thing.values
        names = {dtype: name for name, dtype in DTYPES.items()}
        storage = ("storage", getattr(sys.modules["torch"], names[values.dtype.type]), thing.key, "cpu", values.size)
        strides = tuple(step // values.itemsize for step in values.strides)
        return sys.modules["torch._utils"]._rebuild_tensor_v2, (storage, 0, values.shape, strides, False,
                                                                collections.OrderedDict())


def write_dictionary(path, tensors, tags):
    """{"w": tensors, "m": tags}, which golf-pack reads."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    for name in DTYPES:
        setattr(torch, name, type(name, (), {"__module__": "torch", "__qualname__": name}))
    exec("def _rebuild_tensor_v2(): pass", utils.__dict__)
    sys.modules.update({"torch": torch, "torch._utils": utils})
    stored = {key: Stored(str(i), np.ascontiguousarray(values).reshape(values.shape))
              for i, (key, values) in enumerate(tensors.items())}
    text = io.BytesIO()
    Writer(text, 2).dump({"w": stored, "m": tags})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", text.getvalue())
        for item in stored.values():
            archive.writestr(f"archive/data/{item.key}", item.values.tobytes())
        archive.writestr("archive/version", "3\n")
