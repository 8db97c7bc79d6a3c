#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/score/token_bytes.h"

namespace golf {

/// A file by its content.
struct Fingerprint {
  std::string path;
  uint64_t bytes = 0;
  std::string sha256;
};
Json to_json(const Fingerprint& fingerprint);

/// The text to score on.
struct EvalData {
  struct Shard {
    Fingerprint file;
    int64_t tokens = 0;
  };
  std::vector<Shard> shards;
  std::vector<uint16_t> tokens;  ///< of all shards, joined, cut to --max-tokens
  Fingerprint tokenizer;
  int64_t pieces = 0;
  TokenBytes bytes;
};

/// @param data        glob, file, "-", or a folder, which stands for its fineweb_val_*.bin
/// @param max_tokens  0 is no limit; shards beyond it are not read
/// @throws Error naming the file; kMismatch when pieces, vocabulary and tokens do not belong together
EvalData load_eval_data(const std::string& data, const std::string& tokenizer, int64_t vocab_size,
                        int64_t max_tokens);

}  // namespace golf
