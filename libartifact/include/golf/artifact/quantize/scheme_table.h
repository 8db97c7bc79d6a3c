#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "golf/artifact/quantize/stored_model.h"

namespace golf {

enum class SchemeKind {
  kFloat,     ///< values kept or cast
  kIntegers,  ///< integers, steps by the scheme's own rule
  kNumber,    ///< integers, steps by a rule that takes a number
  kGptq,      ///< integers by a rule that takes a number and the Hessian
  kSteps,     ///< integers on a StepGrid
  kDrop,
};

/// One row per way of storing a tensor that recipes and --set can name. Artifacts do not record these names:
/// what they record is Encoding, bits, grids and dtypes, all that decoding needs.
struct SchemeRow {
  std::string_view name;
  std::string_view summary;
  SchemeKind kind;
  /// Stores a tensor of finite values; the caller sets the name. Only kFloat and kIntegers.
  /// @throws Error kInvalidArgument (dtype), kUnsupported (values that the scheme cannot hold)
  StoredTensor (*store)(const Tensor& tensor) = nullptr;
  StoredTensor (*store_at)(const Tensor& tensor, double number) = nullptr;  ///< only kNumber
  Encoding encoding = Encoding::kPassthrough;                               ///< only kSteps

  /// Only kGptq; `fine` (starts and size) are the columns that get finer scales, or null.
  StoredTensor (*store_calibrated)(const Tensor& tensor, double number, std::span<const float> hessian,
                                   const FineColumns* fine) = nullptr;

  int bits = 0;  ///< only kGptq

  bool takes_number() const { return kind == SchemeKind::kNumber || kind == SchemeKind::kGptq; }
  bool integers() const { return kind != SchemeKind::kFloat && kind != SchemeKind::kDrop; }
};
std::span<const SchemeRow> scheme_table();
/// @throws Error kInvalidArgument listing the schemes
const SchemeRow& scheme_row(std::string_view name);

/// A scheme as recipes and --set write it: NAME[:NUMBER][+OPTION…], such as "int6-pr192+gptq+actorder",
/// "int6-sd:12.85", "tcq:0.2+gptq+columns". docs/QUANTIZATION.md says what they mean.
struct Scheme {
  const SchemeRow* row = nullptr;
  /// kNumber: the number of the rule. kSteps: the step size in units of the tensor's root mean square;
  /// nothing: the model's global step scale decides.
  std::optional<double> number = {};
  bool feedback = false;      ///< "gptq"
  bool act_order = false;     ///< "actorder"
  bool column_steps = false;  ///< "columns"
  bool row_steps = false;     ///< "rows"

  bool has_tunable_step() const { return row->kind == SchemeKind::kSteps && !number; }
  bool needs_hessian() const { return feedback || column_steps || row->kind == SchemeKind::kGptq; }
};
/// @throws Error kInvalidArgument: unknown scheme or option, a number missing, out of range or out of place
Scheme parse_scheme(const std::string& text);

}  // namespace golf
