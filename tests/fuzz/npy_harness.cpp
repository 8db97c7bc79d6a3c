// NumPy files.
#include "fuzz/harness.h"
#include "golf/artifact/formats/npy.h"

namespace golf::fuzz {
namespace {

void run(ByteView input) {
  Tensor tensor;
  if (!accepts([&] { tensor = parse_npy(input, "fuzz"); })) return;
  expect(is_npy(input), "what reads is recognised");
  expect(parse_npy(encode_npy(tensor), "fuzz") == tensor, "an array survives another round trip");
}

std::vector<Bytes> seeds() {
  return {encode_npy(make_tensor(DType::kF32, {3, 2})), encode_npy(make_tensor(DType::kI64, {})),
          encode_npy(make_tensor(DType::kU8, {0, 5})), encode_npy(make_tensor(DType::kF16, {2, 1, 3}))};
}

}  // namespace

const Harness kNpy = {.name = "npy", .run = run, .seeds = seeds};

}  // namespace golf::fuzz
