#!/usr/bin/env python3
"""Opens the pages of golf-inspect --html in headless Chromium: what they show, sorting, keys, hostile names.

usage: page_test.py --bin FOLDER [--pictures FOLDER]     --pictures keeps a screenshot of each page and form
Skipped (status 77) where no Chromium is installed: apt-get install chromium.
"""
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

import chromium

PLANTED = "</script><script>window.planted = 1</script>"
HOSTILE = [PLANTED, '"><img src=x onerror="window.planted = 1">', "two\nlines\x1b[2J", "turned \u202e round",
           "<!--", "&lt;b&gt;'", "blocks.0.${window.planted=1}.weight"]
failures = []


def expect(holds, what):
    if not holds:
        failures.append(what)


def safetensors(path, tensors):
    """tensors: {name: number of float32 values}, which differ from each other."""
    header, data = {}, b""
    for name, values in tensors.items():
        piece = struct.pack(f"<{values}f", *[((i * 37) % 101 - 50) / 400 for i in range(values)])
        header[name] = {"dtype": "F32", "shape": [values // 64, 64] if values % 64 == 0 else [values],
                        "data_offsets": [len(data), len(data) + len(piece)]}
        data += piece
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def run_folder(path, steps, offset, seed):
    path.mkdir()
    lines = [{"kind": "run", "schema": "golf.metrics/1", "parameters": 1234,
              "config": {"name": "toy", "seed": seed, "schedule": {"iterations": 500}}}]
    for i in range(1, steps + 1):
        lines.append({"kind": "step", "step": i, "train_loss": offset + 4 / i + 0.1 * ((i * 37) % 11 - 5) / 11,
                      "lr_multiplier": 1.0, "train_ms": 410.0 * i, "tokens": 524288 * i})
        if i % 100 == 0:
            lines.append({"kind": "validation", "step": i, "val_loss": offset + 4 / i, "val_bpb": (offset + 4 / i) / 1.7})
    (path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def submission(path, author, totals, bpb):
    path.mkdir(parents=True)
    for seed, total in enumerate(totals, 41):
        (path / f"train_seed{seed}.log").write_text(
            f"seed:{seed}\nworld_size:8 grad_accum_steps:1\n"
            "step:1000/20000 train_loss:2.1000 train_time:100000ms step_avg:100.00ms\n"
            f"Serialized model int8+zlib: {total - 13} bytes\nCode size: 13 bytes\n"
            f"Total submission size int8+zlib: {total} bytes\n"
            f"final_int8_zlib_roundtrip_exact val_loss:{bpb * 1.69:.8f} val_bpb:{bpb:.8f}\n")
    (path / "train_gpt.py").write_text("import torch\n")
    (path / "submission.json").write_text(json.dumps(
        {"author": author, "github_id": "b", "name": "c", "date": "d", "val_bpb": bpb, "bytes_total": max(totals)}))


def results(folder):
    """Results as golf-eval writes them, and one that lacks all but its schema."""
    (folder / "verify.json").write_text(json.dumps(
        {"schema": "golf.verify/1", "model": {"path": "records/second/model.golf"}, "claim": 1.2, "tolerance": 0.005,
         "confidence": 0.99, "verdict": "refuted", "exact": False, "val_bpb": 1.2345, "interval": [1.22, 1.25],
         "windows": 100, "full": {"windows": 60000}, "mode": "sliding"}, indent=2))
    (folder / "audit.json").write_text(json.dumps(
        {"schema": "golf.data-audit/1", "set": {"source": "val", "documents": 50000, "tokens": 62021845},
         "against": None, "overlap": None,
         "findings": [{"id": "shared-documents", "level": "error", "text": "12 documents <b>stand</b> in both"}]}))
    line = {"schema": "golf.batch/1", "job": {"model": "first", "data": "val", "mode": "sliding"}, "val_bpb": 1.2012,
            "tokens": 62021845, "documents": 50000, "byte_count_agrees": True, "interval": [1.199, 1.203]}
    (folder / "batch.jsonl").write_text("".join(json.dumps({**line, "val_bpb": bpb}) + "\n" for bpb in [1.2, 1.3]))
    (folder / "empty.json").write_text('{"schema": "golf.significance/1"}')


def rows_of(tab, table):
    return tab.js(f"[...document.querySelectorAll('.table')][{table}].querySelectorAll('tbody tr').length")


def column(tab, place, table=0):
    return tab.js(f"[...document.querySelectorAll('.table')[{table}].querySelectorAll('tbody tr')]"
                  f".map((row) => row.children[{place}].textContent)")


def press_heading(tab, key):
    tab.js(f"document.querySelector('th[data-key={key}] button').click()")
    return tab.js(f"document.querySelector('th[data-key={key}]').getAttribute('aria-sort')")


def check_quiet(tab, name, path):
    expect(not tab.problems, f"{name}: {tab.problems}")
    tab.problems.clear()
    expect(tab.requests == ["file://" + os.path.abspath(path)], f"{name}: asked for {tab.requests}")
    expect(tab.js("window.planted === undefined"), f"{name}: a planted script ran")
    expect(tab.js("document.querySelectorAll('main > section').length") > 0, f"{name}: is empty")


def check_model(tab, path, inspected):
    """inspected: an element of "files" of golf-inspect --by tensor --sort file --json."""
    name = path.name
    rows = inspected["rows"]
    there = [row for row in rows if row["bytes"] > 0]
    expect(tab.js("document.querySelectorAll('[data-tensor] rect').length") == len(there), f"{name}: rectangles")
    areas = tab.js("[...document.querySelectorAll('[data-tensor]')].map((cell) => { const rect ="
                   " cell.querySelector('rect'); return [Number(cell.dataset.tensor), rect.getAttribute('width') *"
                   " rect.getAttribute('height')]; })")
    whole, drawn = sum(row["bytes"] for row in there), sum(area for _, area in areas)
    large = max(areas, key=lambda area: area[1])
    expect(there[large[0]]["bytes"] * 1.3 > max(row["bytes"] for row in there), f"{name}: the largest rectangle")
    expect(abs(large[1] / drawn - there[large[0]]["bytes"] / whole) < 0.05, f"{name}: an area is out of proportion")
    expect(rows_of(tab, 0) == len(rows), f"{name}: rows of the table")

    sizes = [int(text.replace(",", "").replace("~", "")) for text in column(tab, 1)]
    expect(sizes == sorted(sizes, reverse=True), f"{name}: begins sorted by bytes")
    expect(press_heading(tab, "name") == "ascending", f"{name}: a press on a heading sorts")
    names = column(tab, 0)
    expect(names == sorted(names), f"{name}: sorted by name: {names[:5]}")
    expect(press_heading(tab, "name") == "descending", f"{name}: a second press turns round")
    expect(column(tab, 0) == sorted(names, reverse=True), f"{name}: sorted by name from the end")
    expect(press_heading(tab, "elements") == "descending", f"{name}: numbers begin with the largest")
    weights = [int(text.replace(",", "")) for text in column(tab, 8) if text]
    expect(weights == sorted(weights, reverse=True), f"{name}: sorted by weights")


def check_keys(tab):
    tab.js("document.querySelector('[data-tensor][aria-label*=\"ecsq\"], [data-tensor][aria-label*=\"tcq\"]').focus()")
    at = "document.activeElement.dataset.tensor"
    first = tab.js(at)
    tab.key("ArrowRight")
    second = tab.js(at)
    expect(second is not None and second != first, "keys: an arrow goes to another rectangle")
    tab.key("ArrowLeft")
    expect(tab.js(at) == first, "keys: and back")
    expect(tab.js("document.querySelectorAll('[data-tensor][tabindex=\"0\"]').length") == 1, "keys: one stop of Tab")
    said = tab.js("document.querySelector('.details').textContent")
    expect(said == tab.js("document.activeElement.getAttribute('aria-label')"), f"keys: the rectangle is told: {said}")
    tab.key("Enter")
    chosen = "[...document.querySelectorAll('label')].find((label) => label.textContent.startsWith('integers of'))"
    expect(tab.js(f"{chosen}.querySelector('select').value") != "all", "keys: Enter shows the integers")
    expect(tab.js("document.querySelectorAll('.chart .bar').length") > 0, "keys: the histogram has bars")
    tab.js("document.querySelector('[data-key=bytes] button').focus()")
    tab.key("Enter")
    expect(tab.js("document.querySelector('[data-key=bytes]').getAttribute('aria-sort')") == "ascending",
           "keys: Enter on a heading sorts")
    ring = tab.js("getComputedStyle(document.activeElement).outlineStyle")
    expect(ring == "solid", f"keys: the focus is seen: {ring}")


def check_themes(tab, path):
    ground = "getComputedStyle(document.body).backgroundColor"
    light = tab.js(ground)
    tab.js("document.querySelector('.theme').click()")
    dark = tab.js(ground)
    expect(light != dark, "themes: the switch changes the ground")
    tab.dark(True)
    tab.open(path)
    expect(tab.js(ground) == dark, "themes: a dark screen gets the dark one")
    tab.js("document.querySelector('.theme').click()")
    expect(tab.js(ground) == light, "themes: and can be switched to light")
    tab.dark(False)


def check_phone(tab, path):
    tab.size(390, 844)
    tab.open(path)
    wide = tab.js("document.documentElement.scrollWidth")
    expect(wide <= 390, f"{path.name}: {wide} pixels wide on a phone")
    tab.size(1280, 900)


def main():
    if not chromium.find():
        print("skipped: no Chromium here: apt-get install chromium")
        return 77
    tools = pathlib.Path(sys.argv[sys.argv.index("--bin") + 1]).resolve()
    pictures = pathlib.Path(sys.argv[sys.argv.index("--pictures") + 1]) if "--pictures" in sys.argv else None
    with tempfile.TemporaryDirectory() as scratch, chromium.Chromium() as tab:
        folder = pathlib.Path(scratch)

        def tool(*arguments):
            result = subprocess.run([tools / arguments[0], *arguments[1:]], cwd=folder, capture_output=True, text=True)
            expect(result.returncode == 0, f"{arguments}: exit {result.returncode}: {result.stderr}")
            return result.stdout

        tool("golf-make-cli-inputs", ".")
        tool("golf-pack", "tiny.safetensors", "--recipe", "best", "--codec", "golf:1", "-o", "a.golf", "--quiet")
        tool("golf-pack", "tiny.safetensors", "--recipe", "baseline-int8", "--format", "ptz", "-o", "b.ptz", "--quiet")
        safetensors(folder / "hostile_names.safetensors", {name: 640 * (i + 1) for i, name in enumerate(HOSTILE)})
        tool("golf-pack", "hostile_names.safetensors", "--recipe", "baseline-int8", "-o", "hostile.golf", "--quiet",
             "--keep-float-max", "100")
        for name, steps, offset, seed in [("first", 500, 2.0, 1), ("second", 320, 2.2, 2)]:
            run_folder(folder / name, steps, offset, seed)
        submission(folder / "records/first", PLANTED, [15_900_000, 15_950_000], 1.2)
        submission(folder / "records/second", "b", [16_100_000], 1.21)
        submission(folder / "records/third <b>", "c", [15_000_000, 15_000_100, 15_000_200], 1.19)
        results(folder)
        given = [word for name in ["verify.json", "audit.json", "batch.jsonl", "empty.json"] for word in ["--result", name]]
        records = [str(path.relative_to(folder)) for path in sorted((folder / "records").iterdir())]
        pages = {
            "artifact": ["a.golf", "--code", "shard.bin", "--budget", "400kB"],
            "diff": ["a.golf", "b.ptz"],
            "hostile": ["hostile.golf"],
            "checkpoint": ["tiny.pt", "shard.bin", "tokenizer.model"],
            "runs": ["runs", "first", "second"],
            "all": ["a.golf", "first"],
            "submission": ["submission", records[0], *given],
            "leaderboard": ["submission", *records, *given],
        }
        for name, arguments in pages.items():
            path = folder / f"{name}.html"
            tool("golf-inspect", *arguments, "--html", str(path))
            tab.open(path)
            check_quiet(tab, name, path)
            for width, dark in [(1280, False), (1280, True), (390, False), (390, True)] if pictures else []:
                tab.size(width, 900)
                tab.dark(dark)
                tab.open(path)
                tab.picture(pictures / f"{name}-{width}-{'dark' if dark else 'light'}.png")
            tab.dark(False)
            tab.size(1280, 900)

        for name, file in [("artifact", "a.golf"), ("hostile", "hostile.golf")]:
            inspected = json.loads(tool("golf-inspect", file, "--by", "tensor", "--sort", "file", "--json"))["files"][0]
            tab.open(folder / f"{name}.html")
            island = tab.js("document.getElementById('data').textContent")
            expect(json.loads(island)["files"][0]["rows"] == inspected["rows"], f"{name}: the page's data")
            check_model(tab, folder / f"{name}.html", inspected)
        shown = "\n".join(column(tab, 0))
        expect(PLANTED in shown and "two\\u000alines\\u001b[2J" in shown, f"hostile: names as text: {shown}")
        expect("turned \\u202e round" in shown, "hostile: a name cannot turn text round")

        tab.open(folder / "artifact.html")
        check_keys(tab)
        check_themes(tab, folder / "artifact.html")
        for name in pages:
            check_phone(tab, folder / f"{name}.html")

        tab.open(folder / "diff.html")
        expect(tab.js("document.querySelector('main h2').textContent") == "Difference", "diff: comes first")
        tab.open(folder / "runs.html")
        expect(tab.js("document.querySelectorAll('.chart .line').length") == 2, "runs: a line a run")
        expect(tab.js("document.querySelectorAll('.chart .ring').length") == 8, "runs: a dot a validation")
        tab.open(folder / "leaderboard.html")
        bpb = column(tab, 1)
        expect(len(bpb) == 3 and bpb == sorted(bpb), f"leaderboard: the best first: {bpb}")
        expect("claim refuted" in "\n".join(column(tab, 9)), "leaderboard: a result stands in its submission's row")
        tab.js("document.querySelector('tbody .name').click()")
        tab.settle()
        expect(tab.js("document.querySelectorAll('details[open] .facts').length") > 0, "leaderboard: a press opens")
        tab.open(folder / "submission.html")
        expect(tab.js("document.querySelectorAll('[data-result]').length") == 4, "submission: all results are shown")
        expect(not tab.problems, f"at the end: {tab.problems}")
    for failure in failures:
        print(failure)
    print(f"{len(pages)} pages looked at")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
