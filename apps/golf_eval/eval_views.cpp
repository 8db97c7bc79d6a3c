#include "golf_eval/eval_views.h"

#include <fmt/format.h>

#include "golf/artifact/base/file.h"

namespace golf {
namespace {

std::string mode_text(const EvalSettings& settings) {
  if (settings.mode == EvalMode::kStandard) {
    return fmt::format("{} {}", mode_name(settings.mode), settings.seq_len);
  }
  return fmt::format("{} {}/{} {}", mode_name(settings.mode), settings.seq_len, settings.stride,
                     policy_name(settings.policy));
}

}  // namespace

Json data_json(const EvalData& data) {
  Json files = Json::array();
  for (const EvalData::Shard& shard : data.shards) {
    Json file = to_json(shard.file);
    file["tokens"] = shard.tokens;
    files.push_back(std::move(file));
  }
  return Json::object({{"tokens", static_cast<int64_t>(data.tokens.size())}, {"files", std::move(files)}});
}

Json tokenizer_json(const EvalData& data) {
  Json json = to_json(data.tokenizer);
  json["pieces"] = static_cast<int64_t>(data.vocab.pieces.size());
  return json;
}

std::string data_text(const EvalData& data) {
  std::string text;
  for (const EvalData::Shard& shard : data.shards) {
    text += fmt::format("{}, {} tokens\n", to_text(shard.file), with_separators(shard.tokens));
  }
  return text +
         fmt::format("{}, {} pieces\n", to_text(data.tokenizer), with_separators(data.vocab.pieces.size()));
}

ResultTable::ResultTable()
    : table_({{"mode", Align::kLeft},
              {"weights", Align::kLeft},
              {"scores", Align::kLeft},
              {"val_bpb"},
              {"val_loss"},
              {"tokens"},
              {"bytes"},
              {"windows"},
              {"seconds"},
              {"tokens/s"},
              {"legality", Align::kLeft}}) {}

void ResultTable::add(const std::string& weights, const EvalResult& result) {
  const bool timed = result.seconds > 0;
  for (const ScoreStage& stage : result.stages) {
    const bool adjusted = &stage != &result.stages.front();
    table_.add({mode_text(result.settings), weights, (adjusted ? "+ " : "") + stage.name,
                fmt::format("{:.4f}", stage.val_bpb), fmt::format("{:.4f}", stage.val_loss),
                with_separators(result.tokens), with_separators(result.bytes),
                with_separators(result.windows), timed ? fmt::format("{:.1f}", result.seconds) : "-",
                timed ? fmt::format("{:.0f}", result.tokens_per_second) : "-", stage.rule_status});
  }
}

std::string coverage_text(const EvalResult& result) {
  const Coverage& coverage = result.coverage;
  std::string text = fmt::format("{}: not scored: the first token", mode_name(result.settings.mode));
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
        mode_name(result.settings.mode), stage.name, with_separators(sums.positions), sums.mean, sums.min,
        sums.max, sums.max_deviation);
  }
  return text;
}

std::string byte_count_text(const ByteProof& proof) {
  std::string text = fmt::format("byte-count check: the tables count {}, the decoded text has {}{}",
                                 with_separators(proof.table_bytes), with_separators(proof.text_bytes),
                                 proof.agrees() ? ": equal" : ": NOT EQUAL");
  if (proof.first_difference) {
    text += fmt::format(", first at target {} (piece \"{}\")", *proof.first_difference,
                        printable(proof.differing_piece));
  }
  return text + "\n";
}

ExitCode print_results(const std::string& output, bool json_wanted, const Json& json, const std::string& text,
                       const ByteProof& proof, Console& console) {
  const std::string document = json.dump(2) + "\n";
  if (!output.empty() && output != "-") write_file_atomic(output, as_bytes(document));
  if (output == "-" || json_wanted) print_stdout(document);
  if (!json_wanted) console.result(text);
  if (proof.agrees()) return ExitCode::kDone;
  std::string reason = byte_count_text(proof);
  reason.pop_back();
  console.refuse(reason);
  return ExitCode::kCheckFailed;
}

}  // namespace golf
