#include "golf/artifact/pack/sweep.h"

#include <algorithm>
#include <cmath>

#include "golf/artifact/base/error.h"
#include "pack/quantizing.h"

namespace golf {
namespace {

uint64_t count_weights(const TensorSet& tensors) {
  uint64_t weights = 0;
  for (const auto& [name, tensor] : tensors) weights += static_cast<uint64_t>(tensor.elements());
  return weights;
}

}  // namespace

double SweepRange::step_scale(int64_t point) const {
  const double part = static_cast<double>(point) / static_cast<double>(num_points - 1);
  return min_step * std::pow(max_step / min_step, part);
}

double SweepPoint::nmse_decibels() const {
  constexpr double kNone = 1e-20;
  return 10 * std::log10(std::max(nmse, kNone));
}

std::optional<double> Sweep::gap_bpb(const SweepPoint& point) const {
  if (!unquantized_bpb || !point.bpb) return std::nullopt;
  return *point.bpb - *unquantized_bpb;
}

bool Sweep::has_predictions() const {
  return std::any_of(points.begin(), points.end(),
                     [](const SweepPoint& point) { return point.predicted_gap_bpb.has_value(); });
}

Sweep sweep(const LoadedModel& model, const PackRequest& request, const SweepRange& range,
            const MeasureBpb& measure) {
  const QuantRecipe recipe = request.recipe ? *request.recipe : load_recipe(kDefaultRecipe);
  Artifact artifact{.info = quantized_info(model, recipe, request)};
  Sweep sweep{
      .recipe = artifact.info.recipe, .codec = to_string(artifact.info.codec), .budget = request.budget};
  const Quantizer quantizer = make_quantizer(model, recipe, request, {});
  if (quantizer.tunable_weights() == 0) {
    fail(ErrorCode::kInvalidArgument,
         "no tensor has steps to sweep: use --set or a recipe with ecsq or tcq, without a number");
  }
  const double weights = static_cast<double>(count_weights(model.tensors));
  for (int64_t i = 0; i < range.num_points; ++i) {
    if (request.progress) {
      request.progress({.stage = "sweep",
                        .done = static_cast<uint64_t>(i),
                        .total = static_cast<uint64_t>(range.num_points),
                        .unit = "points",
                        .note = ""});
    }
    SweepPoint point{.step_scale = range.step_scale(i)};
    artifact.model = quantizer.quantize(point.step_scale);
    const Bytes bytes = encode_requested(artifact, request, {});
    point.artifact_bytes = bytes.size();
    point.bits_per_weight = 8.0 * static_cast<double>(bytes.size()) / weights;
    point.nmse = quantizer.nmse(artifact.model);
    point.predicted_gap_bpb = predicted_gap_bpb(quantizer, artifact.model, request);
    if (measure) point.bpb = measure(bytes);
    sweep.points.push_back(point);
  }
  return sweep;
}

}  // namespace golf
