#include "golf/artifact/quantize/quantizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/artifact/base/progress.h"
#include "quantize/corrections.h"
#include "quantize/float_values.h"
#include "quantize/prepared_tensor.h"
#include "quantize/scheme_assignment.h"

namespace golf {

struct Quantizer::Tensors {
  std::vector<std::unique_ptr<PreparedTensor>> prepared;
  int64_t lqer_tensors = 0, lqer_rank = 0, lqer_group = 0;
  int threads = 0;
  ProgressSink progress;

  void add_corrections(StoredModel& model) const {
    std::vector<std::unique_ptr<FloatValues>> weights;
    std::vector<CorrectionCandidate> candidates;
    for (size_t i = 0; i < prepared.size(); ++i) {
      if (!prepared[i]->is_gptq()) continue;
      weights.push_back(std::make_unique<FloatValues>(prepared[i]->source()));
      candidates.push_back({&model.tensors[i], weights.back()->all()});
    }
    add_low_rank_corrections(candidates, lqer_tensors, lqer_rank, lqer_group, threads);
  }

  /// `of` for every tensor and its stored form.
  template <class Of>
  std::vector<std::optional<double>> measure(const StoredModel& model, const Of& of) const {
    std::vector<std::optional<double>> found(prepared.size());
    parallel_for(prepared.size(), threads, [&](size_t i) { found[i] = of(*prepared[i], model.tensors[i]); });
    return found;
  }
};

namespace {

bool takes_fine_columns(const Assignment& assignment) {
  return assignment.scheme.row->kind == SchemeKind::kGptq && assignment.scheme.row->bits < 8;
}

/// The fine columns of every assignment. A Hessian is the mean of the inputs' products, so that the roots of
/// its diagonal are the inputs' root mean squares.
std::vector<std::optional<FineColumns>> assign_fine_columns(const std::vector<Assignment>& assignments,
                                                            const QuantRecipe& recipe) {
  std::vector<std::optional<FineColumns>> fine(assignments.size());
  if (recipe.awq_groups == 0) return fine;
  std::vector<size_t> indices;
  std::vector<std::unique_ptr<FloatValues>> weights;
  std::vector<std::vector<float>> rms;
  for (size_t i = 0; i < assignments.size(); ++i) {
    if (!takes_fine_columns(assignments[i])) continue;
    const auto columns = static_cast<size_t>(assignments[i].source->tensor.shape[1]);
    std::vector<float> roots(columns);
    for (size_t c = 0; c < columns; ++c) roots[c] = std::sqrt(assignments[i].known.hessian[c * columns + c]);
    indices.push_back(i);
    weights.push_back(std::make_unique<FloatValues>(assignments[i].source->tensor));
    rms.push_back(std::move(roots));
  }
  std::vector<FineCandidate> candidates;
  for (size_t k = 0; k < indices.size(); ++k) candidates.push_back({weights[k]->all(), rms[k]});
  auto chosen = choose_fine_columns(candidates, recipe.awq_groups, recipe.awq_group_size);
  for (size_t k = 0; k < indices.size(); ++k) fine[indices[k]] = std::move(chosen[k]);
  return fine;
}

/// Weights from the diagonal Fisher are in nats, relative ones are not. This scale leaves the mean over all
/// weights unchanged, so that a step scale gives about the same bits with the diagonal Fisher and without.
double gradient_scale(const std::vector<std::unique_ptr<PreparedTensor>>& prepared) {
  double sum = 0.0;
  double total = 0.0;
  for (const auto& tensor : prepared) {
    const auto weight = tensor->is_tunable() ? tensor->log_gradient_weight() : std::nullopt;
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
  std::vector<Assignment> assignments = assign_schemes(tensors, recipe, options);
  const auto fine_columns = assign_fine_columns(assignments, recipe);
  for (size_t i = 0; i < assignments.size(); ++i) {
    assignments[i].fine_columns = fine_columns[i] ? &*fine_columns[i] : nullptr;
  }
  tensors_->lqer_tensors = recipe.lqer_tensors;
  tensors_->lqer_rank = recipe.lqer_rank;
  tensors_->lqer_group = recipe.lqer_group;
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
  for (const auto& tensor : prepared) tensor->set_step_weight(scale);
}

Quantizer::~Quantizer() = default;
Quantizer::Quantizer(Quantizer&&) noexcept = default;

uint64_t Quantizer::tunable_weights(const std::set<size_t>& as_float16) const {
  uint64_t weights = 0;
  for (size_t i = 0; i < tensors_->prepared.size(); ++i) {
    const PreparedTensor& tensor = *tensors_->prepared[i];
    if (tensor.is_tunable() && !as_float16.contains(i)) weights += tensor.weights();
  }
  return weights;
}

StoredModel Quantizer::quantize(double step_scale, const std::set<size_t>& as_float16) const {
  const auto& prepared = tensors_->prepared;
  StoredModel model;
  model.tensors.resize(prepared.size());
  const auto free = static_cast<uint64_t>(std::count_if(
      prepared.begin(), prepared.end(), [](const auto& tensor) { return tensor->is_tunable(); }));
  ProgressCounter progress(tensors_->progress, "quantize", free, "tensors");
  parallel_for(prepared.size(), tensors_->threads, [&](size_t i) {
    model.tensors[i] = as_float16.contains(i) ? prepared[i]->as_float16() : prepared[i]->stored(step_scale);
    if (prepared[i]->is_tunable()) progress.add(1);
  });
  if (tensors_->lqer_tensors > 0) tensors_->add_corrections(model);
  return model;
}

std::function<double(double)> Quantizer::estimated_bytes(const std::set<size_t>& as_float16) const {
  struct Rate {
    RateSample sample;
    double unit = 0.0;     ///< the step size at step scale 1
    double weights = 0.0;  ///< of the whole tensor
  };
  const auto& prepared = tensors_->prepared;
  std::vector<std::optional<Rate>> rates(prepared.size());
  std::vector<double> fixed(prepared.size());
  parallel_for(prepared.size(), tensors_->threads, [&](size_t i) {
    const PreparedTensor& tensor = *prepared[i];
    if (tensor.is_tunable() && !as_float16.contains(i)) {
      rates[i] = {tensor.rate_sample(), tensor.step_size(1.0), static_cast<double>(tensor.weights())};
    } else {
      const StoredTensor stored = tensor.is_tunable() ? tensor.as_float16() : tensor.stored(1.0);
      fixed[i] = entropy_bytes(stored.values) + entropy_bytes(stored.scales);
    }
  });
  const double sum = std::accumulate(fixed.begin(), fixed.end(), 0.0);
  return [rates = std::move(rates), sum, threads = tensors_->threads](double step_scale) {
    std::vector<double> bits(rates.size());
    parallel_for(rates.size(), threads, [&](size_t i) {
      if (rates[i]) bits[i] = rates[i]->weights * rates[i]->sample.bits_a_weight(step_scale * rates[i]->unit);
    });
    return sum + std::accumulate(bits.begin(), bits.end(), 0.0) / 8;
  };
}

std::vector<TunableTensor> Quantizer::tunable_tensors(const StoredModel& model) const {
  const auto& prepared = tensors_->prepared;
  const auto increases = tensors_->measure(model, [](const PreparedTensor& tensor, const auto& stored) {
    return tensor.is_tunable() ? tensor.predicted_gap(stored) : 0.0;
  });
  const bool knows_loss = std::all_of(increases.begin(), increases.end(),
                                      [](const auto& increase) { return increase.has_value(); });
  std::vector<std::optional<double>> errors(prepared.size());
  if (!knows_loss) {
    errors = tensors_->measure(model, [](const PreparedTensor& tensor, const auto& stored) {
      return tensor.is_tunable() ? tensor.nmse(stored) : 0.0;
    });
  }
  std::vector<TunableTensor> tensors;
  for (size_t i = 0; i < prepared.size(); ++i) {
    if (!prepared[i]->is_tunable() || !prepared[i]->fits_float16()) continue;
    const uint64_t weights = prepared[i]->weights();
    tensors.push_back({i, weights,
                       knows_loss ? *increases[i] / static_cast<double>(weights)
                                  : prepared[i]->importance() * errors[i].value_or(0.0)});
  }
  return tensors;
}

double Quantizer::nmse(const StoredModel& model) const {
  const auto errors = tensors_->measure(
      model, [](const PreparedTensor& tensor, const StoredTensor& stored) { return tensor.nmse(stored); });
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

std::optional<double> Quantizer::predicted_gap(const StoredModel& model) const {
  const auto increases = tensors_->measure(
      model,
      [](const PreparedTensor& tensor, const StoredTensor& stored) { return tensor.predicted_gap(stored); });
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
