#include "model/feature.h"

#include <map>
#include <string>

namespace golf {

// feature_list.inc is written by the build: one GOLF_FEATURE(name) for each source in model/features.
namespace features {
#define GOLF_FEATURE(name) std::unique_ptr<Feature> make_##name(const FeatureParts&);
#include "feature_list.inc"
#undef GOLF_FEATURE
}  // namespace features

namespace {

std::map<std::string, FeatureMaker, std::less<>>& makers() {
  static std::map<std::string, FeatureMaker, std::less<>> all = {
#define GOLF_FEATURE(name) {#name, features::make_##name},
#include "feature_list.inc"
#undef GOLF_FEATURE
  };
  return all;
}

}  // namespace

FeatureList make_features(const ModelConfig& config, ParameterStore& parameters) {
  FeatureList list;
  for (const auto& [name, settings] : config.features) {
    const auto maker = makers().find(name);
    if (maker != makers().end()) list.push_back(maker->second({config, settings, parameters}));
  }
  return list;
}

void add_feature_arithmetic(std::string_view name, FeatureMaker make) { makers()[std::string(name)] = make; }

}  // namespace golf
