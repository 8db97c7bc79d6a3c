#include "golf/artifact/quantize/scheme_table.h"

#include <fmt/format.h>

#include <array>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "quantize/clipped_int8.h"
#include "quantize/float_passthrough.h"
#include "quantize/int_per_row.h"

namespace golf {
namespace {

template <int kBits>
StoredTensor store_int(const Tensor& tensor) {
  return store_int_per_row(tensor, kBits);
}

template <DType kDType>
StoredTensor store_float(const Tensor& tensor) {
  return store_cast(tensor, kDType);
}

constexpr std::array kTable = {
    SchemeRow{"int4", "integers in ±7, one float16 scale per row from its largest weight", store_int<4>},
    SchemeRow{"int5", "integers in ±15, likewise", store_int<5>},
    SchemeRow{"int6", "integers in ±31, likewise", store_int<6>},
    SchemeRow{"int7", "integers in ±63, likewise", store_int<7>},
    SchemeRow{"int8", "integers in ±127, likewise", store_int<8>},
    SchemeRow{"int8-clip", "the upstream reference's int8: clipping quantile, scale at least 1/127",
              store_clipped_int8},
    SchemeRow{"fp16", "float16", store_float<DType::kF16>},
    SchemeRow{"bf16", "bfloat16", store_float<DType::kBF16>},
    SchemeRow{"fp32", "float32", store_float<DType::kF32>},
    SchemeRow{"keep", "as it is, whatever its dtype", store_kept},
    SchemeRow{"drop", "left out of the artifact", nullptr},
};

}  // namespace

std::span<const SchemeRow> scheme_table() { return kTable; }

const SchemeRow& scheme_row(std::string_view name) {
  std::string names;
  for (const SchemeRow& row : kTable) {
    if (row.name == name) return row;
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  fail(ErrorCode::kInvalidArgument, fmt::format("scheme \"{}\" is not one of: {}", printable(name), names));
}

}  // namespace golf
