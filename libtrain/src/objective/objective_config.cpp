#include "golf/train/objective/objective_config.h"

#include <algorithm>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr EnumName<QatMethod> kQatMethods[] = {
    {QatMethod::kOff, "off"},
    {QatMethod::kFakeQuant, "fake_quant"},
    {QatMethod::kNoise, "noise"},
};

}  // namespace

void declare(OptionVisitor& visit, MtpConfig& config) {
  visit.field("heads", config.heads,
              {.meaning = "extra heads; head j predicts the token j + 2 places ahead",
               .low = 0,
               .high = 64,
               .variables = {"MTP_NUM_HEADS"}});
  visit.field("loss_weight", config.loss_weight,
              {.meaning = "factor of the mean of the heads' losses",
               .low = 0,
               .high = 1e3,
               .variables = {"MTP_LOSS_WEIGHT"}});
}

void declare(OptionVisitor& visit, QatConfig& config) {
  visit.enumeration("method", config.method, kQatMethods,
                    {.meaning = "how training accounts for quantization"});
  visit.field("bits", config.bits,
              {.meaning = "codes in ±(2^(bits−1) − 1), one scale a row", .low = 2, .high = 8});
  visit.field(
      "clip_quantile", config.clip_quantile,
      {.meaning = "quantile of each row's magnitudes that is the largest code", .low = 0.5, .high = 1});
  visit.field("cast_first", config.cast_first,
              {.meaning = "casts weights to the compute dtype before the rounding"});
  visit.field("matrices", config.matrices,
              {.meaning = "parts of the matrices' names; never control parameters"});
  visit.field("min_elements", config.min_elements,
              {.meaning = "smaller matrices are left alone", .low = 0, .high = 0x1p40});
  visit.field("start_fraction", config.start_fraction,
              {.meaning = "share of the run before it starts", .low = 0, .high = 1});
  visit.field(
      "start_lr_below", config.start_lr_below,
      {.meaning = "starts once the rate's multiplier is below this; 0: always", .low = 0, .high = 1e3});
  visit.field("noise_every", config.noise_every,
              {.meaning = "steps between additions of noise",
               .low = 1,
               .high = kMostSteps,
               .variables = {"QAT_EVERY"}});
  visit.field("noise_scale", config.noise_scale,
              {.meaning = "width of the uniform noise in quantization steps",
               .low = 0,
               .high = 1e3,
               .variables = {"QAT_NOISE_SCALE"}});
}

void validate(const QatConfig& qat) {
  require(
      std::none_of(qat.matrices.begin(), qat.matrices.end(), [](const auto& part) { return part.empty(); }),
      "qat.matrices", "has an empty name, which would match everything");
}

bool qat_due(const QatConfig& config, double lr_multiplier, double progress) {
  if (config.method == QatMethod::kOff || progress < config.start_fraction) return false;
  return config.start_lr_below <= 0 || lr_multiplier < config.start_lr_below;
}

bool noise_due(const QatConfig& config, int64_t finished_steps) {
  return config.method == QatMethod::kNoise && finished_steps % config.noise_every == 0;
}

}  // namespace golf
