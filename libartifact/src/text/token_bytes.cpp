#include "golf/artifact/text/token_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr std::string_view kSpaceMark = "\xE2\x96\x81";  // U+2581, SentencePiece's visible space
constexpr std::array<std::string_view, 3> kSpacePieces = {"<0xE2>", "<0x96>", "<0x81>"};  // its bytes

}  // namespace

TokenBytes make_token_bytes(const SentencePieceVocab& vocab, int64_t vocab_size) {
  using Kind = SentencePieceVocab::Kind;
  const size_t size = std::max(vocab.pieces.size(), static_cast<size_t>(std::max<int64_t>(vocab_size, 0)));
  TokenBytes table{std::vector<int16_t>(size, 0), std::vector<uint8_t>(size, 0),
                   std::vector<uint8_t>(size, 1)};
  for (size_t id = 0; id < vocab.pieces.size(); ++id) {
    const auto& piece = vocab.pieces[id];
    if (piece.kind == Kind::kControl || piece.kind == Kind::kUnknown || piece.kind == Kind::kUnused) continue;
    table.is_boundary[id] = 0;
    if (piece.kind == Kind::kByte) {
      table.base_bytes[id] = 1;
      for (size_t i = 0; i < kSpacePieces.size(); ++i) {
        if (piece.text == kSpacePieces[i]) table.space_bytes[i] = static_cast<int32_t>(id);
      }
      continue;
    }
    std::string_view text = piece.text;
    if (text.starts_with(kSpaceMark)) {
      table.has_leading_space[id] = 1;
      text.remove_prefix(kSpaceMark.size());  // one mark only: further ones count three bytes each
    }
    if (text.size() > static_cast<size_t>(std::numeric_limits<int16_t>::max())) {
      fail(ErrorCode::kCorruptData, fmt::format("tokenizer: piece {} has {} bytes, at most {} are possible",
                                                id, text.size(), std::numeric_limits<int16_t>::max()));
    }
    table.base_bytes[id] = static_cast<int16_t>(text.size());
  }
  return table;
}

std::vector<uint16_t> bytes_of_tokens(const TokenBytes& table, std::span<const uint16_t> tokens) {
  std::vector<uint16_t> bytes(tokens.size());
  bool after_boundary = true;
  const std::array<int32_t, 3>& space = table.space_bytes;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const uint16_t token = tokens[i];
    if (token == space[0] && i + 2 < tokens.size() && tokens[i + 1] == space[1] &&
        tokens[i + 2] == space[2]) {
      bytes[i + 2] = after_boundary ? 0 : 1;
      i += 2;
      after_boundary = false;
      continue;
    }
    bytes[i] = static_cast<uint16_t>(table.base_bytes[token] +
                                     (table.has_leading_space[token] != 0 && !after_boundary ? 1 : 0));
    after_boundary = table.is_boundary[token] != 0;
  }
  return bytes;
}

int64_t count_bytes(const TokenBytes& table, std::span<const uint16_t> tokens) {
  int64_t bytes = 0;
  for (size_t i = 1; i < tokens.size(); ++i) bytes += table.of(tokens[i - 1], tokens[i]);
  return bytes;
}

}  // namespace golf
