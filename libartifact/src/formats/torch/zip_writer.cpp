#include "formats/torch/zip_writer.h"

#include <fmt/format.h>
#include <zlib.h>

#include <functional>
#include <unordered_set>

#include "formats/torch/zip_format.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/limits.h"

namespace golf {
namespace {

constexpr uint64_t kMostBytes = 0xffff0000;  // below this no field needs its 64-bit form
constexpr uint16_t kVersionMadeBy = 0x031e;  // Unix, 3.0
constexpr uint16_t kVersionNeeded = 0x002d;  // 4.5, for zip64

/// torch gives an empty entry no descriptor.
uint16_t flags_of(uint64_t size) { return zip::kFlagUtf8 | (size > 0 ? zip::kFlagDescriptor : 0); }

/// An extra field that moves the data, `start` + 4 bytes from the file's start, to the next multiple of 64.
std::string padding(uint64_t start) {
  const uint64_t after = start + 4;
  const uint64_t length = (ZipWriter::kAlignment - after % ZipWriter::kAlignment) % ZipWriter::kAlignment;
  return std::string("FB") + static_cast<char>(length) + '\0' + std::string(length, 'Z');
}

uint64_t combine(uint64_t seed, uint64_t value) {
  return seed ^ (value + 0x9e3779b9 + (seed << 6) + (seed >> 2));
}

}  // namespace

void ZipWriter::add(std::string_view name, ByteView content) {
  Row row{.name = root_ + "/" + std::string(name), .crc = 0, .size = 0, .offset = 0};
  if (rows_.size() == limits::kZipEntries ||
      out_.size() + content.size() + row.name.size() + 1024 + kAlignment > kMostBytes) {
    fail(ErrorCode::kInvalidArgument,
         fmt::format("a torch file can hold {} entries and 4 GiB here", limits::kZipEntries));
  }
  row.crc = static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()));
  row.size = static_cast<uint32_t>(content.size());
  row.offset = static_cast<uint32_t>(out_.size());
  const std::string extra = padding(out_.size() + zip::kLocalHeaderBytes + row.name.size());

  out_.write(zip::kLocalHeader);
  out_.write(uint16_t{0});  // version needed
  out_.write(flags_of(row.size));
  out_.write(zip::kStored);
  out_.write(uint32_t{0});                              // time and date
  for (int i = 0; i < 3; ++i) out_.write(uint32_t{0});  // CRC and sizes: in the descriptor
  out_.write(static_cast<uint16_t>(row.name.size()));
  out_.write(static_cast<uint16_t>(extra.size()));
  out_.write_text(row.name);
  out_.write_text(extra);
  out_.write_bytes(content);
  if (row.size > 0) {
    out_.write(zip::kDataDescriptor);
    out_.write(row.crc);
    out_.write(row.size);
    out_.write(row.size);
  }
  rows_.push_back(std::move(row));
}

std::string ZipWriter::serialization_id() const {
  // torch walks its unordered set of names, in whatever order the standard library keeps them. Doing the same
  // gives the same digits where the library is the same (libstdc++, as in torch's wheels).
  std::unordered_set<std::string> names;
  uint64_t crcs = 0;
  for (const Row& row : rows_) {
    names.insert(row.name.substr(root_.size() + 1));
    crcs = combine(crcs, row.crc);
  }
  uint64_t hash = 0;
  for (const std::string& name : names) hash = combine(hash, std::hash<std::string>{}(name));
  return fmt::format("{:020}{:020}", hash, crcs);
}

Bytes ZipWriter::finish() {
  const uint64_t directory = out_.size();
  for (const Row& row : rows_) {
    out_.write(zip::kDirectoryRow);
    out_.write(uint32_t{0});  // versions made by and needed
    out_.write(flags_of(row.size));
    out_.write(zip::kStored);
    out_.write(uint32_t{0});  // time and date
    out_.write(row.crc);
    out_.write(row.size);
    out_.write(row.size);
    out_.write(static_cast<uint16_t>(row.name.size()));
    out_.write(uint64_t{0});  // lengths of extra field and comment, disk, internal attributes
    out_.write(uint32_t{0});  // external attributes
    out_.write(row.offset);
    out_.write_text(row.name);
  }
  const uint64_t end = out_.size();
  const uint64_t directory_bytes = end - directory;
  const uint64_t rows = rows_.size();

  out_.write(zip::kZip64EndRecord);
  out_.write(uint64_t{zip::kZip64EndRecordBytes - 12});
  out_.write(kVersionMadeBy);
  out_.write(kVersionNeeded);
  out_.write(uint64_t{0});  // disks
  out_.write(rows);
  out_.write(rows);
  out_.write(directory_bytes);
  out_.write(directory);

  out_.write(zip::kZip64Locator);
  out_.write(uint32_t{0});  // disk
  out_.write(end);
  out_.write(uint32_t{1});  // disks in all

  out_.write(zip::kEndRecord);
  out_.write(uint32_t{0});  // disks
  out_.write(static_cast<uint16_t>(rows));
  out_.write(static_cast<uint16_t>(rows));
  out_.write(static_cast<uint32_t>(directory_bytes));
  out_.write(static_cast<uint32_t>(directory));
  out_.write(uint16_t{0});  // comment
  return out_.take();
}

}  // namespace golf
