#!/usr/bin/env python3
"""One adapted chunk of PR 1855 in plain PyTorch, eager: the peer of benchmarks/adapt_bench.cpp.

A small re-implementation for benchmarks only: the model of PR 1855 with low-rank adapters of every document at the
projections, the MLP and the head, batched over the documents; one forward pass that scores, its backward pass by the
adapters alone, one step of fused AdamW. The base weights require no gradient.

    python adapt_step.py --documents 16 --window 480 --threads 2

Like the submission it computes the head at all positions of the window; --head-on-chunk computes it where the chunk is
scored, as golf-eval does. --check WEIGHTS TOKENS (a safetensors file, a JSON list) prints the losses of the recorded tiny model instead.
Prints one JSON line: milliseconds of each step, after one that warms up.
"""
import argparse
import json
import math
import time

import torch

from pr1855_model import FULL, TINY, Model, call_order, random_weights

CHUNK, RANK, ALPHA = 48, 80, 144


class Adapters(torch.nn.Module):
    """A [documents, rank, in] and B [documents, out, rank] of every adapter."""

    def __init__(self, c, documents):
        super().__init__()
        d, kv = c["dim"], c["kv_heads"] * c["dim"] // c["heads"]
        calls = len(sum(call_order(c), []))
        sites = {"head": (1, c["vocab"]), "q": (calls, d), "v": (calls, kv), "k": (calls, kv), "mlp": (calls, d),
                 "o": (calls, d)}
        self.a, self.b = torch.nn.ParameterDict(), torch.nn.ParameterDict()
        for site, (count, out) in sites.items():
            for i in range(count):
                bound = 1 / math.sqrt(d)
                self.a[f"{site}{i}"] = torch.nn.Parameter(torch.empty(documents, RANK, d).uniform_(-bound, bound))
                self.b[f"{site}{i}"] = torch.nn.Parameter(torch.zeros(documents, out, RANK))

    def forward(self, site, call, x):
        name = f"{site}{call}"
        return torch.bmm(torch.bmm(x, self.a[name].transpose(1, 2)), self.b[name].transpose(1, 2)) * (ALPHA / RANK)


def check(weights_file, ids_json):
    from safetensors.torch import load_file
    tokens = torch.tensor(json.loads(ids_json)).unsqueeze(0)
    model = Model(TINY, load_file(weights_file))
    print(model.nll(tokens[:, :-1], tokens[:, 1:], None)[0].tolist())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=16)
    parser.add_argument("--window", type=int, default=48)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cpu-time", action="store_true", help="of the process, not wall time: for a busy machine")
    parser.add_argument("--head-on-chunk", action="store_true")
    parser.add_argument("--check", nargs=2, metavar=("WEIGHTS", "TOKENS"), help="losses of the recorded tiny model")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    if args.check:
        return check(*args.check)
    model = Model(FULL, random_weights(FULL))
    adapters = Adapters(FULL, args.documents)
    optimizer = torch.optim.AdamW(adapters.parameters(), lr=1e-4, betas=(0.0, 0.99), eps=1e-10, weight_decay=0.5,
                                  fused=True)
    tokens = torch.randint(2, FULL["vocab"], (args.documents, args.window + 1))
    tokens[:, 0] = 1
    clock = time.process_time if args.cpu_time else time.perf_counter
    times = []
    for _ in range(args.steps + 1):
        start = clock()
        nll = model.nll(tokens[:, :-1], tokens[:, 1:], adapters, args.window - CHUNK if args.head_on_chunk else 0)
        scored = nll.detach()[:, -CHUNK:].double().sum()
        optimizer.zero_grad(set_to_none=True)
        nll[:, -CHUNK:].mean(1).sum().backward()
        optimizer.step()
        times.append(1000 * (clock() - start))
    print(json.dumps({"documents": args.documents, "window": args.window, "ms": times[1:], "nats": scored.item()}))


if __name__ == "__main__":
    main()
