#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace golf {

/// What a run of bytes in an artifact is for.
enum class BytePart { kPayload, kScales, kMetadata, kContainer, kCode };
std::string_view part_name(BytePart part);

/// One labelled share of a file. The rows of a SizeMap sum exactly to the file.
struct SizeRow {
  std::string tensor = {};  ///< empty for bytes that belong to no tensor
  std::string group = {};   ///< role_name(), or "container", "code"
  int64_t layer = -1;       ///< -1 outside the blocks
  std::string scheme = {};  ///< "int6", …; empty for bytes that belong to no tensor
  BytePart part = BytePart::kPayload;
  uint64_t bytes = 0;        ///< share of the file
  uint64_t raw_bytes = 0;    ///< before the codec
  int64_t elements = 0;      ///< weights this row stands for (0 for scales and overhead)
  bool apportioned = false;  ///< a share of a solid frame in proportion, not a measured range
};

struct SizeMap {
  uint64_t file_bytes = 0;
  std::vector<SizeRow> rows = {};

  uint64_t sum() const;
};

/// Splits `total` over `weights` in proportion: integers that sum exactly to `total` (largest remainders
/// first, lower index first on ties). All-zero weights give everything to the first.
std::vector<uint64_t> apportion(uint64_t total, const std::vector<uint64_t>& weights);

}  // namespace golf
