#include "golf/train/optim/gradient_clip.h"

namespace golf {

torch::Tensor global_norm(const std::vector<torch::Tensor>& tensors) {
  if (tensors.empty()) return at::zeros({});
  return at::linalg_vector_norm(at::stack(at::_foreach_norm(tensors)));
}

void clip_to_norm(const std::vector<torch::Tensor>& tensors, const torch::Tensor& norm, double max_norm) {
  if (tensors.empty()) return;
  at::_foreach_mul_(tensors, at::clamp_max(max_norm / (norm + 1e-6), 1.0));
}

}  // namespace golf
