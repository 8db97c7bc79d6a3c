#include "golf/artifact/quantize/quantizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/progress_counter.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/parallel_for.h"
#include "quantize/prepared_tensor.h"
#include "quantize/scheme_assignment.h"

namespace golf {

struct Quantizer::Tensors {
  std::vector<std::unique_ptr<PreparedTensor>> prepared;
  int threads = 0;
  ProgressSink progress;

  /// What `of` says of every tensor and its stored form.
  template <class Of>
  std::vector<std::optional<double>> measure(const StoredModel& model, const Of& of) const {
    std::vector<std::optional<double>> found(prepared.size());
    parallel_for(prepared.size(), threads, [&](size_t i) { found[i] = of(*prepared[i], model.tensors[i]); });
    return found;
  }
};

namespace {

/// Gradient weights are in nats, relative ones are not: a scale that leaves the mean over all weights as it
/// was, so that a level means about the same bits with gradients and without.
double gradient_scale(const std::vector<std::unique_ptr<PreparedTensor>>& prepared) {
  double sum = 0.0;
  double total = 0.0;
  for (const auto& tensor : prepared) {
    const auto weight = tensor->is_free() ? tensor->log_gradient_weight() : std::nullopt;
    if (!weight) continue;
    sum += static_cast<double>(tensor->weights()) * *weight;
    total += static_cast<double>(tensor->weights());
  }
  return total > 0 ? sum / total : 0.0;
}

}  // namespace

Quantizer::Quantizer(const TensorSet& tensors, const QuantRecipe& recipe, const QuantizeOptions& options)
    : tensors_(std::make_unique<Tensors>()) {
  validate(recipe);
  if (options.calibration != nullptr) options.calibration->check_against(tensors);
  const std::vector<Assignment> assignments = assign_schemes(tensors, recipe, options);
  tensors_->threads = options.threads;
  tensors_->progress = options.progress;
  auto& prepared = tensors_->prepared;
  prepared.resize(assignments.size());
  ProgressCounter progress(options.progress, "prepare", assignments.size(), "tensors");
  parallel_for(assignments.size(), options.threads, [&](size_t i) {
    const Assignment& assignment = assignments[i];
    try {
      prepared[i] = std::make_unique<PreparedTensor>(assignment, recipe.prune_fraction);
    } catch (const Error& error) {
      fail_within(fmt::format("tensor \"{}\", scheme {}", printable(assignment.source->name),
                              assignment.scheme.row->name),
                  error);
    }
    progress.add(1);
  });
  const double scale = gradient_scale(prepared);
  for (const auto& tensor : prepared) tensor->set_unit(scale);
}

Quantizer::~Quantizer() = default;
Quantizer::Quantizer(Quantizer&&) noexcept = default;

uint64_t Quantizer::free_weights(const std::set<size_t>& as_float16) const {
  uint64_t weights = 0;
  for (size_t i = 0; i < tensors_->prepared.size(); ++i) {
    const PreparedTensor& tensor = *tensors_->prepared[i];
    if (tensor.is_free() && !as_float16.contains(i)) weights += tensor.weights();
  }
  return weights;
}

StoredModel Quantizer::quantize(double level, const std::set<size_t>& as_float16) const {
  const auto& prepared = tensors_->prepared;
  StoredModel model;
  model.tensors.resize(prepared.size());
  const auto free = static_cast<uint64_t>(
      std::count_if(prepared.begin(), prepared.end(), [](const auto& tensor) { return tensor->is_free(); }));
  ProgressCounter progress(tensors_->progress, "quantise", free, "tensors");
  parallel_for(prepared.size(), tensors_->threads, [&](size_t i) {
    model.tensors[i] = as_float16.contains(i) ? prepared[i]->as_float16() : prepared[i]->stored(level);
    if (prepared[i]->is_free()) progress.add(1);
  });
  return model;
}

std::vector<FreeTensor> Quantizer::free_tensors(const StoredModel& model) const {
  const auto& prepared = tensors_->prepared;
  const auto increases = tensors_->measure(model, [](const PreparedTensor& tensor, const auto& stored) {
    return tensor.is_free() ? tensor.loss_increase(stored) : 0.0;
  });
  const bool knows_loss = std::all_of(increases.begin(), increases.end(),
                                      [](const auto& increase) { return increase.has_value(); });
  std::vector<std::optional<double>> errors(prepared.size());
  if (!knows_loss) {
    errors = tensors_->measure(model, [](const PreparedTensor& tensor, const auto& stored) {
      return tensor.is_free() ? tensor.relative_error(stored) : 0.0;
    });
  }
  std::vector<FreeTensor> tensors;
  for (size_t i = 0; i < prepared.size(); ++i) {
    if (!prepared[i]->is_free() || !prepared[i]->fits_float16()) continue;
    const uint64_t weights = prepared[i]->weights();
    tensors.push_back({i, weights,
                       knows_loss ? *increases[i] / static_cast<double>(weights)
                                  : prepared[i]->importance() * errors[i].value_or(0.0)});
  }
  return tensors;
}

double Quantizer::relative_error(const StoredModel& model) const {
  const auto errors = tensors_->measure(model, [](const PreparedTensor& tensor, const StoredTensor& stored) {
    return tensor.relative_error(stored);
  });
  double sum = 0.0;
  double total = 0.0;
  for (size_t i = 0; i < errors.size(); ++i) {
    const PreparedTensor& tensor = *tensors_->prepared[i];
    if (!errors[i]) continue;
    const double weight = tensor.importance() * static_cast<double>(tensor.weights());
    sum += weight * *errors[i];
    total += weight;
  }
  return total > 0 ? sum / total : 0.0;
}

std::optional<double> Quantizer::loss_increase(const StoredModel& model) const {
  const auto increases = tensors_->measure(
      model,
      [](const PreparedTensor& tensor, const StoredTensor& stored) { return tensor.loss_increase(stored); });
  double sum = 0.0;
  for (const auto& increase : increases) {
    if (!increase) return std::nullopt;
    sum += *increase;
  }
  return sum;
}

StoredModel quantize(const TensorSet& tensors, const QuantRecipe& recipe, const QuantizeOptions& options) {
  return Quantizer(tensors, recipe, options).quantize();
}

}  // namespace golf
