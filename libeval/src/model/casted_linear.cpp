#include "model/casted_linear.h"

#include <torch/types.h>

#include "model/ops.h"

namespace golf {

CastedLinearImpl::CastedLinearImpl(torch::Tensor matrix)
    : weight(register_parameter("weight", std::move(matrix))) {}

torch::Tensor CastedLinearImpl::project(const torch::Tensor& x, torch::ScalarType compute_dtype) const {
  torch::Tensor y = apply_linear(x.to(compute_dtype), hooked_weight().to(compute_dtype));
  if (product_hook) product_hook(x, y);
  return y;
}

torch::Tensor CastedLinearImpl::lookup(const torch::Tensor& ids) const {
  torch::Tensor y = at::embedding(hooked_weight(), ids);
  if (product_hook) product_hook({}, y);
  return y;
}

}  // namespace golf
