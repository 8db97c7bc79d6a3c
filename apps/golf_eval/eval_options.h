#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/command_line.h"
#include "common/exit_code.h"
#include "golf/score/adjuster_chain.h"
#include "golf_eval/shared_options.h"

namespace golf {

/// The command line of golf-eval.
struct EvalOptions {
  std::string model;
  DataOptions text;
  WindowOptions windows;              ///< gaps are filled by the model's own evaluation settings
  std::optional<int64_t> batch_seqs;  ///< as here
  std::string model_config;
  std::string roundtrip;
  std::optional<int64_t> keep_float_max;  ///< of the round trip's recipe
  std::string device;
  std::string dtype;
  std::string ngram_cache;               ///< "", "hashed" or "exact"
  std::optional<int64_t> ngram_buckets;  ///< these two default to the model's evaluation settings
  std::optional<int64_t> cache_shards;
  std::string paid_prefix;  ///< file
  int64_t audit_positions = 0;
  std::string dump_nll;
  std::string collect_calibration;  ///< file
  bool calibrate_on_validation = false;
  std::string output;
  CommonOptions common;

  /// One mode's settings, the gaps filled from `defaults`. @throws UsageError
  EvalSettings settings(EvalMode mode, const EvalConfig& defaults) const;
  /// What to do with the scores, the gaps filled from `defaults`; without the paid prefix's tokens.
  Adjustments adjustments(const EvalConfig& defaults) const;
};

/// The options, or the status to leave with when --help and its kin were printed.
/// @param libtorch_version  what --version says of this build
/// @throws UsageError
std::variant<EvalOptions, ExitCode> parse_eval_options(int argc, const char* const* argv,
                                                       const std::string& libtorch_version);

}  // namespace golf
