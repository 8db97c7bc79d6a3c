// What each GPU kernel is given, by value. This header is part of the source that NVRTC compiles, so it
// includes nothing and holds plain types alone. Tensors are contiguous and begin at multiples of 16 bytes.
// `void*` points to elements of one of the kernel's own types: float, or bf16.
#pragma once

namespace golf::cuda {

/// The bits of a bfloat16: the upper half of a float32.
struct bf16 {
  unsigned short bits;
};

/// stream = a ⊙ x + b ⊙ y in every row, and its norm: norm_scale · stream / √(mean(stream²) + ε).
struct MixNormArgs {
  long long rows;
  int width;  ///< at most 128 · kQuads of the kernel
  float norm_scale;
  const float* a;      ///< [width], or null for ones
  const float* x;      ///< [rows, width]
  const float* b;      ///< [width], or null with y
  const void* y;       ///< [rows, width], or null: nothing is added
  float* stream;       ///< [rows, width], or null when nobody reads it
  void* normed;        ///< [rows, width], or null: no norm
  float* inverse_rms;  ///< [rows], with `normed`
};

struct MixNormGradArgs {
  MixNormArgs in;            ///< stream and normed are not read
  const float* stream_grad;  ///< [rows, width], or null
  const void* normed_grad;   ///< [rows, width], or null; needs in.inverse_rms
  float* x_grad;             ///< [rows, width], or null
  void* y_grad;              ///< [rows, width], null with y
  float* a_sums;             ///< [blocks, width]: each block's part of the gradient of a, or null
  float* b_sums;             ///< the same of b
};

/// a(x)² with a(x) = x where x ≥ 0 and slope · x elsewhere.
struct LeakyReluSquaredArgs {
  long long count;
  float slope;
  const void* x;
  const void* y_grad;  ///< of the gradient's kernel alone
  void* out;           ///< a(x)², or the gradient of x
};

/// Heads that are normed, rotated in their first 2·pairs components, and multiplied by one gain a head.
struct QkNormRotaryArgs {
  long long heads_in_all;  ///< rows · heads
  int length;              ///< row r stands at position r mod length
  int heads;
  int head_dim;  ///< at most 32 · kSlots of the kernel
  int pairs;
  const float* cos;  ///< [length, pairs]
  const float* sin;
  const float* gain;    ///< [heads], or null for ones
  const void* x;        ///< [rows, heads, head_dim]
  const void* y_grad;   ///< of the gradient's kernel alone
  void* out;            ///< y, or the gradient of x
  float* similarities;  ///< [rows, heads], or null: what each head adds to the gradient of its gain
};

/// What follows attention: z = gate · (y − (y · u) u) with u = v / max(‖v‖, 1e-12).
struct FinishHeadsArgs {
  long long kv_heads_in_all;  ///< rows · kv_heads
  int group;                  ///< query heads of one key/value head
  int head_dim;               ///< at most 32 · kSlots of the kernel
  const void* y;              ///< [rows, kv_heads · group, head_dim]
  const void* v;              ///< [rows, kv_heads, head_dim], or null: nothing is taken away
  const float* gate;          ///< [rows, kv_heads · group], or null for ones
  const void* z_grad;         ///< of the gradient's kernel alone
  void* out;                  ///< z, or the gradient of y
  void* v_grad;               ///< as v; null with it
  float* gate_grad;           ///< as gate; null with it
};

/// Rows of scores whose logits are cap · tanh(score / cap), each with a target class.
struct SoftcapNllArgs {
  long long rows;
  int classes;
  float cap;
  const void* scores;        ///< [rows, classes]
  const long long* targets;  ///< [rows]
  float* nll;                ///< [rows], in nats; NaN where the target is no class
  float* log_sum;            ///< [rows]: ln Σ e^logit
  float* entropy;            ///< [rows], or null
  const float* nll_grad;     ///< [rows], of the gradient's kernel alone, which reads log_sum
  void* scores_grad;         ///< [rows, classes]
};

/// What a block writes to two lanes of the residual stream (PR 1855). With A = attention_scale ⊙ attention
/// and M = mlp_scale ⊙ mlp:
///   out0 = resid[0]·lane0 + post[0]·A + post[2]·M,  out1 = resid[1]·lane1 + post[1]·A + post[3]·M
struct WriteLanesArgs {
  long long rows;
  int width;           ///< at most 128 · kQuads of the kernel
  const float* lane0;  ///< [rows, width], as lane1
  const float* lane1;
  const void* attention;         ///< [rows, width], as mlp
  const float* attention_scale;  ///< [width]
  const void* mlp;
  const float* mlp_scale;
  const float* post;   ///< [2, 2], from A or M to a lane
  const float* resid;  ///< [2]
  float* out0;         ///< [rows, width], or in the gradient's kernel the gradient of lane0
  float* out1;
};

struct WriteLanesGradArgs {
  WriteLanesArgs in;       ///< out0 and out1 get the lanes' gradients
  const float* out0_grad;  ///< [rows, width], or null for zeros
  const float* out1_grad;
  void* attention_grad;  ///< as attention
  void* mlp_grad;
  float* sums;  ///< [6, blocks, width], over a block's rows: out0_grad ⊙ attention, out1_grad ⊙ attention,
                ///< out0_grad ⊙ mlp, out1_grad ⊙ mlp, out0_grad ⊙ lane0, out1_grad ⊙ lane1
};

}  // namespace golf::cuda
