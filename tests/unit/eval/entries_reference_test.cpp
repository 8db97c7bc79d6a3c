// Parity with eval_dev.json of the five entries: val_bpb and val_loss within 2e-6, counts equal. One test for
// each set of weights; every pass of the model serves all figures over the same windows.
#include <gtest/gtest.h>

#include <map>

#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "golf/artifact/container/artifact.h"
#include "golf/artifact/container/paid_prefix.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/eval/runtime.h"
#include "golf/eval/score_tokens.h"
#include "golf/score/eval_result.h"
#include "golf/score/post_processor_chain.h"
#include "support/reference_data.h"

namespace golf::test {
namespace {

constexpr double kTolerance = 2e-6;
constexpr int64_t kShortStream = 16'385;
constexpr int64_t kAudited = 1000;

double number(const Json& value) {
  return value.is_string() ? std::stod(value.as_string()) : value.as_double();
}

int64_t count(const Json& row, const char* key, const char* other) {
  const Json* value = row.find(key);
  return static_cast<int64_t>(number(value != nullptr ? *value : row.at(other)));
}

/// A set of weights of an entry: final.safetensors, or what an artifact gives back.
struct Weights {
  const char* system;
  const char* name;  ///< in eval_dev.json
  const char* file;
  const char* recipe = "";  ///< to pack and unpack a checkpoint with, all matrices quantised
};

void PrintTo(const Weights& weights, std::ostream* out) { *out << weights.system << " " << weights.name; }

class EntryEvaluation : public testing::TestWithParam<Weights> {
 protected:
  void SetUp() override {
    GOLF_NEED_REFERENCE_DATA();
    folder_ = reference_data() + "/" + GetParam().system;
    golden_ = read_json_file(folder_ + "/eval_dev.json");
    config_ = load_model_spec(source_file("tests/parity/configs/" + std::string(GetParam().system) + ".json"))
                  .model;
    const std::string text = reference_data() + "/fineweb/";
    text_ = read_text({{text + "fineweb_val_000000.bin"}},
                      read_tokenizer(text + "fineweb_1024_bpe.model", config_.vocab_size));
    const ModelSpec spec{.model = config_, .eval = {}};
    TensorSet tensors = load_model(folder_ + "/" + GetParam().file, spec).tensors;
    if (*GetParam().recipe != 0) {
      QuantRecipe recipe = load_recipe(GetParam().recipe);
      recipe.keep_float_max = 4096;
      tensors = dequantize(quantize(tensors, recipe, {}));
    }
    prepare_processor(1);  // as the entries ran
    model_ = make_decoder(config_, tensors, choose_runtime("cpu", "fp32"));
  }

  TextView text_of(const WindowPlan& plan) const { return text_.view().first(plan.targets() + 1); }

  /// The model's scores over the windows of `plan`, computed once, as the first call asks for them.
  const TokenScores& trace(const WindowPlan& plan, const ScoreOptions& options = {}) {
    std::vector<std::pair<int64_t, int64_t>> windows;
    for (int64_t w = 0; w < plan.size(); ++w) windows.emplace_back(plan[w].start, plan[w].first_target());
    const auto [at, is_new] = traces_.try_emplace({plan.targets(), std::move(windows)});
    if (is_new) at->second = score_tokens(*model_, text_of(plan).tokens, plan, options);
    return at->second;
  }

  /// The trace adjusted, in `scores`, and its stages.
  std::vector<ScoreStage> adjust(const WindowPlan& plan, const PostProcessing& post_processing,
                                 TokenScores& scores) {
    PostProcessorChain chain(post_processing, text_of(plan), plan, config_.vocab_size);
    scores = trace(plan, {.entropy = chain.needs_entropy()});
    chain.run(scores);
    return chain.stages();
  }

  void expect_totals(const BpbTotals& totals, const Json& row) {
    EXPECT_NEAR(totals.val_bpb(), number(row.at("val_bpb")), kTolerance);
    EXPECT_NEAR(totals.val_loss(), number(row.at("val_loss")), kTolerance);
    EXPECT_EQ(totals.tokens, count(row, "tokens", "tokens_scored"));
    EXPECT_EQ(totals.bytes, count(row, "bytes", "bytes_scored"));
    ++figures_;
  }

  std::string folder_;
  Json golden_;
  ModelConfig config_;
  TokenizedText text_;
  std::optional<Decoder> model_;
  int figures_ = 0;

 private:
  std::map<std::pair<int64_t, std::vector<std::pair<int64_t, int64_t>>>, TokenScores> traces_;
};

WindowPolicy policy_of(const std::string& system) {
  return window_policy(system == "pr1046" ? "pr88" : system);
}

/// Standard and sliding rows as 88, 1046 ("rows") and 192, 262 ("evals") write them.
TEST_P(EntryEvaluation, IsReproduced) {
  const std::string system = GetParam().system;
  const Json* rows = golden_.find("rows");
  for (const Json& row : (rows != nullptr ? *rows : golden_.at("evals")).as_array()) {
    if (row.at("weights").as_string() != GetParam().name) continue;
    SCOPED_TRACE(row.dump());
    const Json* subset = row.find(rows != nullptr ? "shard_prefix_tokens" : "subset");
    const bool is_short = subset != nullptr && (subset->is_string() ? subset->as_string().starts_with("first")
                                                                    : subset->as_int() == kShortStream);
    EvalSettings settings{.seq_len = row.at("seq_len").as_int(), .policy = policy_of(system)};
    if (const Json* stride = row.find("stride")) {
      settings.mode = EvalMode::kSliding;
      settings.stride = stride->as_int();
    }
    const WindowPlan plan =
        make_plan(settings, trimmed_targets(is_short ? kShortStream : text_.view().size(), settings.seq_len));

    PostProcessing post_processing;
    const Json* has_prefix = row.find("prefix");
    if (has_prefix != nullptr && has_prefix->as_bool()) {
      post_processing.paid_prefix =
          decode_paid_prefix(read_file(folder_ + "/prefix_dev.xz"), "prefix_dev.xz", config_.vocab_size);
    }
    TokenScores scores;
    const auto stages = adjust(plan, post_processing, scores);
    BpbTotals totals;
    totals.add(scores, text_of(plan).bytes);
    expect_totals(totals, row);
    if (const Json* windows = row.find("windows")) {
      EXPECT_EQ(plan.size(), windows->as_int());
    }
    if (!post_processing.paid_prefix.empty()) {
      const Json& facts = stages.back().facts;
      EXPECT_EQ(facts.at("tokens"), row.at("prefix_tokens"));
      EXPECT_EQ(facts.at("scored_tokens_below"), row.at("positions_checked"));
      EXPECT_EQ(facts.at("scored_tokens_covered"), row.at("positions_covered"));
    }
  }
  EXPECT_GE(figures_, 1);
}

/// The n-gram cache behind a name such as "ngram_2to7_buckets65536_fixed_alpha0.4".
HashedNgramConfig ngram_config(const std::string& name) {
  HashedNgramConfig config;
  if (name.find("order5only") != std::string::npos) config.min_order = config.max_order = 5;
  config.buckets = std::stoll(name.substr(name.find("buckets") + 7));
  if (name.find("_fixed_alpha0.4") != std::string::npos) config.weight.mode = EntropyWeight::Mode::kFixed;
  if (name.find("_linear_alpha") != std::string::npos) config.weight.mode = EntropyWeight::Mode::kLinear;
  if (name.find("_world4") != std::string::npos) config.shards = 4;
  return config;
}

/// The windows of rank r of four.
TokenScores share_of(const TokenScores& scores, const WindowPlan& plan, int64_t rank) {
  TokenScores share;
  int64_t used = 0;
  for (int64_t w = 0; w < plan.size(); ++w) {
    const ScoreSegment& segment = scores.segments[static_cast<size_t>(w)];
    if (w >= plan.size() * rank / 4 && w < plan.size() * (rank + 1) / 4) {
      share.segments.push_back(segment);
      const auto first = scores.nll_nats.begin() + used;
      share.nll_nats.insert(share.nll_nats.end(), first, first + segment.count);
    }
    used += segment.count;
  }
  return share;
}

/// The scores of the first windows, as many as `plan` has.
TokenScores first_windows(const TokenScores& scores, const WindowPlan& plan) {
  const int64_t count = plan.coverage().scored;
  TokenScores first;
  first.segments = {scores.segments.begin(), scores.segments.begin() + plan.size()};
  first.nll_nats = {scores.nll_nats.begin(), scores.nll_nats.begin() + count};
  first.entropy_nats = {scores.entropy_nats.begin(), scores.entropy_nats.begin() + count};
  for (const SampledDistribution& sample : scores.samples) {
    if (sample.score < count) first.samples.push_back(sample);
  }
  return first;
}

class NgramEvaluation : public EntryEvaluation {
 protected:
  /// The last stage of `post_processing` over `model`'s scores, audited.
  ScoreStage audited(const WindowPlan& plan, TokenScores model, PostProcessing post_processing) {
    post_processing.audit_positions = kAudited;
    PostProcessorChain chain(post_processing, text_of(plan), plan, config_.vocab_size);
    chain.run(model);
    EXPECT_EQ(chain.stages().front().normalization->positions, kAudited);
    EXPECT_LT(chain.stages().front().normalization->max_deviation, 1e-9);
    return chain.stages().back();
  }
};

TEST_P(NgramEvaluation, IsReproduced) {
  const auto targets = trimmed_targets(text_.view().size(), 256);
  const WindowPlan standard = WindowPlan::standard(targets, 256);
  const WindowPlan sliding = WindowPlan::sliding(targets, 256, 64, window_policy("pr993"));
  trace(sliding, {.entropy = true, .sampled_targets = sample_targets(0, targets, kAudited)});
  for (const auto& [name, row] : golden_.at("results").at(GetParam().name).as_object()) {
    SCOPED_TRACE(name);
    PostProcessing post_processing;
    if (name.starts_with("ngram")) post_processing.ngram_hashed = ngram_config(name);
    const WindowPlan& plan = name == "standard" ? standard : sliding;
    TokenScores scores;
    const auto stages = adjust(plan, post_processing, scores);
    const size_t rank = name.find("_rank");
    if (rank != std::string::npos) scores = share_of(scores, plan, std::stoll(name.substr(rank + 5)));
    BpbTotals totals;
    totals.add(scores, text_of(plan).bytes);
    expect_totals(totals, row);
    if (const Json* hits = row.find("ngram_hits_by_order"); hits != nullptr && rank == std::string::npos) {
      EXPECT_EQ(stages.back().facts.at("hits_by_order"), *hits);
    }
  }
  EXPECT_GE(figures_, 4);

  // The windows of the policy "once" are the first ones of PR 993's, so this pass also shows which of the
  // caches hands out probabilities.
  const WindowPlan once = WindowPlan::sliding(targets, 256, 64);
  const TokenScores model = first_windows(trace(sliding), once);
  const ScoreStage exact = audited(once, model, {.ngram_exact = ExactCacheConfig{}});
  EXPECT_EQ(exact.normalization->positions, kAudited);
  EXPECT_LT(exact.normalization->max_deviation, 1e-6);
  EXPECT_LT(exact.val_bpb, 2.5);  // 3.15 for the model alone
  const ScoreStage large = audited(once, model, {.ngram_hashed = HashedNgramConfig{}});
  EXPECT_GT(large.normalization->mean, 2);
  const ScoreStage small = audited(once, model, {.ngram_hashed = HashedNgramConfig{.buckets = 65'536}});
  EXPECT_GT(small.normalization->mean, 100);
  EXPECT_LT(small.val_bpb, large.val_bpb);  // the worse the cache, the "better" its score
}

std::string name_of(const testing::TestParamInfo<Weights>& info) {
  return std::string(info.param.system) + "_" + info.param.name;
}

constexpr Weights kWeights[] = {
    {"pr88", "fp32_final", "final.safetensors"},
    {"pr88", "dequantized_int6", "artifact.int8.ptz"},
    {"pr88", "dequantized_int6_t4096", "artifact_t4096.int8.ptz"},
    {"pr192", "fp32_final", "final.safetensors"},
    {"pr192", "dequantized", "artifact.int6.ptz"},
    {"pr262", "fp32_final", "final.safetensors"},
    {"pr262", "dequantized", "artifact.int6.ptz"},
    {"pr1046", "fp32_final", "final.safetensors"},
    {"pr1046", "dequantized_int8", "artifact.int8.ptz"},
    {"pr1046", "dequantized_int6", "artifact.int6.ptz"},
    {"pr1046", "dequantized_int8_t4096", "final.safetensors", "pr1046-int8"},
    {"pr1046", "dequantized_int6_t4096", "artifact_t4096.int6.ptz"},
};
INSTANTIATE_TEST_SUITE_P(EvalDev, EntryEvaluation, testing::ValuesIn(kWeights), name_of);

constexpr Weights kNgramWeights[] = {
    {"pr993", "final", "final.safetensors"},
    {"pr993", "dequantized", "artifact.int6.ptz"},
};
INSTANTIATE_TEST_SUITE_P(EvalDev, NgramEvaluation, testing::ValuesIn(kNgramWeights), name_of);

}  // namespace
}  // namespace golf::test
