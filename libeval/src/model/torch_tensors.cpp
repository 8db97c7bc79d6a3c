#include "golf/model/torch_tensors.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <utility>

#include "golf/artifact/base/error.h"
#include "golf/artifact/spec/tensor_inventory.h"

namespace golf {
namespace {

constexpr std::array<std::pair<DType, torch::ScalarType>, kDTypeCount> kTypes = {{
    {DType::kBool, torch::kBool},
    {DType::kU8, torch::kUInt8},
    {DType::kI8, torch::kInt8},
    {DType::kU16, torch::kUInt16},
    {DType::kI16, torch::kInt16},
    {DType::kU32, torch::kUInt32},
    {DType::kI32, torch::kInt32},
    {DType::kU64, torch::kUInt64},
    {DType::kI64, torch::kInt64},
    {DType::kF16, torch::kHalf},
    {DType::kBF16, torch::kBFloat16},
    {DType::kF32, torch::kFloat},
    {DType::kF64, torch::kDouble},
    {DType::kF8E4M3, torch::kFloat8_e4m3fn},
    {DType::kF8E5M2, torch::kFloat8_e5m2},
    {DType::kC64, torch::kComplexFloat},
}};

}  // namespace

torch::ScalarType to_torch(DType dtype) {
  for (const auto& [ours, theirs] : kTypes) {
    if (ours == dtype) return theirs;
  }
  fail(ErrorCode::kUnsupported, fmt::format("dtype {} is unknown", static_cast<int>(dtype)));
}

DType from_torch(torch::ScalarType dtype) {
  for (const auto& [ours, theirs] : kTypes) {
    if (theirs == dtype) return ours;
  }
  fail(ErrorCode::kUnsupported, fmt::format("tensors of torch's {} cannot be stored", c10::toString(dtype)));
}

torch::Tensor to_torch(const Tensor& tensor) {
  torch::Tensor result = at::empty(tensor.shape, torch::TensorOptions().dtype(to_torch(tensor.dtype)));
  if (!tensor.bytes.empty()) std::memcpy(result.mutable_data_ptr(), tensor.bytes.data(), tensor.bytes.size());
  return result;
}

Tensor from_torch(const torch::Tensor& tensor) {
  const torch::Tensor source = tensor.detach().cpu().contiguous();
  Tensor result = make_tensor(from_torch(source.scalar_type()), source.sizes().vec());
  if (!result.bytes.empty()) std::memcpy(result.bytes.data(), source.const_data_ptr(), result.bytes.size());
  return result;
}

void load_tensors(Decoder& model, const TensorSet& tensors) {
  check_against_inventory(tensors, model->config());
  const at::NoGradGuard no_grad;
  for (const auto& parameter : model->named_parameters()) {
    torch::Tensor target = parameter.value();
    target.copy_(to_torch(tensors.at(parameter.key())));
  }
}

TensorSet to_tensor_set(const Decoder& model) {
  TensorSet tensors;
  for (const auto& parameter : model->named_parameters()) {
    tensors.add(parameter.key(), from_torch(parameter.value().to(torch::kFloat)));
  }
  tensors.reorder(tensor_names(model->config()));
  return tensors;
}

}  // namespace golf
