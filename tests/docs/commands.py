#!/usr/bin/env python3
"""Runs the commands that a page of the documentation shows.

usage: commands.py --bin FOLDER PAGE.md

A block of commands is fenced as ```sh. The blocks of a page run in order, in one scratch folder, with the tools
on PATH; each must end with status 0. The folder has what the pages speak of: final.safetensors, final.pt,
model.golf, model.ptz, calibration.safetensors, train_gpt.py, t.model, data/ with one small training and one
validation shard, samples/. A comment in the line above a block says otherwise:

    <!-- not run: REASON -->          such as a GPU, eight hours, a download
    <!-- run with: NAME=VALUE ... --> with these environment variables, such as ITERATIONS=2

Blocks that need LibTorch (golf-train, golf-eval but its audits) are passed over where the tools have none.
Exit status 77: the page has no block that runs here.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = re.compile(r"\s*(\$ )?(golf-(train|pack|inspect|eval)\b|bash |cmake |ctest |scripts/|tests/|\S+=\S* golf-)")
NEEDS_TORCH = re.compile(r"golf-train\b|golf-eval\b(?! audit| data-audit| significance| --help)")


def blocks_of(page):
    """[(line number, marker, text)] of the blocks of commands; commands outside them are an error."""
    blocks, errors, fence, start = [], [], None, 0
    lines = page.read_text().splitlines()
    for number, line in enumerate(lines):
        if fence is None and line.startswith("```"):
            fence, start = line[3:].strip(), number
        elif fence is not None and line.startswith("```"):
            if fence == "sh":
                above = lines[start - 1].strip() if start > 0 else ""
                comment = re.fullmatch(r"<!-- *(.*?) *-->", above)
                blocks.append((start + 1, comment[1] if comment else "", "\n".join(lines[start + 1 : number])))
            fence = None
        elif fence is None and line.startswith("    ") and COMMAND.match(line):
            errors.append(f"{page.name}:{number + 1}: a command outside a block ```sh")
    return blocks, errors


def prepare(folder, tools):
    subprocess.run([tools / "golf-make-cli-inputs", folder], check=True)
    for name, source in [
        ("final.safetensors", "tiny.safetensors"),
        ("final.pt", "tiny.pt"),
        ("t.model", "tokenizer1024.model"),
        ("fineweb_1024_bpe.model", "tokenizer1024.model"),
        ("data/fineweb_train_000000.bin", "shard.bin"),
        ("data/fineweb_val_000000.bin", "shard.bin"),
    ]:
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(folder / source, folder / name)
    (folder / "train_gpt.py").write_text("# the submission's code\n" * 40)
    (folder / "samples").symlink_to(ROOT / "samples")
    for name, options in [("model.golf", []), ("model.ptz", ["--format", "ptz"])]:
        subprocess.run(
            [tools / "golf-pack", "final.safetensors", "-o", name, "--quiet", *options],
            cwd=folder, check=True, stdout=subprocess.DEVNULL,
        )


def has_libtorch(tools):
    eval_tool = tools / "golf-eval"
    if not eval_tool.exists():
        return False
    shown = subprocess.run([eval_tool, "--version"], capture_output=True, text=True, check=True).stdout
    return "LibTorch none" not in shown


def environment_of(tools, settings=None):
    return dict(os.environ, PATH=f"{tools}:{os.environ['PATH']}", LC_ALL="C", TERM="dumb", **(settings or {}))


def main():
    tools = pathlib.Path(sys.argv[sys.argv.index("--bin") + 1]).resolve()
    page = pathlib.Path(sys.argv[-1]).resolve()
    blocks, problems = blocks_of(page)
    if not blocks and not problems:
        print("no block to run")
        return 77
    torch = has_libtorch(tools)
    ran = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        prepare(folder, tools)
        for line, marker, text in blocks:
            place = f"{page.name}:{line}"
            settings = {}
            if marker.startswith("not run:") and marker[8:].strip():
                print(f"{place}: {marker}")
                continue
            if marker.startswith("run with:"):
                settings = dict(pair.split("=", 1) for pair in marker[9:].split())
            elif re.match(r"(not )?run\b", marker):
                problems.append(f"{place}: no such marker: {marker}")
                continue
            if NEEDS_TORCH.search(text) and not torch:
                print(f"{place}: passed over: needs LibTorch")
                continue
            result = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=environment_of(tools, settings),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )
            ran += 1
            print(f"{place}: exit {result.returncode}")
            if result.returncode != 0:
                problems.append(f"{place}: exit {result.returncode}:\n{text}\n{result.stdout[-2000:]}")
    for problem in problems:
        print(problem)
    if problems:
        return 1
    if ran == 0:
        print("no block that runs here")
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main())
