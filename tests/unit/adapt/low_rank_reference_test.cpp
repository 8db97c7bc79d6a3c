// Adaptation by documents against the records of PRs 1855, 2014 and 2135 (eval_dev.json, ttt_*.json): bits
// per byte within 5e-6, counts and bytes equal after every chunk, gradient norms and weights of every phase.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <optional>

#include "adapt/low_rank_learner.h"
#include "adapt/phase_plan.h"
#include "golf/adapt/adapt_audit.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/spec/model_presets.h"
#include "golf/artifact/spec/parameter_banks.h"
#include "golf/eval/runtime.h"
#include "golf/score/bpb.h"
#include "golf/score/ngram_tilt.h"
#include "support/reference_data.h"
#include "support/reference_tensors.h"

namespace golf::test {
namespace {

constexpr double kBpbTolerance = 5e-6;
constexpr double kSumTolerance = 1e-5;   ///< relative, of the losses after each chunk
constexpr double kNormTolerance = 5e-4;  ///< relative: the records' own float32 norms are up to 7e-5 off

struct Record {
  const char* system;
  const char* preset;
  const char* name;     ///< in eval_dev.json, or of the ttt_*.json file
  const char* weights;  ///< file
  const char* shard;    ///< folder
};
void PrintTo(const Record& run, std::ostream* out) { *out << run.system << " " << run.name; }

double number(const Json& settings, const char* key, double otherwise) {
  const Json* value = settings.find(key);
  return value == nullptr ? otherwise : value->as_double();
}
int64_t count(const Json& settings, const char* key, int64_t otherwise) {
  const Json* value = settings.find(key);
  return value == nullptr ? otherwise : value->as_int();
}
bool on(const Json& settings, const char* key, bool otherwise) {
  const Json* value = settings.find(key);
  return value == nullptr ? otherwise : value->as_bool();
}

/// The adaptation that a record's settings ask for; what they leave out is PR 1855's.
LowRankAdaptConfig config_of(const Json& settings) {
  LowRankAdaptConfig config;
  config.sites.clear();
  for (const std::string site : {"q", "k", "v", "o", "mlp"}) {
    if (on(settings, ("ttt_" + site + "_lora").c_str(), true)) config.sites.push_back(site);
  }
  config.sites.emplace_back("head");
  config.rank = settings.at("ttt_lora_rank").as_int();
  config.lr = settings.at("ttt_lora_lr").as_double() * number(settings, "ttt_local_lr_mult", 1);
  config.weight_decay = settings.at("ttt_weight_decay").as_double();
  config.beta2 = settings.at("ttt_beta2").as_double();
  config.grad_steps = count(settings, "ttt_grad_steps", 1);
  config.documents.batch_documents = settings.at("ttt_batch_size").as_int();
  config.documents.chunk_tokens = settings.at("ttt_chunk_size").as_int();
  config.documents.context = settings.at("ttt_eval_seq_len").as_int();
  if (settings.find("ttt_short_score_first_steps") != nullptr) {
    config.documents.chunk_by_length = {{330, 8}, {1100, 24}};
  }
  const int64_t documents = settings.at("phased_ttt_prefix_docs").as_int();
  if (documents > 0) {
    config.phases = {.documents = documents,
                     .phases = settings.at("phased_ttt_num_phases").as_int(),
                     .chunk_tokens = settings.at("global_ttt_chunk_tokens").as_int(),
                     .epochs = count(settings, "global_ttt_epochs", 1),
                     .lr = settings.at("global_ttt_lr").as_double(),
                     .batch_seqs = settings.at("global_ttt_batch_seqs").as_int()};
  }
  return config;
}

/// L2 norm of a parameter, or of a bank's members together.
double weight_norm(const Decoder& model, const std::string& name) {
  const auto square = [](const at::Tensor& tensor) {
    return std::pow(tensor.to(at::kDouble).norm().item<double>(), 2);
  };
  const auto parameters = model->named_parameters();
  if (const at::Tensor* found = parameters.find(name)) return std::sqrt(square(*found));
  const std::vector<std::string> banks = {"qo_bank", "kv_bank", "mlp_up_bank", "mlp_down_bank"};
  const auto bank = std::find(banks.begin(), banks.end(), name) - banks.begin();
  EXPECT_LT(bank, 4) << "no parameter " << name;
  double squares = 0;
  for (const auto& item : parameters) {
    const auto place = bank_place(item.key());
    if (place && place->bank == bank) squares += square(item.value());
  }
  return std::sqrt(squares);
}

class LowRankReference : public testing::TestWithParam<Record> {
 protected:
  void SetUp() override {
    GOLF_NEED_REFERENCE_DATA();
    const Record& run = GetParam();
    const std::string folder = reference_data() + "/" + run.system + "/";
    if (std::string(run.system) == "pr1855") {
      golden_ = read_json_file(folder + "eval_dev.json").at(run.name);
      row_ = golden_;
    } else {
      golden_ = read_json_file(folder + run.name + ".json");
      row_ = golden_.at("ttt");
    }
    const ModelSpec spec = *find_model_preset(run.preset);
    TensorSet tensors;
    try {
      tensors = load_model(folder + run.weights, spec).tensors;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kUnsupported) GTEST_SKIP() << error.what();  // without lrzip
      throw;
    }
    prepare_processor(1);  // as the submissions ran
    model_ = make_decoder(spec.model, tensors, choose_runtime("cpu", "fp32"));
    const std::string shard = folder + run.shard;
    const std::string tokenizer = "/fineweb_caseops/fineweb_8192_bpe_lossless_caps_caseops_v1_reserved.model";
    text_ = read_text({{shard + "/fineweb_val_000000.bin", shard + "/fineweb_val_bytes_000000.bin"}},
                      read_tokenizer(reference_data() + tokenizer, 8192));
  }

  /// Expects the weights and the steps of the phase that was just run.
  void expect_phase(const Json& phase, const AdaptUpdate& update, int64_t chunks_done) {
    EXPECT_EQ(chunks_done, phase.at("after_accumulations").as_int());
    const auto& norms = phase.at("grad_norms_before_clip").as_array();
    ASSERT_EQ(update.steps.size(), norms.size());
    for (size_t i = 0; i < norms.size(); ++i) {
      const double expected = norms[i].as_double();
      EXPECT_NEAR(update.steps[i].grad_norm, expected, kNormTolerance * expected) << "step " << i;
      worst_norm_ = std::max(worst_norm_, std::abs(update.steps[i].grad_norm / expected - 1));
    }
    for (const auto& [name, value] : phase.at("weight_norms_after").as_object()) {
      EXPECT_NEAR(weight_norm(*model_, name), value.as_double(), 1e-5 * value.as_double()) << name;
    }
  }

  Json golden_, row_;
  std::optional<Decoder> model_;
  TokenizedText text_;
  double worst_norm_ = 0;
};

/// The log breaks no condition, and the audit says what the specifications' legality notes say.
void expect_sound(const TextView& text, const AdaptLog& log, const BpbTotals& totals,
                  const Coverage& coverage, bool tilted, size_t groups) {
  Receipt receipt{.targets = text.targets(),
                  .vocab_size = 8192,
                  .to_score = {{coverage.first_target, coverage.distinct}},
                  .documents = text.document_starts()};
  if (tilted) receipt.post_processors = {{"ngram-tilt", true, true}};
  add_events(receipt, log);
  receipt.totals = totals;
  receipt.val_loss = totals.val_loss();
  receipt.val_bpb = totals.val_bpb();
  for (const ChunkEvents& chunk : log) {
    receipt.chunks += chunk.scored.ranges.empty() ? 0 : 1;
    receipt.updates += static_cast<int64_t>(chunk.updates.size());
  }
  const AdaptAudit audit = audit_adaptation(receipt);
  EXPECT_TRUE(audit.passed()) << to_json(audit).dump(2);
  std::vector<std::string> ids;
  for (const AdaptFinding& one : audit.findings) ids.push_back(one.id);
  std::vector<std::string> expected = {"scoring-order"};
  if (groups > 2) expected.emplace_back("length-order");  // two may lie so by chance
  if (tilted) expected.emplace_back("count-order");
  EXPECT_EQ(ids, expected) << to_json(audit).dump(2);
}

TEST_P(LowRankReference, IsReproduced) {
  const bool is_1855 = std::string(GetParam().system) == "pr1855";
  const Json& settings = golden_.at("settings");
  LowRankAdaptConfig config = config_of(settings);
  if (is_1855) {
    config.seed = row_.at("lora_seed").as_uint();
  } else {
    config.draw = AdapterDraw::kCounter;
  }
  const EvalSettings eval{.seq_len = count(settings, "eval_seq_len", 256),
                          .include_tail = on(settings, "eval_include_tail", false)};
  const TextView text = text_.view().first(kept_targets(eval, text_.view().size()) + 1);
  const auto learner = make_low_rank_learner(config, *model_, {.text = text, .settings = eval});

  std::optional<NgramTilt> tilt;
  ScoreOptions options;
  if (on(settings, "ngram_tilt_enabled", false)) {
    tilt.emplace(NgramTiltConfig{}, text.tokens);
    options.named_tokens = tilt->named_tokens();
  }
  const auto& cumulative = row_.at("cumulative_nll_bytes_tokens_per_chunk_step").as_array();
  const auto& phases = row_.at("global_phases").as_array();
  ASSERT_EQ(learner->chunks(), static_cast<int64_t>(cumulative.size()));
  BpbTotals totals, untilted;
  AdaptLog log;
  int64_t updates = 0;
  double worst_sum = 0;
  size_t phase = 0;
  for (int64_t chunk = 0; chunk < learner->chunks(); ++chunk) {
    ChunkEvents& events = log.emplace_back();
    events.scored = {.chunk = chunk, .after_update = updates};
    learner->score(chunk, options, [&](TokenScores& scores) {
      untilted.add(scores, text.bytes);
      if (tilt) tilt->run(scores);
      totals.add(scores, text.bytes);
      append_scores(events.scored.ranges, scores, text);
    });
    const auto& expected = cumulative[static_cast<size_t>(chunk)].as_array();
    const double sum = expected[0].as_double();
    ASSERT_NEAR(totals.loss_nats, sum, kSumTolerance * sum) << "chunk " << chunk;
    worst_sum = std::max(worst_sum, std::abs(totals.loss_nats / sum - 1));
    ASSERT_EQ(totals.bytes, expected[1].as_int()) << "chunk " << chunk;
    ASSERT_EQ(totals.tokens, expected[2].as_int()) << "chunk " << chunk;
    for (const AdaptUpdate& update : learner->learn(chunk)) {
      events.updates.push_back({.update = ++updates, .chunk = chunk, .what = update.what});
      events.updates.back().saw = update.saw;
      if (update.what != "weights") continue;
      ASSERT_LT(phase, phases.size());
      expect_phase(phases[phase++], update, chunk + 1);
    }
    // A text of one chunk is too short for a phase: it only makes new adapters.
    const auto is_idle = [&](const Json& one) {
      return one.at("after_accumulations").as_int() == chunk + 1 &&
             one.at("grad_norms_before_clip").as_array().empty();
    };
    if (phase < phases.size() && is_idle(phases[phase])) expect_phase(phases[phase++], {}, chunk + 1);
  }
  EXPECT_EQ(phase, phases.size());
  EXPECT_NEAR(totals.val_bpb(), row_.at("val_bpb").as_double(), kBpbTolerance);
  EXPECT_NEAR(totals.val_loss(), row_.at("val_loss").as_double(), kBpbTolerance);
  EXPECT_EQ(totals.tokens, row_.at("tokens").as_int());
  EXPECT_EQ(totals.bytes, row_.at("bytes").as_int());
  EXPECT_EQ(learner->coverage().scored, totals.tokens);
  const Json& groups = row_.at(is_1855 ? "batches_in_claim_order" : "groups_in_claim_order");
  expect_sound(text, log, totals, learner->coverage(), tilt.has_value(), groups.as_array().size());
  if (tilt) {
    const Json& order16 = golden_.at("tilt").at("order16");
    EXPECT_NEAR(untilted.val_bpb(), order16.at("untilted").at("bpb").as_double(), kBpbTolerance);
  }
  const auto record = [](const char* key, double value) {
    testing::Test::RecordProperty(key, std::to_string(value * 1e9) + "e-9");
    std::printf("  %s %.3g\n", key, value);
  };
  record("bpb_off_by", totals.val_bpb() - row_.at("val_bpb").as_double());
  record("worst_sum_relative", worst_sum);
  record("worst_gradient_norm_relative", worst_norm_);
}

constexpr const char* kFinal = "final.safetensors";
constexpr const char* kPacked = "artifact_t4096.pgrp";

INSTANTIATE_TEST_SUITE_P(
    EvalDev, LowRankReference,
    testing::Values(
        Record{"pr1855", "pr1855-tiny", "small_odd_final", kFinal, "ttt_shard_small"},
        Record{"pr1855", "pr1855-tiny", "small_phased3_final", kFinal, "ttt_shard_small"},
        Record{"pr1855", "pr1855-tiny", "small_phased3_dequantized", kPacked, "ttt_shard_small"},
        Record{"pr1855", "pr1855-tiny", "lora_only_final", kFinal, "ttt_shard"},
        Record{"pr1855", "pr1855-tiny", "phased3_final", kFinal, "ttt_shard"},
        Record{"pr2135", "pr2014-tiny", "ttt_2014_dev_dequantized", "artifact_v1_awq.pgrp", "ttt_shard"},
        Record{"pr2135", "pr2135-tiny", "ttt_2135_dev_dequantized", "artifact_v2_brotli.pgrp", "ttt_shard"}),
    [](const testing::TestParamInfo<Record>& info) {
      return std::string(info.param.system) + "_" + info.param.name;
    });

}  // namespace
}  // namespace golf::test
