#include "golf/artifact/quantize/scheme_table.h"

#include <fmt/format.h>

#include <array>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "quantize/clip_search_int6.h"
#include "quantize/clipped_int.h"
#include "quantize/entry_int6.h"
#include "quantize/float_passthrough.h"
#include "quantize/int_per_row.h"

namespace golf {
namespace {

template <int kBits>
StoredTensor store_int(const Tensor& tensor) {
  return store_int_per_row(tensor, kBits);
}

template <int kBits>
StoredTensor store_clipped(const Tensor& tensor) {
  return store_clipped_int(tensor, kBits);
}

template <DType kDType>
StoredTensor store_float(const Tensor& tensor) {
  return store_cast(tensor, kDType);
}

constexpr std::array kTable = {
    SchemeRow{"int4", "integers in ±7, one float16 scale per row from its largest weight", true,
              store_int<4>},
    SchemeRow{"int5", "integers in ±15, likewise", true, store_int<5>},
    SchemeRow{"int6", "integers in ±31, likewise", true, store_int<6>},
    SchemeRow{"int7", "integers in ±63, likewise", true, store_int<7>},
    SchemeRow{"int8", "integers in ±127, likewise", true, store_int<8>},
    SchemeRow{"int8-clip", "the upstream reference's int8: clipping quantile, scale at least 1/127", true,
              store_clipped<8>},
    SchemeRow{"int6-pr88", "PR 88's int6: no clipping, scale at least 1/31, ±31", true, store_int6_pr88},
    SchemeRow{"int6-pr192", "PR 192's int6: int8-clip with ±31 and 1/31", true, store_clipped<6>},
    SchemeRow{"int6-pr262", "PR 262's int6: as PR 88's, but divided by the float16 scale, -32 to 31", true,
              store_int6_pr262},
    SchemeRow{"int6-pr993", "PR 993's int6: the clipping quantile with the least error, scale at least 1/31",
              true, store_clip_search_int6},
    SchemeRow{"int6-pr1046", "PR 1046's int6: no clipping, no 1/31, divided by the float16 scale, -32 to 31",
              true, store_int6_pr1046},
    SchemeRow{"fp16", "float16", false, store_float<DType::kF16>},
    SchemeRow{"bf16", "bfloat16", false, store_float<DType::kBF16>},
    SchemeRow{"fp32", "float32", false, store_float<DType::kF32>},
    SchemeRow{"keep", "as it is, whatever its dtype", false, store_kept},
    SchemeRow{"drop", "left out of the artifact", false, nullptr},
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
