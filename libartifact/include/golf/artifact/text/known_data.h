#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/artifact/text/tokenized_text.h"

namespace golf {

/// A published tokenizer.
struct KnownTokenizer {
  std::string name;
  int64_t pieces = 0;
  std::string sha256 = {};  ///< of the SentencePiece model; empty: not known
  std::string note = {};
};

/// A published text: a whole split, as its shards hold it.
struct KnownText {
  std::string name;
  std::string tokenizer = {};            ///< that its tokens are of
  std::string role = {};                 ///< "validation" or "training"
  std::vector<std::string> sha256 = {};  ///< of its shards in order; empty: known by its counts
  int64_t pieces = 0;                    ///< of the tokenizer
  int64_t targets = 0;                   ///< of whole sequences of 1,024 or 2,048 tokens
  int64_t documents = 0;                 ///< 0: not known
  double bytes_per_token = 0;            ///< 0: not known
};

/// What a report can recognize. The project's own table is libartifact/data/known_data.json; users add to it.
struct KnownData {
  std::vector<KnownTokenizer> tokenizers = {};
  std::vector<KnownText> texts = {};

  /// The project's table, and after it that of a JSON file of the same form unless `more` is empty.
  /// @throws Error naming the file and the key
  static KnownData load(const std::string& more = {});
  /// By its SHA-256.
  const KnownTokenizer* find_tokenizer(std::string_view sha256) const;
};
Json to_json(const KnownData& data);

/// What a text is, as far as anybody can tell.
struct TextIdentity {
  enum class Kind {
    kWhole,     ///< a known validation split, all of it
    kPrefix,    ///< the first tokens of one
    kTraining,  ///< training text
    kUnknown,
  };
  Kind kind = Kind::kUnknown;
  std::string name = {};       ///< of the known text
  std::string by = {};         ///< "sha256", "tokens, documents and bytes", "file name", …; empty: unknown
  std::string tokenizer = {};  ///< the known tokenizer's name; empty: unknown
  int64_t tokens = 0;          ///< read

  /// "the challenge's validation split, whole", "the first N tokens of …", "training text", "unknown".
  std::string text() const;
};
Json to_json(const TextIdentity& identity);

/// Recognizes shards by their SHA-256, else by the numbers of their tokens, documents and bytes; training
/// shards also by their names and by their size of 100,000,000 tokens.
TextIdentity identify_text(const TokenizedText& text, const Tokenizer& tokenizer, const KnownData& known);
/// The same for a text of which `text` has the shards and counts alone: its tokens were read and not kept.
/// @param tokens  how many of the shards' tokens were used
TextIdentity identify_text(const TokenizedText& text, const Tokenizer& tokenizer, const KnownData& known,
                           int64_t tokens);

}  // namespace golf
