#include "golf/artifact/quantize/stored_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/parallel_for.h"
#include "quantize/low_rank.h"
#include "quantize/step_grid.h"

namespace golf {
namespace {

[[noreturn]] void fail_tensor(const StoredTensor& stored, const std::string& problem) {
  fail(ErrorCode::kCorruptData, fmt::format("tensor \"{}\": {}", printable(stored.name), problem));
}

Tensor restore_passthrough(const StoredTensor& stored) {
  if (stored.values.dtype == stored.original_dtype) return stored.values;
  if (!is_floating(stored.values.dtype) || !is_floating(stored.original_dtype)) {
    fail_tensor(stored, fmt::format("kept as {} but originally {}", torch_name(stored.values.dtype),
                                    torch_name(stored.original_dtype)));
  }
  return from_f32(to_f32(stored.values), stored.original_dtype, stored.values.shape);
}

/// Adds float(a) · sa times float(b) · sb, summed in the order of the rank with fused
/// multiply-adds in float32, as the submissions' matrix product is.
void add_low_rank(const LowRank& correction, std::span<float> weights) {
  const auto rank = static_cast<size_t>(correction.b.shape[0]);
  const auto columns = static_cast<size_t>(correction.b.shape[1]);
  const std::vector<float> a = low_rank_factor_a(correction);
  const std::vector<float> b = low_rank_factor_b(correction);
  for (size_t row = 0; row * columns < weights.size(); ++row) {
    const auto sums = weights.subspan(row * columns, columns);
    std::vector<float> product(columns);
    for (size_t k = 0; k < rank; ++k) {
      const float factor = a[row * rank + k];
      for (size_t c = 0; c < columns; ++c) product[c] = std::fma(factor, b[k * columns + c], product[c]);
    }
    for (size_t c = 0; c < columns; ++c) sums[c] += product[c];
  }
}

/// The weights of the groups' columns, by their finer scales.
void restore_fine_columns(const FineColumns& fine, std::span<const int8_t> quantized,
                          std::span<float> weights) {
  const std::vector<float> scales = to_f32(fine.scales);
  const size_t columns = scales.empty() ? 0 : weights.size() / scales.size();
  for (size_t row = 0; row < scales.size(); ++row) {
    for (const int64_t start : fine.starts) {
      const size_t first = row * columns + static_cast<size_t>(start);
      for (size_t i = first; i < first + static_cast<size_t>(fine.size); ++i) {
        weights[i] = static_cast<float>(quantized[i]) * scales[row];
      }
    }
  }
}

Tensor restore_integers(const StoredTensor& stored) {
  const auto quantized = stored.values.values<int8_t>();
  const std::vector<float> scales = to_f32(stored.scales);
  std::vector<float> weights(quantized.size());
  const size_t row_elements = scales.empty() ? 0 : quantized.size() / scales.size();
  for (size_t row = 0; row < scales.size(); ++row) {
    const float scale = scales[row];
    const size_t first = row * row_elements;
    for (size_t i = first; i < first + row_elements; ++i) {
      weights[i] = static_cast<float>(quantized[i]) * scale;
    }
  }
  if (stored.fine_columns) restore_fine_columns(*stored.fine_columns, quantized, weights);
  if (stored.low_rank) add_low_rank(*stored.low_rank, weights);
  return from_f32(weights, stored.original_dtype, stored.values.shape);
}

}  // namespace

std::string StoredTensor::scheme() const {
  if (encoding == Encoding::kUniform) return "ecsq";
  if (encoding == Encoding::kTrellis) return "tcq";
  if (encoding == Encoding::kTrellis64) return "tcq64";
  if (encoding == Encoding::kTrellis256) return "tcq256";
  if (encoding != Encoding::kPassthrough) return fmt::format("int{}", bits);
  switch (values.dtype) {
    case DType::kF16:
      return "fp16";
    case DType::kBF16:
      return "bf16";
    case DType::kF32:
      return "fp32";
    default:
      return std::string(torch_name(values.dtype));
  }
}

bool FineColumns::contains(int64_t column) const {
  return std::any_of(starts.begin(), starts.end(),
                     [&](int64_t start) { return column >= start && column < start + size; });
}

uint64_t StoredTensor::payload_bytes() const {
  return values.bytes.size() + scales.bytes.size() + (fine_columns ? fine_columns->payload_bytes() : 0) +
         (low_rank ? low_rank->payload_bytes() : 0);
}

uint64_t StoredModel::payload_bytes() const {
  uint64_t total = 0;
  for (const StoredTensor& tensor : tensors) total += tensor.payload_bytes();
  return total;
}

uint64_t StoredModel::original_bytes() const {
  uint64_t total = 0;
  for (const StoredTensor& tensor : tensors) {
    total += dtype_size(tensor.original_dtype) * static_cast<uint64_t>(tensor.values.elements());
  }
  return total;
}

namespace {

void check_grid(const StoredTensor& stored) {
  const StepGrid& grid = stored.grid;
  if (stored.bits != 8) {
    fail_tensor(stored, fmt::format("integers of {} bits on a grid, 8 expected", stored.bits));
  }
  if (stored.scales.dtype != DType::kI8) {
    fail_tensor(stored, fmt::format("int8 offsets expected, {} found", torch_name(stored.scales.dtype)));
  }
  if (!std::isnormal(grid.step) || grid.step < 0) {
    fail_tensor(stored, fmt::format("a step of {}, a positive normal number expected", grid.step));
  }
  const bool needs_matrix = is_trellis(stored.encoding) || grid.row_offsets || grid.column_offsets;
  if (needs_matrix && stored.values.rank() != 2) {
    fail_tensor(stored, fmt::format("a trellis and steps per row or column need a matrix, {} found",
                                    to_string(stored.values.shape)));
  }
  const Shape expected = offsets_shape(grid, stored.values.shape);
  if (stored.scales.shape != expected) {
    fail_tensor(stored, fmt::format("offsets {} expected, {} found", to_string(expected),
                                    to_string(stored.scales.shape)));
  }
}

}  // namespace

namespace {

void check_fine_columns(const StoredTensor& stored) {
  const FineColumns& fine = *stored.fine_columns;
  if (fine.scales.dtype != DType::kF16 || fine.scales.shape != Shape{stored.values.shape[0]}) {
    fail_tensor(stored, fmt::format("fine columns: float16 scales {} expected, {} {} found",
                                    to_string(Shape{stored.values.shape[0]}), torch_name(fine.scales.dtype),
                                    to_string(fine.scales.shape)));
  }
  const int64_t columns = stored.values.shape[1];
  for (const int64_t start : fine.starts) {
    if (fine.size < 1 || start < 0 || fine.size > columns || start > columns - fine.size) {
      fail_tensor(stored, fmt::format("a group of {} columns from column {} in a matrix of {} columns",
                                      fine.size, start, columns));
    }
  }
}

void check_low_rank(const StoredTensor& stored) {
  const LowRank& correction = *stored.low_rank;
  const Shape& shape = stored.values.shape;
  const auto expect = [&](const Tensor& tensor, std::string_view name, DType dtype, const Shape& expected) {
    if (tensor.dtype == dtype && tensor.shape == expected) return;
    fail_tensor(stored,
                fmt::format("low-rank correction: {} {} {} expected, {} {} found", name, torch_name(dtype),
                            to_string(expected), torch_name(tensor.dtype), to_string(tensor.shape)));
  };
  const int64_t rank = correction.a.rank() == 2 ? correction.a.shape[1] : 0;
  if (rank < 1 || rank > std::min(shape[0], shape[1])) {
    fail_tensor(stored, fmt::format("low-rank correction: a factor {} for a matrix {}",
                                    to_string(correction.a.shape), to_string(shape)));
  }
  expect(correction.a, "factor A", DType::kI8, {shape[0], rank});
  expect(correction.b, "factor B", DType::kI8, {rank, shape[1]});
  if (correction.scales == LowRank::Scales::kSymmetric) {
    expect(correction.a_scales, "scales of A", DType::kF16, {shape[0]});
    expect(correction.b_scales, "scales of B", DType::kF16, {rank});
    return;
  }
  expect(correction.a_scales, "scale of A", DType::kF16, {});
  const int64_t values = correction.b.elements();
  const int64_t groups = correction.b_scales.elements();
  if (correction.b_scales.dtype != DType::kF16 || correction.b_scales.rank() != 1 || groups < 1 ||
      values % groups != 0) {
    fail_tensor(stored, fmt::format("low-rank correction: {} {} scales for {} values of B",
                                    to_string(correction.b_scales.shape),
                                    torch_name(correction.b_scales.dtype), values));
  }
}

}  // namespace

void check_form(const StoredTensor& stored) {
  if ((stored.fine_columns || stored.low_rank) && stored.encoding != Encoding::kIntPerRow) {
    fail_tensor(stored, "fine columns and low-rank corrections need integers with a scale a row");
  }
  if (stored.encoding == Encoding::kPassthrough) {
    if (stored.bits != 0 || stored.scales.shape != Shape{0}) {
      fail_tensor(stored, "a passthrough tensor has neither bits nor scales");
    }
    return;
  }
  if (stored.bits < 4 || stored.bits > 8) {
    fail_tensor(stored, fmt::format("integers of {} bits, 4 to 8 expected", stored.bits));
  }
  if (stored.values.dtype != DType::kI8) {
    fail_tensor(stored, fmt::format("int8 values expected, {} found", torch_name(stored.values.dtype)));
  }
  if (!is_floating(stored.original_dtype)) {
    fail_tensor(stored, fmt::format("integers stand for {} values", torch_name(stored.original_dtype)));
  }
  if (stored.on_grid()) return check_grid(stored);
  if (stored.scales.dtype != DType::kF16 && stored.scales.dtype != DType::kF32) {
    fail_tensor(stored,
                fmt::format("float16 or float32 scales expected, {} found", torch_name(stored.scales.dtype)));
  }
  const bool per_row = stored.encoding == Encoding::kIntPerRow;
  if (per_row && stored.values.rank() != 2) {
    fail_tensor(stored,
                fmt::format("scales per row need a matrix, {} found", to_string(stored.values.shape)));
  }
  const Shape expected = per_row ? Shape{stored.values.shape[0]} : Shape{};
  if (stored.scales.shape != expected) {
    fail_tensor(stored, fmt::format("scales {} expected, {} found", to_string(expected),
                                    to_string(stored.scales.shape)));
  }
  if (stored.fine_columns) check_fine_columns(stored);
  if (stored.low_rank) check_low_rank(stored);
}

void check_values(const StoredTensor& stored) {
  if (stored.encoding == Encoding::kPassthrough) return;
  if (const auto odd = non_finite_element(stored.scales)) {
    fail_tensor(stored, fmt::format("scales: {}, finite ones expected", *odd));
  }
  const auto finite = [&](const Tensor& scales) {
    if (const auto odd = non_finite_element(scales)) {
      fail_tensor(stored, fmt::format("scales: {}, finite ones expected", *odd));
    }
  };
  if (stored.low_rank) finite(stored.low_rank->a_scales), finite(stored.low_rank->b_scales);
  if (stored.fine_columns) return finite(stored.fine_columns->scales);  // all of int8 is in use
  const auto quantized = stored.values.values<int8_t>();
  const auto [least, greatest] = std::minmax_element(quantized.begin(), quantized.end());
  const int limit = 1 << (stored.bits - 1);
  if (least != quantized.end() && (*least < -limit || *greatest >= limit)) {
    fail_tensor(stored, fmt::format("values from {} to {} found, int{} holds {} to {}", *least, *greatest,
                                    stored.bits, -limit, limit - 1));
  }
}

Tensor dequantize(const StoredTensor& stored) {
  check_form(stored);
  check_values(stored);
  if (stored.encoding == Encoding::kPassthrough) return restore_passthrough(stored);
  if (!stored.on_grid()) return restore_integers(stored);
  return from_f32(restore_grid(stored), stored.original_dtype, stored.values.shape);
}

TensorSet dequantize(const StoredModel& model, int threads) {
  std::vector<Tensor> restored(model.tensors.size());
  parallel_for(restored.size(), threads, [&](size_t i) { restored[i] = dequantize(model.tensors[i]); });
  TensorSet tensors;
  for (size_t i = 0; i < restored.size(); ++i) tensors.add(model.tensors[i].name, std::move(restored[i]));
  return tensors;
}

}  // namespace golf
