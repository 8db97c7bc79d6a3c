#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/json_fields.h"

// Adaptation by documents; the defaults are PR 1855's. Lengths in tokens. Source: docs/SUBMISSIONS.md, PR
// 1855, Evaluation.

namespace golf {

/// Where adapters stand: at the query, key and value projections, beside attention and the MLP, at the head.
inline constexpr std::array<std::string_view, 6> kAdapterSiteNames = {"q", "k", "v", "o", "mlp", "head"};

/// Groups whose longest document has at most `max_length` tokens are cut into chunks of `chunk`.
struct ChunkLengthRule {
  int64_t max_length = 0;
  int64_t chunk = 0;
  bool operator==(const ChunkLengthRule&) const = default;
};

/// How documents are grouped and cut.
struct DocumentPlanConfig {
  int64_t batch_documents = 64;  ///< documents that are adapted side by side
  int64_t chunk_tokens = 48;  ///< targets of a document that are scored before anything is learned from them
  int64_t context = 0;        ///< longest window that the model reads; 0: eval.seq_len
  /// The first rule that fits the longest document of a group, else chunk_tokens (PR 2014). Ascending.
  std::vector<ChunkLengthRule> chunk_by_length = {};
  bool operator==(const DocumentPlanConfig&) const = default;
};

/// Gradient descent on all weights, a few times in an evaluation, on the shortest of the documents that are
/// already scored.
struct PhaseAdaptConfig {
  int64_t documents = 2500;  ///< phase i begins once documents·i/phases are scored, i = 1 … phases
  int64_t phases = 3;
  int64_t chunk_tokens = 32'768;  ///< of the scored documents, one after the other; the last is not learned
  int64_t epochs = 1;             ///< passes over a chunk before the next one
  double lr = 0.001;              ///< of the first chunk; a half cosine over the chunks brings it to 0
  double momentum = 0.9;          ///< from 0 in every phase
  double grad_clip_norm = 1.0;    ///< 0: no clipping
  int64_t batch_seqs = 32;        ///< rows of eval.seq_len tokens in one step, at most
  bool operator==(const PhaseAdaptConfig&) const = default;
};

/// Where the first values of the adapters' A come from; B begins at 0.
enum class AdapterDraw {
  kTorch,    ///< LibTorch's generator for processors: uniform in ±1/√in
  kCounter,  ///< multiples of a constant modulo 2³², the same with every library
};

/// Low-rank adapters that every document has for itself, and AdamW on them after each chunk. An adapter of
/// rank r at a projection from x to y adds (x·Aᵀ·Bᵀ)·alpha/rank, A [rank, in] and B [out, rank].
struct LowRankAdaptConfig {
  std::vector<std::string> sites = {kAdapterSiteNames.begin(), kAdapterSiteNames.end()};
  int64_t rank = 80;
  double alpha = 144;
  AdapterDraw draw = AdapterDraw::kTorch;
  uint64_t seed = 42;  ///< of LibTorch's generator
  /// A document's A begins as what the document in its place of the group before learned; false: as drawn.
  bool keep_a = true;
  double lr = 1e-4;
  double beta1 = 0;
  double beta2 = 0.99;
  double eps = 1e-10;
  double weight_decay = 0.5;
  int64_t grad_steps = 1;  ///< updates from one chunk
  DocumentPlanConfig documents = {};
  std::optional<PhaseAdaptConfig> phases = {};

  bool operator==(const LowRankAdaptConfig&) const = default;
};

void describe(JsonFields& fields, ChunkLengthRule& rule);
void describe(JsonFields& fields, DocumentPlanConfig& config);
void describe(JsonFields& fields, PhaseAdaptConfig& config);
void describe(JsonFields& fields, LowRankAdaptConfig& config);
/// @throws Error kInvalidArgument naming the field, its value and what is allowed
void validate(const LowRankAdaptConfig& config);

/// The adaptations of submissions, each as its final run was started; @throws Error kInvalidArgument
LowRankAdaptConfig low_rank_preset(std::string_view name);

}  // namespace golf
