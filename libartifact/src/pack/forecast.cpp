#include "golf/artifact/pack/forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>

#include "golf/artifact/spec/tensor_inventory.h"
#include "quantize/rate_model.h"

namespace golf {
namespace {

/// Weights of a sample are enough for an entropy to 0.2 %.
constexpr int64_t kSampleWeights = 65'536;
/// What a tensor adds to a container besides its values: name, shape, dtype, compressed.
constexpr double kBytesATensor = 64;

/// Bytes over the order-0 entropy of six million int6 values, Gaussian by rows (docs/COMPRESSION.md).
double overhead_of(CodecId codec) {
  switch (codec) {
    case CodecId::kZlib:
      return 1.054;
    case CodecId::kLzma:
      return 1.026;
    case CodecId::kZstd:
      return 1.009;
    case CodecId::kBrotli:
      return 1.007;
    default:
      return 1.0;
  }
}

/// Standard normal values times 0.05, about what trained weights have, the same on every run.
Tensor gaussian(const Shape& shape) {
  Tensor tensor = make_tensor(DType::kF32, shape);
  uint64_t state = 1;
  const auto uniform = [&] {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (static_cast<double>(state >> 11U) + 0.5) * 0x1p-53;
  };
  for (float& value : tensor.values<float>()) {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    value = static_cast<float>(0.05 * radius * std::cos(2 * std::numbers::pi * uniform()));
  }
  return tensor;
}

/// What the values of a stored sample take.
double value_bytes(const Tensor& values, bool compressed) {
  return compressed ? entropy_bytes(values) : static_cast<double>(values.bytes.size());
}

/// A tensor of the same scheme and rows of the same length, with fewer of them.
Shape sample_shape(const Shape& shape) {
  Shape cut = shape;
  if (shape.size() >= 2 && shape[1] > 0) {
    cut[0] = std::min(shape[0], std::max<int64_t>(8, kSampleWeights / shape[1]));
  }
  return cut;
}

/// Tensors that are stored alike.
struct Alike {
  std::string scheme;
  Shape shape;  ///< of the sample
  size_t count = 0;
  uint64_t weights = 0, rows = 0;
  std::string name;  ///< of the first
};

uint64_t elements_of(const Shape& shape) {
  uint64_t elements = 1;
  for (const int64_t size : shape) elements *= static_cast<uint64_t>(size);
  return elements;
}

std::vector<Alike> group_alike(const std::vector<SchemeChoice>& choices) {
  std::map<std::tuple<std::string, std::string, Shape>, Alike> groups;
  for (const SchemeChoice& choice : choices) {
    if (choice.scheme == "drop") continue;
    const Shape shape = sample_shape(choice.shape);
    Alike& alike = groups[{choice.scheme, choice.role, shape}];
    if (alike.count++ == 0) {
      alike.scheme = choice.scheme;
      alike.shape = shape;
      alike.name = choice.tensor;
    }
    alike.weights += elements_of(choice.shape);
    alike.rows += choice.shape.empty() ? 1 : static_cast<uint64_t>(choice.shape[0]);
  }
  std::vector<Alike> found;
  for (auto& [key, alike] : groups) found.push_back(std::move(alike));
  return found;
}

/// Every group's sample as its scheme stores it; all at once, so that the steps of tunable schemes are those
/// that they have beside each other.
std::vector<StoredTensor> stored_samples(const std::vector<Alike>& groups, int threads) {
  TensorSet samples;
  std::vector<SchemeOverride> schemes;
  for (const Alike& alike : groups) {
    samples.add(alike.name, gaussian(alike.shape));
    std::string exactly = "^";
    for (const char c : alike.name) exactly += c == '.' ? std::string("\\.") : std::string(1, c);
    schemes.push_back({exactly + "$", alike.scheme});
  }
  const QuantRecipe as_chosen{.name = "forecast", .rules = {{.scheme = "keep"}}};
  return quantize(samples, as_chosen, {.overrides = schemes, .threads = threads}).tensors;
}

}  // namespace

SizeForecast forecast_size(const ModelConfig& model, const PackRequest& request) {
  const QuantRecipe recipe = recipe_of(request);
  TensorSet shapes;
  for (const TensorInfo& row : tensor_inventory(model))
    shapes.add(row.name, make_tensor(DType::kF32, row.shape));
  const CodecSpec codec = request.codec ? *request.codec : parse_codec(recipe.codec);
  SizeForecast forecast{
      .codec = to_string(codec), .codec_overhead = overhead_of(codec.id), .budget = request.budget};
  const std::vector<Alike> groups =
      group_alike(choose_schemes(shapes, recipe, {.overrides = request.overrides}));
  const std::vector<StoredTensor> samples = stored_samples(groups, request.threads);

  const bool compressed = codec.id != CodecId::kStore;
  std::map<std::string, ForecastPart> parts;
  double total = 1'000;  // header and configuration
  for (size_t i = 0; i < groups.size(); ++i) {
    const Alike& alike = groups[i];
    const double weights_a_sample = static_cast<double>(elements_of(alike.shape));
    const double values = value_bytes(samples[i].values, compressed) * static_cast<double>(alike.weights) /
                          weights_a_sample * forecast.codec_overhead;
    // Scales of real rows differ more than those of samples: counted as they are.
    const double rows_a_sample = static_cast<double>(alike.shape.empty() ? 1 : alike.shape[0]);
    const double scales = static_cast<double>(samples[i].scales.bytes.size()) *
                          static_cast<double>(alike.rows) / std::max(1.0, rows_a_sample);
    ForecastPart& part = parts[alike.scheme];
    part.scheme = alike.scheme;
    part.weights += alike.weights;
    part.bytes += values + scales;
    total += values + scales + kBytesATensor * static_cast<double>(alike.count);
  }
  for (auto& [scheme, part] : parts) forecast.parts.push_back(std::move(part));
  std::ranges::sort(forecast.parts, std::greater{}, &ForecastPart::bytes);
  forecast.budget.artifact_bytes = static_cast<uint64_t>(total);
  return forecast;
}

}  // namespace golf
