#pragma once

#include <cstdint>
#include <string_view>

namespace golf {

/// How much a cache weighs against the model, from the entropy of the model's distribution alone.
/// The defaults are PR 993's. Arithmetic is float32, as there. Source: spec PR 993 §4.
struct EntropyWeight {
  enum class Mode {
    kSigmoid,  ///< min + (max − min) / (1 + exp(−scale · (H − center))); 993's "sigmoid_raw_entropy"
    kLinear,   ///< min + (max − min) · clip(H / ln V, 0, 1)
    kFixed,    ///< fixed
  };
  Mode mode = Mode::kSigmoid;
  double min = 0.05;
  double max = 0.60;
  double center = 4.0;  ///< nats
  double scale = 2.0;   ///< per nat
  double fixed = 0.40;

  /// @throws Error kInvalidArgument unless 0 ≤ min ≤ max ≤ 1, 0 ≤ fixed ≤ 1 and scale > 0
  void check(std::string_view owner) const;
  float at(float entropy_nats, int64_t vocab_size) const;
};

}  // namespace golf
