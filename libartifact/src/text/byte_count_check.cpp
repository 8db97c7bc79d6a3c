#include "golf/artifact/text/byte_count_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/text.h"
#include "golf/artifact/text/caseops.h"

namespace golf {
namespace {

using Kind = SentencePieceVocab::Kind;
constexpr std::string_view kVisibleSpace = "\xE2\x96\x81";  // U+2581
constexpr int64_t kSidecarTolerance = 1000;                 // one part in so many

/// "<0x0A>" → '\n'.
char byte_of(const SentencePieceVocab::Piece& piece) {
  unsigned value = 0;
  const std::string& text = piece.text;
  const bool shaped = text.size() == 6 && text.starts_with("<0x") && text.back() == '>';
  if (!shaped || std::from_chars(text.data() + 3, text.data() + 5, value, 16).ptr != text.data() + 5) {
    fail(ErrorCode::kCorruptData,
         fmt::format("tokenizer: byte piece \"{}\": expected the form <0x0A>", printable(text)));
  }
  return static_cast<char>(value);
}

/// Whether `text` ends in the first bytes of a longer character.
bool ends_inside_character(std::string_view text) {
  for (size_t tail = 1; tail <= std::min<size_t>(text.size(), 3); ++tail) {
    const auto byte = static_cast<uint8_t>(text[text.size() - tail]);
    if ((byte & 0xC0) == 0x80) continue;
    return byte >= 0xC2 && tail < (byte >= 0xF0 ? 4U : byte >= 0xE0 ? 3U : 2U);
  }
  return false;
}

bool ends_document(const SentencePieceVocab& vocab, uint16_t token) {
  return token < vocab.pieces.size() && vocab.pieces[token].kind == Kind::kControl;
}

/// Adds documents up, one after the other.
class Comparison {
 public:
  Comparison(const TextView& text, const SentencePieceVocab& vocab) : text_(text), vocab_(vocab) {
    check_.counted_by = text.byte_source;
    check_.tokens = text.size();
  }

  /// Compares the targets [first, end) of one document with what they decode to.
  void add_decoded(int64_t first, int64_t end) {
    DocumentDecoder decoder(vocab_, ends_document(vocab_, token_before(first)));
    int64_t counted = 0;
    std::optional<int64_t> parts_at;
    bool has_operators = false;  // of which the text so far does not tell the length
    for (int64_t target = first; target < end; ++target) {
      const uint16_t token = token_before(target + 1);
      decoder.append(token);
      counted += bytes_of(target);
      has_operators = has_operators || is_operator(vocab_.pieces[token]);
      const bool comparable = !parts_at && !decoder.is_inside_character() && !has_operators;
      if (comparable && static_cast<int64_t>(decoder.text().size()) != counted) parts_at = target;
    }
    // Only a sidecar knows the bytes of unknown pieces: what it says of such a document is taken.
    if (decoder.unknown_pieces() > 0) return;
    const int64_t decoded =
        has_operators ? caseops::text_bytes(decoder.text()) : static_cast<int64_t>(decoder.text().size());
    add(counted, decoded, parts_at.value_or(first));
  }
  /// Compares them with the document's text itself.
  void add_given(int64_t first, int64_t end, std::string_view document) {
    check_.against_file = true;
    int64_t counted = 0;
    for (int64_t target = first; target < end; ++target) counted += bytes_of(target);
    add(counted, static_cast<int64_t>(document.size()), first);
  }
  ByteCountCheck result() && { return std::move(check_); }

 private:
  uint16_t token_before(int64_t target) const { return text_.tokens[static_cast<size_t>(target)]; }
  int64_t bytes_of(int64_t target) const { return text_.bytes[static_cast<size_t>(target) + 1]; }
  void add(int64_t counted, int64_t decoded, int64_t target) {
    if (counted != decoded && !check_.first_difference) {
      const uint16_t token = token_before(target + 1);
      check_.first_difference = {check_.documents, counted, decoded, target,
                                 token < vocab_.pieces.size() ? vocab_.pieces[token].text : ""};
    }
    ++check_.documents;
    check_.counted_bytes += counted;
    check_.text_bytes += decoded;
  }

  const TextView& text_;
  const SentencePieceVocab& vocab_;
  ByteCountCheck check_;
};

}  // namespace

DocumentDecoder::DocumentDecoder(const SentencePieceVocab& vocab, bool from_start)
    : vocab_(vocab), drop_space_(from_start && (vocab.adds_leading_space || vocab.removes_extra_spaces)) {}

void DocumentDecoder::append_space() {
  if (!drop_space_) text_ += ' ';
  drop_space_ = drop_space_ && vocab_.removes_extra_spaces;
}

void DocumentDecoder::append(uint16_t token) {
  if (token >= vocab_.pieces.size()) {
    fail(ErrorCode::kMismatch,
         fmt::format("token {} has no piece: the tokenizer has {}: give the shards' own", token,
                     vocab_.pieces.size()));
  }
  const auto& piece = vocab_.pieces[token];
  if (piece.kind == Kind::kUnknown) ++unknown_pieces_;
  if (piece.kind == Kind::kControl || piece.kind == Kind::kUnused || piece.kind == Kind::kUnknown) return;
  if (piece.kind == Kind::kByte) {
    text_ += byte_of(piece);
    if (text_.ends_with(kVisibleSpace)) {
      text_.resize(text_.size() - kVisibleSpace.size());
      append_space();
    } else if (!kVisibleSpace.starts_with(text_)) {
      drop_space_ = false;
    }
  } else {
    std::string_view rest = piece.text;
    while (!rest.empty()) {
      if (rest.starts_with(kVisibleSpace)) {
        append_space();
        rest.remove_prefix(kVisibleSpace.size());
      } else {
        text_ += rest.front();
        drop_space_ = false;
        rest.remove_prefix(1);
      }
    }
  }
  inside_character_ = ends_inside_character(text_);
}

bool ByteCountCheck::agrees() const {
  if (counted_by == ByteSource::kTokenizer) return !first_difference && counted_bytes == text_bytes;
  return std::abs(counted_bytes - text_bytes) <= std::max(counted_bytes, text_bytes) / kSidecarTolerance;
}

ByteCountCheck check_byte_count(const TextView& text, const SentencePieceVocab& vocab) {
  Comparison comparison(text, vocab);
  int64_t first = 0;
  for (int64_t target = 0; target < text.targets(); ++target) {
    if (target > first && ends_document(vocab, text.tokens[static_cast<size_t>(target)])) {
      comparison.add_decoded(first, target);
      first = target;
    }
  }
  comparison.add_decoded(first, text.targets());
  return std::move(comparison).result();
}

ByteCountCheck check_byte_count(const TextView& text, const SentencePieceVocab& vocab,
                                const std::vector<std::string>& documents) {
  const std::vector<int64_t> starts = text.document_starts();
  const size_t whole = starts.empty() ? 0 : starts.size() - 1;
  if (whole == 0) {
    fail(ErrorCode::kMismatch, "no document lies whole in the tokens that are scored: give more tokens");
  }
  if (documents.size() < whole) {
    fail(ErrorCode::kMismatch, fmt::format("{} documents, the tokens hold {}: give one a line, all of them",
                                           documents.size(), whole));
  }
  Comparison comparison(text, vocab);
  for (size_t i = 0; i < whole; ++i) comparison.add_given(starts[i], starts[i + 1] - 1, documents[i]);
  return std::move(comparison).result();
}

std::vector<std::string> read_documents(const std::string& path) {
  const Bytes file = read_file(path);
  std::string_view text = as_text(file);
  std::vector<std::string> documents;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    documents.emplace_back(text.substr(0, end));
    if (documents.back().ends_with('\r')) documents.back().pop_back();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return documents;
}

Json to_json(const ByteCountCheck& check) {
  Json json = Json::object({{"agrees", check.agrees()},
                            {"bytes_from", byte_source_name(check.counted_by)},
                            {"compared_with", check.against_file ? "text file" : "decoded documents"},
                            {"tokens", check.tokens},
                            {"documents", check.documents},
                            {"counted_bytes", check.counted_bytes},
                            {"text_bytes", check.text_bytes}});
  if (const auto& difference = check.first_difference) {
    json["first_difference"] = Json::object({{"document", difference->document},
                                             {"counted_bytes", difference->counted_bytes},
                                             {"text_bytes", difference->text_bytes},
                                             {"target", difference->target},
                                             {"piece", difference->piece}});
  }
  return json;
}

}  // namespace golf
