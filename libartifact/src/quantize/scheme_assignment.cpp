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

/// What a rule asks of a tensor that no rule before it took, in words.
std::string conditions_of(const QuantRule& rule, size_t number, int64_t keep_float_max) {
  std::vector<std::string> parts;
  if (!rule.match.empty()) parts.push_back(fmt::format("name matches {}", rule.match));
  if (!rule.role.empty()) parts.push_back("role " + rule.role);
  if (rule.floating) parts.emplace_back(*rule.floating ? "a floating dtype" : "an integer dtype");
  if (!rule.dtypes.empty()) parts.push_back(fmt::format("dtype {}", fmt::join(rule.dtypes, " or ")));
  if (rule.max_elements) parts.push_back(fmt::format("at most {} elements", *rule.max_elements));
  if (rule.keep_float_limit) {
    parts.push_back(fmt::format("at most {} elements (keep_float_max)", keep_float_max));
  }
  if (rule.rank) parts.push_back(fmt::format("rank {}", *rule.rank));
  if (rule.calibrated) parts.emplace_back(*rule.calibrated ? "Hessian known" : "Hessian not known");
  if (rule.gradients) {
    parts.emplace_back(*rule.gradients ? "diagonal Fisher known" : "diagonal Fisher not known");
  }
  if (parts.empty()) return number == 1 ? "every tensor" : "every other tensor";
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// A scheme as it is written, and what says so.
struct Decision {
  std::string scheme = {};
  std::string reason = {};
};

/// Recipe and overrides, compiled.
class SchemeChooser {
 public:
  SchemeChooser(const QuantRecipe& recipe, const std::vector<SchemeOverride>& overrides)
      : recipe_(recipe), overrides_(overrides), used_(overrides.size()) {
    for (const QuantRule& rule : recipe.rules) matchers_.emplace_back(rule, recipe.keep_float_max);
    for (const SchemeOverride& given : overrides) patterns_.emplace_back(given.regex);
  }

  /// The last override that matches, else the first rule. @throws Error kInvalidArgument when there is none
  Decision decide(const NamedTensor& source, const TensorStatistics& known) {
    std::optional<Decision> decision;
    for (size_t i = 0; i < patterns_.size(); ++i) {
      if (!patterns_[i].found_in(source.name)) continue;
      used_[i] = true;
      const auto& [regex, scheme] = overrides_[i];
      decision = {scheme, fmt::format("--set {}={}", regex, scheme)};
    }
    if (decision) return *decision;
    for (size_t i = 0; i < matchers_.size(); ++i) {
      if (!matchers_[i].matches(source.name, source.tensor, known)) continue;
      const QuantRule& rule = matchers_[i].rule();
      return {rule.scheme,
              fmt::format("rule {}: {}", i + 1, conditions_of(rule, i + 1, recipe_.keep_float_max))};
    }
    fail(
        ErrorCode::kInvalidArgument,
        fmt::format("recipe \"{}\" has no rule for tensor \"{}\" ({} {}): add one or use --set", recipe_.name,
                    printable(source.name), torch_name(source.tensor.dtype), to_string(source.tensor.shape)));
  }

  /// @throws Error kInvalidArgument for an override that has matched nothing
  void check_overrides() const {
    for (size_t i = 0; i < used_.size(); ++i) {
      if (used_[i]) continue;
      fail(ErrorCode::kInvalidArgument,
           fmt::format("\"{}={}\" matches no tensor: see the names with golf-inspect",
                       printable(overrides_[i].regex), overrides_[i].scheme));
    }
  }

 private:
  const QuantRecipe& recipe_;
  const std::vector<SchemeOverride>& overrides_;
  std::vector<RuleMatcher> matchers_;
  std::vector<NamePattern> patterns_;
  std::vector<bool> used_;
};

/// Checks that the scheme can store this tensor.
void check_assignment(const Assignment& assignment) {
  const auto& [name, tensor] = *assignment.source;
  const auto refuse = [&, &name = name](std::string_view problem) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("tensor \"{}\", scheme {}: {}", printable(name), assignment.scheme.row->name, problem));
  };
  const bool needs_matrix = is_trellis(assignment.scheme.row->encoding) ||
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
  SchemeChooser chooser(recipe, options.overrides);
  std::vector<Assignment> assignments;
  for (const NamedTensor& source : tensors) {
    Assignment assignment{.source = &source};
    if (options.calibration != nullptr) assignment.known = options.calibration->of(source.name);
    assignment.scheme = parse_scheme(chooser.decide(source, assignment.known).scheme);
    if (assignment.scheme.row->kind == SchemeKind::kDrop) continue;
    check_assignment(assignment);
    assignments.push_back(assignment);
  }
  chooser.check_overrides();
  return assignments;
}

std::vector<SchemeChoice> choose_schemes(const TensorSet& tensors, const QuantRecipe& recipe,
                                         const QuantizeOptions& options) {
  assign_schemes(tensors, recipe, options);  // refuses what quantize() refuses
  SchemeChooser chooser(recipe, options.overrides);
  std::vector<SchemeChoice> choices;
  for (const NamedTensor& source : tensors) {
    TensorStatistics known;
    if (options.calibration != nullptr) known = options.calibration->of(source.name);
    const auto [scheme, reason] = chooser.decide(source, known);
    choices.push_back(
        {source.name, std::string(role_name(role_of(source.name))), source.tensor.shape, scheme, reason});
  }
  return choices;
}

}  // namespace golf
