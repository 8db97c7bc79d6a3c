// Uses the installed headers and library: packs a small model in memory and reads it back.
#include <cstdio>
#include <vector>

#include "golf/artifact/pack/pack.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/artifact/spec/tensor_inventory.h"

int main() {
  golf::LoadedModel model{.spec = golf::load_model_spec("baseline-tiny")};
  for (const golf::TensorInfo& info : golf::tensor_inventory(model.spec->model)) {
    const std::vector<float> values(static_cast<size_t>(golf::element_count(info.shape)), 0.5F);
    model.tensors.add(info.name, golf::from_f32(values, golf::DType::kF32, info.shape));
  }
  const golf::PackResult packed = golf::pack(model, {.codec = golf::parse_codec("zstd:19")});
  const golf::LoadedModel read = golf::load_model(packed.bytes, "toy.golf", std::nullopt);
  std::printf("%zu tensors in %zu bytes\n", read.tensors.size(), packed.bytes.size());
  return read.spec == model.spec && read.tensors.size() == model.tensors.size() ? 0 : 1;
}
