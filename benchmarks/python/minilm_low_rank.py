#!/usr/bin/env python3
"""What low-rank factors of the quantization error buy (LQER: Zhang et al., 2024), against finer steps for the same bits.

    python minilm_low_rank.py --golf build/tools-only/bin WORK        # WORK: made by minilm_output_error.py collect

For a packed body the error E of each matrix is approximated by A·B of rank r, the best in the metric of the calibration's
Hessian H: the singular vectors of E·L with H + 1 % damping = L·Lᵀ. Factors are rounded to 8 bits, one float16 step
a column of A and a row of B, and cost the order-0 entropy of what comes out. Gained is held-out output error, and for
comparison the decibels that the same bits buy as finer steps, 6.02 a bit. "Best" takes for each matrix the rank with the
most left over.
"""
import argparse
import math

import numpy as np

from minilm_output_error import BODY, Body, at_error
from tensor_file import read_tensors

RANKS = (1, 2, 4, 8, 16, 32)
DAMPING = 0.01
DECIBELS_A_BIT = 20 * math.log10(2)


def rounded(factor):
    """A factor of rows under one 8-bit step each, and its bits."""
    steps = (np.abs(factor).max(axis=1, keepdims=True) / 127).astype(np.float16).astype(np.float32)
    integers = np.rint(factor / np.maximum(steps, 2.0 ** -14))
    shares = np.unique(integers, return_counts=True)[1] / integers.size
    return integers * steps, integers.size * -(shares * np.log2(shares)).sum() + 16 * len(steps)


def corrections(error, moments):
    """(rank, approximation of `error` [out, in], bits) for each rank."""
    damped = moments + DAMPING * np.diag(moments).mean() * np.eye(len(moments))
    root = np.linalg.cholesky(damped)
    left, singular, right = np.linalg.svd(error @ root, full_matrices=False)
    inverse = np.linalg.inv(root)
    for rank in RANKS:
        scale = np.sqrt(singular[:rank, None])
        a, a_bits = rounded(left[:, :rank].T * scale)
        b, b_bits = rounded(scale * (right[:rank] @ inverse))
        yield rank, a.T @ b, a_bits + b_bits


def decibels(errors):
    return 10 * math.log10(sum(errors) / len(errors))


def table(body, label, path, calibration):
    decoded = body.decoded(path)
    before = body.errors(decoded)
    by_rank = {rank: ([], 0.0) for rank in RANKS}
    best = ([], 0.0)
    for name, matrix in body.weights.items():
        choices = [(before[name], 0.0)]
        for rank, correction, bits in corrections((matrix - decoded[name]).astype("f8"), calibration[name].astype("f8")):
            left = body.energy(name, (decoded[name] + correction - matrix).astype("f4")) / body.energies[name]
            choices.append((left, bits))
            by_rank[rank] = (by_rank[rank][0] + [left], by_rank[rank][1] + bits)
        left, bits = min(choices, key=lambda choice: choice[0] * 4 ** (choice[1] / matrix.size))
        best = (best[0] + [left], best[1] + bits)
    base = decibels(before.values())
    for rank, (errors, bits) in [*by_rank.items(), ("best", best)]:
        cost, gain = bits / body.count, base - decibels(errors)
        print(f"| {label} | {base:.2f} | {rank} | {cost:.4f} | {gain:.2f} | {cost * DECIBELS_A_BIT:.2f} "
              f"| {gain - cost * DECIBELS_A_BIT:+.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work")
    parser.add_argument("--golf", required=True, help="folder with golf-pack")
    args = parser.parse_args()
    body = Body(args.work, args.golf)
    calibration = read_tensors(f"{args.work}/calibration.safetensors")
    print("| scheme | error dB | rank | bits/weight of factors | gains dB | finer steps gain dB | left over dB |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    reference = body.pack((BODY, "int6"))
    decibels = body.matrices_error(body.decoded(reference))
    table(body, "int6", reference, calibration)
    for scheme in ("ecsq", "ecsq+gptq", "tcq+gptq+columns"):
        table(body, *at_error(body, scheme, 1, body.matrices_error, decibels), calibration)


if __name__ == "__main__":
    main()
