#include "golf/artifact/submission/submission_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/checksum.h"
#include "submission/text_lines.h"

namespace golf {
namespace {

constexpr size_t kMostScores = 4096;  // of one log: a hostile one does not fill the memory
constexpr size_t kMostSettings = 1024;
constexpr size_t kMostLabel = 120;

/// A line with what stands before it taken away: a time stamp in seconds or in brackets, which tools that
/// collect output put there.
std::string_view without_stamp(std::string_view line) {
  line = trimmed(line);
  if (line.starts_with('[')) {
    const size_t end = line.find("] ");
    if (end != std::string_view::npos && end < 40) return trimmed(line.substr(end + 2));
  }
  const size_t space = line.find(' ');
  if (space == std::string_view::npos || space < 10 || space > 30) return line;
  const std::string_view stamp = line.substr(0, space);
  if (stamp.find_first_not_of("0123456789.:-TZ") == std::string_view::npos)
    return trimmed(line.substr(space));
  return line;
}

/// "step:100/20000 …" or "100/20000 …": the step's number.
std::optional<int64_t> step_of(std::string_view line) {
  if (line.starts_with("step:")) line.remove_prefix(5);
  int64_t step = 0;
  size_t digits = 0;
  while (digits < line.size() && digits < 12 && line[digits] >= '0' && line[digits] <= '9') {
    step = step * 10 + (line[digits++] - '0');
  }
  const bool is_step = digits > 0 && digits + 1 < line.size() && line[digits] == '/' &&
                       line[digits + 1] >= '0' && line[digits + 1] <= '9';
  return is_step ? std::optional(step) : std::nullopt;
}

void take_step(std::string_view line, int64_t number, SubmissionLog& log) {
  std::optional<int64_t> step = step_of(line);
  if (!step && line.starts_with("stopping_early")) step = integer_after(line, "step");
  if (!step) return;
  if (line.find("train_loss") == std::string_view::npos &&
      line.find("train_time") == std::string_view::npos && line.find("val_loss") == std::string_view::npos) {
    return;
  }
  log.last_step = {*step, number};
  if (const auto loss = number_after(line, "train_loss"); loss && !std::isfinite(loss->value)) {
    if (!log.not_finite) log.not_finite = {std::string(loss->digits), number};
  }
  if (const auto time = milliseconds_after(line, "train_time", "ms"); time && std::isfinite(*time)) {
    log.train_ms = {*time, number};
    TimedStep timed{.step = *step, .train_ms = *time, .line = number};
    if (const auto mean = milliseconds_after(line, "step_avg", "ms")) timed.step_ms = *mean;
    if (const auto rate = number_after(line, "tok/s")) timed.tokens_per_second = rate->value;
    const NumberAfter written = *number_after(line, "train_time");
    if (written.rest.starts_with("m") && !written.rest.starts_with("ms")) timed.train_ms_unit = 6000;
    if ((timed.step_ms > 0 || timed.tokens_per_second > 0) && *step > 0) log.timed = timed;
  }
}

int decimals_of(std::string_view digits) {
  const size_t point = digits.find('.');
  if (point == std::string_view::npos || digits.find('e') != std::string_view::npos) return 0;
  return static_cast<int>(std::min<size_t>(digits.size() - point - 1, 15));
}

LoggedScore::Kind score_kind(std::string_view line) {
  if (step_of(line)) return LoggedScore::Kind::kValidation;
  constexpr std::array<std::string_view, 7> kUnpacked = {"pre-quant", "pre_quant", "prequant",  "post_ema",
                                                         "post-ema",  "pre_ema",   "DIAGNOSTIC"};
  const bool unpacked = std::any_of(kUnpacked.begin(), kUnpacked.end(), [&](std::string_view mark) {
    return line.find(mark) != std::string_view::npos;
  });
  return unpacked ? LoggedScore::Kind::kUnpacked : LoggedScore::Kind::kResult;
}

void take_score(std::string_view line, int64_t number, SubmissionLog& log) {
  const auto bpb = number_after(line, "val_bpb");
  if (!bpb || log.scores.size() == kMostScores) return;
  const auto loss = number_after(line, "val_loss");
  if (!std::isfinite(bpb->value) || (loss && !std::isfinite(loss->value))) {
    if (!log.not_finite) log.not_finite = {"val_bpb " + std::string(bpb->digits), number};
    return;
  }
  const size_t start = std::min(line.find("val_loss"), line.find("val_bpb"));
  LoggedScore score{.kind = score_kind(line), .bpb = bpb->value, .line = number};
  score.bpb_decimals = decimals_of(bpb->digits);
  score.label = std::string(trimmed(line.substr(0, std::min(start, kMostLabel))));
  if (loss) {
    score.loss = loss->value;
    score.loss_decimals = decimals_of(loss->digits);
  }
  if (const auto time = milliseconds_after(line, "eval_time", "ms"); time && std::isfinite(*time)) {
    score.eval_ms = *time;
  }
  log.scores.push_back(std::move(score));
}

/// How a line that gives a size begins; what follows up to the colon is its label. The longer form stands
/// first.
struct SizeForm {
  std::string_view start;
  LoggedSize::Kind kind;
};
constexpr std::array kSizeForms = {
    SizeForm{"Serialized model", LoggedSize::Kind::kModel},
    SizeForm{"serialized_model", LoggedSize::Kind::kModel},
    SizeForm{"Total submission size", LoggedSize::Kind::kTotal},
    SizeForm{"Total submission", LoggedSize::Kind::kTotal},
    SizeForm{"total_submission_size", LoggedSize::Kind::kTotal},
    SizeForm{"Code size", LoggedSize::Kind::kCode},
};

void take_size(std::string_view line, int64_t number, SubmissionLog& log) {
  if (log.sizes.size() == kMostScores) return;
  for (const SizeForm& form : kSizeForms) {
    if (!line.starts_with(form.start)) continue;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon > kMostLabel) return;
    std::string_view label = trimmed(line.substr(form.start.size(), colon - form.start.size()));
    if (label.starts_with('(') && label.ends_with(')')) label = label.substr(1, label.size() - 2);
    if (label.starts_with('_')) label.remove_prefix(1);
    const auto bytes = integer_after(line, line.substr(0, colon));
    if (bytes) log.sizes.push_back({form.kind, std::string(label), *bytes, number});
    return;
  }
  // Beside other figures; where "total" stands on the line, too, artifact_bytes is the model alone.
  for (const std::string_view key : {"total_artifact_bytes", "artifact_bytes"}) {
    const auto bytes = integer_after(line, key);
    if (!bytes || (key == "artifact_bytes" && integer_after(line, "total"))) continue;
    log.sizes.push_back({LoggedSize::Kind::kTotal, "artifact", *bytes, number});
    return;
  }
}

void take_rounded_size(std::string_view line, int64_t number, SubmissionLog& log) {
  if (!line.starts_with("artifact:")) return;
  const size_t unit = line.find("MB"), binary_unit = line.find("MiB");
  if (unit == std::string_view::npos && binary_unit == std::string_view::npos) return;
  RoundedSize size{.written = "MB", .line = number};
  if (const auto megabytes = number_after(line, "artifact"); megabytes && std::isfinite(megabytes->value)) {
    const std::string_view rest = trimmed(megabytes->rest);
    // Who writes MB may mean either: what counts is what both are.
    const double bytes = rest.starts_with("MiB") ? 1'048'576.0 : rest.starts_with("MB") ? 1e6 : 0.0;
    size.least_bytes = (megabytes->value - std::pow(10.0, -decimals_of(megabytes->digits)) / 2) * bytes;
    if (bytes > 0) size.written = fmt::format("{}{}", megabytes->digits, rest.substr(0, rest.find('B') + 1));
  }
  log.rounded_total = std::move(size);
}

void take_gpu(std::string_view line, int64_t number, SubmissionLog& log) {
  const size_t name = line.find("NVIDIA ");
  if (!line.starts_with('|') || name == std::string_view::npos || log.gpus.size() == kMostScores) return;
  const std::string_view before = trimmed(line.substr(1, name - 1));
  if (before.empty() || before.find_first_not_of("0123456789") != std::string_view::npos) return;
  const std::string_view rest = line.substr(name + 7);
  log.gpus.push_back({std::string(trimmed(rest.substr(0, rest.find("  ")))), number});
}

/// A number under one or several names. The first that a log gives counts, as it stands in its head.
struct FactForm {
  std::string_view key;
  std::optional<Logged<int64_t>> SubmissionLog::*member;
};
constexpr std::array kFacts = {
    FactForm{"seed", &SubmissionLog::seed},
    FactForm{"world_size", &SubmissionLog::world_size},
    FactForm{"model_params", &SubmissionLog::model_params},
    FactForm{"train_shards", &SubmissionLog::train_shards},
    FactForm{"val_tokens", &SubmissionLog::val_tokens},
    FactForm{"train_batch_tokens", &SubmissionLog::train_batch_tokens},
};

void take_facts(std::string_view line, int64_t number, SubmissionLog& log) {
  for (const FactForm& form : kFacts) {
    std::optional<Logged<int64_t>>& fact = log.*form.member;
    if (fact) continue;
    if (const auto value = integer_after(line, form.key)) fact = {*value, number};
  }
  if (!log.val_tokens && line.starts_with("val_loader")) {
    if (const auto tokens = integer_after(line, "tokens")) log.val_tokens = {*tokens, number};
  }
  if (!log.wallclock_seconds) {
    if (const auto cap = number_after(line, "max_wallclock_seconds"); cap && std::isfinite(cap->value)) {
      log.wallclock_seconds = {cap->value, number};
    }
  }
  if (!log.tokenizer) {
    const std::string_view path = word_after(line, "tokenizer_path");
    if (!path.empty()) log.tokenizer = {std::string(path.substr(0, 1024)), number};
  }
  if (const auto time = milliseconds_after(line, "total_eval_time", "s"); time && std::isfinite(*time)) {
    log.total_eval_ms = {*time, number};
  }
}

void add_setting(std::string_view key, std::string_view value, int64_t number, SubmissionLog& log) {
  if (log.settings.size() < kMostSettings && key.size() <= kMostLabel) {
    log.settings.emplace(key, Logged<std::string>{std::string(value.substr(0, 1024)), number});
  }
}

bool is_name(std::string_view text) {
  return !text.empty() && (text[0] < '0' || text[0] > '9') &&
         std::all_of(text.begin(), text.end(), is_word_character);
}

/// A line of nothing but name:value or name=value: upstream's way to show a configuration.
void take_settings(std::string_view line, int64_t number, SubmissionLog& log) {
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  while (!line.empty()) {
    const std::string_view word = line.substr(0, line.find(' '));
    const size_t mark = word.find_first_of(":=");
    if (mark == std::string_view::npos || mark + 1 == word.size() || !is_name(word.substr(0, mark))) return;
    pairs.emplace_back(word.substr(0, mark), word.substr(mark + 1));
    line = trimmed(line.substr(word.size()));
  }
  for (const auto& [key, value] : pairs) add_setting(key, value, number, log);
}

bool is_rule(std::string_view line) {
  line = trimmed(line);
  return line.size() >= 60 && line.find_first_not_of('=') == std::string_view::npos;
}

bool looks_like_python(std::string_view line) {
  return line.starts_with("import ") || line.starts_with("def ") || line.starts_with("class ") ||
         (line.starts_with("from ") && line.find(" import ") != std::string_view::npos);
}

/// Which lines are source code. Between two rules of '=', or the file's start and a rule, at least three
/// lines begin as Python statements do; the source goes from the first line that a script may begin with to
/// the rule.
std::vector<bool> find_source(const std::vector<std::string_view>& lines, SubmissionLog& log) {
  constexpr int kSigns = 3;
  std::vector<bool> is_source(lines.size(), false);
  for (size_t first = 0; first < lines.size();) {
    size_t end = first, start = lines.size();
    int signs = 0;
    for (; end < lines.size() && !is_rule(lines[end]); ++end) {
      const std::string_view line = lines[end];
      const bool statement = looks_like_python(line);
      signs += statement ? 1 : 0;
      if (statement || line.starts_with("\"\"\"") || line.starts_with("# ") || line.starts_with("#!")) {
        start = std::min(start, end);
      }
    }
    if (signs >= kSigns && end < lines.size()) {
      for (size_t i = start; i < end; ++i) is_source[i] = true;
      if (log.source_line == 0) {
        log.source_line = static_cast<int64_t>(start) + 1;
        for (size_t i = start; i < end; ++i) log.source.append(lines[i]).push_back('\n');
      }
    }
    first = end + 1;
  }
  return is_source;
}

}  // namespace

const LoggedSize* SubmissionLog::model() const {
  const LoggedSize* last = nullptr;
  for (const LoggedSize& size : sizes) {
    if (size.kind == LoggedSize::Kind::kModel && !size.label.empty()) last = &size;
  }
  return last;
}

const LoggedSize* SubmissionLog::total() const {
  // A total without a label may be of the model before it was packed: then it is that model and some code.
  constexpr int64_t kMostCode = 1'000'000;
  const auto is_unpacked = [&](const LoggedSize& total) {
    return std::any_of(sizes.begin(), sizes.end(), [&](const LoggedSize& size) {
      const int64_t rest = total.bytes - size.bytes;
      return size.kind == LoggedSize::Kind::kModel && size.label.empty() && rest >= 0 && rest < kMostCode;
    });
  };
  const LoggedSize* last = nullptr;
  for (const LoggedSize& size : sizes) {
    if (size.kind == LoggedSize::Kind::kTotal && (!size.label.empty() || !is_unpacked(size))) last = &size;
  }
  return last;
}

const LoggedScore* SubmissionLog::result() const {
  const LoggedScore* last = nullptr;
  for (const LoggedScore& score : scores) {
    if (score.kind == LoggedScore::Kind::kResult) last = &score;
  }
  return last;
}

SubmissionLog read_submission_log(std::string_view text, const std::string& file) {
  SubmissionLog log;
  log.file = file;
  log.sha256 = sha256_hex(as_bytes(text));
  const std::vector<std::string_view> lines = lines_of(text);
  const std::vector<bool> is_source = find_source(lines, log);
  bool in_block = false;  // of hyperparameters
  for (size_t i = 0; i < lines.size(); ++i) {
    if (is_source[i]) continue;
    const std::string_view line = without_stamp(lines[i]);
    const auto number = static_cast<int64_t>(i) + 1;
    if (in_block) {
      const size_t colon = line.find(": ");
      in_block = colon != std::string_view::npos && is_name(line.substr(0, colon));
      if (in_block) add_setting(line.substr(0, colon), line.substr(colon + 2), number, log);
    }
    if (line == "Hyperparameters:") in_block = true;
    if (!log.last_step && !in_block && !step_of(line)) take_settings(line, number, log);
    take_facts(line, number, log);
    take_step(line, number, log);
    take_score(line, number, log);
    take_size(line, number, log);
    take_gpu(line, number, log);
    take_rounded_size(line, number, log);
    log.has_final_line |= line.starts_with("final") && line.find("bpb") != std::string_view::npos;
  }
  return log;
}

}  // namespace golf
