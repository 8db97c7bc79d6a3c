#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/json.h"

namespace golf {

/// The challenge's limit on compressed weights plus code: decimal bytes.
inline constexpr uint64_t kBudgetBytes = 16'000'000;

struct CodeFile {
  std::string path = {};
  uint64_t bytes = 0;
  int given = 1;  ///< how often the file was named; its bytes count once
};

struct BudgetReport {
  uint64_t limit_bytes = kBudgetBytes;
  uint64_t artifact_bytes = 0;
  std::vector<CodeFile> code = {};
  uint64_t headroom_bytes = 0;  ///< warn when less than this is left

  uint64_t code_bytes() const;
  uint64_t total_bytes() const { return artifact_bytes + code_bytes(); }
  bool fits() const { return total_bytes() <= limit_bytes; }
  /// Bytes left (negative: over).
  int64_t margin_bytes() const {
    return static_cast<int64_t>(limit_bytes) - static_cast<int64_t>(total_bytes());
  }
  bool low_headroom() const { return fits() && margin_bytes() < static_cast<int64_t>(headroom_bytes); }
  /// Over 16,000,000 but under 16 MiB: the field's commonest mistake, worth naming.
  bool over_by_mebibyte_confusion() const;
};

/// Bytes as integers: limit, total, artifact, code files, margin (negative: over), headroom; whether it fits.
Json to_json(const BudgetReport& budget);

/// "16000000", "16_000_000", "16,000,000", "16MB" (decimal), "900kB". "MiB" and "KiB" are refused with a
/// hint.
/// @throws Error kInvalidArgument
uint64_t parse_byte_count(std::string_view text);

/// Sizes of the code files as shipped. A folder stands for the sources in it (.py, .cu, .cpp, .sh, compiled
/// modules, …) and in its folders. A file that is named twice, by whatever path, counts once.
/// @throws Error kInvalidArgument when one cannot be read, or a folder has no code
std::vector<CodeFile> measure_code(const std::vector<std::string>& paths);

}  // namespace golf
