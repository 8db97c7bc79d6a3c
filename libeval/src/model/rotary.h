#pragma once

#include <torch/types.h>

#include <mutex>

#include "golf/artifact/spec/model_config.h"

namespace golf {

/// Angles of the rotary position embedding (spec §3.2): position t and pair i have θ = t · base^(−2i/2R), 2R
/// the components that turn: the leading ones of each head, by default all K. Positions start at 0 in every
/// sequence.
struct RotaryAngles {
  torch::Tensor cos_TR;  ///< float32 [T, R]
  torch::Tensor sin_TR;
};

/// The base for sequences of `length` tokens: beyond the reference length T₀ of an NTK-rescaled embedding it
/// grows by (length/T₀)^(2R/(2R−2)) (PRs 262, 993).
double rotary_base(const ModelConfig& config, int64_t length);

/// Computes the angles and keeps those of the length asked last. May be asked from several threads at once.
class RotaryTable {
 public:
  explicit RotaryTable(const ModelConfig& config) : config_(config) {}
  RotaryAngles angles(int64_t length, torch::Device device);

 private:
  ModelConfig config_;
  std::mutex mutex_;  ///< guards angles_
  RotaryAngles angles_;
};

}  // namespace golf
