// Parity with eval_dev.json of the reference: val_bpb within 2e-6, counts equal.

#include <gtest/gtest.h>

#include <map>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/formats/checkpoint.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/eval/evaluate.h"
#include "golf/eval/runtime.h"
#include "support/reference_data.h"

namespace golf {
namespace {

constexpr double kBpbTolerance = 2e-6;

const std::map<std::string, std::string> kFileOfWeights = {
    {"fp32_final", "final.safetensors"},
    {"dequantized_int8", "dequantized.safetensors"},
    {"dequantized_int8_t4096", "dequantized_t4096.safetensors"},
};

EvalSettings settings_of(const Json& row) {
  EvalSettings settings{.seq_len = row.at("seq_len").as_int(), .batch_seqs = row.at("batch_seqs").as_int()};
  if (const Json* stride = row.find("stride")) {
    settings.mode = EvalMode::kSliding;
    settings.stride = stride->as_int();
    settings.policy = window_policy("pr88");
    settings.batch_seqs = 32;  // the reference takes one; only rounding depends on it
  }
  return settings;
}

constexpr size_t kRows = 8;

/// One row of eval_dev.json a test, so that ctest can run them side by side.
class ReferenceEvaluation : public testing::TestWithParam<size_t> {};

TEST_P(ReferenceEvaluation, IsReproduced) {
  GOLF_NEED_REFERENCE_DATA();
  const std::string data = test::reference_data();
  const Json golden = read_json_file(data + "/reference/eval_dev.json");
  ASSERT_EQ(golden.at("rows").as_array().size(), kRows);
  const Json& row = golden.at("rows").as_array()[GetParam()];
  SCOPED_TRACE(row.dump());

  const ModelConfig config = find_model_preset("baseline-tiny")->model;
  const TokenizedText shard =
      read_text({{data + "/fineweb/fineweb_val_000000.bin"}},
                read_tokenizer(data + "/fineweb/fineweb_1024_bpe.model", config.vocab_size));
  TextView text = shard;
  if (const Json* prefix = row.find("shard_prefix_tokens")) text = text.first(prefix->as_int());
  const std::string file = kFileOfWeights.at(row.at("weights").as_string());
  const Checkpoint checkpoint = parse_checkpoint(read_file(data + "/reference/" + file), file);
  Decoder model = make_decoder(config, checkpoint.tensors, choose_runtime("cpu", "fp32"));
  prepare_processor(1);  // as the reference ran

  const EvalResult result = evaluate(model, text, settings_of(row));
  EXPECT_NEAR(result.val_bpb, std::stod(row.at("val_bpb").as_string()), kBpbTolerance);
  EXPECT_NEAR(result.val_loss, std::stod(row.at("val_loss").as_string()), kBpbTolerance);
  EXPECT_EQ(result.tokens, row.at("tokens").as_int());
  EXPECT_EQ(result.bytes, row.at("bytes").as_int());
  if (const Json* windows = row.find("windows")) {
    EXPECT_EQ(result.windows, windows->as_int());
  }
}

INSTANTIATE_TEST_SUITE_P(EvalDev, ReferenceEvaluation, testing::Range(size_t{0}, kRows));

}  // namespace
}  // namespace golf
