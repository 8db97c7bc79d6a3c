#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// Writes a zip archive byte for byte as torch.save does: entries stored, data aligned to 64 bytes by an "FB"
/// extra field in the local header, sizes and CRC in a data descriptor, times zero, zip64 end records.
class ZipWriter {
 public:
  static constexpr uint64_t kAlignment = 64;

  explicit ZipWriter(std::string root) : root_(std::move(root)) {}

  /// @throws Error kInvalidArgument when the archive would reach 4 GiB or 65,535 entries
  void add(std::string_view name, ByteView content);
  /// torch.save's fingerprint of the entries so far: 20 digits from their names, 20 from their CRCs.
  std::string serialization_id() const;
  /// Appends the directory. Nothing can be added afterwards.
  Bytes finish();

 private:
  struct Row {
    std::string name;
    uint32_t crc;
    uint32_t size;
    uint32_t offset;
  };

  std::string root_;
  std::vector<Row> rows_;
  ByteWriter out_;
};

}  // namespace golf
