#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/command_line.h"
#include "common/exit_code.h"

namespace golf {

/// What `golf-pack CHECKPOINT …` was asked for, as typed.
struct PackOptions {
  std::string input;
  std::string output;
  std::string recipe;  ///< empty: kDefaultRecipe, with `fit` kDefaultFitRecipe
  std::vector<std::string> overrides;
  std::optional<int64_t> keep_float_max;  ///< elements
  std::string codec;                      ///< empty: the recipe's
  std::string format = "golf";
  std::optional<int> byte_shuffle;  ///< stride of the BSHF wrapper, 0: none; nothing: as the input has it
  std::string budget = "16000000";  ///< bytes
  std::string headroom = "0";       ///< bytes
  std::vector<std::string> code;
  std::string model_config;
  std::string emit_decoder;  ///< Python file to write; empty: none
  bool allow_requantize = false;
  std::string calibration;  ///< file of statistics; empty: none
  bool fit = false;
  std::optional<double> target_gap;  ///< with `fit`: the expected rise of bits per byte to stay under
  bool prune_to_fit = false;
  bool dry_run = false;
  bool verify = true;
};

inline constexpr const char* kDefaultRecipe = "baseline-int8";
inline constexpr const char* kDefaultFitRecipe = "best";

/// Checkpoint or artifact → artifact and report. Exit status 1 when over budget or when verification fails.
ExitCode pack_command(const PackOptions& options, const CommonOptions& common);

}  // namespace golf
