#pragma once

#include <span>
#include <vector>

#include "golf/artifact/tensor/tensor.h"

namespace golf {

/// A floating tensor's elements as float32, borrowed where they already are.
/// Lives no longer than the tensor. @throws Error kInvalidArgument when the tensor is not floating
class FloatValues {
 public:
  explicit FloatValues(const Tensor& tensor);
  std::span<const float> all() const { return values_; }
  /// Row `row` of a matrix with `columns` columns.
  std::span<const float> row(size_t row, size_t columns) const {
    return values_.subspan(row * columns, columns);
  }

 private:
  std::vector<float> converted_;
  std::span<const float> values_;
};

}  // namespace golf
