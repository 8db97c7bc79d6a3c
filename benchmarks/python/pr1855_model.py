"""The model of PR 1855 in plain PyTorch, for benchmarks: the same shapes and arithmetic as golf's, written as its formulas.

`Model.nll` takes what low-rank adapters add to a projection as a function (site, call, input), or None.
"""
import math

import torch
import torch.nn.functional as F

FULL = dict(layers=11, dim=512, heads=8, kv_heads=4, hidden=2048, vocab=8192, loop=(3, 5), loops=2, parallel_from=8)
TINY = dict(layers=7, dim=128, heads=4, kv_heads=2, hidden=512, vocab=8192, loop=(2, 3), loops=2, parallel_from=5)


def call_order(c):
    first, last = c["loop"]
    order = list(range(first)) + list(range(first, last + 1)) * (c["loops"] + 1) + list(range(last + 1, c["layers"]))
    half = len(order) // 2
    return order[:half], order[half:]


def random_weights(c):
    layers, d, kv = c["layers"], c["dim"], c["kv_heads"] * c["dim"] // c["heads"]
    encoder, decoder = call_order(c)
    skips = min(len(encoder), len(decoder))
    w = {"qo_bank": torch.randn(2 * layers, d, d) / math.sqrt(d), "kv_bank": torch.randn(2 * layers, kv, d) / math.sqrt(d),
         "mlp_up_bank": torch.randn(layers, c["hidden"], d) / math.sqrt(d),
         "mlp_down_bank": torch.randn(layers, d, c["hidden"]) / math.sqrt(c["hidden"]),
         "skip_weights": torch.ones(skips, d), "skip_gates": torch.zeros(skips, d),
         "parallel_post_lambdas": torch.ones(layers, 2, 2), "parallel_resid_lambdas": torch.full((layers, 2), 1.1),
         "smear_lambda": torch.zeros(1), "tok_emb.weight": torch.randn(c["vocab"], d) * 0.005,
         "smear_gate.weight": torch.zeros(1, 12)}
    for i in range(layers):
        w[f"blocks.{i}.attn_scale"], w[f"blocks.{i}.mlp_scale"] = torch.ones(d), torch.ones(d)
        w[f"blocks.{i}.resid_mix"] = torch.stack((torch.ones(d), torch.zeros(d)))
        w[f"blocks.{i}.attn.q_gain"] = torch.full((c["heads"],), 5.0)
        w[f"blocks.{i}.attn.attn_gate_w"] = torch.zeros(c["heads"], 12)
    return w


def norm(x):
    return F.rms_norm(x, (x.size(-1),))


def rotate(x, cos, sin):
    a, b = x[..., :8], x[..., 8:16]
    return torch.cat((a * cos + b * sin, b * cos - a * sin, x[..., 16:]), -1)


def projected(x, weight, adapters, site, call):
    y = F.linear(x, weight)
    return y if adapters is None else y + adapters(site, call, x)


class Model:
    def __init__(self, c, w):
        self.c, self.w = c, w
        self.encoder, self.decoder = call_order(c)

    def attention(self, i, call, n, adapters, cos, sin):
        c, w, layers = self.c, self.w, self.c["layers"]
        rows, length, d = n.shape
        size = d // c["heads"]
        q = projected(n, w["qo_bank"][i], adapters, "q", call)
        k = projected(n, w["kv_bank"][i], adapters, "k", call)
        v = projected(n, w["kv_bank"][layers + i], adapters, "v", call)
        q = rotate(norm(q.view(rows, length, c["heads"], size)), cos, sin) * w[f"blocks.{i}.attn.q_gain"][:, None]
        k = rotate(norm(k.view(rows, length, c["kv_heads"], size)), cos, sin)
        v = v.view(rows, length, c["kv_heads"], size)
        y = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), is_causal=True,
                                           enable_gqa=True).transpose(1, 2)
        unit = F.normalize(v, dim=-1, eps=1e-12).unsqueeze(3)
        grouped = y.reshape(rows, length, c["kv_heads"], -1, size)
        y = (grouped - (grouped * unit).sum(-1, keepdim=True) * unit).reshape(rows, length, c["heads"], size)
        gate = torch.sigmoid(F.linear(n[..., :12], w[f"blocks.{i}.attn.attn_gate_w"]) * 0.5)
        y = (y * gate.unsqueeze(-1)).reshape(rows, length, d)
        out = F.linear(y, w["qo_bank"][layers + i])
        return out if adapters is None else out + adapters("o", call, n)  # reads the block's input

    def mlp(self, i, call, n, adapters):
        inner = F.leaky_relu(F.linear(n, self.w["mlp_up_bank"][i]), 0.5).square()
        out = F.linear(inner, self.w["mlp_down_bank"][i])
        return out if adapters is None else out + adapters("mlp", call, n)

    def block(self, i, call, x, x0, adapters, cos, sin):
        w, scale = self.w, 1 / math.sqrt(i + 1)
        mix = w[f"blocks.{i}.resid_mix"]
        u = mix[0] * x + mix[1] * x0
        a = u + w[f"blocks.{i}.attn_scale"] * self.attention(i, call, scale * norm(u), adapters, cos, sin)
        return a + w[f"blocks.{i}.mlp_scale"] * self.mlp(i, call, scale * norm(a), adapters)

    def two_lanes(self, i, call, lanes, x0, adapters, cos, sin):
        w, scale = self.w, 1 / math.sqrt(i + 1)
        mix = w[f"blocks.{i}.resid_mix"]
        n = scale * norm(mix[0] * lanes[0] + mix[1] * x0)
        a = w[f"blocks.{i}.attn_scale"] * self.attention(i, call, n, adapters, cos, sin)
        m = w[f"blocks.{i}.mlp_scale"] * self.mlp(i, call, scale * norm(lanes[1]), adapters)
        post, keep = w["parallel_post_lambdas"][i], w["parallel_resid_lambdas"][i]
        return [keep[j] * lanes[j] + post[0, j] * a + post[1, j] * m for j in range(2)]

    def rotary(self, rows, length, packed):
        """cos and sin, [rows or 1, length, 1, 8]; in a packed batch positions go on from row to row."""
        positions = torch.arange(rows * length if packed else length).float().view(-1, length)
        angles = (positions.unsqueeze(-1) * 10000.0 ** (-torch.arange(0, 16, 2) / 16)).unsqueeze(2)
        return angles.cos(), angles.sin()

    def nll(self, ids, targets, adapters, head_from=0, packed=False):
        w = self.w
        x = F.embedding(ids, w["tok_emb.weight"])
        gate = w["smear_lambda"] * torch.sigmoid(F.linear(x[:, 1:, :12], w["smear_gate.weight"]))
        x = torch.cat((x[:, :1], x[:, 1:] + gate * x[:, :-1] * (ids[:, 1:] != 1).unsqueeze(-1)), 1)
        x = x0 = norm(x)
        (cos, sin), skips, call = self.rotary(*ids.shape, packed), [], 0
        for i in self.encoder:
            x = self.block(i, call, x, x0, adapters, cos, sin)
            skips.append(x)
            call += 1
        lanes = None
        for j, i in enumerate(self.decoder):
            parallel = i >= self.c["parallel_from"]
            if parallel and lanes is None:
                lanes = [x, x]
            if skips and j < len(w["skip_weights"]):
                s = w["skip_weights"][j] * skips.pop()
                joined = torch.lerp(s, lanes[0] if parallel else x, torch.sigmoid(w["skip_gates"][j]))
                if parallel:
                    lanes[0] = joined
                else:
                    x = joined
            if parallel:
                lanes = self.two_lanes(i, call, lanes, x0, adapters, cos, sin)
            else:
                x = self.block(i, call, x, x0, adapters, cos, sin)
            call += 1
        h = norm((lanes[0] + lanes[1]) * 0.5)[:, head_from:]
        logits = 30 * torch.tanh(projected(h, w["tok_emb.weight"], adapters, "head", 0) / 30)
        nll = F.cross_entropy(logits.flatten(0, 1), targets[:, head_from:].flatten(), reduction="none")
        return nll.view(ids.size(0), -1)
