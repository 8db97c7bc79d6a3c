// Codec golf on planes that say something about each other: layers of hidden units and of attention heads.
#include <gtest/gtest.h>

#include "encode/golf/search/model_search.h"
#include "golf_streams.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

using test::GolfStream;

constexpr int kWidth = 32;

/// A matrix of bell-shaped numbers. [rows, columns]
std::vector<int> random_matrix(int rows, int columns, int spread, std::mt19937& generator) {
  std::vector<int> values;
  for (int i = 0; i < rows * columns; ++i) values.push_back(test::bell(generator, spread));
  return values;
}

std::vector<int> transpose(const std::vector<int>& values, int columns) {
  const int rows = static_cast<int>(values.size()) / columns;
  std::vector<int> result;
  for (int c = 0; c < columns; ++c) {
    for (int r = 0; r < rows; ++r) result.push_back(values[static_cast<size_t>(r * columns + c)]);
  }
  return result;
}

/// Layers of two planes. What goes into hidden units has a row for each; what comes out of them has a column,
/// which follows from a row of the first by a map that all layers share, and noise. With `repeats` units in
/// groups of four share their inputs.
GolfStream layers_of_units(int layers, int units, int repeats) {
  std::mt19937 generator(21);
  GolfStream stream;
  const std::vector<int> map = random_matrix(kWidth, kWidth, 4, generator);
  for (int layer = 0; layer < layers; ++layer) {
    const std::vector<int> in = random_matrix(units / repeats, kWidth, 12, generator);
    std::vector<int> out;
    for (int unit = 0; unit < units; ++unit) {
      const int row = unit / (4 * repeats) * 4 + unit % 4;
      const int size = 2 + unit * 7 % 5;
      for (int c = 0; c < kWidth; ++c) {
        int sum = test::bell(generator, 160);
        for (int k = 0; k < kWidth; ++k) {
          sum += map[static_cast<size_t>(c * kWidth + k)] * in[static_cast<size_t>(row * kWidth + k)];
        }
        out.push_back(std::clamp(sum * size / 100, -127, 127));
      }
    }
    test::add_plane(stream, {units / repeats, kWidth}, in);
    test::add_words(stream, 2, units / repeats, static_cast<unsigned>(layer));
    test::add_plane(stream, {kWidth, units}, transpose(out, kWidth));
  }
  return stream;
}

std::vector<Int8Tensor> planes_of(const GolfStream& stream) {
  std::vector<Int8Tensor> planes;
  const auto* at = reinterpret_cast<const int8_t*>(stream.joined.data());
  for (const StreamTensor& member : stream.members) {
    if (member.element_bytes == 1) planes.push_back({{at, member.bytes()}, natural_view(member.shape)});
    at += member.bytes();
  }
  return planes;
}

void expect_gain(const GolfStream& stream, size_t percent) {
  const size_t without = encode_golf_stream(stream.members, stream.joined, 4).size();
  const Bytes encoded = encode_golf_stream(stream.members, stream.joined, 9);
  EXPECT_LT(encoded.size(), without * (100 - percent) / 100);
  EXPECT_EQ(decode_golf_stream(stream.members, encoded, "t"), stream.joined);
}

TEST(GolfCompanions, PredictWhatComesOutOfHiddenUnits) { expect_gain(layers_of_units(6, 96, 1), 3); }

TEST(GolfCompanions, ServeSeveralHeadsEach) { expect_gain(layers_of_units(6, 192, 2), 4); }

TEST(GolfCompanions, AreFoundByRepetition) {
  for (const int repeats : {1, 2}) {
    const GolfStream stream = layers_of_units(3, 192, repeats);
    const auto relations = find_relations(planes_of(stream));
    for (const size_t i : {1U, 3U, 5U}) {
      ASSERT_TRUE(relations[i].has_value());
      EXPECT_TRUE(relations[i]->transposed);
      EXPECT_EQ(relations[i]->reference.back, 1);
      EXPECT_FALSE(relations[i]->reference.transposed);
      EXPECT_EQ(relations[i]->reference.group, repeats == 1 ? 1U : 4U);
      EXPECT_EQ(relations[i]->slot, 1);
    }
  }
}

TEST(GolfCompanions, AreNotFoundInNoise) {
  std::mt19937 generator(22);
  GolfStream stream;
  for (int i = 0; i < 4; ++i) test::add_plane(stream, {64, 48}, random_matrix(64, 48, 12, generator));
  for (const auto& relation : find_relations(planes_of(stream))) {
    EXPECT_TRUE(!relation || relation->reference.back == 0);
  }
}

TEST(GolfCompanions, MeetTruncationWithAnError) {
  const GolfStream stream = layers_of_units(2, 64, 1);
  const Bytes encoded = encode_golf_stream(stream.members, stream.joined, 9);
  for (size_t length = 0; length < encoded.size(); length += 7) {
    EXPECT_GOLF_ERROR(decode_golf_stream(stream.members, ByteView(encoded).first(length), "w.golf"),
                      ErrorCode::kCorruptData, "w.golf: ");
  }
}

TEST(GolfCompanions, MeetAFlippedBitWithAnErrorOrBoundedOutput) {
  for (const int repeats : {1, 2}) {
    const GolfStream stream = layers_of_units(2, 64 * repeats, repeats);
    const Bytes encoded = encode_golf_stream(stream.members, stream.joined, 9);
    for (size_t i = 0; i < encoded.size(); i += i < 512 ? 1 : 11) {
      for (const unsigned bit : {i % 8, (i + 3) % 8}) {
        Bytes damaged = encoded;
        damaged[i] ^= static_cast<std::byte>(1U << bit);
        try {
          EXPECT_EQ(decode_golf_stream(stream.members, damaged, "w").size(), stream.joined.size());
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), ErrorCode::kCorruptData) << error.what();
        }
      }
    }
  }
}

}  // namespace
}  // namespace golf
