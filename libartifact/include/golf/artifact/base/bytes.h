#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace golf {

static_assert(std::endian::native == std::endian::little,
              "the file formats are little-endian, as is this code");

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

inline ByteView as_bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Reads little-endian values front to back; every read is bounds-checked.
/// Borrows the bytes it was given. `what` names the input in messages ("model.golf: section table").
class ByteReader {
 public:
  ByteReader(ByteView bytes, std::string what) : bytes_(bytes), what_(std::move(what)) {}

  template <class T>
  requires std::is_trivially_copyable_v<T> T read() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  /// The next `count` bytes. @throws Error kCorruptData when fewer are left.
  ByteView take(uint64_t count);
  /// An unsigned LEB128 of at most 64 bits; over-long forms are refused.
  uint64_t read_varint();
  /// A varint length, then that many bytes of UTF-8.
  std::string read_string(uint64_t max_bytes);
  uint64_t position() const { return position_; }
  uint64_t remaining() const { return bytes_.size() - position_; }
  /// @throws Error kCorruptData when bytes are left over.
  void expect_end() const;
  [[noreturn]] void fail_here(std::string_view problem) const;

 private:
  ByteView bytes_;
  std::string what_;
  uint64_t position_ = 0;
};

/// Appends little-endian values.
class ByteWriter {
 public:
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void write(const T& value) {
    const auto* p = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), p, p + sizeof(T));
  }
  void write_bytes(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void write_text(std::string_view text) { write_bytes(as_bytes(text)); }
  void write_varint(uint64_t value);
  void write_string(std::string_view text);
  uint64_t size() const { return bytes_.size(); }
  Bytes& bytes() { return bytes_; }
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

/// a + b, or nothing on overflow. All arithmetic on numbers from a file goes through these two.
template <std::unsigned_integral T>
constexpr std::optional<T> checked_add(T a, T b) {
  T sum{};
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

/// a · b, or nothing on overflow.
template <std::unsigned_integral T>
constexpr std::optional<T> checked_mul(T a, T b) {
  T product{};
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

/// The same two, throwing Error kCorruptData "what: number too large" on overflow.
uint64_t add_or_fail(uint64_t a, uint64_t b, std::string_view what);
uint64_t mul_or_fail(uint64_t a, uint64_t b, std::string_view what);

}  // namespace golf
