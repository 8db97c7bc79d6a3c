#include "golf/train/curriculum/curriculum_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// The number that the whole text is. @return whether it is one
template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

SeqLenStage parse_stage(std::string_view text) {
  const size_t at = text.find('@');
  SeqLenStage stage;
  const bool parsed = at != std::string_view::npos &&
                      read_number(trimmed(text.substr(0, at)), stage.seq_len) &&
                      read_number(trimmed(text.substr(at + 1)), stage.until);
  require(
      parsed && stage.seq_len > 0 && stage.until > 0 && stage.until <= 1, "curriculum.seq_lens",
      fmt::format("\"{}\" is not LENGTH@SHARE with a length above 0 and a share above 0 and up to 1: give "
                  "for example 1024@0.1,2048@1",
                  printable(std::string(text))));
  return stage;
}

}  // namespace

void declare(OptionVisitor& visit, CurriculumConfig& config) {
  visit.field("recurrence_start", config.recurrence_start,
              {.meaning = "share of the run before a model's depth_recurrence is on; 1: never",
               .low = 0,
               .high = 1,
               .variables = {"ENABLE_LOOPING_AT"}});
  visit.field(
      "seq_lens", config.seq_lens,
      {.meaning = "growing data.seq_len: LENGTH@SHARE,…, each up to that share of the run; empty: none",
       .variables = {"TRAIN_SEQ_SCHEDULE"}});
  visit.field("rewarm_steps", config.rewarm_steps,
              {.meaning = "steps over which the rates rise again after the length changed",
               .low = 0,
               .high = kMostSteps,
               .variables = {"SEQ_CHANGE_WARMUP_STEPS"}});
  visit.field("skipped_batches", config.skipped_batches,
              {.meaning = "micro-batches of each rank passed over when the length changes (PR 2014: 2)",
               .low = 0,
               .high = 1 << 16});
}

std::vector<SeqLenStage> seq_len_stages(const CurriculumConfig& config, int64_t seq_len) {
  std::vector<SeqLenStage> stages;
  std::string_view left = config.seq_lens;
  while (!left.empty()) {
    const size_t end = std::min(left.find(','), left.size());
    const std::string_view part = trimmed(left.substr(0, end));
    if (!part.empty()) stages.push_back(parse_stage(part));
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  std::ranges::stable_sort(stages, {}, &SeqLenStage::until);
  if (stages.empty()) return {{.until = 1, .seq_len = seq_len}};
  if (stages.back().until < 1) stages.push_back({.until = 1, .seq_len = stages.back().seq_len});
  return stages;
}

void validate(const CurriculumConfig& config, int64_t seq_len) {
  const std::vector<SeqLenStage> stages = seq_len_stages(config, seq_len);
  const int64_t longest = std::ranges::max_element(stages, {}, &SeqLenStage::seq_len)->seq_len;
  require(longest == seq_len, "curriculum.seq_lens",
          fmt::format("the longest length is {}, data.seq_len is {}: make them the same", longest, seq_len));
}

}  // namespace golf
