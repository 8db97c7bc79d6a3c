#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "golf/artifact/base/bytes.h"

namespace golf {

/// The entries of a zip archive with one root folder, all checked. Borrows the bytes it was opened on.
///
/// The central directory is the truth; every local header and data descriptor must agree with it, the entries
/// must cover the file without hole or overlap, and every CRC is verified on opening.
class ZipArchive {
 public:
  struct Entry {
    std::string name;  ///< below the root folder
    ByteView content;  ///< borrows from the file, or from `inflated`
    Bytes inflated;    ///< of a deflated entry
  };

  /// @throws Error kCorruptData, kUnsupported
  ZipArchive(ByteView bytes, const std::string& what);
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;

  const std::vector<Entry>& entries() const { return entries_; }
  /// The entry of that name below the root folder, or null.
  const Entry* find(std::string_view name) const;

 private:
  std::vector<Entry> entries_;
  // Views of the entries' names. A map: names chosen to collide in a hash table must not cost n².
  std::map<std::string_view, size_t> index_;
};

}  // namespace golf
