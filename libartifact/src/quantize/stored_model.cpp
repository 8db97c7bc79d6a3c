#include "golf/artifact/quantize/stored_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/parallel_for.h"
#include "quantize/step_grid.h"

namespace golf {
namespace {

[[noreturn]] void fail_tensor(const StoredTensor& stored, const std::string& problem) {
  fail(ErrorCode::kCorruptData, fmt::format("tensor \"{}\": {}", printable(stored.name), problem));
}

Tensor restore_kept(const StoredTensor& stored) {
  if (stored.values.dtype == stored.original_dtype) return stored.values;
  if (!is_floating(stored.values.dtype) || !is_floating(stored.original_dtype)) {
    fail_tensor(stored, fmt::format("kept as {} but originally {}", torch_name(stored.values.dtype),
                                    torch_name(stored.original_dtype)));
  }
  return from_f32(to_f32(stored.values), stored.original_dtype, stored.values.shape);
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
  return from_f32(weights, stored.original_dtype, stored.values.shape);
}

}  // namespace

std::string StoredTensor::scheme() const {
  if (storage == Storage::kUniform) return "ecsq";
  if (storage == Storage::kTrellis) return "tcq";
  if (storage != Storage::kKept) return fmt::format("int{}", bits);
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
  const bool needs_matrix = stored.storage == Storage::kTrellis || grid.row_offsets || grid.column_offsets;
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

void check_form(const StoredTensor& stored) {
  if (stored.storage == Storage::kKept) {
    if (stored.bits != 0 || stored.scales.shape != Shape{0}) {
      fail_tensor(stored, "a kept tensor has neither bits nor scales");
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
  const bool per_row = stored.storage == Storage::kIntPerRow;
  if (per_row && stored.values.rank() != 2) {
    fail_tensor(stored,
                fmt::format("scales per row need a matrix, {} found", to_string(stored.values.shape)));
  }
  const Shape expected = per_row ? Shape{stored.values.shape[0]} : Shape{};
  if (stored.scales.shape != expected) {
    fail_tensor(stored, fmt::format("scales {} expected, {} found", to_string(expected),
                                    to_string(stored.scales.shape)));
  }
}

void check_values(const StoredTensor& stored) {
  if (stored.storage == Storage::kKept) return;
  if (const auto odd = non_finite_element(stored.scales)) {
    fail_tensor(stored, fmt::format("scales: {}, finite ones expected", *odd));
  }
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
  if (stored.storage == Storage::kKept) return restore_kept(stored);
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
