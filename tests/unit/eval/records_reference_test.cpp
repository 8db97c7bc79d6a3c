// Parity with the static figures of eval_dev.json of the records of April: val_bpb and val_loss within 2e-6,
// counts equal. One test for each figure, so that ctest can run them side by side.
#include <gtest/gtest.h>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/eval/evaluate.h"
#include "golf/eval/runtime.h"
#include "support/reference_data.h"

namespace golf::test {
namespace {

constexpr double kTolerance = 2e-6;

struct Figure {
  const char* system;
  const char* preset;
  const char* name;     ///< in eval_dev.json
  const char* weights;  ///< file
};

void PrintTo(const Figure& figure, std::ostream* out) { *out << figure.system << " " << figure.name; }

/// The text that a system was evaluated on.
TokenizedText text_of(const std::string& system) {
  const bool caseops = system == "pr1855";
  const std::string folder = reference_data() + (caseops ? "/fineweb_caseops" : "/fineweb8192");
  const std::string tokenizer = caseops ? "/fineweb_8192_bpe_lossless_caps_caseops_v1_reserved.model"  //
                                        : "/fineweb_8192_bpe.model";
  return read_text({{folder + "/fineweb_val_000000.bin",
                     caseops ? folder + "/fineweb_val_bytes_000000.bin" : std::string()}},
                   read_tokenizer(folder + tokenizer, 8192));
}

class RecordEvaluation : public testing::TestWithParam<Figure> {};

TEST_P(RecordEvaluation, IsReproduced) {
  GOLF_NEED_REFERENCE_DATA();
  const Figure& figure = GetParam();
  const std::string folder = reference_data() + "/" + figure.system;
  const Json golden = read_json_file(folder + "/eval_dev.json");
  const Json* results = golden.find("results");
  const Json& row = (results != nullptr ? *results : golden).at(figure.name);
  const ModelSpec spec = *find_model_preset(figure.preset);
  TensorSet tensors;
  try {
    tensors = load_model(folder + "/" + figure.weights, spec).tensors;
  } catch (const Error& error) {
    // PR 1855's artifact needs the external program lrzip.
    if (error.code() == ErrorCode::kUnsupported) GTEST_SKIP() << error.what();
    throw;
  }
  prepare_processor(1);  // as the entries ran
  Decoder model = make_decoder(spec.model, tensors, choose_runtime("cpu", "fp32"));
  model->set_recurrence(row.at("looping").as_bool());

  const TokenizedText shard = text_of(figure.system);
  TextView text = shard;
  if (const Json* targets = row.find("first_targets_used")) text = text.first(targets->as_int() + 1);
  EvalSettings settings{.seq_len = 256};
  if (const Json* stride = row.find("stride")) {
    settings.mode = EvalMode::kSliding;
    settings.stride = stride->as_int();
  } else if (std::string(figure.system) == "pr1855") {
    settings.mode = EvalMode::kDocuments;
    settings.pack_seqs =
        row.at("val_batch_tokens").as_int() / 8 / settings.seq_len;  // one rank accumulates 8
  }
  const EvalResult result = evaluate(model, text, settings);
  EXPECT_NEAR(result.val_bpb, row.at("val_bpb").as_double(), kTolerance);
  EXPECT_NEAR(result.val_loss, row.at("val_loss").as_double(), kTolerance);
  EXPECT_EQ(result.tokens, row.at("tokens").as_int());
  EXPECT_EQ(result.bytes, row.at("bytes").as_int());
  RecordProperty("bpb_off_by", std::to_string(result.val_bpb - row.at("val_bpb").as_double()));
}

/// The standard evaluation of PR 2135 and PR 2014 on their dequantized artifacts: packed sequences, PR 2014's
/// with the tail. The adapted figures of the same files are not static.
struct LaterFigure {
  const char* file;  ///< in pr2135
  const char* name;
  const char* preset;
  const char* weights;
  bool stops_at_bos = false;  ///< SmearGate's BOS switch, which PR 2135 leaves off
};

void PrintTo(const LaterFigure& figure, std::ostream* out) { *out << figure.file << " " << figure.name; }

class LaterRecordEvaluation : public testing::TestWithParam<LaterFigure> {};

TEST_P(LaterRecordEvaluation, IsReproduced) {
  GOLF_NEED_REFERENCE_DATA();
  const LaterFigure& figure = GetParam();
  const std::string folder = reference_data() + "/pr2135";
  const Json golden = read_json_file(folder + "/" + figure.file);
  const Json& row = golden.at(figure.name);
  ModelSpec spec = *find_model_preset(figure.preset);
  if (figure.stops_at_bos) {
    spec.model.features.set("smear_gate", {{"variant", "per_token"}, {"window", 12}, {"bos_id", 1}});
  }
  TensorSet tensors;
  try {
    tensors = load_model(folder + "/" + figure.weights, spec).tensors;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kUnsupported) GTEST_SKIP() << error.what();  // without lrzip
    throw;
  }
  prepare_processor(1);
  Decoder model = make_decoder(spec.model, tensors, choose_runtime("cpu", "fp32"));
  const TokenizedText text = read_text(
      {{folder + "/ttt_shard/fineweb_val_000000.bin", folder + "/ttt_shard/fineweb_val_bytes_000000.bin"}},
      read_tokenizer(
          reference_data() + "/fineweb_caseops/fineweb_8192_bpe_lossless_caps_caseops_v1_reserved.model",
          8192));
  const Json& entry = golden.at("settings");
  const Json* tail = entry.find("eval_include_tail");
  EvalSettings settings{.mode = EvalMode::kDocuments, .seq_len = entry.at("eval_seq_len").as_int()};
  settings.pack_seqs = entry.at("val_batch_tokens").as_int() / 8 / settings.seq_len;
  settings.include_tail = tail != nullptr && tail->as_bool();
  const EvalResult result = evaluate(model, text, settings);
  EXPECT_NEAR(result.val_bpb, row.at("val_bpb").as_double(), kTolerance);
  EXPECT_NEAR(result.val_loss, row.at("val_loss").as_double(), kTolerance);
  EXPECT_EQ(result.tokens, row.at("tokens").as_int());
  EXPECT_EQ(result.bytes, row.at("bytes").as_int());
  RecordProperty("bpb_off_by", std::to_string(result.val_bpb - row.at("val_bpb").as_double()));
}

INSTANTIATE_TEST_SUITE_P(EvalDev, LaterRecordEvaluation,
                         testing::Values(LaterFigure{"ttt_2135_dev_dequantized.json", "standard",
                                                     "pr2135-tiny", "artifact_v2_brotli.pgrp"},
                                         LaterFigure{"ttt_2135_dev_dequantized.json",
                                                     "standard_with_smear_bos_mask", "pr2135-tiny",
                                                     "artifact_v2_brotli.pgrp", true},
                                         LaterFigure{"ttt_2014_dev_dequantized.json", "standard",
                                                     "pr2014-tiny", "artifact_v1_awq.pgrp"}),
                         [](const testing::TestParamInfo<LaterFigure>& info) {
                           const std::string file = info.param.file;
                           return "pr" + file.substr(4, 4) + "_" + info.param.name;
                         });

constexpr const char* kFinal = "final.safetensors";
constexpr const char* kInt6 = "artifact.int6.ptz";

INSTANTIATE_TEST_SUITE_P(
    EvalDev, RecordEvaluation,
    testing::Values(Figure{"pr1394", "pr1394-tiny", "standard_final_n16384", kFinal},
                    Figure{"pr1394", "pr1394-tiny", "standard_deq_n16384", kInt6},
                    Figure{"pr1394", "pr1394-tiny", "standard_deq", kInt6},
                    Figure{"pr1394", "pr1394-tiny", "sliding_deq_n8192", kInt6},
                    Figure{"pr1493", "pr1493-tiny", "standard_final_n16384", kFinal},
                    Figure{"pr1493", "pr1493-tiny", "standard_final_looping_off_n16384", kFinal},
                    Figure{"pr1493", "pr1493-tiny", "standard_deq_n16384", kInt6},
                    Figure{"pr1493", "pr1493-tiny", "standard_deq", kInt6},
                    Figure{"pr1493", "pr1493-tiny", "sliding_final_stride64_n8192", kFinal},
                    Figure{"pr1493", "pr1493-tiny", "sliding_deq_n4096", kInt6},
                    Figure{"pr1493", "pr1493-tiny", "sliding_deq_n16384", kInt6},
                    Figure{"pr1493", "pr1493-tiny", "sliding_deq_stride100_n8192", kInt6},
                    Figure{"pr1855", "pr1855-tiny", "std_final_1", kFinal},
                    Figure{"pr1855", "pr1855-tiny", "std_final_0", kFinal},
                    Figure{"pr1855", "pr1855-tiny", "std_dequantized_1", "artifact_t4096.pgrp"}),
    [](const testing::TestParamInfo<Figure>& info) {
      return std::string(info.param.system) + "_" + info.param.name;
    });

}  // namespace
}  // namespace golf::test
