// Paid prefixes: tokens under xz or zlib.
#include "fuzz/harness.h"
#include "golf/artifact/container/paid_prefix.h"
#include "golf/artifact/encode/codec.h"

namespace golf::fuzz {
namespace {

constexpr int64_t kVocabSize = 1024;

void run(ByteView input) {
  std::vector<uint16_t> tokens;
  if (!accepts([&] { tokens = decode_paid_prefix(input, "fuzz", kVocabSize); })) return;
  expect(!tokens.empty(), "a prefix has tokens");
  for (const uint16_t token : tokens) expect(token < kVocabSize, "a token is below the vocabulary");
  if (tokens.size() > kVocabSize) return;
  expect(decode_paid_prefix(encode_paid_prefix(tokens), "fuzz", kVocabSize) == tokens,
         "a prefix survives another round trip");
}

std::vector<Bytes> seeds() {
  std::vector<uint16_t> tokens;
  for (int i = 0; i < 100; ++i) tokens.push_back(static_cast<uint16_t>(i * 37 % kVocabSize));
  const ByteView raw = std::as_bytes(std::span(tokens));
  return {encode_paid_prefix(tokens), encode(parse_codec("zlib:6"), raw), encode(parse_codec("zlib:1"), raw)};
}

}  // namespace

const Harness kPaidPrefix = {.name = "paid_prefix", .run = run, .seeds = seeds};

}  // namespace golf::fuzz
