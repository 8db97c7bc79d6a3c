#include "text/byte_sidecar.h"

#include <gtest/gtest.h>

#include "golf/artifact/formats/token_shard.h"
#include "small_tokenizer.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

std::vector<uint16_t> read(const std::vector<uint16_t>& bytes, const std::vector<uint16_t>& tokens) {
  return parse_byte_sidecar(encode_token_shard(bytes), "v_bytes_0.bin", tokens, "v_0.bin",
                            test::small_tokenizer());
}

TEST(ByteSidecar, HasANumberForEachToken) {
  const std::vector<uint16_t> tokens = {1, 7, 4, 2, 3, 5};
  const std::vector<uint16_t> bytes = {0, 0, 3, 0, 2, 7};  // a piece may stand for more text than it shows
  EXPECT_EQ(read(bytes, tokens), bytes);
  EXPECT_GOLF_ERROR(read({0, 0, 3}, tokens), ErrorCode::kMismatch,
                    "v_bytes_0.bin: holds the bytes of 3 tokens, v_0.bin has 6");
}

TEST(ByteSidecar, CountsNothingForControlPiecesAndOperators) {
  EXPECT_GOLF_ERROR(read({1, 3}, {1, 4}), ErrorCode::kMismatch,
                    "1 bytes at position 0, piece \"<s>\": 0 expected");
  EXPECT_GOLF_ERROR(read({0, 3, 4}, {1, 7, 4}), ErrorCode::kMismatch, "3 bytes at position 1");
  // After the escape operator an operator is text, the escape operator itself included.
  const std::vector<uint16_t> bytes = {0, 0, 3, 0, 3, 3};
  EXPECT_EQ(read(bytes, {1, 8, 7, 8, 8, 4}), bytes);
  EXPECT_GOLF_ERROR(read({0, 0, 3, 3}, {1, 8, 8, 7}), ErrorCode::kMismatch, "position 3");
}

TEST(ByteSidecar, IsNotThatOfAnotherShard) {
  std::vector<uint16_t> tokens = {1};
  std::vector<uint16_t> bytes = {0};
  for (int i = 0; i < 3000; ++i) {
    tokens.push_back(4);
    bytes.push_back(i == 7 || i == 9 ? 2 : 4);  // few pieces have less text than letters
  }
  EXPECT_EQ(read(bytes, tokens).size(), 3001U);
  for (size_t i = 20; i < 30; ++i) bytes[i] = 1;
  EXPECT_GOLF_ERROR(
      read(bytes, tokens), ErrorCode::kMismatch,
      "does not belong to v_0.bin: 2 bytes at position 8, piece \"\xE2\x96\x81the\": at least 3");
  EXPECT_GOLF_ERROR(read({0, 0}, {1, 7}), ErrorCode::kMismatch, "counts no text");
}

}  // namespace
}  // namespace golf
