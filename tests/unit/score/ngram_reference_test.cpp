#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "golf/artifact/base/json.h"
#include "golf/artifact/formats/token_shard.h"
#include "golf/score/hashed_ngram_cache.h"
#include "golf/score/window_plan.h"
#include "support/reference_data.h"
#include "unit/score/ngram_table_cells.h"

// PR 993's own evaluator over made-up logits: ngram_synthetic.json and normalization.json.
namespace golf {
namespace {

constexpr int64_t kVocab = 1024;

/// What a float32 log-softmax leaves of one prediction.
struct Prediction {
  std::array<float, kVocab> log_probability;
  float entropy;
};

/// Logit v is 6 sin(0.01 v (row + 1)) or, for `uniform`, 0.
Prediction predict(bool uniform, int row) {
  Prediction prediction{};
  auto& values = prediction.log_probability;
  for (int v = 0; v < kVocab; ++v) {
    values[static_cast<size_t>(v)] = uniform ? 0.0F : static_cast<float>(6 * std::sin(0.01 * v * (row + 1)));
  }
  const float top = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (const float value : values) sum += std::exp(value - top);
  const float log_sum = std::log(static_cast<float>(sum));
  double entropy = 0;
  for (float& value : values) {
    value = (value - top) - log_sum;
    entropy -= static_cast<double>(std::exp(value)) * static_cast<double>(value);
  }
  prediction.entropy = static_cast<float>(entropy);
  return prediction;
}

std::vector<uint16_t> dev_tokens(size_t count) {
  auto tokens = read_token_shard(test::reference_data() + "/fineweb/fineweb_val_000000.bin", kVocab);
  tokens.resize(count);
  return tokens;
}

TokenScores synthetic_scores(const std::vector<uint16_t>& stream, const WindowPlan& plan, int64_t first,
                             int64_t end, bool uniform) {
  std::vector<Prediction> rows;
  for (int row = 0; row < 13; ++row) rows.push_back(predict(uniform, row));
  TokenScores scores;
  for (int64_t w = first; w < end; ++w) {
    scores.segments.push_back({plan[w].first_target(), plan[w].scored()});
    for (int64_t t = plan[w].first_target(); t < plan[w].start + plan[w].length; ++t) {
      const Prediction& row = rows[stream[static_cast<size_t>(t)] % 13];
      scores.nll_nats.push_back(-row.log_probability[stream[static_cast<size_t>(t) + 1]]);
      scores.entropy_nats.push_back(row.entropy);
    }
  }
  return scores;
}

std::vector<int64_t> integers(const Json& json) {
  std::vector<int64_t> values;
  for (const Json& value : json.as_array()) values.push_back(value.as_int());
  return values;
}

void expect_tables(const NgramTable& table, const Json& golden) {
  std::array<std::vector<int64_t>, 5> found;
  for (int order = table.min_order(); order <= table.max_order(); ++order) {
    std::array<int64_t, 5> sums{};
    for (int64_t b = 0; b < table.buckets(); ++b) {
      const int64_t context = NgramTableCells{table}.context_count(order, b);
      const int64_t full = NgramTableCells{table}.full_count(order, b);
      sums[0] += context != 0;
      sums[1] += full != 0;
      sums[2] = std::max(sums[2], context);
      sums[3] += context * b;
      sums[4] += full * b;
    }
    for (size_t i = 0; i < sums.size(); ++i) found[i].push_back(sums[i]);
  }
  EXPECT_EQ(found[0], integers(golden.at("ctx_table_nonzero")));
  EXPECT_EQ(found[1], integers(golden.at("full_table_nonzero")));
  EXPECT_EQ(found[2], integers(golden.at("ctx_table_max")));
  EXPECT_EQ(found[3], integers(golden.at("ctx_table_weighted_checksum")));
  EXPECT_EQ(found[4], integers(golden.at("full_table_weighted_checksum")));
}

TEST(HashedNgramCache, ReproducesThePublishedEvaluatorOnMadeUpLogits) {
  GOLF_NEED_REFERENCE_DATA();
  const Json golden = read_json_file(test::reference_data() + "/pr993/ngram_synthetic.json");
  const std::vector<uint16_t> stream = dev_tokens(8193);
  const WindowPlan plan = WindowPlan::sliding(8192, 256, 64, window_policy("pr993"));
  for (const auto& [name, expected] : golden.at("cases").as_object()) {
    SCOPED_TRACE(name);
    const int64_t rank = expected.at("rank").as_int();
    const int64_t world = expected.at("world").as_int();
    const int64_t first = plan.size() * rank / world;
    const int64_t end = plan.size() * (rank + 1) / world;
    TokenScores scores = synthetic_scores(stream, plan, first, end, name.starts_with("uniform"));
    HashedNgramCache processor({.buckets = expected.at("buckets").as_int()}, stream, end - first, kVocab);
    processor.run(scores);

    EXPECT_EQ(scores.size(), expected.at("tokens").as_int());
    const double sum = std::accumulate(scores.nll_nats.begin(), scores.nll_nats.end(), 0.0);
    EXPECT_NEAR(sum / expected.at("nll_sum").as_double(), 1, 1e-7);
    for (const auto& [order, hits] : expected.at("hits_by_order").as_object()) {
      EXPECT_EQ(processor.hits().at(static_cast<size_t>(std::stoi(order))), hits.as_int()) << order;
    }
    expect_tables(processor.table(), expected);
    const auto& segment_sums = expected.at("segment_nll_sums").as_array();
    ASSERT_EQ(segment_sums.size(), scores.segments.size());
    const auto* nll = scores.nll_nats.data();
    for (size_t i = 0; i < segment_sums.size(); ++i) {
      const double segment_sum = std::accumulate(nll, nll + scores.segments[i].count, 0.0);
      EXPECT_NEAR(segment_sum, segment_sums[i].as_double(), 1e-6 * segment_sum) << i;
      nll += scores.segments[i].count;
    }
    if (const Json* each = expected.find("per_token_nll_first_1200")) {
      for (size_t i = 0; i < each->as_array().size(); ++i) {
        EXPECT_NEAR(scores.nll_nats[i], each->as_array()[i].as_double(), 2e-6) << i;
      }
    }
  }
}

TEST(NgramTable, SumsOverTheVocabularyToWhatThePublishedTablesDo) {
  GOLF_NEED_REFERENCE_DATA();
  const Json golden = read_json_file(test::reference_data() + "/pr993/normalisation.json").at("results");
  for (const int64_t tokens : {8192, 131000}) {
    const std::vector<uint16_t> stream = dev_tokens(static_cast<size_t>(tokens) + 60);
    for (const int64_t buckets : {1024, 65'536, 4'194'304}) {
      const std::string name =
          "cache_tokens_" + std::to_string(tokens) + "_buckets_" + std::to_string(buckets);
      SCOPED_TRACE(name);
      // The audit cached tokens 8 … tokens − 1 and looked at the 60 after them; target t is token t + 1.
      NgramTable table(2, 7, buckets);
      table.seek(stream, 7, tokens - 8);
      table.add_run();
      table.seek(stream, tokens - 1, 60);
      std::vector<double> sums;
      for (int64_t i = 0; i < 60; ++i) {
        const NgramTable::Match match = table.longest_match(i, 2);
        if (match.order == 0) continue;
        double sum = 0;
        for (int token = 0; token < kVocab; ++token) {
          const double full = table.full_count(i, match.order, static_cast<uint16_t>(token));
          sum += std::min(full / match.context_count, 1.0);
        }
        sums.push_back(sum);
      }
      const Json& expected = golden.at(name);
      EXPECT_EQ(static_cast<int64_t>(sums.size()), expected.at("contexts_hit").as_int());
      EXPECT_NEAR(std::accumulate(sums.begin(), sums.end(), 0.0) / static_cast<double>(sums.size()),
                  expected.at("mean_sum_over_vocab").as_double(), 1e-9);
      EXPECT_NEAR(*std::min_element(sums.begin(), sums.end()), expected.at("min").as_double(), 1e-9);
      EXPECT_NEAR(*std::max_element(sums.begin(), sums.end()), expected.at("max").as_double(), 1e-9);
    }
  }
}

}  // namespace
}  // namespace golf
