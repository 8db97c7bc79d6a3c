#!/usr/bin/env python3
"""One optimizer step of a golf-train configuration in plain PyTorch, eager or under torch.compile.

A small re-implementation of the baseline for benchmarks only: the same shapes, batch, optimizers and arithmetic as
golf-train with the same configuration, so that the times can be compared. Features of the submissions are not in it.

    golf-train --config baseline-cpu --print-config --json > config.json
    python train_step.py config.json --dtype bf16 --compile --threads 2

Prints one JSON line: milliseconds of each step, after the steps that warm up.
"""
import argparse
import json
import time

import torch
import torch.nn.functional as F
from torch import nn


class Linear(nn.Linear):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, bias=False)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads, self.kv_heads, d = c["num_heads"], c["num_kv_heads"], c["model_dim"]
        self.head_dim = d // self.heads
        kv = self.kv_heads * self.head_dim
        self.c_q, self.c_k, self.c_v, self.proj = Linear(d, d), Linear(d, kv), Linear(d, kv), Linear(d, d)
        self.q_gain = nn.Parameter(torch.full((self.heads,), 1.5))
        frequencies = c["rope_base"] ** (-torch.arange(0, self.head_dim, 2) / self.head_dim)
        self.register_buffer("frequencies", frequencies, persistent=False)

    def rotate(self, x, cos, sin):
        a, b = x.chunk(2, dim=-1)
        return torch.cat((a * cos + b * sin, b * cos - a * sin), dim=-1)

    def forward(self, x):
        batch, length, d = x.shape
        q = self.c_q(x).view(batch, length, self.heads, self.head_dim).transpose(1, 2)
        k = self.c_k(x).view(batch, length, self.kv_heads, self.head_dim).transpose(1, 2)
        v = self.c_v(x).view(batch, length, self.kv_heads, self.head_dim).transpose(1, 2)
        angles = torch.outer(torch.arange(length, device=x.device, dtype=torch.float32), self.frequencies)
        cos, sin = angles.cos(), angles.sin()
        q = self.rotate(F.rms_norm(q, (self.head_dim,)), cos, sin)
        k = self.rotate(F.rms_norm(k, (self.head_dim,)), cos, sin)
        q = (q * self.q_gain[:, None, None]).to(v.dtype)
        y = F.scaled_dot_product_attention(q, k.to(v.dtype), v, is_causal=True,
                                           enable_gqa=self.kv_heads != self.heads)
        return self.proj(y.transpose(1, 2).reshape(batch, length, d))


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        d = c["model_dim"]
        self.attn, self.fc, self.out = Attention(c), Linear(d, c["mlp_hidden"]), Linear(c["mlp_hidden"], d)
        self.attn_scale, self.mlp_scale = nn.Parameter(torch.ones(d)), nn.Parameter(torch.ones(d))
        self.resid_mix = nn.Parameter(torch.stack((torch.ones(d), torch.zeros(d))))

    def forward(self, x, x0):
        x = self.resid_mix[0] * x + self.resid_mix[1] * x0
        x = x + self.attn_scale * self.attn(F.rms_norm(x, (x.size(-1),)))
        return x + self.mlp_scale * self.out(F.relu(self.fc(F.rms_norm(x, (x.size(-1),)))).square())


class Model(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.encoder = c["num_layers"] // 2
        self.softcap = c["logit_softcap"]
        self.tok_emb = nn.Embedding(c["vocab_size"], c["model_dim"])
        nn.init.normal_(self.tok_emb.weight, std=0.005)
        self.blocks = nn.ModuleList(Block(c) for _ in range(c["num_layers"]))
        self.skip_weights = nn.Parameter(torch.ones(self.encoder, c["model_dim"]))

    def forward(self, ids, targets):
        x = x0 = F.rms_norm(self.tok_emb(ids), (self.tok_emb.embedding_dim,))
        stack = []
        for i, block in enumerate(self.blocks):
            if i >= self.encoder and stack:
                x = x + self.skip_weights[i - self.encoder] * stack.pop()
            x = block(x, x0)
            if i < self.encoder:
                stack.append(x)
        scores = F.linear(F.rms_norm(x, (x.size(-1),)), self.tok_emb.weight)
        logits = self.softcap * torch.tanh(scores / self.softcap)
        return F.cross_entropy(logits.float().flatten(0, 1), targets.flatten())


def newton_schulz(g, steps, dtype):
    x = g.to(dtype)
    x = x / (x.norm() + 1e-7)
    tall = x.size(0) > x.size(1)
    if tall:
        x = x.T
    for _ in range(steps):
        s = x @ x.T
        x = 3.4445 * x + (-4.7750 * s + 2.0315 * s @ s) @ x
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters, lr, config, orthogonalize):
        super().__init__(parameters, dict(lr=lr, momentum=config["momentum"]))
        self.orthogonalize, self.ns_steps = orthogonalize, config["ns_steps"]
        self.ns_dtype = torch.bfloat16 if config["ns_dtype"] == "bf16" else torch.float32

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                buffer = self.state[p].setdefault("momentum", torch.zeros_like(p))
                buffer.mul_(group["momentum"]).add_(p.grad)
                x = self.orthogonalize(p.grad + group["momentum"] * buffer, self.ns_steps, self.ns_dtype)
                p.add_(x.to(p.dtype), alpha=-group["lr"] * max(1, p.size(0) / p.size(1)) ** 0.5)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("config")
    parser.add_argument("--dtype", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--steps", type=int, default=10)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    config = json.load(open(args.config))
    data, optimizer = config["data"], config["optimizer"]
    torch.manual_seed(1337)
    model = Model(config["model"])
    loss_of = torch.compile(model, dynamic=False, fullgraph=True) if args.compile else model
    orthogonalize = torch.compile(newton_schulz) if args.compile else newton_schulz
    matrices = [p for b in model.blocks for n, p in b.named_parameters() if p.ndim == 2 and "resid_mix" not in n]
    chosen = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in chosen]
    optimizers = [Muon(matrices, 0.04, optimizer["muon"], orthogonalize),
                  torch.optim.Adam(others, lr=0.04, betas=(0.9, 0.95), fused=True)]

    grad_accum_steps, length = data["grad_accum_steps"], data["seq_len"]
    rows = data["batch_tokens"] // grad_accum_steps // length
    vocabulary = config["model"]["vocab_size"]
    times = []
    for step in range(args.warmup + args.steps):
        start = time.perf_counter()
        for _ in range(grad_accum_steps):
            ids = torch.randint(vocabulary, (rows, length + 1))
            with torch.autocast("cpu", torch.bfloat16, enabled=args.dtype == "bf16"):
                loss = loss_of(ids[:, :-1], ids[:, 1:])
            (loss / grad_accum_steps).backward()
        for one in optimizers:
            one.step()
        model.zero_grad(set_to_none=True)
        loss.item()
        if step >= args.warmup:
            times.append(1000 * (time.perf_counter() - start))
    print(json.dumps({"peer": "compile" if args.compile else "eager", "torch": torch.__version__,
                      "dtype": args.dtype, "threads": torch.get_num_threads(), "step_ms": times}))


if __name__ == "__main__":
    main()
