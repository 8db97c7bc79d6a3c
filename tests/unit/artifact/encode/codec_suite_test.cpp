// One suite that runs over every codec of plain bytes in the table: a new one is tested by being listed
// there.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "encode/codec_source.h"
#include "golf/artifact/encode/codec.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

constexpr uint64_t kLimit = uint64_t{1} << 24;

Bytes random_bytes(size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  Bytes bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(generator() & 0xffU);
  return bytes;
}

/// Quantized weights: small integers around zero, bell-shaped.
Bytes weight_like_bytes(size_t count) {
  std::mt19937 generator(5);
  Bytes bytes(count);
  for (std::byte& byte : bytes) {
    int sum = -16;
    for (int i = 0; i < 4; ++i) sum += static_cast<int>(generator() % 9);
    byte = static_cast<std::byte>(sum);
  }
  return bytes;
}

class EveryCodec : public testing::TestWithParam<CodecId> {
 protected:
  const CodecRow& row() const { return codec_row(GetParam()); }
  CodecSpec spec() const { return {GetParam(), row().default_level, false}; }
};

/// All but store, whose bytes have no form that could be broken.
class EveryCompressor : public EveryCodec {};

TEST_P(EveryCodec, RoundTripsAllKindsOfBytes) {
  const std::vector<Bytes> inputs = {{},
                                     {std::byte{7}},
                                     random_bytes(100, 1),
                                     Bytes(100'000, std::byte{42}),
                                     random_bytes(300'000, 2),
                                     weight_like_bytes(300'000)};
  for (const Bytes& raw : inputs) {
    const Bytes encoded = encode(spec(), raw);
    EXPECT_EQ(decode(GetParam(), encoded, kLimit, "t"), raw) << raw.size();
    EXPECT_EQ(decode(GetParam(), encoded, raw.size(), "t"), raw) << "limit equal to the size";
    EXPECT_EQ(encode(spec(), raw), encoded) << "encoding is not deterministic";
  }
}

TEST_P(EveryCodec, RoundTripsAtEveryLevel) {
  const Bytes raw = weight_like_bytes(20'000);
  for (int level = row().min_level; level <= row().max_level; ++level) {
    for (const bool extreme : {false, true}) {
      if (extreme && !row().has_extreme) continue;
      const Bytes encoded = encode({GetParam(), level, extreme}, raw);
      EXPECT_EQ(decode(GetParam(), encoded, kLimit, "t"), raw) << level;
    }
  }
}

TEST(Brotli, JoinsThePiecesOfALargeInputIntoOneStreamWhateverTheThreads) {
  const Bytes part = weight_like_bytes(1 << 20);
  Bytes raw;
  for (int i = 0; i < 9; ++i) raw.insert(raw.end(), part.begin(), part.end());
  raw.resize(raw.size() + 12345);
  const CodecSpec quick = {CodecId::kBrotli, 1, false};
  const Bytes encoded = encode(quick, raw, 1);
  EXPECT_TRUE(decode(CodecId::kBrotli, encoded, kLimit, "t") == raw);
  for (const int threads : {2, 3}) EXPECT_TRUE(encode(quick, raw, threads) == encoded) << threads;
}

TEST_P(EveryCompressor, RefusesEveryTruncatedPrefix) {
  const Bytes encoded = encode(spec(), weight_like_bytes(2'000));
  for (size_t length = 0; length < encoded.size(); ++length) {
    EXPECT_GOLF_ERROR(decode(GetParam(), ByteView(encoded).first(length), kLimit, "w.golf"),
                      ErrorCode::kCorruptData, "w.golf: ");
  }
}

TEST_P(EveryCompressor, RefusesBytesAfterTheStream) {
  const Bytes encoded = encode(spec(), weight_like_bytes(2'000));
  for (const Bytes& extra : {Bytes(1), Bytes(4096, std::byte{0xff}), encoded}) {
    Bytes longer = encoded;
    longer.insert(longer.end(), extra.begin(), extra.end());
    EXPECT_GOLF_ERROR(decode(GetParam(), longer, kLimit, "w.golf"), ErrorCode::kCorruptData,
                      " bytes after the ");
  }
}

TEST_P(EveryCodec, MeetsEveryBitFlipWithAnErrorOrBoundedOutput) {
  const Bytes encoded = encode(spec(), weight_like_bytes(600));
  for (size_t bit = 0; bit < encoded.size() * 8; ++bit) {
    Bytes damaged = encoded;
    damaged[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    try {
      EXPECT_LE(decode(GetParam(), damaged, 10'000, "w").size(), 10'000U);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCorruptData) << error.what();
    }
  }
}

TEST_P(EveryCodec, StopsABombAtTheLimit) {
  const Bytes encoded = encode(spec(), Bytes(8'000'000));
  EXPECT_GOLF_ERROR(decode(GetParam(), encoded, 100'000, "bomb"), ErrorCode::kCorruptData,
                    "bomb: decodes to more than the 100000 bytes allowed");
  EXPECT_GOLF_ERROR(decode(GetParam(), encoded, 7'999'999, "bomb"), ErrorCode::kCorruptData, "7999999");
  EXPECT_GOLF_ERROR(decode(GetParam(), encoded, 0, "bomb"), ErrorCode::kCorruptData, "the 0 bytes");
}

TEST_P(EveryCodec, GivesThePrefixWithoutTheRest) {
  const Bytes raw = random_bytes(200'000, 3);
  Bytes encoded = encode(spec(), raw);
  encoded.resize(encoded.size() - 1000);
  EXPECT_EQ(decode_prefix(GetParam(), encoded, 4, "t"), Bytes(raw.begin(), raw.begin() + 4));
  EXPECT_EQ(decode_prefix(GetParam(), encode(spec(), Bytes(3)), 4, "t"), Bytes(3));
}

TEST_P(EveryCompressor, RefusesTheOutputOfTheOthers) {
  for (const CodecRow& other : codec_table()) {
    if (other.id == GetParam() || !other.codes_bytes()) continue;
    const Bytes encoded = encode({other.id, other.default_level, false}, weight_like_bytes(5'000));
    EXPECT_GOLF_ERROR(decode(GetParam(), encoded, kLimit, "t"), ErrorCode::kCorruptData, "stream is");
  }
}

TEST_P(EveryCodec, IsDetectedByItsMagicNumberIfItHasOne) {
  const bool has_magic = !row().magic.empty() || row().functions->recognizes != nullptr;
  const auto expected = has_magic ? std::optional(GetParam()) : std::nullopt;
  for (int level = row().min_level; level <= row().max_level; ++level) {
    EXPECT_EQ(detect_codec(encode({GetParam(), level, false}, weight_like_bytes(5'000))), expected) << level;
  }
}

std::vector<CodecId> codecs(bool with_store) {
  std::vector<CodecId> ids;
  for (const CodecRow& row : codec_table()) {
    if (row.codes_bytes() && (with_store || row.id != CodecId::kStore)) ids.push_back(row.id);
  }
  return ids;
}

std::string codec_name(const testing::TestParamInfo<CodecId>& info) {
  return std::string(codec_row(info.param).name);
}

INSTANTIATE_TEST_SUITE_P(Table, EveryCodec, testing::ValuesIn(codecs(true)), codec_name);
INSTANTIATE_TEST_SUITE_P(Table, EveryCompressor, testing::ValuesIn(codecs(false)), codec_name);

}  // namespace
}  // namespace golf
