#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/command_line.h"
#include "common/exit_code.h"
#include "golf/artifact/spec/model_config.h"
#include "golf/eval/eval_result.h"

namespace golf {

/// The command line of golf-eval.
struct EvalOptions {
  std::string model;
  std::string data;
  std::string tokenizer;
  std::vector<EvalMode> modes;
  std::optional<int64_t> seq_len;  ///< these three default to the model's own evaluation settings
  std::optional<int64_t> stride;
  std::optional<int64_t> batch_seqs;
  WindowPolicy policy = WindowPolicy::kOnce;
  int64_t max_tokens = 0;  ///< 0: all
  std::string model_config;
  std::string roundtrip;
  std::optional<int64_t> keep_float_max;  ///< of the round trip's recipe
  std::string device;
  std::string dtype;
  std::string dump_nll;
  std::string output;
  CommonOptions common;

  /// One mode's settings, the gaps filled from `defaults`.
  EvalSettings settings(EvalMode mode, const EvalConfig& defaults) const;
};

/// The options, or the status to leave with when --help and its kin were printed. @throws UsageError
std::variant<EvalOptions, ExitCode> parse_eval_options(int argc, const char* const* argv);

}  // namespace golf
