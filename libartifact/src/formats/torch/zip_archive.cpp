#include "formats/torch/zip_archive.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "formats/torch/zip_directory.h"
#include "formats/torch/zip_format.h"
#include "golf/artifact/base/bytes.h"
#include "golf/artifact/base/error.h"
#include "golf/artifact/base/file.h"
#include "golf/artifact/base/limits.h"

namespace golf {
namespace {

using zip::Row;

[[noreturn]] void fail_entry(const std::string& what, const Row& row, const std::string& problem) {
  fail(ErrorCode::kCorruptData, fmt::format("{}: zip entry \"{}\": {}", what, printable(row.name), problem));
}

/// Position of the entry's data. The local header must say what the directory says; where sizes follow the
/// data it may leave them zero.
uint64_t check_local_header(ByteView bytes, const Row& row, uint64_t end, const std::string& what) {
  ByteReader reader(bytes.first(end), fmt::format("{}: zip entry \"{}\"", what, printable(row.name)));
  reader.take(row.offset);
  if (reader.read<uint32_t>() != zip::kLocalHeader) reader.fail_here("no local header");
  reader.take(2);  // version needed
  const auto flags = reader.read<uint16_t>();
  const auto method = reader.read<uint16_t>();
  reader.take(4);  // time and date
  const auto crc = reader.read<uint32_t>();
  uint64_t stored_bytes = reader.read<uint32_t>();
  uint64_t content_bytes = reader.read<uint32_t>();
  const auto name_bytes = reader.read<uint16_t>();
  const auto extra_bytes = reader.read<uint16_t>();
  const std::string_view name = as_text(reader.take(name_bytes));
  const ByteView extra = reader.take(extra_bytes);
  ByteReader wide(zip::zip64_extra(extra, what), what + ": zip64 field");
  for (uint64_t* field : {&content_bytes, &stored_bytes}) {
    if (*field == zip::kIn64) *field = wide.read<uint64_t>();
  }
  const bool later =
      (flags & zip::kFlagDescriptor) != 0 && crc == 0 && stored_bytes == 0 && content_bytes == 0;
  const bool agree =
      flags == row.flags && method == row.method && name == row.name &&
      (later || (crc == row.crc && stored_bytes == row.stored_bytes && content_bytes == row.content_bytes));
  if (!agree) fail_entry(what, row, "its local header and the directory disagree");
  return reader.position();
}

/// What lies between an entry's data and the next entry: nothing, or a data descriptor in one of its four
/// forms (with or without signature, 32-bit or 64-bit sizes).
void check_descriptor(ByteView gap, const Row& row, const std::string& what) {
  if ((row.flags & zip::kFlagDescriptor) == 0) {
    if (!gap.empty()) fail_entry(what, row, fmt::format("{} unused bytes after its data", gap.size()));
    return;
  }
  const bool is_signed = gap.size() == 16 || gap.size() == 24;
  const bool is_wide = gap.size() == 20 || gap.size() == 24;
  if (!is_signed && !is_wide && gap.size() != 12) {
    fail_entry(what, row, fmt::format("{} bytes after its data, not a data descriptor", gap.size()));
  }
  ByteReader reader(gap, what);
  const bool signature_right = !is_signed || reader.read<uint32_t>() == zip::kDataDescriptor;
  const auto crc = reader.read<uint32_t>();
  const uint64_t stored_bytes = is_wide ? reader.read<uint64_t>() : reader.read<uint32_t>();
  const uint64_t content_bytes = is_wide ? reader.read<uint64_t>() : reader.read<uint32_t>();
  if (!signature_right || crc != row.crc || stored_bytes != row.stored_bytes ||
      content_bytes != row.content_bytes) {
    fail_entry(what, row, "its data descriptor and the directory disagree");
  }
}

/// The stored bytes of every row. Together with headers and descriptors they must fill the file up to the
/// directory.
std::vector<ByteView> locate(ByteView bytes, const zip::Directory& directory, const std::string& what) {
  std::vector<size_t> order(directory.rows.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return directory.rows[a].offset < directory.rows[b].offset; });
  std::vector<ByteView> stored(directory.rows.size());
  if (!order.empty() && directory.rows[order[0]].offset != 0) {
    fail_entry(what, directory.rows[order[0]], "unused bytes before the first entry");
  }
  for (size_t k = 0; k < order.size(); ++k) {
    const Row& row = directory.rows[order[k]];
    const uint64_t end = k + 1 < order.size() ? directory.rows[order[k + 1]].offset : directory.offset;
    if (row.offset >= end || end > directory.offset) fail_entry(what, row, "entries overlap");
    const uint64_t start = check_local_header(bytes, row, end, what);
    if (row.stored_bytes > end - start) fail_entry(what, row, "its data runs into what follows");
    stored[order[k]] = bytes.subspan(start, row.stored_bytes);
    check_descriptor(bytes.subspan(start + row.stored_bytes, end - start - row.stored_bytes), row, what);
  }
  return stored;
}

/// Inflates in steps, so that memory follows what really comes out and not what the directory claims.
Bytes inflate_entry(ByteView stored, const Row& row, const std::string& what) {
  constexpr uint64_t kStep = uint64_t{1} << 20;
  constexpr uint64_t kMostExpansion = 1040;  // deflate cannot do better than 1032 to 1
  if (stored.size() > std::numeric_limits<uInt>::max()) fail_entry(what, row, "deflated data over 4 GiB");
  if (row.content_bytes > (stored.size() + 1) * kMostExpansion) {
    fail_entry(what, row, fmt::format("{} bytes cannot inflate to {}", stored.size(), row.content_bytes));
  }
  z_stream stream{};
  if (inflateInit2(&stream, -15) != Z_OK) fail(ErrorCode::kIo, what + ": out of memory");
  struct Closer {
    z_stream* stream;
    ~Closer() { inflateEnd(stream); }
  } closer{&stream};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(stored.data()));
  stream.avail_in = static_cast<uInt>(stored.size());
  Bytes content;
  content.reserve(row.content_bytes);
  int status = Z_OK;
  while (status == Z_OK) {
    const size_t used = content.size();
    // One byte more than claimed would fit: a stream that fills it is too long.
    const uint64_t room = std::min(kStep, row.content_bytes - used);
    content.resize(used + room);
    std::byte spare{};
    stream.next_out = reinterpret_cast<Bytef*>(room > 0 ? content.data() + used : &spare);
    stream.avail_out = static_cast<uInt>(room > 0 ? room : 1);
    status = inflate(&stream, Z_NO_FLUSH);
    if (room == 0 && stream.avail_out == 0) fail_entry(what, row, "inflates to more than the directory says");
    if (room > 0) content.resize(used + room - stream.avail_out);
    if (status == Z_BUF_ERROR) break;
  }
  if (status != Z_STREAM_END || stream.avail_in != 0 || content.size() != row.content_bytes) {
    fail_entry(what, row, "its deflated data is damaged, truncated or followed by other bytes");
  }
  return content;
}

/// Refuses what would inflate to too much, before any of it is inflated.
void check_inflated_size(const zip::Directory& directory, const std::string& what) {
  uint64_t total = 0;
  for (const Row& row : directory.rows) {
    if (row.method == zip::kDeflated) total = add_or_fail(total, row.content_bytes, what);
    if (total > limits::kDecompressedBytes) {
      fail_entry(what, row,
                 fmt::format("the archive inflates to more than {} bytes", limits::kDecompressedBytes));
    }
  }
}

uint32_t crc_of(ByteView content) {
  return static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()));
}

}  // namespace

ZipArchive::ZipArchive(ByteView bytes, const std::string& what) : what_(what) {
  zip::Directory directory = zip::read_directory(bytes, what);
  contents_ = locate(bytes, directory, what);
  check_inflated_size(directory, what);
  rows_ = std::move(directory.rows);
  inflated_.resize(rows_.size());
  is_read_.resize(rows_.size());
  std::string_view root;
  for (const Row& row : rows_) {
    const size_t slash = row.name.find('/');
    if (slash == std::string::npos) fail_entry(what, row, "not in a root folder");
    const std::string_view folder = std::string_view(row.name).substr(0, slash);
    if (entries_.empty()) root = folder;
    if (folder != root) {
      fail_entry(what, row, fmt::format("a second root folder beside \"{}\"", printable(root)));
    }
    std::string name = row.name.substr(slash + 1);
    if (!index_.emplace(name, entries_.size()).second) fail_entry(what, row, "appears twice");
    entries_.push_back({.name = std::move(name), .size_bytes = row.content_bytes});
  }
}

std::optional<size_t> ZipArchive::find(std::string_view name) const {
  const auto found = index_.find(name);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

ByteView ZipArchive::read(size_t entry) {
  if (is_read_[entry]) return contents_[entry];
  const Row& row = rows_[entry];
  if (row.method == zip::kDeflated) {
    inflated_[entry] = inflate_entry(contents_[entry], row, what_);
    contents_[entry] = inflated_[entry];
  }
  if (const uint32_t crc = crc_of(contents_[entry]); crc != row.crc) {
    fail_entry(what_, row, fmt::format("damaged: CRC {:08x}, {:08x} expected", crc, row.crc));
  }
  is_read_[entry] = true;
  return contents_[entry];
}

}  // namespace golf
