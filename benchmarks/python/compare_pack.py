#!/usr/bin/env python3
"""golf-pack and golf-inspect against Python on the same model, in turns.

    python compare_pack.py --bin build/release/bin --python /path/to/venv/bin/python --preset pr192

Random weights of the preset, full size. The peer compresses the bytes that golf-pack compresses, those of an int8 `.ptz`,
through the package zstandard; and reads the `.ptz` by zlib and torch.load, once torch is imported. golf's times are those of
whole processes. Prints a Markdown table: medians over the rounds.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
PEER_ZSTD = """
import sys, time, zstandard
data = open(sys.argv[1], 'rb').read()
start = time.perf_counter()
packed = zstandard.ZstdCompressor(level=22, threads=int(sys.argv[2])).compress(data)
print(time.perf_counter() - start, len(packed))
"""
PEER_LOAD = """
import io, sys, time, torch, zlib
start = time.perf_counter()
torch.load(io.BytesIO(zlib.decompress(open(sys.argv[1], 'rb').read())), weights_only=False)
print(time.perf_counter() - start, 0)
"""


def seconds(command):
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if done.returncode not in (0, 1):  # 1: over the budget
        sys.exit(f"{command}: {done.returncode}")
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="holds golf-pack, golf-inspect and golf-train")
    parser.add_argument("--python", default=sys.executable, help="Python that imports torch, safetensors and zstandard")
    parser.add_argument("--preset", default="pr192")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config, model = f"{folder}/config.json", f"{folder}/model.safetensors"
        with open(config, "w") as file:
            subprocess.run([f"{args.bin}/golf-train", "--config", args.preset, "--print-config", "--json"], check=True,
                           stdout=file)
        subprocess.run([args.python, f"{HERE}/eval_forward.py", config, "--save", model], check=True)

        def pack(name, *options):
            return [f"{args.bin}/golf-pack", model, "--model-config", args.preset, "-o", f"{folder}/{name}", "--quiet",
                    "--no-verify", *options]

        def peer(source, *words):
            out = subprocess.run([args.python, "-c", source, *words], check=True, capture_output=True, text=True).stdout
            return float(out.split()[0])

        subprocess.run(pack("zlib.ptz", "--recipe", "baseline-int8", "--format", "ptz"), check=True)
        raw = f"{folder}/raw"
        with open(raw, "wb") as file:
            file.write(zlib.decompress(open(f"{folder}/zlib.ptz", "rb").read()))
        int8, int6 = ["--recipe", "baseline-int8"], ["--recipe", "mixed-int6"]
        rows = {
            "golf-pack, int8 .ptz, zstd:22": lambda: seconds(pack("zstd.ptz", *int8, "--format", "ptz", "--codec", "zstd:22")),
            "golf-pack, int8 .golf, zstd:22": lambda: seconds(pack("zstd.golf", *int8, "--codec", "zstd:22")),
            "zstandard level 22, one thread": lambda: peer(PEER_ZSTD, raw, "0"),
            "zstandard level 22, two threads": lambda: peer(PEER_ZSTD, raw, "2"),
            "golf-pack, int6 .golf, golf:3": lambda: seconds(pack("3.golf", *int6, "--codec", "golf:3")),
            "golf-pack, int6 .golf, golf:9": lambda: seconds(pack("9.golf", *int6, "--codec", "golf:9")),
            "golf-inspect of that .golf": lambda: seconds([f"{args.bin}/golf-inspect", f"{folder}/9.golf"]),
            "golf-inspect of the .ptz (zlib)": lambda: seconds([f"{args.bin}/golf-inspect", f"{folder}/zlib.ptz"]),
            "torch.load of the .ptz (zlib)": lambda: peer(PEER_LOAD, f"{folder}/zlib.ptz"),
        }
        times = {name: [] for name in rows}
        for _ in range(args.rounds):
            for name, run in rows.items():
                times[name].append(run())
        print("| what | seconds | least | most |\n|---|--:|--:|--:|")
        for name, found in times.items():
            print(f"| {name} | {statistics.median(found):.3f} | {min(found):.3f} | {max(found):.3f} |")
        for name in ("raw", "zlib.ptz", "zstd.ptz", "zstd.golf", "3.golf", "9.golf"):
            print(f"{name}: {os.path.getsize(f'{folder}/{name}'):,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
