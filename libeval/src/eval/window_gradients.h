#pragma once

#include <ATen/ATen.h>

#include <deque>
#include <span>
#include <string>
#include <vector>

#include "golf/model/decoder.h"

namespace golf {

/// The parameters of two axes.
struct MatrixParameters {
  std::vector<std::string> names;
  std::vector<at::Tensor> tensors;
};
MatrixParameters matrix_parameters(Decoder& model);

/// A matrix at work on T positions.
struct Product {
  std::string matrix;
  at::Tensor x_TI;  ///< its input; undefined where rows were looked up
  /// The loss's gradient at its output; undefined where the loss does not depend on it.
  at::Tensor y_grad_TO;
};

/// One window forward and backward.
struct WindowGradients {
  std::deque<Product> products;       ///< in the order of use
  std::vector<at::Tensor> gradients;  ///< of each of the parameters; undefined where there is none
};

/// Lets WindowGradients see the products of a model, for as long as this lives.
class ProductCapture {
 public:
  explicit ProductCapture(Decoder& model);
  ~ProductCapture();
  ProductCapture(const ProductCapture&) = delete;
  ProductCapture& operator=(const ProductCapture&) = delete;

 private:
  Decoder& model_;
};

/// The gradients of the window's summed loss, with targets drawn from the model's own distribution. Needs a
/// ProductCapture; calls may run side by side.
/// @param seed  of the draws
/// @throws Error kCorruptData when the predictions are not finite
WindowGradients window_gradients(Decoder& model, const MatrixParameters& parameters,
                                 std::span<const uint16_t> window, uint64_t seed);

/// The products of rows of `length` tokens in one forward pass, without gradients. Needs a ProductCapture;
/// calls may run side by side.
std::deque<Product> forward_products(Decoder& model, std::span<const uint16_t> rows, int64_t length,
                                     torch::Device device);

}  // namespace golf
