#include "golf/artifact/formats/sentencepiece_vocab.h"

#include <fmt/format.h>

#include <unordered_set>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/text.h"

// The file is one protobuf message, ModelProto. Two of its fields matter here: 1, `repeated SentencePiece
// pieces`, and 3, `NormalizerSpec normalizer_spec`. A SentencePiece has 1: string piece, 2: float score, 3:
// enum type; a NormalizerSpec 3: bool add_dummy_prefix, 4: bool remove_extra_whitespaces. Every field starts
// with a varint tag, field number · 8 + wire type.
namespace golf {
namespace {

constexpr size_t kMostPieces = 65'536;  // token ids are 16 bits wide

enum WireType : uint64_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

constexpr uint64_t tag(uint64_t field, WireType type) { return field * 8 + type; }

void skip_field(ByteReader& reader, uint64_t wire_tag) {
  switch (wire_tag % 8) {
    case kVarint:
      reader.read_varint();
      return;
    case kFixed64:
      reader.take(8);
      return;
    case kLengthDelimited:
      reader.take(reader.read_varint());
      return;
    case kFixed32:
      reader.take(4);
      return;
    default:
      reader.fail_here(fmt::format("not a SentencePiece model: wire type {}", wire_tag % 8));
  }
}

SentencePieceVocab::Piece read_piece(ByteReader& reader) {
  const uint64_t length = reader.read_varint();
  if (length > reader.remaining()) reader.fail_here(fmt::format("piece of {} bytes is truncated", length));
  const uint64_t end = reader.position() + length;
  SentencePieceVocab::Piece piece;
  while (reader.position() < end) {
    const uint64_t wire_tag = reader.read_varint();
    if (wire_tag == tag(1, kLengthDelimited)) {
      piece.text = reader.read_string(limits::kPickleStringBytes);
    } else if (wire_tag == tag(2, kFixed32)) {
      piece.score = reader.read<float>();
    } else if (wire_tag == tag(3, kVarint)) {
      const uint64_t kind = reader.read_varint();
      if (kind < 1 || kind > 6) reader.fail_here(fmt::format("piece type {}, 1 to 6 expected", kind));
      piece.kind = static_cast<SentencePieceVocab::Kind>(kind);
    } else {
      skip_field(reader, wire_tag);
    }
  }
  if (reader.position() != end) reader.fail_here("a field runs over the end of its piece");
  if (piece.text.empty()) reader.fail_here("piece without text");
  if (!is_utf8(piece.text)) reader.fail_here("piece is not valid UTF-8");
  return piece;
}

void read_normalizer(ByteReader& reader, SentencePieceVocab& vocab) {
  const uint64_t length = reader.read_varint();
  if (length > reader.remaining())
    reader.fail_here(fmt::format("normalizer of {} bytes is truncated", length));
  const uint64_t end = reader.position() + length;
  while (reader.position() < end) {
    const uint64_t wire_tag = reader.read_varint();
    if (wire_tag == tag(3, kVarint)) {
      vocab.adds_leading_space = reader.read_varint() != 0;
    } else if (wire_tag == tag(4, kVarint)) {
      vocab.removes_extra_spaces = reader.read_varint() != 0;
    } else {
      skip_field(reader, wire_tag);
    }
  }
  if (reader.position() != end) reader.fail_here("a field runs over the end of the normalizer");
}

}  // namespace

SentencePieceVocab parse_sentencepiece_vocab(ByteView bytes, const std::string& what) {
  ByteReader reader(bytes, what);
  SentencePieceVocab vocab;
  std::unordered_set<std::string> seen;
  while (reader.remaining() > 0) {
    const uint64_t wire_tag = reader.read_varint();
    if (wire_tag == tag(3, kLengthDelimited)) {
      read_normalizer(reader, vocab);
      continue;
    }
    if (wire_tag != tag(1, kLengthDelimited)) {
      skip_field(reader, wire_tag);
      continue;
    }
    if (vocab.pieces.size() == kMostPieces) reader.fail_here(fmt::format("more than {} pieces", kMostPieces));
    vocab.pieces.push_back(read_piece(reader));
    const std::string& text = vocab.pieces.back().text;
    if (!seen.insert(text).second) {
      reader.fail_here(fmt::format("piece \"{}\" appears twice", printable(text)));
    }
  }
  if (vocab.pieces.empty()) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: not a SentencePiece model: it has no pieces", what));
  }
  return vocab;
}

}  // namespace golf
