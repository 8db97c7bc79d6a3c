#!/usr/bin/env python3
"""A record's own packer against recipe best on one checkpoint: bytes and bits per byte, as Markdown.

    python against_records.py --bin build/dev/bin --out OUT --recipe pr1855 --inputs calibration.safetensors \\
        --model final.safetensors --train 'data/fineweb_train_*.bin' --val 'data/fineweb_val_*.bin' --tokenizer t.model

The record's file is one of its own program, or golf-pack makes it by the recipe from the sums of x·xᵀ that golf-train
collects (`export.calibration_kind=inputs`). All models are scored on the same validation tokens. `best` packs within the
record's bytes and, by a search over --budget, within few bytes whose score is not above the record's. Its decoder counts
(`--emit-decoder`, in C above golf:3); the record's, a few hundred bytes inside a script that is compressed whole, does not.
Gaps are against the float model. The interval of the share of the gap is from a bootstrap over windows, 95 %. A record that
gains by packing, as on models that were trained too briefly, has no gap to share. With --adapt the models are scored adapted
too. Files that OUT holds are not made again: name another folder after a change. Needs no package.
"""
import argparse
import json
import math
import os
import random
import struct
import subprocess
import sys

SHUFFLED = ["--format", "ptz", "--byte-shuffle", "2"]
FORMATS = {"pr1394": SHUFFLED, "pr1493": SHUFFLED, "pr2135": ["--format", "pgrp"]}
PROBES = 5  # budgets tried for the record's score
HOPED = 0.76  # of the record's bytes
LEAST_GAP = 1e-5


class Case:
    def __init__(self, args):
        self.args = args
        self.model = ["--model-config", args.model_config] if args.model_config else []
        self.windows = ["--seq-len", str(args.seq_len)] if args.seq_len else []

    def path(self, name):
        return os.path.join(self.args.out, name)

    def run(self, tool, *options, allowed=(0,)):
        command = [os.path.join(self.args.bin, tool), *options, "--quiet", "--threads", str(self.args.threads)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode not in allowed:
            sys.exit(f"{' '.join(command)}: exit {done.returncode}")
        return json.loads(done.stdout)

    def gradients(self):
        path = self.path("gradients.safetensors")
        if not os.path.exists(path):
            self.run("golf-eval", "calibrate", self.args.model, *self.model, *self.windows, "--data", self.args.train,
                     "--tokenizer", self.args.tokenizer, "--max-tokens", str(self.args.calibration_tokens), "-o", path,
                     "--json")
        return path

    def packed(self, name, *options):
        """Packs unless it was packed before. @return its path and its bytes with the decoder's"""
        path, report = self.path(name), self.path(name + ".json")
        if not os.path.exists(report):
            result = self.run("golf-pack", self.args.model, *self.model, "-o", path, "--keep-float-max",
                              str(self.args.keep_float_max), "--json", *options, allowed=(0, 1))
            with open(report, "w") as file:
                json.dump(result, file)
        with open(report) as file:
            return path, json.load(file)["budget"]["total_bytes"]

    def record(self):
        recipe = self.args.recipe
        if self.args.record:
            return self.args.record, os.path.getsize(self.args.record)
        return self.packed("record.ptz", "--recipe", recipe, *FORMATS.get(recipe, ["--format", "ptz"]), "--calibration",
                           self.args.inputs)

    def best(self, budget):
        name = f"best-{budget}.golf"
        return self.packed(name, "--recipe", "best", "--fit", "--budget", str(budget), "--codec", self.args.codec,
                           "--calibration", self.gradients(), "--emit-decoder", self.path(f"decoder-{budget}.py"),
                           "--decoder-language", "python" if self.args.codec <= "golf:3" else "c", *self.args.best_option)

    def score(self, model, adapt=""):
        """@return bits per byte, and without adaptation the losses of the tokens"""
        name = self.path(os.path.basename(model) + (".adapted" if adapt else ".standard"))
        if not os.path.exists(name + ".json"):
            options = ["--data", self.args.val, "--tokenizer", self.args.tokenizer, *self.model]
            if adapt:
                options += ["--adapt", adapt, "--adapted-only", "--max-tokens", str(self.args.adapt_tokens)]
            else:
                options += ["--max-tokens", str(self.args.val_tokens), "--dump-nll", name + ".npy", *self.windows]
            self.run("golf-eval", model, *options, "-o", name + ".json", "--json")
        with open(name + ".json") as file:
            bpb = json.load(file)["results"][0]["val_bpb"]
        return bpb, [] if adapt else losses(name + ".npy")

    def at_score(self, whole, limit, most):
        """The fewest bytes with a score of at most `limit`: share of `most`, packed, bytes, score. A gap is taken to be an
        exponential of the bytes between two of them. The first shares are the whole and the share that is hoped for."""
        tried = []
        share = 1.0
        for _ in range(PROBES):
            path, total = self.best(int(share * most))
            bpb = self.score(path)[0]
            tried.append((share, math.log(max(bpb - whole, LEAST_GAP)), path, total, bpb))
            tried.sort()
            good = [one for one in tried if one[4] <= limit]
            bad = [one for one in tried if one[4] > limit]
            if not good and len(tried) == 1:
                return None
            if len(tried) == 1:
                share = HOPED
                continue
            low, high = (bad[-1], good[0]) if bad else (tried[0], tried[1])
            target = math.log(max(limit - whole, LEAST_GAP))
            slope = (high[1] - low[1]) / (high[0] - low[0])
            share = high[0] + (target - high[1]) / slope if slope < 0 else (low[0] + high[0]) / 2
            share = min(max(share, low[0] * (1.002 if bad else 0.8)), high[0] * 0.998)
        return min(one for one in tried if one[4] <= limit)


def losses(path):
    with open(path, "rb") as file:
        data = file.read()
    start = 10 + struct.unpack("<H", data[8:10])[0]
    return struct.unpack(f"<{(len(data) - start) // 4}f", data[start:])


def share_interval(whole, record, ours, block, draws=2000):
    """Of Σ(ours − whole) / Σ(record − whole) over drawn blocks of tokens: bytes cancel."""
    starts = range(0, len(whole), block)
    sums = [(math.fsum(ours[i:i + block]) - math.fsum(whole[i:i + block]),
             math.fsum(record[i:i + block]) - math.fsum(whole[i:i + block])) for i in starts]
    drawn = random.Random(0)
    shares = []
    for _ in range(draws):
        picked = drawn.choices(sums, k=len(sums))
        below = sum(one[1] for one in picked)
        shares.append(sum(one[0] for one in picked) / below if below > 0 else math.inf)
    shares.sort()
    return shares[int(0.025 * draws)], shares[int(0.975 * draws)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="holds golf-pack and golf-eval")
    parser.add_argument("--out", required=True, help="folder for what is made")
    parser.add_argument("--recipe", required=True, help="the record: pr1394 to pr2135")
    record = parser.add_mutually_exclusive_group(required=True)
    record.add_argument("--record", help="what the record's own program made of the checkpoint")
    record.add_argument("--inputs", help="calibration with which golf-pack makes the record's file")
    parser.add_argument("--model", required=True)
    parser.add_argument("--model-config", help="where the checkpoint holds none")
    parser.add_argument("--train", required=True)
    parser.add_argument("--val", required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--seq-len", type=int, help="the model's own unless given")
    parser.add_argument("--calibration-tokens", type=int, default=131072)
    parser.add_argument("--val-tokens", type=int, default=0)
    parser.add_argument("--keep-float-max", type=int, default=4096, help="the records' 65,536 leave most of a small model")
    parser.add_argument("--adapt", default="", help="adaptation in which the record is scored")
    parser.add_argument("--adapt-tokens", type=int, default=0)
    parser.add_argument("--codec", default="golf:9", help="of recipe best")
    parser.add_argument("--best-option", action="append", default=[], help="option of golf-pack for recipe best; repeatable")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)

    case = Case(args)
    whole_bpb, whole = case.score(args.model)
    record_path, record_bytes = case.record()
    record_bpb, record = case.score(record_path)
    rows = [("float", args.model, os.path.getsize(args.model), whole_bpb, ""),
            (args.recipe, record_path, record_bytes, record_bpb, "")]

    path, total = case.best(record_bytes)
    bpb, ours = case.score(path)
    block = args.seq_len or 256
    has_gap = record_bpb - whole_bpb > LEAST_GAP
    interval = ""
    if has_gap:
        low, high = share_interval(whole, record, ours, block)
        interval = f" ({low:.3f} to {high:.3f})"
    rows.append(("best, its bytes", path, total, bpb, interval))
    found = case.at_score(whole_bpb, record_bpb, record_bytes) if has_gap else None
    if found:
        rows.append(("best, its score", *found[2:], ""))

    adapted = {path: case.score(path, args.adapt)[0] for _, path, *_ in rows} if args.adapt else {}
    print(f"{args.model}, {len(whole):,} tokens\n")
    head = "| | bytes | share | bpb | gap | share of the gap |"
    rule = "|---|--:|--:|--:|--:|--:|"
    print(head + (" adapted | gap |\n" + rule + "--:|--:|" if adapted else "\n" + rule))
    for name, path, total, bpb, interval in rows:
        line = f"| {name} | {total:,} | {total / record_bytes:.3f} | {bpb:.5f} | "
        if name == "float":
            line += "| |"
        else:
            share = f"{(bpb - whole_bpb) / (record_bpb - whole_bpb):.3f}" if has_gap else "none"
            line += f"{bpb - whole_bpb:+.5f} | {share}{interval} |"
        if adapted:
            line += f" {adapted[path]:.5f} | {adapted[path] - adapted[args.model]:+.5f} |"
        print(line)


if __name__ == "__main__":
    main()
