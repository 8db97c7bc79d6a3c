#include <vector>

#include "golf/artifact/quantize/quant_recipe.h"
#include "quantize/entry_recipes.h"

namespace golf {
namespace {

/// The upstream reference: large tensors int8 with its clipping quantile, the rest float. Reference spec
/// §5.1.
QuantRecipe baseline_int8() {
  return {.name = "baseline-int8",
          .summary = "the upstream reference's int8 artifact: clipped int8 per row, small tensors float",
          .codec = "zlib:9",
          .ptz_layout = "int8_clean",
          .keep_float_max = 65'536,
          .rules = {
              {.floating = false, .scheme = "keep"},
              {.role = "control", .keep_float_limit = true, .scheme = "fp32"},
              {.dtypes = {"float32", "bfloat16"}, .keep_float_limit = true, .scheme = "fp16"},
              {.keep_float_limit = true, .scheme = "keep"},
              {.scheme = "int8-clip"},
          }};
}

/// What stays float, then what `matrices` say.
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

/// The field's usual mixture: the blocks' matrices take a coarse step well, the tied embedding does not.
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

/// Uniform steps for an entropy coder, or the trellis: one level for all tensors, for --fit to find.
QuantRecipe free_steps(const std::string& name, const std::string& scheme, const std::string& summary) {
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

}  // namespace

std::span<const QuantRecipe> builtin_recipes() {
  static const std::vector<QuantRecipe> recipes = [] {
    std::vector<QuantRecipe> all = {
        baseline_int8(), mixed_int6(),
        free_steps("ecsq", "ecsq",
                   "uniform steps, entropy-coded, of one level for all matrices; --fit finds it"),
        free_steps("tcq", "tcq", "the same through a trellis of 8 states, 0.17 bits a weight less"),
        free_steps("best", "tcq", "what measured best, tcq today; the recipe of --fit")};
    for (QuantRecipe& recipe : entry_recipes()) all.push_back(std::move(recipe));
    return all;
  }();
  return recipes;
}

}  // namespace golf
