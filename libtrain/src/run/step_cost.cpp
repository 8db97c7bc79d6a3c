#include "golf/train/run/step_cost.h"

#include <map>
#include <string>

#include "golf/artifact/spec/layer_plan.h"
#include "golf/artifact/spec/tensor_inventory.h"
#include "golf/artifact/tensor/tensor.h"
#include "golf/train/optim/parameter_groups.h"

namespace golf {
namespace {

struct Gpu {
  std::string_view name;  ///< part of what the driver says
  double bf16_peak;       ///< operations a second, dense
};
/// From the makers' data sheets; the first that fits counts, so a part of another's name comes after it.
constexpr Gpu kGpus[] = {
    {"H100 PCIe", 756e12}, {"H100 NVL", 835e12}, {"H100", 989e12},
    {"H200 NVL", 835e12},  {"H200", 989e12},     {"A100", 312e12},
};

}  // namespace

double operations_per_token(const TrainConfig& config) {
  const ModelConfig& model = config.model;
  std::map<std::string, int64_t> sizes;
  for (const TensorInfo& row : tensor_inventory(model)) sizes[row.name] = element_count(row.shape);
  const int64_t head = model.vocab_size * model.model_dim;
  for (int64_t i = 0; i < config.mtp.heads; ++i) sizes[mtp_head_name(i)] = head;

  const LayerPlan plan = layer_plan(model);
  int64_t multiplied = head;
  for (const ParameterGroup& group : plan_parameter_groups(model, config.optimizer, config.mtp.heads)) {
    if (group.optimizer != OptimizerKind::kMuon) continue;
    for (const std::string& name : group.parameters) {
      const int64_t block = layer_of(name);
      multiplied += sizes.at(name) * (block < 0 ? 1 : plan.calls_of(block));
    }
  }
  const int64_t attended = config.data.seq_len * model.model_dim * static_cast<int64_t>(plan.calls.size());
  return 6.0 * static_cast<double>(multiplied + attended);
}

std::optional<double> bf16_peak(std::string_view device_name) {
  for (const Gpu& gpu : kGpus) {
    if (device_name.find(gpu.name) != std::string_view::npos) return gpu.bf16_peak;
  }
  return std::nullopt;
}

double utilization(double tokens_per_second, double operations_per_token, double operations_per_second) {
  return tokens_per_second * operations_per_token / operations_per_second;
}

}  // namespace golf
