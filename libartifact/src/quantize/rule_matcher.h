#pragma once

#include <string>

#include "golf/artifact/base/name_pattern.h"
#include "golf/artifact/quantize/quant_recipe.h"

namespace golf {

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
