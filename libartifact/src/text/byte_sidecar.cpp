#include "text/byte_sidecar.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/formats/token_shard.h"

namespace golf {
namespace {

using Kind = SentencePieceVocab::Kind;

constexpr std::string_view kEscape = "\xEE\x80\x84";  // U+E004
constexpr uint16_t kOperatorBytes = 3;
/// One token in so many may have fewer bytes than letters: normalization writes one character as several.
constexpr int64_t kShortTokens = 1000;

/// What the pieces demand of a token's bytes.
struct Demand {
  bool none = false;         ///< control, unused: no text
  bool is_operator = false;  ///< no text, or its own 3 bytes after the escape operator
  bool is_escape = false;
  uint16_t at_least = 0;
};

std::vector<Demand> demands_of(const SentencePieceVocab& vocab) {
  std::vector<Demand> demands(vocab.pieces.size());
  for (size_t id = 0; id < demands.size(); ++id) {
    const auto& piece = vocab.pieces[id];
    Demand& demand = demands[id];
    demand.none = piece.kind == Kind::kControl || piece.kind == Kind::kUnused;
    demand.is_operator = is_operator(piece);
    demand.is_escape = demand.is_operator && piece.text == kEscape;
    if (piece.kind != Kind::kNormal && piece.kind != Kind::kUserDefined) continue;
    demand.at_least = static_cast<uint16_t>(std::count_if(piece.text.begin(), piece.text.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }));
  }
  return demands;
}

}  // namespace

std::vector<uint16_t> parse_byte_sidecar(ByteView file, const std::string& name,
                                         std::span<const uint16_t> tokens, const std::string& shard,
                                         const Tokenizer& tokenizer) {
  std::vector<uint16_t> bytes = parse_token_shard(file, name, /*vocab_size=*/0);
  if (bytes.size() != tokens.size()) {
    fail(
        ErrorCode::kMismatch,
        fmt::format("{}: holds the bytes of {} tokens, {} has {}: give the sidecar that was made with it, or "
                    "move this one away",
                    name, bytes.size(), shard, tokens.size()));
  }
  const std::vector<Demand> demands = demands_of(tokenizer.vocab);
  const auto refuse = [&](size_t i, std::string_view expected) {
    fail(
        ErrorCode::kMismatch,
        fmt::format("{}: does not belong to {}: {} bytes at position {}, piece \"{}\": {} expected: give the "
                    "sidecar that was made with it",
                    name, shard, bytes[i], i, printable(tokenizer.vocab.pieces[tokens[i]].text), expected));
  };
  int64_t too_short = 0;
  size_t first_short = 0;
  bool escaped = false;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (tokens[i] >= demands.size()) continue;  // an id without a piece
    const Demand& demand = demands[tokens[i]];
    if (demand.none && bytes[i] != 0) refuse(i, "0");
    if (demand.is_operator && bytes[i] != 0 && !(escaped && bytes[i] == kOperatorBytes)) refuse(i, "0");
    if (bytes[i] < demand.at_least && too_short++ == 0) first_short = i;
    escaped = demand.is_escape && bytes[i] == 0;
  }
  const auto size = static_cast<int64_t>(bytes.size());
  if (too_short > 1 + size / kShortTokens) {
    refuse(first_short, fmt::format("at least {}", demands[tokens[first_short]].at_least));
  }
  if (std::all_of(bytes.begin(), bytes.end(), [](uint16_t count) { return count == 0; })) {
    fail(ErrorCode::kMismatch, fmt::format("{}: all of its numbers are 0: it counts no text", name));
  }
  return bytes;
}

}  // namespace golf
