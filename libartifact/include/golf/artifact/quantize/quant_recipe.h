#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/json_fields.h"
#include "golf/artifact/base/progress.h"
#include "golf/artifact/quantize/stored_model.h"

namespace golf {

/// One line of a recipe: the first rule whose every condition holds decides a tensor's scheme.
struct QuantRule {
  std::string match;                    ///< regex searched in the name (ECMAScript); empty matches all
  std::string role;                     ///< role_name(); empty matches all
  std::optional<int64_t> max_elements;  ///< at most so many elements
  std::optional<int64_t> rank;
  bool keep_float_limit = false;  ///< only tensors of at most the recipe's keep_float_max elements
  std::string scheme;             ///< a name from the scheme table ("int8-clip", "int6", "fp16", "drop", …)
};

/// Which tensor gets which treatment.
struct QuantRecipe {
  std::string name;
  std::string summary;
  std::string codec = "zstd:22";    ///< default codec, --codec overrides
  std::string ptz_layout;           ///< dictionary layout for --format ptz ("int8_clean"); empty: none
  int64_t keep_float_max = 65'536;  ///< --keep-float-max
  std::vector<QuantRule> rules;
};
void describe(JsonFields& fields, QuantRule& rule);
void describe(JsonFields& fields, QuantRecipe& recipe);

std::span<const QuantRecipe> builtin_recipes();
/// A built-in recipe's name or a JSON file. @throws Error kInvalidArgument
QuantRecipe load_recipe(const std::string& name_or_path);

/// `--set 'REGEX=SCHEME'`, last match wins over the recipe and earlier ones.
struct SchemeOverride {
  std::string regex;
  std::string scheme;
};
SchemeOverride parse_override(const std::string& text);

struct QuantizeOptions {
  std::vector<SchemeOverride> overrides;
  int threads = 0;
  ProgressSink progress;
};
/// Applies a recipe. The result does not depend on `threads`.
/// @throws Error kInvalidArgument: unknown scheme, an override that matches nothing, no rule for a tensor;
/// kCorruptData: a tensor with non-finite values, naming it
StoredModel quantize(const TensorSet& tensors, const QuantRecipe& recipe, const QuantizeOptions& options);

}  // namespace golf
