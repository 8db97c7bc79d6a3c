#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/artifact/text/byte_count_check.h"
#include "golf/artifact/text/known_data.h"
#include "golf/artifact/text/shards.h"
#include "golf/artifact/text/tokenized_text.h"
#include "golf/artifact/text/tokenizer.h"
#include "golf/score/eval_result.h"
#include "golf/score/window_plan.h"

namespace golf {

/// Where the text to score on lies.
struct DataOptions {
  std::string data;
  std::string tokenizer;
  int64_t max_tokens = 0;              ///< 0: all
  bool allow_other_tokenizer = false;  ///< than the one that the model was made with
  std::string text_file = {};          ///< the text itself, a document a line; empty: not given
  std::string known_data = {};         ///< the user's file; empty: not given
  std::string shards_of_folder = std::string(kValidationShards);  ///< what is read when `data` is a folder
};

/// The text to score on and the tokenizer that it was made with.
struct EvalData {
  std::string source;  ///< --data, for messages
  Tokenizer tokenizer = {};
  TokenizedText text = {};

  TextIdentity identity = {};
  std::vector<std::string> documents = {};  ///< of --text; empty: not given

  /// The part of the text that is scored.
  TextView scored(const EvalSettings& settings) const;
  /// Whether the counted bytes are those of the text, over that part.
  ByteCountCheck check_bytes(const EvalSettings& settings) const;
  /// Why they cannot be counted over it; empty when they can.
  std::string uncountable(const EvalSettings& settings) const;
};

/// @param vocab_size  the model's; 0: as many as the tokenizer has pieces
/// @throws Error naming the file; kMismatch when pieces and tokens do not belong together
EvalData load_eval_data(const DataOptions& options, int64_t vocab_size = 0);

/// Fails on windows that do not fit the data. @throws Error naming it
WindowPlan plan_for(const EvalSettings& settings, const EvalData& data);

/// The members "data" and "tokenizer" of the reports on a score.
Json data_json(const EvalData& data);
Json tokenizer_json(const EvalData& data);

}  // namespace golf
