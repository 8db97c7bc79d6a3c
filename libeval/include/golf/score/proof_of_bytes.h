#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golf/artifact/formats/sentencepiece_vocab.h"
#include "golf/score/token_bytes.h"
#include "golf/score/window_plan.h"

namespace golf {

/// The text that `tokens` stand for, decoded as SentencePiece does: U+2581 is a space, byte pieces are their
/// byte, control pieces are nothing and end a document, a document's leading space is dropped. `previous` is
/// the token before them: when it is text, so is the leading space.
/// @throws Error kMismatch for a token without a piece
std::string decode_text(const SentencePieceVocab& vocab, uint16_t previous, std::span<const uint16_t> tokens);

/// Whether the tables' bytes, the denominator of bits per byte, are those of the text.
struct ByteProof {
  int64_t tokens = 0;       ///< of the stream; the first is context only
  int64_t table_bytes = 0;  ///< of all targets
  int64_t text_bytes = 0;   ///< length of their decoded text
  /// The first target at which the two disagree, and the piece that stands there.
  std::optional<int64_t> first_difference = {};
  std::string differing_piece = {};
  bool agrees() const { return !first_difference && table_bytes == text_bytes; }
};
ByteProof prove_bytes(const SentencePieceVocab& vocab, const TokenBytes& table,
                      std::span<const uint16_t> stream);

/// Which file a score is of.
struct ShardFingerprint {
  std::string path;
  std::string sha256;  ///< of the file
  int64_t file_bytes = 0;
  int64_t tokens = 0;
};
/// Of every shard that `pattern` matches, in the order in which they are read.
std::vector<ShardFingerprint> fingerprint_shards(const std::string& pattern, int64_t vocab_size);

/// Which targets of a stream of `stream_tokens` were not scored, or several times, as one line:
/// "scored 131072 of 131300 targets, 228 cut off at the end, 192 repetitions".
std::string describe_scored(const WindowPlan& plan, int64_t stream_tokens);

}  // namespace golf
