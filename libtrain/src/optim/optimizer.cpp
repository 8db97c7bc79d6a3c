#include "golf/train/optim/optimizer.h"

#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/error.h"
#include "golf/train/optim/adam.h"
#include "golf/train/optim/muon.h"

namespace golf {
namespace {

std::vector<NamedParameter> members_of(const ParameterGroup& group,
                                       const std::vector<NamedParameter>& parameters) {
  std::vector<NamedParameter> members;
  for (const std::string& name : group.parameters) {
    const auto found =
        std::find_if(parameters.begin(), parameters.end(), [&](const auto& one) { return one.name == name; });
    if (found == parameters.end()) {
      fail(ErrorCode::kMismatch,
           fmt::format("group {}: the model has no parameter \"{}\"", group.name, name));
    }
    members.push_back(*found);
  }
  return members;
}

}  // namespace

std::vector<std::unique_ptr<Optimizer>> make_optimizers(const std::vector<ParameterGroup>& groups,
                                                        const std::vector<NamedParameter>& parameters,
                                                        const MuonConfig& muon) {
  std::vector<std::unique_ptr<Optimizer>> optimizers;
  for (const ParameterGroup& group : groups) {
    std::vector<NamedParameter> members = members_of(group, parameters);
    switch (group.optimizer) {
      case OptimizerKind::kAdam:
        optimizers.push_back(std::make_unique<Adam>(std::move(members), group.base_lr, group.adam));
        break;
      case OptimizerKind::kMuon:
        optimizers.push_back(std::make_unique<Muon>(members, group.base_lr, muon));
        break;
    }
  }
  return optimizers;
}

torch::Tensor global_norm(const std::vector<torch::Tensor>& tensors, NormDType dtype) {
  const torch::ScalarType type = dtype == NormDType::kFloat64 ? torch::kDouble : torch::kFloat;
  if (tensors.empty()) return at::zeros({}, type);
  return at::linalg_vector_norm(at::stack(at::_foreach_norm(tensors, 2, type)));
}

void clip_to_norm(const std::vector<torch::Tensor>& tensors, const torch::Tensor& norm, double max_norm) {
  if (tensors.empty()) return;
  const torch::Tensor factor = at::clamp_max(max_norm / (norm + 1e-6), 1.0);
  at::_foreach_mul_(tensors, factor.to(tensors[0].scalar_type()));
}

}  // namespace golf
