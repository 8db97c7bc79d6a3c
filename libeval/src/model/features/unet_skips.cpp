#include "model/features/unet_skips.h"

#include "model/ops.h"

namespace golf {

UnetSkips::UnetSkips(const ModelConfig& config, torch::Tensor weights_SD)
    : encoder_layers_(config.encoder_layers()), weights_SD_(std::move(weights_SD)) {}

torch::Tensor UnetSkips::before(int64_t layer, const torch::Tensor& x_BTD, LayerState& state) const {
  if (layer < encoder_layers_ || state.skip_stack.empty()) return x_BTD;
  const torch::Tensor pushed_BTD = std::move(state.skip_stack.back());
  state.skip_stack.pop_back();
  return add_scaled(x_BTD, weights_SD_[layer - encoder_layers_], pushed_BTD);
}

void UnetSkips::after(int64_t layer, const torch::Tensor& x_BTD, LayerState& state) const {
  if (layer < encoder_layers_) state.skip_stack.push_back(x_BTD);
}

}  // namespace golf
