#!/usr/bin/env python3
"""The same integers through codec golf, the general-purpose codecs, and ZPAQ by groups with sorted rows.

    python lossless.py --golf build/tools-only/bin --scratch FOLDER [--levels 3,9] NAME=ARTIFACT...

ARTIFACT is a .pgrp or .ptz file; --scratch keeps what was made, for a second run. Prints Markdown: bytes of whole files.

    generic  the best of zstd:22, lzma:9e and brotli:11 in a .golf file, each stream in the better plane order
    groups   PR 1855's container: rows of tables, queries and MLP inputs sorted, the orders by Brotli; each kind of matrix
             through `lrzip -z -L 9`, column by column; the rest a dictionary by Brotli. A .pgrp file of version 1 or with
             method lrzip counts as it is.

Then bytes of the integers alone, beside what models of them would give:

    order N  adaptive counts of a value after its N neighbors (left, above), shared by the matrices of a kind, the best prior;
             "sizes" has the sum of both neighbors' magnitudes, in 12 classes, as its context
    rotated  normal values with known scales of rows and columns and known singular values, singular vectors uniform: the
             limit of every linear prediction that is the same for all rows

.golf files hold no low-rank corrections and no finer columns: their parts are stored there as tensors of their own.
"""
import argparse
import io
import json
import os
import re
import subprocess
import sys

import brotli
import numpy as np

import torch_file

SORTED = re.compile(r"tok_emb|word_embeddings|c_q|query|mlp\.fc|intermediate")
PARTS = re.compile(r"\.(lqA|lqAs|lqB|lqBs|awqg)")
LEAST_GROUPED = 4096


def plain(tensors, tags):
    """Tags without corrections; the corrections are tensors like others."""
    result = {}
    for name, tag in tags.items():
        result[name] = re.sub(r"\+.*", "", tag) if isinstance(tag, str) else tag
        for key in tensors:
            if key.startswith(name + ".") and PARTS.search(key):
                result[key] = "passthrough (float16)" if tensors[key].dtype == np.float16 else "passthrough"
    return result


def pack(args, source, output, codec):
    if not os.path.exists(output):
        subprocess.run([f"{args.golf}/golf-pack", source, "-o", output, "--codec", codec, "--budget", "1GB", "--quiet"],
                       check=True)
    return os.path.getsize(output)


def row_order(matrix):
    """Each next row is the one nearest to the last, by the sum of differences."""
    rest, order, at = np.arange(len(matrix)), [], 0
    values = matrix.astype(np.int16)
    while len(rest):
        order.append(rest[at])
        last, values, rest = values[at], np.delete(values, at, 0), np.delete(rest, at)
        if len(rest):
            at = int(np.abs(values - last).sum(1, dtype=np.int32).argmin())
    return np.array(order)


def kinds(tensors):
    """{kind: [key]} of the int8 matrices, in the order of the dictionary."""
    found = {}
    for key, values in tensors.items():
        if values.dtype == np.int8 and values.ndim == 2:
            found.setdefault(re.sub(r"\d+", "#", key), []).append(key)
    return found


def groups_bytes(tensors, tags, cache):
    if os.path.exists(cache):
        with open(cache) as file:
            return int(file.read())
    total, orders, rest = 44, b"", dict(tensors)
    for kind, keys in kinds(tensors).items():
        if sum(tensors[key].size for key in keys) < LEAST_GROUPED or PARTS.search(kind):
            continue
        blob = b""
        for key in keys:
            matrix = rest.pop(key)
            if SORTED.search(kind):
                order = row_order(matrix)
                orders += order.astype("<u2").tobytes()
                matrix = matrix[order]
            blob += matrix.T.tobytes()
        total += len(torch_file.lrzip(blob, "-z", "-L", "9"))
        print(f"{kind}: {total}", file=sys.stderr)
    text = io.BytesIO()
    torch_file.write_dictionary(text, rest, tags)
    total += len(brotli.compress(text.getvalue(), quality=11, lgwin=24))
    total += len(brotli.compress(orders, quality=11)) if orders else 0
    with open(cache, "w") as file:
        file.write(str(total))
    return total


def log_sums(alpha, count):
    """Σ log2(alpha + i) over i < n, for n = 0 … count."""
    return np.append(0, np.cumsum(np.log2(alpha + np.arange(count))))


def adaptive_bits(contexts, values, size):
    """Adaptive counts of values 0 … size − 1 in each context, with the best prior."""
    _, counts = np.unique(contexts.astype(np.int64) * size + values, return_counts=True)
    _, totals = np.unique(contexts, return_counts=True)
    best = np.inf
    for alpha in (1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01):
        bits = log_sums(alpha * size, totals.max())[totals].sum() - log_sums(alpha, counts.max())[counts].sum()
        best = min(best, bits)
    return best


def order_bits(matrices):
    lowest = min(int(matrix.min()) for matrix in matrices)
    size = max(int(matrix.max()) for matrix in matrices) - lowest + 1
    parts = []
    for matrix in matrices:
        values = matrix.astype(np.int64)
        left = np.pad(values, ((0, 0), (1, 0)))[:, :-1]
        above = np.pad(values, ((1, 0), (0, 0)))[:-1]
        large = np.minimum(np.log2(1 + np.abs(left) + np.abs(above)) * 2, 11).astype(int)
        parts.append(np.stack([values - lowest, left - lowest, above - lowest, large]).reshape(4, -1))
    values, left, above, large = np.concatenate(parts, axis=1)
    # Padding may be outside the values' range.
    left, above = left.clip(0, size - 1), above.clip(0, size - 1)
    return [adaptive_bits(context, values, size) for context in (0 * values, left, left * size + above, large)]


def log_volume(matrix):
    """log2 of the density of the singular values' orbit, a value, up to what all matrices of a shape share."""
    tall = matrix if len(matrix) >= matrix.shape[1] else matrix.T
    rows, columns = tall.shape
    squares = np.maximum(np.linalg.eigvalsh(tall.T @ tall / np.square(tall).mean()), 1e-9)
    gaps = np.abs(squares[:, None] - squares) + np.eye(columns)
    return (np.log2(gaps).sum() / 2 + (rows - columns) * np.log2(squares).sum() / 2) / tall.size


def rotated_bits(matrix, references={}):
    values = matrix.astype(float)
    rows = np.sqrt(np.square(values).mean(1, keepdims=True)) + 1e-9
    values = values / rows
    columns = np.sqrt(np.square(values).mean(0, keepdims=True)) + 1e-9
    shape = tuple(sorted(matrix.shape))
    if shape not in references:
        references[shape] = log_volume(np.random.default_rng(1).standard_normal(shape))
    scale = np.log2(rows).mean() + np.log2(columns).mean()
    return matrix.size * (np.log2(2 * np.pi * np.e) / 2 + scale - references[shape] + log_volume(values / columns))


def integers_row(name, tensors, coded):
    orders, rotated, large = np.zeros(4), 0.0, 0
    for kind, keys in kinds(tensors).items():
        matrices = [tensors[key] for key in keys]
        if min(matrices[0].shape) < 32:
            continue
        orders += order_bits(matrices)
        rotated += sum(rotated_bits(matrix) for matrix in matrices)
        large += sum(matrix.size for matrix in matrices)
    cells = [f"{bits / 8:,.0f}" for bits in [*orders, rotated]]
    rates = f"{8 * coded / large:.3f} | {8 * coded / orders[:3].min():.4f}"
    return f"| {name} | {large:,} | {' | '.join(cells)} | {coded:,} | {rates} |"


def values_bytes(args, artifact, tensors):
    """Bytes of the values of those matrices in a .golf file."""
    text = subprocess.run([f"{args.golf}/golf-inspect", artifact, "--by", "tensor", "--json"], check=True, capture_output=True)
    rows = {row["name"]: row for row in json.loads(text.stdout)["files"][0]["rows"]}
    names = [re.sub(r"\.g?q$", "", key) for keys in kinds(tensors).values() for key in keys if min(tensors[key].shape) >= 32]
    return sum(rows[name]["payload_bytes"] for name in names)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("artifact", nargs="+", metavar="NAME=ARTIFACT")
    parser.add_argument("--golf", required=True, help="folder with golf-pack and golf-inspect")
    parser.add_argument("--scratch", required=True, help="folder for files in between")
    parser.add_argument("--levels", default="3,9")
    args = parser.parse_args()
    os.makedirs(args.scratch, exist_ok=True)
    levels = args.levels.split(",")
    sizes, ceilings = [], []
    for name, path in (pair.split("=", 1) for pair in args.artifact):
        tensors, tags = torch_file.read_artifact(path)
        tags, source = plain(tensors, tags), f"{args.scratch}/{name}.pt"
        torch_file.write_dictionary(source, tensors, tags)
        generic = {codec: pack(args, source, f"{args.scratch}/{name}.{codec.replace(':', '')}.golf", codec)
                   for codec in ("zstd:22", "lzma:9e", "brotli:11")}
        with open(path, "rb") as file:
            head = file.read(8)
        own = head == b"PGRP\x09\0\0\0" or path.endswith("_lrzip.pgrp")
        groups = os.path.getsize(path) if own else groups_bytes(tensors, tags, f"{args.scratch}/{name}.groups")
        golf = [pack(args, source, f"{args.scratch}/{name}.golf{level}.golf", f"golf:{level}") for level in levels]
        best = min(generic.values())
        sizes.append(f"| {name} | " + " | ".join(f"{size:,}" for size in [*generic.values(), groups, *golf]) +
                     f" | {golf[-1] / best:.4f} | {golf[-1] / groups:.4f} |")
        coded = values_bytes(args, f"{args.scratch}/{name}.golf{levels[-1]}.golf", tensors)
        ceilings.append(integers_row(name, tensors, coded))
        print(sizes[-1], ceilings[-1], sep="\n", file=sys.stderr, flush=True)
    print(f"| model | zstd:22 | lzma:9e | brotli:11 | groups | {' | '.join('golf:' + level for level in levels)} "
          f"| golf:{levels[-1]} / best generic | / groups |\n|---|{'--:|' * (6 + len(levels))}", *sizes, sep="\n")
    print("\n| model | integers | order 0 | order 1 | order 2 | sizes | rotated | "
          f"golf:{levels[-1]} | bits each | / best order |\n|---|{'--:|' * 9}", *ceilings, sep="\n")


if __name__ == "__main__":
    main()
