#include <CLI/CLI.hpp>
#include <memory>

#include "common/console.h"
#include "common/option_checks.h"
#include "common/option_values.h"
#include "common/pack_options.h"
#include "common/run_main.h"
#include "draw/pictures.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf_pack/commands.h"

namespace golf {
namespace {

struct PackSweepOptions {
  std::string input;
  PackOptions pack;
  std::string model_config;
  std::string key;
  SweepRange range;
  std::string svg;  ///< picture to write; empty: none
};

ExitCode sweep_command(const PackSweepOptions& options, const CommonOptions& common) {
  if (options.range.min_step >= options.range.max_step)
    throw UsageError("--min-step must be below --max-step");
  if (!options.svg.empty()) {
    check_output(options.svg, {options.input, options.pack.calibration}, /*binary=*/false);
  }
  Console console("golf-pack", common, options.svg == "-");
  const std::string what = options.input == "-" ? "standard input" : printable(options.input);
  PackRequest request = complete_request(options.pack, console);
  request.threads = common.threads;
  request.progress = console.progress();
  const std::optional<ModelSpec> spec = read_model_option(options.model_config);
  const LoadedModel model = load_model(options.input, spec, common.threads, options.key);
  note_reading(console, what, model.notes);
  if (model.artifact) throw UsageError(what + ": is an artifact, its weights are already quantized");
  const Sweep result = refuse_as_usage(what, [&] { return sweep(model, request, options.range); });
  if (!options.svg.empty()) write_file_atomic(options.svg, as_bytes(sweep_svg(result, what)));
  if (common.json) {
    console.result_json(sweep_json(result));
  } else {
    console.report(sweep_text(result, console.style()));
  }
  return ExitCode::kDone;
}

}  // namespace

void add_sweep_command(CommandLine& line) {
  const auto options = std::make_shared<PackSweepOptions>();
  CLI::App& app = line.add_command(
      {
          .name = "golf-pack sweep",
          .usage = "CHECKPOINT [OPTIONS]",
          .description =
              "Packs a checkpoint with several global step scales and writes no artifact. It shows bytes "
              "against the NMSE of the outputs and, with a calibration, against the predicted quantization "
              "gap. golf-eval sweep also measures the gap.",
          .examples =
              "golf-pack sweep final.safetensors --calibration hessian.safetensors --code train_gpt.py\n"
              "golf-pack sweep final.safetensors --svg sweep.svg",
      },
      [options](const CommonOptions& common) { return sweep_command(*options, common); });
  options->pack.recipe = kDefaultRecipe;
  app.add_option("CHECKPOINT", options->input, "safetensors or torch .pt file")
      ->type_name("FILE")
      ->required();
  add_range_options(app, options->range);
  app.add_option("--svg", options->svg, "draw bytes against error, and against the gap where it is known")
      ->type_name("FILE")
      ->group("Sweep");
  add_recipe_option(app, options->pack, kDefaultRecipe, "Quantization");
  add_scheme_options(app, options->pack, "Quantization");
  add_key_option(app, options->key, "Quantization");
  app.add_option("--model-config", options->model_config,
                 "model configuration to check against and to store inside [default: the checkpoint's own]")
      ->type_name("NAME|FILE")
      ->check(known_values(names_in(model_presets())))
      ->group("Quantization");
  add_budget_options(app, options->pack, "Budget");
}

}  // namespace golf
