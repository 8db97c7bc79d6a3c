#include "golf/artifact/quantize/quant_recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/name_or_path.h"
#include "golf/artifact/base/name_pattern.h"
#include "golf/artifact/encode/codec.h"
#include "golf/artifact/quantize/scheme_table.h"
#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {
namespace {

void check_role(const std::string& role) {
  std::string names;
  for (int i = 0; i <= static_cast<int>(TensorRole::kOther); ++i) {
    const std::string_view name = role_name(static_cast<TensorRole>(i));
    if (name == role) return;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  fail(ErrorCode::kInvalidArgument, fmt::format("role \"{}\" is not one of: {}", printable(role), names));
}

void check_rule(const QuantRule& rule) {
  parse_scheme(rule.scheme);
  if (!rule.role.empty()) check_role(rule.role);
  for (const std::string& dtype : rule.dtypes) {
    if (!dtype_from_torch(dtype)) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("dtype \"{}\" is not one of torch's, such as float32", printable(dtype)));
    }
  }
  const NamePattern well_formed(rule.match);
}

}  // namespace

// When writing, conditions that a rule does not have are left out: `golf-pack recipes NAME` is for people.
void describe(JsonFields& fields, QuantRule& rule) {
  const bool reading = !fields.writing();
  if (reading || !rule.match.empty()) fields.field("match", rule.match);
  if (reading || !rule.role.empty()) fields.field("role", rule.role);
  fields.field("floating", rule.floating);
  if (reading || !rule.dtypes.empty()) fields.field("dtypes", rule.dtypes);
  fields.field("max_elements", rule.max_elements);
  fields.field("rank", rule.rank);
  fields.field("calibrated", rule.calibrated);
  fields.field("gradients", rule.gradients);
  if (reading || rule.keep_float_limit) fields.field("keep_float_limit", rule.keep_float_limit);
  fields.field("scheme", rule.scheme);
}

void describe(JsonFields& fields, QuantRecipe& recipe) {
  fields.field("name", recipe.name);
  fields.field("summary", recipe.summary);
  fields.field("codec", recipe.codec);
  fields.field("ptz_layout", recipe.ptz_layout);
  fields.field("keep_float_max", recipe.keep_float_max);
  if (!fields.writing() || recipe.prune_fraction != 0) fields.field("prune_fraction", recipe.prune_fraction);
  if (!fields.writing() || recipe.lqer_tensors != 0) {
    fields.field("lqer_tensors", recipe.lqer_tensors);
    fields.field("lqer_rank", recipe.lqer_rank);
    fields.field("lqer_group", recipe.lqer_group);
  }
  if (!fields.writing() || recipe.awq_groups != 0) {
    fields.field("awq_groups", recipe.awq_groups);
    fields.field("awq_group_size", recipe.awq_group_size);
  }
  fields.list("rules", recipe.rules);
}

void validate(const QuantRecipe& recipe) {
  parse_codec(recipe.codec);
  if (recipe.keep_float_max < 0) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("keep_float_max {}: 0 or more elements expected", recipe.keep_float_max));
  }
  if (!(recipe.prune_fraction >= 0.0 && recipe.prune_fraction < 1.0)) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("prune_fraction {}: at least 0 and below 1 expected", recipe.prune_fraction));
  }
  const auto check_count = [](std::string_view name, int64_t value, int64_t least) {
    if (value >= least && value <= 65'536) return;
    fail(ErrorCode::kInvalidArgument, fmt::format("{} {}: {} to 65,536 expected", name, value, least));
  };
  check_count("lqer_tensors", recipe.lqer_tensors, 0);
  check_count("lqer_rank", recipe.lqer_rank, 1);
  check_count("lqer_group", recipe.lqer_group, 1);
  check_count("awq_groups", recipe.awq_groups, 0);
  check_count("awq_group_size", recipe.awq_group_size, 1);
  for (size_t i = 0; i < recipe.rules.size(); ++i) {
    try {
      check_rule(recipe.rules[i]);
    } catch (const Error& error) {
      fail_within(fmt::format("rules[{}]", i), error);
    }
  }
}

QuantRecipe load_recipe(const std::string& name_or_path) {
  std::vector<std::string> names;
  for (const QuantRecipe& recipe : builtin_recipes()) names.push_back(recipe.name);
  if (const auto built_in = resolve_name_or_path(name_or_path, names, "recipe")) {
    return builtin_recipes()[*built_in];
  }
  try {
    auto recipe = from_json<QuantRecipe>(read_json_file(name_or_path), name_or_path);
    validate(recipe);
    return recipe;
  } catch (const Error& error) {
    fail_within(name_or_path, error);
  }
}

SchemeOverride parse_override(const std::string& text) {
  const size_t equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0) {
    fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not of the form REGEX=SCHEME", printable(text)));
  }
  SchemeOverride parsed{text.substr(0, equals), text.substr(equals + 1)};
  parse_scheme(parsed.scheme);
  const NamePattern well_formed(parsed.regex);
  return parsed;
}

}  // namespace golf
