#include "golf/train/objective/objective_config.h"

#include <algorithm>
#include <array>

#include "golf/artifact/base/require.h"

namespace golf {
namespace {

constexpr std::array<EnumName<QatMethod>, 3> kQatMethods = {{
    {QatMethod::kOff, "off"},
    {QatMethod::kFakeQuant, "fake_quant"},
    {QatMethod::kNoise, "noise"},
}};

}  // namespace

void describe(JsonFields& fields, MtpConfig& config) {
  fields.field("heads", config.heads);
  fields.field("loss_weight", config.loss_weight);
}

void describe(JsonFields& fields, QatConfig& config) {
  fields.enumeration("method", config.method, std::span<const EnumName<QatMethod>>(kQatMethods));
  fields.field("bits", config.bits);
  fields.field("clip_quantile", config.clip_quantile);
  fields.field("cast_first", config.cast_first);
  fields.field("matrices", config.matrices);
  fields.field("min_elements", config.min_elements);
  fields.field("start_fraction", config.start_fraction);
  fields.field("start_lr_below", config.start_lr_below);
  fields.field("noise_every", config.noise_every);
  fields.field("noise_scale", config.noise_scale);
}

void validate(const MtpConfig& mtp) {
  require_range("mtp.heads", mtp.heads, 0, 64);
  require_range("mtp.loss_weight", mtp.loss_weight, 0, 1e3);
}

void validate(const QatConfig& qat) {
  require_range("qat.bits", qat.bits, 2, 8);
  require_range("qat.clip_quantile", qat.clip_quantile, 0.5, 1);
  require(
      std::none_of(qat.matrices.begin(), qat.matrices.end(), [](const auto& part) { return part.empty(); }),
      "qat.matrices", "has an empty name, which would match everything");
  require_range("qat.min_elements", qat.min_elements, 0, int64_t{1} << 40);
  require_range("qat.start_fraction", qat.start_fraction, 0, 1);
  require_range("qat.start_lr_below", qat.start_lr_below, 0, 1e3);
  require_range("qat.noise_every", qat.noise_every, 1, 1 << 30);
  require_range("qat.noise_scale", qat.noise_scale, 0, 1e3);
}

}  // namespace golf
