// Codec golf on tensors that predict each other: layers of hidden units and of attention heads.
#include <gtest/gtest.h>

#include "encode/golf/search/model_search.h"
#include "golf_streams.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

using test::GolfStream;

std::vector<Int8Tensor> int8_tensors_of(const GolfStream& stream) {
  std::vector<Int8Tensor> found;
  const auto* at = reinterpret_cast<const int8_t*>(stream.joined.data());
  for (const StreamTensor& tensor : stream.tensors) {
    if (tensor.element_bytes == 1) found.push_back({{at, tensor.bytes()}, natural_view(tensor.shape)});
    at += tensor.bytes();
  }
  return found;
}

void expect_gain(const GolfStream& stream, size_t percent) {
  const size_t without = encode_golf_stream(stream.tensors, stream.joined, 4).size();
  const Bytes encoded = encode_golf_stream(stream.tensors, stream.joined, 9);
  EXPECT_LT(encoded.size(), without * (100 - percent) / 100);
  EXPECT_EQ(decode_golf_stream(stream.tensors, encoded, "t"), stream.joined);
}

TEST(GolfReferenceTensors, PredictWhatComesOutOfHiddenUnits) {
  expect_gain(test::layers_of_units(6, 96, 32, 1), 3);
}

TEST(GolfReferenceTensors, ServeSeveralHeadsEach) { expect_gain(test::layers_of_units(6, 192, 32, 2), 4); }

TEST(GolfReferenceTensors, AreFoundByRepetition) {
  for (const int repeats : {1, 2}) {
    const GolfStream stream = test::layers_of_units(3, 192, 32, repeats);
    const auto relations = find_relations(int8_tensors_of(stream));
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

TEST(GolfReferenceTensors, AreNotFoundInNoise) {
  std::mt19937 generator(22);
  GolfStream stream;
  for (int i = 0; i < 4; ++i) test::add_int8(stream, {64, 48}, test::random_matrix(64, 48, 12, generator));
  for (const auto& relation : find_relations(int8_tensors_of(stream))) {
    EXPECT_TRUE(!relation || relation->reference.back == 0);
  }
}

TEST(GolfReferenceTensors, MeetTruncationWithAnError) {
  const GolfStream stream = test::layers_of_units(2, 64, 32, 1);
  const Bytes encoded = encode_golf_stream(stream.tensors, stream.joined, 9);
  for (size_t length = 0; length < encoded.size(); length += 7) {
    EXPECT_GOLF_ERROR(decode_golf_stream(stream.tensors, ByteView(encoded).first(length), "w.golf"),
                      ErrorCode::kCorruptData, "w.golf: ");
  }
}

TEST(GolfReferenceTensors, MeetAFlippedBitWithAnErrorOrBoundedOutput) {
  for (const int repeats : {1, 2}) {
    const GolfStream stream = test::layers_of_units(2, 64 * repeats, 32, repeats);
    const Bytes encoded = encode_golf_stream(stream.tensors, stream.joined, 9);
    for (size_t i = 0; i < encoded.size(); i += i < 512 ? 1 : 11) {
      for (const unsigned bit : {i % 8, (i + 3) % 8}) {
        Bytes damaged = encoded;
        damaged[i] ^= static_cast<std::byte>(1U << bit);
        try {
          EXPECT_EQ(decode_golf_stream(stream.tensors, damaged, "w").size(), stream.joined.size());
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), ErrorCode::kCorruptData) << error.what();
        }
      }
    }
  }
}

}  // namespace
}  // namespace golf
