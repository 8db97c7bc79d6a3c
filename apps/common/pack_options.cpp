#include "common/pack_options.h"

#include <CLI/CLI.hpp>

#include "common/console.h"
#include "common/option_checks.h"
#include "common/option_values.h"
#include "common/run_main.h"
#include "common/sizes.h"
#include "golf/artifact/base/name_or_path.h"

namespace golf {
namespace {

/// A name that is neither a recipe nor a file is a slip of the command line. A file that is no recipe is bad
/// input.
QuantRecipe find_recipe(std::string_view option, const std::string& name_or_path) {
  if (is_path(name_or_path)) return load_recipe(name_or_path);
  return parse_option(option, [&] { return load_recipe(name_or_path); });
}

std::vector<std::string> codec_names() {
  std::vector<std::string> names;
  for (const CodecRow& row : codec_table()) names.push_back(to_string(parse_codec(row.name)));
  return names;
}

PackTarget target_of(const PackOptions& options) {
  if (options.fit && options.prune_to_fit) throw UsageError("--fit and --prune-to-fit exclude each other");
  if (options.target_gap && !options.fit) throw UsageError("--target-gap: belongs to --fit");
  if (options.target_gap) return {PackTarget::Kind::kGap, *options.target_gap};
  if (options.fit) return {PackTarget::Kind::kBudget};
  if (options.prune_to_fit) return {PackTarget::Kind::kPrune};
  return {};
}

}  // namespace

void add_recipe_option(CLI::App& app, PackOptions& options, const char* default_recipe, const char* group) {
  app.add_option("--recipe", options.recipe,
                 "which tensor gets which treatment: a built-in name or a JSON file")
      ->type_name("NAME|FILE")
      ->check(known_values(names_in(builtin_recipes())))
      ->default_str(default_recipe)
      ->group(group);
}

void add_override_options(CLI::App& app, PackOptions& options, const char* group) {
  app.add_option_function<std::vector<std::string>>(
         "--set",
         [&options](const std::vector<std::string>& texts) {
           constexpr std::string_view kAdapt = "adapt.";
           options.request.overrides.clear();
           if (options.adapt_settings != nullptr) options.adapt_settings->clear();
           for (const std::string& text : texts) {
             if (options.adapt_settings != nullptr && text.starts_with(kAdapt)) {
               options.adapt_settings->push_back(text.substr(kAdapt.size()));
               continue;
             }
             options.request.overrides.push_back(parse_option("--set", [&] { return parse_override(text); }));
           }
         },
         std::string("scheme for the tensors whose name matches (int4..int8, ecsq, tcq, fp16, bf16, fp32, "
                     "drop, ..., with +gptq, +columns, +rows; docs/QUANTIZATION.md); repeatable, the last "
                     "match wins over the recipe") +
             (options.adapt_settings != nullptr ? "; or adapt.SECTION.KEY=VALUE, a value of --adapt" : ""))
      ->type_name("REGEX=SCHEME")
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("--calibration", options.calibration,
                 "statistics of the model at work (golf-eval calibrate), for +gptq, +columns and +rows")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--keep-float-max", options.keep_float_max,
                 "elements up to which the recipe keeps a tensor as floats [default: the recipe's]")
      ->type_name("ELEMENTS")
      ->check(at_least(0))
      ->group(group);
}

void add_scheme_options(CLI::App& app, PackOptions& options, const char* group) {
  add_override_options(app, options, group);
  parsed_option(app, "--codec", options.request.codec, parse_codec,
                codec_choices() + " [default: the recipe's]")
      ->type_name("CODEC")
      ->check(known_values(codec_names()))
      ->group(group);
}

void add_budget_options(CLI::App& app, PackOptions& options, const char* group) {
  parsed_option(app, "--budget", options.request.budget.limit_bytes, parse_byte_count,
                "limit on artifact and code together, decimal bytes: 16000000, 16MB")
      ->type_name("BYTES")
      ->default_str(std::to_string(kBudgetBytes))
      ->group(group);
  app.add_option("--code", options.code,
                 "code as shipped, a file or a folder of sources, counted in the budget; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->group(group);
}

void add_target_options(CLI::App& app, PackOptions& options, const char* group) {
  app.add_flag("--fit", options.fit,
               "find the steps of ecsq and tcq with which artifact and code end in the last 0.05 % of the "
               "budget; packs 2 to 10 times as a rule, up to 32 where sizes jump (recipe best unless given)")
      ->group(group);
  app.add_option("--target-gap", options.target_gap,
                 "with --fit and a calibration: instead of a size, the fewest bytes with a predicted "
                 "quantization gap of at most so many bits per byte")
      ->type_name("BPB")
      ->check(CLI::Range(1e-9, 100.0))
      ->group(group);
  app.add_flag("--prune-to-fit", options.prune_to_fit,
               "zero int6 values of +-1, as few as fit the budget, as PR 993 does; packs about 25 times")
      ->group(group);
}

void add_range_options(CLI::App& app, SweepRange& range) {
  constexpr const char* kSweep = "Sweep";
  app.add_option("--min-step", range.min_step,
                 "first global step scale: the step size in root mean squares of a matrix")
      ->type_name("SCALE")
      ->check(CLI::Range(0.002, 16.0))
      ->group(kSweep);
  app.add_option("--max-step", range.max_step, "last global step scale")
      ->type_name("SCALE")
      ->check(CLI::Range(0.002, 16.0))
      ->group(kSweep);
  app.add_option("--num-points", range.num_points, "step scales, both ends included")
      ->type_name("N")
      ->check(CLI::Range(2, 1000))
      ->group(kSweep);
}

PackRequest complete_request(const PackOptions& options, Console& console, std::string_view recipe_option) {
  PackRequest request = options.request;
  if (request.byte_shuffle.value_or(0) != 0 && request.format != ArtifactFormat::kPtz) {
    throw UsageError("--byte-shuffle: only --format ptz has it");
  }
  request.target = target_of(options);
  if (!options.recipe.empty()) request.recipe = find_recipe(recipe_option, options.recipe);
  if (options.keep_float_max) {
    request.recipe = recipe_of(request);
    request.recipe->keep_float_max = *options.keep_float_max;
  }
  request.budget.code = measure_code(options.code);
  for (const std::string& warning : code_warnings(request.budget)) console.warn(warning);
  if (!options.calibration.empty()) request.calibration = read_calibration(options.calibration);
  if (options.target_gap && !(request.calibration && request.calibration->bytes_per_token())) {
    throw UsageError(
        "--target-gap: needs --calibration FILE with gradients and bytes, as golf-eval "
        "calibrate writes it");
  }
  return request;
}

}  // namespace golf
