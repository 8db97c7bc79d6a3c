"""What the tests of the wheel share. The inputs are those of the command-line tests, in $GOLF_TEST_INPUTS."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import ml_dtypes
import numpy as np

INPUTS = Path(os.environ["GOLF_TEST_INPUTS"])
SAFETENSORS_DTYPES = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "BF16": ml_dtypes.bfloat16,
    "F8_E4M3": ml_dtypes.float8_e4m3fn,
    "F8_E5M2": ml_dtypes.float8_e5m2,
    "I64": np.int64,
    "I32": np.int32,
    "I8": np.int8,
    "U8": np.uint8,
    "BOOL": np.bool_,
}


def read_safetensors(path):
    """An independent reader: name to array, in the order of the data."""
    raw = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    header.pop("__metadata__", None)
    data = raw[8 + length :]
    arrays = {}
    for name, row in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        first, end = row["data_offsets"]
        arrays[name] = np.frombuffer(data[first:end], SAFETENSORS_DTYPES[row["dtype"]]).reshape(row["shape"])
    return arrays


def write_safetensors(path, arrays):
    names = {np.dtype(dtype): name for name, dtype in SAFETENSORS_DTYPES.items()}
    header, at = {}, 0
    for name, array in arrays.items():
        offsets = [at, at + array.nbytes]
        header[name] = {"dtype": names[array.dtype], "shape": list(array.shape), "data_offsets": offsets}
        at += array.nbytes
    text = json.dumps(header).encode()
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(a.tobytes() for a in arrays.values()))


def tool(name, *arguments):
    """Runs a program of the wheel. The result has returncode, stdout and stderr."""
    program = Path(sys.prefix) / "bin" / name
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
