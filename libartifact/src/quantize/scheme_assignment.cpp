#include "quantize/scheme_assignment.h"

#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/name_pattern.h"
#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {
namespace {

/// A rule with its conditions compiled. Borrows the rule.
class RuleMatcher {
 public:
  RuleMatcher(const QuantRule& rule, int64_t keep_float_max);
  bool matches(const std::string& name, const Tensor& tensor, const TensorStatistics& known) const;
  const QuantRule& rule() const { return rule_; }

 private:
  const QuantRule& rule_;
  int64_t keep_float_max_;
  NamePattern pattern_;
};

RuleMatcher::RuleMatcher(const QuantRule& rule, int64_t keep_float_max)
    : rule_(rule), keep_float_max_(keep_float_max), pattern_(rule.match) {}

bool RuleMatcher::matches(const std::string& name, const Tensor& tensor,
                          const TensorStatistics& known) const {
  const auto is_dtype = [&](const std::string& dtype) { return dtype == torch_name(tensor.dtype); };
  if (!rule_.role.empty() && rule_.role != role_name(role_of(name))) return false;
  if (rule_.floating && *rule_.floating != is_floating(tensor.dtype)) return false;
  if (!rule_.dtypes.empty() && std::none_of(rule_.dtypes.begin(), rule_.dtypes.end(), is_dtype)) return false;
  if (rule_.max_elements && tensor.elements() > *rule_.max_elements) return false;
  if (rule_.rank && tensor.rank() != *rule_.rank) return false;
  if (rule_.calibrated && *rule_.calibrated == known.hessian.empty()) return false;
  if (rule_.gradients && *rule_.gradients == known.fisher.empty()) return false;
  if (rule_.keep_float_limit && tensor.elements() > keep_float_max_) return false;
  return pattern_.found_in(name);
}

/// The scheme of the recipe's first matching rule.
Scheme recipe_scheme(const NamedTensor& source, const TensorStatistics& known,
                     const std::vector<RuleMatcher>& matchers, const QuantRecipe& recipe) {
  for (const RuleMatcher& matcher : matchers) {
    if (matcher.matches(source.name, source.tensor, known)) return parse_scheme(matcher.rule().scheme);
  }
  fail(ErrorCode::kInvalidArgument,
       fmt::format("recipe \"{}\" has no rule for tensor \"{}\" ({} {}): add one or use --set", recipe.name,
                   printable(source.name), torch_name(source.tensor.dtype), to_string(source.tensor.shape)));
}

/// Checks that the scheme can store this tensor.
void check_assignment(const Assignment& assignment) {
  const auto& [name, tensor] = *assignment.source;
  const auto refuse = [&, &name = name](std::string_view problem) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("tensor \"{}\", scheme {}: {}", printable(name), assignment.scheme.row->name, problem));
  };
  const bool needs_matrix = assignment.scheme.row->encoding == Encoding::kTrellis ||
                            assignment.scheme.needs_hessian() || assignment.scheme.row_steps;
  if (needs_matrix && tensor.rank() != 2) {
    refuse(assignment.scheme.row->kind == SchemeKind::kGptq
               ? fmt::format("it needs a matrix, {} found", to_string(tensor.shape))
               : fmt::format("a trellis, +gptq, +columns and +rows need a matrix, {} found: use ecsq",
                             to_string(tensor.shape)));
  }
  if (assignment.scheme.needs_hessian() && assignment.known.hessian.empty()) {
    refuse(fmt::format(
        "{} the Hessian of its inputs: give it by --calibration",
        assignment.scheme.row->kind == SchemeKind::kGptq ? "it needs" : "+gptq and +columns need"));
  }
  if (assignment.scheme.row_steps && assignment.known.fisher.empty()) {
    refuse("+rows needs its diagonal Fisher: give it by --calibration");
  }
}

}  // namespace

std::vector<Assignment> assign_schemes(const TensorSet& tensors, const QuantRecipe& recipe,
                                       const QuantizeOptions& options) {
  const std::vector<SchemeOverride>& overrides = options.overrides;
  std::vector<RuleMatcher> matchers;
  for (const QuantRule& rule : recipe.rules) matchers.emplace_back(rule, recipe.keep_float_max);
  std::vector<NamePattern> patterns;
  for (const SchemeOverride& given : overrides) patterns.emplace_back(given.regex);

  std::vector<bool> used(overrides.size());
  std::vector<Assignment> assignments;
  for (const NamedTensor& source : tensors) {
    Assignment assignment{.source = &source};
    if (options.calibration != nullptr) assignment.known = options.calibration->of(source.name);
    std::optional<Scheme> scheme;
    for (size_t i = 0; i < patterns.size(); ++i) {
      if (!patterns[i].found_in(source.name)) continue;
      used[i] = true;
      scheme = parse_scheme(overrides[i].scheme);
    }
    if (!scheme) scheme = recipe_scheme(source, assignment.known, matchers, recipe);
    if (scheme->row->kind == SchemeKind::kDrop) continue;
    assignment.scheme = *scheme;
    check_assignment(assignment);
    assignments.push_back(assignment);
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

}  // namespace golf
