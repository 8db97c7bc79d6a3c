#pragma once

#include <cstdint>

namespace golf {

/// What a folder that somebody sent may hold at most: what is over is named in a finding, not read.
/// --help-limits prints these with those of base/limits.h.
namespace limits {
inline constexpr uint64_t kFolderEntries = 4096;
inline constexpr int kFolderDepth = 4;
inline constexpr uint64_t kFolderTextBytes = uint64_t{16} << 20;
/// Of all texts together: what is kept of them takes several times as much memory, 256 MB in all.
inline constexpr uint64_t kFolderBytes = uint64_t{32} << 20;
inline constexpr uint64_t kFolderLines = uint64_t{1} << 20;
inline constexpr uint64_t kFolderScripts = 256;
inline constexpr uint64_t kTextLines = uint64_t{1} << 20;
/// What a script that unpacks itself may hold, and how often; and what all scripts of a folder may.
inline constexpr uint64_t kUnpackedScriptBytes = uint64_t{16} << 20;
inline constexpr uint64_t kUnpackedFolderBytes = uint64_t{32} << 20;
inline constexpr int kWrapperDepth = 4;
}  // namespace limits

}  // namespace golf
