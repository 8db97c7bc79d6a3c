#include <fmt/format.h>

#include <vector>

#include "golf/artifact/quantize/quant_recipe.h"

namespace golf {
namespace {

/// What the reference and its descendants match names with; its plurals contain these. Not the role: gains
/// that later submissions added, such as skip_gates, are none of them to the reference's own program.
constexpr const char* kControlNames = "attn_scale|mlp_scale|resid_mix|q_gain|skip_weight";

/// The upstream reference: large tensors int8 with its clipping quantile, the rest float.
/// Source: docs/SUBMISSIONS.md, upstream reference, Artifact.
QuantRecipe baseline_int8() {
  return {.name = "baseline-int8",
          .summary = "the upstream reference's int8 artifact: clipped int8 per row, small tensors float",
          .codec = "zlib:9",
          .ptz_layout = "int8_clean",
          .keep_float_max = 65'536,
          .rules = {
              {.floating = false, .scheme = "keep"},
              {.match = kControlNames, .keep_float_limit = true, .scheme = "fp32"},
              {.dtypes = {"float32", "bfloat16"}, .keep_float_limit = true, .scheme = "fp16"},
              {.keep_float_limit = true, .scheme = "keep"},
              {.scheme = "int8-clip"},
          }};
}

/// Rules that keep small tensors float, then those of `matrices`.
std::vector<QuantRule> small_ones_float(std::vector<QuantRule> matrices) {
  std::vector<QuantRule> rules = {
      {.floating = false, .scheme = "keep"},
      {.role = "control", .scheme = "fp16"},
      {.dtypes = {"float32", "bfloat16"}, .keep_float_limit = true, .scheme = "fp16"},
      {.keep_float_limit = true, .scheme = "keep"},
  };
  rules.insert(rules.end(), matrices.begin(), matrices.end());
  return rules;
}

/// The usual mixture of submissions: coarse steps harm the blocks' matrices little, the tied embedding much.
QuantRecipe mixed_int6() {
  return {
      .name = "mixed-int6",
      .summary = "int6 attention and MLP matrices, int8 embedding and head, fp16 small and control tensors",
      .codec = "zstd:22",
      .ptz_layout = "",
      .keep_float_max = 4'096,
      .rules = small_ones_float({
          {.role = "attention", .scheme = "int6"},
          {.role = "mlp", .scheme = "int6"},
          {.scheme = "int8"},
      })};
}

/// Uniform steps for an entropy coder, or the trellis. One global step scale sets the steps of all tensors;
/// --fit finds it.
QuantRecipe tunable_steps(const std::string& name, const std::string& scheme, const std::string& summary) {
  return {.name = name,
          .summary = summary,
          .codec = "golf",
          .ptz_layout = "",
          .keep_float_max = 4'096,
          .rules = small_ones_float({
              {.calibrated = true, .gradients = true, .scheme = scheme + "+gptq+columns+rows"},
              {.calibrated = true, .scheme = scheme + "+gptq+columns"},
              {.rank = 2, .gradients = true, .scheme = scheme + "+rows"},
              {.rank = 2, .scheme = scheme},
              {.scheme = "ecsq"},
          })};
}

// Recipes of the submissions: what their own programs store. Rules are written out for each submission rather
// than shared: they differ in the order of the tests as much as in the schemes. Names are matched as the
// submissions match them, by substring and not by role, so that the bytes do not change when roles do.
// Source: docs/SUBMISSIONS.md, upstream reference, PR 88, PR 192, PR 262, PR 993, PR 1046, PR 1394,
// PR 1855 and PR 2135, Artifact.

constexpr const char* kMtpHeads = "mtp_heads";

const std::vector<std::string> kFullOrBrain = {"float32", "bfloat16"};

QuantRecipe pr88() {
  return {.name = "pr88",
          .summary = "PR 88: int6 rows on the fixed grid 1/31, fp16 embedding, small tensors float",
          .codec = "zstd:22",
          .ptz_layout = "int8_clean_clip",
          .rules = {
              {.match = kMtpHeads, .scheme = "drop"},
              {.floating = false, .scheme = "keep"},
              {.match = "tok_emb", .scheme = "fp16"},
              {.match = kControlNames, .keep_float_limit = true, .scheme = "fp32"},
              {.dtypes = kFullOrBrain, .keep_float_limit = true, .scheme = "fp16"},
              {.keep_float_limit = true, .scheme = "keep"},
              {.scheme = "int6-pr88"},
          }};
}

QuantRecipe pr192() {
  return {.name = "pr192",
          .summary = "PR 192: clipped int6 rows on the fixed grid 1/31, fp16 embedding, small tensors float",
          .codec = "zstd:22",
          .ptz_layout = "int6_clean",
          .rules = {
              {.floating = false, .scheme = "keep"},
              {.match = "^tok_emb\\.weight$", .dtypes = kFullOrBrain, .scheme = "fp16"},
              {.match = "^tok_emb\\.weight$", .scheme = "keep"},
              {.match = kControlNames, .keep_float_limit = true, .scheme = "fp32"},
              {.dtypes = kFullOrBrain, .keep_float_limit = true, .scheme = "fp16"},
              {.keep_float_limit = true, .scheme = "keep"},
              {.scheme = "int6-pr192"},
          }};
}

/// PRs 262 and 993 test the same names; only the int6 differs.
QuantRecipe by_category(const char* int6) {
  return {.ptz_layout = "wm_scale",
          .rules = {
              {.match = kMtpHeads, .scheme = "drop"},
              {.floating = false, .scheme = "keep"},
              {.keep_float_limit = true, .scheme = "fp16"},
              {.match = kControlNames, .scheme = "fp32"},
              {.match = "tok_emb|lm_head", .scheme = "int8-clip"},
              {.match = "\\.mlp\\.|\\.attn\\.|\\.proj\\.", .scheme = int6},
              {.scheme = "int8-clip"},
          }};
}

QuantRecipe pr262() {
  QuantRecipe recipe = by_category("int6-pr262");
  recipe.name = "pr262";
  recipe.summary = "PR 262: int6 attention and MLP on the fixed grid 1/31, int8 tables, the rest fp16";
  recipe.codec = "zstd:22";
  return recipe;
}

QuantRecipe pr993() {
  QuantRecipe recipe = by_category("int6-pr993");
  recipe.name = "pr993";
  recipe.summary = "PR 993: int6 attention and MLP with a search for the clip, int8 tables, the rest fp16";
  recipe.codec = "lzma:6";
  return recipe;
}

QuantRecipe pr1046() {
  return {
      .name = "pr1046",
      .summary = "PR 1046: int6 attention and MLP over each row's range, int8 tables, fp32 control tensors",
      .codec = "zstd:22",
      .ptz_layout = "wm_s",
      .rules = {
          {.floating = false, .scheme = "keep"},
          {.match = kControlNames, .scheme = "fp32"},
          {.dtypes = kFullOrBrain, .keep_float_limit = true, .scheme = "fp16"},
          {.keep_float_limit = true, .scheme = "keep"},
          {.match = "\\.attn\\.|\\.mlp\\.", .scheme = "int6-pr1046"},
          {.scheme = "int8-clip"},
      }};
}

QuantRecipe pr1046_int8() {
  return {.name = "pr1046-int8",
          .summary = "PR 1046's first artifact: the upstream reference's int8",
          .codec = "zlib:9",
          .ptz_layout = "int8_clean",
          .rules = {
              {.floating = false, .scheme = "keep"},
              {.match = kControlNames, .keep_float_limit = true, .scheme = "fp32"},
              {.dtypes = kFullOrBrain, .keep_float_limit = true, .scheme = "fp16"},
              {.keep_float_limit = true, .scheme = "keep"},
              {.scheme = "int8-clip"},
          }};
}

/// PR 1394's rules, its matrices by GPTQ where the calibration has their Hessians, else by rounding alone.
std::vector<QuantRule> gptq_or_rounded(const std::string& match, int bits, const std::string& deviations) {
  return {{.match = match, .calibrated = true, .scheme = fmt::format("int{}-gptq:{}", bits, deviations)},
          {.match = match, .scheme = fmt::format("int{}-sd:{}", bits, deviations)}};
}

struct MatrixRule {
  std::string match;
  int bits;
  std::string deviations;
};

QuantRecipe gptq_recipe(const std::string& name, const std::string& summary, bool int8_gates,
                        const std::vector<MatrixRule>& matrices) {
  QuantRecipe recipe{.name = name, .summary = summary, .codec = "brotli:11", .ptz_layout = "gptq"};
  recipe.rules.push_back({.floating = false, .scheme = "keep"});
  if (int8_gates) {
    recipe.rules.push_back(
        {.match = "\\.attn_gate_w$", .max_elements = 8'192, .rank = 2, .scheme = "int8-gate"});
  }
  recipe.rules.push_back({.keep_float_limit = true, .scheme = "fp16"});
  for (const auto& [match, bits, deviations] : matrices) {
    for (QuantRule& rule : gptq_or_rounded(match, bits, deviations)) recipe.rules.push_back(std::move(rule));
  }
  return recipe;
}

QuantRecipe pr1394(const std::string& name) {
  return gptq_recipe(
      name, fmt::format("PR {}: int6 matrices and int8 embedding by GPTQ, the rest fp16", name.substr(2)),
      false, {{"tok_emb", 8, "20"}, {"", 6, "12.85"}});
}

QuantRecipe pr1855(const std::string& name, const std::string& more, bool int8_gates, int64_t lqer_group) {
  QuantRecipe recipe = gptq_recipe(
      name,
      fmt::format("PR {}: int6 matrices and int7 embedding by GPTQ with LQER{}, the rest fp16",
                  name.substr(2), more),
      int8_gates,
      {{"tok_emb", 7, "14"}, {"\\.mlp\\.", 6, "11.5"}, {"\\.attn\\.", 6, "13"}, {"", 6, "12.85"}});
  recipe.lqer_tensors = 3;
  recipe.lqer_group = lqer_group;
  recipe.ptz_layout = "pgrp_v1";
  return recipe;
}

QuantRecipe pr2135() {
  QuantRecipe recipe = pr1855("pr2135", " and groups of 32", false, 32);
  recipe.ptz_layout = "pgrp_v2";
  return recipe;
}

/// PRs 1945, 1953 and 2014 store the same.
QuantRecipe with_awq(const std::string& name) {
  QuantRecipe recipe = pr1855(name, " and AWQ-lite, int8 gates", true, 64);
  recipe.awq_groups = 1;
  return recipe;
}

}  // namespace

std::span<const QuantRecipe> builtin_recipes() {
  static const std::vector<QuantRecipe> recipes = [] {
    std::vector<QuantRecipe> all = {
        baseline_int8(), mixed_int6(),
        tunable_steps("ecsq", "ecsq",
                      "uniform steps, entropy-coded, one step scale for all matrices; --fit finds it"),
        tunable_steps("tcq", "tcq", "the same through a trellis of 8 states, 0.17 bits a weight less"),
        tunable_steps("best", "tcq", "the recipe that measured best, tcq today; the recipe of --fit")};
    all.insert(all.end(), {pr88(), pr192(), pr262(), pr993(), pr1046(), pr1046_int8(), pr1394("pr1394"),
                           pr1394("pr1493"), pr1855("pr1855", ", int8 gates", true, 64), with_awq("pr1945"),
                           with_awq("pr1953"), with_awq("pr2014"), pr2135()});
    return all;
  }();
  return recipes;
}

}  // namespace golf
