#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/score/post_processor_chain.h"
#include "golf/score/window_plan.h"

namespace golf {

enum class EvalMode {
  kStandard,  ///< back-to-back windows, the challenge's own figure
  kSliding,   ///< overlapping windows: more context for each token, more work
  /// Sequences packed into longer ones, attention inside documents; of a document longer than a sequence,
  /// inside each part of that length. Source: docs/SUBMISSIONS.md, PR 1855, Evaluation
  kDocuments,
  /// Each token attends to the last seq_len tokens in every block, itself among them, so that one forward
  /// pass serves all. Chunks of several sequences overlap by one sequence, which is read and not scored
  /// again. Source: docs/BPB.md
  kStreaming,
};
std::string_view mode_name(EvalMode mode);
std::span<const std::string_view> mode_names();
/// "standard", "sliding", "documents" or "streaming". @throws Error kInvalidArgument listing them
EvalMode parse_eval_mode(std::string_view name);

/// One way to evaluate. Lengths in tokens.
struct EvalSettings {
  EvalMode mode = EvalMode::kStandard;
  int64_t seq_len = 1024;
  int64_t stride = 64;                          ///< sliding only
  WindowPolicy policy = window_policy("once");  ///< sliding only
  int64_t pack_seqs = 32;     ///< sequences in one packed sequence (documents), or in one chunk (streaming)
  bool include_tail = false;  ///< score what lies beyond the last whole sequence too
  int64_t batch_seqs = 32;
};

/// EvalSettings::pack_seqs where nobody says otherwise.
int64_t default_pack_seqs(EvalMode mode);

/// Targets of a stream of `tokens` that an evaluation keeps: of whole sequences, or all of them with
/// include_tail. @throws Error kInvalidArgument when that is not even one
int64_t kept_targets(const EvalSettings& settings, int64_t tokens);

/// The windows that `settings` lay over the first `targets` targets of a stream. @throws Error
/// kInvalidArgument
WindowPlan make_plan(const EvalSettings& settings, int64_t targets);

/// What an evaluation found.
struct EvalResult {
  EvalSettings settings;
  double val_loss = 0;  ///< nats a token, after the last post-processor
  double val_bpb = 0;   ///< bits a byte
  std::string legality = {};
  std::vector<ScoreStage> stages = {};  ///< the model's own score, then what each post-processor made of it
  int64_t tokens = 0;                   ///< scored predictions, repetitions included
  int64_t bytes = 0;                    ///< of their text
  ByteSource byte_source = ByteSource::kTokenizer;
  int64_t windows = 0;
  double seconds = 0;
  double tokens_per_second = 0;  ///< tokens / seconds
  Coverage coverage = {};        ///< of the targets that were kept
  int64_t dropped_tail = 0;      ///< tokens cut so that whole sequences remain
  std::optional<int64_t> first_nonfinite_target = {};
  Json adaptation = {};  ///< of an adapted evaluation: configuration, chunks, updates; else null
};
Json to_json(const EvalResult& result);
/// A mode's name, or "adapted".
std::string_view mode_name(const EvalResult& result);
/// The measured quantization gap, one element for each mode, {"mode", "gap_loss", "gap_bpb"}: `after` less
/// `before`, which hold the same modes in the same order.
Json gaps_json(std::span<const EvalResult> before, std::span<const EvalResult> after);

/// The figures of what was scored, without stages and seconds.
/// @param text  before it was cut to the plan
EvalResult make_result(const EvalSettings& settings, const WindowPlan& plan, const BpbTotals& totals,
                       const TextView& text);

/// @throws Error kCorruptData when val_loss or val_bpb is not finite, saying at which target it began
/// @param explanation  of a loss that is not finite
void require_finite(const EvalResult& result, std::string_view explanation =
                                                  "the weights are broken or do not belong to this "
                                                  "configuration");

}  // namespace golf
