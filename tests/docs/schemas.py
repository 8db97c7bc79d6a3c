#!/usr/bin/env python3
"""Holds the JSON blocks of docs/CLI.md equal in keys to what the tools print.

usage: schemas.py --bin FOLDER

The tools run on small inputs, with every option that adds something to their JSON. A block ```json of the page is
compared with all outputs of its schema together: each key that a block has must occur in an output, and each key of
an output must be in the block. In a block {} and [] stand for what is described elsewhere: nothing below them is
compared, but for the objects of SHARED, which have one block for all outputs. Lines of metrics.jsonl are compared by
their "kind". Schemas that need LibTorch are passed over where the tools have none.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import commands

PAGE = commands.ROOT / "docs" / "CLI.md"
SHARED = ["budget", "data", "tokenizer", "byte_count_check"]
# Keys that no run on a CPU has.
NEVER = {"golf.metrics/1 step": {"mfu"}}
# What golf-eval adds with LibTorch, to forms that other commands have too.
NEEDS_TORCH = ["golf.sweep/1", "data", "byte_count_check"]

TORCH_FREE = """
golf-pack final.safetensors -o packed.golf --json
golf-pack final.safetensors --dry-run --fit --budget 300kB --codec golf:1 --json
golf-pack final.safetensors --dry-run --fit --target-gap 0.002 --codec golf:1 --calibration statistics.safetensors --json
golf-pack final.safetensors --dry-run --recipe pr993 --prune-to-fit --budget 400kB --json
golf-pack final.safetensors -o small.golf --codec golf:1 --emit-decoder load_model.py --code train_gpt.py --json
golf-pack unpack packed.golf -o weights.safetensors --json
golf-pack prefix --data 'data/fineweb_val_*.bin' --tokens 100 -o prefix.xz --json
golf-pack sweep final.safetensors --num-points 2 --codec golf:1 --calibration statistics.safetensors --json
golf-pack schemes final.safetensors --json
golf-pack recipes --json
golf-inspect model.golf --check --json
golf-inspect model.golf --by tensor --json
golf-inspect model.ptz final.pt data/fineweb_val_000000.bin t.model --json
golf-inspect --model-config pr1855-tiny --json
golf-inspect diff model.golf model.ptz --json
golf-inspect codecs model.golf --json
golf-inspect submission sub --json
golf-eval caseops encode text.txt -o coded.txt --json
golf-eval audit losses.f32 --data data/ --tokenizer t.model --seq-len 256 --mode sliding --stride 256 --json
golf-eval audit losses.f32 --data data/ --tokenizer spaces.model --seq-len 256 --json
golf-eval data-audit --data thrice.bin --against data/ --tokenizer t.model --all-duplicates --json
golf-eval significance 1.0599 1.0612 --against 1.0608 1.0609 --profile chain --json
golf-eval significance losses.f32 --against losses.f32 --paired --data thrice.bin --max-tokens 1000 --tokenizer t.model --seq-len 256 --draws 100 --json
golf-eval audit few.f32 --data ops/ --tokenizer caseops.model --seq-len 32 --json
"""
WITH_TORCH = """
golf-eval model.golf --data data/ --tokenizer t.model --mode standard,sliding --seq-len 64 --stride 32 --max-tokens 1025 --ngram-tilt --ngram-cache exact --paid-prefix prefix.xz --audit-normalization 2 --json
golf-eval final.safetensors --data data/ --tokenizer t.model --mode documents --pack-seqs 2 --seq-len 64 --max-tokens 1025 --include-tail --roundtrip best --codec golf:1 --calibration statistics.safetensors --fit --json
golf-eval final.safetensors --data data/ --tokenizer t.model --seq-len 64 --max-tokens 1025 --roundtrip best --codec golf:1 --calibration statistics.safetensors --fit --target-gap 0.002 --json
golf-eval final.safetensors --data data/ --tokenizer t.model --seq-len 64 --max-tokens 1025 --roundtrip pr993 --prune-to-fit --budget 400kB --json
golf-eval final.safetensors --data data/ --tokenizer t.model --adapt pr1493 --seq-len 64 --stride 32 --set adapt.sgd.chunk_tokens=256 --max-tokens 1025 --receipt receipt.jsonl --json
golf-eval final.safetensors --data data/ --tokenizer t.model --seq-len 64 --max-tokens 1025 --dtype auto --json
golf-eval model.golf --data data/ --tokenizer t.model --seq-len 64 --max-tokens 1025 --dtype int8 --json
golf-eval audit-adaptation receipt.jsonl --json
golf-eval verify final.safetensors --claim 5 --data data/ --tokenizer t.model --mode sliding --stride 32 --seq-len 64 --json
golf-eval batch manifest.json -o lines.jsonl --draws 100 --json
golf-eval calibrate final.safetensors -o c.safetensors --data data/ --tokenizer t.model --max-tokens 1025 --json
golf-eval tune model.golf -o tuned.golf --checkpoint final.safetensors --data data/ --tokenizer t.model --max-tokens 1025 --steps 1 --json
golf-eval sweep final.safetensors --data data/ --tokenizer t.model --max-tokens 1025 --num-points 2 --codec golf:1 --calibration statistics.safetensors --json
golf-train --config baseline-tiny --device cpu --data data --tokenizer t.model -o run --iterations 2 --set schedule.warmup_steps=1 --set data.batch_tokens=256 --set data.grad_accum_steps=1 --size-every 2 --checkpoint-every 1 --set export.recipe=best --set export.codec=golf:1 --json
golf-train --config run/config.json --data data --tokenizer t.model -o again --resume --checkpoint $(ls run/checkpoints/* | head -n 1) --json
golf-inspect runs run --json
"""


def merged(values):
    """The keys of several values: {key: ...} of objects, elements of lists together; others count as nothing."""
    result = {}
    for value in values:
        for element in value if isinstance(value, list) else [value]:
            if isinstance(element, dict):
                for key, inner in element.items():
                    result.setdefault(key, []).append(inner)
    return {key: merged(inner) for key, inner in result.items()}


def is_open(values):
    """Whether a block says {} or [] there."""
    return any(value in ({}, []) for value in values)


def compare(page, found, where, never):
    """Lines about what only one of the two has.

    @param page   the values of a block
    @param found  merged keys of the outputs
    @param never  keys of the block that no output needs to have; None: none needs to
    """
    problems = []
    keys = {}
    for value in page:
        for element in value if isinstance(value, list) else [value]:
            if isinstance(element, dict):
                for key, inner in element.items():
                    keys.setdefault(key, []).append(inner)
    for key in keys:
        place = f"{where}: {key}" if where.endswith('"') else f"{where}.{key}"
        if key not in found:
            if never is not None and key not in never:
                problems.append(f"docs/CLI.md has {place}, no output has it")
        elif key not in SHARED and not is_open(keys[key]):
            problems += compare(keys[key], found[key], place, never)
    for key in found:
        if key not in keys:
            problems.append(f"an output of {where} has \"{key}\", docs/CLI.md does not")
    return problems


def name_of(document):
    if "schema" in document and document["schema"] != "golf.metrics/1":
        return document["schema"]
    if "kind" in document and "files" not in document:
        return f"golf.metrics/1 {document['kind']}"
    return "budget" if "limit_bytes" in document else None


def documents(text):
    """The JSON documents in a text, one after another."""
    decoder, found = json.JSONDecoder(), []
    text = text.strip()
    while text:
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:].strip()
    return found


def collect_shared(value, outputs):
    for element in value if isinstance(value, list) else [value]:
        if not isinstance(element, dict):
            continue
        for key, inner in element.items():
            if key in SHARED and isinstance(inner, dict):
                outputs.setdefault(key, []).append(inner)
            if key not in ("config", "model_spec"):  # these have sections of the same names
                collect_shared(inner, outputs)


def run_all(tools, torch, problems):
    """{name: outputs} of all commands."""
    outputs = {}

    def add(document):
        name = name_of(document)
        if name is not None:
            outputs.setdefault(name, []).append(document)
        collect_shared(document, outputs)

    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        commands.prepare(folder, tools)
        (folder / "text.txt").write_text("Some Text\n")
        for name, count in [("losses.f32", 768), ("few.f32", 96)]:  # targets of whole sequences, 1.0 nats each
            (folder / name).write_bytes(b"\0\0\x80\x3f" * count)
        # A text with a byte sidecar, and a tokenizer whose bytes are not those of the text.
        (folder / "ops").mkdir()
        (folder / "caseops_shard.bin").rename(folder / "ops/fineweb_val_000000.bin")
        (folder / "caseops_bytes.bin").rename(folder / "ops/fineweb_val_bytes_000000.bin")
        space = "\u2581".encode()
        model = (folder / "t.model").read_bytes()
        (folder / "spaces.model").write_bytes(model.replace(space + b"aaa", space + space))
        # A shard whose document stands in it three times, the last one cut.
        shard = (folder / "data/fineweb_val_000000.bin").read_bytes()
        tokens = 3 * shard[1024:]
        (folder / "thrice.bin").write_bytes(shard[:8] + (len(tokens) // 2).to_bytes(4, "little") + shard[12:1024] + tokens)
        (folder / "manifest.json").write_text(json.dumps({
            "models": [{"name": "m", "model": "model.golf"}], "modes": [{"name": "s", "seq_len": 64}],
            "data": [{"name": "v", "data": "data/", "tokenizer": "t.model"}], "devices": ["cpu"]}))
        # A submission with one log, and enough missing for findings.
        (folder / "sub").mkdir()
        (folder / "sub/train_seed1.log").write_text("seed:2\nstep:5/5 train_loss:2.0 train_time:500ms step_avg:100.00ms\n")
        environment = commands.environment_of(tools)
        for line in filter(None, (TORCH_FREE + (WITH_TORCH if torch else "")).splitlines()):
            if not (tools / line.split()[0]).exists():
                continue
            result = subprocess.run(["bash", "-c", line], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                    capture_output=True, text=True)
            if result.returncode > 1:
                problems.append(f"{line}: exit {result.returncode}: {result.stderr.strip()[-500:]}")
                continue
            for document in documents(result.stdout):
                add(document)
        for run in ["run", "again"] if (folder / "run").exists() else []:
            for document in documents((folder / run / "metrics.jsonl").read_text()):
                add(document)
            add(json.loads((folder / run / "eval.json").read_text()))
    return outputs


def main():
    tools = pathlib.Path(sys.argv[sys.argv.index("--bin") + 1]).resolve()
    torch = commands.has_libtorch(tools)
    blocks = {}
    for block in re.findall(r"^```json\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE):
        for document in documents(block):
            blocks.setdefault(name_of(document), []).append(document)
            for key in SHARED:
                if document.get(key):
                    blocks.setdefault(key, []).append(document[key])
    problems = []
    outputs = run_all(tools, torch, problems)
    for name, values in blocks.items():
        if name is None:
            problems.append(f"docs/CLI.md: a block without \"schema\": {json.dumps(values[0])[:80]}")
        elif name in outputs:
            never = NEVER.get(name, set()) if torch or name not in NEEDS_TORCH else None
            problems += compare(values, merged(outputs[name]), f'"{name}"', never)
        elif torch:
            problems.append(f"docs/CLI.md has a block of {name}, no command here prints it")
    problems += [f"{name} has no block in docs/CLI.md" for name in outputs if name not in blocks]
    for problem in problems:
        print(problem)
    print(f"{len(outputs)} schemas compared")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
