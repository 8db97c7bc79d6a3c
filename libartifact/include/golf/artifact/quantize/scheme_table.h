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
  kNumber,    ///< the same, the rule taking a number
  kSteps,     ///< integers on a StepGrid
  kDrop,
};

/// One row per way of storing a tensor that recipes and --set can name. Artifacts do not record these names:
/// what they record is Storage, bits, grids and dtypes, all that decoding needs.
struct SchemeRow {
  std::string_view name;
  std::string_view summary;
  SchemeKind kind;
  /// Stores a tensor of finite values; the caller sets the name. Only kFloat and kIntegers.
  /// @throws Error kInvalidArgument (dtype), kUnsupported (values that the scheme cannot hold)
  StoredTensor (*store)(const Tensor& tensor) = nullptr;
  StoredTensor (*store_at)(const Tensor& tensor, double number) = nullptr;  ///< only kNumber
  Storage storage = Storage::kKept;                                         ///< only kSteps

  bool integers() const { return kind != SchemeKind::kFloat && kind != SchemeKind::kDrop; }
};
std::span<const SchemeRow> scheme_table();
/// @throws Error kInvalidArgument listing the schemes
const SchemeRow& scheme_row(std::string_view name);

/// A scheme as recipes and --set write it: NAME[:NUMBER][+OPTION…], such as "int6-pr192+gptq+actorder",
/// "int6-sd:12.85", "tcq:0.2+gptq+columns". docs/FORMAT.md §1.1 says what they mean.
struct Scheme {
  const SchemeRow* row = nullptr;
  /// kNumber: what the rule takes. kSteps: the spacing in units of the tensor's root mean square; nothing:
  /// the model's common level decides.
  std::optional<double> number = {};
  bool feedback = false;      ///< "gptq"
  bool act_order = false;     ///< "actorder"
  bool column_steps = false;  ///< "columns"
  bool row_steps = false;     ///< "rows"

  bool has_free_steps() const { return row->kind == SchemeKind::kSteps && !number; }
  bool needs_moments() const { return feedback || column_steps; }
};
/// @throws Error kInvalidArgument: unknown scheme or option, a number missing, out of range or out of place
Scheme parse_scheme(const std::string& text);

}  // namespace golf
