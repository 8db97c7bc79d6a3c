#!/usr/bin/env python3
"""golf-train's step against PyTorch's, in turns, so that a slow minute of the machine hits all of them alike.

    python compare_train_step.py --golf build/release/bin/golf-train --tokenizer fineweb_1024_bpe.model \\
        --python /path/to/venv/bin/python --case baseline-cpu --case baseline,data.batch_tokens=2048,data.grad_accum_steps=1
    python compare_train_step.py --golf … --tokenizer fineweb_8192_bpe.model --vocabulary 8192 --python … \\
        --case pr1855-tiny,data.batch_tokens=4096,curriculum.recurrence_start=0

The tokens are random. Prints a Markdown table: medians over the rounds of each one's median step, and of the ratios
within a round.
"""
import argparse
import json
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def write_shard(path, tokens, vocabulary):
    """One document: pieces 0 to 3 are unknown or control pieces, which have no bytes; 1 begins a document."""
    draw = random.Random(1)
    with open(path, "wb") as file:
        file.write(struct.pack("<256i", 20240520, 1, tokens, *[0] * 253))
        file.write(struct.pack(f"<{tokens}H", 1, *(draw.randrange(4, vocabulary) for _ in range(tokens - 1))))


def options_of(case):
    name, *settings = case.split(",")
    return ["--config", name] + [word for setting in settings for word in ("--set", setting)]


def golf_ms(args, case, dtype, folder):
    steps = args.warmup + args.steps
    run = f"{folder}/run"
    quick = ["schedule.warmup_steps=0", "export.recipe=baseline-int8", "export.format=golf", "export.ptz_layout=", "export.codec=zstd:1",
             "export.verify=false", "export.calibration_batches=0"]
    done = subprocess.run([args.golf, *options_of(case), "--data", folder, "--tokenizer", args.tokenizer, "-o", run, "--force",
                           "--quiet", "--device", "cpu", "--dtype", dtype, "--threads", str(args.threads), "--iterations",
                           str(steps), "--max-wallclock", "0"] + [word for one in quick for word in ("--set", one)],
                          stdout=subprocess.DEVNULL)
    if done.returncode not in (0, 1):  # 1: the artifact is over the limit, which does not matter here
        raise SystemExit(done.returncode)
    records = map(json.loads, open(f"{run}/metrics.jsonl"))
    clock = [0.0] + [record["train_ms"] for record in records if record["kind"] == "step"]
    return statistics.median(b - a for a, b in list(zip(clock, clock[1:]))[args.warmup:])


def python_ms(args, config, dtype, compiled):
    out = subprocess.run([args.python, f"{HERE}/train_step.py", config, "--dtype", dtype, "--threads", str(args.threads),
                          "--warmup", str(args.warmup), "--steps", str(args.steps)] + ["--compile"] * compiled,
                         check=True, capture_output=True, text=True).stdout
    return statistics.median(json.loads(out)["step_ms"])


def cell(ratios):
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--golf", required=True, help="golf-train")
    parser.add_argument("--tokenizer", required=True, help="SentencePiece model of as many pieces")
    parser.add_argument("--vocabulary", type=int, default=1024)
    parser.add_argument("--python", default=sys.executable, help="Python that imports torch")
    parser.add_argument("--case", action="append", help="configuration and values to set, with commas")
    parser.add_argument("--dtypes", default="fp32,bf16")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--warmup", type=int, default=3, help="steps that are not counted")
    parser.add_argument("--steps", type=int, default=10)
    args = parser.parse_args()
    print("| configuration | dtype | golf-train ms | eager ms | compile ms | eager / golf | compile / golf |")
    print("|---|---|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        write_shard(f"{folder}/fineweb_train_000000.bin", 1_000_000, args.vocabulary)
        write_shard(f"{folder}/fineweb_val_000000.bin", 4097, args.vocabulary)
        for case in args.case or ["baseline-cpu"]:
            config = f"{folder}/config.json"
            with open(config, "w") as file:
                subprocess.run([args.golf, *options_of(case), "--print-config", "--json"], check=True, stdout=file)
            for dtype in args.dtypes.split(","):
                rounds = []
                for number in range(args.rounds):
                    rounds.append((golf_ms(args, case, dtype, folder), python_ms(args, config, dtype, False),
                                   python_ms(args, config, dtype, True)))
                    print(f"{case} {dtype} round {number + 1}: {rounds[-1]}", file=sys.stderr)
                golf, eager, compiled = (statistics.median(column) for column in zip(*rounds))
                print(f"| {case} | {dtype} | {golf:.1f} | {eager:.1f} | {compiled:.1f} "
                      f"| {cell([r[1] / r[0] for r in rounds])} | {cell([r[2] / r[0] for r in rounds])} |")


if __name__ == "__main__":
    main()
