// Attention within documents as a GPU computes it: their bounds, and FlashAttention-3 behind a stand-in.
#include "golf/model/flash_attention.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <vector>

#include "golf/artifact/base/error.h"
#include "model/documents.h"
#include "model/ops.h"
#include "model/ops/flash_attention.h"
#include "support/error_matchers.h"
#include "unit/model/small_model.h"

namespace golf::test {
namespace {

using Bounds = std::vector<int64_t>;

TEST(Documents, EndWhereRowsEnd) {
  EXPECT_TRUE(make_documents({}, 2, 8, torch::kCPU).are_rows());
  const Documents documents = make_documents(Bounds{0, 3, 19, 24}, 3, 8, torch::kCPU);
  EXPECT_EQ(documents.bounds, (Bounds{0, 3, 8, 16, 19, 24}));
  EXPECT_EQ(documents.longest, 8);
  EXPECT_EQ(make_documents(Bounds{0, 5, 9, 16}, 1, 16, torch::kCPU).bounds, (Bounds{0, 5, 9, 16}));
}

TEST(FlashAttention3, IsRefusedWhereItIsNot) {
  EXPECT_GOLF_ERROR(load_flash_attention("no/such/_C.abi3.so"), ErrorCode::kIo, "no such file");
  EXPECT_GOLF_ERROR(load_flash_attention(GOLF_NO_LIBRARY), ErrorCode::kUnsupported, "cannot be loaded");
  EXPECT_GOLF_ERROR(load_flash_attention(GOLF_OTHER_LIBRARY), ErrorCode::kUnsupported,
                    "has no operator flash_attn_3::fwd");
}

TEST(FlashAttention3, ComputesAttentionAndItsGradientsByItsOperators) {
  load_flash_attention(GOLF_FLASH_ATTENTION_3);
  for (const Bounds& bounds : {Bounds{}, Bounds{0, 1, 6, 14}, Bounds{0, 7, 9, 14}}) {
    const Documents plain_documents = make_documents(bounds, 2, 7, torch::kCPU);
    Documents documents = plain_documents;
    if (!bounds.empty()) documents.on_device = at::tensor(documents.bounds).to(torch::kInt);
    std::vector<torch::Tensor> found, expected;
    for (const int64_t heads : {4, 2, 2}) {
      found.push_back(at::randn({2, 7, heads, 16}).set_requires_grad(true));
      expected.push_back(found.back().detach().clone().set_requires_grad(true));
    }
    const torch::Tensor y = flash::attention_v3(found[0], found[1], found[2], documents);
    const torch::Tensor reference = causal_attention(expected[0], expected[1], expected[2], plain_documents);
    EXPECT_LT(max_difference(y, reference), 1e-5);
    const torch::Tensor gradient = at::randn_like(y);
    y.backward(gradient);
    reference.backward(gradient);
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_LT(max_difference(found[i].grad(), expected[i].grad()), 1e-5) << "gradient of input " << i;
    }
  }
}

}  // namespace
}  // namespace golf::test
