#include "golf/artifact/spec/initial_values.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/spec/parameter_banks.h"
#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {
namespace {

using Kind = InitialValue::Kind;
using Step = InitStep::Kind;

constexpr int64_t kSmallestOrthogonalSide = 64;

class Planner {
 public:
  Planner(const ModelConfig& config, const InitConfig& init) : config_(config), init_(init) {
    ModelConfig built = config;
    built.tensor_order = TensorOrder::kByLayer;  // modules are constructed block by block
    rows_ = tensor_inventory(built);
  }

  std::vector<InitStep> plan() {
    // First what torch draws while it constructs the modules, also for what is overwritten below: the
    // generator must move on as it did there.
    for (const TensorInfo& row : rows_) construct(row);
    for (int64_t head = 0; head < init_.mtp_heads; ++head) {
      draw(Step::kUniform, {}, {config_.vocab_size, config_.model_dim});
    }
    // Then the submission's own pass over them.
    for (const TensorInfo& row : rows_) {
      if (row.initial.kind == Kind::kEmbedding && config_.tie_embeddings) {
        draw(Step::kNormal, row.name, row.shape, init_.tied_embed_init_std);
      }
    }
    if (init_.matrices != MatrixInit::kUpstream) make_orthogonal();
    return std::move(steps_);
  }

 private:
  bool banks() const {
    return init_.matrices == MatrixInit::kOrthogonalBanks ||
           init_.matrices == MatrixInit::kOrthogonalBanksMlpLast;
  }
  /// A bank is allocated, not drawn.
  bool in_bank(const TensorInfo& row) const { return banks() && is_bank_member(row.name); }

  void draw(Step kind, std::string parameter, Shape shape, double value = 1.0) {
    steps_.push_back({kind, std::move(parameter), std::move(shape), value});
  }

  void construct(const TensorInfo& row) {
    const InitialValue& initial = row.initial;
    switch (initial.kind) {
      case Kind::kConstant:
      case Kind::kLogit:
        return draw(Step::kFill, row.name, row.shape, constant_value(initial, init_));
      case Kind::kFirstRowOne:
        return draw(Step::kFirstRowOne, row.name, row.shape);
      case Kind::kNormal:
        return draw(Step::kNormal, row.name, row.shape, initial.value);
      case Kind::kEmbedding:
        return draw(Step::kNormal, row.name, row.shape);
      case Kind::kTable:
        draw(Step::kNormal, {}, row.shape);
        return draw(initial.value == 0 ? Step::kFill : Step::kNormal, row.name, row.shape, initial.value);
      case Kind::kMatrix:
        if (in_bank(row)) return draw(Step::kFill, row.name, row.shape, 0.0);
        return draw(Step::kUniform, row.name, row.shape);
      case Kind::kZeroMatrix:
      case Kind::kSideMatrix:
        if (!in_bank(row)) draw(Step::kUniform, {}, row.shape);
        return draw(Step::kFill, row.name, row.shape, 0.0);
    }
  }

  void make_orthogonal() {
    std::vector<TensorInfo> matrices;
    for (const TensorInfo& row : rows_) {
      if (row.initial.kind == Kind::kMatrix && (in_bank(row) || large(row))) matrices.push_back(row);
      if (row.initial.kind == Kind::kSideMatrix && large(row)) matrices.push_back(row);
    }
    const auto drawn_at = [&](const TensorInfo& row) {
      if (!in_bank(row)) return banks() ? 2 : 0;
      return init_.matrices == MatrixInit::kOrthogonalBanksMlpLast && row.role == TensorRole::kMlpMatrix ? 1
                                                                                                         : 0;
    };
    std::stable_sort(matrices.begin(), matrices.end(),
                     [&](const TensorInfo& a, const TensorInfo& b) { return drawn_at(a) < drawn_at(b); });
    const double shrunk = 1.0 / std::sqrt(2.0 * static_cast<double>(config_.num_layers));
    for (const TensorInfo& row : matrices) {
      draw(Step::kOrthogonal, row.name, row.shape, row.initial.shrinks_with_depth && !banks() ? shrunk : 1.0);
    }
  }

  static bool large(const TensorInfo& row) {
    return std::min(row.shape[0], row.shape[1]) >= kSmallestOrthogonalSide;
  }

  const ModelConfig& config_;
  const InitConfig& init_;
  std::vector<TensorInfo> rows_;
  std::vector<InitStep> steps_;
};

}  // namespace

double constant_value(const InitialValue& initial, const InitConfig& init) {
  if (initial.kind != Kind::kConstant && initial.kind != Kind::kLogit) return 0.0;
  const auto given = init.settings.find(initial.setting);
  const double value = given == init.settings.end() ? initial.value : given->second;
  return initial.kind == Kind::kLogit ? std::log(value / (1 - value)) : value;
}

std::vector<InitStep> init_plan(const ModelConfig& config, const InitConfig& init) {
  return Planner(config, init).plan();
}

}  // namespace golf
