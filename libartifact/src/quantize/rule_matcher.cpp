#include "quantize/rule_matcher.h"

#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {
namespace {

// std::regex recurses once per character: bounded names keep a hostile file from exhausting the stack.
constexpr size_t kMaxNameBytes = 4096;

}  // namespace

NamePattern::NamePattern(const std::string& expression) : matches_all_(expression.empty()) {
  try {
    regex_.assign(expression, std::regex::ECMAScript);
  } catch (const std::regex_error& error) {
    fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a regular expression (ECMAScript): {}",
                                                  printable(expression), error.what()));
  }
}

bool NamePattern::found_in(const std::string& name) const {
  if (matches_all_) return true;
  if (name.size() > kMaxNameBytes) {
    fail(ErrorCode::kUnsupported, fmt::format("tensor name of {} bytes, at most {} can be matched: \"{}\"",
                                              name.size(), kMaxNameBytes, printable(name)));
  }
  return std::regex_search(name, regex_);
}

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
