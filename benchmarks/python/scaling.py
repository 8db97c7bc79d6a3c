#!/usr/bin/env python3
"""How golf-eval's and golf-pack's cost grows: tables in Markdown, a picture for each.

    python scaling.py --bin build/release/bin --out scaling --tokenizer fineweb_1024_bpe.model \\
        --tokenizer fineweb_8192_bpe.model

Weights and tokens are random. Evaluation: tokens a second of the standard evaluation against length, batch, threads,
processes and vocabulary, and time and memory against the length of the shard. Packing: seconds and bits a weight against the
number of weights. One thing varies at a time; the rest is --preset at its own length, 8 windows a batch, all threads. The
points of a curve are taken in turns, --rounds times, and the best of each counts: other work only ever adds time. Needs
torch, numpy, safetensors and matplotlib.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import matplotlib
import torch
from safetensors.numpy import save_file

from compare_train_step import write_shard

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "golf"
import matplotlib.pyplot as plt  # noqa: E402

PIECES = 1024
MILLION = 1_000_000


class Model:
    """A checkpoint of random weights with its configuration and a text of its vocabulary."""

    def __init__(self, args, folder, preset, settings=(), seed=1):
        name = "-".join([preset, *settings]).replace("/", "_")
        self.config = f"{folder}/{name}.json"
        self.file = f"{folder}/{name}.safetensors"
        words = [word for setting in settings for word in ("--set", setting)]
        with open(self.config, "w") as file:
            subprocess.run([f"{args.bin}/golf-train", "--config", preset, *words, "--print-config", "--json"], check=True,
                           stdout=file)
        inspected = json.loads(subprocess.run([f"{args.bin}/golf-inspect", "--model-config", self.config, "--json"], check=True,
                                              capture_output=True, text=True).stdout)
        torch.manual_seed(seed)
        tensors = {one["name"]: (torch.randn(one["shape"]) * (0.02 if len(one["shape"]) > 1 else 0.1)).numpy()
                   for one in inspected["tensors"]}
        save_file(tensors, self.file)
        model = json.load(open(self.config))["model"]
        self.weights = sum(value.size for value in tensors.values())
        self.vocabulary = model["vocab_size"]


def timed(command, processes=1):
    """Seconds of the clock, peak memory of the first process in MB and its standard output."""
    start = time.perf_counter()
    running = []
    for rank in range(processes):
        own = dict(os.environ)
        if processes > 1:
            own |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(processes), "MASTER_ADDR": "127.0.0.1",
                    "MASTER_PORT": "29511"}
        running.append(subprocess.Popen(command, env=own, stdout=subprocess.PIPE, text=True))
    results = [(process.stdout.read(), *os.wait4(process.pid, 0)[1:]) for process in running]
    for _, status, _ in results:
        if os.waitstatus_to_exitcode(status) not in (0, 1):  # 1: over the budget
            sys.exit(f"{command}: {os.waitstatus_to_exitcode(status)}")
    output, _, used = results[0]
    return time.perf_counter() - start, used.ru_maxrss / 1024, output


def best(rounds, points, run):
    """Least figure of each point. run(point) gives a figure that is better when lower."""
    found = {point: [] for point in points}
    for _ in range(rounds):
        for point in points:
            found[point].append(run(point))
    return {point: min(values) for point, values in found.items()}


def draw(path, title, x_label, y_label, series, log=True):
    figure, axes = plt.subplots(figsize=(6, 3.6))
    for label, points in series.items():
        axes.plot(list(points), list(points.values()), marker="o", label=label)
    if log:
        axes.set_xscale("log", base=2)
    axes.set_ylim(bottom=0)
    axes.set(title=title, xlabel=x_label, ylabel=y_label)
    axes.grid(alpha=0.3)
    if len(series) > 1:
        axes.legend()
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def table(head, points, digits=0):
    print(f"| {head} |" + "".join(f" {point:,} |" for point in points))
    print("|---|" + "--:|" * len(points))
    print("| |" + "".join(f" {value:,.{digits}f} |" for value in points.values()) + "\n", flush=True)


def evaluation(args, folder):
    tokenizers = {pieces: path for pieces, path in zip((PIECES, 8192), args.tokenizer)}
    base = Model(args, folder, args.preset)
    threads = len(os.sched_getaffinity(0))

    def tokens_per_second(model=base, length=1024, batch=8, tokens=None, used=threads, processes=1):
        data = f"{folder}/fineweb_val_{model.vocabulary}.bin"
        if not os.path.exists(data):
            write_shard(data, 16 * 4096 + 1, model.vocabulary)
        command = [f"{args.bin}/golf-eval", model.file, "--model-config", model.config, "--data", data, "--tokenizer",
                   tokenizers[model.vocabulary], "--mode", "standard", "--seq-len", str(length), "--batch-seqs", str(batch),
                   "--max-tokens", str((tokens or args.tokens) + 1), "--threads", str(used), "--quiet", "--json"]
        return json.loads(timed(command, processes=processes)[2])["results"][0]["tokens_per_second"]

    def curve(name, title, x_label, points, **how):
        found = {point: -value for point, value in best(args.rounds, points, lambda p: -tokens_per_second(**how["of"](p))).items()}
        table(title, found)
        draw(f"{args.out}/{name}.svg", title, x_label, "tokens a second", {args.preset: found}, how.get("log", True))

    curve("length", "Tokens a second against window length", "tokens in a window", [256, 512, 1024, 2048, 4096],
          of=lambda length: {"length": length})
    curve("batch", "Tokens a second against batch", "windows in a batch", [1, 2, 4, 8, 16], of=lambda batch: {"batch": batch})
    curve("threads", "Tokens a second against threads", "threads", list(range(1, threads + 1)), of=lambda used: {"used": used},
          log=False)
    curve("processes", "Tokens a second against processes of one thread", "processes", list(range(1, threads + 1)),
          of=lambda processes: {"processes": processes, "used": 1, "batch": 1}, log=False)
    if len(tokenizers) > 1:
        models = {PIECES: base, 8192: Model(args, folder, args.preset, ["model.vocab_size=8192"])}
        curve("vocabulary", "Tokens a second against vocabulary", "pieces", list(models), of=lambda pieces: {"model": models[pieces]})


def shard_length(args, folder):
    """A tiny model, so that what grows with the text alone would show."""
    model = Model(args, folder, "baseline-tiny")
    seconds, memory = {}, {}
    for tokens in (1 << power for power in range(14, 14 + args.shard_doublings)):
        data = f"{folder}/fineweb_val_long.bin"
        write_shard(data, tokens + 1, model.vocabulary)
        command = [f"{args.bin}/golf-eval", model.file, "--model-config", model.config, "--data", data, "--tokenizer",
                   args.tokenizer[0], "--mode", "standard", "--seq-len", "256", "--quiet", "--json"]
        took, memory[tokens], _ = timed(command)
        seconds[tokens] = took / tokens * 1e6
    table("Microseconds a token against length of the shard, start included (baseline-tiny)", seconds, 1)
    table("Peak memory in MB against length of the shard (baseline-tiny)", memory)
    draw(f"{args.out}/shard.svg", "Cost a token as the shard grows, start included", "tokens in the shard",
         "microseconds a token", {"baseline-tiny": seconds})


def packing(args, folder):
    models = {}
    for width in (128, 256, 512, 768, 1024)[:args.pack_sizes]:
        settings = [f"model.model_dim={width}", f"model.mlp_hidden={3 * width}", f"model.num_heads={width // 64}",
                    f"model.num_kv_heads={width // 128}"]
        model = Model(args, folder, args.preset, settings)
        models[round(model.weights / MILLION, 1)] = model
    seconds, bits = {}, {}
    for codec in ("zstd:22", "golf:3", "golf:9"):
        def pack(millions, codec=codec):
            model = models[millions]
            command = [f"{args.bin}/golf-pack", model.file, "--model-config", model.config, "-o", f"{folder}/packed.golf",
                       "--recipe", "mixed-int6", "--codec", codec, "--no-verify", "--quiet"]
            took = timed(command)[0]
            bits.setdefault(codec, {})[millions] = 8 * os.path.getsize(f"{folder}/packed.golf") / model.weights
            return took
        seconds[codec] = best(1, list(models), pack)
        table(f"Seconds of golf-pack, {codec}, against millions of weights", seconds[codec], 1)
        table(f"Bits a weight, {codec}, against millions of weights", bits[codec], 3)
    draw(f"{args.out}/pack.svg", "Seconds of golf-pack against weights", "millions of weights", "seconds", seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="holds golf-train, golf-eval, golf-inspect and golf-pack")
    parser.add_argument("--out", required=True, help="folder for the pictures")
    parser.add_argument("--tokenizer", action="append", required=True, help="of 1,024 pieces, then of 8,192")
    parser.add_argument("--preset", default="pr192")
    parser.add_argument("--tokens", type=int, default=16_384, help="scored for each point")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--shard-doublings", type=int, default=8)
    parser.add_argument("--pack-sizes", type=int, default=5)
    parser.add_argument("--part", action="append", choices=("evaluation", "shard", "packing"))
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    parts = {"evaluation": evaluation, "shard": shard_length, "packing": packing}
    for name in args.part or parts:
        with tempfile.TemporaryDirectory() as folder:
            parts[name](args, folder)


if __name__ == "__main__":
    main()
