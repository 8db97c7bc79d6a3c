#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/run_main.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/pack/pack.h"
#include "golf/artifact/pack/sweep.h"

namespace CLI {
class App;
}

namespace golf {

/// What a command line says of a PackRequest. Values are parsed as they are read. complete_request() reads
/// the files.
struct PackOptions {
  PackRequest request = {};                    ///< without target and without what stands in files
  std::string recipe = {};                     ///< name or JSON file; empty: the request's default
  std::optional<int64_t> keep_float_max = {};  ///< replaces the recipe's
  std::string calibration = {};                ///< file; empty: none
  std::vector<std::string> code = {};          ///< files
  std::string model_config = {};               ///< name or JSON file; empty: the checkpoint's own
  bool fit = false;
  std::optional<double> target_gap = {};  ///< with `fit`, bits per byte
  bool prune_to_fit = false;
};

/// --recipe, --set, --calibration, --keep-float-max, --codec, --model-config. Borrows the options.
void add_scheme_options(CLI::App& app, PackOptions& options, const char* default_recipe);
/// --budget, --code
void add_budget_options(CLI::App& app, PackOptions& options);
/// --fit, --target-gap, --prune-to-fit
void add_target_options(CLI::App& app, PackOptions& options);

/// --min-step, --max-step, --num-points
void add_range_options(CLI::App& app, SweepRange& range);

/// The request with what the files say. @throws UsageError for options that contradict each other, Error for
/// files that cannot be read
PackRequest complete_request(const PackOptions& options);

/// Runs pack() or sweep() for a model. The faults of the request become usage errors. The message of any
/// other error begins with `what`, the model's name.
template <class Work>
auto refuse_as_usage(const std::string& what, Work&& work) {
  return parse_option("", [&] {
    try {
      return work();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kInvalidArgument) throw;
      fail_within(what, error);
    }
  });
}

}  // namespace golf
