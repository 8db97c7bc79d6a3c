// The data that a log names: training shards and validation tokens against published counts.
#include <algorithm>
#include <array>
#include <span>

#include "submission/check_tools.h"

namespace golf {
namespace {

/// Shards that the CaseOps script makes of the training text when --val-docs is left at 10,000: four fifths
/// of the validation documents are among them (parameter-golf PR 2127).
constexpr int64_t kShardsWithValidation = 1499;

/// Once a folder: all seeds have the same.
template <class Test, class Report>
void once(const Submission& submission, std::optional<Logged<int64_t>> SubmissionLog::*fact, const Test& test,
          const Report& report) {
  for (const SubmissionLog& log : submission.logs) {
    if (!(log.*fact) || !test(log)) continue;
    report(log, *(log.*fact));
    return;
  }
}

void validation_in_training(const CheckContext& context, CheckReport& report) {
  once(
      context.submission, &SubmissionLog::train_shards,
      [](const SubmissionLog& log) { return log.train_shards->value == kShardsWithValidation; },
      [&](const SubmissionLog& log, const Logged<int64_t>& shards) {
        report.add(fmt::format("train_shards is {}", shards.value), log.file, shards.line);
      });
}

void other_shards(const CheckContext& context, CheckReport& report) {
  constexpr std::array<int64_t, 6> kSeen = {80, 128, 143, 180, 195, kShardsWithValidation};
  once(
      context.submission, &SubmissionLog::train_shards,
      [&](const SubmissionLog& log) {
        // 0: a run that only evaluates.
        const int64_t shards = log.train_shards->value;
        return shards != 0 && std::find(kSeen.begin(), kSeen.end(), shards) == kSeen.end();
      },
      [&](const SubmissionLog& log, const Logged<int64_t>& shards) {
        report.add(fmt::format("train_shards is {}; published exports have 80 and more", shards.value),
                   log.file, shards.line);
      });
}

/// Pieces of the tokenizer by the log; 0: it does not say.
int64_t pieces_of(const SubmissionLog& log) {
  const auto setting = log.settings.find("vocab_size");
  if (setting != log.settings.end()) return std::atoll(setting->second.value.c_str());
  if (!log.tokenizer) return 0;
  constexpr std::array<int64_t, 3> kPieces = {1024, 4096, 8192};
  for (const int64_t pieces : kPieces) {
    if (log.tokenizer->value.find(fmt::format("_{}_bpe", pieces)) != std::string::npos) return pieces;
  }
  return 0;
}

struct Range {
  int64_t low = 0, high = 0;
};
/// Of the published counts for a tokenizer of so many pieces.
std::optional<Range> known_tokens(const KnownData& known, int64_t pieces) {
  std::optional<Range> range;
  for (const KnownText& text : known.texts) {
    if (text.role != "validation" || text.pieces != pieces || text.targets == 0) continue;
    range = range ? Range{std::min(range->low, text.targets), std::max(range->high, text.targets)}
                  : Range{text.targets, text.targets};
  }
  return range;
}

void cut_validation(const CheckContext& context, CheckReport& report) {
  once(
      context.submission, &SubmissionLog::val_tokens,
      [&](const SubmissionLog& log) {
        const auto range = known_tokens(context.known, pieces_of(log));
        return range && static_cast<double>(log.val_tokens->value) < 0.98 * static_cast<double>(range->low);
      },
      [&](const SubmissionLog& log, const Logged<int64_t>& tokens) {
        report.add(fmt::format("{} validation tokens; with {} pieces the split has {}", grouped(tokens.value),
                               pieces_of(log), grouped(known_tokens(context.known, pieces_of(log))->low)),
                   log.file, tokens.line);
      });
}

void other_validation(const CheckContext& context, CheckReport& report) {
  once(
      context.submission, &SubmissionLog::val_tokens,
      [&](const SubmissionLog& log) {
        const auto range = known_tokens(context.known, pieces_of(log));
        return range && static_cast<double>(log.val_tokens->value) > 1.01 * static_cast<double>(range->high);
      },
      [&](const SubmissionLog& log, const Logged<int64_t>& tokens) {
        report.add(fmt::format("{} validation tokens; with {} pieces the split has at most {}",
                               grouped(tokens.value), pieces_of(log),
                               grouped(known_tokens(context.known, pieces_of(log))->high)),
                   log.file, tokens.line);
      });
}

void preparation_default(const CheckContext& context, CheckReport& report) {
  constexpr size_t kCall = 4;  // lines of an add_argument()
  for (const SubmissionScript& script : context.submission.scripts) {
    for (size_t i = 0; i < script.lines.size(); ++i) {
      if (script.lines[i].find("--val-docs") == std::string::npos) continue;
      std::string call;
      for (size_t k = i; k < std::min(i + kCall, script.lines.size()); ++k) call += script.lines[k];
      call.erase(std::remove_if(call.begin(), call.end(), [](char c) { return c == ' ' || c == '_'; }),
                 call.end());
      const size_t at = call.find("default=10000");
      if (at == std::string::npos || call.substr(at + 13).starts_with('0')) continue;
      report.add("the default of --val-docs is 10,000; the validation split has 50,000 documents",
                 script.file, static_cast<int64_t>(i) + 1);
      break;
    }
  }
}

const std::array kChecks = {
    CheckRow{"PG701", "validation-in-training", Severity::kWarning,
             "The number of training shards is that of an export that holds 40,000 validation documents.",
             "Look for validation documents in the training shards; train again without them.",
             validation_in_training},
    CheckRow{"PG702", "other-train-shards", Severity::kInfo,
             "The number of training shards is that of no published export.",
             "Say in README.md which data it is.", other_shards},
    CheckRow{"PG703", "cut-validation", Severity::kWarning,
             "A log has fewer validation tokens than the tokenizer makes of the whole split.",
             "Evaluate the whole split.", cut_validation},
    CheckRow{"PG704", "other-validation", Severity::kWarning,
             "A log has more validation tokens than the tokenizer makes of the split.",
             "Evaluate the challenge's split, and prove the byte count.", other_validation},
    CheckRow{"PG705", "preparation-default", Severity::kWarning,
             "The script that prepares the data leaves 40,000 validation documents in the training shards by "
             "default.",
             "Set --val-docs to 50,000 and make the shards again.", preparation_default},
};

}  // namespace

std::span<const CheckRow> data_checks() { return kChecks; }

}  // namespace golf
