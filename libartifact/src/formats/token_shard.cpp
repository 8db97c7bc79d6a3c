#include "golf/artifact/formats/token_shard.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"

namespace golf {
namespace {

constexpr int32_t kShardVersion = 1;
constexpr int32_t kFewestTokens = 2;  // one input and its target

struct Header {
  int32_t magic;
  int32_t version;
  int32_t token_count;
};

void check_vocabulary(std::span<const uint16_t> tokens, const std::string& what, int64_t vocab_size) {
  // Largest first: a loop without an early exit runs at memory speed.
  uint16_t largest = 0;
  for (const uint16_t token : tokens) largest = std::max(largest, token);
  if (vocab_size == 0 || largest < vocab_size) return;
  const auto bad =
      std::find_if(tokens.begin(), tokens.end(), [&](uint16_t token) { return token >= vocab_size; });
  fail(ErrorCode::kMismatch,
       fmt::format(
           "{}: token {} at position {} is not below the vocabulary of {}: use the tokenizer and model "
           "that these shards were made for",
           what, *bad, bad - tokens.begin(), vocab_size));
}

}  // namespace

std::vector<uint16_t> parse_token_shard(ByteView bytes, const std::string& what, int64_t vocab_size) {
  if (bytes.size() < kShardHeaderBytes) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: token shard of {} bytes, its header alone has {}", what,
                                              bytes.size(), kShardHeaderBytes));
  }
  const auto header = ByteReader(bytes, what).read<Header>();
  if (header.magic != kShardMagic) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{}: not a token shard: first word {}, {} expected", what, header.magic, kShardMagic));
  }
  if (header.version != kShardVersion) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{}: token shard version {}, {} expected", what, header.version, kShardVersion));
  }
  if (header.token_count < kFewestTokens) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: header says {} tokens, at least {} are needed", what,
                                              header.token_count, kFewestTokens));
  }
  const uint64_t expected = kShardHeaderBytes + sizeof(uint16_t) * static_cast<uint64_t>(header.token_count);
  if (bytes.size() != expected) {
    fail(ErrorCode::kCorruptData, fmt::format("{}: header says {} tokens, that is {} bytes, the file has {}",
                                              what, header.token_count, expected, bytes.size()));
  }
  std::vector<uint16_t> tokens(static_cast<size_t>(header.token_count));
  std::memcpy(tokens.data(), bytes.data() + kShardHeaderBytes, tokens.size() * sizeof(uint16_t));
  check_vocabulary(tokens, what, vocab_size);
  return tokens;
}

std::vector<uint16_t> read_token_shard(const std::string& path, int64_t vocab_size) {
  return parse_token_shard(read_file(path), printable(path), vocab_size);
}

Bytes encode_token_shard(std::span<const uint16_t> tokens) {
  if (tokens.size() < kFewestTokens || tokens.size() > std::numeric_limits<int32_t>::max()) {
    fail(ErrorCode::kInvalidArgument, fmt::format("a token shard of {} tokens: {} to 2^31 - 1 are possible",
                                                  tokens.size(), kFewestTokens));
  }
  Bytes bytes(kShardHeaderBytes + tokens.size_bytes());
  const Header header{kShardMagic, kShardVersion, static_cast<int32_t>(tokens.size())};
  std::memcpy(bytes.data(), &header, sizeof(header));
  std::memcpy(bytes.data() + kShardHeaderBytes, tokens.data(), tokens.size_bytes());
  return bytes;
}

}  // namespace golf
