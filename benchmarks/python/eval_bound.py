#!/usr/bin/env python3
"""The matrix products and attention of an evaluation alone, as PyTorch runs them: what no evaluation through the same
library can go below. The bound in compare_eval.py.

    python eval_bound.py config.json --seq-len 1024 --sequences 8 --threads 2

Inputs are random; nothing runs between the products. Prints one JSON line: the tokens a second.
"""
import argparse
import json
import time

import torch
import torch.nn.functional as F


def calls(model):
    """How many times blocks run in one forward pass."""
    loops = model.get("depth_recurrence")
    return model["num_layers"] + (loops["loops"] * (loops["last_block"] - loops["first_block"] + 1) if loops else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("--seq-len", type=int, default=1024)
    parser.add_argument("--sequences", type=int, default=8)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--dtype", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    model = json.load(open(args.config))["model"]
    dtype = torch.bfloat16 if args.dtype == "bf16" else torch.float32
    dim, heads, kv_heads, hidden = (model[key] for key in ("model_dim", "num_heads", "num_kv_heads", "mlp_hidden"))
    size = dim // heads
    shapes = {"q": (dim, dim), "k": (kv_heads * size, dim), "v": (kv_heads * size, dim), "o": (dim, dim),
              "up": (hidden, dim), "down": (dim, hidden), "head": (model["vocab_size"], dim)}
    weights = {name: torch.randn(shape, dtype=dtype) for name, shape in shapes.items()}
    x = torch.randn(args.batch, args.seq_len, dim, dtype=dtype)

    def split(y, count):
        return y.view(args.batch, args.seq_len, count, size).transpose(1, 2)

    def batch():
        for _ in range(calls(model)):
            q, k, v = (F.linear(x, weights[name]) for name in "qkv")
            y = F.scaled_dot_product_attention(split(q, heads), split(k, kv_heads), split(v, kv_heads), is_causal=True,
                                               enable_gqa=True)
            F.linear(y.transpose(1, 2).reshape(args.batch, args.seq_len, dim), weights["o"])
            F.linear(F.linear(x, weights["up"]), weights["down"])
        F.linear(x, weights["head"])

    batches = max(args.sequences // args.batch, 1)
    with torch.inference_mode():
        batch()
        begin = time.perf_counter()
        for _ in range(batches):
            batch()
        seconds = time.perf_counter() - begin
    print(json.dumps({"tokens_per_second": batches * args.batch * args.seq_len / seconds}))


if __name__ == "__main__":
    main()
