#include "model/feature.h"

namespace golf::features {
namespace {

/// Partial and stretched rotary embedding; the angles are RotaryTable's.
class Rotary : public Feature {
 public:
  explicit Rotary(const FeatureParts& parts) : Feature(parts), settings_(parts.settings) {}

  void configure(RotaryTable::Settings& table) const override {
    table.dims = settings_.optional_integer("dims").value_or(table.dims);
    table.ntk_reference_length = settings_.optional_integer("ntk_reference_length");
  }

 private:
  const FeatureSettings& settings_;
};

}  // namespace

std::unique_ptr<Feature> make_rotary(const FeatureParts& parts) { return make_feature<Rotary>(parts); }

}  // namespace golf::features
