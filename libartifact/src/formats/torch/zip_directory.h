#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "golf/artifact/base/bytes.h"

namespace golf::zip {

/// One row of the central directory.
struct Row {
  std::string name;
  uint16_t flags = 0;
  uint16_t method = 0;
  uint32_t crc = 0;
  uint64_t stored_bytes = 0;
  uint64_t content_bytes = 0;
  uint64_t offset = 0;  ///< of the local header
};

struct Directory {
  std::vector<Row> rows;
  uint64_t offset = 0;  ///< where the entries end and the directory starts
};

/// Reads the end record, the zip64 records where they are, and the central directory. Together they must
/// reach the file's last byte. @throws Error kCorruptData, kUnsupported (encryption, other methods)
Directory read_directory(ByteView bytes, const std::string& what);

/// The zip64 values of an extra field, in the order in which their 32-bit fields are saturated; empty when
/// there are none.
ByteView zip64_extra(ByteView extra, const std::string& what);

}  // namespace golf::zip
