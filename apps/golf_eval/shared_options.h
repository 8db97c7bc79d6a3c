#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/command_line.h"
#include "golf/score/eval_result.h"

namespace golf {

/// What golf-eval and golf-eval audit both ask for: the text.
struct DataOptions {
  std::string data;
  std::string tokenizer;
  int64_t max_tokens = 0;                              ///< 0: all
  std::string shards_of_folder = "fineweb_val_*.bin";  ///< what is read when `data` is a folder
};
void add_data_options(CommandLine& line, DataOptions& options);

/// … and the windows over it.
struct WindowOptions {
  std::vector<EvalMode> modes = {EvalMode::kStandard};
  std::optional<int64_t> seq_len;
  std::optional<int64_t> stride;
  WindowPolicy policy = WindowPolicy::kOnce;

  /// One mode's settings, the gaps filled from `defaults`. @throws UsageError when they contradict another
  EvalSettings settings(EvalMode mode, const EvalConfig& defaults) const;
};
/// @param defaults  how --help names the values of --seq-len and --stride that are not given
void add_window_options(CommandLine& line, WindowOptions& options, const std::string& seq_len_default,
                        const std::string& stride_default);

}  // namespace golf
