#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/train/option/option.h"

namespace golf {

/// Multi-token prediction: extra heads that predict tokens further ahead while training. They are never
/// exported. declare() says what each option means, here and below.
struct MtpConfig {
  int64_t heads = 0;
  double loss_weight = 0.1;

  bool operator==(const MtpConfig&) const = default;
};

/// Quantization-aware training: kFakeQuant computes with rounded matrices and lets the gradient pass
/// unchanged (PRs 88, 192, 262, 993); kNoise adds noise to the weights at intervals (PR 1046).
enum class QatMethod { kOff, kFakeQuant, kNoise };

struct QatConfig {
  QatMethod method = QatMethod::kOff;
  int64_t bits = 6;
  double clip_quantile = 1.0;
  bool cast_first = false;
  std::vector<std::string> matrices = {"blocks.", "lm_head"};
  int64_t min_elements = 0;
  double start_fraction = 0.0;
  double start_lr_below = 0.0;
  int64_t noise_every = 25;
  double noise_scale = 0.5;

  bool operator==(const QatConfig&) const = default;
};
void declare(OptionVisitor& visit, MtpConfig& config);
void declare(OptionVisitor& visit, QatConfig& config);
/// @throws Error kInvalidArgument naming the field, its value and what is allowed
void validate(const QatConfig& config);

/// Whether quantization-aware training is due in a step with that multiplier, after `progress` of the run
/// (see run_progress). Once due, it stays: the caller remembers.
bool qat_due(const QatConfig& config, double lr_multiplier, double progress);

/// Whether a started QatMethod::kNoise adds noise after the step that made `finished_steps`.
bool noise_due(const QatConfig& config, int64_t finished_steps);

}  // namespace golf
