// Codec golf on whole streams: what goes in comes out, and anything else is refused.
#include "encode/golf/golf_codec.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <numeric>

#include "golf/artifact/base/checksum.h"
#include "golf/artifact/encode/codec.h"
#include "golf_streams.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

using test::GolfStream;

/// Decodes a damaged stream: an error, or as many bytes as there should be.
void expect_met(const GolfStream& stream, const Bytes& damaged) {
  try {
    EXPECT_EQ(decode_golf_stream(stream.tensors, damaged, "w").size(), stream.joined.size());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCorruptData) << error.what();
  }
}

/// The levels that code differently.
const std::vector<int>& levels() {
  static const std::vector<int> all = {1, 2, 3, 4, 5, 7, 9};
  return all;
}

void expect_round_trip(const GolfStream& stream) {
  for (const int level : levels()) {
    const Bytes encoded = encode_golf_stream(stream.tensors, stream.joined, level);
    EXPECT_EQ(decode_golf_stream(stream.tensors, encoded, "t"), stream.joined) << "level " << level;
  }
}

GolfStream one_tensor(Shape shape, const std::vector<int>& values) {
  GolfStream stream;
  test::add_int8(stream, std::move(shape), values);
  return stream;
}

TEST(GolfCodec, RoundTripsEveryKindOfMember) {
  expect_round_trip({});
  expect_round_trip(test::mixed_stream());
  expect_round_trip(test::mixed_stream(7));
}

/// The format's promise: the same bytes from every compiler, on every processor. One stream for each way of
/// coding, so that a failure says what moved. When all move with the input's own CRC, the input did.
TEST(GolfCodec, GivesTheSameBytesEverywhere) {
  constexpr std::array kLevels = {1, 3, 5, 9};
  const auto words = [](uint64_t element_bytes, unsigned seed) {
    GolfStream stream;
    test::add_words(stream, element_bytes, 400, seed);
    return stream;
  };
  const struct {
    const char* what;
    GolfStream stream;
    uint64_t input;
    std::array<uint64_t, kLevels.size()> encoded;
  } cases[] = {
      {"int8 tensor whose scales differ by row and column",
       one_tensor({200, 48}, test::scaled_tensor(200, 48, 6, 21)),
       1061403557039087582U,
       {3085944284839975435U, 4175576685926911614U, 4175576685926911614U, 4175576685926911614U}},
      {"int8 tensor that linear prediction serves",
       one_tensor({300, 24}, test::correlated_tensor(300, 24, 22)),
       7728031652949507595U,
       {15283627882125257542U, 13901912011600034526U, 1775545516946808855U, 13643619594951885879U}},
      {"int8 tensor whose rows all reach their absmax",
       one_tensor({300, 24}, test::absmax_tensor(300, 24, 31, 23)),
       8420613589426927506U,
       {11063767476050746048U, 2908782692493171697U, 15799644540793150413U, 132095591281086836U}},
      {"float16 scales",
       words(2, 24),
       4722101253052258381U,
       {434644002180827649U, 434644002180827649U, 434644002180827649U, 434644002180827649U}},
      {"float32 values",
       words(4, 25),
       9093174303848704490U,
       {13989134018859036895U, 13989134018859036895U, 13989134018859036895U, 13989134018859036895U}},
      {"all kinds in one stream",
       test::mixed_stream(7),
       12311129013175459278U,
       {4759019741430067826U, 7072229578093669979U, 6305102338425254440U, 9935823236285731307U}},
  };
  for (const auto& [what, stream, input, encoded] : cases) {
    EXPECT_EQ(crc64(stream.joined), input) << what << ": the test's own input moved";
    for (size_t i = 0; i < kLevels.size(); ++i) {
      EXPECT_EQ(crc64(encode_golf_stream(stream.tensors, stream.joined, kLevels[i])), encoded[i])
          << what << ": its bytes at level " << kLevels[i] << " moved";
    }
  }
}

TEST(GolfCodec, RoundTripsEveryWidthAndUnevenShapes) {
  for (int bits = 4; bits <= 8; ++bits) {
    for (const auto& [rows, columns] : {std::pair{1, 1}, {1, 50}, {50, 1}, {3, 333}, {130, 70}, {257, 9}}) {
      expect_round_trip(one_tensor({rows, columns}, test::scaled_tensor(rows, columns, bits, 7)));
    }
  }
  expect_round_trip(one_tensor({3, 4, 5}, test::scaled_tensor(12, 5, 8, 8)));
  expect_round_trip(one_tensor({700}, test::scaled_tensor(1, 700, 8, 9)));
}

TEST(GolfCodec, RoundTripsExtremeValues) {
  std::mt19937 generator(10);
  std::vector<int> uniform(64 * 48);
  for (int& value : uniform) value = static_cast<int>(generator() % 256) - 128;
  expect_round_trip(one_tensor({64, 48}, uniform));
  std::vector<int> corners(64 * 48);
  for (int& value : corners) value = generator() % 2 == 0 ? -128 : 127;
  expect_round_trip(one_tensor({64, 48}, corners));
  std::vector<int> sparse(64 * 48);
  for (size_t i = 0; i < sparse.size(); i += 97) sparse[i] = i % 2 == 0 ? 127 : -128;
  expect_round_trip(one_tensor({64, 48}, sparse));
  std::vector<int> stripes(64 * 48);
  for (size_t i = 0; i < stripes.size(); ++i)
    stripes[i] = i / 48 % 2 == 0 ? 0 : 100 + static_cast<int>(i % 2);
  expect_round_trip(one_tensor({64, 48}, stripes));
  expect_round_trip(one_tensor({64, 48}, std::vector<int>(64 * 48, -128)));
}

TEST(GolfCodec, RoundTripsAPlaneWithMoreColumnsThanItPredicts) {
  expect_round_trip(one_tensor({1100, 1030}, test::scaled_tensor(1100, 1030, 4, 11)));
}

TEST(GolfCodec, PredictsRowsThatShareDirections) {
  const GolfStream stream = one_tensor({600, 24}, test::correlated_tensor(600, 24, 12));
  const size_t with_scales = encode_golf_stream(stream.tensors, stream.joined, 2).size();
  EXPECT_LT(encode_golf_stream(stream.tensors, stream.joined, 3).size(), with_scales * 7 / 8);
}

TEST(GolfCodec, RefersToRowsThatAreAlike) {
  // Pairs of rows far apart, equal but for noise, in more directions than prediction could learn.
  std::mt19937 generator(15);
  std::vector<int> values;
  for (int i = 0; i < 96 * 64; ++i) values.push_back(test::bell(generator, 20));
  for (int i = 0; i < 96 * 64; ++i)
    values.push_back(values[static_cast<size_t>(i)] + test::bell(generator, 2));
  const GolfStream stream = one_tensor({192, 64}, values);
  const size_t without = encode_golf_stream(stream.tensors, stream.joined, 4).size();
  const Bytes encoded = encode_golf_stream(stream.tensors, stream.joined, 5);
  EXPECT_LT(encoded.size(), without * 9 / 10);
  EXPECT_EQ(decode_golf_stream(stream.tensors, encoded, "t"), stream.joined);
}

TEST(GolfCodec, PredictsRowsThatAvoidEachOther) {
  // A Hadamard matrix, signs changed at random, and again: orthogonal rows of bell-shaped values.
  const auto hadamard = [](unsigned r, unsigned c) { return std::popcount(r & c) % 2 == 0 ? 1 : -1; };
  std::mt19937 generator(16);
  std::vector<int> signs(128);
  for (int& sign : signs) sign = generator() % 2 == 0 ? 1 : -1;
  std::vector<int> values;
  for (unsigned r = 0; r < 128; ++r) {
    for (unsigned c = 0; c < 128; ++c) {
      int sum = 0;
      for (unsigned k = 0; k < 128; ++k) sum += hadamard(r, k) * signs[k] * hadamard(k, c);
      values.push_back(sum);
    }
  }
  const GolfStream stream = one_tensor({128, 128}, values);
  const size_t covariance_only = encode_golf_stream(stream.tensors, stream.joined, 4).size();
  const Bytes encoded = encode_golf_stream(stream.tensors, stream.joined, 9);
  EXPECT_LT(encoded.size(), covariance_only * 93 / 100);
  EXPECT_EQ(decode_golf_stream(stream.tensors, encoded, "t"), stream.joined);
}

TEST(GolfCodec, LearnsFromTheLastRowsFirstWhereThatSaves) {
  std::vector<int> values = test::correlated_tensor(600, 24, 34);
  std::mt19937 generator(35);
  for (size_t i = 0; i < 200 * 24; ++i) values[i] = test::bell(generator, 12);
  const GolfStream stream = one_tensor({600, 24}, values);
  const Bytes encoded = encode_golf_stream(stream.tensors, stream.joined, 5);
  EXPECT_LT(encoded.size(), encode_golf_stream(stream.tensors, stream.joined, 4).size() * 99 / 100);
  EXPECT_EQ(decode_golf_stream(stream.tensors, encoded, "t"), stream.joined);
}

TEST(GolfCodec, RefusesAMethodThatIsNotThere) {
  const GolfStream stream = test::mixed_stream();
  Bytes encoded = encode_golf_stream(stream.tensors, stream.joined, 3);
  for (const int method : {0, 3, 255}) {
    encoded[0] = static_cast<std::byte>(method);
    EXPECT_GOLF_ERROR(decode_golf_stream(stream.tensors, encoded, "t"), ErrorCode::kCorruptData,
                      "t: the golf stream is damaged: its method is not known");
  }
  encoded[0] = std::byte{1};
  expect_met(stream, encoded);
}

TEST(GolfCodec, ExpectsOnePeakInARow) {
  const GolfStream stream = one_tensor({500, 64}, test::absmax_tensor(500, 64, 31, 18));
  const Bytes encoded = encode_golf_stream(stream.tensors, stream.joined, 4);
  EXPECT_LT(encoded.size(), encode_golf_stream(stream.tensors, stream.joined, 3).size() * 998 / 1000);
  EXPECT_EQ(decode_golf_stream(stream.tensors, encoded, "t"), stream.joined);
}

TEST(GolfCodec, TakesTheScalesOfRowsFromTheirSpread) {
  // Float16 scales that are inverse to the rows' spread, as when all rows have one spread before quantizing.
  GolfStream beside;
  GolfStream apart;
  std::mt19937 generator(17);
  std::vector<int> values;
  std::vector<std::byte> scales;
  for (int r = 0; r < 512; ++r) {
    const int spread = 6 + static_cast<int>(generator() % 12);
    for (int c = 0; c < 128; ++c) values.push_back(test::bell(generator, spread));
    const auto scale = static_cast<unsigned>(12'000 - 1024 * std::log2(spread) + test::bell(generator, 20));
    scales.push_back(static_cast<std::byte>(scale));
    scales.push_back(static_cast<std::byte>(scale >> 8));
  }
  test::add_int8(beside, {512, 128}, values);
  apart = beside;
  beside.tensors.push_back({{512}, 2});
  test::add_int8(apart, {1}, {0});
  apart.tensors.push_back({{512}, 2});
  for (GolfStream* stream : {&beside, &apart}) {
    stream->joined.insert(stream->joined.end(), scales.begin(), scales.end());
  }
  const Bytes encoded = encode_golf_stream(beside.tensors, beside.joined, 2);
  EXPECT_EQ(decode_golf_stream(beside.tensors, encoded, "t"), beside.joined);
  EXPECT_LT(encoded.size() + 50, encode_golf_stream(apart.tensors, apart.joined, 2).size());
}

TEST(GolfCodec, RoundTripsScalesOfAnyBits) {
  std::mt19937 generator(18);
  GolfStream stream = one_tensor({300, 16}, test::scaled_tensor(300, 16, 6, 19));
  stream.tensors.push_back({{300}, 2});
  for (int r = 0; r < 300; ++r) {
    // Near the usual for a while, then anywhere, as numbers that are no scales are, and near again.
    const unsigned word = r / 100 == 1 ? generator() : 15'000 + generator() % 32;
    stream.joined.push_back(static_cast<std::byte>(word));
    stream.joined.push_back(static_cast<std::byte>(word >> 8));
  }
  expect_round_trip(stream);
}

TEST(GolfCodec, UsesTheScalesOfRowsAndColumns) {
  const GolfStream stream = one_tensor({400, 60}, test::scaled_tensor(400, 60, 8, 13));
  const size_t rows = encode_golf_stream(stream.tensors, stream.joined, 1).size();
  const size_t both = encode_golf_stream(stream.tensors, stream.joined, 2).size();
  const size_t brotli = encode(parse_codec("brotli:11"), stream.joined).size();
  EXPECT_LT(both, rows * 98 / 100);
  EXPECT_LT(both, brotli * 97 / 100);
}

TEST(GolfCodec, TellsTheBytesOfEachMember) {
  const GolfStream stream = test::mixed_stream(5);
  for (const int level : levels()) {
    const Bytes encoded = encode_golf_stream(stream.tensors, stream.joined, level);
    const std::vector<uint64_t> bytes = golf_tensor_bytes(stream.tensors, encoded, "t");
    ASSERT_EQ(bytes.size(), stream.tensors.size());
    EXPECT_LT(std::accumulate(bytes.begin(), bytes.end(), uint64_t{0}), encoded.size());
    EXPECT_GT(bytes[0], stream.tensors[0].bytes() / 3);
    EXPECT_LT(bytes[0], stream.tensors[0].bytes());
    EXPECT_EQ(bytes[2], 0U) << "an empty tensor";
  }
}

TEST(GolfCodec, RefusesEveryTruncatedPrefixAndBytesAfterTheStream) {
  const GolfStream stream = test::mixed_stream();
  for (const int level : levels()) {
    Bytes encoded = encode_golf_stream(stream.tensors, stream.joined, level);
    for (size_t length = 0; length < encoded.size(); ++length) {
      EXPECT_GOLF_ERROR(decode_golf_stream(stream.tensors, ByteView(encoded).first(length), "w.golf"),
                        ErrorCode::kCorruptData, "w.golf: ");
    }
    encoded.push_back({});
    EXPECT_GOLF_ERROR(decode_golf_stream(stream.tensors, encoded, "w.golf"), ErrorCode::kCorruptData,
                      "w.golf: 1 bytes after the golf stream");
  }
}

TEST(GolfCodec, MeetsAFlippedBitInEveryByteWithAnErrorOrBoundedOutput) {
  const GolfStream stream = test::mixed_stream();
  for (const int level : levels()) {
    const Bytes encoded = encode_golf_stream(stream.tensors, stream.joined, level);
    for (size_t i = 0; i < encoded.size(); ++i) {
      Bytes damaged = encoded;
      damaged[i] ^= static_cast<std::byte>(1U << (i % 8));
      expect_met(stream, damaged);
    }
  }
}

TEST(GolfCodec, MeetsRandomMutationsWithAnErrorOrBoundedOutput) {
  const GolfStream stream = test::mixed_stream(2);
  std::mt19937 generator(14);
  for (const int level : levels()) {
    const Bytes encoded = encode_golf_stream(stream.tensors, stream.joined, level);
    for (int round = 0; round < 400; ++round) {
      Bytes damaged = encoded;
      const auto place = [&] { return generator() % damaged.size(); };
      // Values, runs, swapped pieces and lengths, mostly near the front, where the structure is.
      for (unsigned change = generator() % 4 + 1; change > 0; --change) {
        const size_t at = generator() % 2 == 0 ? place() : place() % 64;
        switch (generator() % 5) {
          case 0:
            damaged[at] = static_cast<std::byte>(generator());
            break;
          case 1:
            damaged[at] = generator() % 2 == 0 ? std::byte{0} : std::byte{0xff};
            break;
          case 2:
            std::swap(damaged[at], damaged[place()]);
            break;
          case 3:
            damaged.insert(damaged.begin() + static_cast<std::ptrdiff_t>(at),
                           static_cast<std::byte>(generator()));
            break;
          default:
            damaged.erase(damaged.begin() + static_cast<std::ptrdiff_t>(at));
        }
      }
      expect_met(stream, damaged);
    }
  }
}

TEST(GolfCodec, MeetsStreamsOfOtherMembersWithAnErrorOrBoundedOutput) {
  const GolfStream stream = test::mixed_stream();
  const Bytes encoded = encode_golf_stream(stream.tensors, stream.joined, 3);
  for (size_t i = 0; i < stream.tensors.size(); ++i) {
    GolfStream other = stream;
    other.tensors[i].shape.push_back(3);
    other.joined.resize(stream.joined.size() + 2 * stream.tensors[i].bytes());
    expect_met(other, encoded);
  }
}

TEST(GolfCodec, RefusesAStreamTooShortForWhatItShouldHold) {
  const GolfStream stream = one_tensor({64, 48}, std::vector<int>(64 * 48, 1));
  const Bytes encoded = encode_golf_stream(stream.tensors, stream.joined, 3);
  const std::vector<StreamTensor> larger = {{{20'000, 1'000}, 1}};
  EXPECT_FALSE(may_expand(encoded.size(), larger[0].bytes()));
  EXPECT_GOLF_ERROR(decode_golf_stream(larger, encoded, "bomb"), ErrorCode::kCorruptData,
                    "bomb: the golf stream is damaged: it is too short");
}

TEST(GolfCodec, IsNoCodecOfPlainBytes) {
  EXPECT_GOLF_ERROR(encode(parse_codec("golf:3"), Bytes(3)), ErrorCode::kInvalidArgument,
                    "codec golf is for the streams of a .golf file only");
  EXPECT_GOLF_ERROR(decode(CodecId::kGolf, Bytes(3), 10, "t"), ErrorCode::kCorruptData, "t: codec golf");
}

}  // namespace
}  // namespace golf
