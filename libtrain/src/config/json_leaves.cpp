#include "config/json_leaves.h"

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

void for_each_leaf(const Json& json, const std::function<void(const std::string&, const Json&)>& visit) {
  visit_below(json, "", visit);
}

std::map<std::string, Json> leaves_of(const Json& json) {
  std::map<std::string, Json> leaves;
  for_each_leaf(json, [&](const std::string& key, const Json& value) { leaves.emplace(key, value); });
  return leaves;
}

}  // namespace golf
