#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/json_fields.h"
#include "golf/artifact/base/progress.h"
#include "golf/artifact/quantize/calibration.h"
#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// One line of a recipe: the first rule whose every condition holds decides a tensor's scheme.
struct QuantRule {
  std::string match = {};                    ///< regex searched in the name (RE2); empty matches all
  std::string role = {};                     ///< role_name(); empty matches all
  std::optional<bool> floating = {};         ///< whether the dtype is a floating one
  std::vector<std::string> dtypes = {};      ///< torch dtype names, any of them; empty matches all
  std::optional<int64_t> max_elements = {};  ///< the largest number of elements
  std::optional<int64_t> rank = {};
  std::optional<bool> calibrated = {};  ///< whether there is a calibration with the Hessian of its inputs
  std::optional<bool> gradients = {};   ///< whether there is one with its diagonal Fisher
  bool keep_float_limit = false;        ///< only tensors of at most the recipe's keep_float_max elements
  std::string scheme =
      {};  ///< as parse_scheme() reads it ("int8-clip", "fp16", "tcq+gptq+columns", "drop", …)

  bool operator==(const QuantRule&) const = default;
};

/// Which tensor gets which treatment.
struct QuantRecipe {
  std::string name = {};
  std::string summary = {};
  std::string codec = "zstd:22";    ///< default codec, --codec overrides
  std::string ptz_layout = {};      ///< dictionary layout for --format ptz ("int8_clean"); empty: none
  int64_t keep_float_max = 65'536;  ///< --keep-float-max
  /// In every matrix that a rule makes integers, weights strictly below this quantile of |w| become zero
  /// first. PR 88's PRUNE_FRACTION.
  double prune_fraction = 0.0;
  /// Tensors of schemes intN-gptq that get a low-rank correction (LQER): those with the largest errors.
  int64_t lqer_tensors = 0;
  int64_t lqer_rank = 4;
  int64_t lqer_group = 64;  ///< values of the second factor that share a scale
  /// Groups of columns of tensors of schemes int4-gptq to int7-gptq that become int8 (AWQ-lite): those with
  /// the largest sums of mean |weight| times root mean square of the input, of all tensors.
  int64_t awq_groups = 0;
  int64_t awq_group_size = 64;
  std::vector<QuantRule> rules = {};

  bool operator==(const QuantRecipe&) const = default;
};
void describe(JsonFields& fields, QuantRule& rule);
void describe(JsonFields& fields, QuantRecipe& recipe);
/// @throws Error kInvalidArgument naming the rule: unknown scheme, role, dtype or codec, malformed regex
void validate(const QuantRecipe& recipe);

std::span<const QuantRecipe> builtin_recipes();
/// A built-in recipe's name or a JSON file; validated. @throws Error kInvalidArgument
QuantRecipe load_recipe(const std::string& name_or_path);

/// `--set 'REGEX=SCHEME'`: the last match wins over the recipe and over earlier ones.
struct SchemeOverride {
  std::string regex = {};
  std::string scheme = {};  ///< as parse_scheme() reads it
};
/// Splits at the last "=". @throws Error kInvalidArgument: no "=", malformed scheme or regex
SchemeOverride parse_override(const std::string& text);

struct QuantizeOptions {
  std::vector<SchemeOverride> overrides = {};
  const Calibration* calibration = nullptr;
  int threads = 0;
  ProgressSink progress = {};
};
/// Applies a recipe; tensors keep their order. The result does not depend on `threads`. Tunable steps
/// are those of the Quantizer's default step scale.
/// @throws Error as the Quantizer does
StoredModel quantize(const TensorSet& tensors, const QuantRecipe& recipe, const QuantizeOptions& options);

/// Which scheme a tensor gets, and why.
struct SchemeChoice {
  std::string tensor = {};
  std::string role = {};
  Shape shape = {};
  std::string scheme = {};  ///< as the rule or override writes it
  std::string reason = {};  ///< "rule 3: role mlp, rank 2", "--set mlp=int6"
};
/// What quantize() would do with each tensor, dropped ones included. @throws Error as quantize() does
std::vector<SchemeChoice> choose_schemes(const TensorSet& tensors, const QuantRecipe& recipe,
                                         const QuantizeOptions& options);

}  // namespace golf
