#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/progress_counter.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/parallel_for.h"
#include "golf/artifact/quantize/quant_recipe.h"
#include "golf/artifact/quantize/scheme_table.h"
#include "quantize/magnitude_quantile.h"
#include "quantize/rule_matcher.h"

namespace golf {
namespace {

struct Assignment {
  const NamedTensor* source;
  const SchemeRow* scheme;
};

/// What the recipe's first matching rule says.
const SchemeRow& recipe_scheme(const NamedTensor& source, const std::vector<RuleMatcher>& matchers,
                               const QuantRecipe& recipe) {
  for (const RuleMatcher& matcher : matchers) {
    if (matcher.matches(source.name, source.tensor)) return scheme_row(matcher.rule().scheme);
  }
  fail(ErrorCode::kInvalidArgument,
       fmt::format("recipe \"{}\" has no rule for tensor \"{}\" ({} {}): add one or use --set", recipe.name,
                   printable(source.name), torch_name(source.tensor.dtype), to_string(source.tensor.shape)));
}

/// Every tensor's scheme, dropped tensors left out.
std::vector<Assignment> assign(const TensorSet& tensors, const QuantRecipe& recipe,
                               const std::vector<SchemeOverride>& overrides) {
  std::vector<RuleMatcher> matchers;
  for (const QuantRule& rule : recipe.rules) matchers.emplace_back(rule, recipe.keep_float_max);
  std::vector<NamePattern> patterns;
  for (const SchemeOverride& entry : overrides) patterns.emplace_back(entry.regex);

  std::vector<bool> used(overrides.size());
  std::vector<Assignment> assignments;
  for (const NamedTensor& source : tensors) {
    const SchemeRow* scheme = nullptr;
    for (size_t i = 0; i < patterns.size(); ++i) {
      if (!patterns[i].found_in(source.name)) continue;
      used[i] = true;
      scheme = &scheme_row(overrides[i].scheme);
    }
    if (scheme == nullptr) scheme = &recipe_scheme(source, matchers, recipe);
    if (scheme->store != nullptr) assignments.push_back({&source, scheme});
  }
  for (size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) {
      fail(ErrorCode::kInvalidArgument,
           fmt::format("\"{}={}\" matches no tensor: see the names with golf-inspect",
                       printable(overrides[i].regex), overrides[i].scheme));
    }
  }
  return assignments;
}

/// The matrix in float32 with its smallest magnitudes zero: those under the `fraction` quantile of |w|.
Tensor prune(const Tensor& tensor, double fraction) {
  std::vector<float> weights = to_f32(tensor);
  const float threshold = magnitude_quantile(weights, fraction);
  for (float& weight : weights) {
    if (std::fabs(weight) < threshold) weight = 0.0F;
  }
  return make_tensor<float>(DType::kF32, tensor.shape, weights);
}

StoredTensor store(const Assignment& assignment, double prune_fraction) {
  const auto& [name, tensor] = *assignment.source;
  try {
    if (const auto odd = non_finite_element(tensor)) {
      fail(ErrorCode::kCorruptData, *odd + ", finite values expected");
    }
    const bool pruned =
        prune_fraction > 0 && assignment.scheme->integers && is_floating(tensor.dtype) && tensor.rank() == 2;
    StoredTensor stored = assignment.scheme->store(pruned ? prune(tensor, prune_fraction) : tensor);
    stored.original_dtype = tensor.dtype;
    stored.name = name;
    return stored;
  } catch (const Error& error) {
    fail_within(fmt::format("tensor \"{}\", scheme {}", printable(name), assignment.scheme->name), error);
  }
}

}  // namespace

StoredModel quantize(const TensorSet& tensors, const QuantRecipe& recipe, const QuantizeOptions& options) {
  validate(recipe);
  const std::vector<Assignment> assignments = assign(tensors, recipe, options.overrides);
  StoredModel model;
  model.tensors.resize(assignments.size());
  ProgressCounter progress(options.progress, "quantise", assignments.size(), "tensors");
  parallel_for(assignments.size(), options.threads, [&](size_t i) {
    model.tensors[i] = store(assignments[i], recipe.prune_fraction);
    progress.add(1);
  });
  return model;
}

}  // namespace golf
