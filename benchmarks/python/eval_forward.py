#!/usr/bin/env python3
"""Evaluating a model in plain PyTorch, eager or under torch.compile: the peer of golf-eval in compare_eval.py.

    golf-train --config pr192 --print-config --json > config.json
    python eval_forward.py config.json --save model.safetensors
    python eval_forward.py config.json --load model.safetensors --data val.bin --mode sliding --threads 2

The models are those of train_step.py, the windows those of golf-eval with --window-policy once. Only scored positions pass
the head. Prints one JSON line: the mean loss, scored tokens a second, after a first batch that warms up.
"""
import argparse
import json
import time

import numpy
import torch
from safetensors.torch import load_file, save_file

import train_step


def tensors_of(model):
    """Parameters under golf's names."""
    if isinstance(model, train_step.RecordModel):
        return model.model.w
    renamed = {".fc.": ".mlp.fc.", ".out.": ".mlp.proj."}
    result = {}
    for name, value in model.named_parameters():
        for old, new in renamed.items():
            name = name.replace(old, new)
        result[name] = value
    return result


def windows(targets, length, mode, stride):
    """(start, first scored position) of each."""
    if mode == "standard":
        return [(start, 0) for start in range(0, targets, length)]
    starts = range(0, max(targets - length, 0) + stride, stride)
    return [(start, 0 if start == 0 else length - stride) for start in starts if start + length <= targets]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("--save", help="write random weights and end")
    parser.add_argument("--load")
    parser.add_argument("--data")
    parser.add_argument("--mode", choices=("standard", "sliding"), default="standard")
    parser.add_argument("--seq-len", type=int, default=1024)
    parser.add_argument("--stride", type=int, default=64)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--dtype", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compile", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    config = json.load(open(args.config))["model"]
    record = "depth_recurrence" in config
    model = (train_step.RecordModel if record else train_step.Model)(config)
    if args.save:
        for value in model.parameters():  # zeros and ones would hide mistakes
            torch.nn.init.normal_(value, mean=float(value.ndim < 2), std=0.02 + 0.3 * (value.ndim < 2))
        return save_file({name: value.detach().contiguous() for name, value in tensors_of(model).items()}, args.save)
    with torch.no_grad():
        for name, value in load_file(args.load).items():
            tensors_of(model)[name].copy_(value)
    score = model.model.nll if record else model.nll
    if args.compile:
        score = torch.compile(score, dynamic=False, fullgraph=True)
    tokens = torch.from_numpy(numpy.fromfile(args.data, numpy.uint16, offset=1024).astype(numpy.int64))
    targets = (len(tokens) - 1) // args.seq_len * args.seq_len
    groups = {}
    for start, first in windows(targets, args.seq_len, args.mode, args.stride):
        groups.setdefault(first, []).append(start)

    def batch(starts, first):
        rows = torch.stack([tokens[start:start + args.seq_len + 1] for start in starts])
        extra = (None,) if record else ()
        with torch.autocast("cpu", torch.bfloat16, enabled=args.dtype == "bf16"):
            return score(rows[:, :-1], rows[:, 1:], *extra, head_from=first)

    total, scored = 0.0, 0
    with torch.inference_mode():
        for first, starts in groups.items():
            for size in {min(args.batch, len(starts)), len(starts) % args.batch or args.batch}:
                batch(starts[:size], first)
        begin = time.perf_counter()
        for first, starts in groups.items():
            for i in range(0, len(starts), args.batch):
                nll = batch(starts[i:i + args.batch], first)
                total += nll.double().sum().item()
                scored += nll.numel()
        seconds = time.perf_counter() - begin
    print(json.dumps({"val_loss": total / scored, "tokens": scored, "tokens_per_second": scored / seconds}))


if __name__ == "__main__":
    main()
