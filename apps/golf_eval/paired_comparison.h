#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/console.h"
#include "common/run_main.h"
#include "golf_eval/shared_options.h"

namespace golf {

/// The options of golf-eval significance --paired.
struct PairedOptions {
  bool wanted = false;
  DataOptions text;
  WindowOptions windows;
  int64_t draws = 10'000;
  uint64_t seed = 0;
  CLI::App* app = nullptr;

  /// @throws UsageError for an option that does nothing without --paired
  void refuse_unpaired() const;
};
void add_paired_options(CLI::App& app, PairedOptions& options);

/// What both comparisons are asked for.
struct ComparisonRequest {
  bool in_nats = false;
  std::function<double(double)> margin;  ///< from bytes a token to the margin in the unit of the test
  double level = 0.01, confidence = 0.95;
  std::string mode;  ///< of the windows; empty: standard
  bool check = false;
  std::string output;
};

/// Whether the losses of the first dump are lower than those of the second by more than the margin, by block
/// bootstrap over documents.
ExitCode compare_paired(const std::string& losses, const std::string& others, const PairedOptions& options,
                        const ComparisonRequest& request, const CommonOptions& common);

/// Prints one of them. @param refuse  exit with kCheckFailed
ExitCode print_comparison(const std::string& output, const Json& json, const std::string& text, bool refuse,
                          Console& console, const CommonOptions& common);

}  // namespace golf
