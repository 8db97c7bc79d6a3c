#include <gtest/gtest.h>

#include <atomic>
#include <bit>
#include <cmath>
#include <filesystem>
#include <limits>

#include "base/sha256.h"
#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/checksum.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/half.h"
#include "golf/artifact/base/parallel_for.h"
#include "support/error_matchers.h"
#include "support/temp_dir.h"

namespace golf {
namespace {

TEST(Half, EveryF16SurvivesTheRoundTrip) {
  for (uint32_t h = 0; h < 0x10000; ++h) {
    const auto half = static_cast<uint16_t>(h);
    const float value = f16_to_f32(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(f16_to_f32(f32_to_f16(value))));
    } else {
      ASSERT_EQ(f32_to_f16(value), half) << value;
    }
  }
}

TEST(Half, WidensFloat8) {
  EXPECT_EQ(f8e4m3_to_f32(0x00), 0.0F);
  EXPECT_EQ(f8e4m3_to_f32(0x01), 0x1p-9F) << "the smallest";
  EXPECT_EQ(f8e4m3_to_f32(0x87), -7 * 0x1p-9F) << "the largest subnormal";
  EXPECT_EQ(f8e4m3_to_f32(0x08), 0x1p-6F);
  EXPECT_EQ(f8e4m3_to_f32(0x38), 1.0F);
  EXPECT_EQ(f8e4m3_to_f32(0xfe), -448.0F) << "the largest";
  EXPECT_TRUE(std::isnan(f8e4m3_to_f32(0x7f)));
  EXPECT_EQ(f8e5m2_to_f32(0x3c), 1.0F);
  EXPECT_EQ(f8e5m2_to_f32(0x01), 0x1p-16F);
  EXPECT_EQ(f8e5m2_to_f32(0xfb), -57344.0F);
  EXPECT_EQ(f8e5m2_to_f32(0x7c), std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(f8e5m2_to_f32(0x7d)));
}

TEST(Half, F16RoundsToNearestEven) {
  EXPECT_EQ(f32_to_f16(1.0F + 0x1p-11F), 0x3c00);             // tie, even below
  EXPECT_EQ(f32_to_f16(1.0F + 3 * 0x1p-11F), 0x3c02);         // tie, even above
  EXPECT_EQ(f32_to_f16(1.0F + 0x1p-11F + 0x1p-20F), 0x3c01);  // above the tie
  EXPECT_EQ(f32_to_f16(65519.996F), 0x7bff);
  EXPECT_EQ(f32_to_f16(65520.0F), 0x7c00);
  EXPECT_EQ(f32_to_f16(0x1p-25F), 0x0000);  // tie with zero
  EXPECT_EQ(f32_to_f16(0x1.8p-25F), 0x0001);
  EXPECT_EQ(f32_to_f16(-1e-12F), 0x8000);
  EXPECT_EQ(f32_to_f16(0x1.ffep-15F), 0x0400);  // largest subnormal rounds up to a normal
}

TEST(Half, Bf16RoundsToNearestEvenAndKeepsNan) {
  EXPECT_EQ(f32_to_bf16(1.0F + 0x1p-8F), 0x3f80);
  EXPECT_EQ(f32_to_bf16(1.0F + 3 * 0x1p-8F), 0x3f82);
  EXPECT_EQ(f32_to_bf16(std::numeric_limits<float>::max()), 0x7f80);
  EXPECT_TRUE(std::isnan(bf16_to_f32(f32_to_bf16(std::bit_cast<float>(0x7f800001U)))));
}

TEST(Sha256, InstructionsGiveTheStateOfThePlainCode) {
  if (!has_sha_instructions()) GTEST_SKIP() << "this processor has no SHA-256 instructions";
  std::vector<std::byte> data(64 * 9 + 1);
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::byte>(i * i * 7 + i / 3);
  for (size_t blocks = 0; blocks <= 9; ++blocks) {
    Sha256State plain = {1, 2, 3, 4, 0xFFFFFFFF, 6, 7, 0x80000000}, by_instructions = plain;
    add_blocks(plain, data.data() + 1, blocks);
    add_blocks_by_instructions(by_instructions, data.data() + 1, blocks);
    EXPECT_EQ(by_instructions, plain) << blocks << " blocks";
  }
}

TEST(Sha256, MatchesThePublishedVectors) {
  EXPECT_EQ(sha256_hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex(as_bytes("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(as_bytes(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(CheckedMath, ReportsOverflow) {
  EXPECT_EQ(checked_add<uint64_t>(3, 4), 7U);
  EXPECT_EQ(checked_add<uint64_t>(~0ULL, 1), std::nullopt);
  EXPECT_EQ(checked_mul<uint64_t>(1ULL << 32, 1ULL << 32), std::nullopt);
  EXPECT_GOLF_ERROR(mul_or_fail(1ULL << 63, 2, "header"), ErrorCode::kCorruptData,
                    "header: number too large");
}

TEST(ByteReader, RefusesToReadPastTheEnd) {
  ByteWriter writer;
  writer.write(uint32_t{7});
  writer.write_varint(300);
  writer.write_string("tok_emb");
  const Bytes bytes = writer.take();
  for (size_t length = 0; length < bytes.size(); ++length) {
    ByteReader reader(ByteView(bytes).first(length), "table");
    EXPECT_GOLF_ERROR((reader.read<uint32_t>(), reader.read_varint(), reader.read_string(100)),
                      ErrorCode::kCorruptData, "table: truncated");
  }
  ByteReader reader(bytes, "table");
  EXPECT_EQ(reader.read<uint32_t>(), 7U);
  EXPECT_GOLF_ERROR(reader.expect_end(), ErrorCode::kCorruptData, "left over");
  EXPECT_EQ(reader.read_varint(), 300U);
  EXPECT_EQ(reader.read_string(100), "tok_emb");
  reader.expect_end();
}

TEST(ByteReader, RefusesVarintsThatAreTooLong) {
  const Bytes over_long = {std::byte{0x80}, std::byte{0x00}};
  EXPECT_GOLF_ERROR(ByteReader(over_long, "v").read_varint(), ErrorCode::kCorruptData, "over-long");
  const Bytes huge(11, std::byte{0xff});
  EXPECT_GOLF_ERROR(ByteReader(huge, "v").read_varint(), ErrorCode::kCorruptData, "over 64 bits");
}

TEST(File, WritesWholeAndReadsBack) {
  const test::TempDir dir;
  const std::string path = dir.file("out.bin");
  write_file_atomic(path, as_bytes("first"));
  write_file_atomic(path, as_bytes("second"));
  EXPECT_EQ(as_text(read_file(path)), "second");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1)
      << "a temporary file was left";
}

TEST(File, KeepsTheOldFileWhenTheFolderIsMissing) {
  const test::TempDir dir;
  EXPECT_GOLF_ERROR(write_file_atomic(dir.file("no/such/out.bin"), {}), ErrorCode::kIo, "no/such/out.bin");
}

TEST(File, FollowsALinkInsteadOfReplacingIt) {
  const test::TempDir dir;
  write_file_atomic(dir.file("real"), as_bytes("old"));
  std::filesystem::create_symlink(dir.file("real"), dir.file("link"));
  write_file_atomic(dir.file("link"), as_bytes("new"));
  EXPECT_TRUE(std::filesystem::is_symlink(dir.file("link")));
  EXPECT_EQ(as_text(read_file(dir.file("real"))), "new");
}

TEST(File, RefusesFoldersDevicesAndOversizedInputs) {
  const test::TempDir dir;
  EXPECT_GOLF_ERROR(read_file(dir.path()), ErrorCode::kInvalidArgument, "not a regular file");
  EXPECT_GOLF_ERROR(read_file("/dev/zero"), ErrorCode::kInvalidArgument, "not a regular file");
  EXPECT_GOLF_ERROR(read_file(dir.file("absent")), ErrorCode::kInvalidArgument, "absent: cannot open");
  write_file_atomic(dir.file("big"), as_bytes("123456"));
  EXPECT_GOLF_ERROR(read_file(dir.file("big"), 5), ErrorCode::kInvalidArgument,
                    "over the limit of 5 for an input");
}

TEST(ParallelFor, VisitsEveryIndexOnceAndRethrowsTheError) {
  std::vector<std::atomic<int>> visits(1000);
  parallel_for(visits.size(), 4, [&](size_t i) { ++visits[i]; });
  for (const auto& count : visits) ASSERT_EQ(count, 1);
  EXPECT_GOLF_ERROR(parallel_for(8, 2,
                                 [](size_t i) {
                                   if (i == 3) fail(ErrorCode::kIo, "three");
                                 }),
                    ErrorCode::kIo, "three");
}

}  // namespace
}  // namespace golf
