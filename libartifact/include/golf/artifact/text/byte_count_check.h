#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "golf/artifact/base/json.h"
#include "golf/artifact/text/tokenized_text.h"

namespace golf {

/// Decodes a document's tokens as SentencePiece does: U+2581 is a space, whether a piece has it or the byte
/// pieces E2 96 81 spell it; byte pieces are their byte; control and unused pieces are nothing; the leading
/// space is dropped when the tokenizer put it there (all leading spaces when it removes extra whitespace).
class DocumentDecoder {
 public:
  /// @param from_start  false: the tokens continue a document, so a leading space is text
  explicit DocumentDecoder(const SentencePieceVocab& vocab, bool from_start = true);
  /// @throws Error kMismatch for a token without a piece, kCorruptData for a byte piece of another form
  void append(uint16_t token);
  const std::string& text() const { return text_; }
  /// Whether the text ends inside a character.
  bool is_inside_character() const { return inside_character_; }
  /// Pieces that say nothing of their text.
  int64_t unknown_pieces() const { return unknown_pieces_; }

 private:
  void append_space();

  const SentencePieceVocab& vocab_;
  std::string text_;
  bool drop_space_;  ///< a space that comes next is not text
  bool inside_character_ = false;
  int64_t unknown_pieces_ = 0;
};

/// Whether the bytes that a score is divided by are those of the text. The text is decoded a document at a
/// time from the pieces, or given; the table that counted the bytes has no part in it.
struct ByteCountCheck {
  ByteSource counted_by = ByteSource::kTokenizer;
  bool against_file = false;  ///< the text was given; otherwise it was decoded
  int64_t tokens = 0;         ///< of the stream; the first is context only
  int64_t documents = 0;      ///< compared, those that begin before the stream or end after it included
  int64_t counted_bytes = 0;
  int64_t text_bytes = 0;
  struct Difference {
    int64_t document = 0;  ///< the first that differs
    int64_t counted_bytes = 0;
    int64_t text_bytes = 0;
    int64_t target = 0;  ///< where the two part, and the piece that stands there
    std::string piece = {};
  };
  std::optional<Difference> first_difference = {};

  /// Bytes of the tokenizer must be equal. A sidecar counts the text before normalization, so its sum may
  /// differ from the decoded text's by one part in a thousand.
  bool agrees() const;
};
Json to_json(const ByteCountCheck& check);

/// Over all targets of `text`. @throws Error as DocumentDecoder
ByteCountCheck check_byte_count(const TextView& text, const SentencePieceVocab& vocab);
/// Over the documents that `text` holds whole, which are the first ones of `documents`.
/// @throws Error kMismatch when `documents` has fewer
ByteCountCheck check_byte_count(const TextView& text, const SentencePieceVocab& vocab,
                                const std::vector<std::string>& documents);

/// A text file of one document a line.
std::vector<std::string> read_documents(const std::string& path);

}  // namespace golf
