// Token shards.
#include "fuzz/harness.h"
#include "golf/artifact/formats/token_shard.h"

namespace golf::fuzz {
namespace {

constexpr int64_t kVocabSize = 1024;

void run(ByteView input) {
  accepts([&] { parse_token_shard(input, "fuzz", kVocabSize); });
  std::vector<uint16_t> tokens;
  if (!accepts([&] { tokens = parse_token_shard(input, "fuzz", 0); })) return;
  expect(input.size() == kShardHeaderBytes + 2 * tokens.size(), "tokens reach to the end");
  expect(parse_token_shard(encode_token_shard(tokens), "fuzz", 0) == tokens,
         "tokens survive another round trip");
}

std::vector<Bytes> seeds() {
  std::vector<uint16_t> tokens;
  for (int i = 0; i < 20; ++i) tokens.push_back(static_cast<uint16_t>(i * 97 % kVocabSize));
  return {encode_token_shard(tokens), encode_token_shard(std::span(tokens).first(2))};
}

}  // namespace

const Harness kTokenShard = {.name = "token_shard", .run = run, .seeds = seeds};

}  // namespace golf::fuzz
