#include "golf/artifact/quantize/quantizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "base/progress_counter.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/artifact/spec/tensor_roles.h"
#include "quantize/float_values.h"
#include "quantize/grid_choice.h"
#include "quantize/grid_values.h"
#include "quantize/magnitude_quantile.h"
#include "quantize/scheme_assignment.h"

namespace golf {
namespace {

/// What a relative error of embeddings, head and tables weighs. At equal bytes the best steps for them were a
/// 7th to a 16th of the matrices' on three trained models (benchmarks/results/2026-11-22-quantisers.md).
constexpr double kEmbeddingImportance = 64.0;

/// The matrix in float32 with its smallest magnitudes zero: those under the `fraction` quantile of |w|.
Tensor prune(const Tensor& tensor, double fraction) {
  std::vector<float> weights = to_f32(tensor);
  const float threshold = magnitude_quantile(weights, fraction);
  for (float& weight : weights) {
    if (std::fabs(weight) < threshold) weight = 0.0F;
  }
  return make_tensor<float>(DType::kF32, tensor.shape, weights);
}

double root_mean_square(std::span<const float> values) {
  double sum = 0.0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  return values.empty() ? 0.0 : std::sqrt(sum / static_cast<double>(values.size()));
}

double importance(std::string_view name) {
  const TensorRole role = role_of(name);
  return role == TensorRole::kEmbedding || role == TensorRole::kHead || role == TensorRole::kTable
             ? kEmbeddingImportance
             : 1.0;
}

bool is_tied_embedding(const Assignment& assignment) {
  return !assignment.moments.empty() && role_of(assignment.source->name) == TensorRole::kEmbedding;
}

/// One tensor on its way: done, or waiting for its steps.
class PreparedTensor {
 public:
  PreparedTensor(const Assignment& assignment, double prune_fraction)
      : scheme_(assignment.scheme),
        both_uses_(is_tied_embedding(assignment) ? with_look_ups(assignment.moments) : std::vector<float>()),
        moments_(both_uses_.empty() ? assignment.moments : both_uses_),
        importance_(importance(assignment.source->name)) {
    const auto& [name, tensor] = *assignment.source;
    if (const auto odd = non_finite_element(tensor)) {
      fail(ErrorCode::kCorruptData, *odd + ", finite values expected");
    }
    const bool pruned =
        prune_fraction > 0 && scheme_.row->integers() && is_floating(tensor.dtype) && tensor.rank() == 2;
    if (pruned) pruned_ = prune(tensor, prune_fraction);
    source_ = pruned ? &*pruned_ : &tensor;
    if (scheme_.feedback) {
      factor_ =
          factor_moments(moments_, scheme_.act_order ? ColumnOrder::kLargestFirst : ColumnOrder::kNatural);
    }
    if (scheme_.row->kind == SchemeKind::kSteps) {
      prepare_steps();
    } else {
      done_ = scheme_.row->kind == SchemeKind::kNumber ? scheme_.row->store_at(*source_, *scheme_.number)
                                                       : scheme_.row->store(*source_);
      if (factor_) choose_values(FloatValues(*source_).all(), &*factor_, *done_);
    }
    if (scheme_.number && !done_) done_ = on_grid(*scheme_.number * root_mean_square_);
    original_dtype_ = tensor.dtype;
    name_ = name;
    if (done_) factor_.reset();
  }

  bool is_free() const { return !done_; }
  uint64_t weights() const { return static_cast<uint64_t>(source_->elements()); }
  double importance_of_all() const { return importance_ * static_cast<double>(weights()); }
  /// Mean energy of the outputs' errors, in that of the outputs; nothing for floats and for weights of 0.
  std::optional<double> relative_error(const StoredTensor& stored) const {
    if (!scheme_.row->integers()) return std::nullopt;
    const FloatValues weights(*source_);
    const double energy = mean_energy(weights.all());
    if (energy <= 0) return std::nullopt;
    std::vector<float> errors = to_f32(dequantize(stored));
    for (size_t i = 0; i < errors.size(); ++i) errors[i] -= weights.all()[i];
    return mean_energy(errors) / energy;
  }
  StoredTensor stored(double level) const {
    StoredTensor stored = done_ ? *done_ : on_grid(level * unit_);
    stored.original_dtype = original_dtype_;
    stored.name = name_;
    return stored;
  }

 private:
  /// Unit and weights of the columns, as the Quantizer's comment has them.
  void prepare_steps() {
    const FloatValues weights(*source_);
    root_mean_square_ = root_mean_square(weights.all());
    double mean_square = root_mean_square_ * root_mean_square_;
    if (!moments_.empty()) {
      std::vector<double> errors = factor_ ? in_column_order(*factor_) : damped_diagonal(moments_);
      const auto columns = static_cast<double>(errors.size());
      double weight = std::accumulate(errors.begin(), errors.end(), 0.0) / columns;
      if (scheme_.column_steps) {
        double sum = 0.0;
        for (const double error : errors) sum += std::log2(error);
        weight = std::exp2(sum / columns);
        column_weights_ = std::move(errors);
      }
      const double energy = mean_energy(weights.all());
      // Weights that only ever met inputs of 0 keep their own measure.
      if (energy > 0) mean_square = energy / (columns * weight);
    }
    unit_ = std::sqrt(mean_square / importance_);
  }

  /// Of an output, for weights or for errors; without moments of a weight.
  double mean_energy(std::span<const float> values) const {
    if (!moments_.empty()) {
      return mean_output_energy(values, static_cast<size_t>(source_->shape[1]), moments_);
    }
    const double root = root_mean_square(values);
    return root * root;
  }

  static std::vector<double> in_column_order(const MomentFactor& factor) {
    std::vector<double> variances(factor.size());
    for (size_t step = 0; step < factor.size(); ++step) {
      variances[factor.order[step]] = factor.variances[step];
    }
    return variances;
  }

  StoredTensor on_grid(double spacing) const {
    const FloatValues weights(*source_);
    // All weights 0: any step will do.
    if (root_mean_square_ == 0) spacing = 1.0;
    StoredTensor stored = make_grid(*source_, weights.all(),
                                    {.storage = scheme_.row->storage,
                                     .spacing = spacing,
                                     .column_weights = column_weights_,
                                     .feedback = factor_.has_value()});
    choose_values(weights.all(), factor_ ? &*factor_ : nullptr, stored);
    return stored;
  }

  Scheme scheme_;
  std::vector<float> both_uses_;  ///< of a tied embedding with moments
  std::span<const float> moments_;
  double importance_;
  std::optional<Tensor> pruned_;
  const Tensor* source_ = nullptr;
  std::string name_;
  DType original_dtype_ = DType::kF32;
  std::optional<MomentFactor> factor_;
  std::vector<double> column_weights_;
  double root_mean_square_ = 0.0;
  double unit_ = 0.0;
  std::optional<StoredTensor> done_;
};

}  // namespace

struct Quantizer::Tensors {
  std::vector<std::unique_ptr<PreparedTensor>> prepared;
  int threads = 0;
  ProgressSink progress;
};

Quantizer::Quantizer(const TensorSet& tensors, const QuantRecipe& recipe, const QuantizeOptions& options)
    : tensors_(std::make_unique<Tensors>()) {
  validate(recipe);
  if (options.calibration != nullptr) options.calibration->check_against(tensors);
  const std::vector<Assignment> assignments = assign_schemes(tensors, recipe, options);
  tensors_->threads = options.threads;
  tensors_->progress = options.progress;
  tensors_->prepared.resize(assignments.size());
  ProgressCounter progress(options.progress, "prepare", assignments.size(), "tensors");
  parallel_for(assignments.size(), options.threads, [&](size_t i) {
    const Assignment& assignment = assignments[i];
    try {
      tensors_->prepared[i] = std::make_unique<PreparedTensor>(assignment, recipe.prune_fraction);
    } catch (const Error& error) {
      fail_within(fmt::format("tensor \"{}\", scheme {}", printable(assignment.source->name),
                              assignment.scheme.row->name),
                  error);
    }
    progress.add(1);
  });
}

Quantizer::~Quantizer() = default;
Quantizer::Quantizer(Quantizer&&) noexcept = default;

uint64_t Quantizer::free_weights() const {
  uint64_t weights = 0;
  for (const auto& tensor : tensors_->prepared) weights += tensor->is_free() ? tensor->weights() : 0;
  return weights;
}

StoredModel Quantizer::quantize(double level) const {
  const auto& prepared = tensors_->prepared;
  StoredModel model;
  model.tensors.resize(prepared.size());
  const auto free = static_cast<uint64_t>(
      std::count_if(prepared.begin(), prepared.end(), [](const auto& tensor) { return tensor->is_free(); }));
  ProgressCounter progress(tensors_->progress, "quantise", free, "tensors");
  parallel_for(prepared.size(), tensors_->threads, [&](size_t i) {
    model.tensors[i] = prepared[i]->stored(level);
    if (prepared[i]->is_free()) progress.add(1);
  });
  return model;
}

double Quantizer::relative_error(const StoredModel& model) const {
  const auto& prepared = tensors_->prepared;
  std::vector<std::optional<double>> errors(prepared.size());
  parallel_for(prepared.size(), tensors_->threads,
               [&](size_t i) { errors[i] = prepared[i]->relative_error(model.tensors[i]); });
  double sum = 0.0;
  double total = 0.0;
  for (size_t i = 0; i < errors.size(); ++i) {
    if (!errors[i]) continue;
    sum += prepared[i]->importance_of_all() * *errors[i];
    total += prepared[i]->importance_of_all();
  }
  return total > 0 ? sum / total : 0.0;
}

StoredModel quantize(const TensorSet& tensors, const QuantRecipe& recipe, const QuantizeOptions& options) {
  return Quantizer(tensors, recipe, options).quantize();
}

}  // namespace golf
