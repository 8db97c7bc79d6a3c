// Losses and bits a byte: submission.json against the logs, and both against what the tokenizers make
// possible.
#include <array>
#include <cmath>
#include <filesystem>
#include <span>

#include "submission/check_tools.h"

namespace golf {
namespace {

/// A number of submission.json that is there, with its field.
struct Claim {
  const FoundField* field = nullptr;
  double value = 0;
};
std::optional<Claim> claim_of(const Submission& submission, std::string_view name) {
  const FoundField* field = submission.record == nullptr ? nullptr : submission.record->find(name);
  const auto value = field == nullptr ? std::nullopt : field->number();
  return value && *value > 0 && std::isfinite(*value) ? std::optional(Claim{field, *value}) : std::nullopt;
}

/// The mean of what submission.json gives for each seed is a source of its own.
bool is_mean_of_seeds(const Submission& submission, double claim, ScoreMember member) {
  double sum = 0;
  int count = 0;
  for (const SeedClaim& seed : submission.record->seeds()) {
    const auto value = member == ScoreMember::kLoss ? seed.loss : seed.bpb;
    if (value) sum += *value, ++count;
  }
  return count > 0 && std::abs(sum / count - claim) <= rounding_of(claim) + 1e-5;
}

/// A loss that stands where the bits a byte should, or the other way about.
bool holds_bpb(const Submission& submission, const Claim& loss) {
  const auto bpb = claim_of(submission, "val_bpb");
  if (bpb && std::abs(bpb->value - loss.value) <= rounding_of(loss.value)) return true;
  return matches(score_values(submission, ScoreMember::kBpb), loss.value) &&
         !matches(score_values(submission, ScoreMember::kLoss), loss.value);
}

void not_in_logs(const CheckContext& context, CheckReport& report, std::string_view name,
                 ScoreMember member) {
  const Submission& submission = context.submission;
  const auto claim = claim_of(submission, name);
  const std::vector<ScoreValue> values = score_values(submission, member);
  if (!claim || values.empty() || matches(values, claim->value)) return;
  if (is_mean_of_seeds(submission, claim->value, member)) return;
  if (member == ScoreMember::kLoss && holds_bpb(submission, *claim)) return;
  std::string last;
  for (const SubmissionLog& log : submission.logs) {
    const LoggedScore* result = log.result();
    if (result == nullptr || (member == ScoreMember::kLoss && !result->loss)) continue;
    last = fmt::format("; the last result of {} is {}", log.file,
                       Json(member == ScoreMember::kLoss ? *result->loss : result->bpb).dump());
    break;
  }
  report.add(fmt::format("{} {} is in no log, nor the mean of several{}", claim->field->key,
                         claim->field->value->dump(), last),
             submission.record->file(), claim->field->line);
}

void bpb_not_in_logs(const CheckContext& context, CheckReport& report) {
  not_in_logs(context, report, "val_bpb", ScoreMember::kBpb);
}
void loss_not_in_logs(const CheckContext& context, CheckReport& report) {
  not_in_logs(context, report, "val_loss", ScoreMember::kLoss);
}

void seed_score_differs(const CheckContext& context, CheckReport& report) {
  const Submission& submission = context.submission;
  if (submission.record == nullptr) return;
  for (const SeedClaim& seed : submission.record->seeds()) {
    if (!seed.bpb) continue;
    const LoggedScore* last = nullptr;
    bool found = false;
    std::string file;
    for (const SubmissionLog* log : logs_of_seed(submission, seed.seed)) {
      for (const LoggedScore& score : log->scores) {
        const double tolerance =
            rounding_of(*seed.bpb) + 0.51 * std::pow(10.0, -static_cast<double>(score.bpb_decimals));
        found |= std::abs(score.bpb - *seed.bpb) <= tolerance;
        last = &score;
        file = log->file;
      }
    }
    if (last == nullptr || found) continue;
    report.add(fmt::format("seed {} has val_bpb {} here; {} ends with {}", seed.seed, Json(*seed.bpb).dump(),
                           file, Json(last->bpb).dump()),
               submission.record->file(), seed.line);
  }
}

/// Whether a log shows the ratio itself: then loss and bits belong together, whatever the tokenizer is.
bool is_logged_ratio(const Submission& submission, double ratio) {
  for (const SubmissionLog& log : submission.logs) {
    for (const LoggedScore& score : log.scores) {
      if (score.loss && score.bpb > 0 &&
          std::abs(bytes_per_token(*score.loss, score.bpb) / ratio - 1) < 0.003) {
        return true;
      }
    }
  }
  return false;
}

void loss_bpb_ratio(const CheckContext& context, CheckReport& report) {
  const Submission& submission = context.submission;
  const auto bpb = claim_of(submission, "val_bpb"), loss = claim_of(submission, "val_loss");
  if (!bpb || !loss || holds_bpb(submission, *loss)) return;
  const double ratio = bytes_per_token(loss->value, bpb->value);
  if (is_known_ratio(ratio, context.known) || is_logged_ratio(submission, ratio)) return;
  report.add(
      fmt::format(
          "{} {} and {} {} make {:.3f} bytes a token, which neither a log nor a published tokenizer has",
          loss->field->key, loss->field->value->dump(), bpb->field->key, bpb->field->value->dump(), ratio),
      submission.record->file(), loss->field->line);
}

void unknown_ratio(const CheckContext& context, CheckReport& report) {
  for (const SubmissionLog& log : context.submission.logs) {
    const LoggedScore* result = log.result();
    if (result == nullptr || !result->loss || result->bpb <= 0 || *result->loss <= 0) continue;
    const double ratio = bytes_per_token(*result->loss, result->bpb);
    if (is_known_ratio(ratio, context.known)) continue;
    report.add(
        fmt::format("{:.4f} bytes a token: no published tokenizer has that on the validation text", ratio),
        log.file, result->line);
    return;  // the other seeds are the same
  }
}

void ratio_of_other_tokenizer(const CheckContext& context, CheckReport& report) {
  for (const SubmissionLog& log : context.submission.logs) {
    const LoggedScore* result = log.result();
    if (result == nullptr || !result->loss || result->bpb <= 0 || *result->loss <= 0 || !log.tokenizer)
      continue;
    const double ratio = bytes_per_token(*result->loss, result->bpb);
    const KnownText* named = nullptr;
    bool fits = false;
    for (const KnownText& text : context.known.texts) {
      if (log.tokenizer->value.find(fmt::format("_{}_bpe", text.pieces)) == std::string::npos) continue;
      named = &text;
      fits |= std::abs(ratio / text.bytes_per_token - 1) < 0.005;
    }
    if (named == nullptr || fits) continue;
    report.add(fmt::format("{:.4f} bytes a token; with {} pieces the validation text has {}", ratio,
                           named->pieces, named->bytes_per_token),
               log.file, result->line);
    return;
  }
}

/// "1.0828" of "2026-04-06_SP8192_QK5_LegalTTT_1.0828".
std::optional<double> score_in_name(const std::string& path) {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::canonical(path, error);
  const std::string name = error ? path : whole.filename().string();
  const size_t at = name.rfind('_');
  if (at == std::string::npos) return std::nullopt;
  const std::string digits = name.substr(at + 1);
  if (digits.size() < 5 || digits.size() > 10 || digits[1] != '.' ||
      digits.find_first_not_of("0123456789.") != std::string::npos ||
      digits.find('.', 2) != std::string::npos) {
    return std::nullopt;
  }
  return std::stod(digits);
}

void name_score_differs(const CheckContext& context, CheckReport& report) {
  const Submission& submission = context.submission;
  const auto name = score_in_name(submission.folder.path);
  const auto bpb = claim_of(submission, "val_bpb");
  if (!name || !bpb || std::abs(*name - bpb->value) <= rounding_of(*name) + rounding_of(bpb->value)) return;
  report.add(fmt::format("the folder's name says {}, {} says {}", Json(*name).dump(), bpb->field->key,
                         bpb->field->value->dump()),
             submission.record->file(), bpb->field->line);
}

void claim_of_unpacked(const CheckContext& context, CheckReport& report) {
  const Submission& submission = context.submission;
  const auto claim = claim_of(submission, "val_bpb");
  if (!claim) return;
  std::vector<ScoreValue> packed, unpacked;
  for (const ScoreValue& value : score_values(submission, ScoreMember::kBpb)) {
    (value.kind == LoggedScore::Kind::kResult ? packed : unpacked).push_back(value);
  }
  if (packed.empty() || matches(packed, claim->value) || !matches(unpacked, claim->value)) return;
  if (is_mean_of_seeds(submission, claim->value, ScoreMember::kBpb)) return;
  report.add(fmt::format("{} {} is a score of the weights before they were packed", claim->field->key,
                         claim->field->value->dump()),
             submission.record->file(), claim->field->line);
}

void loss_is_bpb(const CheckContext& context, CheckReport& report) {
  const auto loss = claim_of(context.submission, "val_loss");
  if (!loss || !holds_bpb(context.submission, *loss)) return;
  report.add(fmt::format("{} {} is in bits a byte, not in nats a token", loss->field->key,
                         loss->field->value->dump()),
             context.submission.record->file(), loss->field->line);
}

const std::array kChecks = {
    CheckRow{"PG201", "bpb-not-in-logs", Severity::kWarning,
             "val_bpb of submission.json is in no log, nor the mean of the seeds.",
             "Ship the logs of the runs that gave the score, or correct it.", bpb_not_in_logs},
    CheckRow{"PG202", "loss-not-in-logs", Severity::kWarning,
             "val_loss of submission.json is in no log, nor the mean of the seeds.",
             "Ship the logs of the runs that gave the loss, or correct it.", loss_not_in_logs},
    CheckRow{"PG203", "seed-score-differs", Severity::kWarning,
             "A seed's val_bpb in submission.json is not in that seed's log.",
             "Correct the number, or ship the log of that run.", seed_score_differs},
    CheckRow{"PG204", "loss-bpb-ratio", Severity::kWarning,
             "val_loss and val_bpb cannot both be true of one evaluation: their ratio is the tokenizer's "
             "bytes a token.",
             "Take both from one line of one log, or both as means over the same seeds.", loss_bpb_ratio},
    CheckRow{"PG205", "unknown-bytes-per-token", Severity::kInfo,
             "A log's loss and bits a byte make a ratio that no published tokenizer has.",
             "Prove the byte count: golf-eval audit, with the tokenizer and the shards.", unknown_ratio},
    CheckRow{"PG206", "other-tokenizer-ratio", Severity::kWarning,
             "A log's loss and bits a byte do not fit the tokenizer that it names.",
             "Count the bytes of the validation text again: golf-eval audit.", ratio_of_other_tokenizer},
    CheckRow{"PG207", "name-score-differs", Severity::kInfo,
             "The folder's name ends in another score than val_bpb.",
             "Rename the folder, or correct val_bpb.", name_score_differs},
    CheckRow{"PG208", "score-before-packing", Severity::kWarning,
             "val_bpb is a score of the weights before they were packed.",
             "Give the score of the packed model.", claim_of_unpacked},
    CheckRow{"PG209", "loss-is-bpb", Severity::kWarning, "val_loss holds bits a byte.",
             "Give val_bpb under its own name, and val_loss in nats a token.", loss_is_bpb},
};

}  // namespace

std::span<const CheckRow> score_checks() { return kChecks; }

}  // namespace golf
