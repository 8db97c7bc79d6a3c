#include "quantize/scheme_assignment.h"

#include <fmt/format.h>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "quantize/rule_matcher.h"

namespace golf {
namespace {

/// What the recipe's first matching rule says.
Scheme recipe_scheme(const NamedTensor& source, const TensorStatistics& known,
                     const std::vector<RuleMatcher>& matchers, const QuantRecipe& recipe) {
  for (const RuleMatcher& matcher : matchers) {
    if (matcher.matches(source.name, source.tensor, known)) return parse_scheme(matcher.rule().scheme);
  }
  fail(ErrorCode::kInvalidArgument,
       fmt::format("recipe \"{}\" has no rule for tensor \"{}\" ({} {}): add one or use --set", recipe.name,
                   printable(source.name), torch_name(source.tensor.dtype), to_string(source.tensor.shape)));
}

/// Whether the scheme can be had for this tensor.
void check_assignment(const Assignment& assignment) {
  const auto& [name, tensor] = *assignment.source;
  const auto refuse = [&, &name = name](std::string_view problem) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("tensor \"{}\", scheme {}: {}", printable(name), assignment.scheme.row->name, problem));
  };
  const bool needs_matrix = assignment.scheme.row->storage == Storage::kTrellis ||
                            assignment.scheme.needs_moments() || assignment.scheme.row_steps;
  if (needs_matrix && tensor.rank() != 2) {
    refuse(fmt::format("a trellis, +gptq, +columns and +rows need a matrix, {} found: use ecsq",
                       to_string(tensor.shape)));
  }
  if (assignment.scheme.needs_moments() && assignment.known.moments.empty()) {
    refuse("+gptq and +columns need the second moments of its inputs: give them by --calibration");
  }
  if (assignment.scheme.row_steps && assignment.known.gradient_squares.empty()) {
    refuse("+rows needs the squares of its gradient: give them by --calibration");
  }
}

}  // namespace

std::vector<Assignment> assign_schemes(const TensorSet& tensors, const QuantRecipe& recipe,
                                       const QuantizeOptions& options) {
  const std::vector<SchemeOverride>& overrides = options.overrides;
  std::vector<RuleMatcher> matchers;
  for (const QuantRule& rule : recipe.rules) matchers.emplace_back(rule, recipe.keep_float_max);
  std::vector<NamePattern> patterns;
  for (const SchemeOverride& entry : overrides) patterns.emplace_back(entry.regex);

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
