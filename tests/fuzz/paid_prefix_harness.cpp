// Paid prefixes: tokens under xz, zlib or nothing. The first byte of an input chooses the codec.
#include "fuzz/harness.h"
#include "golf/artifact/container/paid_prefix.h"
#include "golf/artifact/encode/codec.h"

namespace golf::fuzz {
namespace {

constexpr uint8_t kCodecs = static_cast<uint8_t>(PrefixCodec::kRaw) + 1;
constexpr int64_t kVocabSize = 1024;

void run(ByteView input) {
  if (input.empty()) return;
  const auto codec = static_cast<PrefixCodec>(static_cast<uint8_t>(input[0]) % kCodecs);
  std::vector<uint16_t> tokens;
  if (!accepts([&] { tokens = decode_paid_prefix(input.subspan(1), "fuzz", kVocabSize, codec); })) return;
  expect(!tokens.empty(), "a prefix has tokens");
  for (const uint16_t token : tokens) expect(token < kVocabSize, "a token is below the vocabulary");
  if (tokens.size() > kVocabSize) return;
  expect(decode_paid_prefix(encode_paid_prefix(tokens), "fuzz", kVocabSize) == tokens,
         "a prefix survives another round trip");
}

std::vector<Bytes> seeds() {
  std::vector<uint16_t> tokens;
  for (int i = 0; i < 100; ++i) tokens.push_back(static_cast<uint16_t>(i * 37 % kVocabSize));
  const Bytes xz = encode_paid_prefix(tokens);
  const ByteView raw = std::as_bytes(std::span(tokens));
  const Bytes zlib = encode(parse_codec("zlib:6"), raw);
  std::vector<Bytes> all;
  const auto add = [&](PrefixCodec codec, ByteView content) {
    ByteWriter writer;
    writer.write(static_cast<uint8_t>(codec));
    writer.write_bytes(content);
    all.push_back(writer.take());
  };
  for (const PrefixCodec codec : {PrefixCodec::kAuto, PrefixCodec::kLzma}) add(codec, xz);
  for (const PrefixCodec codec : {PrefixCodec::kAuto, PrefixCodec::kZlib}) add(codec, zlib);
  add(PrefixCodec::kRaw, raw);
  return all;
}

}  // namespace

const Harness kPaidPrefix = {.name = "paid_prefix", .run = run, .seeds = seeds};

}  // namespace golf::fuzz
