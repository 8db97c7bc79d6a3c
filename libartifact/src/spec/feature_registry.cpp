#include <fmt/format.h>

#include <algorithm>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/text.h"
#include "golf/artifact/spec/feature_declaration.h"

namespace golf {

// feature_list.inc is written by the build: one GOLF_FEATURE(name) for each source in spec/features.
namespace features {
#define GOLF_FEATURE(name) FeatureDeclaration name();
#include "feature_list.inc"
#undef GOLF_FEATURE
}  // namespace features

namespace {

void insert(std::vector<FeatureDeclaration>& list, FeatureDeclaration declaration) {
  const auto place = std::upper_bound(
      list.begin(), list.end(), declaration,
      [](const auto& a, const auto& b) { return std::pair(a.order, a.name) < std::pair(b.order, b.name); });
  list.insert(place, std::move(declaration));
}

std::vector<FeatureDeclaration>& registry() {
  static std::vector<FeatureDeclaration> all = [] {
    std::vector<FeatureDeclaration> list;
#define GOLF_FEATURE(name) insert(list, features::name());
#include "feature_list.inc"
#undef GOLF_FEATURE
    return list;
  }();
  return all;
}

}  // namespace

std::span<const FeatureDeclaration> feature_declarations() { return registry(); }

const FeatureDeclaration& find_feature(std::string_view name) {
  std::vector<std::string> names;
  for (const FeatureDeclaration& declaration : feature_declarations()) {
    if (declaration.name == name) return declaration;
    names.emplace_back(declaration.name);
  }
  const auto suggestion = closest_match(name, names);
  fail(ErrorCode::kInvalidArgument,
       fmt::format("model.{}: no such feature{}", printable(name),
                   suggestion ? fmt::format(": did you mean \"{}\"?", *suggestion) : ""));
}

void declare_feature(FeatureDeclaration declaration) { insert(registry(), std::move(declaration)); }

}  // namespace golf
