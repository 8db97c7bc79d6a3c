#include "golf/model/torch_tensors.h"

#include "golf/artifact/spec/tensor_inventory.h"
#include "support/error_matchers.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

TEST(TorchTensors, EveryDtypeGoesThereAndBack) {
  for (int i = 0; i < kDTypeCount; ++i) {
    const auto dtype = static_cast<DType>(i);
    EXPECT_EQ(from_torch(to_torch(dtype)), dtype);
    EXPECT_EQ(at::elementSize(to_torch(dtype)), dtype_size(dtype));
  }
  EXPECT_GOLF_ERROR(from_torch(torch::kComplexDouble), ErrorCode::kUnsupported, "ComplexDouble");
}

TEST(TorchTensors, ValuesGoThereAndBack) {
  const Tensor tensor = from_f32(std::vector<float>{1, -2, 3.5, 0, 7, 8}, DType::kBF16, {2, 3});
  const torch::Tensor there = to_torch(tensor);
  EXPECT_EQ(there.sizes(), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(there[0][2].item<float>(), 3.5F);
  EXPECT_TRUE(from_torch(there) == tensor);
  const torch::Tensor transposed = there.t();
  EXPECT_EQ(to_f32(from_torch(transposed)), (std::vector<float>{1, 0, -2, 7, 3.5, 8}));
  EXPECT_TRUE(to_torch(make_tensor(DType::kF32, {})).dim() == 0);
  EXPECT_EQ(to_torch(make_tensor(DType::kF32, {0, 3})).numel(), 0);
}

TEST(TorchTensors, AModelSurvivesSavingAndLoading) {
  const Decoder source = random_model(small_config(), 1);
  const TensorSet tensors = to_tensor_set(source);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  EXPECT_EQ(names, tensor_names(small_config()));

  Decoder target = random_model(small_config(), 2);
  load_tensors(target, tensors);
  for (const auto& parameter : target->named_parameters()) {
    EXPECT_TRUE(at::equal(parameter.value(), source->named_parameters()[parameter.key()]));
    EXPECT_TRUE(parameter.value().requires_grad());
  }
}

TEST(TorchTensors, LoadingConvertsHalfTypes) {
  Decoder model = random_model(small_config());
  TensorSet tensors = to_tensor_set(model);
  Tensor& embedding = *tensors.find("tok_emb.weight");
  embedding = from_f32(to_f32(embedding), DType::kF16, embedding.shape);
  load_tensors(model, tensors);
  const torch::Tensor loaded = model->named_parameters()["tok_emb.weight"];
  EXPECT_EQ(loaded.scalar_type(), torch::kFloat);
  EXPECT_TRUE(at::equal(loaded, to_torch(embedding).to(torch::kFloat)));
}

TEST(TorchTensors, LoadingRefusesWhatIsNotTheModel) {
  Decoder model = random_model(small_config());
  const TensorSet good = to_tensor_set(model);
  const torch::Tensor before = model->named_parameters()["skip_weights"].clone();

  TensorSet missing;
  for (const auto& [name, tensor] : good) {
    if (name != "blocks.2.mlp.fc.weight") missing.add(name, tensor);
  }
  EXPECT_GOLF_ERROR(load_tensors(model, missing), ErrorCode::kMismatch, "blocks.2.mlp.fc.weight");

  TensorSet extra = good;
  extra.add("surplus", make_tensor(DType::kF32, {1}));
  EXPECT_GOLF_ERROR(load_tensors(model, extra), ErrorCode::kMismatch, "surplus");

  TensorSet misshapen = good;
  *misshapen.find("tok_emb.weight") = make_tensor(DType::kF32, {49, 24});
  *misshapen.find("skip_weights") = make_tensor(DType::kF32, {2, 24});
  EXPECT_GOLF_ERROR(load_tensors(model, misshapen), ErrorCode::kMismatch,
                    "[50, 24] expected, [49, 24] found");

  TensorSet integers = good;
  *integers.find("tok_emb.weight") = make_tensor(DType::kI32, {50, 24});
  EXPECT_GOLF_ERROR(load_tensors(model, integers), ErrorCode::kMismatch, "int32");

  EXPECT_TRUE(at::equal(before, model->named_parameters()["skip_weights"]))
      << "a refused load changed something";
}

}  // namespace
}  // namespace golf::test
