#include "golf_pack/sweep_command.h"

#include <cmath>

#include "common/console.h"
#include "common/output_file.h"
#include "common/run_main.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/artifact/quantize/quantizer.h"
#include "golf_pack/pack_plan.h"
#include "golf_pack/sweep.h"
#include "golf_pack/sweep_svg.h"
#include "golf_pack/sweep_view.h"

namespace golf {
namespace {

void check_options(const SweepOptions& options) {
  if (options.finest >= options.coarsest) throw UsageError("--finest must be below --coarsest");
  const EvalText& text = options.text;
  if (text.data.empty() != text.tokenizer.empty()) throw UsageError("--data and --tokenizer need each other");
  if (text.max_tokens && text.data.empty()) throw UsageError("--max-tokens: belongs to --data GLOB");
  if (text.data == "-" || text.tokenizer == "-") {
    throw UsageError("--data and --tokenizer: standard input is not for them here: give files");
  }
  if (!options.svg.empty()) {
    check_output(options.svg, {options.pack.input, options.pack.calibration, text.data, text.tokenizer},
                 /*binary=*/false);
  }
}

/// From the finest level to the coarsest in equal ratios.
double level_at(const SweepOptions& options, int64_t point) {
  const double part = static_cast<double>(point) / static_cast<double>(options.points - 1);
  return options.finest * std::pow(options.coarsest / options.finest, part);
}

uint64_t count_weights(const TensorSet& tensors) {
  uint64_t weights = 0;
  for (const auto& [name, tensor] : tensors) weights += static_cast<uint64_t>(tensor.elements());
  return weights;
}

/// The unquantised model's score, for the gap; taken first, so that what golf-eval refuses is known at once.
std::optional<Evaluation> evaluate_unquantised(const LoadedModel& model, const std::string& what,
                                               const EvalText& text, int threads) {
  if (text.data.empty()) return std::nullopt;
  if (!model.spec) {
    throw UsageError(what + ": carries no model configuration, which --data needs: give --model-config");
  }
  return evaluate_externally(encode_checkpoint({.tensors = model.tensors, .spec = model.spec}), text,
                             threads);
}

/// The levels' models, packed and measured one after the other.
std::vector<SweepPoint> sweep_points(const Quantizer& quantizer, Artifact artifact, const std::string& what,
                                     uint64_t weights, const PackPlan& plan, const SweepOptions& options,
                                     const CommonOptions& common, const ProgressSink& progress) {
  std::vector<SweepPoint> points;
  for (int64_t i = 0; i < options.points; ++i) {
    progress({.stage = "sweep",
              .done = static_cast<uint64_t>(i),
              .total = static_cast<uint64_t>(options.points),
              .unit = "levels",
              .note = ""});
    SweepPoint point{.level = level_at(options, i)};
    artifact.model = quantizing(what, [&] { return quantizer.quantize(point.level); });
    const Bytes bytes = encode_checked(artifact, common, {});
    point.artifact_bytes = bytes.size();
    point.bits_per_weight = 8.0 * static_cast<double>(bytes.size()) / static_cast<double>(weights);
    point.relative_error = quantizer.relative_error(artifact.model);
    point.predicted_gap = expected_gap(quantizer, artifact.model, plan);
    if (!options.text.data.empty()) {
      point.bpb = evaluate_externally(bytes, options.text, common.threads).bpb;
    }
    points.push_back(point);
  }
  return points;
}

}  // namespace

ExitCode sweep_command(const SweepOptions& options, const CommonOptions& common) {
  check_options(options);
  Console console("golf-pack", common, options.svg == "-");
  const std::string& input = options.pack.input;
  const std::string what = input == "-" ? "standard input" : printable(input);
  const PackPlan plan = make_plan(options.pack);
  const Bytes bytes = read_file(input);
  if (is_artifact(bytes)) throw UsageError(what + ": is an artifact, its weights are already quantised");
  const LoadedModel model = load_model(bytes, what, plan.spec, common.threads);
  const QuantRecipe recipe = recipe_of(plan, options.pack);
  const Artifact artifact = empty_artifact(model, plan, recipe);

  Sweep sweep{.checkpoint = what,
              .recipe = recipe.name,
              .codec = to_string(artifact.info.codec),
              .budget = plan.budget};
  const Quantizer quantizer = quantizing(what, [&] {
    return Quantizer(model.tensors, recipe,
                     {.overrides = plan.overrides,
                      .calibration = plan.calibration ? &*plan.calibration : nullptr,
                      .threads = common.threads});
  });
  if (quantizer.free_weights() == 0) {
    throw UsageError(
        "no tensor has steps to sweep: use --set or a recipe with ecsq or tcq, without a number");
  }
  sweep.unquantised = evaluate_unquantised(model, what, options.text, common.threads);
  sweep.points = sweep_points(quantizer, artifact, what, count_weights(model.tensors), plan, options, common,
                              console.progress());
  if (!options.svg.empty()) write_file_atomic(options.svg, as_bytes(sweep_svg(sweep)));
  if (common.json) {
    console.result_json(sweep_json(sweep));
  } else {
    console.result(sweep_text(sweep, console.style()));
  }
  return ExitCode::kDone;
}

}  // namespace golf
