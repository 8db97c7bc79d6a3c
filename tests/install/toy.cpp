// Uses the installed headers and library: packs a small model in memory and reads it back.
#include <cstdio>
#include <vector>

#include "golf/artifact/container/artifact.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/artifact/spec/tensor_inventory.h"

int main() {
  const golf::ModelSpec spec = golf::load_model_spec("baseline-tiny");
  golf::TensorSet weights;
  for (const golf::TensorInfo& info : golf::tensor_inventory(spec.model)) {
    const std::vector<float> values(static_cast<size_t>(golf::element_count(info.shape)), 0.5F);
    weights.add(info.name, golf::from_f32(values, golf::DType::kF32, info.shape));
  }
  const golf::Artifact artifact{.info = {.spec = spec, .codec = golf::parse_codec("zstd:19")},
                                .model = golf::quantize(weights, golf::load_recipe("baseline-int8"), {})};
  const golf::Bytes file = golf::encode_artifact(artifact);
  const golf::Artifact read = golf::decode_artifact(file, "toy.golf");
  std::printf("%zu tensors in %zu bytes\n", read.model.tensors.size(), file.size());
  return read.info.spec == spec && golf::dequantize(read.model).size() == weights.size() ? 0 : 1;
}
