#include "golf/artifact/spec/model_presets.h"

#include <array>

namespace golf {

std::span<const ModelPreset> model_presets() {
  static const std::array kPresets = {
      ModelPreset{
          "baseline", "the challenge's upstream model: 9 layers, 512 wide, 17,059,912 parameters", {}},
      ModelPreset{
          "baseline-tiny",
          "the baseline at 5 layers, 128 wide, context 256: for CPUs and tests",
          {.model = {.num_layers = 5, .model_dim = 128, .num_heads = 4, .num_kv_heads = 2, .mlp_hidden = 256},
           .eval = {.seq_len = 256, .stride = 64, .batch_seqs = 16}}},
  };
  return kPresets;
}

std::optional<ModelSpec> find_model_preset(std::string_view name) {
  for (const ModelPreset& preset : model_presets()) {
    if (preset.name == name) return preset.spec;
  }
  return std::nullopt;
}

}  // namespace golf
