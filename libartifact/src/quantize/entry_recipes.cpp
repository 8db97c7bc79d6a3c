// The recipes of five entries, as data. Rules are written out for each entry rather than shared: what differs
// is the order of the tests as much as the schemes. Names are matched as the entries match them, by
// substring, and not by role, so that the bits do not move when roles do.
#include "quantize/entry_recipes.h"

namespace golf {
namespace {

constexpr const char* kControlNames = "attn_scale|mlp_scale|resid_mix|q_gain|skip_weight";
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

/// PRs 262 and 993 test names alike; only the int6 differs.
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

}  // namespace

std::vector<QuantRecipe> entry_recipes() {
  return {pr88(), pr192(), pr262(), pr993(), pr1046(), pr1046_int8()};
}

}  // namespace golf
