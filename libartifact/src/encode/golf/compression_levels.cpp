#include "encode/golf/compression_levels.h"

#include <fmt/format.h>

#include <array>

#include "golf/artifact/base/error.h"

namespace golf {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
// Tensors learn from those before them in the stream from level 5 on: the longer a stream, the better.
constexpr uint64_t kShort = 4 * kMiB;
constexpr uint64_t kLong = 32 * kMiB;
constexpr size_t kAll = SIZE_MAX;
// clang-format off
constexpr std::array<CompressionLevel, kMaxCompressionLevel> kLevels = {{
    //    column        pre-  least   small-      several all          row         new
    // lanes scales absmax dict saving small est priors predict. relate matches probe stream
    {10, false, false, false, 0, false, false, false, false, false, 0,   64, kShort},  // 1
    {10, true,  false, false, 0, false, false, false, false, false, 0,   64, kShort},  // 2
    {10, true,  false, true,  6, false, false, true,  false, false, 0,   64, kShort},  // 3
    { 5, true,  true,  true,  0, true,  false, false, false, false, 0,   64, kShort},  // 4
    { 5, true,  true,  true,  0, true,  false, false, true,  true,  1,   64, kLong},   // 5
    { 5, true,  true,  true,  0, true,  false, true,  true,  true,  1,   64, kLong},   // 6
    { 5, true,  true,  true,  0, true,  false, true,  true,  true,  2,  128, kLong},   // 7
    { 5, true,  true,  true,  0, true,  false, true,  true,  true,  2,  128, kLong},   // 8
    { 5, true,  true,  true,  0, true,  true,  true,  true,  true,  3, kAll, kLong},   // 9
}};
// clang-format on

}  // namespace

const CompressionLevel& compression_level(int level) {
  if (level < kMinCompressionLevel || level > kMaxCompressionLevel) {
    fail(ErrorCode::kInvalidArgument, fmt::format("codec golf has no level {}", level));
  }
  return kLevels[static_cast<size_t>(level - kMinCompressionLevel)];
}

}  // namespace golf
