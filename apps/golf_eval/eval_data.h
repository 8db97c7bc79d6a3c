#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/console.h"
#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/tensor/tensor_set.h"
#include "golf/artifact/text/byte_count_check.h"
#include "golf/artifact/text/known_data.h"
#include "golf/artifact/text/tokenized_text.h"
#include "golf/artifact/text/tokenizer.h"
#include "golf_eval/shared_options.h"

namespace golf {

/// "FILE: N bytes", for people; with --verbose "FILE: N bytes, SHA-256 …".
std::string to_text(const Fingerprint& fingerprint, const Style& style);

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

/// @throws Error naming the file; kMismatch when pieces and tokens do not belong together
EvalData load_eval_data(const DataOptions& options);

/// Fails on windows that do not fit the data. @throws Error naming it
WindowPlan plan_for(const EvalSettings& settings, const EvalData& data);

/// MODEL, its configuration known and its weights sound.
struct EvalModel {
  Fingerprint file;
  std::string kind;
  ModelSpec spec;
  TensorSet tensors;
  bool is_artifact = false;
  std::string tokenizer_sha256 = {};  ///< recorded in the file or its run folder; empty: none is
};
/// Says on `console` how the file was read.
/// @throws Error naming the file: what load_model() throws, no configuration, weights that are not finite
EvalModel read_model(const ModelOptions& options, int threads, Console& console);

/// The text for a model.
/// @throws Error as above; kMismatch also when the vocabulary is not the model's, or the tokenizer is not the
/// one that the model was made with and `options` do not allow another
EvalData load_eval_data(const DataOptions& options, const EvalModel& model);

}  // namespace golf
