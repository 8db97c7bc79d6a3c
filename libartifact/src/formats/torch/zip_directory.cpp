#include "formats/torch/zip_directory.h"

#include <fmt/format.h>

#include "formats/torch/zip_format.h"
#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"
#include "golf/artifact/base/text.h"

namespace golf::zip {
namespace {

[[noreturn]] void fail_zip(const std::string& what, const std::string& problem) {
  fail(ErrorCode::kCorruptData, fmt::format("{}: zip: {}", what, problem));
}

struct End {
  uint64_t rows = 0;
  uint64_t size = 0;
  uint64_t offset = 0;
  uint64_t record_start = 0;  // where the directory must end
};

/// A reader at `position` that can go no further than `end`; its positions are those of the file.
ByteReader reader_at(ByteView bytes, uint64_t position, uint64_t end, const std::string& what) {
  ByteReader reader(bytes.first(end), what + ": zip");
  reader.take(position);
  return reader;
}

/// The zip64 end record that the locator before the end record names.
End read_zip64_end(ByteView bytes, uint64_t locator_start, const std::string& what) {
  ByteReader locator = reader_at(bytes, locator_start + 4, locator_start + kZip64LocatorBytes, what);
  const auto disk = locator.read<uint32_t>();
  const auto start = locator.read<uint64_t>();
  const auto disks = locator.read<uint32_t>();
  if (disk != 0 || disks > 1) fail_zip(what, "spread over several disks");
  if (locator_start < kZip64EndRecordBytes || start != locator_start - kZip64EndRecordBytes) {
    fail_zip(what, fmt::format("zip64 end record expected at byte {} less {}, its locator says {}",
                               locator_start, kZip64EndRecordBytes, start));
  }
  ByteReader record = reader_at(bytes, start, locator_start, what);
  if (record.read<uint32_t>() != kZip64EndRecord) record.fail_here("no zip64 end record");
  if (record.read<uint64_t>() != kZip64EndRecordBytes - 12)
    record.fail_here("zip64 end record of another size");
  record.take(4);  // versions made by and needed
  const auto this_disk = record.read<uint32_t>();
  const auto directory_disk = record.read<uint32_t>();
  const auto rows_here = record.read<uint64_t>();
  End end;
  end.rows = record.read<uint64_t>();
  end.size = record.read<uint64_t>();
  end.offset = record.read<uint64_t>();
  end.record_start = start;
  if (this_disk != 0 || directory_disk != 0 || rows_here != end.rows)
    fail_zip(what, "spread over several disks");
  return end;
}

End read_end(ByteView bytes, const std::string& what) {
  if (bytes.size() < kEndRecordBytes) fail_zip(what, "truncated, no end record");
  const uint64_t start = bytes.size() - kEndRecordBytes;
  ByteReader record = reader_at(bytes, start, bytes.size(), what);
  if (record.read<uint32_t>() != kEndRecord) {
    fail_zip(what,
             "the file does not end in an end record: it is truncated, or has a comment or other bytes "
             "after it");
  }
  const auto this_disk = record.read<uint16_t>();
  const auto directory_disk = record.read<uint16_t>();
  const auto rows_here = record.read<uint16_t>();
  const auto rows = record.read<uint16_t>();
  const auto size = record.read<uint32_t>();
  const auto offset = record.read<uint32_t>();
  if (record.read<uint16_t>() != 0) record.fail_here("archive comment");
  if (this_disk != 0 || directory_disk != 0 || rows_here != rows) fail_zip(what, "spread over several disks");

  End end{.rows = rows, .size = size, .offset = offset, .record_start = start};
  if (start >= kZip64LocatorBytes) {
    const uint64_t locator = start - kZip64LocatorBytes;
    if (reader_at(bytes, locator, start, what).read<uint32_t>() == kZip64Locator) {
      end = read_zip64_end(bytes, locator, what);
      const bool agree = (rows == kIn64Short || rows == end.rows) && (size == kIn64 || size == end.size) &&
                         (offset == kIn64 || offset == end.offset);
      if (!agree) fail_zip(what, "the end record and the zip64 end record disagree");
    }
  }
  if (end.rows > limits::kZipEntries) {
    fail_zip(what, fmt::format("{} entries, at most {} allowed", end.rows, limits::kZipEntries));
  }
  if (add_or_fail(end.offset, end.size, what) != end.record_start) {
    fail_zip(what, fmt::format("directory of {} bytes at {}, it should end at {}", end.size, end.offset,
                               end.record_start));
  }
  return end;
}

void check_name(const std::string& name, const ByteReader& reader) {
  const bool odd = name.empty() || !is_utf8(name) || name.find('\0') != std::string::npos ||
                   name.find('\\') != std::string::npos;
  bool bad_part = odd;
  for (size_t start = 0; !bad_part && start <= name.size();) {
    const size_t slash = std::min(name.find('/', start), name.size());
    const std::string_view part = std::string_view(name).substr(start, slash - start);
    bad_part = part.empty() || part == "." || part == "..";  // empty: absolute, a folder, or "//"
    start = slash + 1;
  }
  if (bad_part) reader.fail_here(fmt::format("entry name \"{}\" is not allowed", printable(name)));
}

Row read_row(ByteReader& reader, const std::string& what) {
  if (reader.read<uint32_t>() != kDirectoryRow) reader.fail_here("no directory row");
  reader.take(4);  // versions made by and needed
  Row row;
  row.flags = reader.read<uint16_t>();
  row.method = reader.read<uint16_t>();
  reader.take(4);  // time and date
  row.crc = reader.read<uint32_t>();
  row.stored_bytes = reader.read<uint32_t>();
  row.content_bytes = reader.read<uint32_t>();
  const auto name_bytes = reader.read<uint16_t>();
  const auto extra_bytes = reader.read<uint16_t>();
  const auto comment_bytes = reader.read<uint16_t>();
  const auto disk = reader.read<uint16_t>();
  reader.take(6);  // attributes
  row.offset = reader.read<uint32_t>();
  row.name = std::string(as_text(reader.take(name_bytes)));
  check_name(row.name, reader);
  const std::string where = fmt::format("{}: zip entry \"{}\"", what, printable(row.name));
  const ByteView extra = reader.take(extra_bytes);
  if (comment_bytes != 0 || disk != 0) reader.fail_here("entry with a comment, or on another disk");
  if ((row.flags & ~(kFlagDeflateLevel | kFlagDescriptor | kFlagUtf8)) != 0) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: encrypted or of an unknown kind (flags {:#06x})", where, row.flags));
  }
  if (row.method != kStored && row.method != kDeflated) {
    fail(ErrorCode::kUnsupported,
         fmt::format("{}: compression method {}, only stored and deflated are read", where, row.method));
  }
  ByteReader wide(zip64_extra(extra, where), where + ": zip64 field");
  for (uint64_t* field : {&row.content_bytes, &row.stored_bytes, &row.offset}) {
    if (*field == kIn64) *field = wide.read<uint64_t>();
  }
  if (row.method == kStored && row.stored_bytes != row.content_bytes) {
    fail(ErrorCode::kCorruptData,
         fmt::format("{}: stored, yet {} bytes become {}", where, row.stored_bytes, row.content_bytes));
  }
  return row;
}

}  // namespace

ByteView zip64_extra(ByteView extra, const std::string& what) {
  ByteReader reader(extra, what + ": extra field");
  while (reader.remaining() > 0) {
    const auto id = reader.read<uint16_t>();
    const ByteView body = reader.take(reader.read<uint16_t>());
    if (id == kZip64Extra) return body;
  }
  return {};
}

Directory read_directory(ByteView bytes, const std::string& what) {
  const End end = read_end(bytes, what);
  if (end.rows > end.size / kDirectoryRowBytes) {
    fail_zip(what, fmt::format("{} entries in a directory of {} bytes", end.rows, end.size));
  }
  ByteReader reader = reader_at(bytes, end.offset, end.record_start, what);
  Directory directory{.rows = {}, .offset = end.offset};
  directory.rows.reserve(end.rows);
  for (uint64_t i = 0; i < end.rows; ++i) directory.rows.push_back(read_row(reader, what));
  reader.expect_end();
  return directory;
}

}  // namespace golf::zip
