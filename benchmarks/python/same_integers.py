#!/usr/bin/env python3
"""ZPAQ and DeepCABAC on the integers of artifacts with schemes int6, int8 and floats, beside the size of the file.

    python same_integers.py --golf build/tools-only/bin [--deepcabac FOLDER] ARTIFACT.golf...

ZPAQ is `zpaq add -method 5` (Debian's package zpaq) over four files: all int6 values, all int8 values, all scales, all
floats; values in the better of rows and columns first. DeepCABAC is the extension module of PyPI's nncodec, in FOLDER: a
stream a tensor, of 10 or 32 greater-than flags and of rows or columns first the best for each tensor, decoded again;
scales and floats as ZPAQ has them. Headers, names and shapes count for neither.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

from tensor_file import read_tensors

LIMITS = {"int6": 31, "int8": 127}
ORDERS = (lambda matrix: matrix, lambda matrix: matrix.T)


def golf(folder, tool, *words):
    return subprocess.run([f"{folder}/{tool}", *words], check=True, capture_output=True, text=True).stdout


def parts(folder, artifact, scratch):
    """{scheme: [int8 matrix]} and {"scales", "floats": bytes}, out of the unpacked weights and the schemes' names."""
    rows = json.loads(golf(folder, "golf-inspect", artifact, "--by", "tensor", "--json"))["files"][0]["rows"]
    golf(folder, "golf-pack", "unpack", artifact, "-o", f"{scratch}/weights.safetensors", "--quiet")
    weights = read_tensors(f"{scratch}/weights.safetensors")
    integers, scales, floats = {scheme: [] for scheme in LIMITS}, b"", b""
    for row in rows:
        if row["overhead"]:
            continue
        [scheme], values = row["schemes"], weights[row["name"]]
        if scheme in LIMITS and values.ndim == 2:
            steps = (np.abs(values).max(axis=1, keepdims=True) / LIMITS[scheme]).astype(np.float16)
            steps = np.maximum(steps, np.float16(2.0 ** -14))  # docs/QUANTIZATION.md: no scale is smaller
            matrix = np.rint(values / steps.astype(np.float32)).astype(np.int8)
            assert np.array_equal(matrix * steps.astype(np.float32), values), row["name"]
            integers[scheme].append(matrix)
            scales += steps.tobytes()
        else:
            floats += values.astype(np.float32 if scheme == "fp32" else np.float16).tobytes()
    return integers, {"scales": scales, "floats": floats}


def zpaq(data, scratch):
    if not data:
        return 0
    archive, source = f"{scratch}/a.zpaq", f"{scratch}/a.bin"
    with open(source, "wb") as file:
        file.write(data)
    if os.path.exists(archive):
        os.remove(archive)
    subprocess.run(["zpaq", "add", archive, source, "-method", "5", "-noattributes"], check=True, capture_output=True)
    return os.path.getsize(archive)


def cabac(module, matrix):
    best = None
    for order in ORDERS:
        values = np.ascontiguousarray(order(matrix), dtype=np.int32)
        for flags in (10, 32):
            encoder = module.Encoder()
            encoder.initCtxModels(flags, 1)
            zero_rows, history = np.zeros(len(values), np.int32), np.zeros(0, np.int8)
            encoder.encodeLayer(values, 0, 0, 0, 0, 0, zero_rows, module.HdspMode.AlwaysOff, history, 0, 0)
            stream = encoder.finish()
            decoder, back = module.Decoder(), np.zeros_like(values)
            decoder.setStream(stream)
            decoder.initCtxModels(flags)
            decoder.decodeLayer(back, 0, 0, 0, 0, module.HdspMode.AlwaysOff, history, 0, 0)
            assert np.array_equal(back, values)
            best = min(best or len(stream), len(stream))
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifact", nargs="+")
    parser.add_argument("--golf", required=True, help="folder with golf-pack and golf-inspect")
    parser.add_argument("--deepcabac", help="folder with the module deepCABAC")
    args = parser.parse_args()
    module = None
    if args.deepcabac:
        sys.path.insert(0, args.deepcabac)
        import deepCABAC as module
    print("| artifact | its bytes | zpaq -m5 | DeepCABAC | artifact / zpaq | artifact / DeepCABAC |")
    print("|---|--:|--:|--:|--:|--:|")
    for artifact in args.artifact:
        with tempfile.TemporaryDirectory() as scratch:
            integers, others = parts(args.golf, artifact, scratch)
            sides = sum(zpaq(data, scratch) for data in others.values())
            zpaq_bytes = sides + sum(min(zpaq(b"".join(order(matrix).tobytes() for matrix in matrices), scratch)
                                         for order in ORDERS) for matrices in integers.values() if matrices)
        size = os.path.getsize(artifact)
        cells = [f"{zpaq_bytes:,}", "", f"{size / zpaq_bytes:.4f}", ""]
        if module:
            cabac_bytes = sides + sum(cabac(module, matrix) for matrices in integers.values() for matrix in matrices)
            cells[1], cells[3] = f"{cabac_bytes:,}", f"{size / cabac_bytes:.4f}"
        print(f"| {os.path.basename(artifact)} | {size:,} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
