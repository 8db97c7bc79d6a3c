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

const std::vector<std::string> kAllBanks = {"qo_bank", "kv_bank", "mlp_up_bank", "mlp_down_bank"};

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
  EXPECT_EQ(bank_names(original), kAllBanks);
  const TensorSet joined = join_banks(split_banks(banked()), kAllBanks);
  EXPECT_EQ(names(joined), names(original));
  for (const auto& [name, tensor] : original) EXPECT_EQ(joined.at(name), tensor) << name;
  EXPECT_EQ(joined.metadata, original.metadata);
}

TEST(ParameterBanks, JoinOnlyThoseNamed) {
  const TensorSet joined = join_banks(split_banks(banked()), {"kv_bank"});
  EXPECT_EQ(joined.at("kv_bank"), banked().at("kv_bank"));
  EXPECT_TRUE(joined.contains("blocks.1.mlp.proj.weight"));
  EXPECT_FALSE(joined.contains("blocks.0.attn.c_k.weight"));
  EXPECT_GOLF_ERROR(join_banks(banked(), {"gate_bank"}), ErrorCode::kUnsupported,
                    "parameter bank \"gate_bank\"");
}

TEST(ParameterBanks, AreToldByTheOrderOfTheirMatrices) {
  EXPECT_EQ(banks_by_order(names(split_banks(banked()))), kAllBanks);
  // A state dict without banks goes block by block, as this model's inventory does.
  std::vector<std::string> by_block;
  for (const char* layer : {"0", "1"}) {
    for (const char* kind : {"attn.c_q", "attn.c_k", "attn.c_v", "attn.proj", "mlp.fc", "mlp.proj"}) {
      by_block.push_back(std::string("blocks.") + layer + "." + kind + ".weight");
    }
  }
  EXPECT_EQ(banks_by_order(by_block), std::vector<std::string>());
  // With one block too, although its MLP's matrices stand side by side either way.
  by_block.resize(6);
  EXPECT_EQ(banks_by_order(by_block), std::vector<std::string>());
  std::vector<std::string> cut = names(split_banks(banked()));
  std::erase(cut, "blocks.1.attn.proj.weight");
  EXPECT_EQ(banks_by_order(cut), std::vector<std::string>());
  EXPECT_EQ(banks_by_order({}), std::vector<std::string>());
}

TEST(ParameterBanks, LeaveOtherModelsAlone) {
  TensorSet plain;
  plain.add("tok_emb.weight", counting({4, 3}));
  EXPECT_EQ(names(split_banks(plain)), names(plain));
  EXPECT_EQ(names(join_banks(plain, bank_names(plain))), names(plain));
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
  EXPECT_GOLF_ERROR(join_banks(half, {"kv_bank"}), ErrorCode::kMismatch,
                    "tensor \"blocks.0.attn.c_v.weight\" of kv_bank is missing");
  half.add("blocks.0.attn.c_v.weight", counting({2, 3}));
  EXPECT_GOLF_ERROR(
      join_banks(half, {"kv_bank"}), ErrorCode::kMismatch,
      "\"blocks.0.attn.c_v.weight\": float32 [2, 2] expected for kv_bank, float32 [2, 3] found");
}

}  // namespace
}  // namespace golf
