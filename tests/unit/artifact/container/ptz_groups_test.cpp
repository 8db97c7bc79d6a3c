#include "container/ptz_groups.h"

#include <gtest/gtest.h>

#include "golf/artifact/base/external_program.h"
#include "support/error_matchers.h"

namespace golf {
namespace {

Bytes blob(const std::vector<Bytes>& streams) {
  ByteWriter writer;
  writer.write_bytes(as_bytes("PGRP"));
  writer.write<uint32_t>(static_cast<uint32_t>(streams.size()));
  for (const Bytes& stream : streams) writer.write<uint32_t>(static_cast<uint32_t>(stream.size()));
  for (const Bytes& stream : streams) writer.write_bytes(stream);
  return writer.take();
}

Bytes brotli(std::string_view text) { return encode(parse_codec("brotli:5"), as_bytes(text)); }

TEST(PtzGroups, AreListedStreamByStream) {
  const std::vector<Bytes> streams = {brotli("first"), brotli("the second")};
  const Bytes bytes = blob(streams);
  EXPECT_TRUE(is_artifact(bytes));
  const ArtifactSummary summary = summarize_artifact(bytes, "m.ptz");
  EXPECT_EQ(summary.sizes.sum(), bytes.size());
  ASSERT_EQ(summary.sizes.rows.size(), 3U);
  EXPECT_EQ(summary.sizes.rows[0].bytes, 16U);
  EXPECT_EQ(summary.sizes.rows[2].bytes, streams[1].size());
  EXPECT_EQ(summary.sizes.rows[2].raw_bytes, 10U);
  EXPECT_FALSE(summary.sizes.rows[2].apportioned);
  EXPECT_GOLF_ERROR(decode_artifact(bytes, "m.ptz"), ErrorCode::kUnsupported,
                    "m.ptz: groups compressed one by one");
}

TEST(PtzGroups, NameTheStreamsOfPr1855) {
  const ArtifactSummary summary = summarize_artifact(blob(std::vector<Bytes>(9, brotli("x"))), "m.ptz");
  EXPECT_EQ(summary.sizes.rows[1].tensor, "stream 0: token matrix");
  EXPECT_EQ(summary.sizes.rows[6].group, "mlp");
  EXPECT_EQ(summary.sizes.rows[9].tensor, "stream 8: row orders");
}

TEST(PtzGroups, RefuseDamagedBlobs) {
  const Bytes bytes = blob({brotli("first"), brotli("second")});
  for (size_t length = 4; length < bytes.size(); ++length) {
    EXPECT_GOLF_ERROR(summarize_artifact(ByteView(bytes).first(length), "m.ptz"), ErrorCode::kCorruptData,
                      "m.ptz");
  }
  Bytes longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_GOLF_ERROR(summarize_artifact(longer, "m.ptz"), ErrorCode::kCorruptData, "m.ptz");
  EXPECT_GOLF_ERROR(summarize_artifact(blob({}), "m.ptz"), ErrorCode::kCorruptData,
                    "0 streams, 1 to 64 expected");
}

/// The beginning of an lrzip stream that declares so many decoded bytes.
Bytes lrzip_header(uint64_t decoded_bytes) {
  ByteWriter writer;
  writer.write_bytes(as_bytes("LRZI"));
  writer.write<uint16_t>(0x0600);
  writer.write<uint64_t>(decoded_bytes);
  return writer.take();
}

TEST(PtzGroups, RefuseLrzipStreamsThatDeclareTooMuchBeforeStartingTheProgram) {
  EXPECT_GOLF_ERROR(summarize_artifact(blob({lrzip_header(uint64_t{1} << 40)}), "m.ptz"),
                    ErrorCode::kCorruptData,
                    "m.ptz: stream 0 (group): 1099511627776 decoded bytes declared, at most 536870912");
  EXPECT_GOLF_ERROR(summarize_artifact(blob({brotli("x"), Bytes(5, std::byte{'L'})}), "m.ptz"),
                    ErrorCode::kCorruptData, "m.ptz: stream 1");
}

/// What lrzip makes of the bytes; nothing when it is not installed.
std::optional<Bytes> lrzip(ByteView bytes) {
  try {
    return run_filter({"lrzip", "-z", "-q"}, bytes, 1'000'000, "lrzip");
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kUnsupported) return std::nullopt;
    throw;
  }
}

TEST(PtzGroups, ReadLrzipStreamsByTheProgramOrSayThatItIsMissing) {
  Bytes codes(100'000);
  for (size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::byte>(i * i % 61);
  const std::optional<Bytes> stream = lrzip(codes);
  if (!stream) {
    EXPECT_GOLF_ERROR(
        summarize_artifact(blob({lrzip_header(0)}), "m.ptz"), ErrorCode::kUnsupported,
        "m.ptz: stream 0 (group): needs the program lrzip, which is not installed: install lrzip");
    return;
  }
  const ArtifactSummary summary = summarize_artifact(blob({*stream, brotli("map")}), "m.ptz");
  EXPECT_EQ(summary.sizes.rows[1].raw_bytes, codes.size());
  EXPECT_EQ(summary.sizes.rows[1].scheme, "int8");
  EXPECT_EQ(summary.sizes.rows[1].elements, 100'000);
  Bytes damaged = *stream;
  damaged.resize(damaged.size() / 2);
  EXPECT_GOLF_ERROR(summarize_artifact(blob({damaged}), "m.ptz"), ErrorCode::kCorruptData,
                    "m.ptz: stream 0 (group): lrzip failed");
}

TEST(ExternalProgram, FiltersItsInput) {
  const Bytes text(200'000, std::byte{'a'});
  EXPECT_EQ(run_filter({"cat"}, text, text.size(), "t"), text);
  EXPECT_EQ(as_text(run_filter({"tr", "a-z", "A-Z"}, as_bytes("abc"), 3, "t")), "ABC");
}

TEST(ExternalProgram, IsNotRunThroughAShell) {
  EXPECT_EQ(as_text(run_filter({"printf", "%s", "$(id); `id`"}, {}, 100, "t")), "$(id); `id`");
}

TEST(ExternalProgram, GetsItsSettings) {
  const std::vector<std::string> command = {"sh", "-c", "printf %s \"$GOLF_TEST$HOME\""};
  EXPECT_EQ(as_text(run_filter(command, {}, 100, "t", {"GOLF_TEST=a", "HOME=b"})), "ab");
}

TEST(ExternalProgram, SaysWhatWentWrong) {
  EXPECT_GOLF_ERROR(run_filter({"golf-no-such-program"}, {}, 1, "m.ptz"), ErrorCode::kUnsupported,
                    "m.ptz: needs the program golf-no-such-program, which is not installed");
  EXPECT_GOLF_ERROR(run_filter({"false"}, {}, 1, "m.ptz"), ErrorCode::kCorruptData,
                    "false failed with exit status 1");
  EXPECT_GOLF_ERROR(run_filter({"yes"}, {}, 100'000, "m.ptz"), ErrorCode::kCorruptData,
                    "m.ptz: yes printed more than the 100000 bytes allowed");
}

}  // namespace
}  // namespace golf
