// Parity with the adapted figures of PR 1493's eval_dev.json: val_bpb within 5e-6, counts equal, every
// optimizer step's loss, gradient norm and learning rate. One test for each figure, so that ctest can run
// them side by side.
#include <gtest/gtest.h>

#include "golf/adapt/adapt_audit.h"
#include "golf/adapt/evaluate_adapted.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/eval/runtime.h"
#include "support/reference_data.h"

namespace golf::test {
namespace {

constexpr double kTolerance = 5e-6;

double setting(const Json& row, const char* key, double otherwise) {
  const Json* value = row.at("settings").find(key);
  return value == nullptr ? otherwise : std::stod(value->as_string());
}

class SgdAdaptation : public testing::TestWithParam<const char*> {};

TEST_P(SgdAdaptation, IsReproduced) {
  GOLF_NEED_REFERENCE_DATA();
  const std::string folder = reference_data() + "/pr1493";
  const Json golden = read_json_file(folder + "/eval_dev.json");
  const Json& row = golden.at("results").at(GetParam());
  const ModelSpec spec = *find_model_preset("pr1493-tiny");
  prepare_processor(1);  // as the entry ran
  Decoder model = make_decoder(spec.model, load_model(folder + "/artifact.int6.ptz", spec).tensors,
                               choose_runtime("cpu", "fp32"));
  const std::string data = reference_data() + "/fineweb8192";
  const TokenizedText shard = read_text({{data + "/fineweb_val_000000.bin", ""}},
                                        read_tokenizer(data + "/fineweb_8192_bpe.model", 8192));
  const TextView text = shard.view().first(row.at("first_targets_used").as_int() + 1);
  AdaptConfig config = load_adapt_config("pr1493");
  config.sgd->chunk_tokens = row.at("chunk_tokens").as_int();
  config.sgd->epochs = static_cast<int64_t>(setting(row, "TTT_EPOCHS", 3));
  config.sgd->momentum = setting(row, "TTT_MOMENTUM", 0.9);
  config.sgd->lr = setting(row, "TTT_LR", 0.005);
  const AdaptedResult found = evaluate_adapted(
      model, text, {.mode = EvalMode::kSliding, .seq_len = 256, .stride = row.at("stride").as_int()}, config,
      {.score_before = false});

  EXPECT_NEAR(found.result.val_bpb, row.at("val_bpb").as_double(), kTolerance);
  EXPECT_NEAR(found.result.val_loss, row.at("val_loss").as_double(), kTolerance);
  EXPECT_EQ(found.result.tokens, row.at("tokens").as_int());
  EXPECT_EQ(found.result.bytes, row.at("bytes").as_int());
  RecordProperty("bpb_off_by",
                 std::to_string(1e9 * (found.result.val_bpb - row.at("val_bpb").as_double())) + "e-9");

  EXPECT_TRUE(found.audit.passed()) << to_json(found.audit).dump(2);
  const bool learns = row.at("sgd_steps").as_int() > 0;  // then its learning rate knows the number of chunks
  ASSERT_EQ(found.audit.findings.size(), learns ? 1U : 0U) << to_json(found.audit).dump(2);
  EXPECT_TRUE(!learns || found.audit.findings[0].id == "schedule");

  ASSERT_EQ(static_cast<int64_t>(found.steps.size()), row.at("sgd_steps").as_int());
  const Json* trace = row.find("sgd_trace");
  for (size_t i = 0; i < found.steps.size(); ++i) {
    SCOPED_TRACE("step " + std::to_string(i));
    const Json& expected = trace->as_array()[i];
    const AdaptStep& step = found.steps[i];
    EXPECT_EQ(step.rows, expected.at("rows").as_int());
    EXPECT_NEAR(step.loss, expected.at("loss").as_double(), 5e-6 * step.loss);  // the specification's own
    EXPECT_NEAR(step.grad_norm, expected.at("grad_norm").as_double(), 5e-4 * step.grad_norm);
    EXPECT_NEAR(step.lr, expected.at("lr").as_double(), 1e-12);
  }
  for (const auto& [name, norm] : row.at("weight_norms_after").as_object()) {
    const auto parameters = model->named_parameters();
    EXPECT_NEAR(parameters[name].to(at::kDouble).norm().item<double>(), norm.as_double(),
                2e-7 * norm.as_double())
        << name;
  }
}

INSTANTIATE_TEST_SUITE_P(EvalDev, SgdAdaptation,
                         testing::Values("ttt_deq_chunk1000_stride128_ep2_n6144",
                                         "ttt_deq_chunk1024_mom0_n4096", "ttt_deq_chunk4096_n16384",
                                         "ttt_deq_chunk9472_ep1_lr.02_n10752", "ttt_deq_epochs0_n4096"),
                         [](const testing::TestParamInfo<const char*>& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace golf::test
