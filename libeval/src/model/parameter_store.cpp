#include "model/parameter_store.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>

#include "golf/artifact/base/error.h"
#include "model/ops.h"

namespace golf {
namespace {

torch::Tensor first_value(const TensorInfo& row) {
  torch::Tensor value = torch::zeros(row.shape);
  if (row.initial.kind == InitialValue::Kind::kFirstRowOne) {
    value[0].fill_(1.0);
  } else {
    value.fill_(constant_value(row.initial, {}));
  }
  return value;
}

/// The child of that name, made when it is missing.
torch::nn::Module& child_of(torch::nn::Module& module, const std::string& name) {
  for (const auto& child : module.named_children()) {
    if (child.key() == name) return *child.value();
  }
  return *module.register_module(name, std::make_shared<torch::nn::Module>());
}

}  // namespace

CastedLinearImpl::CastedLinearImpl(torch::Tensor matrix)
    : weight(register_parameter("weight", std::move(matrix))) {}

torch::Tensor CastedLinearImpl::project(const torch::Tensor& x, torch::ScalarType compute_dtype,
                                        bool nonnegative) const {
  if (int8_) {
    std::call_once(int8_->once, [this] { int8_->matrix = int8_matrix(weight); });
    return int8_linear(x, int8_->matrix, nonnegative);
  }
  torch::Tensor y = apply_linear(x.to(compute_dtype), hooked_weight().to(compute_dtype));
  if (product_hook) product_hook(x, y);
  return y;
}

torch::Tensor CastedLinearImpl::lookup(const torch::Tensor& ids) const {
  torch::Tensor y = at::embedding(hooked_weight(), ids);
  if (product_hook) product_hook({}, y);
  return y;
}

ParameterStore::ParameterStore(const ModelConfig& config) : prefix_(parameter_prefix(config)) {
  ModelConfig built = config;
  built.tensor_order = TensorOrder::kByLayer;  // modules hold a block's matrices together
  for (const TensorInfo& row : tensor_inventory(built)) items_.push_back({row.name, first_value(row), {}});
}

const ParameterStore::Item* ParameterStore::find(const std::string& name) const {
  const auto found = std::find_if(items_.begin(), items_.end(), [&](const Item& item) {
    return item.name == name || item.name == prefix_ + name;
  });
  return found == items_.end() ? nullptr : &*found;
}

ParameterStore::Item& ParameterStore::take(const std::string& name) {
  const Item* item = find(name);
  if (item == nullptr) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("parameter \"{}\" is used by a part of the model but declared by none", name));
  }
  Item& found = items_[static_cast<size_t>(item - items_.data())];
  found.taken = true;
  return found;
}

torch::Tensor ParameterStore::tensor(const std::string& name) {
  // A parameter tracks gradients once it is registered; the handle given out is the same variable.
  return take(name).tensor;
}

CastedLinear ParameterStore::matrix(const std::string& name) {
  Item& item = take(name + ".weight");
  if (!item.matrix) item.matrix = std::make_shared<CastedLinearImpl>(item.tensor);
  return item.matrix;
}

void ParameterStore::register_in(torch::nn::Module& root) {
  for (const Item& item : items_) {
    if (!item.taken) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("parameter \"{}\" is declared but no part of the model uses it", item.name));
    }
    torch::nn::Module* module = &root;
    size_t start = 0;
    const std::string path = item.matrix ? item.name.substr(0, item.name.rfind('.')) : item.name;
    for (size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', start)) {
      module = &child_of(*module, path.substr(start, dot - start));
      start = dot + 1;
    }
    if (item.matrix) {
      module->register_module(path.substr(start), item.matrix);
    } else {
      module->register_parameter(path.substr(start), item.tensor);
    }
  }
}

}  // namespace golf
