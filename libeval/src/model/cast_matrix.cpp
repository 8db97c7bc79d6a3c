#include "model/cast_matrix.h"

#include <torch/types.h>

#include "model/ops.h"

namespace golf {

CastMatrixImpl::CastMatrixImpl(int64_t rows, int64_t columns)
    : weight(register_parameter("weight", torch::zeros({rows, columns}))) {}

torch::Tensor CastMatrixImpl::project(const torch::Tensor& x, torch::ScalarType compute_dtype) const {
  torch::Tensor y = apply_linear(x.to(compute_dtype), hooked_weight().to(compute_dtype));
  if (product_hook) product_hook(x, y);
  return y;
}

torch::Tensor CastMatrixImpl::lookup(const torch::Tensor& ids) const {
  torch::Tensor y = at::embedding(hooked_weight(), ids);
  if (product_hook) product_hook({}, y);
  return y;
}

}  // namespace golf
