// Products of int8. oneDNN multiplies them where the processor has instructions for that (VNNI, AMX). Without
// them its sums saturate or come from loops without vectors, and the project's own kernel multiplies.
#include "model/ops/int8_products.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <fmt/format.h>

#include <string_view>

#include "golf/artifact/base/error.h"
#include "golf/model/int8_products.h"
#include "model/kernels/int8_product.h"
#include "model/parameter_store.h"

namespace golf {
namespace {

constexpr int64_t kLargestInputs = 65'536;
/// Rows of the products that oneDNN lays weights out for: those of one forward pass as a rule.
constexpr int64_t kTypicalRows = 1024;

using Prepack = at::Tensor(at::Tensor, std::optional<c10::List<int64_t>>);
using Scalars = c10::List<std::optional<at::Scalar>>;
using Linear = at::Tensor(at::Tensor, double, int64_t, at::Tensor, at::Tensor, at::Tensor,
                          std::optional<at::Tensor>, double, int64_t, std::optional<at::ScalarType>,
                          std::string_view, Scalars, std::string_view);

/// torch's bindings of oneDNN's int8 product: operators, not public functions, and a LibTorch may lack them.
std::optional<c10::OperatorHandle> int8_operator(const char* name) {
  return c10::Dispatcher::singleton().findSchema({name, ""});
}

at::Tensor onednn_packed(const at::Tensor& weights) {
  static const auto op = int8_operator("onednn::qlinear_prepack")->typed<Prepack>();
  return op.call(weights, c10::List<int64_t>({kTypicalRows, weights.size(1)}));
}

at::Tensor onednn_product(const at::Tensor& x, int zero_point, const at::Tensor& packed,
                          const at::Tensor& steps) {
  static const auto op = int8_operator("onednn::qlinear_pointwise")->typed<Linear>();
  return op.call(x, /*act_scale=*/1.0, zero_point, packed, steps, at::zeros(steps.sizes(), at::kInt),
                 /*bias=*/std::nullopt, /*output_scale=*/1.0, /*output_zero_point=*/0, at::kFloat, "none",
                 Scalars(), "");
}

/// Whether oneDNN's sums of the largest products are right: with fewer instructions than the processor has
/// (ONEDNN_MAX_CPU_ISA) they saturate.
bool onednn_is_exact() {
  constexpr int64_t kInputs = 64;
  const at::Tensor x = at::full({16, kInputs}, 255, at::kByte), w = at::full({32, kInputs}, 127, at::kChar);
  const at::Tensor y = onednn_product(x, 0, onednn_packed(w), at::ones({32}));
  return y.eq(255.0 * 127.0 * kInputs).all().item<bool>();
}

bool uses_onednn() {
  if (!kernels::has_int8_instructions() || !at::globalContext().userEnabledMkldnn()) return false;
  static const bool is_exact = int8_operator("onednn::qlinear_prepack").has_value() &&
                               int8_operator("onednn::qlinear_pointwise").has_value() && onednn_is_exact();
  return is_exact;
}

template <class Use>
void for_each_matrix(Decoder& model, const Use& use) {
  for (const auto& module : model->modules(/*include_self=*/false)) {
    if (auto* matrix = module->as<CastedLinearImpl>()) use(*matrix);
  }
}

}  // namespace

void use_int8_products(Decoder& model) {
  model->set_compute_dtype(torch::kFloat);
  for_each_matrix(model, [](CastedLinearImpl& matrix) { matrix.use_int8(); });
}

void for_each_int8_matrix(Decoder& model, const std::function<void(bool exact)>& use) {
  for_each_matrix(model, [&](const CastedLinearImpl& matrix) {
    if (const Int8Matrix* int8 = matrix.int8()) use(int8->exact);
  });
}

Int8Matrix int8_matrix(const torch::Tensor& weight) {
  const c10::InferenceMode inference;
  const at::Tensor rows = weight.contiguous();
  Int8Matrix matrix{.outputs = rows.size(0), .inputs = rows.size(1), .exact = true};
  if (matrix.inputs > kLargestInputs) {
    fail(ErrorCode::kUnsupported,
         fmt::format("a matrix of {} columns: int8 products go up to {}", matrix.inputs, kLargestInputs));
  }
  at::Tensor values = at::empty(rows.sizes(), at::kChar);
  matrix.steps = at::empty({matrix.outputs}, at::kFloat);
  for (int64_t n = 0; n < matrix.outputs; ++n) {
    const int64_t at_row = n * matrix.inputs;
    const kernels::WholeRow row = kernels::whole_row(matrix.inputs, rows.const_data_ptr<float>() + at_row,
                                                     values.mutable_data_ptr<int8_t>() + at_row);
    matrix.steps.mutable_data_ptr<float>()[n] = row.step;
    matrix.exact &= row.exact;
  }
  if (uses_onednn()) {
    matrix.weights = onednn_packed(values);
  } else {
    matrix.weights = at::empty({kernels::packed_int8_size(matrix.outputs, matrix.inputs)}, at::kShort);
    kernels::pack_int8_weights(matrix.outputs, matrix.inputs, values.const_data_ptr<int8_t>(),
                               matrix.weights.mutable_data_ptr<int16_t>());
  }
  return matrix;
}

torch::Tensor int8_linear(const torch::Tensor& x, const Int8Matrix& matrix, bool nonnegative) {
  const at::NoGradGuard no_grad;
  const at::Tensor rows = x.to(torch::kFloat).reshape({-1, matrix.inputs}).contiguous();
  const int64_t count = rows.size(0);
  const int zero_point = nonnegative ? 0 : 128;
  at::Tensor values = at::empty(rows.sizes(), at::kByte), steps = at::empty({count, 1}, at::kFloat);
  kernels::quantize_rows(count, matrix.inputs, zero_point, rows.const_data_ptr<float>(),
                         values.mutable_data_ptr<uint8_t>(), steps.mutable_data_ptr<float>());
  at::Tensor y;
  if (matrix.weights.scalar_type() != at::kShort) {
    y = onednn_product(values, zero_point, matrix.weights, matrix.steps);
  } else {
    y = at::empty({count, matrix.outputs}, at::kFloat);
    kernels::int8_product({.rows = count,
                           .outputs = matrix.outputs,
                           .inputs = matrix.inputs,
                           .zero_point = zero_point,
                           .x = values.const_data_ptr<uint8_t>(),
                           .weights = matrix.weights.const_data_ptr<int16_t>(),
                           .steps = matrix.steps.const_data_ptr<float>()},
                          y.mutable_data_ptr<float>());
  }
  std::vector<int64_t> shape = x.sizes().vec();
  shape.back() = matrix.outputs;
  return y.mul_(steps).view(shape);
}

}  // namespace golf
