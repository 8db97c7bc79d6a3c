#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/text/shards.h"
#include "golf/artifact/text/tokenizer.h"

namespace golf {

/// Where the bytes of text that a token stands for come from; every result names it.
enum class ByteSource {
  kTokenizer,  ///< the pieces of the SentencePiece model
  kSidecar,    ///< a file beside the shard, made with it
};
/// "tokenizer" or "sidecar".
std::string_view byte_source_name(ByteSource source);

/// A run of tokens and of what each of them stands for; borrowed. Target t is token t + 1; the first token is
/// context only.
struct TextView {
  std::span<const uint16_t> tokens;
  std::span<const uint16_t> bytes;  ///< of text, as many as tokens
  ByteSource byte_source = ByteSource::kTokenizer;
  std::optional<uint16_t> document_start = {};  ///< the token that begins a document

  int64_t size() const { return static_cast<int64_t>(tokens.size()); }
  int64_t targets() const { return size() - 1; }
  TextView first(int64_t count) const {
    return {tokens.first(static_cast<size_t>(count)), bytes.first(static_cast<size_t>(count)), byte_source,
            document_start};
  }
  /// Bytes of the first `count` targets.
  int64_t bytes_of_targets(int64_t count) const;
  int64_t bytes_of_targets() const { return bytes_of_targets(targets()); }
  /// Positions of the tokens that begin a document.
  std::vector<int64_t> document_starts() const;
};

/// A stream of tokens that knows its documents and bytes.
struct TokenizedText {
  struct Shard {
    Fingerprint file;
    int64_t tokens = 0;
    std::optional<Fingerprint> sidecar = {};
  };
  std::vector<uint16_t> tokens = {};
  std::vector<uint16_t> bytes = {};
  ByteSource byte_source = ByteSource::kTokenizer;
  std::optional<uint16_t> document_start = {};
  std::vector<Shard> shards = {};  ///< what was read, in order
  struct Counts {
    int64_t tokens = 0;
    int64_t documents = 0;
    int64_t bytes = 0;
  };
  Counts read = {};  ///< of the shards, before the tokens were cut to a maximum

  TextView view() const { return {tokens, bytes, byte_source, document_start}; }
  operator TextView() const { return view(); }  // NOLINT(google-explicit-constructor)
};

/// The text of tokens that are in memory, its bytes from the tokenizer's pieces.
TokenizedText make_text(std::vector<uint16_t> tokens, const TokenBytes& bytes);

/// Reads shards one after the other, up to `max_tokens` in all (0: all of them). The bytes come from the
/// sidecars where the shards have them, else from the tokenizer.
/// @throws Error naming the file: a malformed shard or sidecar, a token that is not below `vocab_size`, a
/// sidecar that is not this shard's, sidecars for a part of the shards
TokenizedText read_text(const std::vector<ShardFiles>& shards, const Tokenizer& tokenizer,
                        int64_t max_tokens = 0);

/// The tokens alone, for what counts no bytes.
std::vector<uint16_t> read_tokens(const std::vector<ShardFiles>& shards, int64_t vocab_size);

/// Why the bytes of the first `targets` targets cannot be counted, with the number of such targets and an
/// example; empty when they can. Without a sidecar neither an unknown piece says how long its text is, nor an
/// operator of a text transform which characters it changed.
std::string uncountable_bytes(const TextView& text, int64_t targets, const Tokenizer& tokenizer);
/// @throws Error kMismatch with that reason
void require_countable_bytes(const TextView& text, int64_t targets, const Tokenizer& tokenizer);

}  // namespace golf
