#include "golf/artifact/quantize/scheme_table.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <vector>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "quantize/float_values.h"

namespace golf {

// The lists of schemes that have their own source in schemes/. To add a scheme: a source there, its list
// declared here, and the list's name in scheme_table().
std::span<const SchemeRow> integer_schemes();
std::span<const SchemeRow> gptq_schemes();

namespace {

/// The tensor as it is, whatever its dtype.
StoredTensor store_kept(const Tensor& tensor) {
  StoredTensor stored;
  stored.original_dtype = tensor.dtype;
  stored.values = tensor;
  return stored;
}

/// The values rounded half to even to `dtype`; dequantize() restores the original dtype.
/// @throws Error kUnsupported when a finite value becomes infinite
template <DType dtype>
StoredTensor store_cast(const Tensor& tensor) {
  const FloatValues values(tensor);
  StoredTensor stored;
  stored.original_dtype = tensor.dtype;
  stored.values = from_f32(values.all(), dtype, tensor.shape);
  if (non_finite_element(stored.values)) {
    fail(ErrorCode::kUnsupported,
         fmt::format("values up to {} in magnitude do not fit in {}: use fp32 or keep",
                     max_magnitude(values.all()), torch_name(dtype)));
  }
  return stored;
}

constexpr std::array kOtherSchemes = {
    SchemeRow{"ecsq", "uniform steps without clipping, for an entropy coder; ecsq:STEP in root mean squares",
              SchemeKind::kSteps, nullptr, nullptr, Encoding::kUniform},
    SchemeRow{"tcq", "the same through a trellis of 8 states: 0.17 bit less at the same error",
              SchemeKind::kSteps, nullptr, nullptr, Encoding::kTrellis},
    SchemeRow{"tcq64", "the same with 64 states: 0.20 bit less", SchemeKind::kSteps, nullptr, nullptr,
              Encoding::kTrellis64},
    SchemeRow{"tcq256", "the same with 256 states: 0.22 bit less, slower", SchemeKind::kSteps, nullptr,
              nullptr, Encoding::kTrellis256},
    SchemeRow{"fp16", "float16", SchemeKind::kFloat, store_cast<DType::kF16>},
    SchemeRow{"bf16", "bfloat16", SchemeKind::kFloat, store_cast<DType::kBF16>},
    SchemeRow{"fp32", "float32", SchemeKind::kFloat, store_cast<DType::kF32>},
    SchemeRow{"keep", "as it is, whatever its dtype", SchemeKind::kFloat, store_kept},
    SchemeRow{"drop", "left out of the artifact", SchemeKind::kDrop},
};

}  // namespace

std::span<const SchemeRow> scheme_table() {
  static const std::vector<SchemeRow> table = [] {
    std::vector<SchemeRow> rows;
    for (const auto source : {integer_schemes(), gptq_schemes(), std::span<const SchemeRow>(kOtherSchemes)}) {
      rows.insert(rows.end(), source.begin(), source.end());
    }
    return rows;
  }();
  return table;
}

const SchemeRow& scheme_row(std::string_view name) {
  std::string names;
  for (const SchemeRow& row : scheme_table()) {
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
  if (scheme.row->takes_number() && !scheme.number) refuse("it needs a number, as in int6-sd:12.85");
  if (!scheme.row->takes_number() && kind != SchemeKind::kSteps && scheme.number)
    refuse("it takes no number");
  if (scheme.feedback && !scheme.row->integers()) refuse("+gptq is for integers");
  if (scheme.feedback && kind == SchemeKind::kGptq) refuse("it has GPTQ's feedback without an option");
  if (scheme.act_order && !scheme.feedback) refuse("+actorder is an option of +gptq");
  if (scheme.column_steps && kind != SchemeKind::kSteps) refuse("+columns is for ecsq and tcq");
  if (scheme.row_steps && kind != SchemeKind::kSteps) refuse("+rows is for ecsq and tcq");
  return scheme;
}

}  // namespace golf
