#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "golf/artifact/base/json_fields.h"
#include "golf/artifact/spec/low_rank_adapt_config.h"

namespace golf {

/// Stochastic gradient descent on the weights themselves, after each chunk of a stream; the defaults are PR
/// 1493's. Source: docs/SUBMISSIONS.md, PR 1493, Evaluation.
struct SgdAdaptConfig {
  int64_t chunk_tokens = 32'768;  ///< targets scored before anything is learned from them
  int64_t epochs = 3;             ///< passes over a chunk; 0: nothing is learned
  double lr = 0.005;              ///< of the first chunk; a half cosine over the chunks brings it to 0
  double momentum = 0.9;          ///< kept over all chunks
  double grad_clip_norm = 1.0;    ///< 0: no clipping
  int64_t batch_seqs = 32;        ///< rows of seq_len tokens in one step, at most
  std::string weights = "";       ///< RE2 pattern found in the names of what learns; empty: every name
  std::string frozen = "";        ///< RE2 pattern found in the names of what does not; empty: none

  bool operator==(const SgdAdaptConfig&) const = default;
};

/// Test-time training: what a model learns from the text it is scored on, always after the score. Exactly one
/// learner is present.
struct AdaptConfig {
  std::optional<SgdAdaptConfig> sgd = {};
  std::optional<LowRankAdaptConfig> low_rank = {};

  bool operator==(const AdaptConfig&) const = default;
};
void describe(JsonFields& fields, SgdAdaptConfig& config);
void describe(JsonFields& fields, AdaptConfig& config);
/// @throws Error kInvalidArgument naming the field, its value and what is allowed
void validate(const AdaptConfig& config);

struct AdaptPreset {
  std::string_view name;
  std::string_view summary;
  AdaptConfig config;
};
/// The submissions' adaptations, each as its final run was started.
std::span<const AdaptPreset> adapt_presets();
/// A preset's name or the path of a JSON file. @throws Error kInvalidArgument
AdaptConfig load_adapt_config(const std::string& name_or_path);

}  // namespace golf
