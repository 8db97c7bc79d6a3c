#include "benchmarks/sample_model.h"

#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "golf/artifact/spec/tensor_inventory.h"

namespace golf::bench {
namespace {

/// SplitMix64 (Steele, Lea, Flood 2014) with Box and Muller's transform: std::normal_distribution's values
/// differ between standard libraries.
class Normal {
 public:
  explicit Normal(uint64_t seed) : state_(seed) {}
  float operator()(double width) {
    const double radius = std::sqrt(-2.0 * std::log(uniform()));
    return static_cast<float>(width * radius * std::cos(2.0 * std::numbers::pi * uniform()));
  }
  /// In (0, 1].
  double uniform() {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (static_cast<double>((z ^ (z >> 31)) >> 11) + 1.0) * 0x1p-53;
  }

 private:
  uint64_t state_;
};

}  // namespace

TensorSet sample_weights(const ModelConfig& config) {
  Normal normal(1);
  TensorSet weights;
  for (const TensorInfo& info : tensor_inventory(config)) {
    std::vector<float> values(static_cast<size_t>(element_count(info.shape)));
    const size_t row_length = info.shape.empty() ? 1 : static_cast<size_t>(info.shape.back());
    double width = 0.02;
    for (size_t i = 0; i < values.size(); ++i) {
      if (i % row_length == 0) width = 0.01 + 0.04 * normal.uniform();
      values[i] = normal(width);
    }
    weights.add(info.name, from_f32(values, DType::kF32, info.shape));
  }
  return weights;
}

}  // namespace golf::bench
