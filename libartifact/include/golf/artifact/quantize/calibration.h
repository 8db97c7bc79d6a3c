#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

/// The second moments of the inputs that a model's matrices saw: for a weight [out, in] the float32 matrix
/// [in, in] of the means over tokens of x·xᵀ. The file is specified in docs/FORMAT.md §4.
class Calibration {
 public:
  /// @throws Error kCorruptData naming the tensor: not a float32 square matrix of at least one row, an
  /// element that is not finite, a diagonal below 0 or all 0, not symmetric within rounding; metadata of
  /// another schema or without a token count
  Calibration(TensorSet moments, const std::string& what);

  /// The moments for a weight of that name, row-major; empty when there are none.
  std::span<const float> find(std::string_view weight) const;
  uint64_t tokens() const { return tokens_; }
  /// @throws Error kMismatch naming the first entry whose weight is not among `tensors`, is not a matrix, or
  /// has another number of columns
  void check_against(const TensorSet& tensors) const;

 private:
  TensorSet moments_;
  uint64_t tokens_ = 0;
};

/// Reads the safetensors file that `golf-eval --collect-calibration` writes. @throws Error naming `path`
Calibration read_calibration(const std::string& path);

}  // namespace golf
