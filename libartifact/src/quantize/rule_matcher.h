#pragma once

#include <regex>
#include <string>

#include "golf/artifact/quantize/quant_recipe.h"

namespace golf {

/// A regular expression of a recipe or override. @throws Error kInvalidArgument when it is malformed
class NamePattern {
 public:
  explicit NamePattern(const std::string& expression);
  /// Whether it is found anywhere in the name; the empty expression is found in every name.
  bool found_in(const std::string& name) const;

 private:
  std::regex regex_;
  bool matches_all_;
};

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

}  // namespace golf
