#!/usr/bin/env python3
"""What each step of packing buys: the bytes that it needs for the same gap in bits per byte, as Markdown.

    steps_at_equal_gap.py BIN CHECKPOINT DATA TOKENIZER OUT

The gap to reach is that of plain integers, recipe mixed-int6 with zstd:22. Every other row is a `golf-pack sweep` with
golf:9; its bytes come from a straight line through log(gap) against bytes, over the points within a factor of four of
that gap. DATA is a folder with fineweb_train_*.bin, for the calibration, and fineweb_val_*.bin, for the gaps. OUT is a
folder for what the steps leave, sweeps and artifacts.
"""
import json
import math
import pathlib
import subprocess
import sys

bin_dir, checkpoint, data, tokenizer, out = sys.argv[1:]
out = pathlib.Path(out)
out.mkdir(parents=True, exist_ok=True)
moments = out / "moments.safetensors"
text = ["--data", data, "--tokenizer", tokenizer, "--quiet"]


def run(tool, *arguments):
    return subprocess.run([f"{bin_dir}/{tool}", *map(str, arguments)], check=True, stdout=subprocess.PIPE).stdout


def bpb(model):
    return json.loads(run("golf-eval", model, *text, "--json"))["results"][0]["val_bpb"]


def sweep(name, scheme, calibrated):
    """Points of the recipe `ecsq` with its matrices' scheme replaced."""
    recipe = json.loads(run("golf-pack", "recipes", "ecsq"))
    for rule in recipe["rules"]:
        if rule["scheme"].startswith("ecsq") and rule.get("rank", 2) == 2:
            rule["scheme"] = scheme if rule.get("calibrated") else scheme.split("+")[0]
    path = out / f"{name}.recipe.json"
    path.write_text(json.dumps(recipe))
    arguments = ["--min-step", 0.0625, "--max-step", 0.5, "--num-points", 13, "--json"]
    if calibrated:
        arguments += ["--calibration", moments]
    report = run("golf-pack", "sweep", checkpoint, "--recipe", path, *arguments, *text)
    (out / f"{name}.sweep.json").write_bytes(report)
    return json.loads(report)["points"]


def bytes_at(points, gap):
    near = [(math.log(p["gap_bpb"]), p["artifact_bytes"]) for p in points if gap / 4 < p["gap_bpb"] < gap * 4]
    mean_x = sum(x for x, _ in near) / len(near)
    mean_y = sum(y for _, y in near) / len(near)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in near) / sum((x - mean_x) ** 2 for x, _ in near)
    return round(mean_y + slope * (math.log(gap) - mean_x))


run("golf-eval", "calibrate", checkpoint, *text, "-o", moments)
integers = {}
for codec in ["zstd:22", "golf:9"]:
    artifact = out / f"integers.{codec.split(':')[0]}.golf"
    run("golf-pack", checkpoint, "--recipe", "mixed-int6", "--codec", codec, "-o", artifact, "--quiet")
    integers[codec] = artifact
before = bpb(checkpoint)
gap = bpb(integers["zstd:22"]) - before
print(f"before packing {before:.5f} bpb, gap {gap:+.5f}\n")

rows = [("int6 matrices, int8 embedding, zstd:22", integers["zstd:22"].stat().st_size),
        ("the same integers, golf:9", integers["golf:9"].stat().st_size)]
for name, scheme, calibrated, title in [
    ("ecsq", "ecsq", False, "one level of steps for all matrices (ecsq)"),
    ("tcq", "tcq", False, "trellis (tcq)"),
    ("tcq_columns", "tcq+columns", True, "trellis and column steps"),
    ("tcq_gptq", "tcq+gptq", True, "trellis and error feedback"),
    ("best", "tcq+gptq+columns", True, "trellis, error feedback and column steps (best)"),
]:
    rows.append((title, bytes_at(sweep(name, scheme, calibrated), gap)))
print("| step | bytes at that gap | of the first |\n|---|--:|--:|")
for title, size in rows:
    print(f"| {title} | {size:,} | {size / rows[0][1]:.3f} |")
