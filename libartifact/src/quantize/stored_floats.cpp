#include "golf/artifact/quantize/stored_floats.h"

#include <fmt/format.h>

#include <cmath>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

bool can_change(DType dtype) { return dtype == DType::kF16 || dtype == DType::kBF16 || dtype == DType::kF32; }

[[noreturn]] void fail_floats(const StoredTensor& stored, const std::string& problem) {
  fail(ErrorCode::kInvalidArgument, fmt::format("tensor \"{}\": {}", printable(stored.name), problem));
}

}  // namespace

std::vector<float> stored_floats(const StoredTensor& stored) {
  if (stored.on_grid()) return {stored.grid.step};
  const Tensor& floats = stored.encoding == Encoding::kPassthrough ? stored.values : stored.scales;
  return can_change(floats.dtype) ? to_f32(floats) : std::vector<float>();
}

void replace_floats(StoredTensor& stored, std::span<const float> floats) {
  if (const size_t expected = stored_floats(stored).size(); floats.size() != expected) {
    fail_floats(stored, fmt::format("{} floats given, it stores {}", floats.size(), expected));
  }
  if (floats.empty()) return;
  if (stored.on_grid()) {
    const float step = floats[0];
    if (!std::isnormal(step) || step < 0) {
      fail_floats(stored, fmt::format("a step of {}, a positive normal number expected", step));
    }
    stored.grid.step = step;
    return;
  }
  Tensor& place = stored.encoding == Encoding::kPassthrough ? stored.values : stored.scales;
  Tensor replaced = from_f32(floats, place.dtype, place.shape);
  if (const auto odd = non_finite_element(replaced)) {
    fail_floats(stored, fmt::format("{} as {}, finite numbers expected", *odd, torch_name(place.dtype)));
  }
  place = std::move(replaced);
}

}  // namespace golf
