#!/usr/bin/env python3
"""golf-eval against PyTorch, in turns, so that a slow minute of the machine hits all of them alike.

    python compare_eval.py --bin build/release/bin --tokenizer fineweb_1024_bpe.model --python /path/to/venv/bin/python \\
        --model pr192 --mode standard --mode sliding

Weights and tokens are random. Prints a Markdown table: medians over the rounds of the tokens scored in a second, and of the
ratios within a round. Peers compute in float32 unless --peer-dtype says bf16; "bound" is PyTorch's products and attention
alone (eval_bound.py, standard windows). Fails when the losses differ by more than 1e-4 relative (1e-2 unless both are
float32): then the two did not do the same work.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

from compare_train_step import HERE, cell, write_shard


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="holds golf-train and golf-eval")
    parser.add_argument("--tokenizer", required=True, help="SentencePiece model of as many pieces as the model has")
    parser.add_argument("--python", default=sys.executable, help="Python that imports torch, numpy and safetensors")
    parser.add_argument("--model", default="pr192")
    parser.add_argument("--mode", action="append", choices=("standard", "sliding", "streaming"))
    parser.add_argument("--peer", action="append", choices=("eager", "compile", "bound"))
    parser.add_argument("--seq-len", type=int, default=1024)
    parser.add_argument("--sequences", type=int, default=8, help="of the text that standard windows score; sliding has 2")
    parser.add_argument("--dtype", action="append", choices=("fp32", "bf16", "int8"), help="golf's, each in every round")
    parser.add_argument("--peer-dtype", default="fp32", choices=("fp32", "bf16"))
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    peers, dtypes = args.peer or ["eager", "compile"], args.dtype or ["fp32"]
    with tempfile.TemporaryDirectory() as folder:
        config = f"{folder}/config.json"
        with open(config, "w") as file:
            subprocess.run([f"{args.bin}/golf-train", "--config", args.model, "--print-config", "--json"], check=True,
                           stdout=file)
        vocabulary = json.load(open(config))["model"]["vocab_size"]
        model = f"{folder}/model.safetensors"
        subprocess.run([args.python, f"{HERE}/eval_forward.py", config, "--save", model], check=True)

        def run(command):
            return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

        def golf(mode, data, dtype):
            stride = ["--stride", "64"] if mode == "sliding" else []
            result = run([f"{args.bin}/golf-eval", model, "--model-config", args.model, "--data", data, "--tokenizer",
                          args.tokenizer, "--mode", mode, "--seq-len", str(args.seq_len), "--dtype", dtype, "--threads",
                          str(args.threads), "--quiet", "--json", *stride])
            return result["results"][0]

        def python(mode, data, peer, sequences):
            if peer == "bound":
                return run([args.python, f"{HERE}/eval_bound.py", config, "--seq-len", str(args.seq_len), "--sequences",
                            str(sequences), "--dtype", args.peer_dtype, "--threads", str(args.threads)])
            return run([args.python, f"{HERE}/eval_forward.py", config, "--load", model, "--data", data, "--mode", mode,
                        "--seq-len", str(args.seq_len), "--dtype", args.peer_dtype, "--threads", str(args.threads)] +
                       ["--compile"] * (peer == "compile"))

        def check(mode, dtype, own, other):
            difference = abs(other["val_loss"] / own["val_loss"] - 1)
            if own["tokens"] != other["tokens"] or difference > (1e-4 if dtype == args.peer_dtype == "fp32" else 1e-2):
                sys.exit(f"{mode} {dtype}: golf scores {own['tokens']} tokens at {own['val_loss']}, the peer {other}")

        print("| model | mode | dtype | golf tokens/s | loss − fp32's |" + "".join(f" {p} tokens/s | golf / {p} |" for p in peers))
        print("|---|---|---|--:|--:|" + "--:|--:|" * len(peers))
        for mode in args.mode or ["standard"]:
            data = f"{folder}/fineweb_val_000000.bin"
            sequences = 2 if mode == "sliding" else args.sequences
            write_shard(data, sequences * args.seq_len + 1, vocabulary)
            measured = [] if mode == "streaming" else [p for p in peers if p != "bound" or mode == "standard"]
            rates, losses = {key: [] for key in (*dtypes, *peers)}, {}
            for number in range(args.rounds):
                own = {dtype: golf(mode, data, dtype) for dtype in dtypes}
                for dtype, result in own.items():
                    rates[dtype].append(result["tokens_per_second"])
                    losses[dtype] = result["val_loss"]
                for peer in measured:
                    other = python(mode, data, peer, sequences)
                    rates[peer].append(other["tokens_per_second"])
                    for dtype, result in own.items():
                        if peer != "bound":
                            check(mode, dtype, result, other)
                print(f"{args.model} {mode} round {number + 1}: { {key: row[-1:] for key, row in rates.items()} }", file=sys.stderr)
            for dtype in dtypes:
                off = f"{losses[dtype] - losses['fp32']:+.6f}" if "fp32" in losses else "–"
                line = f"| {args.model} | {mode} {args.seq_len} | {dtype} | {statistics.median(rates[dtype]):,.0f} | {off} |"
                for peer in peers:
                    ratios = [a / b for a, b in zip(rates[dtype], rates[peer])]
                    line += f" {statistics.median(rates[peer]):,.0f} | {cell(ratios)} |" if ratios else " – | – |"
                print(line, flush=True)


if __name__ == "__main__":
    main()
