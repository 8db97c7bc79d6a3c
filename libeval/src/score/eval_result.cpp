#include "golf/score/eval_result.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "golf/artifact/base/error.h"

namespace golf {

namespace {

/// In the order of EvalMode.
constexpr std::array<std::string_view, 4> kModeNames = {"standard", "sliding", "documents", "streaming"};

}  // namespace

std::string_view mode_name(EvalMode mode) { return kModeNames[static_cast<size_t>(mode)]; }

std::span<const std::string_view> mode_names() { return kModeNames; }

EvalMode parse_eval_mode(std::string_view name) {
  const auto* found = std::find(kModeNames.begin(), kModeNames.end(), name);
  if (found != kModeNames.end()) return static_cast<EvalMode>(found - kModeNames.begin());
  fail(ErrorCode::kInvalidArgument,
       fmt::format("mode \"{}\" is not one of: {}", name, fmt::join(kModeNames, ", ")));
}

int64_t default_pack_seqs(EvalMode mode) { return mode == EvalMode::kStreaming ? 8 : 32; }

int64_t kept_targets(const EvalSettings& settings, int64_t tokens) {
  if (!settings.include_tail) return trimmed_targets(tokens, settings.seq_len);
  if (tokens < 2) fail(ErrorCode::kInvalidArgument, "no targets: an evaluation needs at least 2 tokens");
  return tokens - 1;
}

WindowPlan make_plan(const EvalSettings& settings, int64_t targets) {
  switch (settings.mode) {
    case EvalMode::kStandard:
      return WindowPlan::standard(targets, settings.seq_len, settings.include_tail);
    case EvalMode::kSliding:
      return WindowPlan::sliding(targets, settings.seq_len, settings.stride, settings.policy);
    case EvalMode::kDocuments:
      return WindowPlan::standard(targets, settings.seq_len * settings.pack_seqs, settings.include_tail);
    case EvalMode::kStreaming:
      if (settings.pack_seqs < 2) {
        fail(ErrorCode::kInvalidArgument, "streaming: a chunk has at least 2 sequences, of which one is new");
      }
      return WindowPlan::sliding(targets, settings.seq_len * settings.pack_seqs,
                                 settings.seq_len * (settings.pack_seqs - 1));
  }
  fail(ErrorCode::kInvalidArgument, "unknown evaluation mode");
}

std::string_view mode_name(const EvalResult& result) {
  return result.adaptation.is_null() ? mode_name(result.settings.mode) : "adapted";
}

Json to_json(const EvalResult& result) {
  Json json = Json::object({{"mode", mode_name(result)},
                            {"val_loss", result.val_loss},
                            {"val_bpb", result.val_bpb},
                            {"legality", result.legality},
                            {"tokens", result.tokens},
                            {"bytes", result.bytes},
                            {"bytes_from", byte_source_name(result.byte_source)},
                            {"seq_len", result.settings.seq_len}});
  if (result.settings.mode == EvalMode::kSliding) {
    json["stride"] = result.settings.stride;
    json["window_policy"] = result.settings.policy.name;
  }
  if (result.settings.mode == EvalMode::kDocuments || result.settings.mode == EvalMode::kStreaming) {
    json["pack_seqs"] = result.settings.pack_seqs;
  }
  if (result.settings.include_tail) json["include_tail"] = true;
  if (result.seconds > 0) {  // a model was run
    json["batch_seqs"] = result.settings.batch_seqs;
    json["seconds"] = result.seconds;
    json["tokens_per_second"] = result.tokens_per_second;
  }
  json["windows"] = result.windows;
  if (!result.adaptation.is_null()) json["adaptation"] = result.adaptation;
  json["first_target"] = result.coverage.first_target;
  json["repeated_tokens"] = result.coverage.repeated;
  // The first token of a stream has no prediction; head and others were skipped by the window rule.
  json["unscored_tokens"] = Json::object({{"first", int64_t{1}},
                                          {"head", result.coverage.unscored_head},
                                          {"others", result.coverage.unscored_others},
                                          {"tail", result.dropped_tail}});
  Json stages = Json::array();
  for (const ScoreStage& stage : result.stages) stages.push_back(to_json(stage));
  json["stages"] = std::move(stages);
  return json;
}

Json gaps_json(std::span<const EvalResult> before, std::span<const EvalResult> after) {
  Json gaps = Json::array();
  for (size_t i = 0; i < before.size(); ++i) {
    gaps.push_back(Json::object({{"mode", mode_name(before[i])},
                                 {"gap_loss", after[i].val_loss - before[i].val_loss},
                                 {"gap_bpb", after[i].val_bpb - before[i].val_bpb}}));
  }
  return gaps;
}

EvalResult make_result(const EvalSettings& settings, const WindowPlan& plan, const BpbTotals& totals,
                       const TextView& text) {
  return {.settings = settings,
          .val_loss = totals.val_loss(),
          .val_bpb = totals.val_bpb(),
          .tokens = totals.tokens,
          .bytes = totals.bytes,
          .byte_source = text.byte_source,
          .windows = plan.size(),
          .coverage = plan.coverage(),
          .dropped_tail = text.targets() - plan.targets(),
          .first_nonfinite_target = totals.first_nonfinite_target};
}

void require_finite(const EvalResult& result, std::string_view explanation) {
  bool finite = std::isfinite(result.val_loss) && std::isfinite(result.val_bpb);
  for (const ScoreStage& stage : result.stages) {
    finite = finite && std::isfinite(stage.val_loss) && std::isfinite(stage.val_bpb);
  }
  if (finite) return;
  const std::string mode(mode_name(result.settings.mode));
  if (result.first_nonfinite_target) {
    fail(ErrorCode::kCorruptData, fmt::format("{} evaluation: the loss is not finite from target {} on: {}",
                                              mode, *result.first_nonfinite_target, explanation));
  }
  fail(ErrorCode::kCorruptData,
       fmt::format("{} evaluation: val_bpb is not finite: {} scored tokens stand for {} bytes of text", mode,
                   result.tokens, result.bytes));
}

}  // namespace golf
