#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/pack_options.h"
#include "golf/artifact/spec/eval_config.h"

namespace golf {

/// What a command line says of an adaptation. Without --adapt there is none.
struct AdaptCommand {
  std::string adapt;                  ///< a preset, a JSON file, or "model"
  std::vector<std::string> settings;  ///< of --set adapt.SECTION.KEY=VALUE, without "adapt."
  std::string receipt;                ///< file; empty: none is written
  bool adapted_only = false;

  bool wanted() const { return !adapt.empty(); }
  /// @param defaults  the model's own, which "model" stands for
  /// @throws UsageError for a name or value that makes no sense, Error for a file that is damaged
  std::optional<AdaptConfig> config(const EvalConfig& defaults) const;
  /// @throws UsageError for options that would do nothing
  void check() const;
};

/// --adapt, and makes --set of `pack` take its values too. @param group  of the help
void add_adapt_option(CLI::App& app, AdaptCommand& options, PackOptions& pack, const char* group);
/// --receipt, --adapted-only
void add_adapt_run_options(CLI::App& app, AdaptCommand& options, const char* group);

}  // namespace golf
