#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/run_main.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/pack/pack.h"
#include "golf/artifact/pack/sweep.h"

namespace CLI {
class App;
}

namespace golf {

class Console;

/// What a command line says of a PackRequest. Values are parsed as they are read. complete_request() reads
/// the files.
struct PackOptions {
  PackRequest request = {};                    ///< without target and without what stands in files
  std::string recipe = {};                     ///< name or JSON file; empty: the request's default
  std::optional<int64_t> keep_float_max = {};  ///< replaces the recipe's
  std::string calibration = {};                ///< file; empty: none
  std::vector<std::string> code = {};          ///< files
  bool fit = false;
  std::optional<double> target_gap = {};  ///< with `fit`, bits per byte
  bool prune_to_fit = false;
  /// Receives what --set says of an adaptation, "adapt.SECTION.KEY=VALUE", without "adapt."; null: --set
  /// takes schemes alone.
  std::vector<std::string>* adapt_settings = nullptr;
};

// Options of a command line, in a group of its help. They borrow `options`.

/// --recipe
void add_recipe_option(CLI::App& app, PackOptions& options, const char* default_recipe, const char* group);
/// --set, --calibration, --keep-float-max
void add_override_options(CLI::App& app, PackOptions& options, const char* group);
/// The same and --codec.
void add_scheme_options(CLI::App& app, PackOptions& options, const char* group);
/// --budget, --code
void add_budget_options(CLI::App& app, PackOptions& options, const char* group);
/// --fit, --target-gap, --prune-to-fit
void add_target_options(CLI::App& app, PackOptions& options, const char* group);

/// --min-step, --max-step, --num-points
void add_range_options(CLI::App& app, SweepRange& range);

/// The request with what the files say. Warns of code files that are named twice.
/// @param recipe_option  names the recipe in messages @throws UsageError for options that contradict each
/// other, Error for files that cannot be read
PackRequest complete_request(const PackOptions& options, Console& console,
                             std::string_view recipe_option = "--recipe");

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
