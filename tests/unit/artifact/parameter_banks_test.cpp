#include "golf/artifact/spec/parameter_banks.h"

#include <gtest/gtest.h>

#include <numeric>

#include "support/error_matchers.h"

namespace golf {
namespace {

/// Values 0, 1, 2, … so that a matrix is known by its first element.
Tensor counting(Shape shape) {
  std::vector<float> values(static_cast<size_t>(element_count(shape)));
  std::iota(values.begin(), values.end(), 0.0F);
  return make_tensor<float>(DType::kF32, std::move(shape), values);
}

TensorSet banked() {
  TensorSet tensors;
  tensors.add("skip_weights", counting({1, 3}));
  tensors.add("qo_bank", counting({4, 3, 3}));
  tensors.add("kv_bank", counting({4, 2, 3}));
  tensors.add("mlp_up_bank", counting({2, 5, 3}));
  tensors.add("mlp_down_bank", counting({2, 3, 5}));
  tensors.add("tok_emb.weight", counting({4, 3}));
  tensors.metadata["step"] = "7";
  return tensors;
}

std::vector<std::string> names(const TensorSet& tensors) {
  std::vector<std::string> all;
  for (const auto& [name, tensor] : tensors) all.push_back(name);
  return all;
}

TEST(ParameterBanks, SplitAtTheirPlaceLayerByLayer) {
  const TensorSet split = split_banks(banked());
  EXPECT_EQ(names(split),
            (std::vector<std::string>{
                "skip_weights", "blocks.0.attn.c_q.weight", "blocks.0.attn.proj.weight",
                "blocks.1.attn.c_q.weight", "blocks.1.attn.proj.weight", "blocks.0.attn.c_k.weight",
                "blocks.0.attn.c_v.weight", "blocks.1.attn.c_k.weight", "blocks.1.attn.c_v.weight",
                "blocks.0.mlp.fc.weight", "blocks.1.mlp.fc.weight", "blocks.0.mlp.proj.weight",
                "blocks.1.mlp.proj.weight", "tok_emb.weight"}));
  const auto first = [&](const std::string& name) { return split.at(name).values<float>()[0]; };
  EXPECT_EQ(first("blocks.1.attn.c_q.weight"), 9.0F);
  EXPECT_EQ(first("blocks.0.attn.proj.weight"), 18.0F) << "the second half of the bank";
  EXPECT_EQ(first("blocks.1.attn.c_v.weight"), 18.0F);
  EXPECT_EQ(first("blocks.1.mlp.proj.weight"), 15.0F);
  EXPECT_EQ(split.at("blocks.0.mlp.fc.weight").shape, (Shape{5, 3}));
  EXPECT_EQ(split.metadata.at("step"), "7");
}

TEST(ParameterBanks, JoinAgainToTheBit) {
  const TensorSet original = banked();
  const TensorSet joined = join_banks(split_banks(banked()));
  EXPECT_EQ(names(joined), names(original));
  for (const auto& [name, tensor] : original) EXPECT_EQ(joined.at(name), tensor) << name;
  EXPECT_EQ(joined.metadata, original.metadata);
}

TEST(ParameterBanks, LeaveOtherModelsAlone) {
  TensorSet plain;
  plain.add("tok_emb.weight", counting({4, 3}));
  EXPECT_EQ(names(split_banks(plain)), names(plain));
}

TEST(ParameterBanks, RefuseWhatIsNoBank) {
  TensorSet odd;
  odd.add("qo_bank", counting({3, 2, 2}));
  EXPECT_GOLF_ERROR(split_banks(odd), ErrorCode::kMismatch,
                    "\"qo_bank\": a stack of an even number of matrices expected, [3, 2, 2] found");
  TensorSet flat;
  flat.add("mlp_up_bank", counting({3, 2}));
  EXPECT_GOLF_ERROR(split_banks(flat), ErrorCode::kMismatch, "a stack of matrices expected, [3, 2] found");
  TensorSet hollow;
  hollow.add("mlp_up_bank", counting({1'000'000'000, 0, 2}));
  EXPECT_GOLF_ERROR(split_banks(hollow), ErrorCode::kMismatch, "[1000000000, 0, 2] found");
  TensorSet taken = banked();
  taken.add("blocks.0.mlp.fc.weight", counting({1}));
  EXPECT_GOLF_ERROR(split_banks(taken), ErrorCode::kCorruptData, "appears twice");
  TensorSet half;
  half.add("blocks.0.attn.c_k.weight", counting({2, 2}));
  EXPECT_GOLF_ERROR(join_banks(half), ErrorCode::kMismatch, "blocks.0.attn.c_v.weight");
  half.add("blocks.0.attn.c_v.weight", counting({2, 3}));
  EXPECT_GOLF_ERROR(
      join_banks(half), ErrorCode::kMismatch,
      "\"blocks.0.attn.c_v.weight\": float32 [2, 2] expected for kv_bank, float32 [2, 3] found");
}

}  // namespace
}  // namespace golf
