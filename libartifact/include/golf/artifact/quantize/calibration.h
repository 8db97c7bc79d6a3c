#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "golf/artifact/tensor/tensor_set.h"

namespace golf {

/// The statistics of one weight [out, in].
struct TensorStatistics {
  /// The Hessian H [in, in], row-major: an error e of a row costs e·H·eᵀ, in any unit; empty: unknown.
  std::span<const float> hessian = {};
  /// [out]: for each row the mean of the diagonal Fisher, in nats² a token; empty: unknown.
  std::span<const float> fisher = {};
  /// The cross moment C [in, in], row-major: the mean of x·x̂ᵀ in the weights of the Hessian, x being the
  /// original model's input and x̂ that of the quantized one, whose moment the Hessian then is; empty: the
  /// inputs are the original's.
  std::span<const float> cross = {};
};

/// Hessians, cross moments and diagonal Fisher of a model, collected on a text. docs/QUANTIZATION.md
/// specifies the file.
class Calibration {
 public:
  /// The name of a weight's diagonal Fisher is this prefix and the weight's name.
  static constexpr std::string_view kFisherPrefix = "diagonal_fisher:";
  /// The same for its cross moment.
  static constexpr std::string_view kCrossPrefix = "cross_moment:";

  /// @throws Error kCorruptData naming the tensor: a Hessian that is not a float32 square matrix of at
  /// least one row, an element that is not finite, a diagonal below 0 or all 0, not symmetric within
  /// rounding; a cross moment without a Hessian of its shape or not finite, or not 0 where that says
  /// that an input was always 0; a diagonal Fisher that is not a float32 vector, not finite, below 0;
  /// metadata of another schema or without a token count, or with a count that is no positive number
  Calibration(TensorSet statistics, const std::string& what);

  TensorStatistics of(std::string_view weight) const;
  uint64_t tokens() const { return tokens_; }
  /// The mean length of a token in bytes of text; nothing when the file does not say.
  std::optional<double> bytes_per_token() const;
  /// @throws Error kMismatch naming the first entry whose weight is not among `tensors`, is not a matrix, or
  /// has another number of columns, or of rows for the diagonal Fisher
  void check_against(const TensorSet& tensors) const;

 private:
  TensorSet statistics_;
  uint64_t tokens_ = 0;
  std::optional<uint64_t> bytes_;
};

/// Reads the safetensors file that `golf-eval calibrate` writes. @throws Error naming `path`
Calibration read_calibration(const std::string& path);

}  // namespace golf
