#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/command_line.h"
#include "golf/score/eval_data.h"
#include "golf/score/eval_result.h"

namespace golf {

/// When golf-eval and golf-eval audit end with exit status 1.
inline constexpr const char* kByteCheckGate =
    "the byte-count check failed: the counted bytes are not those of the text, or cannot be counted";

// What several commands of golf-eval ask for.

void add_data_options(CLI::App& app, DataOptions& options);
/// The flag of those commands that run a model on the text.
void add_other_tokenizer_flag(CLI::App& app, DataOptions& options);
/// What a score's text is compared with.
void add_text_options(CLI::App& app, DataOptions& options);

/// The windows over the text.
struct WindowOptions {
  std::vector<EvalMode> modes = {EvalMode::kStandard};
  std::optional<int64_t> seq_len;
  std::optional<int64_t> stride;
  std::optional<WindowPolicy> policy;  ///< each target once unless given
  std::optional<int64_t> pack_seqs;
  bool include_tail = false;

  /// @throws UsageError for options that would do nothing
  void check() const;
  /// One mode's settings, the gaps filled from `defaults`. @throws UsageError when they contradict another
  EvalSettings settings(EvalMode mode, const EvalConfig& defaults) const;
};
/// @param defaults  how --help names the values of --seq-len and --stride that are not given
void add_window_options(CLI::App& app, WindowOptions& options, const std::string& seq_len_default,
                        const std::string& stride_default);

/// The model and where it runs.
struct ModelOptions {
  std::string model;
  std::string config;
  std::string key = {};  ///< of the state dict; empty: found
  std::string device = "auto";
  std::string dtype = "auto";   ///< empty stands for what "auto" chooses without a measurement
  std::string flash_attention;  ///< FlashAttention-3's library; empty: LibTorch's attention
};
void add_model_options(CLI::App& app, ModelOptions& options, const std::string& model_help);
/// The same with --dtype auto as a measurement, which golf-eval MODEL alone makes.
void add_measured_model_options(CLI::App& app, ModelOptions& options, const std::string& model_help);

}  // namespace golf
