#pragma once

#include <cmath>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "golf/artifact/quantize/scheme_table.h"

namespace golf::test {

/// Bell-shaped numbers of standard deviation `deviation`, the same on every machine.
inline std::vector<float> bell(size_t count, double deviation, uint32_t seed) {
  std::mt19937 generator(seed);
  std::vector<float> values(count);
  for (float& value : values) {
    double sum = 0.0;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(generator()) / 4294967296.0;
    value = static_cast<float>((sum - 6.0) * deviation);
  }
  return values;
}

inline Tensor bell_matrix(int64_t rows, int64_t columns, double deviation = 1.0, uint32_t seed = 1) {
  const std::vector<float> values = bell(static_cast<size_t>(rows * columns), deviation, seed);
  return make_tensor<float>(DType::kF32, {rows, columns}, values);
}

/// A tensor as a scheme with its own rule stores it ("int6-sd:12.85").
inline StoredTensor store_as(const std::string& text, const Tensor& tensor) {
  const Scheme scheme = parse_scheme(text);
  return scheme.number ? scheme.row->store_at(tensor, *scheme.number) : scheme.row->store(tensor);
}

/// The Hessian of inputs whose neighbors are correlated, with energies that differ by column.
inline Tensor hessian_of(int64_t size) {
  Tensor hessian = make_tensor(DType::kF32, {size, size});
  const auto values = hessian.values<float>();
  const auto scale = [](int64_t i) { return std::exp2(static_cast<double>(i % 5) - 2.0); };
  for (int64_t i = 0; i < size; ++i) {
    for (int64_t j = 0; j < size; ++j) {
      const double correlation = std::pow(0.8, static_cast<double>(std::abs(i - j)));
      values[static_cast<size_t>(i * size + j)] = static_cast<float>(scale(i) * scale(j) * correlation);
    }
  }
  return hessian;
}

/// Σ over rows of e·H·eᵀ for the errors of the stored tensor; without hessian the sum of squares.
inline double output_error(const Tensor& weights, const StoredTensor& stored,
                           std::span<const float> hessian = {}) {
  const Tensor decoded = dequantize(stored);
  const auto before = weights.values<float>();
  const auto after = decoded.values<float>();
  const auto columns = static_cast<size_t>(weights.shape[1]);
  double sum = 0.0;
  for (size_t row = 0; row < before.size(); row += columns) {
    for (size_t i = 0; i < columns; ++i) {
      const double one = static_cast<double>(before[row + i]) - static_cast<double>(after[row + i]);
      if (hessian.empty()) {
        sum += one * one;
        continue;
      }
      for (size_t j = 0; j < columns; ++j) {
        const double other = static_cast<double>(before[row + j]) - static_cast<double>(after[row + j]);
        sum += one * other * static_cast<double>(hessian[i * columns + j]);
      }
    }
  }
  return sum;
}

}  // namespace golf::test
