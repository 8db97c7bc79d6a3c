#include "golf/artifact/base/bytes.h"

#include <fmt/format.h>

#include <string>

#include "golf/artifact/base/error.h"

namespace golf {

ByteView ByteReader::take(uint64_t count) {
  if (count > remaining()) {
    fail_here(fmt::format("truncated, {} bytes needed and {} left", count, remaining()));
  }
  const ByteView view = bytes_.subspan(position_, count);
  position_ += count;
  return view;
}

uint64_t ByteReader::read_varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<uint64_t>(read<uint8_t>());
    if (shift == 63 && byte > 1) break;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (byte == 0 && shift > 0) fail_here("over-long varint");
      return value;
    }
  }
  fail_here("varint over 64 bits");
}

std::string ByteReader::read_string(uint64_t max_bytes) {
  const uint64_t length = read_varint();
  if (length > max_bytes) fail_here(fmt::format("string of {} bytes, at most {} allowed", length, max_bytes));
  return std::string(as_text(take(length)));
}

void ByteReader::expect_end() const {
  if (remaining() != 0) fail_here(fmt::format("{} bytes left over", remaining()));
}

void ByteReader::fail_here(std::string_view problem) const {
  fail(ErrorCode::kCorruptData, fmt::format("{}: {} (at byte {})", what_, problem, position_));
}

void ByteWriter::write_varint(uint64_t value) {
  while (value >= 0x80) {
    write(static_cast<uint8_t>(value | 0x80));
    value >>= 7;
  }
  write(static_cast<uint8_t>(value));
}

void ByteWriter::write_string(std::string_view text) {
  write_varint(text.size());
  write_text(text);
}

uint64_t add_or_fail(uint64_t a, uint64_t b, std::string_view what) {
  if (const auto sum = checked_add(a, b)) return *sum;
  fail(ErrorCode::kCorruptData, std::string(what) + ": number too large");
}

uint64_t mul_or_fail(uint64_t a, uint64_t b, std::string_view what) {
  if (const auto product = checked_mul(a, b)) return *product;
  fail(ErrorCode::kCorruptData, std::string(what) + ": number too large");
}

}  // namespace golf
