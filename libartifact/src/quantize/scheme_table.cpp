#include "golf/artifact/quantize/scheme_table.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "quantize/clip_search_int6.h"
#include "quantize/clipped_int.h"
#include "quantize/deviation_clip.h"
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

template <int kBits>
StoredTensor store_deviations(const Tensor& tensor, double deviations) {
  return store_clipped_at_deviations(tensor, kBits, deviations);
}

template <DType kDType>
StoredTensor store_float(const Tensor& tensor) {
  return store_cast(tensor, kDType);
}

constexpr std::array kTable = {
    SchemeRow{"int4", "integers in ±7, one float16 scale per row from its largest weight",
              SchemeKind::kIntegers, store_int<4>},
    SchemeRow{"int5", "integers in ±15, likewise", SchemeKind::kIntegers, store_int<5>},
    SchemeRow{"int6", "integers in ±31, likewise", SchemeKind::kIntegers, store_int<6>},
    SchemeRow{"int7", "integers in ±63, likewise", SchemeKind::kIntegers, store_int<7>},
    SchemeRow{"int8", "integers in ±127, likewise", SchemeKind::kIntegers, store_int<8>},
    SchemeRow{"int8-clip", "the upstream reference's int8: clipping quantile, scale at least 1/127",
              SchemeKind::kIntegers, store_clipped<8>},
    SchemeRow{"int6-pr88", "PR 88's int6: no clipping, scale at least 1/31, ±31", SchemeKind::kIntegers,
              store_int6_pr88},
    SchemeRow{"int6-pr192", "PR 192's int6: int8-clip with ±31 and 1/31", SchemeKind::kIntegers,
              store_clipped<6>},
    SchemeRow{"int6-pr262", "PR 262's int6: as PR 88's, but divided by the float16 scale, -32 to 31",
              SchemeKind::kIntegers, store_int6_pr262},
    SchemeRow{"int6-pr993", "PR 993's int6: the clipping quantile with the least error, scale at least 1/31",
              SchemeKind::kIntegers, store_clip_search_int6},
    SchemeRow{"int6-pr1046", "PR 1046's int6: no clipping, no 1/31, divided by the float16 scale, -32 to 31",
              SchemeKind::kIntegers, store_int6_pr1046},
    SchemeRow{"int4-sd", "integers in ±7, rows clipped at so many standard deviations: int4-sd:NUMBER",
              SchemeKind::kNumber, nullptr, store_deviations<4>},
    SchemeRow{"int5-sd", "integers in ±15, likewise", SchemeKind::kNumber, nullptr, store_deviations<5>},
    SchemeRow{"int6-sd", "integers in ±31, likewise", SchemeKind::kNumber, nullptr, store_deviations<6>},
    SchemeRow{"int7-sd", "integers in ±63, likewise", SchemeKind::kNumber, nullptr, store_deviations<7>},
    SchemeRow{"int8-sd", "integers in ±127, likewise", SchemeKind::kNumber, nullptr, store_deviations<8>},
    SchemeRow{"ecsq", "uniform steps without clipping, for an entropy coder; ecsq:STEP in root mean squares",
              SchemeKind::kSteps, nullptr, nullptr, Storage::kUniform},
    SchemeRow{"tcq", "the same through a trellis of 8 states: 0.17 bit less at the same error",
              SchemeKind::kSteps, nullptr, nullptr, Storage::kTrellis},
    SchemeRow{"fp16", "float16", SchemeKind::kFloat, store_float<DType::kF16>},
    SchemeRow{"bf16", "bfloat16", SchemeKind::kFloat, store_float<DType::kBF16>},
    SchemeRow{"fp32", "float32", SchemeKind::kFloat, store_float<DType::kF32>},
    SchemeRow{"keep", "as it is, whatever its dtype", SchemeKind::kFloat, store_kept},
    SchemeRow{"drop", "left out of the artifact", SchemeKind::kDrop},
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

namespace {

/// The text before the first of `ends`, which goes out of `text` with it.
std::string_view cut(std::string_view& text, std::string_view ends) {
  const std::string_view part = text.substr(0, text.find_first_of(ends));
  text.remove_prefix(part.size());
  return part;
}

double parse_number(std::string_view text, const std::string& scheme) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= 1e-4 && value <= 1000.0)) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("scheme \"{}\": a number from 0.0001 to 1000 expected after the colon, \"{}\" found",
                     printable(scheme), printable(text)));
  }
  return value;
}

}  // namespace

Scheme parse_scheme(const std::string& text) {
  const auto refuse = [&](std::string_view problem) {
    fail(ErrorCode::kInvalidArgument, fmt::format("scheme \"{}\": {}", printable(text), problem));
  };
  std::string_view rest = text;
  Scheme scheme{.row = &scheme_row(cut(rest, ":+"))};
  const SchemeKind kind = scheme.row->kind;
  if (rest.starts_with(':')) {
    rest.remove_prefix(1);
    scheme.number = parse_number(cut(rest, "+"), text);
  }
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view option = cut(rest, "+");
    bool* const flag = option == "gptq"       ? &scheme.feedback
                       : option == "actorder" ? &scheme.act_order
                       : option == "columns"  ? &scheme.column_steps
                       : option == "rows"     ? &scheme.row_steps
                                              : nullptr;
    if (flag == nullptr) refuse("its options are +gptq, +actorder, +columns and +rows");
    if (*flag) refuse("an option twice");
    *flag = true;
  }
  if (kind == SchemeKind::kNumber && !scheme.number) refuse("it needs a number, as in int6-sd:12.85");
  if (kind != SchemeKind::kNumber && kind != SchemeKind::kSteps && scheme.number)
    refuse("it takes no number");
  if (scheme.feedback && !scheme.row->integers()) refuse("+gptq is for integers");
  if (scheme.act_order && !scheme.feedback) refuse("+actorder is an option of +gptq");
  if (scheme.column_steps && kind != SchemeKind::kSteps) refuse("+columns is for ecsq and tcq");
  if (scheme.row_steps && kind != SchemeKind::kSteps) refuse("+rows is for ecsq and tcq");
  return scheme;
}

}  // namespace golf
