#include "golf_eval/adapt_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "common/option_checks.h"
#include "common/run_main.h"
#include "golf/artifact/base/name_or_path.h"
#include "golf/artifact/spec/adapt_setting.h"

namespace golf {
namespace {

constexpr const char* kModelsOwn = "model";

AdaptConfig named(const std::string& adapt, const EvalConfig& defaults) {
  if (adapt == kModelsOwn) {
    if (defaults.adapt) return *defaults.adapt;
    throw UsageError("--adapt model: the model's evaluation configuration has no adaptation: name a preset");
  }
  if (is_path(adapt)) return load_adapt_config(adapt);
  return parse_option("--adapt", [&] { return load_adapt_config(adapt); });
}

}  // namespace

std::optional<AdaptConfig> AdaptCommand::config(const EvalConfig& defaults) const {
  if (!wanted()) return std::nullopt;
  AdaptConfig config = named(adapt, defaults);
  parse_option("--set", [&] {
    for (const std::string& setting : settings) set_adapt_value(config, setting);
    validate(config);
  });
  return config;
}

void AdaptCommand::check() const {
  if (wanted()) return;
  const auto refuse = [](const char* option) {
    throw UsageError(fmt::format("{}: belongs to --adapt", option));
  };
  if (!settings.empty()) refuse("--set adapt.SECTION.KEY=VALUE");
  if (!receipt.empty()) refuse("--receipt");
  if (adapted_only) refuse("--adapted-only");
}

void add_adapt_option(CLI::App& app, AdaptCommand& options, PackOptions& pack, const char* group) {
  std::vector<std::string> adapts = names_in(adapt_presets());
  adapts.emplace_back(kModelsOwn);
  std::string presets;
  for (const AdaptPreset& preset : adapt_presets()) presets += fmt::format("{}, ", preset.name);
  app.add_option("--adapt", options.adapt,
                 fmt::format("test-time training: score each chunk, then learn from it: {}a JSON file, or "
                             "model for the model's own; --set adapt.SECTION.KEY=VALUE changes a value",
                             presets))
      ->type_name("NAME|FILE")
      ->check(known_values(adapts))
      ->group(group);
  pack.adapt_settings = &options.settings;
}

void add_adapt_run_options(CLI::App& app, AdaptCommand& options, const char* group) {
  app.add_option("--receipt", options.receipt,
                 "write the log of scores and updates, which golf-eval audit-adaptation checks")
      ->type_name("FILE.jsonl")
      ->group(group);
  app.add_flag("--adapted-only", options.adapted_only,
               "do not score the model without adaptation first, which takes a pass of its own")
      ->group(group);
}

}  // namespace golf
