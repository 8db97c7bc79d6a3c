#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/torch/zip_directory.h"
#include "golf/artifact/base/bytes.h"

namespace golf {

/// The entries of a zip archive with one root folder. Borrows the bytes it was opened on.
///
/// The central directory is the truth; every local header and data descriptor must agree with it, and the
/// entries must cover the file without hole or overlap. Opening inflates nothing: sizes can be judged first.
class ZipArchive {
 public:
  struct Entry {
    std::string name;  ///< below the root folder
    uint64_t size_bytes = 0;
  };

  /// @throws Error kCorruptData, kUnsupported
  ZipArchive(ByteView bytes, const std::string& what);

  const std::vector<Entry>& entries() const { return entries_; }
  /// The position in entries() of that name below the root folder.
  std::optional<size_t> find(std::string_view name) const;
  /// The content of an entry, inflated where needed, its CRC verified. Borrows from the file or this archive.
  /// @throws Error kCorruptData
  ByteView read(size_t entry);

 private:
  std::string what_;
  std::vector<Entry> entries_;
  std::vector<zip::Row> rows_;
  std::vector<ByteView> contents_;  // as stored until `read`
  std::vector<Bytes> inflated_;
  std::vector<bool> is_read_;
  // A map: names chosen to collide in a hash table must not cost n².
  std::map<std::string, size_t, std::less<>> index_;
};

}  // namespace golf
