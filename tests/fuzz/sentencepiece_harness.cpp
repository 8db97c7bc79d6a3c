// SentencePiece models.
#include "fuzz/harness.h"
#include "golf/artifact/formats/sentencepiece_vocab.h"

namespace golf::fuzz {
namespace {

void run(ByteView input) {
  accepts([&] {
    const SentencePieceVocab vocab = parse_sentencepiece_vocab(input, "fuzz");
    expect(!vocab.pieces.empty() && vocab.pieces.size() <= 65'536, "1 to 65,536 pieces");
    for (const auto& piece : vocab.pieces) expect(!piece.text.empty(), "a piece has text");
  });
}

/// A protobuf of pieces, with a field that the reader passes over.
std::vector<Bytes> seeds() {
  ByteWriter model;
  for (int i = 0; i < 12; ++i) {
    ByteWriter piece;
    piece.write<uint8_t>(0x0a);  // field 1, text
    piece.write_string("\xe2\x96\x81" + std::to_string(i));
    piece.write<uint8_t>(0x15);  // field 2, score
    piece.write<float>(-static_cast<float>(i));
    piece.write<uint8_t>(0x18);  // field 3, kind
    piece.write(static_cast<uint8_t>(1 + i % 6));
    model.write<uint8_t>(0x0a);  // ModelProto.pieces
    model.write_varint(piece.size());
    model.write_bytes(piece.bytes());
  }
  model.write<uint8_t>(0x12);  // ModelProto.trainer_spec
  model.write_string("any");
  return {model.take()};
}

}  // namespace

const Harness kSentencePiece = {.name = "sentencepiece", .run = run, .seeds = seeds};

}  // namespace golf::fuzz
