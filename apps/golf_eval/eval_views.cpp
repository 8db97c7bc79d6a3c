#include "golf_eval/eval_views.h"

#include <fmt/format.h>

#include "golf/artifact/base/file.h"

namespace golf {
namespace {

std::string mode_text(const EvalResult& result) {
  if (!result.adaptation.is_null()) return result.adaptation.at("plan").as_string();
  const EvalSettings& settings = result.settings;
  if (settings.mode == EvalMode::kStandard) {
    return fmt::format("{} {}", mode_name(settings.mode), settings.seq_len);
  }
  if (settings.mode == EvalMode::kDocuments || settings.mode == EvalMode::kStreaming) {
    return fmt::format("{} {}x{}", mode_name(settings.mode), settings.pack_seqs, settings.seq_len);
  }
  return fmt::format("{} {}/{} {}", mode_name(settings.mode), settings.seq_len, settings.stride,
                     settings.policy.name);
}

}  // namespace

std::string identity_text(const EvalData& data) {
  const bool training = data.identity.kind == TextIdentity::Kind::kTraining;
  return fmt::format("text: {}{}\n", data.identity.text(), training ? ": this is no validation score" : "");
}

std::string data_text(const EvalData& data, const Style& style) {
  std::string text;
  for (const TokenizedText::Shard& shard : data.text.shards) {
    text += fmt::format("{}, {} tokens\n", to_text(shard.file, style), with_separators(shard.tokens));
    if (shard.sidecar) text += fmt::format("{}, its byte sidecar\n", to_text(*shard.sidecar, style));
  }
  const std::string& name = data.identity.tokenizer;
  return text + fmt::format("{}, {} pieces{}\n", to_text(data.tokenizer.file, style),
                            with_separators(data.tokenizer.pieces()), name.empty() ? "" : ": " + name);
}

ResultTable::ResultTable()
    : table_({{"val_bpb", Align::kRight, Fit::kWhole, 0, /*bold=*/true},
              {"val_loss"},
              {"mode", Align::kLeft},
              {"weights", Align::kLeft},
              {"scores", Align::kLeft},
              {"tokens", Align::kRight, Fit::kWhole, 1},
              {"bytes", Align::kRight, Fit::kWhole, 2},
              {"windows", Align::kRight, Fit::kWhole, 5},
              {"seconds", Align::kRight, Fit::kWhole, 3},
              {"tokens/s", Align::kRight, Fit::kWhole, 4},
              {"legality", Align::kLeft, Fit::kWrap}}) {}

void ResultTable::add(const std::string& weights, const EvalResult& result) {
  const bool timed = result.seconds > 0;
  for (const ScoreStage& stage : result.stages) {
    const bool adjusted = &stage != &result.stages.front();
    table_.add({fmt::format("{:.4f}", stage.val_bpb), fmt::format("{:.4f}", stage.val_loss),
                mode_text(result), weights, (adjusted ? "+ " : "") + stage.name,
                with_separators(result.tokens), with_separators(result.bytes),
                with_separators(result.windows), timed ? fmt::format("{:.1f}", result.seconds) : "-",
                timed ? fmt::format("{:.0f}", result.tokens_per_second) : "-", stage.legality});
  }
}

std::string coverage_text(const EvalResult& result) {
  const Coverage& coverage = result.coverage;
  std::string text = fmt::format("{}: not scored: the first token", mode_name(result));
  if (coverage.unscored_head > 0)
    text += fmt::format(", the next {}", with_separators(coverage.unscored_head));
  if (coverage.unscored_others > 0)
    text += fmt::format(", {} at the end", with_separators(coverage.unscored_others));
  if (result.dropped_tail > 0)
    text += fmt::format(", {} beyond the last sequence", with_separators(result.dropped_tail));
  if (coverage.repeated > 0) text += fmt::format("; scored again: {}", with_separators(coverage.repeated));
  return text + "\n";
}

std::string normalization_text(const EvalResult& result) {
  std::string text;
  for (const ScoreStage& stage : result.stages) {
    if (!stage.normalization) continue;
    const NormalizationReport& sums = *stage.normalization;
    text += fmt::format(
        "{}: {} sums over the vocabulary at {} positions: mean {:.6f}, min {:.6f}, max {:.6f}, |sum - 1| at "
        "most {:.1e}\n",
        mode_name(result), stage.name, with_separators(sums.positions), sums.mean, sums.min, sums.max,
        sums.max_deviation);
  }
  return text;
}

std::string adapt_audit_text(const Json& audit) {
  std::string text;
  for (const Json& check : audit.at("checks").as_array()) {
    const int64_t violations = check.at("violations").as_int();
    text += fmt::format("{}: {}\n", check.at("id").as_string(),
                        violations == 0 ? "holds: " + check.at("meaning").as_string()
                                        : fmt::format("VIOLATED {} times", with_separators(violations)));
    for (const Json& example : check.at("examples").as_array()) {
      text += fmt::format("  {}\n", printable(example.as_string()));
    }
  }
  for (const Json& finding : audit.at("findings").as_array()) {
    text += fmt::format("finding {}: {}\n", finding.at("id").as_string(),
                        printable(finding.at("text").as_string(), 400));
  }
  return text;
}

std::string adaptation_text(const EvalResult& result) {
  const Json& facts = result.adaptation;
  if (facts.is_null()) return "";
  return fmt::format("adaptation: {} chunks, {} updates; what the receipt proves:\n{}",
                     with_separators(facts.at("chunks").as_int()),
                     with_separators(facts.at("updates").as_int()), adapt_audit_text(facts.at("audit")));
}

std::string byte_count_text(const ByteCountCheck& check) {
  std::string verdict = "NOT EQUAL";
  if (check.agrees()) {
    verdict = check.counted_bytes == check.text_bytes
                  ? "equal"
                  : fmt::format("{:+} bytes, as normalization and whitespace make",
                                check.counted_bytes - check.text_bytes);
  }
  const bool one = check.documents == 1;
  std::string text = fmt::format(
      "byte-count check: the {} {}, {} document{} {} {}: {}",
      check.counted_by == ByteSource::kSidecar ? "byte sidecar counts" : "tokenizer's pieces count",
      with_separators(check.counted_bytes), with_separators(check.documents), one ? "" : "s",
      check.against_file ? (one ? "of the text has" : "of the text have")
                         : (one ? "decodes to" : "decode to"),
      with_separators(check.text_bytes), verdict);
  if (const auto& difference = check.first_difference; difference && !check.agrees()) {
    text += fmt::format(", first at target {} (document {}, piece \"{}\")", difference->target,
                        difference->document, printable(difference->piece));
  }
  return text + "\n";
}

ExitCode print_results(const std::string& output, bool json_wanted, const Json& json, const std::string& text,
                       const ByteCountCheck& check, Console& console) {
  const std::string document = json.dump(2) + "\n";
  if (!output.empty() && output != "-") write_file_atomic(output, as_bytes(document));
  if (output == "-" || json_wanted) print_stdout(document);
  if (!json_wanted) console.report(text);
  if (check.agrees()) return ExitCode::kDone;
  std::string reason = byte_count_text(check);
  reason.pop_back();
  console.refuse(reason);
  return ExitCode::kCheckFailed;
}

ExitCode refuse_uncountable(const EvalData& data, const std::string& reason, Console& console) {
  console.refuse(fmt::format("{}: {}", display_name(data.source), reason));
  return ExitCode::kCheckFailed;
}

}  // namespace golf
