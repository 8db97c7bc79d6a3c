#!/usr/bin/env python3
"""What gradients in the calibration buy MiniLM's body: bytes that golf-pack writes against held-out output error.

    python minilm_gradients.py collect WORK                  # WORK: made by minilm_output_error.py collect
    python minilm_gradients.py pack WORK --golf build/tools-only/bin --scheme tcq256 --level 0.3 --level 0.22

`collect` runs the encoder over the same calibration tokens and writes WORK/gradients.safetensors, a calibration as
golf-eval makes them, with the output's squared error in the place of the loss: the gradient is that of the hidden states,
projected on random signs, so that its mean square is the sum over all of them. Hessians weigh each token by the squared
gradient at the matrix's output; a diagonal Fisher has its mean in each row.

`pack` packs the body with +gptq+columns, prints its bytes and its output error as Markdown, and what it is worth against
the files whose bytes and error --reference gives. Steps, each of which can be named alone (all by default):

    tokens  the weighted Hessians, instead of plain ones
    rows    +rows, by the Fisher
    shares  step sizes of the matrices by docs/QUANTIZATION.md's rule for tunable steps, --level times a common factor;
            without it --level is the step size in root mean squares

The pooler, whose output the hidden states do not see, keeps --level root mean squares. Needs numpy and torch.
"""
import argparse
import math
import re
import time

import numpy as np
import torch

from minilm_encoder import BATCH, Encoder, in_float32
from minilm_output_error import Body
from tensor_file import read_tensors, write_tensors

FISHER = "diagonal_fisher:"
DAMPING = 0.01
ROW_DAMPING = 0.05
STEPS = ["tokens", "rows", "shares"]


class Watched(Encoder):
    """Keeps (weight, input, output with its gradient) of each matrix in `seen`."""

    def linear(self, x, name):
        y = super().linear(x, name)
        y.retain_grad()
        self.seen.append((name + ".weight", x.detach(), y))
        return y


def gradient_entries(model, sequences):
    """The calibration's entries; a matrix without a gradient has none."""
    encoder = Watched(model)
    encoder.tensors["embeddings.LayerNorm.bias"].requires_grad_()  # before every matrix: all get gradients
    generator = torch.Generator().manual_seed(1)
    moments, rows, weights = {}, {}, {}
    for batch in torch.tensor(sequences).split(BATCH):
        encoder.seen = []
        hidden = encoder.forward(batch)
        (hidden * (torch.randint(0, 2, hidden.shape, generator=generator) * 2.0 - 1)).sum().backward()
        for name, x, y in encoder.seen:
            if y.grad is not None:
                x, squares = x.reshape(-1, x.shape[-1]), y.grad.reshape(-1, y.shape[-1]) ** 2
                by_token = squares.sum(1, keepdim=True)
                moments[name] = moments.get(name, 0) + ((x * by_token).T @ x).double().numpy()
                rows[name] = rows.get(name, 0) + ((x ** 2).mean(1) @ squares).double().numpy()
                weights[name] = weights.get(name, 0) + by_token.sum().item()
    entries = {name: in_float32((total + total.T) / (2 * weights[name])) for name, total in moments.items()}
    return entries | {FISHER + name: (total / sequences.size).astype("f4") for name, total in rows.items()}


def collect(args):
    sequences = read_tensors(f"{args.work}/calibration_tokens.safetensors")["tokens"]
    clock = time.process_time()
    entries = gradient_entries(read_tensors(f"{args.work}/model.safetensors"), sequences)
    plain = read_tensors(f"{args.work}/calibration.safetensors")
    write_tensors(f"{args.work}/gradients.safetensors", {**plain, **entries},
                  {"schema": "golf.calibration/1", "tokens": str(sequences.size)})
    print(f"{sequences.size} tokens, {len(entries)} entries, {time.process_time() - clock:.0f} s of CPU")


def log_rms(matrix):
    return math.log((matrix.astype("f8") ** 2).mean()) / 2


def log_share(hessian, fisher, rows):
    """log of the step weight 1 / √(g·d) of docs/QUANTIZATION.md, with the options +gptq+columns and, if `rows`, +rows."""
    hessian, fisher = hessian.astype("f8"), fisher.astype("f8")
    n = len(hessian)
    damped = hessian + DAMPING * np.trace(hessian) / n * np.eye(n)
    g = np.log(fisher + ROW_DAMPING * fisher.mean()).mean() if rows else math.log(fisher.mean())
    return -(g + math.log(n / np.trace(hessian)) + np.linalg.slogdet(damped)[1] / n) / 2


def log_steps(body, entries, steps):
    """{weight: log of its step size in root mean squares} for --level 1; their mean, weighted by size, is 0."""
    logs = {name: 0.0 for name in body.weights}
    if "shares" in steps:
        shares = {name: log_share(entries[name], entries[FISHER + name], "rows" in steps) - log_rms(matrix)
                  for name, matrix in body.weights.items() if FISHER + name in entries}
        mean = np.average(list(shares.values()), weights=[body.weights[name].size for name in shares])
        logs.update((name, share - mean) for name, share in shares.items())
    return logs


def pack(args):
    body = Body(args.work, args.golf)
    steps = args.step or STEPS
    entries = read_tensors(f"{args.work}/gradients.safetensors")
    if "tokens" not in steps:
        entries.update(read_tensors(f"{args.work}/calibration.safetensors"))
    body.calibration = f"{args.work}/packed_calibration.safetensors"
    write_tensors(body.calibration, entries, {"schema": "golf.calibration/1", "tokens": "1"})
    logs = log_steps(body, entries, steps)
    references = [[float(number) for number in reference.split(",")] for reference in args.reference]
    for level in args.level:
        options = {name: "+gptq+columns" + "+rows" * ("rows" in steps and FISHER + name in entries) for name in logs}
        path = body.pack(*((f"^{re.escape(name)}$", f"{args.scheme}:{level * math.exp(log):.6g}{options[name]}")
                           for name, log in logs.items()))
        size, error = body.size(path, args.codec), body.output_error(body.decoded(path))
        ratios = " | ".join(f"{size / bytes_:.4f} ({error - decibels:+.2f} dB)" for bytes_, decibels in references)
        print(f"| {args.scheme}:{level:g}, {' '.join(steps)} | {args.codec} | {size:,} | {8 * size / body.count:.3f} | {error:.2f} "
              f"| {ratios} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    part = commands.add_parser("collect")
    part.add_argument("work", help="folder that minilm_output_error.py collect wrote")
    part.set_defaults(run=collect)
    part = commands.add_parser("pack")
    part.add_argument("work")
    part.add_argument("--golf", required=True, help="folder with golf-pack")
    part.add_argument("--scheme", default="tcq256")
    part.add_argument("--level", type=float, action="append", required=True)
    part.add_argument("--step", action="append", choices=STEPS, help="all unless given")
    part.add_argument("--codec", default="golf:9")
    part.add_argument("--reference", action="append", default=[], help="BYTES,DECIBELS of a file to compare with")
    part.set_defaults(run=pack)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
