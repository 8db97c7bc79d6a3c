#include "model/feature.h"

namespace golf::features {
namespace {

class ExclusiveAttention : public Feature {
 public:
  explicit ExclusiveAttention(const FeatureParts& parts)
      : Feature(parts), first_(parts.config.num_layers - parts.settings.integer("last_n")) {}

  bool excludes_own_value(int64_t block) const override { return block >= first_; }

 private:
  int64_t first_;
};

}  // namespace

std::unique_ptr<Feature> make_exclusive_attention(const FeatureParts& parts) {
  return make_feature<ExclusiveAttention>(parts);
}

}  // namespace golf::features
