#pragma once

#include <string>

#include "common/console.h"
#include "common/run_main.h"
#include "common/terminal.h"
#include "common/text_table.h"
#include "golf/artifact/base/json.h"
#include "golf/score/eval_result.h"
#include "golf_eval/eval_data.h"

namespace golf {

// What golf-eval and golf-eval audit both show.

/// Whether the text is the challenge's validation split, training text or unknown: next to the score.
std::string identity_text(const EvalData& data);
/// A line for each shard and one for the tokenizer.
std::string data_text(const EvalData& data, const Style& style);

/// A row for each stage of each result.
class ResultTable {
 public:
  ResultTable();
  /// @param weights  "as stored", a recipe's name
  void add(const std::string& weights, const EvalResult& result);
  std::string render(const Style& style) const { return table_.render(style); }

 private:
  TextTable table_;
};

/// Which tokens of the stream the figures say nothing about, or count twice; one line.
std::string coverage_text(const EvalResult& result);
/// What the stages' distributions summed to; a line each, nothing when they were not audited.
std::string normalization_text(const EvalResult& result);
/// What was learned and what the log of an adapted evaluation proves; empty for another one.
std::string adaptation_text(const EvalResult& result);
/// A line for each condition and finding. @param audit  to_json(AdaptAudit)
std::string adapt_audit_text(const Json& audit);
std::string byte_count_text(const ByteCountCheck& check);

/// Writes the JSON to `output` when it is not empty, and the result to the console.
/// @return kCheckFailed, saying why, when the byte-count check failed
ExitCode print_results(const std::string& output, bool json_wanted, const Json& json, const std::string& text,
                       const ByteCountCheck& check, Console& console);

/// Says why the bytes of the scored text cannot be counted, before anything is scored.
ExitCode refuse_uncountable(const EvalData& data, const std::string& reason, Console& console);

}  // namespace golf
