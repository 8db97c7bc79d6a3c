// safetensors files: as tensors, as checkpoints with a model's configuration, as calibrations.
#include "fuzz/harness.h"
#include "fuzz/seed_models.h"
#include "golf/artifact/formats/safetensors.h"
#include "golf/artifact/quantize/calibration.h"

namespace golf::fuzz {
namespace {

void run(ByteView input) {
  is_safetensors(input);
  TensorSet tensors;
  const bool read = accepts([&] { tensors = parse_safetensors(input, "fuzz"); });
  const bool is_checkpoint = accepts([&] { parse_checkpoint(input, "fuzz"); });
  expect(read || !is_checkpoint, "a checkpoint is a safetensors file or a torch zip, and this is no zip");
  if (!read) return;
  const Bytes written = encode_safetensors(tensors);
  const TensorSet again = parse_safetensors(written, "fuzz");
  expect(again.size() == tensors.size() && encode_safetensors(again) == written,
         "tensors survive another round trip");
  accepts([&] { Calibration(std::move(tensors), "fuzz").check_against(seed_weights()); });
  accepts([&] { load_model(input, "fuzz", std::nullopt, 1); });
}

TensorSet calibration() {
  TensorSet file;
  for (const auto& [name, weight] : seed_weights()) {
    if (weight.rank() != 2) continue;
    const int64_t columns = weight.shape[1];
    Tensor moments = make_tensor(DType::kF32, {columns, columns});
    for (int64_t i = 0; i < columns; ++i) {
      moments.values<float>()[static_cast<size_t>(i * columns + i)] = 1;
    }
    file.add(name, std::move(moments));
    file.add(std::string(Calibration::kFisherPrefix) + name, make_tensor(DType::kF32, {weight.shape[0]}));
  }
  file.metadata = {{"schema", "golf.calibration/1"}, {"source", "a"}, {"tokens", "10"}, {"bytes", "24"}};
  return file;
}

std::vector<Bytes> seeds() {
  TensorSet others;
  for (int i = 0; i < kDTypeCount; ++i) {
    others.add(std::to_string(i), make_tensor(static_cast<DType>(i), {i % 3, 2}));
  }
  others.add("scalar", make_tensor(DType::kF32, {}));
  return {
      encode_checkpoint({.tensors = seed_weights(), .spec = ModelSpec{.model = seed_config(), .eval = {}}}),
      encode_safetensors(calibration()), encode_safetensors(others), encode_safetensors(TensorSet())};
}

}  // namespace

const Harness kSafetensors = {.name = "safetensors", .run = run, .seeds = seeds};

}  // namespace golf::fuzz
