#include "golf/adapt/adapt_audit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace golf::test {
namespace {

constexpr int64_t kChunks = 4, kChunk = 100;

void fill_totals(Receipt& receipt) {
  BpbTotals totals;
  int64_t updates = 0, chunks = 0;
  for (const Receipt::Event& event : receipt.events) {
    if (const auto* score = std::get_if<ScoreEvent>(&event)) {
      ++chunks;
      for (const ScoredRange& range : score->ranges) {
        totals.add({.loss_nats = range.loss_nats, .tokens = range.count, .bytes = range.bytes});
      }
    } else {
      ++updates;
    }
  }
  receipt.totals = totals;
  receipt.val_loss = totals.val_loss();
  receipt.val_bpb = totals.val_bpb();
  receipt.chunks = chunks;
  receipt.updates = updates;
}

/// Four chunks of a stream, each scored in two ranges and learned from, but for the last.
Receipt sound_receipt() {
  Receipt receipt{.targets = kChunks * kChunk,
                  .vocab_size = 64,
                  .to_score = {{0, kChunks * kChunk}},
                  .documents = {0, 120, 170, 260}};
  receipt.adapt = Json::object({{"sgd", Json::object()}});
  AdaptLog log;
  for (int64_t c = 0; c < kChunks; ++c) {
    ChunkEvents& events = log.emplace_back();
    events.scored = {.chunk = c, .after_update = c};
    events.scored.ranges.push_back({c * kChunk, 60, 200, 130.5});
    events.scored.ranges.push_back({c * kChunk + 60, kChunk - 60, 150, 90.25});
    if (c + 1 == kChunks) break;
    events.updates.push_back({.update = c + 1, .chunk = c, .what = "weights"});
    events.updates[0].saw.push_back({c * kChunk, kChunk});
  }
  add_events(receipt, log);
  fill_totals(receipt);
  return receipt;
}

ScoreEvent& score_of(Receipt& receipt, int64_t chunk) {
  for (Receipt::Event& event : receipt.events) {
    auto* score = std::get_if<ScoreEvent>(&event);
    if (score != nullptr && score->chunk == chunk) return *score;
  }
  throw std::out_of_range("no such chunk");
}

UpdateEvent& update_of(Receipt& receipt, int64_t number) {
  for (Receipt::Event& event : receipt.events) {
    auto* update = std::get_if<UpdateEvent>(&event);
    if (update != nullptr && update->update == number) return *update;
  }
  throw std::out_of_range("no such update");
}

/// Found through the file as well.
AdaptAudit audit_of(const Receipt& receipt) {
  const std::string text = encode(receipt);
  return audit_adaptation(parse_receipt(as_bytes(text), "receipt"));
}

/// Whether a violation of the condition says that.
bool says(const AdaptAudit& audit, AdaptCondition condition, const std::string& text) {
  return std::ranges::any_of(audit.violations, [&](const AdaptViolation& one) {
    return one.condition == condition && one.text.find(text) != std::string::npos;
  });
}

TEST(AdaptAudit, FindsNothingInASoundReceipt) {
  const AdaptAudit audit = audit_of(sound_receipt());
  EXPECT_TRUE(audit.passed()) << to_json(audit).dump();
  EXPECT_EQ(audit.totals.tokens, kChunks * kChunk);
  EXPECT_EQ(audit.updates, kChunks - 1);
  ASSERT_EQ(audit.findings.size(), 1U);  // the learning rate knows the number of chunks
  EXPECT_EQ(audit.findings[0].id, "schedule");
}

TEST(AdaptAudit, ReceiptsSurviveTheFile) {
  const std::string text = encode(sound_receipt());
  EXPECT_EQ(encode(parse_receipt(as_bytes(text), "receipt")), text);
}

struct Planted {
  const char* name;
  AdaptCondition condition;
  const char* text;  ///< part of the message
  std::function<void(Receipt&)> plant;
};
void PrintTo(const Planted& planted, std::ostream* out) { *out << planted.name; }

class PlantedViolation : public testing::TestWithParam<Planted> {};

TEST_P(PlantedViolation, IsFound) {
  Receipt receipt = sound_receipt();
  GetParam().plant(receipt);
  const AdaptAudit audit = audit_of(receipt);
  EXPECT_FALSE(audit.passed());
  EXPECT_GE(audit.counts[static_cast<size_t>(GetParam().condition)], 1);
  EXPECT_TRUE(says(audit, GetParam().condition, GetParam().text)) << to_json(audit).dump(2);
}

/// The receipt's claims follow from its log again.
std::function<void(Receipt&)> consistent(std::function<void(Receipt&)> plant) {
  return [plant = std::move(plant)](Receipt& receipt) {
    plant(receipt);
    fill_totals(receipt);
  };
}

using enum AdaptCondition;
const Planted kPlanted[] = {
    {"LearnedBeforeItsScore", kScoreBeforeUpdate, "update 1 (weights, after chunk 0) learned from target 100",
     [](Receipt& r) {
       update_of(r, 1).saw = {{0, 101}};
     }},
    {"ScoredByAStateThatHadSeenIt", kCausal, "target 100 was scored in chunk 1",
     [](Receipt& r) {
       update_of(r, 1).saw = {{0, 101}};
     }},
    {"PhaseSawTheFuture", kScoreBeforeUpdate, "learned from target 399",
     [](Receipt& r) {
       update_of(r, 2).saw.push_back({399, 1});
     }},
    {"UpdatedBeforeTheScoreOfItsChunk", kScoreBeforeUpdate, "learned from target 100",
     [](Receipt& r) { std::swap(r.events[2], r.events[3]); }},
    {"TrainedThenScoredAgain", kSinglePass, "target 0 was scored again", consistent([](Receipt& r) {
       r.events.insert(r.events.begin() + 2, ScoreEvent{0, 1, {{0, 100, 350, 200.0}}});
     })},
    {"ScoredTwiceInOneChunk", kSinglePass, "target 40 was scored again", consistent([](Receipt& r) {
       score_of(r, 0).ranges.push_back({40, 5, 20, 9.0});
     })},
    {"NeverScored", kSinglePass, "targets 260 to 299 were never scored",
     consistent([](Receipt& r) { score_of(r, 2).ranges.pop_back(); })},
    {"OneTokenNeverScored", kSinglePass, "targets 399 to 399 were never scored",
     consistent([](Receipt& r) { --score_of(r, 3).ranges[1].count; })},
    {"TokensDoNotFollow", kSinglePass, "tokens is claimed to be 401", [](Receipt& r) { ++r.totals.tokens; }},
    {"BytesDoNotFollow", kSinglePass, "bytes is claimed to be 1500",
     [](Receipt& r) { r.totals.bytes += 100; }},
    {"LossDoesNotFollow", kSinglePass, "loss_nats is claimed",
     [](Receipt& r) { r.totals.loss_nats -= 1e-3; }},
    {"BpbDoesNotFollow", kSinglePass, "val_bpb is claimed", [](Receipt& r) { r.val_bpb *= 0.99; }},
    {"MeanDoesNotFollow", kSinglePass, "val_loss is claimed", [](Receipt& r) { r.val_loss -= 1e-4; }},
    {"ARangesLossWasLowered", kSinglePass, "loss_nats is claimed",
     [](Receipt& r) { score_of(r, 2).ranges[0].loss_nats -= 0.01; }},
    {"ScoredAfterALaterUpdate", kCausal, "chunk 1 was scored after update 2",
     [](Receipt& r) { score_of(r, 1).after_update = 2; }},
    {"NamesAnEarlierUpdate", kScoreBeforeUpdate, "names update 1 as the last",
     [](Receipt& r) { score_of(r, 3).after_update = 1; }},
    {"AnUpdateIsMissing", kScoreBeforeUpdate, "update 3 follows update 1",
     [](Receipt& r) { std::erase(r.events, Receipt::Event(update_of(r, 2))); }},
    {"AnUpdateHidesWhatItSaw", kScoreBeforeUpdate, "does not say what it saw",
     [](Receipt& r) { update_of(r, 2).saw.clear(); }},
    {"ChunksOutOfOrder", kSinglePass, "chunk 1 was scored after chunk 2", consistent([](Receipt& r) {
       std::swap(score_of(r, 1).ranges, score_of(r, 2).ranges);
       std::swap(score_of(r, 1).chunk, score_of(r, 2).chunk);
     })},
    {"LossBelowZero", kNormalized, "no distribution does",
     consistent([](Receipt& r) { score_of(r, 1).ranges[0].loss_nats = -0.5; })},
    {"PostProcessorWithoutDistribution", kNormalized, "ngram-hashed hands out no distribution",
     [](Receipt& r) {
       r.post_processors = {{"ngram-hashed", false, false}};
     }},
    {"NoVocabulary", kNormalized, "a vocabulary of 0", [](Receipt& r) { r.vocab_size = 0; }},
    {"ScoredMoreThanThereIs", kSinglePass, "400 tokens were scored of an evaluation of 399",
     [](Receipt& r) {
       r.to_score = {{0, 399}};
     }},
    {"UpdatesMiscounted", kSinglePass, "updates is claimed to be 2", [](Receipt& r) { r.updates = 2; }},
};
INSTANTIATE_TEST_SUITE_P(AdaptAudit, PlantedViolation, testing::ValuesIn(kPlanted),
                         [](const testing::TestParamInfo<Planted>& info) { return info.param.name; });

/// Documents [start, end) scored one after the other, the longest first, and learned from.
Receipt longest_first() {
  Receipt receipt{
      .targets = 1000, .vocab_size = 64, .to_score = {{0, 1000}}, .documents = {0, 100, 400, 450}};
  receipt.adapt = Json::object({{"low_rank", Json::object()}});
  const ScoreSegment order[] = {{450, 550}, {100, 300}, {0, 100}, {400, 50}};
  AdaptLog log;
  for (int64_t c = 0; c < 4; ++c) {
    const ScoreSegment& document = order[c];
    ChunkEvents& events = log.emplace_back();
    events.scored = {.chunk = c, .after_update = c};
    events.scored.ranges.push_back({document.first_target, document.count, 3 * document.count, 10.0});
    events.updates.push_back({.update = c + 1, .chunk = c, .what = "adapters"});
    events.updates[0].saw.push_back(document);
  }
  add_events(receipt, log);
  fill_totals(receipt);
  return receipt;
}

std::vector<std::string> finding_ids(const AdaptAudit& audit) {
  std::vector<std::string> ids;
  for (const AdaptFinding& one : audit.findings) ids.push_back(one.id);
  return ids;
}

TEST(AdaptAudit, TellsOfOrdersThatAreNotTheTexts) {
  Receipt receipt = longest_first();
  AdaptAudit audit = audit_of(receipt);
  EXPECT_TRUE(audit.passed()) << to_json(audit).dump();
  EXPECT_EQ(finding_ids(audit), (std::vector<std::string>{"scoring-order", "length-order"}));
  EXPECT_NE(audit.findings[0].text.find("450 of 1000 tokens"), std::string::npos) << audit.findings[0].text;

  receipt.post_processors = {{"ngram-tilt", true, true}};
  audit = audit_of(receipt);
  EXPECT_TRUE(audit.passed());
  EXPECT_EQ(finding_ids(audit), (std::vector<std::string>{"scoring-order", "length-order", "count-order"}));
}

TEST(AdaptAudit, CountsInTheOrderOfTheScoresAreNoFinding) {
  Receipt receipt = sound_receipt();
  receipt.post_processors = {{"ngram-tilt", true, true}};
  EXPECT_EQ(finding_ids(audit_of(receipt)), std::vector<std::string>{"schedule"});
}

TEST(AdaptAudit, KeepsTwentyExamplesAndCountsAll) {
  Receipt receipt = sound_receipt();
  for (int i = 0; i < 50; ++i) score_of(receipt, 3).ranges.push_back({0, 1, 1, 1.0});
  const AdaptAudit audit = audit_of(receipt);
  EXPECT_GE(audit.counts[static_cast<size_t>(kSinglePass)], 50);
  EXPECT_LE(audit.violations.size(), 2 * static_cast<size_t>(kMostViolations));
}

}  // namespace
}  // namespace golf::test
