// Which scheme each tensor gets, and why; nothing is packed.
#include <CLI/CLI.hpp>
#include <memory>

#include "common/console.h"
#include "common/option_checks.h"
#include "common/option_values.h"
#include "common/pack_options.h"
#include "common/text_table.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf_pack/commands.h"

namespace golf {
namespace {

struct SchemesOptions {
  std::string input;
  std::string model_config;
  std::string key;
  PackOptions pack;
};

std::string schemes_text(const QuantRecipe& recipe, const std::vector<SchemeChoice>& choices,
                         const Style& style) {
  TextTable table({{"tensor", Align::kLeft, Fit::kShorten},
                   {"role", Align::kLeft, Fit::kWhole, 1},
                   {"shape", Align::kLeft},
                   {"scheme", Align::kLeft},
                   {"because", Align::kLeft, Fit::kWrap}});
  for (const SchemeChoice& choice : choices) {
    table.add({choice.tensor, choice.role, to_string(choice.shape), choice.scheme, choice.reason});
  }
  return "recipe " + printable(recipe.name) +
         "; the first rule that matches decides, --set overrides it\n\n" + table.render(style);
}

Json schemes_json(const QuantRecipe& recipe, const std::vector<SchemeChoice>& choices) {
  Json rows = Json::array();
  for (const SchemeChoice& choice : choices) {
    rows.push_back(Json::object({{"name", choice.tensor},
                                 {"role", choice.role},
                                 {"elements", element_count(choice.shape)},
                                 {"scheme", choice.scheme},
                                 {"reason", choice.reason}}));
  }
  return Json::object({{"schema", "golf.schemes/1"}, {"recipe", recipe.name}, {"tensors", std::move(rows)}});
}

ExitCode schemes_command(const SchemesOptions& options, const CommonOptions& common) {
  Console console("golf-pack", common);
  const PackRequest request = complete_request(options.pack, console);
  const QuantRecipe recipe = recipe_of(request);
  const std::optional<ModelSpec> spec = read_model_option(options.model_config);
  const std::string what = display_name(options.input);
  const LoadedModel model = load_model(options.input, spec, common.threads, options.key);
  note_reading(console, what, model.notes);
  const QuantizeOptions quantizing{.overrides = request.overrides,
                                   .calibration = request.calibration ? &*request.calibration : nullptr,
                                   .threads = common.threads,
                                   .progress = {}};
  const auto choices =
      refuse_as_usage(what, [&] { return choose_schemes(model.tensors, recipe, quantizing); });
  if (common.json) {
    console.result_json(schemes_json(recipe, choices));
  } else {
    console.report(schemes_text(recipe, choices, console.style()));
  }
  return ExitCode::kDone;
}

}  // namespace

void add_schemes_command(CommandLine& line) {
  const auto options = std::make_shared<SchemesOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-pack schemes",
          .usage = "CHECKPOINT [OPTIONS]",
          .description = "Shows which scheme each tensor gets, and which rule says so. Packs nothing.",
          .examples = "golf-pack schemes final.safetensors --recipe mixed-int6\n"
                      "golf-pack schemes final.safetensors --recipe mine.json --set 'mlp=int6' --json",
      },
      [options](const CommonOptions& common) { return schemes_command(*options, common); });
  app.add_option("CHECKPOINT", options->input, "safetensors or torch .pt file, - for standard input")
      ->required();
  add_recipe_option(app, options->pack, kDefaultRecipe, "Quantization");
  add_override_options(app, options->pack, "Quantization");
  add_key_option(app, options->key, "Quantization");
  app.add_option("--model-config", options->model_config,
                 "model configuration to check against [default: the checkpoint's own]")
      ->type_name("NAME|FILE")
      ->check(known_values(names_in(model_presets())))
      ->group("Quantization");
}

}  // namespace golf
