#include "config/packing_variables.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "golf/artifact/quantize/quant_recipe.h"
#include "golf/artifact/quantize/scheme_table.h"
#include "golf/artifact/spec/adapt_config.h"

namespace golf {
namespace {

/// Bits and standard deviations of the first rule that has GPTQ for exactly this pattern; none: 0.
struct MatrixSetting {
  double bits = 0, deviations = 0;
};
MatrixSetting setting_of(const QuantRecipe& recipe, std::string_view match) {
  for (const QuantRule& rule : recipe.rules) {
    const Scheme scheme = parse_scheme(rule.scheme);
    if (rule.match != match || scheme.row->kind != SchemeKind::kGptq) continue;
    return {static_cast<double>(scheme.row->bits), scheme.number.value_or(0)};
  }
  return {};
}

/// What the records' variables would have to say for their programs to pack as the recipe does.
std::map<std::string, double> described(const QuantRecipe& recipe) {
  const MatrixSetting matrices = setting_of(recipe, ""), embedding = setting_of(recipe, "tok_emb");
  if (matrices.bits == 0) return {};  // no recipe of theirs
  const bool gates =
      std::ranges::any_of(recipe.rules, [](const QuantRule& rule) { return rule.scheme == "int8-gate"; });
  const bool lqer = recipe.lqer_tensors > 0, awq = recipe.awq_groups > 0;
  std::map<std::string, double> values = {{"MATRIX_BITS", matrices.bits},
                                          {"MATRIX_CLIP_SIGMAS", matrices.deviations},
                                          {"EMBED_BITS", embedding.bits},
                                          {"EMBED_CLIP_SIGMAS", embedding.deviations},
                                          {"GATED_ATTN_QUANT_GATE", gates ? 1 : 0},
                                          {"LQER_ENABLED", lqer ? 1 : 0},
                                          {"LQER_GAIN_SELECT", 0},
                                          {"AWQ_LITE_ENABLED", awq ? 1 : 0}};
  const auto own_or_common = [&](std::string_view match) {
    const double own = setting_of(recipe, match).deviations;
    return own > 0 ? own : matrices.deviations;
  };
  values["MLP_CLIP_SIGMAS"] = own_or_common("\\.mlp\\.");
  values["ATTN_CLIP_SIGMAS"] = own_or_common("\\.attn\\.");
  if (lqer) {
    values["LQER_TOP_K"] = static_cast<double>(recipe.lqer_tensors);
    values["LQER_RANK"] = static_cast<double>(recipe.lqer_rank);
    values["LQER_ASYM_GROUP"] = static_cast<double>(recipe.lqer_group);
    values["LQER_ASYM_ENABLED"] = 1;
    values["LQER_FACTOR_BITS"] = 4;
  }
  if (awq) {
    values["AWQ_LITE_BITS"] = 8;
    values["AWQ_LITE_GROUP_SIZE"] = static_cast<double>(recipe.awq_group_size);
    values["AWQ_LITE_GROUP_TOP_K"] = static_cast<double>(recipe.awq_groups);
  }
  return values;
}

/// Whether the recipe's layouts can be had so.
bool apply_compressor(Variables& variables, const QuantRecipe& recipe) {
  constexpr const char* kName = "COMPRESSOR";
  const std::string text = variables.text(kName).value_or("");
  const bool grouped = recipe.ptz_layout.starts_with("pgrp");
  if (!grouped && recipe.ptz_layout != "gptq") return false;
  const bool by_group = text == "pergroup";
  if (by_group ? !grouped : text != "brotli" && text != "lzma") return false;
  variables.set("export.format", "ptz", kName);
  // What is the recipe's own is left to it.
  const auto unless = [](const std::string& own, const char* wanted) { return own == wanted ? "" : wanted; };
  variables.set("export.ptz_layout", by_group ? "" : unless(recipe.ptz_layout, "gptq"), kName);
  variables.set("export.codec", unless(recipe.codec, text == "lzma" ? "lzma:6" : "brotli:11"), kName);
  return true;
}

/// TTT_ENABLED: the adaptation of the submission whose recipe it is.
bool apply_adaptation(Variables& variables) {
  constexpr const char* kName = "TTT_ENABLED";
  const std::optional<bool> on = variables.flag(kName);
  if (!on) return false;
  const std::string recipe = variables.config().export_.recipe;
  if (*on && std::ranges::find(adapt_presets(), recipe, &AdaptPreset::name) == adapt_presets().end()) {
    return false;
  }
  if (*on || !variables.config().export_.adapt.empty()) {
    variables.set("export.adapt", *on ? recipe : "", kName);
  }
  return true;
}

}  // namespace

std::set<std::string> apply_packing_variables(Variables& variables) {
  static const std::vector<const char*> kNames = {
      "ATTN_CLIP_SIGMAS",     "AWQ_LITE_BITS",   "AWQ_LITE_ENABLED",  "AWQ_LITE_GROUP_SIZE",
      "AWQ_LITE_GROUP_TOP_K", "EMBED_BITS",      "EMBED_CLIP_SIGMAS", "GATED_ATTN_QUANT_GATE",
      "LQER_ASYM_ENABLED",    "LQER_ASYM_GROUP", "LQER_ENABLED",      "LQER_FACTOR_BITS",
      "LQER_GAIN_SELECT",     "LQER_RANK",       "LQER_TOP_K",        "MATRIX_BITS",
      "MATRIX_CLIP_SIGMAS",   "MLP_CLIP_SIGMAS"};
  const bool compressor = variables.text("COMPRESSOR").has_value();
  const auto given = [&](const char* name) { return variables.text(name).has_value(); };
  std::set<std::string> read;
  if (apply_adaptation(variables)) read.insert("TTT_ENABLED");
  if (!compressor && std::ranges::none_of(kNames, given)) return read;

  const QuantRecipe recipe = load_recipe(variables.config().export_.recipe);
  if (compressor && apply_compressor(variables, recipe)) read.insert("COMPRESSOR");
  const std::map<std::string, double> values = described(recipe);
  for (const char* name : kNames) {
    const auto found = values.find(name);
    if (given(name) && found != values.end() && variables.number(name) == found->second) read.insert(name);
  }
  if (variables.text("LQER_SCOPE") == "all" && recipe.lqer_tensors > 0) read.insert("LQER_SCOPE");
  return read;
}

}  // namespace golf
