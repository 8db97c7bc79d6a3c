#!/usr/bin/env python3
"""One optimizer step of a golf-train configuration in plain PyTorch, eager or under torch.compile.

A small re-implementation of the baseline, of PR 192 and of PR 1855 (by pr1855_model.py) for benchmarks only: the same shapes, batch,
optimizers and arithmetic as golf-train with the same configuration, so that the times can be compared. Features of other
submissions are not in it. PR 1855's rows are documents of exactly the sequence length, so that its attention needs no mask.

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

import pr1855_model


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
        self.smear_gate = Linear(c["model_dim"], 1) if "smear_gate" in c else None  # PR 192's, of each token
        self.smear_lambda = nn.Parameter(torch.zeros(1)) if self.smear_gate else None

    def hidden(self, ids):
        x = self.tok_emb(ids)
        if self.smear_gate:
            x = x + self.smear_lambda * torch.sigmoid(self.smear_gate(x)) * F.pad(x[:, :-1], (0, 0, 1, 0))
        x = x0 = F.rms_norm(x, (self.tok_emb.embedding_dim,))
        stack = []
        for i, block in enumerate(self.blocks):
            if i >= self.encoder and stack:
                x = x + self.skip_weights[i - self.encoder] * stack.pop()
            x = block(x, x0)
            if i < self.encoder:
                stack.append(x)
        return F.rms_norm(x, (x.size(-1),))

    def nll(self, ids, targets, head_from=0, reduction="none"):
        scores = F.linear(self.hidden(ids)[:, head_from:], self.tok_emb.weight)
        logits = self.softcap * torch.tanh(scores / self.softcap)
        return F.cross_entropy(logits.float().flatten(0, 1), targets[:, head_from:].flatten(), reduction=reduction)

    def forward(self, ids, targets):
        return self.nll(ids, targets, reduction="mean")


class RecordModel(nn.Module):
    """PR 1855 with its blocks looped, as from 35 % of its training on."""

    def __init__(self, c):
        super().__init__()
        loop = c["depth_recurrence"]
        shape = dict(layers=c["num_layers"], dim=c["model_dim"], heads=c["num_heads"], kv_heads=c["num_kv_heads"],
                     hidden=c["mlp_hidden"], vocab=c["vocab_size"], loop=(loop["first_block"], loop["last_block"]),
                     loops=loop["loops"], parallel_from=c["parallel_residual"]["from_block"])
        named = pr1855_model.random_weights(shape)
        self.values = nn.ParameterList(nn.Parameter(value) for value in named.values())
        self.model = pr1855_model.Model(shape, dict(zip(named, self.values)))

    def matrices(self):
        return [value for name, value in self.model.w.items() if name.endswith("_bank")]

    def forward(self, ids, targets):
        return self.model.nll(ids, targets, None, packed=True).mean()


QUINTIC = [(3.4445, -4.7750, 2.0315)] * 10
POLAR_EXPRESS = [(8.156554524902461, -22.48329292557795, 15.878769915207462),
                 (4.042929935166739, -2.808917465908714, 0.5000178451051316),
                 (3.8916678022926607, -2.772484153217685, 0.5060648178503393),
                 (3.285753657755655, -2.3681294933425376, 0.46449024233003106),
                 (2.3465413258596377, -1.7097828382687081, 0.42323551169305323)]


def newton_schulz(g, coefficients, dtype):
    """Of one matrix or of a bank of them, each for itself."""
    x = g.to(dtype)
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    tall = x.size(-2) > x.size(-1)
    if tall:
        x = x.mT
    for a, b, c in coefficients:
        s = x @ x.mT
        x = a * x + (b * s + c * s @ s) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters, lr, config, orthogonalize):
        super().__init__(parameters, dict(lr=lr, momentum=config["momentum"], decay=config["weight_decay"]))
        self.orthogonalize, self.normalize_rows = orthogonalize, config["row_normalize"]
        polar = config["ns_coefficients"] == "polar_express"
        self.coefficients = (POLAR_EXPRESS if polar else QUINTIC)[:config["ns_steps"]]
        self.ns_dtype = torch.bfloat16 if config["ns_dtype"] == "bf16" else torch.float32
        self.momentum_dtype = torch.bfloat16 if config["momentum_dtype"] == "bf16" else torch.float32

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if "momentum" not in self.state[p]:
                    self.state[p]["momentum"] = torch.zeros_like(p, dtype=self.momentum_dtype)
                buffer, gradient = self.state[p]["momentum"], p.grad.to(self.momentum_dtype)
                buffer.mul_(group["momentum"]).add_(gradient)
                u = gradient + group["momentum"] * buffer
                if self.normalize_rows:
                    u = u / u.float().norm(dim=-1, keepdim=True).clamp_min(1e-7).to(u.dtype)
                x = self.orthogonalize(u, self.coefficients, self.ns_dtype)
                if group["decay"]:
                    p.mul_(1 - group["lr"] * group["decay"])
                p.add_(x.to(p.dtype), alpha=-group["lr"] * max(1, p.size(-2) / p.size(-1)) ** 0.5)


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
    record = config["model"].get("depth_recurrence") is not None
    model = (RecordModel if record else Model)(config["model"])
    loss_of = torch.compile(model, dynamic=False, fullgraph=True) if args.compile else model
    orthogonalize = torch.compile(newton_schulz) if args.compile else newton_schulz
    if record:
        matrices = model.matrices()
    else:
        matrices = [p for b in model.blocks for n, p in b.named_parameters() if p.ndim == 2 and "resid_mix" not in n]
    chosen = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in chosen]
    adam = torch.optim.AdamW if record else torch.optim.Adam
    optimizers = [Muon(matrices, 0.02, optimizer["muon"], orthogonalize),
                  adam(others, lr=0.02, betas=(0.9, 0.95), fused=True)]
    clip_norm, parameters = optimizer["grad_clip_norm"], list(model.parameters())
    average = [p.detach().clone() for p in parameters] if config["weights"]["ema"]["decay"] else []

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
        if clip_norm:
            torch.nn.utils.clip_grad_norm_(parameters, clip_norm)
        for one in optimizers:
            one.step()
        if average:
            torch._foreach_lerp_(average, [p.detach() for p in parameters], 1 - config["weights"]["ema"]["decay"])
        model.zero_grad(set_to_none=True)
        loss.item()
        if step >= args.warmup:
            times.append(1000 * (time.perf_counter() - start))
    print(json.dumps({"peer": "compile" if args.compile else "eager", "torch": torch.__version__,
                      "dtype": args.dtype, "threads": torch.get_num_threads(), "step_ms": times}))


if __name__ == "__main__":
    main()
