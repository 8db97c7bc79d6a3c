#pragma once

#include <torch/types.h>

#include <mutex>

namespace golf {

/// Angles of the rotary position embedding (spec §3.2): position t and pair i have θ = t · base^(−2i/K), K
/// the head dimension. Positions start at 0 in every sequence.
struct RotaryAngles {
  torch::Tensor cos_TR;  ///< float32 [T, K/2]
  torch::Tensor sin_TR;
};

/// Computes the angles and keeps those of the length asked last. May be asked from several threads at once.
class RotaryTable {
 public:
  RotaryTable(int64_t head_dim, double base) : head_dim_(head_dim), base_(base) {}
  RotaryAngles angles(int64_t length, torch::Device device);

 private:
  int64_t head_dim_;
  double base_;
  std::mutex mutex_;  ///< guards angles_
  RotaryAngles angles_;
};

}  // namespace golf
