#include "model/cast_matrix.h"

#include <torch/types.h>

#include "model/ops.h"

namespace golf {

CastMatrixImpl::CastMatrixImpl(int64_t rows, int64_t columns)
    : weight(register_parameter("weight", torch::zeros({rows, columns}))) {}

torch::Tensor CastMatrixImpl::project(const torch::Tensor& x, torch::ScalarType compute_dtype) const {
  if (input_hook) input_hook(x);
  return apply_linear(x.to(compute_dtype), hooked_weight().to(compute_dtype));
}

torch::Tensor CastMatrixImpl::lookup(const torch::Tensor& ids) const {
  return at::embedding(hooked_weight(), ids);
}

}  // namespace golf
