// A GPU gives the figures that a processor gives.
#include "golf/eval/evaluate.h"
#include "unit/eval/random_decoder.h"
#include "unit/gpu/gpu_fixture.h"

namespace golf {
namespace {

class GpuEvaluation : public test::Gpu, public testing::WithParamInterface<EvalMode> {};

TEST_P(GpuEvaluation, GivesTheFiguresOfTheProcessorInFloat32) {
  TokenBytes table;
  for (int id = 0; id < 32; ++id) {
    table.base_bytes.push_back(static_cast<int16_t>(1 + id % 3));
    table.has_leading_space.push_back(id % 2 == 1);
    table.is_boundary.push_back(id == 0);
  }
  const TokenizedText text = make_text(test::random_stream(16 * 11 + 6), table);
  const EvalSettings settings{
      .mode = GetParam(), .seq_len = 16, .stride = 5, .pack_seqs = 3, .batch_seqs = 2};
  Decoder model = test::random_decoder();
  const EvalResult expected = evaluate(model, text, settings);
  model->to(torch::Device(torch::kCUDA, 0));
  const EvalResult found = evaluate(model, text, settings);
  EXPECT_EQ(found.tokens, expected.tokens);
  EXPECT_EQ(found.bytes, expected.bytes);
  EXPECT_NEAR(found.val_bpb, expected.val_bpb, 1e-4 * expected.val_bpb);
}

INSTANTIATE_TEST_SUITE_P(Modes, GpuEvaluation,
                         testing::Values(EvalMode::kStandard, EvalMode::kSliding, EvalMode::kStreaming));

}  // namespace
}  // namespace golf
