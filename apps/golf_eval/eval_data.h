#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/artifact/formats/sentencepiece_vocab.h"
#include "golf/score/proof_of_bytes.h"
#include "golf/score/token_bytes.h"
#include "golf_eval/shared_options.h"

namespace golf {

/// A file by its content.
struct Fingerprint {
  std::string path;
  uint64_t bytes = 0;
  std::string sha256;
};
Json to_json(const Fingerprint& fingerprint);
/// "FILE: N bytes, SHA-256 …", for people.
std::string to_text(const Fingerprint& fingerprint);

/// The text to score on.
struct EvalData {
  struct Shard {
    Fingerprint file;
    int64_t tokens = 0;
  };
  std::string source;  ///< --data, for messages
  std::vector<Shard> shards = {};
  std::vector<uint16_t> tokens = {};  ///< of all shards, joined, cut to --max-tokens
  Fingerprint tokenizer = {};
  SentencePieceVocab vocab = {};
  TokenBytes bytes = {};

  /// Whether the tables' bytes are those of the text, over the part of the stream that `seq_len` leaves.
  ByteProof prove(int64_t seq_len) const;
};

/// @param vocab_size  the model's; 0: as many as the tokenizer has pieces
/// @throws Error naming the file; kMismatch when pieces, vocabulary and tokens do not belong together
EvalData load_eval_data(const DataOptions& options, int64_t vocab_size);

/// Fails on windows that do not fit the data. @throws Error naming it
WindowPlan plan_for(const EvalSettings& settings, const EvalData& data);

}  // namespace golf
