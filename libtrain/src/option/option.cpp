#include "golf/train/option/option.h"

#include <cmath>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

void visit_below(const Json& json, const std::string& prefix,
                 const std::function<void(const std::string&, const Json&)>& visit) {
  for (const auto& [name, value] : json.as_object()) {
    const std::string key = prefix.empty() ? name : prefix + "." + name;
    if (value.is_object()) {
      visit_below(value, key, visit);
    } else {
      visit(key, value);
    }
  }
}

}  // namespace

OptionVisitor OptionVisitor::inside(std::string_view key, OnResume on_resume) const {
  OptionVisitor nested = *this;
  nested.prefix_ += std::string(key) + ".";
  if (on_resume == OnResume::kMayChange) nested.on_resume_ = on_resume;
  return nested;
}

void OptionVisitor::add_row(std::string_view key, OptionType type, Json default_value, std::string choices,
                            Option option) {
  if (on_resume_ == OnResume::kMayChange) option.on_resume = on_resume_;
  rows_->push_back({.key = prefix_ + std::string(key),
                    .type = type,
                    .default_value = std::move(default_value),
                    .choices = std::move(choices),
                    .option = std::move(option)});
}

void OptionVisitor::check(std::string_view key, double value, const Option& option) const {
  require_range(prefix_ + std::string(key), value, option.low, option.high);
}

void OptionVisitor::check(std::string_view key, int64_t value, const Option& option) const {
  constexpr auto kLeast = std::numeric_limits<int64_t>::min(), kMost = std::numeric_limits<int64_t>::max();
  const auto bound = [](double bound, int64_t none) {
    return std::isinf(bound) ? none : static_cast<int64_t>(bound);
  };
  require_range(prefix_ + std::string(key), value, bound(option.low, kLeast), bound(option.high, kMost));
}

void OptionVisitor::check(std::string_view key, const std::optional<double>& value,
                          const Option& option) const {
  if (value) check(key, *value, option);
}

void for_each_leaf(const Json& json, const std::function<void(const std::string&, const Json&)>& visit) {
  visit_below(json, "", visit);
}

std::map<std::string, Json> leaves_of(const Json& json) {
  std::map<std::string, Json> leaves;
  for_each_leaf(json, [&](const std::string& key, const Json& value) { leaves.emplace(key, value); });
  return leaves;
}

}  // namespace golf
