#pragma once

#include <cstdint>
#include <span>

namespace golf {

/// What an untrusted input may ask for at most. `--help-limits` prints this table.
namespace limits {
inline constexpr uint64_t kFileBytes = uint64_t{1} << 30;
inline constexpr uint64_t kDecompressedBytes = uint64_t{512} << 20;
inline constexpr int kZstdWindowLog = 27;
inline constexpr uint64_t kXzMemoryBytes = uint64_t{128} << 20;
inline constexpr int kBrotliWindowLog = 24;
inline constexpr uint64_t kPickleBytes = uint64_t{64} << 20;
inline constexpr uint64_t kPickleOpcodes = uint64_t{1} << 22;
inline constexpr uint64_t kPickleMemoEntries = uint64_t{1} << 20;
inline constexpr int kPickleNesting = 64;
inline constexpr uint64_t kPickleStringBytes = uint64_t{1} << 20;
inline constexpr uint64_t kPickleValues = uint64_t{1} << 20;
/// Values waiting on the stack: Python's pickler hands them over a thousand at a time, torch's in C++ a whole
/// dict.
inline constexpr uint64_t kPickleStack = uint64_t{1} << 18;
inline constexpr uint64_t kZipEntries = 65'535;
inline constexpr uint64_t kJsonBytes = uint64_t{16} << 20;
inline constexpr uint64_t kSafetensorsHeaderBytes = 100'000'000;
inline constexpr int kJsonNesting = 64;
inline constexpr uint64_t kTensors = 65'536;
inline constexpr int kTensorRank = 8;
inline constexpr uint64_t kTensorBytesTotal = uint64_t{4} << 30;
/// Views may repeat elements: what they expand to is at most this base plus so much per byte stored.
inline constexpr uint64_t kViewBaseBytes = uint64_t{64} << 20;
inline constexpr uint64_t kViewBytesPerStoredByte = 4;
}  // namespace limits

struct LimitRow {
  const char* name;
  uint64_t value;
  const char* unit;
};

/// Every limit above, in the order in which the manual lists them.
std::span<const LimitRow> limit_rows();

}  // namespace golf
