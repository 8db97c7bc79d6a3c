#include "quantize/input_shift.h"

#include <gtest/gtest.h>

#include <limits>

#include "golf/artifact/quantize/quantizer.h"
#include "quantize_inputs.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

/// Inputs x of a model, x̂ = x·(1 + T) of a quantized one, and their moments over `kTokens`.
struct Inputs {
  static constexpr size_t kTokens = 400;
  size_t columns;
  std::vector<float> original;
  std::vector<float> quantized;

  explicit Inputs(size_t width) : columns(width), original(test::bell(kTokens * width, 1.0, 5)) {
    const std::vector<float> mixing = test::bell(width * width, 0.05, 6);
    quantized = original;
    for (size_t t = 0; t < kTokens; ++t) {
      for (size_t i = 0; i < width; ++i) {
        for (size_t j = 0; j < width; ++j) {
          quantized[t * width + j] += original[t * width + i] * mixing[i * width + j];
        }
      }
    }
  }
  Tensor moment(const std::vector<float>& left, const std::vector<float>& right) const {
    const auto size = static_cast<int64_t>(columns);
    Tensor result = make_tensor(DType::kF32, {size, size});
    for (size_t i = 0; i < columns; ++i) {
      for (size_t j = 0; j < columns; ++j) {
        double sum = 0.0;
        for (size_t t = 0; t < kTokens; ++t) {
          sum += static_cast<double>(left[t * columns + i]) * static_cast<double>(right[t * columns + j]);
        }
        result.values<float>()[i * columns + j] = static_cast<float>(sum / kTokens);
      }
    }
    return result;
  }
  /// Mean of |w·x − v·x̂|² over tokens and rows.
  double error(std::span<const float> w, std::span<const float> v) const {
    double sum = 0.0;
    for (size_t row = 0; row < w.size(); row += columns) {
      for (size_t t = 0; t < kTokens; ++t) {
        double difference = 0.0;
        for (size_t c = 0; c < columns; ++c) {
          difference += static_cast<double>(w[row + c]) * static_cast<double>(original[t * columns + c]);
          difference -= static_cast<double>(v[row + c]) * static_cast<double>(quantized[t * columns + c]);
        }
        sum += difference * difference;
      }
    }
    return sum / static_cast<double>(kTokens * (w.size() / columns));
  }
};

TEST(InputShift, GivesTheOutputsOfTheOriginalInputs) {
  const Inputs inputs(40);
  const Tensor weights = test::bell_matrix(11, 40);  // not a multiple of the rows solved together
  const Tensor hessian = inputs.moment(inputs.quantized, inputs.quantized);
  const Tensor cross = inputs.moment(inputs.original, inputs.quantized);
  const auto w = weights.values<float>();
  std::vector<float> natural;
  for (const ColumnOrder order : {ColumnOrder::kNatural, ColumnOrder::kLargestFirst}) {
    const HessianFactor factor = factor_hessian(hessian.values<float>(), order);
    const auto shifted = weights_for_inputs(w, hessian.values<float>(), cross.values<float>(), factor);
    // The inputs differ by an invertible matrix: only the damping is left.
    EXPECT_LT(inputs.error(w, shifted), 0.001 * inputs.error(w, w));
    if (natural.empty()) natural = shifted;
    for (size_t i = 0; i < shifted.size(); ++i) EXPECT_NEAR(shifted[i], natural[i], 1e-4);
  }
}

TEST(InputShift, LeavesWeightsWhereInputsAreTheSame) {
  const Tensor hessian = test::hessian_of(12);
  const Tensor weights = test::bell_matrix(5, 12);
  const auto h = hessian.values<float>();
  const auto shifted =
      weights_for_inputs(weights.values<float>(), h, h, factor_hessian(h, ColumnOrder::kNatural));
  EXPECT_EQ(shifted, std::vector<float>(weights.values<float>().begin(), weights.values<float>().end()));
}

TEST(InputShift, RefusesMomentsThatLeadOutOfRange) {
  const Tensor hessian = test::hessian_of(6);
  const Tensor weights = test::bell_matrix(3, 6, 100.0);
  const std::vector<float> huge(36, std::numeric_limits<float>::max());
  const HessianFactor factor = factor_hessian(hessian.values<float>(), ColumnOrder::kNatural);
  EXPECT_GOLF_ERROR(weights_for_inputs(weights.values<float>(), hessian.values<float>(), huge, factor),
                    ErrorCode::kCorruptData, "out of float32's range");
}

TEST(InputShift, IsWhatErrorFeedbackAimsAt) {
  const Inputs inputs(48);
  TensorSet tensors;
  tensors.add("w", test::bell_matrix(64, 48, 0.1));
  TensorSet file;
  file.add("w", inputs.moment(inputs.quantized, inputs.quantized));
  file.metadata = {{"schema", "golf.calibration/1"}, {"tokens", "400"}};
  const auto error_with = [&](const std::string& scheme) {
    const Calibration calibration(file, "c");
    const QuantizeOptions options{.overrides = {{".", scheme}}, .calibration = &calibration};
    const StoredModel stored = quantize(tensors, load_recipe("tcq"), options);
    return inputs.error(tensors.at("w").values<float>(), dequantize(stored.tensors[0]).values<float>());
  };
  const double without = error_with("tcq:0.125+gptq+columns");
  const double plain = error_with("tcq:0.125");
  file.add("cross_moment:w", inputs.moment(inputs.original, inputs.quantized));
  EXPECT_LT(error_with("tcq:0.125+gptq+columns"), 0.5 * without);
  EXPECT_EQ(error_with("tcq:0.125"), plain) << "without feedback the weights stay the target";
}

}  // namespace
}  // namespace golf
