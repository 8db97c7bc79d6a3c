#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/pack_options.h"
#include "golf/eval/resume.h"
#include "golf/score/post_processor_chain.h"
#include "golf_eval/adapt_options.h"
#include "golf_eval/shared_options.h"

namespace golf {

/// The command line of golf-eval MODEL.
struct EvalOptions {
  ModelOptions model;
  DataOptions text;
  WindowOptions windows;              ///< gaps are filled by the model's own evaluation settings
  std::optional<int64_t> batch_seqs;  ///< as here
  std::optional<double> dtype_tolerance;
  PackOptions roundtrip;  ///< without a recipe there is no round trip
  bool ngram_tilt = false;
  std::optional<int64_t> tilt_order;  ///< these three default to PR 2135's
  std::optional<double> tilt_threshold;
  std::optional<double> tilt_boost;
  std::string ngram_cache;               ///< "", "hashed" or "exact"
  std::optional<int64_t> ngram_buckets;  ///< these two default to the model's evaluation settings
  std::optional<int64_t> cache_shards;
  std::string paid_prefix;  ///< file
  int64_t audit_positions = 0;
  AdaptCommand adapt;
  ResumeOptions resume;  ///< without its identity
  std::string dump_nll;
  std::string output;

  /// One mode's settings, the gaps filled from `defaults`. @throws UsageError
  EvalSettings settings(EvalMode mode, const EvalConfig& defaults) const;
  /// What to do with the scores, the gaps filled from `defaults`; without the paid prefix's tokens.
  PostProcessing post_processing(const EvalConfig& defaults) const;
};

/// Beyond some 100,000 tokens the Hessians of the widest layers hardly change.
constexpr int64_t kCalibrationTokens = 131'072;

/// The command line of golf-eval calibrate.
struct CalibrateOptions {
  ModelOptions model;
  DataOptions text = {.data = {},
                      .tokenizer = {},
                      .max_tokens = kCalibrationTokens,
                      .shards_of_folder = "fineweb_train_*.bin"};
  std::optional<int64_t> seq_len;  ///< the model's own unless given
  bool allow_validation = false;
  std::string output;
};

/// The command line of golf-eval sweep.
struct SweepOptions {
  ModelOptions model;
  DataOptions text;
  PackOptions pack;
  SweepRange range;
  AdaptCommand adapt;
  std::string svg;  ///< picture to write; empty: none
};

}  // namespace golf
