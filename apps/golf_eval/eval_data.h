#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/spec/model_config.h"
#include "golf/artifact/tensor/tensor_set.h"
#include "golf/artifact/text/byte_count_check.h"
#include "golf/artifact/text/known_data.h"
#include "golf/artifact/text/tokenized_text.h"
#include "golf/artifact/text/tokenizer.h"
#include "golf_eval/shared_options.h"

namespace golf {

/// "FILE: N bytes, SHA-256 …", for people.
std::string to_text(const Fingerprint& fingerprint);

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
  /// @param recorded  SHA-256 of the tokenizer that `model` was made with; empty: not known
  /// @throws Error kMismatch when it is another one
  void require_tokenizer(const std::string& recorded, const std::string& model) const;
};

/// @param vocab_size  the model's; 0: as many as the tokenizer has pieces
/// @throws Error naming the file; kMismatch when pieces, vocabulary and tokens do not belong together
EvalData load_eval_data(const DataOptions& options, int64_t vocab_size);

/// Fails on windows that do not fit the data. @throws Error naming it
WindowPlan plan_for(const EvalSettings& settings, const EvalData& data);

/// MODEL, its configuration known and its weights sound.
struct EvalModel {
  Fingerprint file;
  std::string kind;
  ModelSpec spec;
  TensorSet tensors;
  bool is_artifact = false;
  std::string tokenizer_sha256 = {};  ///< recorded in the artifact; empty: none is
};
/// @throws Error naming the file: what load_model() throws, no configuration, weights that are not finite
EvalModel read_model(const ModelOptions& options, int threads);

}  // namespace golf
