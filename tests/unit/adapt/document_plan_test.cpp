#include "adapt/document_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "adapt/document_schedule.h"
#include "adapt/phase_plan.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/json.h"
#include "support/reference_data.h"

namespace golf::test {
namespace {

constexpr uint16_t kBos = 1;

TEST(DocumentPlan, DocumentsEndWithTheFirstTokenOfTheNext) {
  const std::vector<uint16_t> stream = {9, kBos, 5, 6, kBos, kBos, 7, 8, 9, kBos};
  const std::vector<Document> expected = {{1, 4}, {4, 2}, {5, 5}};
  EXPECT_EQ(find_documents(stream, kBos), expected);  // the last token alone predicts nothing
  EXPECT_TRUE(find_documents(stream, 2).empty());
  EXPECT_EQ(find_documents(std::span(stream).first(4), kBos), (std::vector<Document>{{1, 3}}));
}

TEST(DocumentPlan, EveryPredictionOfADocumentIsScoredOnceInOrder) {
  for (const int64_t chunk : {1, 3, 8}) {
    for (const int64_t context : {8, 11, 100}) {
      for (int64_t length = 2; length < 40; ++length) {
        const Document document{100, length};
        int64_t next = document.first;
        for (int64_t i = 0; i < chunks_of(document, chunk); ++i) {
          const Window window = chunk_window(document, i, chunk, context);
          EXPECT_EQ(window.first_target(), next);
          EXPECT_GE(window.scored(), 1);
          EXPECT_LE(window.scored(), chunk);
          EXPECT_GE(window.start, document.first);
          EXPECT_EQ(window.length, std::min(window.start + window.length - document.first, context));
          next += window.scored();
        }
        EXPECT_EQ(next, document.first + document.predictions());
      }
    }
  }
}

TEST(DocumentPlan, TheGroupOfTheLongestComesFirst) {
  const std::vector<Document> documents = {{0, 5}, {4, 9}, {12, 5}, {16, 3}, {18, 7}};
  DocumentPlanConfig config{.batch_documents = 2, .chunk_tokens = 4};
  std::vector<DocumentGroup> groups = group_documents(documents, config);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0], (DocumentGroup{.sorted_index = 2, .chunk = 4, .documents = {1}}));
  EXPECT_EQ(groups[1], (DocumentGroup{.sorted_index = 1, .chunk = 4, .documents = {2, 4}}));
  EXPECT_EQ(groups[2], (DocumentGroup{.sorted_index = 0, .chunk = 4, .documents = {3, 0}}));
  config.chunk_by_length = {{.max_length = 5, .chunk = 1}, {.max_length = 7, .chunk = 2}};
  groups = group_documents(documents, config);
  EXPECT_EQ(groups[0].chunk, 4);
  EXPECT_EQ(groups[1].chunk, 2);
  EXPECT_EQ(groups[2].chunk, 1);
}

TEST(DocumentSchedule, EveryChunkOfEveryDocumentIsPassedOnceWhateverThePartsAndProcesses) {
  std::vector<uint16_t> stream;
  for (int64_t document = 0; document < 45; ++document) {
    stream.push_back(kBos);
    stream.resize(stream.size() + static_cast<size_t>(3 + document * 17 % 40), 7);
  }
  const DocumentPlanConfig config{.batch_documents = 20, .chunk_tokens = 4, .context = 12};
  const DocumentSchedule schedule(stream, kBos, config);
  for (const int64_t part_tokens : {1, 50, 1000}) {
    std::vector<int> scored(stream.size() - 1);
    int64_t windows = 0, largest = 0;
    for (int64_t i = 0; i < schedule.chunks(); ++i) {
      const DocumentSchedule::Chunk& chunk = schedule.chunk(i);
      const int64_t places = schedule.places(chunk.group);
      bool any_has_more = false;
      for (const DocumentPart& part : schedule.parts(chunk, part_tokens)) {
        any_has_more |= part.has_more;
        largest = std::max(largest, part.size());
        EXPECT_TRUE(part.size() == 1 || part.size() * part.windows[0].length <= part_tokens);
        for (int64_t processes = 1; processes <= 8; ++processes) {
          for (int64_t row = 0; row < part.size(); ++row) {
            EXPECT_EQ(DocumentSchedule::owner(places, part.first_place + row, processes),
                      DocumentSchedule::owner(places, part.first_place, processes));
          }
        }
        for (const Window& window : part.windows) {
          EXPECT_EQ(window.length, part.windows[0].length);
          EXPECT_EQ(window.score_from, part.windows[0].score_from);
          for (int64_t t = 0; t < window.scored(); ++t)
            ++scored[static_cast<size_t>(window.first_target() + t)];
          ++windows;
        }
      }
      EXPECT_EQ(any_has_more, !chunk.is_last);
    }
    EXPECT_EQ(std::count(scored.begin(), scored.end(), 1), static_cast<int64_t>(scored.size()));
    EXPECT_EQ(windows, schedule.windows());
    EXPECT_EQ(largest, part_tokens == 1 ? 1 : 3);  // 20 places in 8 blocks
  }
  EXPECT_EQ(schedule.coverage(static_cast<int64_t>(stream.size()) - 1).scored,
            static_cast<int64_t>(stream.size()) - 1);
}

TEST(PhasePlan, TakesTheShortestOfTheFinishedDocuments) {
  const std::vector<uint16_t> stream = {kBos, 10, 11, 12, kBos, 20, kBos, 30, 31, kBos};
  const std::vector<Document> documents = find_documents(stream, kBos);
  const std::vector<DocumentGroup> groups =
      group_documents(documents, {.batch_documents = 2, .chunk_tokens = 4});
  const PhaseText one = phase_text(stream, documents, std::span(groups).first(1), 1);
  EXPECT_EQ(one.tokens, (std::vector<uint16_t>{kBos, 10, 11, 12, kBos}));
  EXPECT_EQ(one.target_of, (std::vector<int64_t>{-1, 0, 1, 2, 3}));
  const PhaseText two = phase_text(stream, documents, groups, 2);
  EXPECT_EQ(two.tokens, (std::vector<uint16_t>{kBos, 20, kBos, kBos, 30, 31, kBos}));
  EXPECT_EQ(two.target_of, (std::vector<int64_t>{-1, 4, 5, -1, 6, 7, 8}));
}

TEST(PhasePlan, LeavesTheLastChunkAndPartsOfRowsOut) {
  const PhaseAdaptConfig config{
      .documents = 1, .phases = 1, .chunk_tokens = 10, .epochs = 2, .lr = 1, .batch_seqs = 2};
  EXPECT_TRUE(phase_steps(10, 3, config).empty());
  EXPECT_TRUE(phase_steps(21, 11, config).empty());
  const std::vector<PhaseStep> steps = phase_steps(21, 3, config);  // chunks of 10, 10, 1: three rows each
  ASSERT_EQ(steps.size(), 8U);
  EXPECT_EQ(steps[0], (PhaseStep{.chunk = 0, .first = 0, .length = 6, .lr = 1}));
  EXPECT_EQ(steps[1], (PhaseStep{.chunk = 0, .first = 6, .length = 3, .lr = 1}));
  EXPECT_EQ(steps[2], steps[0]);
  EXPECT_EQ(steps[5].first, 16);
  EXPECT_NEAR(steps[5].lr, 0.5, 1e-12);
  PhaseText text{.tokens = std::vector<uint16_t>(22), .target_of = std::vector<int64_t>(22)};
  for (size_t i = 0; i < 22; ++i) text.target_of[i] = i == 5 ? -1 : static_cast<int64_t>(i) + 100;
  EXPECT_EQ(targets_of(text, steps), (std::vector<ScoreSegment>{{101, 4}, {106, 4}, {111, 9}}));
}

// data/pr2135: ttt_chunks.json
TEST(DocumentPlanReference, WindowsAreThoseOfPr2135AndPr2014) {
  GOLF_NEED_REFERENCE_DATA();
  const Json golden = read_json_file(reference_data() + "/pr2135/ttt_chunks.json");
  int64_t compared = 0;
  const auto expect_window = [&](int64_t predictions, int64_t index, int64_t chunk, int64_t context,
                                 const Json& expected) {
    const Window window = chunk_window({0, predictions + 1}, index, chunk, context);
    const std::vector<int64_t> found = {window.start, window.length, window.score_from, window.scored()};
    for (size_t i = 0; i < 4; ++i) EXPECT_EQ(found[i], expected.as_array()[i].as_int()) << predictions;
    ++compared;
  };
  const auto expect_cases = [&](const Json& cases, int64_t chunk, int64_t context) {
    for (const Json& row : cases.as_array()) {
      const int64_t predictions = row.at("P").as_int();
      const int64_t count = chunks_of({0, predictions + 1}, chunk);
      if (const Json* chunks = row.find("chunks")) {
        EXPECT_EQ(count, chunks->as_int());
      }
      const auto expect_all = [&](const char* key, bool from_end) {
        const Json* windows = row.find(key);
        if (windows == nullptr) return;
        const auto size = static_cast<int64_t>(windows->as_array().size());
        for (int64_t i = 0; i < size; ++i) {
          expect_window(predictions, from_end ? count - size + i : i, chunk, context,
                        windows->as_array()[static_cast<size_t>(i)]);
        }
      };
      expect_all("windows", false);
      expect_all("first2", false);
      expect_all("last3", true);
    }
  };
  const Json& run = golden.at("settings_2135");
  expect_cases(run.at("cases"), run.at("chunk").as_int(), run.at("eval_len").as_int());
  const Json& tiny = golden.at("tiny");
  expect_cases(tiny.at("cases"), tiny.at("chunk").as_int(), tiny.at("eval_len").as_int());
  expect_cases(golden.at("short_chunks_8_eval384"), 8, 384);
  EXPECT_GT(compared, 60);
  const DocumentPlanConfig config = low_rank_preset("pr2014").documents;
  for (const auto& [length, chunk] : golden.at("settings_2014").at("chunk_by_length").as_object()) {
    const std::vector<Document> documents = {{0, std::stoll(length)}};
    EXPECT_EQ(group_documents(documents, config)[0].chunk, chunk.as_int()) << length;
  }
}

}  // namespace
}  // namespace golf::test
