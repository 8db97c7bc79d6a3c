#include "quantize/rule_matcher.h"

#include <algorithm>

#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {
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
  if (rule_.calibrated && *rule_.calibrated == known.moments.empty()) return false;
  if (rule_.gradients && *rule_.gradients == known.gradient_squares.empty()) return false;
  if (rule_.keep_float_limit && tensor.elements() > keep_float_max_) return false;
  return pattern_.found_in(name);
}

}  // namespace golf
