#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/base/json_fields.h"

namespace golf {

/// Multi-token prediction: extra heads that predict tokens further ahead while training. They are never
/// exported.
struct MtpConfig {
  int64_t heads = 0;         ///< head j predicts the token j + 2 places on; 0 is off
  double loss_weight = 0.1;  ///< times the mean of the heads' losses, added to the loss

  bool operator==(const MtpConfig&) const = default;
};

/// Quantisation-aware training: kFakeQuant computes with rounded matrices and lets the gradient pass
/// unchanged (PRs 88, 192, 262, 993); kNoise now and then adds noise to the weights for good (PR 1046).
enum class QatMethod { kOff, kFakeQuant, kNoise };

struct QatConfig {
  QatMethod method = QatMethod::kOff;
  int64_t bits = 6;            ///< codes in ±(2^(bits−1) − 1), one scale a row
  double clip_quantile = 1.0;  ///< of each row's magnitudes; 1 is their maximum
  bool cast_first = false;     ///< weights go to the compute dtype before, not after, the rounding (PR 262)
  /// Parts of the names of the matrices it applies to. Control parameters are never among them.
  std::vector<std::string> matrices = {"blocks.", "lm_head"};
  int64_t min_elements = 0;     ///< smaller matrices are left alone
  double start_fraction = 0.0;  ///< of the run: of its time when that is capped, else of its iterations
  double start_lr_below =
      0.0;                   ///< starts once the rate's multiplier is below this, for good; 0: no condition
  int64_t noise_every = 25;  ///< steps
  double noise_scale = 0.5;  ///< width of the uniform noise in quantisation steps

  bool operator==(const QatConfig&) const = default;
};
void describe(JsonFields& fields, MtpConfig& config);
void describe(JsonFields& fields, QatConfig& config);
/// @throws Error kInvalidArgument naming the field, its value and what is allowed
void validate(const MtpConfig& config);
void validate(const QatConfig& config);

}  // namespace golf
